"""Files one after the other: each is on this machine when it is asked for, and the next ones come meanwhile.

What was taken is removed when the next file is asked for, so that a merge of a thousand files needs disk for
a few of them. Files are fetched in batches: while the files of one are taken, the next one comes. Two batches
have at most ``ahead`` bytes, but a larger file is a batch of its own; 0: one file at a time, when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from transfers.manifest import FileReport, Incoming, StageIn
from transfers.staging import Means
from transfers.staging_in import bring
from transfers.watch import Watch

LONGEST = 100
"""Files of a batch, at most: so the first ones of many small files are not waited for long."""


class NotBrought(Exception):
    """A file could be had from none of its places; ``report`` says why. What comes after it was not given."""

    def __init__(self, report: FileReport) -> None:
        super().__init__(f"{report.lfn}: {report.text}")
        self.report = report


def batches(sizes: Sequence[int], ahead: int) -> list[range]:
    """Which files travel together: consecutive ones, by index."""
    found: list[range] = []
    first, size = 0, 0
    for index, bytes_of in enumerate(sizes):
        full = ahead == 0 or size + bytes_of > ahead // 2 or index - first >= LONGEST
        if index > first and full:
            found.append(range(first, index))
            first, size = index, 0
        size += bytes_of
    return [*found, range(first, len(sizes))] if sizes else found


def most(sizes: Sequence[int], ahead: int) -> int:
    """Bytes that are on disk at a time, at most, when the files are taken one after the other."""
    parts = [sum(sizes[index] for index in batch) for batch in batches(sizes, ahead)]
    if ahead == 0:
        return max(parts, default=0)
    return max((one + two for one, two in zip(parts, [*parts[1:], 0], strict=False)), default=0)


class Feed:
    """The local paths of the files of a stage-in, in order, to be gone through once.

    ``there``: paths of files that need no copy, by LFN; these are given as they are and never removed.
    ``keep``: LFNs of files that stay after they were taken. ``given``: LFNs of the files given so far.
    ``took`` is called with the report of each file that is given.

        with Feed(manifest, directory, means, ahead=200_000_000) as feed:
            for path in feed: …

    Raises NotBrought where a file could not be had. Leaving the block stops what is under way.
    """

    def __init__(
        self,
        manifest: StageIn,
        directory: Path,
        means: Means,
        *,
        ahead: int,
        there: Mapping[str, Path] | None = None,
        keep: Set[str] = frozenset(),
        took: Callable[[FileReport], None] = lambda report: None,
    ) -> None:
        self.given: list[str] = []
        self.trouble: NotBrought | None = None
        self._manifest, self._directory, self._ahead = manifest, directory, ahead
        self._there, self._keep, self._took = there or {}, keep, took
        self._watch = _Stoppable(means.watch)
        self._means = replace(means, watch=self._watch, doors=means.open(manifest.backends))
        self._pool = ThreadPoolExecutor(1, "ddm-feed")
        self._left = iter(self._batches())

    def __enter__(self) -> Feed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._watch.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def complete(self) -> bool:
        """Whether every file was given."""
        return len(self.given) == len(self._manifest.files)

    def __iter__(self) -> Iterator[Path]:
        for report, path in self.each():
            if not report.good:
                self.trouble = NotBrought(report)
                raise self.trouble
            yield path

    def each(self) -> Iterator[tuple[FileReport, Path]]:
        """Every file with what became of it, also of those that could not be had."""
        coming = self._send()
        while coming is not None:
            batch, reports = coming[0], coming[1].result()
            coming = self._send() if self._ahead else None
            for file in batch:
                report = reports[file.lfn]
                if report.good:
                    self.given.append(file.lfn)
                    self._took(report)
                yield report, self._there.get(file.lfn) or self._directory / file.name
                self._taken(file)
            if not self._ahead:
                coming = self._send()

    def _batches(self) -> list[list[Incoming]]:
        files = self._manifest.files
        sizes = [0 if file.lfn in self._there else file.size or 0 for file in files]
        return [[files[index] for index in batch] for batch in batches(sizes, self._ahead)]

    def _send(self) -> tuple[list[Incoming], Future[dict[str, FileReport]]] | None:
        """Let the next batch come; None: there is none."""
        batch = next(self._left, None)
        return None if batch is None else (batch, self._pool.submit(self._bring, batch))

    def _bring(self, batch: Sequence[Incoming]) -> dict[str, FileReport]:
        found = {file.lfn: self._as_it_is(file) for file in batch if file.lfn in self._there}
        wanted = tuple(file for file in batch if file.lfn not in self._there)
        if wanted:
            orders = StageIn(self._manifest.label, wanted, self._manifest.backends)
            found |= {report.lfn: report for report in bring(orders, self._directory, self._means)}
        return found

    def _as_it_is(self, file: Incoming) -> FileReport:
        path = self._there[file.lfn]
        return FileReport(file.lfn, str(path), "kept", size=file.size, adler32=file.adler32)

    def _taken(self, file: Incoming) -> None:
        if file.lfn not in self._there and file.lfn not in self._keep:
            # Our own copy, in our own directory; its storage has the file.
            (self._directory / file.name).unlink(missing_ok=True)


class _Stoppable:
    """The caller's watch, which this side can stop as well."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self._stopped = watch, False

    def stop(self) -> None:
        self._stopped = True

    def moved(self, key: str, done: int) -> None:
        self._watch.moved(key, done)

    def stopped(self) -> bool:
        return self._stopped or self._watch.stopped()

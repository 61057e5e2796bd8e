"""Stage-out: files from this machine to storage; all of them are announced, or none.

Each file is read and compared with what its program said it wrote, put to the first destination that takes
it, and compared there by the copier: nothing is seen at the destination before it is whole, and nothing is
overwritten. If a file cannot be put, the report announces nothing and lists what lies where, for clean-up.

A call that was cut off is made again: equal files are adopted where they are, also at a fallback, which is
why all destinations are looked at first when there are several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from catalog.faults import Side
from transfers.errormap import outcome_of
from transfers.errors import (
    EndpointUnreachable,
    StorageError,
    StorageTimeout,
    TransientStorageError,
    UnreadableReply,
)
from transfers.manifest import (
    STAGE_OUT,
    FileReport,
    Left,
    Outgoing,
    Output,
    StageOut,
    StageReport,
    check,
)
from transfers.model import CopyOrder, Done, Failed, Observation, Observed, Pending, Unknown
from transfers.ports import Storage
from transfers.registry import Doors
from transfers.rounds import Moved, Task
from transfers.staging import Contents, Means, contents, failure, report, told, unread
from transfers.watch import Watch

Put = tuple[list[FileReport], list[Left]]

_OPEN = frozenset(
    error.code
    for error in (EndpointUnreachable, StorageTimeout, StorageError, TransientStorageError, UnreadableReply)
)
"""Failures that leave it open whether the bytes have arrived: the answer may be all that was lost."""


def stage_out(manifest: StageOut, directory: Path = Path(), means: Means | None = None) -> StageReport:
    """Put every file of the manifest, found in ``directory``, to storage.

    ``outputs`` of the report has all of them or nothing. Trouble with files is in the report; raises
    ManifestUnreadable for a manifest whose files would meet. Repeat freely: equal files are adopted.
    """
    means = means or Means()
    check(manifest)
    started = means.clock.now()
    files, left = put(manifest, directory, means)
    outputs = announced(manifest, files)
    return report(
        STAGE_OUT,
        manifest.label,
        started,
        means.clock.now(),
        files,
        outputs=outputs,
        left=left if outputs else [*left, *_unannounced(files)],
    )


def put(manifest: StageOut, directory: Path, means: Means) -> Put:
    """What became of each file, in order, and what lies at other places than the one that served it."""
    seen = {file.lfn: _collect(file, directory / file.name, means.watch) for file in manifest.files}
    bad = {lfn: found for lfn, found in seen.items() if isinstance(found, FileReport)}
    good = {lfn: found for lfn, found in seen.items() if not isinstance(found, FileReport)}
    if bad:  # nothing is announced anyway: what is missing now would be missing at the end
        rest = {file.lfn: _not_tried(file, good[file.lfn]) for file in manifest.files if file.lfn in good}
        return [{**bad, **rest}[file.lfn] for file in manifest.files], []
    return send(manifest, good, directory, means)


def send(manifest: StageOut, seen: Mapping[str, Contents], directory: Path, means: Means) -> Put:
    """``put`` of files whose size and adler32 are known already, by LFN."""
    doors = means.open(manifest.backends)
    places = _equal_first(manifest.files, seen, doors)
    tasks = [
        Task(file.lfn, places[file.lfn], _order(seen[file.lfn], directory / file.name))
        for file in manifest.files
    ]
    moved = means.move(tasks, doors)
    reports, left = [], []
    for file in manifest.files:
        size, adler32 = seen[file.lfn]
        base = FileReport(file.lfn, file.name, "", size=size, adler32=adler32, counters=file.counters)
        reports.append(told(Side.OUT, base, moved[file.lfn]))
        left += _left(file.lfn, moved[file.lfn], seen[file.lfn])
    return reports, left


def announced(manifest: StageOut, files: Sequence[FileReport]) -> list[Output]:
    """Every output, or nothing: a part of a job's files is of no use, and dangerous when taken for all."""
    if len(files) != len(manifest.files) or not all(file.good for file in files):
        return []
    found = []
    for file in files:
        assert file.size is not None
        assert file.adler32 is not None
        found.append(Output(file.lfn, file.url, file.size, file.adler32, file.counters))
    return found


def _unannounced(files: Sequence[FileReport]) -> list[Left]:
    return [Left(file.lfn, file.url, "whole", file.size, file.adler32) for file in files if file.good]


def _collect(file: Outgoing, local: Path, watch: Watch) -> Contents | FileReport:
    """What the local file holds, or the report of one that is not as the program said."""

    def bad(code: str, text: str) -> FileReport:
        return failure(Side.OUT, file.lfn, file.name, code, text)

    if local.is_symlink() or not local.is_file():
        return bad("output_missing", f"there is no file {local}")
    seen = outcome_of(contents, local, watch)
    if isinstance(seen, Failed):
        return unread(Side.OUT, file.lfn, file.name, seen, "output_unreadable")
    if file.size is not None and file.size != seen[0]:
        return bad("output_differs", f"{local} has {seen[0]} bytes, its program wrote {file.size}")
    if file.adler32 is not None and file.adler32 != seen[1]:
        return bad("output_differs", f"{local} has adler32 {seen[1]}, its program wrote {file.adler32}")
    return seen


def _not_tried(file: Outgoing, seen: Contents) -> FileReport:
    text = "not put, as another output of the job is missing or wrong"
    return FileReport(file.lfn, file.name, "skipped", "", *seen, text=text, counters=file.counters)


def _order(seen: Contents, local: Path) -> Callable[[str], CopyOrder]:
    source = f"file://{local.absolute()}"

    def order(path: str) -> CopyOrder:
        return CopyOrder(path, source, *seen)

    return order


# ------------------------------------------------------------------- what is there already
def _equal_first(
    files: Sequence[Outgoing], contents_of: Mapping[str, Contents], doors: Doors
) -> dict[str, tuple[str, ...]]:
    """The destinations of each file in order, but one that has an equal file before all others.

    Only files with a choice are looked for. What cannot be seen now changes nothing: the copier looks again.
    """
    asked: dict[int, tuple[Storage, list[tuple[str, str, str]]]] = {}
    for file in files:
        for url in file.destinations if len(file.destinations) > 1 else ():
            try:
                storage, path = doors.locate(url)
            except StorageError:
                continue
            asked.setdefault(id(storage), (storage, []))[1].append((file.lfn, url, path))
    equal: dict[str, set[str]] = defaultdict(set)
    for seen, (_, wanted) in zip(_seen(list(asked.values())), asked.values(), strict=True):
        for lfn, url, path in wanted:
            match seen.get(path):
                case Observed(size, adler32) if (size, adler32) == contents_of[lfn]:
                    equal[lfn].add(url)
    places = {}
    for file in files:
        first = [url for url in file.destinations if url in equal[file.lfn]]
        places[file.lfn] = (*first, *(url for url in file.destinations if url not in first))
    return places


def _seen(asked: Sequence[tuple[Storage, list[tuple[str, str, str]]]]) -> list[Mapping[str, Observation]]:
    """What each storage says of these files; all are asked at once, so that a dead one keeps nobody long."""

    def ask(one: tuple[Storage, list[tuple[str, str, str]]]) -> Mapping[str, Observation]:
        try:
            return one[0].prober.probe([path for *_, path in one[1]])
        except StorageError:
            return {}

    if not asked:
        return []
    with ThreadPoolExecutor(len(asked), "ddm-look") as pool:
        return list(pool.map(ask, asked))


def _left(lfn: str, moved: Moved, seen: Contents) -> list[Left]:
    """What the tries in vain may have left, or found, at their destinations."""
    found = []
    for url, outcome in moved.attempts:
        match outcome:
            case Done():
                pass
            case Failed(code="file_exists"):
                found.append(Left(lfn, url, "other"))
            case Failed(code=code) if code not in _OPEN:
                pass
            case Failed() | Unknown() | Pending():  # what was asked may have happened, or may yet
                found.append(Left(lfn, url, "unknown", *seen))
    return found

"""Reading the pages of a cluster as they are stored, in the order in which they lie, with bounded memory.

Every page that has a checksum is compared with it. Sections "Page Locations" (pages may be the same bytes,
but must not overlap otherwise) and "Compression Block" of the specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from merging.rootio.ntuple.metadata import Cluster, Page
from merging.rootio.ntuple.tuples import Tuple
from merging.rootio.ntuple.wire import CHECKSUM, hasher, xxh3

SPAN: Final = 8 << 20
"""Bytes read at once; a larger page is read in pieces."""
GAP: Final = 64 << 10
"""Pages that are not further apart than this are read at once."""

Place = tuple[int, int]
"""Offset and stored size of a page: equal places are the same bytes."""


def place(page: Page) -> Place:
    return page.locator.offset, page.stored


def runs(found: Tuple, cluster: Cluster) -> Iterator[list[Page]]:
    """The pages of a cluster, those with the same bytes once, in the order in which they lie, in runs.

    A run is read at once; a page larger than ``SPAN`` is a run of its own. Raises UnreadableInput for pages
    that overlap.
    """
    pages = {place(page): page for column in cluster.columns for page in column.pages}
    run: list[Page] = []
    end = 0
    for (offset, stored), page in sorted(pages.items(), key=lambda item: item[0]):
        if run:
            if offset < end:
                raise found.file.bad(offset, f"RNTuple '{found.path}' has pages that overlap")
            if offset - end > GAP or offset + stored - run[0].locator.offset > SPAN:
                yield run
                run = []
        run.append(page)
        end = offset + stored
    if run:
        yield run


class PageReader:
    """Reads runs of pages into one buffer of ``SPAN`` bytes: what it gives is valid until it reads again."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(SPAN))

    def pieces(self, found: Tuple, run: Sequence[Page]) -> Iterator[memoryview]:
        """The bytes of the pages one after the other with their checksums, without what lies between them.

        Raises UnreadableInput, after the last piece of a page at the latest, if its checksum differs.
        """
        if run[0].stored > SPAN:
            digest = hasher()
            yield from self._large(found, run[0], digest)
            return
        start, view = self._read(found, run)
        first = last = 0
        for page in run:
            at = page.locator.offset - start
            if at != last:
                if last > first:
                    yield view[first:last]
                first = at
            last = at + page.stored
        yield view[first:last]

    def digests(self, found: Tuple, cluster: Cluster) -> dict[Place, int]:
        """The XXH3 of every page of a cluster."""
        result = {}
        for run in runs(found, cluster):
            if run[0].stored > SPAN:
                digest = hasher()
                for _ in self._large(found, run[0], digest):
                    pass  # it goes into the digest
                result[place(run[0])] = int(digest.intdigest())
                continue
            start, view = self._read(found, run)
            for page in run:
                at = page.locator.offset - start
                result[place(page)] = xxh3(view[at : at + page.locator.size])
        return result

    def _read(self, found: Tuple, run: Sequence[Page]) -> tuple[int, memoryview]:
        start = run[0].locator.offset
        view = self._buffer[: run[-1].locator.offset + run[-1].stored - start]
        found.file.read_into(view, start)
        for page in run:
            if page.checked:
                at = page.locator.offset - start
                _compare(found, page, xxh3(view[at : at + page.locator.size]), view[at + page.locator.size :])
        return start, view

    def _large(self, found: Tuple, page: Page, digest: Any) -> Iterator[memoryview]:
        """A page that is larger than the buffer, in pieces; ``digest`` gets its bytes."""
        at, end = page.locator.offset, page.locator.offset + page.locator.size
        while at < end:
            view = self._buffer[: min(SPAN, end - at)]
            found.file.read_into(view, at)
            digest.update(view)
            yield view
            at += len(view)
        if page.checked:
            view = self._buffer[:CHECKSUM]
            found.file.read_into(view, end)
            _compare(found, page, digest.intdigest(), view)
            yield view


def _compare(found: Tuple, page: Page, digest: int, stored: memoryview) -> None:
    if digest != int.from_bytes(stored[:CHECKSUM], "little"):
        text = f"RNTuple '{found.path}' has a page whose checksum (XXH3) differs"
        raise found.file.bad(page.locator.offset, text)

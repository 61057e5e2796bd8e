"""Rules of the xrootd copier broken on purpose, in a client process of a test: see tests/faults.

Each function breaks one rule in the modules of the process that calls it. They name the parts of the code
that hold the rules, so whoever moves those has to come by here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transfers.model import Done, Unknown


def no_checksum() -> None:
    """Sizes are compared, contents are not; what the server tells after the copy is not looked at."""
    from transfers.backends.xrootd import moves

    check = moves.check

    def sizes_only(contents: Any, wanted: Any, source: str) -> None:
        check((contents[0], None), (wanted[0], None), source)

    def believed(order: Any, target: Any) -> Any:
        return Done()
        yield

    moves.check = sizes_only  # type: ignore[assignment]
    moves.proven = believed


def overwrite() -> None:
    """What is at the destination is not looked at, and a new file takes the place of an old one."""
    from transfers.backends.xrootd import moves, protocol

    def nothing_there(order: Any, target: Any) -> Any:
        return None
        yield

    moves.before = nothing_there
    protocol._NEW = 2  # kXR_delete


def unknown_is_done() -> None:
    """What nobody has answered has happened."""
    from transfers.backends.xrootd import errors, moves

    class Happened(Unknown):
        def __new__(cls, text: str) -> Any:
            return Done()

    for module in (errors, moves):
        module.Unknown = Happened  # type: ignore[attr-defined,misc]


def part_is_left() -> None:
    """A copy that fails closes what it has written, as CopyProcess does."""
    from transfers.backends.xrootd import moves

    def closed(target: Any, opened: Any) -> Any:
        yield [target.about_open(moves.Verb.CLOSE, opened)]

    moves._discard = closed


def wrong_source() -> None:
    """Another file is read than was ordered, of the same size, and nobody compares: only the announcement
    does, with what the server says of what it got."""
    from transfers.backends.xrootd import copies

    place = copies._place

    def another(source: str) -> Any:
        return place(source.replace("/f.root", "/g.root"))

    no_checksum()
    copies._place = another


def absent_is_fine() -> None:
    """A source that is not there is an empty file."""
    from transfers.backends.xrootd import moves

    def begin(self: Any, size: int | None) -> Any:
        return 0
        yield

    moves.RemoteSource.begin = begin  # type: ignore[method-assign]
    moves.RemoteSource.end = lambda self: []  # type: ignore[method-assign]
    no_checksum()


BREAKS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (no_checksum, overwrite, unknown_is_done, part_is_left, wrong_source, absent_is_fine)
}

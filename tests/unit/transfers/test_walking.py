"""Looking into many directories: the frontier, giving up, and the walker of whatever has a lister."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.seam import OpenSeam
from transfers.backends.posix import PosixStorage
from transfers.board import Board, Slots
from transfers.breaker import Limits
from transfers.errors import (
    CircuitOpen,
    EndpointUnreachable,
    FileMissing,
    PermissionRefused,
    StorageError,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
    failed,
)
from transfers.guards import breaking, throttled
from transfers.model import NOT_TOLD, NOWHERE, Entry, Failed, Listing, Looked, Unknown
from transfers.ports import Following
from transfers.testing.suites import code_of
from transfers.walking import GIVE_UP, Frontier, ListWalker, WalkLister, tree
from transfers.wrappers import logged, retrying, seamed


class Played:
    """A lister that plays what it is given: entries, or an error, by directory."""

    def __init__(
        self, parts: Mapping[str, list[Entry] | StorageError], rest: StorageError | None = None
    ) -> None:
        self._parts, self._rest = parts, rest or FileMissing("nothing there")
        self.asked: list[str] = []

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        self.asked.append(directory)
        found = self._parts.get(directory, self._rest)
        if isinstance(found, StorageError):
            raise found
        yield from found


def entries(found: Mapping[str, Looked], directory: str) -> list[Entry]:
    listing = found[directory]
    assert isinstance(listing, Listing)
    return list(listing.entries(directory))


def test_each_directory_of_a_tree_is_whole_or_told_as_not() -> None:
    top = [Entry("/d/a b", 3, adler32=Adler32(7)), *(Entry(f"/d/{n}", 0, is_directory=True) for n in "xyz")]
    lister = Played({"/d": top, "/d/x": [], "/d/y": UnreadableReply("nonsense")})
    found = dict(tree(ListWalker(lister), ["/d"]))
    assert entries(found, "/d") == top
    assert entries(found, "/d/x") == []
    assert isinstance(found["/d/y"], Unknown)
    assert code_of(found["/d/z"]) == "file_missing"


class Told:
    """A walker that tells what it is given."""

    def __init__(self, looks: Mapping[str, Looked]) -> None:
        self._looks = looks

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        while (directory := following()) is not None:
            yield directory, self._looks[directory]


def whole(*names: str, **more: Any) -> Listing:
    return Listing(names, [1] * len(names), [NOT_TOLD] * len(names), [NOT_TOLD] * len(names), **more)


def listed(looks: Mapping[str, Looked], *, recursive: bool = True) -> tuple[list[str], StorageError | None]:
    """The paths that came, and what ended the list."""
    came: list[str] = []
    try:
        came.extend(entry.path for entry in WalkLister(Told(looks)).list("/d", recursive=recursive))
    except StorageError as error:
        return came, error
    return came, None


def test_a_list_is_what_a_walk_tells() -> None:
    odd = {"gone": NOWHERE, "pipe": "neither a file nor a directory"}
    looks = {"/d": whole("a", directories=["s"], linked=["gone"], others=odd), "/d/s": whole("b")}
    assert listed(looks, recursive=False) == (["/d/a", "/d/s"], None)
    assert listed(looks) == (["/d/a", "/d/s", "/d/s/b"], None)


@pytest.mark.parametrize(
    ("looked", "error"),
    [
        (failed(PermissionRefused, "closed"), PermissionRefused),
        (failed(FileMissing, "gone since"), TransientStorageError),  # no word about the one asked for
        (Unknown("half of it"), UnreadableReply),
        (whole("x", linked=["odd"], others={"odd": "cannot be looked at: i/o error"}), TransientStorageError),
        (whole("x", linked=["back"]), Unsupported),
    ],
)
def test_a_list_with_a_part_that_is_not_told_is_an_error(looked: Looked, error: type[StorageError]) -> None:
    came, ended = listed({"/d": whole("a", directories=["s"]), "/d/s": looked})
    assert type(ended) is error
    assert came[:2] == ["/d/a", "/d/s"]


def test_a_list_of_what_is_not_there() -> None:
    came, ended = listed({"/d": failed(FileMissing, "no such directory")})
    assert (came, type(ended)) == ([], FileMissing)


def test_who_does_not_answer_at_all_ends_the_walk_at_once() -> None:
    lister = Played({"/d": EndpointUnreachable("nobody")})
    with pytest.raises(EndpointUnreachable):
        list(tree(ListWalker(lister), ["/d"]))


def test_who_stops_answering_ends_the_walk_after_a_while() -> None:
    names = [f"/d/{number}" for number in range(1000)]
    lister = Played({names[0]: []}, EndpointUnreachable("nobody"))
    told: list[tuple[str, Looked]] = []
    with pytest.raises(EndpointUnreachable):
        told.extend(ListWalker(lister, threads=1).walk(Frontier(names).following))
    assert entries(dict(told), names[0]) == []
    assert [type(looked) for _, looked in told[1:]] == [Unknown] * (GIVE_UP - 1)
    assert len(lister.asked) <= GIVE_UP + 1


def test_no_more_is_asked_than_a_few_ahead_of_the_taker() -> None:
    names = [f"/d/{number}" for number in range(100)]
    lister = Played({name: [] for name in names})
    walk = ListWalker(lister, threads=4).walk(Frontier(names).following)
    for _ in range(10):
        next(walk)
    walk.close()  # type: ignore[attr-defined]
    assert len(lister.asked) <= 14


def test_the_newest_directory_of_a_frontier_comes_first() -> None:
    frontier = Frontier(["/", "/x"])
    assert frontier.following() == "/"
    frontier.found("/", Listing(directories=["a", "b"]))
    assert frontier.following() == "/b"
    frontier.found("/b", Listing(directories=["c"]))
    assert [frontier.following() for _ in range(4)] == ["/b/c", "/a", "/x", None]


def test_a_lister_that_loses_a_directory_does_not_lose_the_others(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_bytes(b"x")
    storage = PosixStorage(tmp_path)
    walk = tree(ListWalker(storage), ["/"])
    directory, looked = next(walk)
    (tmp_path / "b/f").unlink()
    (tmp_path / "b").rmdir()
    found = dict(walk) | {directory: looked}
    assert isinstance(found.pop("/b"), Failed)
    assert [type(looked) for looked in found.values()] == [Listing] * 3


class Breaking:
    """A walker that breaks off before every third answer."""

    def __init__(self) -> None:
        self.begun = 0

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        self.begun += 1
        given = 0
        while (directory := following()) is not None:
            following_too = following()  # asked for ahead, and lost as well
            for each in (directory, following_too):
                given += 1
                if given == 3:
                    raise EndpointUnreachable("nobody")
                if each is not None:
                    yield each, Listing()


def test_a_walk_that_breaks_off_goes_on_with_what_has_no_answer(tmp_path: Path) -> None:
    inner = Breaking()
    clock = SimulatedClock()
    storage = replace(PosixStorage(tmp_path).storage(), walker=inner)
    again = retrying(storage, clock=clock, chance=lambda: 0.0).walker
    assert again is not None
    names = [f"/d{number}" for number in range(20)]
    found = [directory for directory, _ in again.walk(Frontier(names).following)]
    assert sorted(found) == sorted(names)
    assert inner.begun > 5


def test_a_walk_that_never_begins_ends_after_a_few_attempts(tmp_path: Path) -> None:
    lister = Played({}, EndpointUnreachable("nobody"))
    storage = replace(PosixStorage(tmp_path).storage(), walker=ListWalker(lister))
    again = retrying(storage, clock=SimulatedClock(), chance=lambda: 0.0, attempts=3).walker
    assert again is not None
    with pytest.raises(EndpointUnreachable):
        list(again.walk(Frontier(["/d"]).following))
    assert lister.asked == ["/d"] * 3


def test_every_guard_lets_a_walk_through(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    clock = SimulatedClock()
    storage = PosixStorage(tmp_path).storage()
    storage = retrying(seamed(storage, "eos", OpenSeam()), clock=clock, chance=lambda: 0.0)
    storage = breaking(logged(storage, "eos", clock=clock), "eos", Board(clock))
    storage = throttled(storage, "eos", Slots(clock), calls=1, copies=1)
    assert storage.walker is not None
    assert [directory for directory, _ in tree(storage.walker, ["/"])] == ["/", "/d"]


def test_an_endpoint_that_is_left_alone_is_not_walked(tmp_path: Path) -> None:
    clock = SimulatedClock()
    board = Board(clock, limits=Limits(failures=1))
    lister = Played({}, EndpointUnreachable("nobody"))
    storage = replace(PosixStorage(tmp_path).storage(), walker=ListWalker(lister))
    guarded = breaking(storage, "eos", board).walker
    assert guarded is not None
    for error in (EndpointUnreachable, CircuitOpen):
        with pytest.raises(error):
            list(guarded.walk(Frontier(["/d"]).following))
    assert lister.asked == ["/d"]

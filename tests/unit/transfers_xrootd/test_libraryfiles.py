"""Files of the client library: not opened again by themselves, and kept until they are closed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("XRootD")

from transfers.backends.xrootd import libraryfiles
from transfers.backends.xrootd.errors import NO_ANSWER
from transfers.backends.xrootd.library import new_file, xrootd
from transfers.backends.xrootd.libraryfiles import OpenFile, kept

GOOD = SimpleNamespace(ok=True, code=0, errno=0, message="")
LATE = SimpleNamespace(ok=False, code=206, errno=0, message="operation expired")
LOST = SimpleNamespace(ok=False, code=109, errno=0, message="invalid session")


@pytest.mark.parametrize(("written", "key"), [(True, "WriteRecovery"), (False, "ReadRecovery")])
def test_a_file_that_lost_its_connection_is_given_up(written: bool, key: str) -> None:
    """And the reference that the binding takes from True each time is given back."""
    before = sys.getrefcount(True)
    files = [new_file(written=written) for _ in range(300)]
    assert abs(sys.getrefcount(True) - before) < 150
    assert {file.get_property(key) for file in files} == {"false"}
    assert xrootd.EnvGetString("OpenRecovery") == "false"


class Library:
    """The library's files and names, played: what is asked waits in ``open`` until the test answers it."""

    def __init__(self) -> None:
        self.open: list[tuple[str, Callable[..., None]]] = []

    def file(self, *, written: bool) -> Any:
        return SimpleNamespace(
            stat=lambda force, seconds, callback: self._ask("stat", callback),
            close=lambda seconds, callback: self._ask("close", callback),
        )

    def names(self, server: str) -> Any:
        return SimpleNamespace(rm=lambda name, seconds, callback: self._ask("rm", callback))

    def _ask(self, what: str, callback: Callable[..., None]) -> Any:
        self.open.append((what, callback))
        return GOOD

    def answer(self, what: str, status: Any = GOOD) -> None:
        asked, callback = self.open.pop(0)
        assert asked == what
        callback(status, None, None)

    @property
    def asked(self) -> list[str]:
        return [what for what, _ in self.open]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    played = Library()
    monkeypatch.setattr(libraryfiles, "new_file", played.file)
    monkeypatch.setattr(libraryfiles, "xrootd", SimpleNamespace(FileSystem=played.names))
    monkeypatch.setattr(libraryfiles, "_kept", set())
    return played


def opened(*, created: bool) -> OpenFile:
    file = OpenFile("root://there", "/a", created=created)
    file.ask(lambda: GOOD)
    file.opened(True)
    file.answered()
    assert kept() == 1
    return file


def test_a_file_is_closed_after_the_last_answer(library: Library) -> None:
    file, told = opened(created=False), list[Any]()
    file.ask(lambda: GOOD)
    file.close(1, told.append)
    assert (library.asked, told, kept()) == ([], [NO_ANSWER], 1)
    file.answered()
    library.answer("close")
    assert kept() == 0


def test_what_was_opened_for_nobody_is_closed_or_removed(library: Library) -> None:
    for created in (False, True):
        file = OpenFile("root://there", "/a", created=created)
        file.ask(lambda: GOOD)
        file.give_up()
        assert library.asked == []
        file.opened(True)
        file.answered()
        if created:
            library.answer("stat")
            library.answer("rm")
        library.answer("close")
        assert (library.asked, kept()) == ([], 0)


def test_what_cannot_be_opened_is_forgotten(library: Library) -> None:
    file = OpenFile("root://there", "/a", created=True)
    file.ask(lambda: GOOD)
    file.opened(False)
    file.answered()
    file.give_up()
    assert (library.asked, kept()) == ([], 0)


def test_what_cannot_be_removed_is_kept_and_never_closed(library: Library) -> None:
    file = opened(created=True)
    file.give_up()
    library.answer("stat")
    library.answer("rm", LATE)
    assert (library.asked, kept()) == ([], 1)
    assert not file.file.is_open(), "the library would close it when the interpreter ends"


@pytest.mark.parametrize(("status", "after"), [(LATE, []), (LOST, ["close"])])
def test_a_name_is_removed_only_while_the_file_is_ours(
    library: Library, status: Any, after: list[str]
) -> None:
    """When the connection is lost the name may be another's; then closing is a matter of memory only."""
    opened(created=True).give_up()
    library.answer("stat", status)
    assert library.asked == after

"""Accident 7: free text was put into a recursive removal.

There: ``path`` and ``soft`` were typed by hand and put into ``rm -r`` without a look; an empty ``soft``
removed the directory above; when that failed, every line that a listing printed, error messages too, became
a word of the next ``rm``. Here such text is refused when the configuration is read (``catalog.names``), no
command line is ever built from names, a name that is removed is one from the catalogue and taken literally,
and what a listing says is a row that is understood as a whole, or refuses the whole listing.

Seen to fail: with ``names._FREE`` taking any of its letters first, ``-rf`` and ``~`` are taken (the empty
word, ``..`` and whatever has other letters are refused by more than one rule); with the removal of
``PosixStorage`` giving its path to ``glob``, the neighbours of ``*`` go.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from ddm import config
from ddm.errors import ConfigError
from tests.accidents.experiment import Experiment, toml
from transfers.backends import posix
from transfers.model import Done, Failed

BAD_WORDS = [
    "",
    " ",
    ".",
    "..",
    "../..",
    "a/../..",
    "/",
    "a/b",
    "*",
    "?",
    "[a-z]*",
    "a b",
    "a\nb",
    "-rf",
    "~",
]
BAD_WORDS += ["$HOME", "`id`", "a;b", "a|b", "a\0b", "{run}", "%2e%2e", "a\\b", "'", '"']


@pytest.mark.parametrize("text", BAD_WORDS)
def test_07_a_soft_that_is_no_plain_word_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ddm.toml"
    file.write_text(toml({"P08": {"soft": text}}))
    with pytest.raises(ConfigError):
        config.load(file, {})


@pytest.mark.parametrize(
    "text", ["..", "../", "data/../", "/data/", "data", "*/", "data//", "a b/", "a\n/", "./"]
)
def test_07_a_path_that_is_no_plain_directories_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ddm.toml"
    file.write_text(toml({"P08": {"path": text}}))
    with pytest.raises(ConfigError):
        config.load(file, {})


@pytest.mark.parametrize("name", ["*", "?", "[ab]", "a*", "-rf", "a b", "a\nb", "a;rm b", "$(b)", "{a,b}"])
def test_07_a_name_is_removed_as_it_is_written(tmp_path: Path, name: str) -> None:
    """A file may bear any name; its neighbours, which a shell would find by it, stay."""
    for other in ("a", "b", "ab", "a1", name):
        (tmp_path / other).write_text(other)
    storage = posix.open_storage(f"file://{tmp_path}", clock=SystemClock(), options={})
    told = storage.remover.remove([f"/{name}"])
    left = {path.name for path in tmp_path.iterdir()}
    if isinstance(told[f"/{name}"], Done):
        assert left == {"a", "b", "ab", "a1"} - {name}
    else:  # a storage may refuse a name, and then nothing is gone
        assert isinstance(told[f"/{name}"], Failed)
        assert left == {"a", "b", "ab", "a1", name}


@pytest.mark.parametrize("path", ["", "/", "/.", "/..", "/a/..", "/../outside", "//", "/deep"])
def test_07_no_directory_and_nothing_outside_is_ever_removed(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "deep/er").mkdir(parents=True)
    for file in (root / "a", root / "deep/b", root / "deep/er/c", tmp_path / "outside"):
        file.write_text("kept")
    storage = posix.open_storage(f"file://{root}", clock=SystemClock(), options={})
    assert not isinstance(storage.remover.remove([path])[path], Done)
    kept = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {root / "a", root / "deep/b", root / "deep/er/c", tmp_path / "outside"}


LISTING = """\
-rw-r--r-- compass vy 1340 2016-08-20 10:00:00 /castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275678.raw
[ERROR] Server responded with an error: [3011] Unable to open directory /castor/cern.ch/compass; no such file
-rw-r--r-- compass vy 1340 2016-08-20 10:00:00 /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275678.raw
"""


def test_07_an_error_message_in_a_listing_is_no_file(tmp_path: Path) -> None:
    """An operator pipes a listing that broke off into the catalogue: nothing of it is taken."""
    experiment = Experiment(tmp_path / "e")
    listed = tmp_path / "listing.txt"
    listed.write_text(LISTING)
    told = experiment.run("file", "register", listed, "--dataset", "2016/W14", "--endpoint", "tape")
    assert told.exit_code not in (ExitCode.DONE, None)
    assert experiment.replicas() == []
    assert experiment.asked("SELECT count(*) FROM file") == [(0,)]

"""Making the distribution's gfal2 importable: a link where it fits, honest words where it does not."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from transfers.backends.gfal2 import link as module
from transfers.backends.gfal2.link import link
from transfers.registry import _missing

NAME = f"gfal2{sysconfig.get_config_var('EXT_SUFFIX')}"


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """The distribution's directory and that of an environment."""
    for name in ("system", "site"):
        (tmp_path / name).mkdir()
    return tmp_path / "system", tmp_path / "site"


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch, places: tuple[Path, Path]) -> None:
    """gfal2 can be imported if its file is in the environment and says so."""

    def version() -> str:
        file = places[1] / NAME
        return "9.9" if file.exists() and file.read_text() == "good" else ""

    monkeypatch.setattr(module, "_works", version)


def test_a_module_that_fits_is_linked_once(places: tuple[Path, Path], works: None) -> None:
    system, site = places
    (system / NAME).write_text("good")
    assert link((system,), site) == (True, f"gfal2 9.9 of the distribution is linked into {site}")
    assert (site / NAME).readlink() == system / NAME
    assert link((system,), site) == (True, "gfal2 9.9 is there")
    assert [file.name for file in site.iterdir()] == [NAME]


def test_a_module_that_does_not_work_is_not_left_there(places: tuple[Path, Path], works: None) -> None:
    system, site = places
    (system / NAME).write_text("bad")
    good, words = link((system,), site)
    assert not good
    assert "does not work" in words
    assert list(site.iterdir()) == []


def test_an_old_link_is_replaced_but_a_file_is_not(places: tuple[Path, Path], works: None) -> None:
    system, site = places
    (system / NAME).write_text("good")
    (site / NAME).symlink_to(system / "gone")
    assert link((system,), site)[0]
    (site / NAME).unlink()
    (site / NAME).write_text("somebody's")
    good, words = link((system,), site)
    assert not good
    assert "remove it" in words
    assert (site / NAME).read_text() == "somebody's"


def test_another_python_is_told_what_to_do(places: tuple[Path, Path], works: None) -> None:
    system, site = places
    good, words = link((system,), site)
    assert not good
    assert "apt install python3-gfal2" in words
    (system / "gfal2.cpython-27-x86_64-linux-gnu.so").write_text("good")
    good, words = link((system,), site)
    assert not good
    assert "cpython-27" in words
    assert "conda-forge" in words


def test_the_message_of_a_missing_module_says_how_to_get_it() -> None:
    assert "python -m transfers.backends.gfal2.link" in _missing("gfal2", "gfal2")
    assert "pip install 'ddm[xrootd]'" in _missing("xrootd", "XRootD.client")

"""Backends by name, through entry points, loaded on first use."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from catalog.clock import SimulatedClock
from transfers import registry
from transfers.errors import Unsupported
from transfers.registry import Doors, found, open_stager, open_storage

CLOCK = SimulatedClock()


@dataclass(frozen=True)
class FakeDistribution:
    name: str


@pytest.fixture
def declare(monkeypatch):
    """Lets a test say which entry points there are."""

    def declare(*entries):
        points = []
        for name, value, distribution in entries:
            point = EntryPoint(name, value, registry.GROUP)
            points.append(point._for(FakeDistribution(distribution)))
        monkeypatch.setattr(registry, "entry_points", lambda group: points)

    return declare


@pytest.fixture
def broken_module(tmp_path, monkeypatch):
    """A module that cannot be imported, for the reason given."""

    def make(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return f"{name}:open_storage"

    return make


def test_the_backends_of_this_distribution_are_declared():
    names = {backend.name for backend in found()}
    assert {"posix", "memory", "simtape", "xrootd"} <= names
    problems = {backend.name: backend.problem for backend in found() if backend.distribution == "ddm"}
    assert problems["posix"] == problems["memory"] == problems["simtape"] == ""


def test_open_by_name(tmp_path):
    storage = open_storage("posix", f"file://{tmp_path}", clock=CLOCK, options={})
    assert storage.capabilities.schemes == {"file"}


def test_an_unknown_name_lists_those_known(declare):
    declare(("posix", "transfers.backends.posix:open_storage", "ddm"))
    with pytest.raises(Unsupported, match=r"unknown storage backend 'tape'; known: posix"):
        open_storage("tape", "x", clock=CLOCK, options={})


def test_an_unknown_stager_lists_those_known(declare):
    declare(("taperest", "x:open_stager", "ddm"))
    with pytest.raises(Unsupported, match=r"unknown stager 'tape'; known: taperest"):
        open_stager("tape", "x", clock=CLOCK, options={})


def test_nothing_installed_says_so(declare):
    declare()
    with pytest.raises(Unsupported, match=r"pip install"):
        open_storage("posix", "x", clock=CLOCK, options={})


def test_a_missing_package_names_the_extra(declare, broken_module):
    value = broken_module("needs_xrootd", "raise ModuleNotFoundError('x', name='XRootD.client')")
    declare(("xrootd", value, "ddm"))
    with pytest.raises(Unsupported, match=r"'XRootD.client'.*pip install 'ddm\[xrootd\]'"):
        open_storage("xrootd", "x", clock=CLOCK, options={})
    assert "ddm[xrootd]" in found()[0].problem


def test_other_missing_modules_are_named(declare, broken_module):
    declare(("mine", broken_module("needs_other", "import no_such_module_at_all"), "mine"))
    with pytest.raises(Unsupported, match="'no_such_module_at_all'"):
        open_storage("mine", "x", clock=CLOCK, options={})


def test_a_backend_without_the_function_cannot_be_loaded(declare, broken_module):
    declare(("mine", broken_module("has_nothing", "x = 1"), "mine"))
    with pytest.raises(Unsupported, match="cannot be loaded"):
        open_storage("mine", "x", clock=CLOCK, options={})


def test_two_distributions_with_one_name_are_an_error(declare):
    value = "transfers.backends.posix:open_storage"
    declare(("posix", value, "ddm"), ("posix", "other:open_storage", "other"))
    with pytest.raises(Unsupported, match=r"brought by ddm .* and other .*uninstall one"):
        open_storage("posix", "file:///", clock=CLOCK, options={})
    assert "uninstall one" in found()[0].problem
    assert found()[0].distribution == "ddm, other"


def test_one_distribution_found_twice_is_no_clash(declare, tmp_path):
    entry = ("posix", "transfers.backends.posix:open_storage", "ddm")
    declare(entry, entry)
    open_storage("posix", f"file://{tmp_path}", clock=CLOCK, options={})


def test_doors_locate_by_the_longest_prefix(tmp_path):
    (tmp_path / "in").mkdir()
    doors = Doors(
        {
            f"file://{tmp_path}": ("posix", {}),
            f"file://{tmp_path}/in": ("posix", {}),
            "memory://doors/": ("memory", {"tape": "true"}),
        },
        CLOCK,
    )
    outer, path = doors.locate(f"file://{tmp_path}/other/a b%20.raw")
    assert path == "/other/a b%20.raw"
    inner, path = doors.locate(f"file://{tmp_path}/in/a.raw")
    assert path == "/a.raw"
    assert inner is not outer
    assert doors.locate(f"file://{tmp_path}/inside/a.raw") == (outer, "/inside/a.raw")
    assert doors.locate(f"file://{tmp_path}/in/b.raw")[0] is inner
    memory, path = doors.locate("memory://doors//run/a.raw")
    assert path == "/run/a.raw"
    assert memory.capabilities.tape


def test_doors_name_what_no_prefix_holds():
    doors = Doors({"file:///data": ("posix", {})}, CLOCK)
    for url in ("file:///database/x", "root://host//x", "file:///data"):
        with pytest.raises(Unsupported, match="known prefixes: file:///data"):
            doors.locate(url)

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from merging import counters, registry
from merging.errors import MergeError, ToolMissing, UnreadableInput
from merging.formats.archives import ZipArchive


@pytest.fixture
def installed(monkeypatch):
    """Entry points as if packages that declare these were installed."""

    def install(group, *pairs):
        found = EntryPoints(EntryPoint(name, value, group) for name, value in pairs)
        monkeypatch.setattr(registry, "entry_points", lambda group: found)

    return install


@pytest.mark.parametrize("name", ["date", "root-tree", "root-hist", "zip"])
def test_our_counters_are_installed(name):
    assert callable(counters.find(name))


def test_an_unknown_name_tells_the_known_ones():
    with pytest.raises(
        ToolMissing, match=r"no event counter 'hepmc'; there are: .*root-tree.* formats .*date"
    ):
        counters.find("hepmc")
    with pytest.raises(ToolMissing, match=r"no format 'arj'; there are: .*date.*zip"):
        registry.find_format("arj")


def test_a_name_that_two_packages_claim_is_an_error(installed):
    installed(counters.GROUP, ("mine", "merging.counters:count_zip"), ("mine", "other:count"))
    with pytest.raises(MergeError, match=r"claimed by merging\.counters:count_zip and other:count"):
        counters.find("mine")


def test_a_place_can_be_given_instead_of_a_name():
    assert counters.find("merging.counters:count_zip") is counters.count_zip
    assert isinstance(registry.find_format("merging.formats.archives:ZipArchive"), ZipArchive)


def test_a_package_seen_twice_is_not_a_clash(installed):
    installed(counters.GROUP, *[("mine", "merging.counters:count_zip")] * 2)
    assert counters.find("mine") is counters.count_zip


def test_a_format_without_events_counts_none(tmp_path):
    path = tmp_path / "logs.zip"
    ZipArchive().merge([Path(__file__)], path)
    with pytest.raises(UnreadableInput, match=r"logs\.zip: does not say how many events"):
        counters.of_format("zip")(path)
    assert counters.find("zip")(path) == 1


@pytest.mark.parametrize("value", ["no_such_module:count", "merging.counters:count_nothing"])
def test_a_plugin_that_does_not_load_is_missing(installed, value):
    installed(counters.GROUP, ("broken", value))
    with pytest.raises(ToolMissing, match=r"'broken' .* cannot be loaded"):
        counters.find("broken")


def test_without_uproot_the_advice_is_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "uproot", None)
    path = tmp_path / "file.root"
    path.write_bytes(b"root" + bytes(100))
    for count in (counters.count_root_tree, counters.count_root_hist):
        with pytest.raises(ToolMissing, match=r"pip install 'ddm\[root\]'"):
            count(path)
    with pytest.raises(ToolMissing, match=r"pip install 'ddm\[root\]'"):
        registry.find_format("root-rewrite").merge([path], tmp_path / "merged.root")
    assert list(tmp_path.iterdir()) == [path]

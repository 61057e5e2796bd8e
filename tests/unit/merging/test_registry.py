from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from merging import counters, registry
from merging.errors import MergeError, ToolMissing


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
    with pytest.raises(ToolMissing, match=r"no event counter 'hepmc'; there are: .*date.*root-tree"):
        counters.find("hepmc")
    with pytest.raises(ToolMissing, match="no merge tool 'tar'"):
        registry.find_tool("tar", {})


def test_a_name_that_two_packages_claim_is_an_error(installed):
    installed(counters.GROUP, ("date", "merging.counters:count_date"), ("date", "other:count"))
    with pytest.raises(MergeError, match=r"claimed by merging\.counters:count_date and other:count"):
        counters.find("date")


def test_a_place_can_be_given_instead_of_a_name():
    assert counters.find("merging.counters:count_date") is counters.count_date


def test_a_package_seen_twice_is_not_a_clash(installed):
    installed(counters.GROUP, *[("date", "merging.counters:count_date")] * 2)
    assert counters.find("date") is counters.count_date


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
        registry.find_tool("root", {}).merge([path], tmp_path / "merged.root")
    assert list(tmp_path.iterdir()) == [path]

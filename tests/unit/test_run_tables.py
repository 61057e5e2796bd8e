"""What 'ddm flow status' shows of runs fits a terminal, and names the first step that is not over."""

from __future__ import annotations

import pytest

from catalog.db.reports import RunLine
from ddm.config import load
from ddm.summary import run_tables
from ddm.templates import demo_toml


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "ddm.toml"
    path.write_text(demo_toml(program=["true"]))
    return load(path, {})


def line(merging: str, checked: str, migrated: str, products=("mDST", "logs")) -> RunLine:
    each = (dict.fromkeys(products, word) for word in (merging, checked, migrated))
    return RunLine("P08", 275678, 9, 9, 1, 2, 3, 4, 5, *each)


@pytest.mark.parametrize(
    ("words", "mdst", "logs"),
    [
        (("finished", "yes", "finished"), "archived", "archived"),
        (("1/3", "no", "0/3"), "merging 1/3", "merging 1/3"),
        (("finished", "failed", "0/3"), "x-check failed", "migration 0/3"),
        (("finished", "yes", "2/3"), "migration 2/3", "migration 2/3"),
    ],
)
def test_the_step_of_a_product(settings, words, mdst, logs):
    jobs, products = run_tables([line(*words)], settings)
    assert list(jobs.rows[0]) == [275678, 9, 9, 1, 2, 3, 4, 5]
    assert list(products.columns) == ["run", "mDST", "logs"]
    assert list(products.rows[0]) == [275678, mdst, logs]


def test_a_run_of_which_nothing_is_merged_yet(settings):
    jobs, products = run_tables([line("1/1", "no", "0/1"), line("", "", "", ())], settings)
    assert list(products.rows[1]) == [275678, None, None]
    assert len(run_tables([line("", "", "", ())], settings)) == 1
    assert run_tables([], settings)[0] == jobs.__class__(jobs.columns, [], "Runs")

"""Formats by their names and options, and formats that are broken, which the suite must see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from merging.errors import MergeError
from merging.formats.archives import ZipArchive
from merging.formats.command import ExternalProgram
from merging.formats.date import DateEvents
from merging.formats.rewrite.root import RootRewrite
from merging.formats.root import RootFiles
from merging.model import Count, Same
from merging.registry import find_format
from tests.conformance import test_formats_date


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("command", {"command": "hadd -f {output}"}, "needs the word {inputs} once"),
        ("command", {"command": "hadd {inputs}"}, "and {output}"),
        ("command", {"command": "hadd '{output} {inputs}"}, "No closing quotation"),
        ("command", {"command": "hadd {output} {inputs}", "timeout": "soon"}, "number of seconds"),
        ("command", {"command": "hadd {output} {inputs}", "events": "("}, "not a regular expression"),
        ("command", {"command": "hadd {output} {inputs}", "events": "[0-9]"}, "needs one group"),
        ("command", {}, "'command'"),
        ("command", {"command": "x {list} {inputs} {output}"}, "{inputs} once, or {list}"),
        ("command", {"command": "x {inputs} {output}", "exit_codes": "any"}, "not 'any'"),
        ("command", {"command": "x {inputs} {output}", "forbidden": "("}, "forbidden is not a regular"),
        ("command", {"command": "x {inputs} {output}", "environment": "A"}, "not 'A'"),
        ("command", {"command": "x {inputs} {output}", "environment": "'"}, "No closing quotation"),
        ("command", {"command": "x {inputs} {output}", "events_in": "../x"}, "not '../x'"),
        ("command", {"command": "x {inputs} {output}", "verify": "maybe"}, "not 'maybe'"),
        ("zip", {"compression": "best"}, "deflated or stored, not 'best'"),
        ("root", {"compression": "zip"}, "not 'zip'"),
        ("root", {"otherwise": "guess"}, "'refuse' or 'rewrite', not 'guess'"),
        ("root-rewrite", {"compression": "zip"}, "not 'zip'"),
        ("root-rewrite", {"step": "-1"}, "not '-1'"),
        ("date", {"speed": "high"}, "'speed'"),
        ("concat", {"empty": "maybe"}, "refuse or allow, not 'maybe'"),
        ("jsonl", {"check": "all"}, "yes or no, not 'all'"),
        ("parquet", {"compression": "zip"}, "no compression 'zip'"),
        ("date", {"records": "some"}, "keep, ends or drop, not 'some'"),
    ],
)
def test_options_that_cannot_be_are_refused(name, options, said):
    with pytest.raises(MergeError) as refused:
        find_format(name, options)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("date", {}, DateEvents),
        ("root", {"compression": "zstd:5"}, RootFiles),
        ("root-rewrite", {"compression": "zstd:5"}, RootRewrite),
        ("zip", {"compression": "stored"}, ZipArchive),
        ("command", {"command": "hadd -f {output} {inputs}"}, ExternalProgram),
    ],
)
def test_tools_are_found_by_name(name, options, kind):
    assert isinstance(find_format(name, options), kind)


class Careless(DateEvents):
    """Says that all is the same."""

    def same_content(self, inputs, merged):
        return Same()


class Hasty(DateEvents):
    """Looks at the inputs before their turn."""

    def merge(self, inputs, output):
        return super().merge(list(inputs), output)


class Confused(DateEvents):
    """Mixes up the inputs."""

    def merge(self, inputs, output):
        result = super().merge(inputs, output)
        return replace(result, taken=result.taken[::-1])


class Optimist(DateEvents):
    """Counts one event more than there are."""

    def count(self, path):
        return Count((super().count(path).n_events or 0) + 1)


@pytest.mark.parametrize(
    ("broken", "case"),
    [
        (Careless, "test_another_order_is_different_where_order_matters"),
        (Careless, "test_a_lost_input_is_found"),
        (Careless, "test_a_doubled_input_is_found"),
        (Careless, "test_a_changed_event_is_found"),
        (Hasty, "test_inputs_may_come_from_an_iterator"),
        (Confused, "test_tells_what_was_taken_of_every_input"),
        (Optimist, "test_counts_its_own_output_as_it_said"),
    ],
)
def test_the_suite_sees_what_is_broken(tmp_path, broken, case):
    suite = test_formats_date.TestDateEvents()
    getattr(suite, case)(tmp_path)
    (tmp_path / "broken").mkdir()
    suite.format = broken
    with pytest.raises((AssertionError, MergeError)):
        getattr(suite, case)(tmp_path / "broken")

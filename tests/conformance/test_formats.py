"""Formats by their names and options."""

from __future__ import annotations

import pytest

from merging.errors import (
    MergeError,
)
from merging.formats.archives import ZipArchive
from merging.formats.command import ExternalProgram
from merging.formats.date import DateEvents
from merging.formats.rewrite.root import RootRewrite
from merging.formats.root import RootFiles
from merging.registry import find_format


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

"""A merged file against its inputs, read by uproot and by jsroot.

For tables (trees and RNTuples) the values of every column must follow on one another; three comparisons are
made: uproot's reading of the merged file with uproot's of the inputs, jsroot's with jsroot's, and, where
both readers agree on the inputs, jsroot's reading of the merged file with uproot's of the inputs. What a
reader cannot read in the inputs is counted, not compared. For histograms bins, sums of squares and entries
of profiles must add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
import uproot

from tests.corpus import reading
from tests.corpus.reading import TABLES, TREES, Unread, alike
from tests.fixtures_jsroot import Contents, Jsroot

LARGEST = 20_000
"""Tables with more entries are compared by jsroot with digests, and not with uproot's reading."""
TOO_LARGE = 20_000_000
"""Of tables with more entries only these are counted."""
_SUMS = ("fSumw2", "fBinEntries", "fBinSumw2")


@dataclass
class Verdict:
    """What was compared, by kind of comparison, and what is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def compare(self, what: str, merged: Any, expected: Any) -> None:
        self.count(what.split(":")[0])
        if merged != expected:
            self.problems.append(f"{what}: {str(merged)[:80]} is not {str(expected)[:80]}")


def verify(inputs: Sequence[Path], merged: Path, jsroot: Jsroot | None) -> Verdict:
    """Compare everything. ``jsroot`` None: uproot alone."""
    verdict = Verdict()
    expected = reading.classes(inputs[0])
    found = reading.classes(merged)
    verdict.compare("objects", sorted(found), sorted(expected))
    tables = [name for name, cls in expected.items() if cls in TABLES]
    parts = {name: [reading.entries(path, name) for path in inputs] for name in tables}
    huge = [name for name in tables if sum(parts[name]) > TOO_LARGE]
    second = _second(verdict, inputs, merged, parts, jsroot) if jsroot and not huge else None
    for name in tables:
        verdict.count("trees" if expected[name] in TREES else "tuples")
        verdict.compare(f"entries: {name}", reading.entries(merged, name), sum(parts[name]))
        if name in huge:
            verdict.count("tables too large to be read")
            continue
        first = _first(verdict, inputs, merged, name)
        if second:
            _compare_second(verdict, name, *second, first)
    for name, cls in expected.items():
        if cls.startswith(("TH1", "TH2", "TH3", "TProfile")):
            _histogram(verdict, inputs, merged, name)
            if second:
                _second_histogram(verdict, name, *second)
    return verdict


def _first(verdict: Verdict, inputs: Sequence[Path], merged: Path, name: str) -> dict[str, list[Any]]:
    """uproot against uproot; gives the values of the inputs."""
    whole: dict[str, list[Any]] = {}
    every = {path: dict(reading.columns(path, name)) for path in dict.fromkeys(inputs)}
    result = dict(reading.columns(merged, name))
    verdict.compare(f"columns of: {name}", list(result), list(every[inputs[0]]))
    for column in every[inputs[0]]:
        values: list[Any] = []
        for path in inputs:
            one = every[path][column]
            if isinstance(one, Unread):
                verdict.count("columns uproot cannot read")
                break
            values += one
        else:
            whole[column] = values
            verdict.compare(f"columns by uproot: {name} {column}", result.get(column), values)
    return whole


def _second(
    verdict: Verdict, inputs: Sequence[Path], merged: Path, parts: dict[str, list[int]], jsroot: Jsroot
) -> tuple[list[Contents], Contents] | None:
    """What jsroot reads of all inputs, and of the merged file; None if it cannot read an input."""
    large = {name: counts for name, counts in parts.items() if sum(counts) > LARGEST}
    cuts = {
        path: {name: [counts[number]] for name, counts in large.items()} for number, path in enumerate(inputs)
    }
    try:
        read = {path: jsroot.read(path, cuts[path]) for path in dict.fromkeys(inputs)}
    except ValueError:
        verdict.count("files jsroot cannot read")
        return None
    return [read[path] for path in inputs], jsroot.read(merged, large)


def _compare_second(
    verdict: Verdict, name: str, before: list[Contents], after: Contents, first: dict[str, list[Any]]
) -> None:
    if any(name not in one.entries for one in before):
        # uproot's RNTuples: they lack the StreamerInfo of their anchor, merged ones have it
        verdict.compare(
            f"tables by jsroot as by uproot: {name}",
            {column: alike(after.columns[name][column]) for column in first},
            alike(first),
        )
        return
    verdict.compare(
        f"entries by jsroot: {name}", after.entries[name], sum(one.entries[name] for one in before)
    )
    for column in dict.fromkeys(column for one in before for column in one.columns[name]):
        values: list[Any] = []
        for one in before:
            part = one.columns[name].get(column, [])
            if isinstance(part, str):
                verdict.count("columns jsroot cannot read")
                break
            values += part
        else:
            result = after.columns[name].get(column)
            verdict.compare(f"columns by jsroot: {name} {column}", result, values)
            known = alike(first.get(column))
            if known and known == alike(values):
                verdict.compare(f"columns by jsroot as by uproot: {name} {column}", alike(result), known)


def bins(histogram: Any) -> Any:
    """The array that a histogram is: contents of bins, in a profile their sums; under- and overflow too."""
    for base in histogram.bases:
        if type(base).__name__.startswith("Model_TArray") or hasattr(base, "_data"):
            return numpy.asarray(base, dtype="f8")
        if (found := bins(base)) is not None:
            return found
    return None


def _histogram(verdict: Verdict, inputs: Sequence[Path], merged: Path, name: str) -> None:
    def arrays(path: Path) -> list[Any]:
        with uproot.open(path) as file:
            histogram = file[name]
            values = [bins(histogram)]
            for member in _SUMS:
                if histogram.has_member(member):
                    values.append(numpy.asarray(histogram.member(member), dtype="f8"))
            return [*values, numpy.asarray([histogram.member("fEntries")])]

    added = [sum(parts) for parts in zip(*map(arrays, inputs), strict=True)]
    same = all(
        one.shape == numpy.shape(two) and numpy.allclose(one, two, rtol=1e-6, equal_nan=True)
        for one, two in zip(arrays(merged), added, strict=True)
    )
    verdict.compare(f"histograms by uproot: {name}", same, True)


def _second_histogram(verdict: Verdict, name: str, before: list[Contents], after: Contents) -> None:
    def arrays(contents: Contents) -> list[Any]:
        found = contents.objects[name]
        return [
            numpy.asarray(found.get(member) or [0.0], dtype="f8") for member in ("fArray", *_SUMS, "fEntries")
        ]

    added = [sum(parts) for parts in zip(*map(arrays, before), strict=True)]
    same = all(
        numpy.allclose(one, two, rtol=1e-6, equal_nan=True)
        for one, two in zip(arrays(after), added, strict=True)
    )
    verdict.compare(f"histograms by jsroot: {name}", same, True)

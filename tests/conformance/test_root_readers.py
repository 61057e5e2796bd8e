"""Merged ROOT files as two readers see them that know nothing of ours: uproot and jsroot.

Files that ROOT wrote (tests/data/root) are merged with themselves; files that uproot writes are merged and
read by jsroot, and must have the values that were written.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from merging import registry
from merging.errors import MergeError
from merging.formats.ports import GROUP, Format
from merging.model import Same
from tests.corpus.verify import Verdict, verify
from tests.fixtures_jsroot import Jsroot, jsroot
from tests.rootfiles import DATA

uproot = pytest.importorskip("uproot")
numpy = pytest.importorskip("numpy")
awkward = pytest.importorskip("awkward")

__all__ = ["jsroot"]

REFUSED = {
    "test_extension_columns_rntuple_v1-0-0-0.root": "was added late, at element 400",
    "string-example.root": "is a string, which cannot be merged",
    "uproot-from-geant4.root": "tree 'Details' at offset 202 was written with TTree version 5",
    "uproot-issue-181.root": "is a TF1, which cannot be merged",
    "uproot-issue-250.root": "tree 'B4' at offset 35056 was written with TTree version 5",
    "uproot-issue-407.root": "is a TFoo, which cannot be merged",
    "uproot-issue-861.root": "is a CalibrationCoefficient, which cannot be merged",
}
"""Files that must not be merged, and why."""
CROSSED = 25
"""At least so many columns of a file with many are compared between the two readers."""


@pytest.fixture
def root() -> Format:
    made: Format = registry.load(GROUP, "root", "format")()
    return made


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """uproot warns of classes that it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def copies(path: Path, folder: Path, times: int = 3) -> list[Path]:
    """The same content under several names: one file given twice is taken for a mistake."""
    paths = [folder / f"{number}-{path.name}" for number in range(times)]
    for one in paths:
        one.write_bytes(path.read_bytes())
    return paths


def checked(root: Format, inputs: Sequence[Path], output: Path, jsroot: Jsroot) -> Verdict:
    """Merge, and compare with both readers; nothing may differ, and our own comparison must say the same."""
    result = root.merge(inputs, output)
    once = {path.read_bytes(): path for path in inputs}  # equal inputs are read once
    verdict = verify([once[path.read_bytes()] for path in inputs], output, jsroot)
    assert verdict.problems == []
    assert root.same_content(inputs, output) == Same()
    assert root.count(output).by_type == result.by_type
    return verdict


@pytest.mark.slow
class TestFilesOfRoot:
    @pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.root")))
    def test_merged_with_themselves(self, root: Format, tmp_path: Path, jsroot: Jsroot, name: str) -> None:
        inputs = copies(DATA / name, tmp_path)
        (tmp_path / "out").mkdir()
        output = tmp_path / "out" / name
        if name in REFUSED:
            with pytest.raises(MergeError, match=REFUSED[name]) as refused:
                root.merge(inputs, output)
            assert inputs[0].name in str(refused.value)
            assert list(output.parent.iterdir()) == []
            return
        verdict = checked(root, inputs, output, jsroot)
        counts = verdict.counts
        if counts["columns by uproot"] > 3 * CROSSED:
            assert counts["columns by jsroot as by uproot"] >= CROSSED

    @pytest.mark.parametrize(
        "names",
        [
            ("6.08.04-zlib", "6.10.05-lz4"),
            ("6.16.00-lzma", "6.20.04-lz4", "6.20.04-uncompressed"),
            ("5.26.00-uncompressed", "5.30.00-lzma"),
        ],
    )
    def test_versions_and_compressions_go_together(
        self, root: Format, tmp_path: Path, jsroot: Jsroot, names: tuple[str, ...]
    ) -> None:
        inputs = [DATA / f"uproot-sample-{name}.root" for name in names]
        verdict = checked(root, inputs, tmp_path / "out.root", jsroot)
        assert verdict.counts["columns by jsroot as by uproot"] > CROSSED


class TestFilesOfUproot:
    """Everything at once: trees, histograms, profiles and RNTuples, in directories."""

    def write(self, path: Path, number: int) -> Path:
        chance = numpy.random.default_rng(number)
        n_entries = 40 + 7 * number
        with uproot.recreate(path) as out:
            tree = out.mktree(
                "run/deep/tracks", {"n": "int32", "p": "float64", "hits": "var * float32", "w": "string"}
            )
            for part in (slice(0, 11), slice(11, n_entries)):
                tree.extend({name: values[part] for name, values in self.table(number, n_entries).items()})
            out["run/events"] = awkward.Array(self.table(number, n_entries))
            out["h1"] = numpy.histogram(chance.normal(size=100), bins=10, range=(-2, 2))
            out["run/h2"] = numpy.histogram2d(
                *chance.normal(size=(2, 100)), bins=(4, 5), range=((-2, 2), (-1, 1))
            )
        return path

    def table(self, number: int, n_entries: int) -> dict[str, Any]:
        rows = range(100 * number, 100 * number + n_entries)
        return {
            "n": numpy.array(rows, "i4"),
            "p": numpy.array([row / 3 for row in rows]),
            "hits": awkward.values_astype(awkward.Array([[row / 2] * (row % 4) for row in rows]), "float32"),
            "w": awkward.Array([f"w{row}" * (row % 3) for row in rows]),
        }

    def test_jsroot_reads_what_was_written(self, root: Format, tmp_path: Path, jsroot: Jsroot) -> None:
        inputs = [self.write(tmp_path / f"in{number}.root", number) for number in range(3)]
        output = tmp_path / "out.root"
        verdict = checked(root, inputs, output, jsroot)
        found = jsroot.read(output)
        assert found.entries == {"run/deep/tracks": 141, "run/events": 141}
        for name in found.entries:
            for column, values in found.columns[name].items():
                if column == "nhits":
                    continue
                written = [
                    row for number in range(3) for row in self.table(number, 40 + 7 * number)[column].tolist()
                ]
                assert values == written, (name, column)
        assert verdict.counts["histograms by jsroot"] == 2

    def test_what_is_lost_doubled_or_moved_is_seen_by_the_comparison(
        self, root: Format, tmp_path: Path, jsroot: Jsroot
    ) -> None:
        """The comparison itself must be able to fail."""
        inputs = [self.write(tmp_path / f"in{number}.root", number) for number in range(3)]
        for number, order in enumerate(
            [inputs[:2], inputs[::-1], [*inputs, self.write(tmp_path / "more.root", 0)]]
        ):
            output = tmp_path / f"out{number}.root"
            root.merge(order, output)
            told = " ".join(verify(inputs, output, jsroot).problems)
            assert "by uproot: run/deep/tracks" in told
            assert "by jsroot as by uproot: run/events" in told
            assert root.same_content(inputs, output) != Same()

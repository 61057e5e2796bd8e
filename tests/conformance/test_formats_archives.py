"""Archives of logs: the shipped suites, and what is particular to them."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from merging import counters
from merging.counters import Counter
from merging.errors import (
    UnplannableInputs,
)
from merging.formats.ports import Format
from merging.formats.zip import INDEX, ZipArchive
from merging.testing import CounterSuite, FormatSuite

# zip


class TestZipArchive(FormatSuite):
    suffix = ".stdout.gz"
    counts = False

    def format(self) -> Format:
        return ZipArchive()

    def write_input(self, path: Path, n_events: int) -> None:
        path.write_text("".join(f"event {number} of {path.name}\n" for number in range(n_events)))

    def read_back(self, path: Path) -> int:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            return sum(archive.read(name).count(b"event") for name in archive.namelist() if name != INDEX)

    def test_the_same_inputs_give_the_same_bytes(self, tmp_path):
        inputs = self.inputs(tmp_path)
        first = self.format().merge(inputs, tmp_path / "first.zip")
        inputs[0].touch()
        inputs[0].chmod(0o600)
        assert self.format().merge(inputs, tmp_path / "second.zip") == first

    @pytest.mark.parametrize("compression", ["stored", "deflated"])
    def test_the_index_tells_size_and_adler32(self, tmp_path, compression):
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)
        ZipArchive(compression=compression).merge(inputs, output)
        with zipfile.ZipFile(output) as archive:
            index = json.loads(archive.read(INDEX))
            assert archive.namelist() == [*(path.name for path in inputs), INDEX]
        assert index["members"] == [
            {
                "name": path.name,
                "size": path.stat().st_size,
                "adler32": str(Adler32(zlib.adler32(path.read_bytes()))),
            }
            for path in inputs
        ]

    def test_two_inputs_of_one_name_are_refused(self, tmp_path):
        paths = [tmp_path / folder / "job.log" for folder in "ab"]
        for path in paths:
            path.parent.mkdir()
            path.write_text("x")
        output = self.output(tmp_path)
        with pytest.raises(UnplannableInputs, match=r"two of the files are called job\.log"):
            self.format().merge(paths, output)
        self.assert_nothing_written(output)

    def test_the_name_of_the_index_is_refused(self, tmp_path):
        path = tmp_path / INDEX
        path.write_text("{}")
        with pytest.raises(UnplannableInputs, match="own list"):
            self.format().merge([path], self.output(tmp_path))


class TestZipCounter(CounterSuite):
    suffix = ".zip"

    def counter(self) -> Counter:
        return counters.count_zip

    def write_file(self, path: Path, n_events: int) -> None:
        members = [{"name": f"log{number}", "size": 3} for number in range(n_events)]
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.writestr(member["name"], "abc")
            archive.writestr(INDEX, json.dumps({"version": 1, "members": members}))

    def write_bad_files(self, directory: Path) -> Mapping[str, Path]:
        plain, lacking, odd = (directory / f"{name}.zip" for name in ("plain", "lacking", "odd"))
        with zipfile.ZipFile(plain, "w") as archive:
            archive.writestr("log", "abc")
        with zipfile.ZipFile(lacking, "w") as archive:
            archive.writestr(INDEX, json.dumps({"version": 1, "members": [{"name": "log", "size": 3}]}))
        with zipfile.ZipFile(odd, "w") as archive:
            archive.writestr(INDEX, "[]")
        return {"no index": plain, "a member is missing": lacking, "an index of another shape": odd}

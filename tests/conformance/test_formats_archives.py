"""Archives of logs: the shipped suites, and what is particular to them."""

from __future__ import annotations

import json
import subprocess
import zipfile
import zlib
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from merging import counters
from merging.counters import Counter
from merging.errors import (
    MemberMissing,
    UnplannableInputs,
    UnreadableInput,
)
from merging.formats import archives
from merging.formats.archiveindex import INDEX, read_member
from merging.formats.archives import TarArchive, ZipArchive
from merging.formats.ports import Format
from merging.testing import CounterSuite, FormatSuite

# zip


class Archives(FormatSuite):
    suffix = ".stdout.gz"
    counts = False

    @abstractmethod
    def contents(self, path: Path) -> dict[str, bytes]:
        """All members in order, read by the programs of the system."""

    def write_input(self, path: Path, n_events: int) -> None:
        path.write_text("".join(f"event {number} of {path.name}\n" for number in range(n_events)))

    def read_back(self, path: Path) -> int:
        return sum(data.count(b"event") for name, data in self.contents(path).items() if name != INDEX)

    def changed(self, path: Path, directory: Path) -> Path:
        directory.mkdir(exist_ok=True)
        other = directory / path.name
        other.write_bytes(path.read_bytes()[:-2] + b"X\n")
        return other

    def test_the_same_inputs_give_the_same_bytes(self, tmp_path):
        inputs = self.inputs(tmp_path)
        first = self.format().merge(inputs, tmp_path / "first")
        inputs[0].touch()
        inputs[0].chmod(0o600)
        assert self.format().merge(inputs, tmp_path / "second") == first

    def test_the_index_tells_size_and_adler32(self, tmp_path):
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        contents = self.contents(output)
        assert list(contents) == [*(path.name for path in inputs), INDEX]
        assert json.loads(contents[INDEX])["members"] == [
            {
                "name": path.name,
                "size": path.stat().st_size,
                "adler32": str(Adler32(zlib.adler32(path.read_bytes()))),
                "crc32": f"{zlib.crc32(path.read_bytes()):08x}",
            }
            for path in inputs
        ]

    def test_one_member_is_read_without_the_others(self, tmp_path):
        inputs = self.inputs(tmp_path, (300, 7, 300))
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        assert read_member(output, inputs[1].name) == inputs[1].read_bytes()
        with pytest.raises(MemberMissing, match="has no member nothing"):
            read_member(output, "nothing")
        data = output.read_bytes()
        output.write_bytes(data[:600] + bytes(8) + data[608:])  # inside the first member
        assert read_member(output, inputs[1].name) == inputs[1].read_bytes()
        with pytest.raises(UnreadableInput, match=output.name):
            read_member(output, inputs[0].name)

    def test_a_member_that_changes_while_it_is_read_is_refused(self, tmp_path, monkeypatch):
        inputs = self.inputs(tmp_path)
        monkeypatch.setattr(archives, "blocks", lambda path: iter([memoryview(b"other")]))
        output = self.output(tmp_path)
        with pytest.raises(UnreadableInput, match="has changed: 5 bytes read of"):
            self.format().merge(inputs, output)
        self.assert_nothing_written(output)

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


class TestZipArchive(Archives):
    def format(self) -> Format:
        return ZipArchive()

    def contents(self, path: Path) -> dict[str, bytes]:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}


class TestZipOfPackedFiles(TestZipArchive):
    def format(self) -> Format:
        return ZipArchive(compression="stored")


class TestTarArchive(Archives):
    def format(self) -> Format:
        return TarArchive()

    def contents(self, path: Path) -> dict[str, bytes]:
        names = subprocess.run(
            ["tar", "-tf", path], capture_output=True, check=True, text=True
        ).stdout.split()
        return {
            name: subprocess.run(["tar", "-xOf", path, name], capture_output=True, check=True).stdout
            for name in names
        }

    def test_long_names_are_kept(self, tmp_path):
        path = tmp_path / ("x" * 200 + ".log")
        path.write_text("long")
        self.format().merge([path], tmp_path / "merged.tar")
        assert list(self.contents(tmp_path / "merged.tar")) == [path.name, INDEX]


class TestZipCounter(CounterSuite):
    suffix = ".zip"

    def counter(self) -> Counter:
        return counters.count_zip

    def write_file(self, path: Path, n_events: int) -> None:
        members = [{"name": f"log{number}", "size": 3, "adler32": "024d0127"} for number in range(n_events)]
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.writestr(member["name"], "abc")
            archive.writestr(INDEX, json.dumps({"version": 1, "members": members}))

    def write_bad_files(self, directory: Path) -> Mapping[str, Path]:
        plain, lacking, odd = (directory / f"{name}.zip" for name in ("plain", "lacking", "odd"))
        with zipfile.ZipFile(plain, "w") as archive:
            archive.writestr("log", "abc")
        with zipfile.ZipFile(lacking, "w") as archive:
            archive.writestr(
                INDEX, json.dumps({"version": 1, "members": [{"name": "log", "size": 3, "adler32": "1"}]})
            )
        with zipfile.ZipFile(odd, "w") as archive:
            archive.writestr(INDEX, "[]")
        return {"no index": plain, "a member is missing": lacking, "an index of another shape": odd}

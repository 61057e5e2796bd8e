"""Archives of logs: the shipped suites, and what is particular to them."""

from __future__ import annotations

import json
import random
import subprocess
import zipfile
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from merging import counters
from merging.counters import Counter
from merging.errors import (
    ArchiveBroken,
    MemberDiffers,
    MemberMissing,
    MergeError,
    UnplannableInputs,
    UnreadableInput,
)
from merging.formats import archives
from merging.formats.archiveindex import INDEX, index_of, read_member
from merging.formats.archives import TarArchive, ZipArchive
from merging.formats.ports import Format
from merging.testing import CounterSuite, IndexSuite
from transfers.backends.posix import PosixStorage
from transfers.ranged import RangedFile

# zip


class Archives(IndexSuite):
    suffix = ".stdout.gz"
    counts = False

    @abstractmethod
    def contents(self, path: Path) -> dict[str, bytes]:
        """All members in order, read by the programs of the system."""

    def members(self, path: Path) -> list[str]:
        return list(self.contents(path))

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

    def test_an_index_of_version_1_is_read(self, tmp_path):
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)

        def old(members, archive, gaps):
            kept = [{key: one[key] for key in ("name", "size", "adler32")} for one in members]
            return json.dumps({"version": 1, "members": kept}, indent=1).encode()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archives, "written", old)
            self.format().merge(inputs, output)
        assert index_of(output).version == 1
        assert read_member(output, inputs[1].name) == inputs[1].read_bytes()

    def test_an_index_that_says_other_sums_is_a_difference(self, tmp_path):
        inputs = self.inputs(tmp_path)
        output = self.output(tmp_path)
        true = archives.written

        def wrong(members, archive, gaps):
            return true([{**members[0], "adler32": "00000001"}, *members[1:]], archive, gaps)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archives, "written", wrong)
            self.format().merge(inputs, output)
        (text,) = self.format().same_content(inputs, output).where
        assert "is not what the index says" in text
        with pytest.raises(MemberDiffers, match="not what the index says"):
            read_member(output, inputs[0].name)

    def test_an_archive_in_an_archive_is_read_in_its_place(self, tmp_path):
        inner, outer = [tmp_path / f"run{n}{self.suffix}" for n in range(2)], tmp_path / "all"
        inputs = self.inputs(tmp_path, (300, 7, 300))
        for path in inner:
            self.format().merge(inputs, path)
        ZipArchive(compression="stored").merge(inner, outer)
        name = inputs[1].name
        assert read_member(outer, name, within=[inner[1].name]) == inputs[1].read_bytes()
        assert len(index_of(outer, within=[inner[0].name]).members) == 3
        counted = [member.about.get("members") for member in index_of(outer).members]
        assert counted == ([3, 3] if isinstance(self.format(), ZipArchive) else [None, None])
        with pytest.raises(MemberMissing, match=f"{inner[0].name}: has no member nothing"):
            read_member(outer, "nothing", within=[inner[0].name])
        with pytest.raises(MemberMissing, match="has no member nowhere"):
            read_member(outer, name, within=["nowhere"])

    def test_a_member_that_changes_while_it_is_read_is_refused(self, tmp_path, monkeypatch):
        inputs = self.inputs(tmp_path)
        monkeypatch.setattr(archives, "blocks", lambda path: iter([memoryview(b"other")]))
        output = self.output(tmp_path)
        with pytest.raises(UnreadableInput, match="has changed: 5 bytes read of"):
            self.format().merge(inputs, output)
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


def ranged(path: Path, **options: int) -> RangedFile:
    """The file as a remote one."""
    storage = PosixStorage(path.parent).storage()
    return RangedFile(storage, f"/{path.name}", path.stat().st_size, **options)


def logs(directory: Path, number: int, size: int) -> list[Path]:
    """Logs that no packing makes smaller."""
    chance = random.Random(number)
    directory.mkdir()
    paths = [directory / f"prod.275678-{11000 + n}-0.stdout.gz" for n in range(number)]
    for path in paths:
        path.write_bytes(chance.randbytes(size))
    return paths


def test_a_log_comes_with_few_requests_from_an_archive_within_an_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 40_000)  # with the large numbers of archives above 4 GB
    stored = ZipArchive(compression="stored")
    runs = []
    for run in range(3):
        inputs = logs(tmp_path / f"{run}", 300, 5000)
        runs.append(tmp_path / f"prod.{run}.zip")
        stored.merge(inputs, runs[-1])
    production = tmp_path / "production.zip"
    stored.merge(runs, production)
    assert b"PK\6\7" in production.read_bytes()[-200:]  # the mark of zip64
    wanted = tmp_path / "1" / "prod.275678-11123-0.stdout.gz"
    alone = ranged(runs[1])
    assert read_member(alone, wanted.name, "run") == wanted.read_bytes()
    assert alone.requests <= 3
    within = ranged(production)
    assert read_member(within, wanted.name, "all", [runs[1].name]) == wanted.read_bytes()
    assert within.requests <= 5
    small = ranged(production, block=1000)  # the same, whatever the blocks
    assert read_member(small, wanted.name, "all", [runs[1].name]) == wanted.read_bytes()


def test_a_packed_archive_within_an_archive_cannot_be_entered(tmp_path):
    inputs = logs(tmp_path / "logs", 3, 50)
    run = tmp_path / "run.zip"
    ZipArchive().merge(inputs, run)
    ZipArchive().merge([run], tmp_path / "all.zip")
    with pytest.raises(MergeError, match=r"member run\.zip is packed"):
        read_member(tmp_path / "all.zip", inputs[0].name, within=["run.zip"])


@pytest.mark.parametrize("lost", [1, 30, 2000])
def test_a_truncated_archive_is_called_so(tmp_path, lost):
    inputs = logs(tmp_path / "logs", 30, 500)
    run = tmp_path / "run.zip"
    ZipArchive().merge(inputs, run)
    run.write_bytes(run.read_bytes()[:-lost])
    for source in (run, ranged(run)):
        with pytest.raises(ArchiveBroken, match=r"run: no archive with an index, or a part of one"):
            read_member(source, inputs[0].name, "run")


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

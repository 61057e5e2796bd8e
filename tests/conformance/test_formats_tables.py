"""Parquet and HDF5: the shipped suite, and what is particular to them."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from merging.errors import DifferentSchemas, MergeError, ToolMissing, UnreadableInput
from merging.formats.hdf5 import Hdf5
from merging.formats.parquet import Parquet
from merging.formats.ports import Format
from merging.model import Different, Same
from merging.testing import FormatSuite
from tests.conformance.formats import written

h5py = pytest.importorskip("h5py")
numpy = pytest.importorskip("numpy")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


class Tables(FormatSuite):
    def write_bad_inputs(self, directory: Path) -> Mapping[str, Path]:
        good = directory / f"good{self.suffix}"
        self.write_input(good, 40)
        data = good.read_bytes()
        contents = {
            "zero-length": b"",
            "text": b"some text, not a table\n" * 20,
            "truncated": data[:-9],
            "half": data[: len(data) // 2],
        }
        return written(directory, contents, self.suffix)


class TestParquet(Tables):
    suffix = ".parquet"

    def format(self) -> Format:
        return Parquet()

    def table(self, n_events: int, seed: int = 0, **more):
        random = numpy.random.default_rng(seed)
        columns = {
            "event": pyarrow.array(range(n_events), "int64"),
            "e": pyarrow.array(
                [float("nan") if number % 3 else number for number in range(n_events)], "float64"
            ),
            "hits": pyarrow.array(
                [[seed, number] for number in range(n_events)], pyarrow.list_(pyarrow.int32())
            ),
            "w": pyarrow.array(random.normal(size=n_events)),
        }
        return pyarrow.table(columns | more)

    def write_input(self, path: Path, n_events: int) -> None:
        table = self.table(n_events, zlib.crc32(path.name.encode()) % 1000)
        parquet.write_table(table, path, compression="zstd", row_group_size=100)

    def read_back(self, path: Path) -> int:
        return int(parquet.read_table(path).num_rows)

    def test_row_groups_and_compression_stay(self, tmp_path):
        inputs = self.inputs(tmp_path, (250, 0, 30))
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        metadata = parquet.ParquetFile(output).metadata
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        assert [group.num_rows for group in groups] == [100, 100, 50, 30]
        assert {group.column(0).compression for group in groups} == {"ZSTD"}
        whole = pyarrow.concat_tables([parquet.read_table(path) for path in inputs])
        assert repr(parquet.read_table(output).to_pylist()) == repr(whole.to_pylist())

    def test_portions_of_any_size_are_compared(self, tmp_path, monkeypatch):
        monkeypatch.setattr("merging.formats.parquet._AT_ONCE", 7)
        inputs = self.inputs(tmp_path, (25, 3, 110))
        output = self.output(tmp_path)
        self.format().merge(inputs, output)
        assert self.format().same_content(inputs, output) == Same()
        answer = self.format().same_content(inputs[:2], output)
        assert isinstance(answer, Different)
        assert "110 rows go on" in answer.where[0]

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"extra": [1, 2, 3]}, "has extra: int64"),
            ({"event": ["1", "2", "3"]}, "lacks event: int64 and has event: string"),
        ],
    )
    def test_another_schema_is_refused(self, tmp_path, columns, said):
        other = tmp_path / "other.parquet"
        parquet.write_table(
            self.table(3, **{name: pyarrow.array(data) for name, data in columns.items()}), other
        )
        output = self.output(tmp_path)
        with pytest.raises(
            DifferentSchemas, match=rf"other\.parquet: has another schema than .*in0.*: {said}"
        ):
            self.format().merge([*self.inputs(tmp_path), other], output)
        self.assert_nothing_written(output)

    def test_another_unit_of_a_column_is_refused(self, tmp_path):
        inputs = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
        for path, unit in zip(inputs, ("GeV", "MeV"), strict=True):
            field = pyarrow.field("e", pyarrow.int64(), metadata={"unit": unit})
            parquet.write_table(pyarrow.table([[1]], schema=pyarrow.schema([field])), path)
        output = self.output(tmp_path)
        with pytest.raises(DifferentSchemas, match=r"two\.parquet: .* has e: int64 .*MeV"):
            self.format().merge(inputs, output)
        self.assert_nothing_written(output)
        assert self.format().merge(inputs[:1], output).n_events == 1
        assert self.format().same_content(inputs[:1], output) == Same()

    def test_without_pyarrow_the_advice_is_what_to_install(self, tmp_path, monkeypatch):
        self.inputs(tmp_path)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(ToolMissing, match=r"pip install 'ddm\[parquet\]'"):
            Parquet().count(tmp_path / "in0.parquet")


class TestHdf5(Tables):
    suffix = ".h5"

    def format(self) -> Format:
        return Hdf5(events="run/hits")

    def write_input(self, path: Path, n_events: int) -> None:
        seed = zlib.crc32(path.name.encode()) % 1000
        random = numpy.random.default_rng(seed)
        with h5py.File(path, "w") as file:
            file.attrs["experiment"] = "NA58"
            group = file.create_group("run")
            group.attrs["energies"] = numpy.array([160.0, float("nan")])
            hits = group.create_dataset(
                "hits",
                data=random.normal(size=(n_events, 3)),
                maxshape=(None, 3),
                chunks=(8, 3),
                compression="gzip",
            )
            hits.attrs["unit"] = "mm"
            group.create_dataset(
                "names", data=[f"{seed}-{number}" for number in range(n_events)], dtype=h5py.string_dtype()
            )
            group.create_dataset("two", data=numpy.full(2 * n_events, numpy.nan, "f4"))
            group.create_dataset("version", data=7)

    def read_back(self, path: Path) -> int:
        with h5py.File(path) as file:
            assert file["run/version"][()] == 7
            assert len(file["run/names"]) == len(file["run/hits"])
            return len(file["run/hits"][:])

    def test_rows_attributes_and_filters_are_there(self, tmp_path):
        inputs = self.inputs(tmp_path, (20, 0, 3))
        output = self.output(tmp_path)
        result = self.format().merge(inputs, output)
        assert result.by_type == {"run/hits": 23, "run/names": 23, "run/two": 46}
        rows = []
        for path in inputs:
            with h5py.File(path) as file:
                rows.append(file["run/hits"][:])
        with h5py.File(output) as file:
            assert file["run/hits"][:].tolist() == numpy.concatenate(rows).tolist()
            assert (file["run/hits"].compression, file["run/hits"].chunks) == ("gzip", (8, 3))
            assert file["run/hits"].attrs["unit"] == "mm"
            assert file.attrs["experiment"] == "NA58"

    def test_without_a_name_events_are_the_rows_that_all_have(self, tmp_path):
        path = tmp_path / "a.h5"
        with h5py.File(path, "w") as file:
            file["x"], file["y"] = [1, 2, 3], [4, 5, 6]
        assert Hdf5().count(path).n_events == 3
        with h5py.File(path, "a") as file:
            file["z"] = [1]
        assert Hdf5().count(path).n_events is None
        with pytest.raises(UnreadableInput, match="has no dataset 'e' to count the events by"):
            Hdf5(events="e").count(path)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda file: file.create_dataset("extra", data=[1]), "'extra' is int64, in .* it is not there"),
            (lambda file: file["run/hits"].attrs.modify("unit", "cm"), "attribute 'unit' of 'run/hits'"),
            (lambda file: file.attrs.create("new", 1), "attribute 'new' of '/'"),
            (
                lambda file: file["run/version"].write_direct(numpy.array(8)),
                "'run/version' holds another value",
            ),
            (lambda file: file.pop("run/two"), "'run/two' is not there"),
        ],
    )
    def test_another_layout_is_refused(self, tmp_path, change, said):
        other = tmp_path / "other.h5"
        self.write_input(other, 3)
        with h5py.File(other, "a") as file:
            change(file)
        output = self.output(tmp_path)
        with pytest.raises(DifferentSchemas, match=rf"other\.h5: .*{said}"):
            self.format().merge([*self.inputs(tmp_path), other], output)
        self.assert_nothing_written(output)

    @pytest.mark.parametrize(
        "dtype",
        [
            lambda good, bad: h5py.enum_dtype({"good": good, "bad": bad}, "i1"),
            lambda good, bad: [("n", "i4"), ("flag", h5py.enum_dtype({"good": good, "bad": bad}, "i1"))],
        ],
    )
    def test_other_meanings_of_the_same_numbers_are_refused(self, tmp_path, dtype):
        inputs = [tmp_path / "one.h5", tmp_path / "two.h5"]
        for path, (good, bad) in zip(inputs, ((0, 1), (1, 0)), strict=True):
            with h5py.File(path, "w") as file:
                file.create_dataset("flags", shape=(3,), dtype=dtype(good, bad))
        output = self.output(tmp_path)
        with pytest.raises(DifferentSchemas, match=r"two\.h5: 'flags' is .*'good': 1"):
            Hdf5().merge(inputs, output)
        self.assert_nothing_written(output)

    @pytest.mark.parametrize(
        "link", [h5py.SoftLink("/run/hits"), h5py.ExternalLink("a.h5", "/x"), numpy.dtype("f8")]
    )
    def test_links_and_named_types_are_refused(self, tmp_path, link):
        path = tmp_path / "linked.h5"
        with h5py.File(path, "w") as file:
            file["thing"] = link
        with pytest.raises(MergeError, match=r"linked\.h5: 'thing' is a .*cannot be merged"):
            self.format().merge([path], self.output(tmp_path))

    def test_references_are_refused(self, tmp_path):
        path = tmp_path / "refs.h5"
        with h5py.File(path, "w") as file:
            file["x"] = [1]
            file.create_dataset("refs", data=[file["x"].ref], dtype=h5py.ref_dtype)
        with pytest.raises(MergeError, match="'refs' holds references"):
            self.format().merge([path], self.output(tmp_path))

    def test_without_h5py_the_advice_is_what_to_install(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "h5py", None)
        with pytest.raises(ToolMissing, match=r"pip install 'ddm\[hdf5\]'"):
            Hdf5().count(tmp_path)

"""RNTuples merged by copying pages: read back by uproot, refused where broken or not to be merged."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merging.errors import DifferentSchemas, NotCopyable, UnreadableInput
from merging.registry import find_format
from merging.rootio.file import Found, RootFile
from merging.rootio.ntuple import merge, pages
from merging.rootio.ntuple.anchor import STREAMER, Anchor
from merging.rootio.ntuple.kind import TUPLES
from merging.rootio.ntuple.metadata import Header, Page
from merging.rootio.ntuple.tuples import Tuple
from merging.rootio.ntuple.wire import Cursor, Locator, Unsupported, envelope, listing, opened, record
from tests.rootfiles import DATA, differences, each, joined

uproot = pytest.importorskip("uproot")
awkward = pytest.importorskip("awkward")


@cache
def table() -> Any:
    """Entries with numbers, jagged numbers, words and lists of records, all of them different."""
    numbers = range(2100)
    return awkward.Array(
        {
            "n": awkward.values_astype(awkward.Array(list(numbers)), "int32"),
            "x": awkward.Array([i / 7 for i in numbers]),
            "hits": awkward.Array([[j + i for j in range(i % 4)] for i in numbers]),
            "word": awkward.Array([f"event {i}" * (i % 3) for i in numbers]),
            "tracks": awkward.Array([[{"p": i + j / 2, "q": -j} for j in range(i % 3)] for i in numbers]),
        }
    )


def write(path: Path, parts: Sequence[tuple[int, int]], name: str = "events", mode: str = "recreate") -> Path:
    """A tuple with a cluster for each part: number of its first entry and how many."""
    with getattr(uproot, mode)(path) as out:
        made = out.mkrntuple(name, table().layout.form)
        for start, n_entries in parts:
            if n_entries:
                made.extend(awkward.to_packed(table()[start : start + n_entries]))
    return path


def values(path: Path, name: str = "events") -> list[Any]:
    with uproot.open(path) as file:
        return list(file[name].arrays().tolist())


def tuple_of(path: Path, use: Any = lambda found: found) -> Any:
    """What ``use`` gives for the one tuple of a file."""
    (one,) = each(path, lambda file, found: use(Tuple(file, found))).values()
    return one


class TestMetadata:
    @given(st.binary(max_size=60), st.integers(0, 3), st.data())
    def test_an_envelope_with_any_byte_changed_is_refused(self, body: bytes, kind: int, data: Any) -> None:
        whole = envelope(kind, body)
        assert opened(whole, kind)[0].rest() == body
        at = data.draw(st.integers(0, len(whole) - 1))
        other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
        with pytest.raises(ValueError):
            opened(whole[:at] + bytes([other]) + whole[at + 1 :], kind)

    @given(st.integers(0, 1 << 62), st.integers(0, 1 << 62))
    def test_locators_are_read_as_written(self, size: int, offset: int) -> None:
        encoded = Locator(size, offset).encoded()
        cursor = Cursor(encoded)
        assert cursor.locator() == Locator(size, offset)
        cursor.finished()
        assert len(encoded) == (12 if size < 1 << 31 else 20)

    def test_a_locator_that_is_no_place_in_a_file_is_refused(self) -> None:
        with pytest.raises(Unsupported, match="type 2"):
            Cursor(struct.pack("<iQ", -(2 << 24 | 12), 0)).locator()

    @given(st.binary(max_size=40))
    def test_what_is_no_metadata_is_a_value_error_at_worst(self, data: bytes) -> None:
        for read in (Cursor.text, Cursor.record, Cursor.listing, Cursor.locator, lambda c: list(c.records())):
            with suppress(ValueError):
                read(Cursor(data))

    def test_only_the_writer_may_differ_in_headers(self) -> None:
        def header(name: str, text: str, writer: str) -> Header:
            words = b"".join(struct.pack("<I", len(word)) + word.encode() for word in (name, text, writer))
            return Header.read(envelope(1, bytes(8) + words + listing([]) * 4))[0]

        one = header("events", "of May", "ROOT v6.36.00")
        assert one.identity == header("events", "of May", "uproot 5.7").identity
        assert one.identity != header("events", "of June", "ROOT v6.36.00").identity
        assert one.identity != header("tracks", "of May", "ROOT v6.36.00").identity

    def test_features_of_newer_versions_are_refused(self) -> None:
        body = struct.pack("<Q", 1) + bytes(12) + listing([]) * 4
        with pytest.raises(Unsupported, match="feature flags 0x1"):
            Header.read(envelope(1, body))
        body = bytes(8) + bytes(12) + listing([]) * 4 + record(b"new")
        with pytest.raises(Unsupported, match=r"more than version 1\.0 has"):
            Header.read(envelope(1, body))

    def test_the_anchor_is_written_as_root_writes_it(self) -> None:
        for path in sorted(DATA.glob("*rntuple*.root")):
            for data in each(path, lambda file, found: file.payload(found.key)).values():
                assert Anchor.read(data).encoded() == data

    def test_its_streamer_is_that_of_root_and_in_every_merged_file(self, tmp_path: Path) -> None:
        def told(path: Path) -> list[Any]:
            with RootFile(path) as file:
                return [info for info in file.streamers() if info.classname == STREAMER.classname]

        assert told(DATA / "test_bit_rntuple_v1-0-0-0.root") == [STREAMER]
        assert told(write(tmp_path / "in.root", [(0, 3)])) == []
        joined([tmp_path / "in.root"], tmp_path / "out.root")
        assert told(tmp_path / "out.root") == [STREAMER]


class TestMerging:
    @pytest.mark.parametrize("counts", [(3, 0, 5), (0, 0), (1,) * 20, (4,)])
    def test_all_entries_follow_one_another(self, tmp_path: Path, counts: tuple[int, ...]) -> None:
        inputs = [
            write(tmp_path / f"{number}.root", [(100 * number, count)]) for number, count in enumerate(counts)
        ]
        size, _ = joined(inputs, tmp_path / "out.root")
        assert size == (tmp_path / "out.root").stat().st_size
        assert values(tmp_path / "out.root") == [entry for path in inputs for entry in values(path)]
        assert each(tmp_path / "out.root", TUPLES.entries) == {"events": sum(counts)}
        assert differences(inputs, tmp_path / "out.root") == []

    def test_several_clusters_and_directories(self, tmp_path: Path) -> None:
        inputs = []
        for number in range(3):
            path = write(tmp_path / f"{number}.root", [(0, 7), (20 * number, 4), (5, 9)], "deep/down/one")
            inputs.append(write(path, [(number, 2)], "two", mode="update"))
        joined(inputs, tmp_path / "out.root")
        for name in ("deep/down/one", "two"):
            assert values(tmp_path / "out.root", name) == [
                entry for path in inputs for entry in values(path, name)
            ]

    def test_a_merged_file_can_be_merged_again(self, tmp_path: Path) -> None:
        inputs = [write(tmp_path / f"{number}.root", [(number, 5)]) for number in range(4)]
        joined(inputs[:2], tmp_path / "a.root")
        joined(inputs[2:], tmp_path / "b.root")
        joined([tmp_path / "a.root", tmp_path / "b.root"], tmp_path / "out.root")
        joined(inputs, tmp_path / "at_once.root")
        assert values(tmp_path / "out.root") == values(tmp_path / "at_once.root")

    def test_page_lists_of_all_inputs_are_one_until_they_are_long(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inputs = [write(tmp_path / f"{number}.root", [(number, 5), (9, 2)]) for number in range(6)]
        joined(inputs, tmp_path / "one.root")
        assert tuple_of(tmp_path / "one.root", lambda found: len(found.footer.groups)) == 1
        monkeypatch.setattr(merge, "LONGEST_LIST", 500)
        joined(inputs, tmp_path / "many.root")
        assert tuple_of(tmp_path / "many.root", lambda found: len(found.footer.groups)) > 2
        assert values(tmp_path / "many.root") == values(tmp_path / "one.root")

    @pytest.mark.parametrize("span", [40, 200, 1000])
    def test_pages_larger_than_what_is_read_at_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, span: int
    ) -> None:
        inputs = [write(tmp_path / f"{number}.root", [(number, 50), (3, 20)]) for number in range(2)]
        joined(inputs, tmp_path / "one.root")
        monkeypatch.setattr(pages, "SPAN", span)
        joined(inputs, tmp_path / "other.root")
        assert values(tmp_path / "other.root") == values(tmp_path / "one.root")
        assert differences(inputs, tmp_path / "other.root") == []

    def test_files_of_two_versions_of_root_go_together(self, tmp_path: Path) -> None:
        inputs = [DATA / f"ntpl001_staff_rntuple_v1-0-{minor}-0.root" for minor in (0, 1)]
        assert len({tuple_of(path, lambda found: found.header.writer) for path in inputs}) == 2
        joined(inputs, tmp_path / "out.root")
        assert values(tmp_path / "out.root", "Staff") == [
            entry for path in inputs for entry in values(path, "Staff")
        ]

    def test_elements_are_counted_over_all_representations_of_a_field(self, tmp_path: Path) -> None:
        """Its clusters take turns in two column types, and none of the columns sees all elements."""
        path = DATA / "test_multiple_representations_rntuple_v1-0-0-0.root"
        joined([path] * 3, tmp_path / "out.root")
        assert values(tmp_path / "out.root", "ntuple") == values(path, "ntuple") * 3
        offsets = tuple_of(
            tmp_path / "out.root",
            lambda found: [
                column.offset
                for cluster in found.clusters()
                for column in cluster.columns
                if column.offset is not None
            ],
        )
        assert offsets == list(range(9))


class TestRefusals:
    def test_another_table_is_named(self, tmp_path: Path) -> None:
        one = write(tmp_path / "one.root", [(0, 5)])
        with uproot.recreate(tmp_path / "other.root") as out:
            out.mkrntuple("events", {"n": "int32", "energy": "float64"})
        for inputs, missing in (
            ([one, tmp_path / "other.root"], "x"),
            ([tmp_path / "other.root", one], "energy"),
        ):
            with pytest.raises(
                DifferentSchemas, match=rf"{inputs[1].name}: .*{inputs[0].name}: field '{missing}'"
            ):
                joined(inputs, tmp_path / f"{missing}.root")

    def test_columns_added_late_are_refused(self, tmp_path: Path) -> None:
        path = DATA / "test_extension_columns_rntuple_v1-0-0-0.root"
        with pytest.raises(NotCopyable, match=rf"{path.name}.*'intvec_field' was added late, at element 400"):
            joined([path, path], tmp_path / "out.root")
        assert each(path, TUPLES.entries) == {"ntuple": 600}

    @pytest.mark.parametrize(
        "name", ["ntpl001_staff_rntuple_v1-0-1-0.root", "test_bit_rntuple_v1-0-0-0.root"]
    )
    def test_every_changed_byte_of_data_or_metadata_is_seen(self, tmp_path: Path, name: str) -> None:
        """Page list, footer, header and anchor have checksums, and the pages that ROOT writes."""
        path = DATA / name
        whole = path.read_bytes()
        for what, place in places(path).items():
            broken = tmp_path / "broken.root"
            changed = bytearray(whole)
            changed[place.offset + place.size // 2] ^= 0x10
            broken.write_bytes(changed)
            with pytest.raises(UnreadableInput, match=r"broken\.root: .* at offset \d+") as refused:
                joined([path, broken], tmp_path / f"{what}.root")
            if what.startswith("page "):
                assert str(refused.value).endswith(f"at offset {place.offset}")


def places(path: Path) -> dict[str, Locator]:
    """Where the parts of the one tuple are, by what they are."""

    def parts(file: RootFile, found: Found) -> dict[str, Locator]:
        table = Tuple(file, found)
        key = found.key
        result = {
            "anchor": Locator(key.nbytes - key.keylen, key.seek + key.keylen),
            "header": table.anchor.header,
            "footer": table.anchor.footer,
        }
        for number, group in enumerate(table.footer.groups):
            result[f"list {number}"] = group.page_list
        every: list[Page] = [
            page for cluster in table.clusters() for column in cluster.columns for page in column.pages
        ]
        for number, page in enumerate(every):
            assert page.checked
            result[f"page {number}"] = page.locator
        return result

    (found,) = each(path, parts).values()
    return dict(found)


def test_pages_of_another_algorithm_are_refused_where_one_is_asked_for(tmp_path: Path) -> None:
    path = DATA / "ntpl001_staff_rntuple_v1-0-1-0.root"
    find_format("root", {"compression": "zstd:5"}).merge([path], tmp_path / "out.root")
    assert values(tmp_path / "out.root", "Staff") == values(path, "Staff")
    with pytest.raises(NotCopyable, match=rf"{path.name}.*at offset \d+ are not compressed by zlib"):
        find_format("root", {"compression": "zlib:1"}).merge([path], tmp_path / "other.root")


class TestSameness:
    @pytest.fixture
    def inputs(self, tmp_path: Path) -> list[Path]:
        return [write(tmp_path / f"{number}.root", [(10 * number, 6), (3, 4)]) for number in range(3)]

    def test_what_was_merged_is_the_same(self, tmp_path: Path, inputs: list[Path]) -> None:
        joined(inputs, tmp_path / "out.root")
        assert differences(inputs, tmp_path / "out.root") == []

    @pytest.mark.parametrize("order", [(1, 0, 2), (0, 1), (0, 1, 2, 2), (0, 1, 1), (0, 0, 2)])
    def test_what_is_lost_doubled_or_in_another_order_is_seen(
        self, tmp_path: Path, inputs: list[Path], order: tuple[int, ...]
    ) -> None:
        joined([inputs[number] for number in order], tmp_path / "out.root")
        assert differences(inputs, tmp_path / "out.root")

    def test_the_field_that_differs_is_named(self, tmp_path: Path) -> None:
        """Two files that differ in one number."""
        for name, value in (("one", 5), ("two", 6)):
            with uproot.recreate(tmp_path / f"{name}.root") as out:
                out["t"] = awkward.Array({"m": [1, value], "n": [1, 2]})
        joined([tmp_path / "one.root"], tmp_path / "out.root")
        (told,) = differences([tmp_path / "two.root"], tmp_path / "out.root")
        assert "'m'" in told
        assert "two.root" in told

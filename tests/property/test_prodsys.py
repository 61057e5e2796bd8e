"""Dumps: whatever was written is read back, a cut one is never taken for a whole one, garbage is refused."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import BadInput
from ddm.sources.prodsys import dump
from ddm.sources.prodsys.mapping import CAUSES, Mapper, production
from ddm.sources.prodsys.names import RawNames, constants_of
from ddm.sources.prodsys.rows import BadRow, JobRow, TaskRow, job_row
from tests.prodsys_world import experience, literal

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
VALUE = st.one_of(
    st.none(), st.integers(-(2**63), 2**63), TEXT, st.sampled_from(["'", "\\", "\\'", "');", "--"])
)
ROWS = st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=12)
COLUMNS = ("id", "a b", "c`d")


def doubled(value: str | int | None) -> str:
    """A value as the server writes it when quotes are doubled rather than escaped."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return literal(value)


def written(rows: Sequence[Sequence[str | int | None]], style: str) -> bytes:
    write = doubled if style == "doubled" else literal
    texts = ["(" + ",".join(write(value) for value in row) + ")" for row in rows]
    names = ",\n".join("  `{}` varchar(300)".format(name.replace("`", "``")) for name in COLUMNS)
    create = "CREATE TABLE `other` (\n  `x` int\n);\nCREATE TABLE `t` (\n"
    create += f"{names},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
    if style == "single":
        inserts = "".join(f"INSERT INTO `t` VALUES {text};\n" for text in texts)
    elif style == "named":
        inserts = f'REPLACE INTO "t" (`id`, `a b`, `c``d`) VALUES {" , ".join(texts)} ;\n'
    else:
        inserts = "INSERT INTO `other` VALUES ('(t'';');\nINSERT INTO `t` VALUES " + ",\n".join(texts) + ";\n"
    heading = "-- MySQL dump 10.13\n\n/*!40101 SET NAMES utf8mb4 */;\n"
    return (heading + create + inserts + "UNLOCK TABLES;\n-- Dump completed\n").encode()


def read(data: bytes, block: int = dump.BLOCK) -> list[dump.Row]:
    with tempfile.TemporaryDirectory() as place, patch.object(dump, "BLOCK", block):
        path = Path(place) / "dump.sql"
        path.write_bytes(data)
        return list(dump.rows(path, "t", COLUMNS))


@given(ROWS, st.sampled_from(["escaped", "doubled", "single", "named"]), st.integers(1, 400))
def test_what_is_dumped_is_read_back_whatever_the_blocks(
    rows: list[tuple[str | int | None, ...]], style: str, block: int
) -> None:
    assert read(written(rows, style), block) == rows


@given(ROWS, st.data())
def test_a_cut_dump_is_never_taken_for_a_whole_one(
    rows: list[tuple[str | int | None, ...]], data: st.DataObject
) -> None:
    whole = written(rows, "escaped")
    cut = whole[: data.draw(st.integers(0, whole.rindex(dump.ENDING) + len(dump.ENDING) - 1))]
    try:
        read(cut)
    except BadInput:
        return
    raise AssertionError(cut)


@given(ROWS, st.data())
def test_a_cut_gzip_is_never_taken_for_a_whole_one(
    rows: list[tuple[str | int | None, ...]], data: st.DataObject
) -> None:
    whole = gzip.compress(written(rows, "escaped"))
    try:
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])
    except BadInput:
        return
    raise AssertionError


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"INSERT INTO `t` VALUES ", b"-- MySQL dump\nCREATE TABLE t ("]),
)
def test_garbage_is_refused_in_one_sentence(garbage: bytes, before: bytes) -> None:
    with suppress(BadInput):  # and nothing else
        read(before + garbage)


@given(ROWS, st.data())
def test_a_damaged_dump_is_read_or_refused_and_nothing_else(
    rows: list[tuple[str | int | None, ...]], data: st.DataObject
) -> None:
    whole = bytearray(written(rows, "escaped"))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadInput):
        read(bytes(whole), 64)


WORLD = experience()
WORDS = sorted({value for row in WORLD.jobs for value in row.values() if isinstance(value, str)})


@settings(max_examples=300)
@given(st.data())
def test_any_row_is_understood_refused_or_no_row_at_all(data: st.DataObject) -> None:
    """Every column of a real row may hold anything: the mapping names a cause it knows, and never breaks."""
    tasks = {
        row["id"]: production(
            TaskRow(*(row.get(name) for name in TaskRow._fields)), "prodsys", constants_of({})
        )
        for row in WORLD.tasks
        if row["id"] not in (10, 11)
    }
    mapper = Mapper(tasks, RawNames(("/castor/cern.ch/compass/",)))
    row = dict(data.draw(st.sampled_from(WORLD.jobs)))
    anything = st.one_of(st.none(), st.integers(-5, 300000), st.text(max_size=20), st.sampled_from(WORDS))
    for name in data.draw(st.lists(st.sampled_from(JobRow._fields), max_size=4)):
        row[name] = data.draw(anything)
    try:
        read_row = job_row([row.get(name) for name in JobRow._fields])
    except BadRow:
        return
    found = mapper.map(read_row)
    assert {trouble.cause for trouble in found.troubles} <= CAUSES.keys()
    assert found.refused or found.source or found.base or found.run
    for output in found.outputs:
        for file in (output.chunk, output.merged):
            assert file is None or file.disk or file.tape

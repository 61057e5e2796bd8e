"""A list of the raw catalogue beside what is dark or missing: what the engine tells is what a slow reference
with dictionaries tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.checksum import Adler32
from ddm.reconcile import catalogues, rawlist, theirs
from ddm.reconcile import engine as engines
from ddm.reconcile.kinds import LACKING, Kind
from ddm.reconcile.loading import load
from ddm.reconcile.theirs import Told
from ddm.reconcile.verdicts import Limits, Reading

K = Kind
MADE = datetime(2026, 11, 1, tzinfo=UTC)
OLD, NEW = "2026-10-01T00:00:00", "2026-11-01T00:00:01"
NAMES = [f"/{directory}/{name}" for directory in ("a", "b") for name in ("x", "y'", 'q"t', "ü v")]
LIMITS = Limits()
unknown = st.sampled_from([None, 1, 2])


@dataclass(frozen=True)
class At:
    """A row of ``place``. ``lfn``: of a file that is missing, if it has another name than its place."""

    path: str
    kind: Kind
    size: int | None = None
    adler32: int | None = None
    lfn: str | None = None

    @property
    def present(self) -> bool:
        return self.kind not in LACKING


@dataclass(frozen=True)
class Ours:
    """A raw file of our catalogue."""

    lfn: str
    dataset: str = "D1"
    since: str = OLD
    replaced: int = 0


places = st.builds(
    At, st.sampled_from(NAMES), st.sampled_from([K.DARK, K.DARK, K.DUPLICATE, K.SIZE, *sorted(LACKING)]),
    unknown, unknown, st.sampled_from([None, *NAMES]),
)  # fmt: skip
ours = st.builds(
    Ours, st.sampled_from(NAMES), st.sampled_from(["D1", "D2"]), st.sampled_from([OLD, NEW]),
    st.sampled_from([0, 0, 1]),
)  # fmt: skip
said = st.builds(
    Told, st.sampled_from(NAMES), unknown, st.sampled_from([None, Adler32(1), Adler32(2)]),
    dataset=st.none(), events=st.none(), where=st.just(""),
    problem=st.sampled_from(["", "", "", "cannot be read"]),
)  # fmt: skip


def key_of(name: str, by_base: bool) -> str:
    return name.rpartition("/")[2] if by_base else name


def reference(rows: list[At], mine: list[Ours], told: list[Told], by_base: bool) -> list[tuple[Kind, str]]:
    """Kind, and what is said, of every place."""
    listed = {key_of(one.name, by_base) for one in told}
    known = [one for one in mine if not one.replaced and one.since == OLD]
    spoken = {one.dataset for one in known if key_of(one.lfn, by_base) in listed}
    return [_told(row, mine, told, by_base, spoken) for row in rows]


def _told(row: At, mine: list[Ours], told: list[Told], by_base: bool, spoken: set[str]) -> tuple[Kind, str]:
    key = key_of(row.path if row.present else row.lfn or row.path, by_base)
    theirs = [one for one in told if key_of(one.name, by_base) == key]
    same = [one for one in mine if key_of(one.lfn, by_base) == key]
    if row.kind not in LACKING | {K.DARK}:
        return row.kind, ""
    if any(one.problem for one in theirs):
        return row.kind, "what the raw catalogue says of it cannot be read"
    if not theirs:
        sure = same and not row.present and all(one.since == OLD and one.dataset in spoken for one in same)
        return row.kind, "the raw catalogue does not list it" if sure else ""
    agree = _agree(row, theirs)
    if not row.present:
        return row.kind, f"the raw catalogue still lists it {agree}"
    if same:
        return row.kind, f"the raw catalogue has it {agree}, and so has ours, without a copy here"
    return K.UNREGISTERED, f"the raw catalogue has it {agree}"


def _agree(row: At, theirs: list[Told]) -> str:
    sizes = {one.size for one in theirs} - {None}
    sums = {one.adler32 for one in theirs} - {None}
    if len(sizes) > 1 or len(sums) > 1:
        return "several times, with other values"
    if sizes and row.size is not None and row.size not in sizes:
        return f"with {sizes.pop()} bytes, not {row.size}"
    if sums and row.adler32 is not None and row.adler32 not in sums:
        return "with another adler32"
    if not sizes or row.size is None:
        return "with no size to compare"
    return "with the same size" + ("" if not sums or row.adler32 is None else " and adler32")


def engine_tells(
    tmp: Path, rows: list[At], mine: list[Ours], told: list[Told], reading: Reading | None = None
) -> tuple[list[tuple[Kind, str]], list[str]]:
    with open(tmp / "ours.tsv", "w", newline="") as stream:
        for one in mine:
            lfn = one.lfn.replace('"', '""')
            stream.write(f'"{lfn}"\t"{one.dataset}"\t1\t1\t\t{one.since}\t{one.replaced}\n')
    with engines.opened(tmp) as engine:
        theirs.write(told, engine.directory / "raw.tsv")
        catalogues.theirs(engine, [engine.directory / "raw.tsv"], "raw_told")
        engine.do(
            "CREATE TABLE place (n BIGINT, path VARCHAR, kind VARCHAR, expected BOOLEAN, present BOOLEAN, "
            "size BIGINT, "
            "adler32 BIGINT, seen_size BIGINT, seen_adler32 BIGINT, said VARCHAR, lfn VARCHAR)"
        )
        load(
            engine,
            "place",
            (
                (n, one.path, one.kind, not one.present, one.present)
                + (
                    (None, None, one.size, one.adler32)
                    if one.present
                    else (one.size, one.adler32, None, None)
                )
                + (None, None if one.present else one.lfn)
                for n, one in enumerate(rows)
            ),
        )
        reading = reading or Reading("raw", MADE, MADE, lines=len(told))
        rawlist.join(engine, tmp / "ours.tsv", reading, LIMITS)
        doubts = rawlist.lacking(engine, LIMITS)
        counted = rawlist.mark(engine, reading)
        found = [(K(k), text or "") for k, text in engine.rows("SELECT kind, said FROM place ORDER BY n")]
    unregistered = sum(kind is K.UNREGISTERED for kind, _ in found)
    assert counted == (unregistered, sum("still lists" in text for _, text in found))
    return found, doubts


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(places, max_size=5), st.lists(ours, max_size=4), st.lists(said, max_size=5), st.booleans())
def test_the_engine_tells_what_the_reference_tells(tmp_path, rows, mine, told, by_base):
    if by_base:
        told = [one._replace(name=key_of(one.name, True)) for one in told]
    by_base = by_base and any(not one.problem for one in told)
    found, _ = engine_tells(tmp_path, rows, mine, told)
    assert found == reference(rows, mine, told, by_base)


def test_a_list_that_lacks_many_files_of_its_datasets_is_doubted_and_one_of_another_dataset_is_not(tmp_path):
    mine = [Ours(f"/a/{n}") for n in range(40)] + [Ours(f"/b/{n}", "D2") for n in range(40)]
    _, doubts = engine_tells(tmp_path, [], mine, [Told(f"/a/{n}") for n in range(20)])
    (doubt,) = doubts
    assert doubt.startswith(
        "20 of 40 raw files of its datasets are not in it, more than 2.0%: it is half a list"
    )
    assert engine_tells(tmp_path, [], mine, [Told(f"/a/{n}") for n in range(40)])[1] == []
    late = [*mine[:40], *(Ours(f"/a/late{n}", since=NEW) for n in range(40))]
    assert engine_tells(tmp_path, [], late, [Told(f"/a/{n}") for n in range(30)])[1] == []  # ten are few


@pytest.mark.parametrize(("garbled", "said"), [(0, "the raw catalogue does not list it"), (1, "")])
def test_that_a_file_is_not_listed_is_told_only_of_a_list_without_garbage(tmp_path, garbled, said):
    reading = Reading("raw", MADE, MADE, lines=100, garbled=garbled)
    mine, told = [Ours("/a/x"), Ours("/a/y")], [Told("/a/y")]
    assert engine_tells(tmp_path, [At("/a/x", K.LOST)], mine, told, reading)[0] == [(K.LOST, said)]

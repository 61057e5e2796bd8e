"""Two catalogues compared in the engine: what it finds is what a slow reference with dictionaries finds."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.checksum import Adler32
from ddm.reconcile import catalogues
from ddm.reconcile import engine as engines
from ddm.reconcile import theirs as reading
from ddm.reconcile.cataloguekinds import DIFFERENCES, MEANING, Odd, doubts
from ddm.reconcile.catalogues import Asked
from ddm.reconcile.theirs import Told
from ddm.reconcile.verdicts import Limits, Reading

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
OLD, NEW = "2026-10-01T00:00:00", "2026-11-01T00:00:01"
NAMES = [f"/{directory}/{name}" for directory in ("a", "b") for name in ("x", "y'", 'q"t', "ü v")]

unknown = st.sampled_from([None, 1, 2])
ours = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["D1", "D2"]), unknown, unknown, unknown,
    st.sampled_from([OLD, OLD, OLD, NEW]), st.sampled_from([0, 0, 0, 1]),
)  # fmt: skip
said = st.builds(
    Told,
    st.sampled_from(NAMES),
    unknown,
    st.sampled_from([None, Adler32(1), Adler32(2)]),
    st.sampled_from([None, "D1", "other", "s:D2"]),
    unknown,
    st.just("list:1"),
    st.sampled_from(["", "", "", "", "cannot be read"]),
)
MAP = {"s:D2": "D2"}


def live(rows):
    """At most one file of a name is not replaced: the catalogue sees to that."""
    seen, kept = set(), []
    for row in rows:
        if row[6] or row[0] not in seen:
            kept.append(row)
            seen |= set() if row[6] else {row[0]}
    return kept


def key_of(name, by_base):
    return name.rpartition("/")[2] if by_base else name


def reference(rows, told, by_base, unread=(), scope=()):
    """(kind, LFN or the name there) of everything that is not the same."""
    here, there, problems = defaultdict(list), defaultdict(list), set()
    for row in rows:
        if not row[6]:
            here[key_of(row[0], by_base)].append(row)
    for one in told:
        if one.problem:
            problems.add(key_of(one.name, by_base))
        else:
            there[key_of(one.name, by_base)].append(one)
    found = []
    for key in here.keys() | there.keys():
        mine, theirs = here.get(key, []), there.get(key, [])
        contradicts = any(
            len({getattr(one, what) for one in theirs} - {None}) > 1
            for what in ("name", "size", "adler32", "events")
        )
        if contradicts:
            found.append((Odd.AMBIGUOUS, min(one.name for one in theirs)))
        if len(mine) > 1 and theirs:
            found.append((Odd.AMBIGUOUS, min(row[0] for row in mine)))
        if contradicts or (len(mine) > 1 and theirs):
            continue
        if not theirs:
            for row in mine:
                if scope and row[1] not in scope:
                    continue
                kind = Odd.PASSING if row[5] >= NEW[:19] else Odd.ONLY_HERE
                if len(mine) == 1 and (key in problems or row[1] in unread):
                    kind = Odd.UNREADABLE
                found.append((kind, row[0]))
        elif not mine:
            found.append((Odd.ONLY_THERE, min(one.name for one in theirs)))
        else:
            found += _values(mine[0], theirs)
    return Counter(found)


def _values(row, theirs):
    lfn, dataset, size, adler32, events, *_ = row
    for kind, mine, what in (
        (Odd.SIZE, size, "size"), (Odd.CHECKSUM, adler32, "adler32"), (Odd.EVENTS, events, "events")
    ):  # fmt: skip
        values = {getattr(one, what) for one in theirs} - {None}
        if mine is not None and values and mine not in values:
            yield kind, lfn
    datasets = {MAP.get(one.dataset, one.dataset) for one in theirs} - {None}
    if datasets and dataset not in datasets:
        yield Odd.DATASET, lfn


def engine_finds(tmp: Path, rows, told, by_base, unread=(), scope=()):
    with open(tmp / "ours.tsv", "w", newline="") as stream:
        for row in rows:
            texts = ['"' + row[0].replace('"', '""') + '"', '"' + row[1] + '"']
            texts += ["" if value is None else str(value) for value in row[2:]]
            stream.write("\t".join(texts) + "\n")
    with engines.opened(tmp) as engine:
        reading.write(told, engine.directory / "theirs.tsv")
        catalogues.theirs(engine, [engine.directory / "theirs.tsv"])
        asked = Asked(BEGUN, unread=unread, datasets=MAP, scope=scope, by_base_name=by_base)
        done = catalogues.compare(engine, tmp / "ours.tsv", asked, engine.directory / "found.parquet")
        found = engine.rows(
            "SELECT kind, coalesce(lfn, other_name), lfn FROM "
            f"read_parquet('{engine.directory / 'found.parquet'}')"
        )
    return done, Counter((Odd(kind), name) for kind, name, _ in found)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ours, max_size=6).map(live),
    st.lists(said, max_size=6),
    st.booleans(),
    st.sampled_from([(), ("D1",)]),
    st.sampled_from([(), ("D2",)]),
)
def test_the_engine_finds_what_the_reference_finds(tmp_path, rows, told, by_base, unread, scope):
    done, found = engine_finds(tmp_path, rows, told, by_base, unread, scope)
    assert found == reference(rows, told, by_base, unread, scope)
    assert sum(found.values()) == sum(done.kinds.values())


def row(lfn, size=1, adler32=7, events=5, dataset="D1", since=OLD, replaced=0):
    return lfn, dataset, size, adler32, events, since, replaced


def test_a_count_says_how_many_could_be_compared_at_all(tmp_path):
    rows = [row("/a/x"), row("/a/y", size=None), row("/a/z")]
    told = [Told("/a/x", 1, events=5), Told("/a/y", 1, events=5), Told("/a/w", 1)]
    done, found = engine_finds(tmp_path, rows, told, None)
    assert (done.here, done.there, done.both, done.by_base_name) == (3, 3, 2, False)
    assert done.known == {Odd.SIZE: 1, Odd.CHECKSUM: 0, Odd.EVENTS: 2, Odd.DATASET: 0}
    assert found == Counter([(Odd.ONLY_HERE, "/a/z"), (Odd.ONLY_THERE, "/a/w")])


def test_names_without_a_path_are_compared_by_base_name(tmp_path):
    done, found = engine_finds(tmp_path, [row("/a/x"), row("/b/y")], [Told("x", 1), Told("y", 2)], None)
    assert done.by_base_name
    assert found == Counter([(Odd.SIZE, "/b/y")])


def test_names_that_no_file_here_can_have_are_counted_and_never_taken_for_another(tmp_path):
    told = [Told("/a/x\n/a/y", 1), Told("/a/x", 1), Told("", problem="half a line", where="list:3")]
    told.append(Told("/a/ü", problem="no size"))
    written = reading.write(told, tmp_path / "told.tsv")
    assert (written.entries, written.named, written.garbled) == (4, 2, 1)
    assert written.examples[1] == "list:3: half a line"
    with open(tmp_path / "told.tsv", newline="") as table:
        rows = list(csv.reader(table, delimiter="\t"))
    assert [one[0] for one in rows] == ["/a/x\\n/a/y", "/a/x", "", "/a/ü"]


# ------------------------------------------------------------------------------ what is not believed
def read(**more):
    return Reading("other", BEGUN, BEGUN, lines=1000, **more)


@pytest.mark.parametrize("kind", sorted(DIFFERENCES))
def test_more_than_a_fraction_is_not_believed(kind):
    assert doubts({kind: 20}, 1000, 1000, 1000, read(), Limits()) == {}
    assert list(doubts({kind: 21}, 1000, 1000, 1000, read(), Limits())) == [kind]
    assert doubts({kind: 10}, 10, 10, 10, read(), Limits()) == {}


def test_absence_from_a_list_that_is_not_whole_says_nothing():
    few = {Odd.ONLY_HERE: 1, Odd.ONLY_THERE: 1}
    assert list(doubts(few, 1000, 1000, 1000, read(whole=False), Limits())) == [Odd.ONLY_HERE]
    assert list(doubts(few, 1000, 1000, 1000, read(garbled=1), Limits())) == [Odd.ONLY_HERE]


def test_every_kind_has_its_meaning():
    assert set(MEANING) == set(Odd)


def test_a_dataset_without_a_file_is_no_trouble(tmp_path):
    with engines.opened(tmp_path) as engine:
        parts = []
        for n, entries in enumerate(([], [Told("/a/x", 1)], [])):
            parts.append(engine.directory / f"{n}.tsv")
            reading.write(entries, parts[-1])
        catalogues.theirs(engine, parts)
        assert engine.rows("SELECT name, size, problem FROM told") == [("/a/x", 1, None)]

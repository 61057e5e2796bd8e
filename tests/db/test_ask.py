"""Look-ups of many names, runs, provenance, history and what runs lack, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from catalog.db import ask, files, lineage, move, past, registering, runfacts, schema
from catalog.db.move import Why
from catalog.errors import BadInput, CatalogError, NotRegistered
from catalog.names import LFN
from catalog.query import MAX_TERMS, parse
from catalog.states import REPLICA, EndpointKind, ReplicaState, Witness
from catalog.testing.builders import raw_file


@pytest.fixture
def conn(catalog):
    with catalog.begin() as opened:
        yield opened


@pytest.fixture
def why(catalog):
    return Why(catalog.clock.now(), "tester", "a test")


class Place:
    """Two endpoints, a dataset, and files to register."""

    def __init__(self, conn, why):
        self.conn, self.why = conn, why
        self.tape = files.ensure_endpoint(conn, "tape", EndpointKind.TAPE)
        self.disk = files.ensure_endpoint(conn, "disk", EndpointKind.DISK)
        self.dataset = files.ensure_dataset(conn, "2016/W14", why)

    def register(self, entries, endpoint=0, dataset=0):
        done = registering.register(
            self.conn,
            entries,
            dataset=dataset or self.dataset,
            endpoint=endpoint or self.tape,
            why=self.why,
        )
        assert not done.conflicts
        return [done.ids[entry.lfn] for entry in entries]


@pytest.fixture
def place(conn, why):
    return Place(conn, why)


def named(lfn, **other):
    return raw_file(1, lfn=LFN(lfn), path=other.pop("path", lfn), **other)


def found(conn, query, now, names=("lfn",)):
    return [row[0] for page in ask.stream(conn, parse(query), now, names) for row in page]


# -------------------------------------------------------------------------------- look-ups
@pytest.mark.parametrize("directories", [1, 3, 4, 40])
def test_thousands_of_lfns_are_looked_up_at_once(conn, place, directories):
    lfns = [f"/raw/{n % directories}/{n // directories}.raw" for n in range(400)]
    place.register([named(lfn) for lfn in lfns])
    asked = [*lfns[::3], "/raw/0/none.raw", "/none/1.raw", "1.raw", "", "/"]
    answer = ask.look_up(conn, asked)
    assert list(answer) == asked
    for lfn, rows in answer.items():
        assert [row.lfn for row in rows] == ([lfn] if lfn in lfns else [])
    row = answer[lfns[0]][0]
    assert (row.endpoint, row.path, row.state) == ("tape", lfns[0], "UNVERIFIED")
    assert (row.size, row.adler32, row.run, row.chunk) == (1001, 1, 275678, "11001")


def test_a_file_has_a_row_of_each_replica_that_is_not_deleted(conn, place, why):
    (key,) = place.register([named("/a/x")])
    place.register([named("/a/x", path="/other/x")], place.disk)
    assert [(row.endpoint, row.path) for row in sorted(ask.look_up(conn, ["/a/x"])["/a/x"])] == [
        ("disk", "/other/x"),
        ("tape", "/a/x"),
    ]
    conn.execute(schema.replica.update().values(state=ReplicaState.DELETED))
    (row,) = ask.look_up(conn, ["/a/x"])["/a/x"]
    assert (row.id, row.endpoint, row.path, row.state) == (key, None, None, None)
    files.retire(conn, [key], why)
    assert ask.look_up(conn, ["/a/x"]) == {"/a/x": []}
    assert ask.by_name(conn, ["x"]) == {"x": []}


@pytest.mark.parametrize("probes", [0, 1_000_000])
def test_base_names_find_files_in_every_directory(conn, place, monkeypatch, probes):
    monkeypatch.setattr(ask, "MOST_PROBES", probes)
    place.register([named("/a/x"), named("/b/x"), named("/b/y")])
    answer = ask.by_name(conn, ["x", "z", "b"])
    assert {name: [row.lfn for row in rows] for name, rows in answer.items()} == {
        "x": ["/a/x", "/b/x"],
        "z": [],
        "b": [],
    }


def test_paths_find_the_replicas_that_are_there(conn, place):
    place.register([named("/a/x"), named("/a/y", path="/p/y"), named("/p/y", path="/p/z")])
    answer = ask.by_path(conn, ["/a/x", "/a/y", "/p/y", "/p/z", "/no"])
    assert {path: [row.lfn for row in rows] for path, rows in answer.items()} == {
        "/a/x": ["/a/x"],
        "/a/y": [],  # its copy is elsewhere
        "/p/y": ["/a/y"],
        "/p/z": ["/p/y"],
        "/no": [],
    }


def test_the_files_of_a_run_come_in_order(conn, place):
    entries = [named(f"/r/{n}", run=275600 + n % 2, chunk=f"{n:05d}") for n in range(10)]
    place.register(entries)
    rows = ask.run_files(conn, place.dataset, 275601)
    assert [row.lfn for row in rows] == [f"/r/{n}" for n in range(1, 10, 2)]
    assert ask.run_files(conn, place.dataset, 1) == []


# --------------------------------------------------------------------------------- queries
def test_what_is_unknown_of_a_replica_is_unknown(conn, place, catalog):
    """The two-valued EXISTS would say: no replica was compared lately, so not is true."""
    now = catalog.clock.now()
    place.register([named("/a/x"), named("/a/y")])
    assert found(conn, "replica.verified > 2d ago", now) == []
    assert found(conn, "not replica.verified > 2d ago", now) == []
    assert found(conn, "replica.verified is unknown", now) == ["/a/x", "/a/y"]
    conn.execute(schema.replica.update().values(verified_at=now - timedelta(days=5)))
    assert found(conn, "not replica.verified > 2d ago", now) == ["/a/x", "/a/y"]


def test_a_file_without_size_is_neither_large_nor_small(conn, place, catalog):
    now = catalog.clock.now()
    place.register([named("/a/x", size=None, adler32=None), named("/a/y")])
    assert found(conn, "size > 1", now) == ["/a/y"]
    assert found(conn, "not size > 1", now) == []
    assert found(conn, "size is unknown or size > 1", now) == ["/a/x", "/a/y"]


def test_the_longest_queries_are_answered(conn, place, catalog):
    now = catalog.clock.now()
    place.register([named("/a/x")])
    half = MAX_TERMS // 2
    chains = (
        " or ".join(f"lfn = /a/{n}" for n in range(half)),
        " and ".join(["replica.state != LOST"] * half),
        " or ".join(["replica(state != LOST)"] * (MAX_TERMS // 3)),
        f"lfn in ({', '.join(f'/a/{n}' for n in range(MAX_TERMS - 2))})",
        f"run in ({', '.join(['1..2', '3'] * (half // 2))})",
        " or ".join(["not has parents"] * MAX_TERMS),
        "not " * 14 + "replica(" + "not (" * 7 + "state = LOST" + ")" * 8,
    )
    for query in chains:
        assert found(conn, query, now) in ([], ["/a/x"])


def test_a_key_that_nobody_used_is_named(conn, place, catalog):
    with pytest.raises(BadInput, match="nothing was ever said under the key 'energy'"):
        found(conn, "meta.energy > 1", catalog.clock.now())


def test_a_stream_that_breaks_is_a_clear_error(catalog, dialect):
    if dialect == "sqlite":
        pytest.skip("only a server goes away")
    with catalog.begin() as conn:
        Place(conn, Why(catalog.clock.now(), "t")).register([named(f"/a/{n}") for n in range(50)])
    with pytest.raises(CatalogError):
        read_until_the_server_breaks_off(catalog)


def read_until_the_server_breaks_off(catalog):
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with catalog.read() as conn:
        pages = ask.stream(conn, parse("all"), catalog.clock.now(), size=5)
        next(pages)
        with catalog.engine.connect() as other:
            other.execute(text(f"{kill} AND datname = current_database()"))
        list(pages)


def test_names_that_nobody_knows_are_told(conn, place):
    said = ask.strangers(conn, parse("dataset = 2016/W41 or not replica(endpoint in (tap, tape))"))
    assert said == [
        "there is no dataset '2016/W41' (near: 2016/W14)",
        "there is no endpoint 'tap' (near: tape)",
    ]


@pytest.mark.parametrize("text", ["", "1.2", "1.2.x", "1.2.3.4", "1.-2.3", "1.2." + "9" * 20, "١.1.1"])
def test_a_wrong_end_of_a_page_is_refused(text):
    with pytest.raises(BadInput):
        ask.key_of(text)


# ------------------------------------------------------------------------------ provenance
def family(conn, place, pairs):
    ids = place.register([named(f"/f/{n}") for n in range(6)])
    conn.execute(insert(schema.parent), [{"file_id": ids[c], "parent_id": ids[p]} for c, p in pairs])
    return ids


def shown(conn, key, **how):
    return [(r.generation, r.lfn[3:]) for page in lineage.relatives(conn, [key], **how) for r in page]


def test_provenance_goes_both_ways_to_any_depth(conn, place):
    ids = family(conn, place, [(3, 0), (3, 1), (4, 2), (5, 3), (5, 4), (5, 0)])
    assert shown(conn, ids[5], up=True) == [(1, "0"), (1, "3"), (1, "4"), (2, "1"), (2, "2")]
    assert shown(conn, ids[5], up=True, depth=1) == [(1, "0"), (1, "3"), (1, "4")]
    assert shown(conn, ids[2], up=False) == [(1, "4"), (2, "5")]
    assert shown(conn, ids[5], up=False) == []


def test_a_circle_of_parents_ends(conn, place):
    ids = family(conn, place, [(0, 1), (1, 2), (2, 0)])
    assert shown(conn, ids[0], up=True) == [(1, "1"), (2, "2")]


def test_a_replaced_file_is_shown_as_such(conn, place, why):
    ids = family(conn, place, [(1, 0), (2, 1)])
    files.retire(conn, [ids[1]], why)
    (page, _) = lineage.relatives(conn, [ids[0]], up=False)
    assert [(row.lfn, row.retired) for row in page] == [("/f/1", True)]
    assert found(conn, "has children", why.at) == []


# --------------------------------------------------------------------------------- history
def test_history_is_paged_and_filtered(conn, place, why):
    place.register([named(f"/h/{n}") for n in range(600)])
    later = Why(why.at + timedelta(hours=1), "somebody", "looked")
    conn.execute(schema.replica.update().values(verified_at=later.at))
    move.move(conn, REPLICA, [3, 4, 5, 9], "verified", later)
    rows, after = [], 0
    while after is not None:
        page = past.happened(conn, limit=2, after=after)
        rows, after = rows + page.rows, page.after
    assert rows == past.happened(conn, limit=10_000).rows
    since = past.happened(conn, limit=100, since=later.at).rows
    assert [(row.first, row.last, row.event, row.actor) for row in since] == [
        (3, 5, "verified", "somebody"),
        (9, 9, "verified", "somebody"),
    ]
    assert past.happened(conn, limit=9, actor="somebody").rows == since
    assert past.happened(conn, limit=9, event="verified", until=later.at).rows == []
    assert past.happened(conn, limit=9, since=later.at + timedelta(1)).rows == []
    of_one = past.happened(conn, limit=9, noun="replica", number=4).rows
    assert [row.event for row in of_one] == ["born", "verified"]
    assert past.happened(conn, limit=9, noun="replica", number=601).rows == []


# ------------------------------------------------------------------------------------ runs
def test_runs_say_what_is_known_of_them(conn, place, why):
    place.register(
        [
            named("/r/0", run=275601, events={Witness.RAW_CATALOGUE: 7}),
            named("/r/1", run=275601, size=None, adler32=None),
            named("/r/2", run=275602),
        ]
    )
    files.undefine(conn, place.dataset, {275603: "the look-up failed"}, why)
    first, second, third = runfacts.run_facts(conn)
    assert (first.run, first.files, first.events, first.unknown, first.incomplete) == (275601, 2, 7, 1, 1)
    assert (second.run, second.files, second.undefined, second.line) == (275602, 1, None, None)
    assert (third.run, third.files, third.undefined) == (275603, 0, "the look-up failed")
    assert [fact.run for fact in runfacts.run_facts(conn, run=275602)] == [275602]
    assert list(runfacts.run_facts(conn, task="P08")) == []
    with pytest.raises(NotRegistered):
        list(runfacts.run_facts(conn, dataset="none"))


def test_a_run_that_a_task_reads_tells_how_far_it_is(conn, place, why):
    place.register([named("/r/0", run=275601)])
    files.define_task(conn, "P08", place.dataset, {}, why)
    (fact,) = runfacts.run_facts(conn)
    assert (fact.task, fact.line.chunks, fact.line.finished) == ("P08", 1, 0)

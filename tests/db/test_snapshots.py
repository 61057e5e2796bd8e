"""Snapshots of what is expected: of one moment, the whole truth; what changed since is all that changed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from catalog.db import believed, schema, streams
from catalog.db.move import Why, note
from catalog.errors import BadInput
from catalog.states import JobState, ReplicaState
from catalog.testing.builders import Situation
from ddm.reconcile import engine as engines
from ddm.reconcile import snapshots

R, F, D = schema.replica, schema.file, schema.directory
COLUMNS = "id, file_id, endpoint_id, state, size, adler32, path"
NAMES = ('q"t', "tab\there", "line\nbreak", "cr\r", "caf\u00e9 \U0001f4be", "'", "\\", " ")


@pytest.fixture(autouse=True)
def small(monkeypatch) -> None:
    """Blocks of three ids, parts of two blocks."""
    monkeypatch.setattr(believed, "BLOCK", 3)
    monkeypatch.setattr(snapshots, "CHUNK", 2)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with engines.opened(tmp_path_factory.mktemp("engine"), engines.Bounds(200, 2)) as engine:
        yield engine


def fill(catalog, count: int = 20) -> tuple[list[int], list[int]]:
    """Copies on disk and on tape; gives the ids of replicas and of the endpoints."""
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        made = [here.replica(here.file(), here.disk if n % 3 else here.tape) for n in range(count)]
        for key, name in zip(made, NAMES, strict=False):
            here.set(F, here.get(R, key).file_id, name=name)
            here.set(R, key, path=None)
        here.set(F, here.get(R, made[-1]).file_id, size=None, adler32=None)
        return made, [here.disk, here.tape]


def expected(catalog, endpoints: list[int]) -> list[tuple]:
    path = func.coalesce(R.c.path, D.c.path + F.c.name)
    query = (
        select(R.c.id, R.c.file_id, R.c.endpoint_id, R.c.state, F.c.size, F.c.adler32, path)
        .join(F, F.c.id == R.c.file_id)
        .join(D, D.c.id == F.c.directory_id)
        .where(R.c.state != ReplicaState.DELETED, R.c.endpoint_id.in_(endpoints))
        .order_by(R.c.id)
    )
    with catalog.read() as conn:
        return [tuple(row) for row in conn.execute(query)]


def rows(engine, table: str, where: str = "TRUE") -> list[tuple]:
    return engine.rows(f"SELECT {COLUMNS} FROM {table} WHERE {where} ORDER BY id")


@contextmanager
def loaded(engine, before: list[Path], after: list[Path], endpoints: list[int]):
    engine.do("DROP TABLE IF EXISTS moved")
    engine.do("DROP VIEW IF EXISTS before")
    snapshots.load(engine, before, after, dict.fromkeys(endpoints, "/"))
    yield


def test_a_snapshot_is_what_the_catalogue_says(catalog, engine, tmp_path):
    _, (disk, tape) = fill(catalog)
    for endpoints in ([disk, tape], [tape], []):
        name = tmp_path / f"of-{len(endpoints)}"
        taken = snapshots.take(engine, catalog, endpoints, name)
        wanted = expected(catalog, endpoints)
        with loaded(engine, [name], [name], endpoints):
            assert rows(engine, "before") == wanted
            assert rows(engine, "moved") == []
        assert (taken.rows, snapshots.read(name)) == (len(wanted), taken)
    assert not list(engine.directory.glob("*.text"))


def test_the_text_is_the_same(catalog, engine, tmp_path):
    _, endpoints = fill(catalog)
    with streams.snapshot(catalog) as conn, open(tmp_path / "text", "wb") as text:
        count = believed.export(conn, endpoints, text)
    snapshots.take(engine, catalog, endpoints, tmp_path / "one")
    with loaded(engine, [tmp_path / "text"], [tmp_path / "one"], endpoints):
        assert rows(engine, "before") == expected(catalog, endpoints)
        assert (count, rows(engine, "moved")) == (20, [])


# ------------------------------------------------------------------------------------ what changed since
ACTS = ("state", "since", "path", "size", "sum", "deleted", "removed", "new", "rename")


def change(catalog, act: str, key: int) -> None:
    """A change, whatever the clock says. What the program never does without a row of history has one; the
    others are made behind its back."""
    with catalog.begin() as conn:
        exists = conn.execute(select(R.c.file_id, R.c.endpoint_id).where(R.c.id == key)).first()
        if exists is None:
            return
        now = catalog.clock.now()
        if act in ("since", "path"):
            note(conn, "replica", [key], act, Why(now, "tester"))
        if act in ("size", "sum", "rename"):
            note(conn, "file", [exists.file_id], act, Why(now, "tester"))
        replica, file = update(R).where(R.c.id == key), update(F).where(F.c.id == exists.file_id)
        match act:
            case "state":
                conn.execute(replica.values(state="SUSPECT"))
            case "since":
                conn.execute(replica.values(since=now - timedelta(days=9)))
            case "path":
                conn.execute(replica.values(path="/moved"))
            case "size":
                conn.execute(file.values(size=77))
            case "sum":
                conn.execute(file.values(adler32=None))
            case "rename":
                conn.execute(file.values(name=f"renamed-{key}"))
            case "deleted":
                conn.execute(replica.values(state="DELETED"))
            case "removed":
                conn.execute(R.delete().where(R.c.id == key))
            case "new":
                fresh = {"state": "COPYING", "since": now, "next_try_at": now, "path": f"/new/{key}"}
                other = conn.execute(
                    select(F.c.id).where(~F.c.id.in_(select(R.c.file_id).where(R.c.state != "DELETED")))
                ).scalar()
                if other is not None:
                    conn.execute(R.insert().values(file_id=other, endpoint_id=exists.endpoint_id, **fresh))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 19)), max_size=6))
def test_what_changed_since_is_all_that_changed(catalog, engine, tmp_path_factory, acts) -> None:
    where = tmp_path_factory.mktemp("since")
    with catalog.begin() as conn:
        for table in (R, F):
            conn.execute(table.delete())
        _empty(conn)
    made, endpoints = fill(catalog)
    snapshots.take(engine, catalog, endpoints, where / "before")
    old = expected(catalog, endpoints)
    for act, number in acts:
        change(catalog, act, made[number])
    new = expected(catalog, endpoints)
    snapshots.take(engine, catalog, endpoints, where / "after", since=where / "before")
    snapshots.take(engine, catalog, endpoints, where / "whole")
    found = []
    for after in ("after", "whole"):
        with loaded(engine, [where / "before"], [where / after], endpoints):
            found.append((rows(engine, "moved", "NOT new"), rows(engine, "moved", "new")))
    assert found[0] == found[1]
    gone, come = found[0]
    assert set(old) - set(gone) | set(come) == set(new)
    if "since" not in [act for act, _ in acts]:
        assert not set(gone) & set(come)


def _empty(conn) -> None:
    for table in (schema.task, schema.dataset, schema.endpoint):
        conn.execute(table.delete())


def test_what_did_not_change_is_not_kept_again(catalog, engine, tmp_path):
    made, endpoints = fill(catalog)
    snapshots.take(engine, catalog, endpoints, tmp_path / "before")
    again = snapshots.take(engine, catalog, endpoints, tmp_path / "again", since=tmp_path / "before")
    assert (again.rows, again.parts()) == (20, ())
    change(catalog, "state", made[7])
    after = snapshots.take(engine, catalog, endpoints, tmp_path / "after", since=tmp_path / "before")
    assert len(after.parts()) == 1
    assert len(rows(engine, f"read_parquet('{after.parts()[0]}')")) <= believed.BLOCK


def test_snapshots_that_do_not_belong_together_are_refused(catalog, engine, tmp_path):
    made, endpoints = fill(catalog)
    before, other, after = (tmp_path / name for name in ("before", "other", "after"))
    snapshots.take(engine, catalog, endpoints, before)
    change(catalog, "state", made[1])
    snapshots.take(engine, catalog, endpoints, other)
    snapshots.take(engine, catalog, endpoints, after, since=before)
    with (
        pytest.raises(BadInput, match="another snapshot"),
        loaded(engine, [other], [after], endpoints),
    ):
        pass
    with (
        pytest.raises(BadInput, match="only what changed"),
        loaded(engine, [after], [before], endpoints),
    ):
        pass
    with pytest.raises(BadInput, match="other endpoints"):
        snapshots.take(engine, catalog, endpoints[:1], tmp_path / "fewer", since=before)
    with pytest.raises(BadInput, match="no snapshot"):
        snapshots.read(tmp_path)


def test_one_that_was_interrupted_is_taken_anew(catalog, engine, tmp_path, monkeypatch):
    _, endpoints = fill(catalog)
    real = believed.block

    def failing(conn, where, number):
        if number == believed.blocks(conn)[-1]:
            raise KeyboardInterrupt
        return real(conn, where, number)

    monkeypatch.setattr(believed, "block", failing)
    with pytest.raises(KeyboardInterrupt):
        snapshots.take(engine, catalog, endpoints, tmp_path / "one")
    assert not (tmp_path / "one").exists()
    monkeypatch.undo()
    assert snapshots.take(engine, catalog, endpoints, tmp_path / "one").rows == 20


# ------------------------------------------------------------------------------------------ of one moment
def test_readers_see_the_same_moment_whoever_writes(catalog, monkeypatch):
    """Somebody commits after each of them has begun."""
    fill(catalog)
    real = streams.snapshot

    @contextmanager
    def disturbed(of):
        with real(of) as conn:
            conn.execute(select(func.max(R.c.tries))).scalar_one()
            with catalog.begin() as writing:
                writing.execute(update(R).values(tries=R.c.tries + 1))
            yield conn

    monkeypatch.setattr(streams, "snapshot", disturbed)
    with believed.readers(catalog, 3) as readers:
        with catalog.begin() as conn:
            conn.execute(update(R).values(tries=99))
        assert {conn.execute(select(func.max(R.c.tries))).scalar_one() for conn in readers} == {0}
        assert len(readers) == (1 if catalog.engine.dialect.name == "sqlite" else 3)


# --------------------------------------------------------------------------------- what is asked again
def asked(monkeypatch) -> list[int]:
    """The blocks that are asked from now on."""
    real, found = believed.block, []

    def block(conn, endpoints, number):
        found.append(number)
        return real(conn, endpoints, number)

    monkeypatch.setattr(believed, "block", block)
    return found


def test_only_what_may_have_changed_is_asked_again(catalog, engine, tmp_path, monkeypatch):
    made, endpoints = fill(catalog)
    snapshots.take(engine, catalog, endpoints, tmp_path / "before")
    change(catalog, "size", made[10])  # a row of history tells of it
    change(catalog, "state", made[4])  # nothing tells of it
    found = asked(monkeypatch)
    snapshots.take(engine, catalog, endpoints, tmp_path / "after", since=tmp_path / "before")
    assert sorted(found) == sorted({made[10] // believed.BLOCK, made[4] // believed.BLOCK})


@pytest.mark.parametrize(
    "forgery",
    [
        {"history": 10**9, "said": "something"},
        {"history": 0, "said": "something"},
        {"database": 1, "transaction": 3},
        {"transaction": 1 << 60},
        {},
    ],
)
def test_where_nobody_can_tell_everything_is_asked(catalog, engine, tmp_path, forgery, monkeypatch):
    """As of a catalogue that was restored from a backup meanwhile."""
    made, endpoints = fill(catalog)
    before = snapshots.take(engine, catalog, endpoints, tmp_path / "before")
    manifest = tmp_path / "before" / "blocks.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"moment": forgery}))
    change(catalog, "since", made[5])
    found = asked(monkeypatch)
    after = snapshots.take(engine, catalog, endpoints, tmp_path / "after", since=tmp_path / "before")
    assert set(found) >= before.digests.keys()
    assert before.differing(after) == {made[5] // believed.BLOCK}


def test_attempts_that_may_be_writing_now(catalog):
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        labels = {}
        for number, state in enumerate(JobState):
            job = here.job([here.file()], state, run=number)
            labels[state] = f"j{job}a1"
            here.set(schema.job, job, label=labels[state])
        here.job([here.file()], JobState.RUNNING, run=99)
        here.set(schema.job, here.job([here.file()], JobState.RUNNING, run=98), label=None)
        going = {labels[state] for state in (JobState.SUBMITTING, JobState.RUNNING, JobState.ENDED)}
        assert going <= believed.live_labels(conn)
        assert not {label for label in labels.values() if label not in going} & believed.live_labels(conn)

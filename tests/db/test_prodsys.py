"""Importing a ProdSys: from the real database, from real dumps of it, killed at any commit, repeated."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.db import files, follow, imported, registering, schema, tally
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.errors import BadInput, CatalogUnavailable, ConflictingRegistration
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, Role, Witness
from ddm.sources.prodsys import importer
from ddm.sources.prodsys.importer import Imported, Wanted, import_prodsys
from ddm.sources.prodsys.source import DumpSource, open_source
from ddm.sources.prodsys.store import IMPORTING
from tests.fixtures_mariadb import PASSWORD, MariaDBServer
from tests.prodsys_world import RAW, World, experience, merged, raw

TAPE_HOME = "/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1_part1"


@pytest.fixture
def bring(catalog: Catalog, tmp_path: Path) -> Callable[..., Imported]:
    """Imports a source into the catalogue of the test."""

    def run(source: Any, **over: Any) -> Imported:
        wanted = Wanted(**{"tape": "cta", "disk": "eos", "report": tmp_path / "report.jsonl", **over})
        return import_prodsys(catalog, source, wanted)

    return run


def content(catalog: Catalog) -> dict[str, list[Any]]:
    """Everything that an import stores, by name and not by number."""
    F, R, J, D, T = schema.file, schema.replica, schema.job, schema.dataset, schema.task  # noqa: N806
    with catalog.read() as conn:
        lfn = dict(conn.execute(select(F.c.id, schema.lfn())).all())
        data, task = (
            dict(conn.execute(select(D.c.id, D.c.name)).all()),
            dict(conn.execute(select(T.c.id, T.c.name)).all()),
        )
        place = dict(conn.execute(select(schema.endpoint.c.id, schema.endpoint.c.name)).all())
        inputs = dict(conn.execute(select(schema.job_input.c.job_id, schema.job_input.c.file_id)).all())
        rows = {
            "files": [
                (lfn[r.id], data[r.dataset_id], r.role, r.product, r.run, r.chunk, r.part, r.size, r.adler32)
                for r in conn.execute(select(F))
            ],
            "replicas": [
                (lfn[r.file_id], place[r.endpoint_id], r.path or lfn[r.file_id], r.state)
                for r in conn.execute(select(R))
            ],
            "events": [
                (lfn[r.file_id], r.witness, r.n_events) for r in conn.execute(select(schema.event_count))
            ],
            "parents": [(lfn[r.file_id], lfn[r.parent_id]) for r in conn.execute(select(schema.parent))],
            "jobs": [
                (task[r.task_id], r.kind, r.run, r.chunk, r.state, r.attempt, r.native, r.since,
                 lfn.get(inputs.get(r.id, 0)))
                for r in conn.execute(select(J))
            ],
            "gaps": [
                (task[r.task_id], lfn[r.file_id], r.reason, r.approver, r.n_events)
                for r in conn.execute(select(schema.gap))
            ],
            "tasks": [(r.name, data[r.dataset_id], r.definition) for r in conn.execute(select(T))],
            "undefined": [
                (data[r.dataset_id], r.run, r.reason) for r in conn.execute(select(schema.undefined_run))
            ],
        }  # fmt: skip
    return {name: sorted(values, key=repr) for name, values in rows.items()}


def one(rows: Sequence[Any], first: str) -> Any:
    """The only row that begins like this."""
    (found,) = [row for row in rows if row[0] == first]
    return found


# -------------------------------------------------------------------------------------- both sources
@pytest.fixture(scope="module")
def filled(mariadb_server: MariaDBServer) -> tuple[MariaDBServer, str]:
    """A real database that holds the experience of some years."""
    name = mariadb_server.create()
    experience().fill(mariadb_server, name)
    return mariadb_server, name


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Catalog]:
    """A second, empty catalogue to compare with."""
    with Catalog(f"sqlite:///{tmp_path}/other.db", clock=SimulatedClock(), actor="tester") as catalog:
        catalog.create()
        yield catalog


@pytest.mark.mariadb
def test_the_database_gives_what_its_rows_give(
    filled: tuple[MariaDBServer, str], catalog: Catalog, other: Catalog, bring: Any, tmp_path: Path
) -> None:
    server, name = filled
    with open_source(server.url(name, "reader", PASSWORD)) as source:
        from_database = bring(source)
    from_rows = import_prodsys(
        other, experience(), Wanted(tape="cta", disk="eos", report=tmp_path / "o.jsonl")
    )
    assert content(catalog) == content(other)
    assert from_database.jobs == from_rows.jobs
    assert from_database.causes == from_rows.causes
    assert PASSWORD not in from_database.source


@pytest.mark.mariadb
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--complete-insert", "--skip-extended-insert", "--hex-blob"),
        ("--compatible=ansi", "--default-character-set=utf8mb4", "--replace"),
        ("--compact", "--insert-ignore", "--no-create-db"),
        ("--no-create-info", "--complete-insert", "--single-transaction"),
        ("--net-buffer-length=4096", "--triggers", "--routines", "--order-by-primary"),
        ("--databases",),
    ],
    ids=" ".join,
)
def test_a_real_dump_gives_what_the_database_gives(
    filled: tuple[MariaDBServer, str], other: Catalog, options: tuple[str, ...], tmp_path: Path
) -> None:
    server, name = filled
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(server.dump(name, *options)))
    wanted = Wanted(tape="cta", disk="eos", report=tmp_path / "r.jsonl")
    import_prodsys(other, DumpSource(path), wanted)
    from_dump = content(other)
    with Catalog(f"sqlite:///{tmp_path}/again.db", clock=SimulatedClock(), actor="tester") as catalog:
        catalog.create()
        import_prodsys(catalog, experience(), wanted)
        assert from_dump == content(catalog)


@pytest.mark.mariadb
def test_a_server_that_refuses_is_one_clear_error(filled: tuple[MariaDBServer, str]) -> None:
    server, name = filled
    for url, words in (
        (server.url(name, "reader", "wrong"), "Access denied"),
        (server.url("nosuch", "reader", PASSWORD), "nosuch|Access denied"),
        (f"mysql://reader@127.0.0.1:1/{name}", "Can't connect"),
    ):
        with pytest.raises(CatalogUnavailable, match=words) as caught, open_source(url):
            pass
        assert "wrong" not in str(caught.value.subject)
    with open_source(server.url(name, "reader"), PASSWORD) as source:
        assert len(list(source.rows("prodsys_task", ("id",)))) == 17
    with pytest.raises(BadInput, match="MySQL or MariaDB"), open_source("sqlite:///x.db"):
        pass
    with pytest.raises(BadInput, match="neither a file nor a database URL"), open_source("mysql:://x"):
        pass


@pytest.mark.mariadb
def test_a_database_of_something_else_is_refused(mariadb_server: MariaDBServer) -> None:
    name = mariadb_server.create()
    mariadb_server.execute("CREATE TABLE prodsys_job (id int, status int)", name)
    with open_source(mariadb_server.url(name)) as source:
        with pytest.raises(BadInput, match="has no table prodsys_task"):
            list(source.rows("prodsys_task", ("id",)))
        with pytest.raises(BadInput, match="lacks the column task_id"):
            list(source.rows("prodsys_job", ("id",)))


# ------------------------------------------------------------------------------------ what it becomes
def test_every_row_is_mapped_or_in_the_report(bring: Any, tmp_path: Path) -> None:
    done = bring(experience())
    lines = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    world = experience()
    for rows, table, read in (
        (done.jobs, "prodsys_job", world.jobs),
        (done.tasks, "prodsys_task", world.tasks),
    ):
        reported = [line["id"] for line in lines if line["table"] == table]
        assert rows.read == len(read) == rows.mapped + len(reported)
        assert len(set(reported)) == len(reported) == rows.partly + rows.refused
    assert {cause["cause"] for line in lines for cause in line["causes"]} == {c.cause for c in done.causes}
    assert not (tmp_path / "report.jsonl.part").exists()


def test_an_archived_production_becomes_merged_files_over_their_raw_chunks(
    bring: Any, catalog: Catalog
) -> None:
    bring(experience())
    found = content(catalog)
    part = f"{TAPE_HOME}/mDST/mDST-275603-0-7.root.001"
    dataset = "prodsys/1/dvcs2016P08t1_part1/mDST"
    assert one(found["files"], part)[1:] == (dataset, "final", "mDST", 275603, "", 1, None, None)
    copies = {row[1:] for row in found["replicas"] if row[0] == part}
    disk = "/eos/experiment/compass/data/2016/dvcs2016P08t1_part1/mDST/mDST-275603-0-7.root.001"
    assert copies == {("cta", part, "UNVERIFIED"), ("eos", disk, "UNVERIFIED")}
    assert [up for down, up in found["parents"] if down == part] == [
        raw(275603, c) for c in (11004, 11005, 11006)
    ]
    dump = f"{TAPE_HOME}/mergedDump/slot0/evtdump0-275603.raw"
    assert {row[1] for row in found["replicas"] if row[0] == dump} == {"cta"}  # deleted from disk
    assert len([up for down, up in found["parents"] if down == dump]) == 4  # two of six dumps were empty
    assert not [row for row in found["files"] if row[1].startswith("prodsys/1/") and row[2] == "intermediate"]


def test_files_of_jobs_lie_between_raw_and_merged_where_they_still_are(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    found = content(catalog)
    chunk = "/eos/experiment/compass/data/2016/ddd/evtdump/slot0/evtdump0-11001-275603.raw"
    merged_file = "/castor/cern.ch/compass/data/2016/ddd/mergedDump/slot0/evtdump0-275603.raw"
    assert (merged_file, chunk) in found["parents"]
    assert (chunk, raw(275603, 11001)) in found["parents"]
    simulated = "/eos/experiment/compass/mc/data/2016/mcr/mDST.chunks/mDST-274495-1-0-7.root"  # zeros lost
    assert one(found["files"], simulated)[4:6] == (274495, "00001")
    generated = "/castor/cern.ch/compass/mc_prod/CERN/2016/P08/mcg/mcgen/mcr00001-274495_run000.tgeant"
    assert (simulated, generated) in found["parents"]


def test_a_raw_chunk_is_registered_once_and_its_size_stays_unknown(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    found = content(catalog)
    chunk = raw(275603, 11001)
    assert one(found["files"], chunk)[1:] == ("2016/W14", "raw", "raw", 275603, "11001", None, None, None)
    assert [row[1:] for row in found["replicas"] if row[0] == chunk] == [("cta", chunk, "UNVERIFIED")]
    assert [row[1:] for row in found["events"] if row[0] == chunk] == [("raw_catalogue", 12001)]
    readers = [row[0] for row in found["jobs"] if row[-1] == chunk]
    assert [name.split("/")[1] for name in readers] == ["1", "4", "7", "8"]


def test_no_copy_is_believed(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    assert {row[3] for row in content(catalog)["replicas"]} == {"UNVERIFIED"}


def test_numbers_of_events_that_are_none_stay_unknown(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    told = {row[0]: row[1:] for row in content(catalog)["events"]}
    for run, number in ((275616, 11001), (275616, 11002), (275604, 11001), (275610, 11001)):
        assert raw(run, number) not in told
    scrambled = "/eos/experiment/compass/data/2016/scrambled/mDST.chunks/mDST-275610-11001-0-7.root"
    assert told[scrambled] == ("job", 333)
    assert not [name for name in told if "mc" in name]


def test_jobs_that_are_over_become_past_jobs_and_the_others_none(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    found = content(catalog)
    running = {row[3]: row for row in found["jobs"] if row[0].startswith("prodsys/2/")}
    assert {chunk: row[4] for chunk, row in running.items()} == {"11008": "CANCELED", "11009": "DONE"}
    assert running["11009"][5:7] == (8, "4000000000")
    assert str(running["11009"][7]) == "2018-06-01 12:00:00+00:00"
    closed = {row[3]: row[4] for row in found["jobs"] if row[0].startswith("prodsys/3/")}
    assert {state for chunk, state in closed.items() if chunk != "11009"} == {"CANCELED"}
    assert found["gaps"] == [
        ("prodsys/3/technical2016", raw(275606, 11010),
         "left as 'manual check is needed' when its task was closed in ProdSys", "ProdSys", 59)
    ]  # fmt: skip


def test_runs_are_defined_only_where_everything_is_there(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    why = {(name, run): reason for name, run, reason in content(catalog)["undefined"]}
    mdst = {name.split("/")[1]: reason for (name, _), reason in why.items() if name.endswith("/mDST")}
    assert ("prodsys/4/ddd2016/evtdump", 275603) not in why
    assert "not finished" in mdst["3"]
    assert "cross-check" in mdst["14"]
    assert "rows were not taken whole" in mdst["16"] if "16" in mdst else True
    assert "1 of 4 chunks are in no merged file" in mdst["17"]
    assert "another task has files of these names" in mdst["1"]
    assert "nobody has said that these are all" in why["2016/W14", 275603]
    assert "15" not in mdst
    with catalog.begin() as conn, pytest.raises(ConflictingRegistration, match="not all files of run"):
        files.close_dataset(conn, "2016/W14", Why(catalog.clock.now(), "tester"))


def test_a_person_may_say_that_runs_are_whole(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    done = bring(experience(), whole_runs=True)
    assert done.undefined_runs["raw"] == 0
    assert not [row for row in content(catalog)["undefined"] if row[0].startswith("2016/")]


def test_directories_that_moved_are_renamed(bring: Any, catalog: Catalog) -> None:
    world = experience()
    moved = ("/castor/cern.ch/compass/", "/eos/ctapublic/archive/compass/")
    bring(world, moved=(moved,), names={"tape": moved[1], "eos": "/eos/experiment/compass/"})
    names = [row[0] for row in content(catalog)["files"]]
    assert raw(275603, 11001, RAW.replace(*moved)) in names
    assert not [name for name in names if name.startswith(moved[0])]


# ---------------------------------------------------------------------------------- again, and killed
def test_a_second_import_changes_nothing(bring: Any, catalog: Catalog) -> None:
    first = bring(experience())
    before = content(catalog)
    with catalog.read() as conn:
        history = len(conn.execute(select(schema.history.c.id)).all())
    again = bring(experience())
    assert content(catalog) == before
    assert (again.files, again.parents, again.past_jobs, again.gaps) == ({}, 0, {}, 0)
    assert again.jobs == first.jobs
    assert again.causes == first.causes
    with catalog.read() as conn:
        assert len(conn.execute(select(schema.history.c.id)).all()) == history
        assert tally.check(conn) == []
        assert follow.faults(conn, 5) == []


def test_batches_of_any_size_give_the_same(
    bring: Any, catalog: Catalog, other: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(experience())
    monkeypatch.setattr(importer, "BATCH", 3)
    import_prodsys(other, experience(), Wanted(tape="cta", disk="eos", report=tmp_path / "o.jsonl"))
    assert content(other) == content(catalog)


class Killed(BaseException):
    """What a kill looks like from inside."""


class Mortal:
    """A seam that ends the process before or after the commit of its choice."""

    def __init__(self) -> None:
        self.left = 10**9

    def crossing(self, name: str) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def cross() -> Iterator[None]:
            self.left -= 1
            if self.left == 0:
                raise Killed
            yield
            self.left -= 1
            if self.left == 0:
                raise Killed

        return cross()


def test_killed_at_any_commit_it_goes_on_and_no_run_was_ever_half_defined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 16)
    wanted = Wanted(tape="cta", disk="eos", report=tmp_path / "r.jsonl")
    seam = Mortal()

    def opened(name: str) -> Catalog:
        found = Catalog(f"sqlite:///{tmp_path}/{name}.db", clock=SimulatedClock(), actor="tester", seam=seam)
        found.create()
        return found

    with opened("whole") as catalog:
        import_prodsys(catalog, experience(), wanted)
        whole = content(catalog)
        defined = {(row[1], row[4]) for row in whole["files"]} - {row[:2] for row in whole["undefined"]}
    for at in [*range(1, 14), *range(14, 60, 9)]:
        with opened(f"k{at}") as catalog:
            seam.left = at
            with pytest.raises(Killed):
                import_prodsys(catalog, experience(), wanted)
            seam.left = 10**9
            half = content(catalog)
            said = {row[:2]: row[2] for row in half["undefined"]}
            complete = {(row[1], row[4]) for row in half["files"]} - said.keys()
            assert complete <= defined
            if at < 8:  # rows are still unread
                assert set(said.values()) <= {IMPORTING}
                assert not complete
            import_prodsys(catalog, experience(), wanted)
            assert content(catalog) == whole


def test_a_plan_says_the_same_and_changes_nothing(bring: Any, catalog: Catalog) -> None:
    before = content(catalog)
    planned = bring(experience(), plan=True)
    assert content(catalog) == before
    done = bring(experience())
    for name in (
        "tasks",
        "jobs",
        "files",
        "copies",
        "parents",
        "past_jobs",
        "gaps",
        "causes",
        "undefined_runs",
    ):
        assert getattr(planned, name) == getattr(done, name), name


def test_a_cut_dump_leaves_its_runs_undefined(bring: Any, catalog: Catalog, tmp_path: Path) -> None:
    path = experience().dump(tmp_path / "whole.sql", rows_at_once=20)
    text = path.read_bytes()
    cut = tmp_path / "cut.sql"
    # tasks first, as the rows must be understood; then half of the jobs
    jobs, tasks = text.split(b"DROP TABLE IF EXISTS `prodsys_task`")
    cut.write_bytes(
        b"-- MySQL dump 10\nDROP TABLE `x`" + tasks[: tasks.index(b"-- Dump")] + jobs[: len(jobs) * 2 // 3]
    )
    with pytest.raises(BadInput, match="cut"):
        bring(DumpSource(cut))
    assert content(catalog)["files"] == []  # found when the tasks were read: nothing was done
    assert (tmp_path / "report.jsonl.part").exists()
    assert not (tmp_path / "report.jsonl").exists()


# --------------------------------------------------------------------------- what ddm knows better
def known_raw(catalog: Catalog, lfn: str, dataset: str, events: int, close: bool = False) -> None:
    why = Why(catalog.clock.now(), "tester")
    with catalog.begin() as conn:
        tape = files.ensure_endpoint(conn, "cta", EndpointKind.TAPE)
        group = files.ensure_dataset(conn, dataset, why)
        entry = NewFile(
            lfn=LFN(lfn), role=Role.RAW, product="raw", run=275603, chunk="11001", size=1_000_000_000,
            adler32=Adler32(17), path=lfn, events={Witness.RAW_CATALOGUE: events},
        )  # fmt: skip
        registering.register(conn, [entry], dataset=group, endpoint=tape, why=why)
        if close:
            files.close_dataset(conn, dataset, why)


def test_what_ddm_knows_stays_and_differences_are_reported(bring: Any, catalog: Catalog) -> None:
    known_raw(catalog, raw(275603, 11001), "raw/mine", 99)
    done = bring(experience())
    found = content(catalog)
    assert one(found["files"], raw(275603, 11001))[1] == "raw/mine"
    assert one(found["files"], raw(275603, 11001))[7] == 1_000_000_000
    assert [row[2] for row in found["events"] if row[0] == raw(275603, 11001)] == [99]
    assert {cause.cause: cause.rows for cause in done.causes}["other_events"] >= 1


def test_a_closed_dataset_takes_no_more_files(bring: Any, catalog: Catalog) -> None:
    known_raw(catalog, raw(275603, 11001), "2016/W14", 12001, close=True)
    done = bring(experience())
    raws = [row for row in content(catalog)["files"] if row[1] == "2016/W14"]
    assert len(raws) == 1
    assert {cause.cause for cause in done.causes} >= {"closed"}
    assert done.jobs.balanced


def test_a_raw_file_known_under_another_name_is_linked_and_reported(bring: Any, catalog: Catalog) -> None:
    here = raw(275603, 11001, "/eos/ctapublic/archive/compass/data/2016/raw/W14/")
    known_raw(catalog, here, "2016/W14", 12001)
    done = bring(experience())
    found = content(catalog)
    assert raw(275603, 11001) not in [row[0] for row in found["files"]]
    assert (f"{TAPE_HOME}/mDST/mDST-275603-0-7.root", here) in found["parents"]
    assert {cause.cause: cause.rows for cause in done.causes}["known_elsewhere"] >= 2


def test_a_copy_that_was_deleted_does_not_come_back(bring: Any, catalog: Catalog) -> None:
    bring(experience())
    R = schema.replica  # noqa: N806
    with catalog.begin() as conn:
        conn.execute(R.update().values(state="DELETED"))
        tally.rebuild(conn)
    bring(experience())
    assert {row[3] for row in content(catalog)["replicas"]} == {"DELETED"}


def test_a_production_that_went_on_is_completed(bring: Any, catalog: Catalog) -> None:
    world = World()
    world.task(1, "growing")
    for chunk in (11001, 11002):
        world.job(1, 275700, chunk, status="sent")
    bring(world)
    assert content(catalog)["jobs"] == []
    for row in world.jobs:
        row.update(status="finished", **merged("mdst", 0, None))
    world.job(1, 275700, 11003, **merged("mdst", 0, None))
    done = bring(world)
    assert done.past_jobs == {"DONE": 3}
    found = content(catalog)
    (part,) = [row[0] for row in found["files"] if row[2] == "final"]
    assert len([1 for down, _ in found["parents"] if down == part]) == 3
    assert [row[1] for row in found["replicas"] if row[0] == part] == ["eos"]
    for row in world.jobs:
        row.update(merged("mdst", 0))
    world.tasks[0].update(status="archived", status_files_deleted="yes")
    bring(world)
    again = content(catalog)
    assert {row[1] for row in again["replicas"] if row[0] == part} == {"eos", "cta"}
    assert again["parents"] == found["parents"]  # still over the files of the jobs, that were known


def test_a_chunk_that_changed_its_part_is_reported_and_not_counted_twice(
    bring: Any, catalog: Catalog
) -> None:
    world = World()
    world.task(1, "remerged")
    for chunk in (11001, 11002):
        world.job(1, 275700, chunk, **merged("mdst", 0))
    bring(world)
    before = content(catalog)["parents"]
    world.jobs[1].update(merged("mdst", 1))
    done = bring(world)
    assert [cause.cause for cause in done.causes] == ["regrouped"]
    assert content(catalog)["parents"] == before


def test_gaps_and_jobs_of_ddm_are_not_contradicted(bring: Any, catalog: Catalog) -> None:
    world = World()
    world.task(1, "closed", status="done")
    world.job(1, 275700, 11001, status="manual check is needed")
    world.job(1, 275700, 11002, status="failed")
    bring(world)
    for row in world.jobs:
        row["status"] = "finished"
    done = bring(world)
    assert {cause.cause: cause.rows for cause in done.causes} == {"known_gap": 1, "other_job": 1}
    assert {row[4] for row in content(catalog)["jobs"]} == {"CANCELED"}


def test_two_imports_with_labels_of_their_own_keep_apart(bring: Any, catalog: Catalog) -> None:
    world = World()
    world.task(1, "same", soft="a")
    world.job(1, 275700, 11001)
    bring(world)
    world.tasks[0]["soft"] = "b"
    done = bring(world, label="old")
    assert done.causes == ()
    assert {row[0] for row in content(catalog)["tasks"]} == {"prodsys/1/same", "old/1/same"}
    assert {cause.cause for cause in bring(world).causes} == {"other_task", "name_taken"}


def test_the_flow_finds_nothing_to_do_with_an_imported_production(bring: Any, catalog: Catalog) -> None:
    from catalog.db import archives, groups, jobs, releasing, reports

    bring(experience())
    with catalog.read() as conn:
        assert reports.held(conn) == 0
        assert jobs.readable(conn, catalog.clock.now(), 10, thorough=True) == []
        for key in imported.task_ids(conn).values():
            dataset = conn.execute(
                select(schema.task.c.dataset_id).where(schema.task.c.id == key)
            ).scalar_one()
            assert jobs.definable(conn, key, dataset, 10) == []
            assert groups.finished_runs(conn, key, dataset) == {}
        assert archives.archivable(conn, 10) == []
        assert releasing.trashable(conn, "mDST", 10) == {}

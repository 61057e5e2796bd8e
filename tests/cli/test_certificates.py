"""Certificates years later, the rules explained, and what happens between the two askings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.db import evidence, holds, releasing, replicas, schema
from catalog.db.engine import Catalog
from catalog.db.holds import Kept
from catalog.db.move import Why, move
from catalog.errors import NotRegistered
from catalog.retention import GUARDS, Ground
from catalog.retention.verifying import Standing
from catalog.states import GROUP, REPLICA, HoldScope, ReplicaState
from ddm import explain_delete, flow
from ddm.app import App
from ddm.cli import certificate as certificate_cli
from ddm.cli.program import NOUNS
from ddm.explain import explain
from ddm.operations import certificates
from ddm.releaserules import rules_of
from ddm.steps import cleanup
from ddm.steps import evidence as evidence_step
from ddm.testing.crash import Stopped, StoppingSeam
from ddm.testing.world import World

CHUNK = "mDST-275678-11001-0-7.root"
INPUTS = 8


@pytest.fixture
def world(tmp_path) -> World:
    """A world whose trash is kept for two weeks."""
    world = World(tmp_path, runs=1, chunks=2)
    kept = {
        name: replace(product, grace=timedelta(days=14)) for name, product in world.settings.products.items()
    }
    world.settings = replace(world.settings, products=kept)
    return world


@pytest.fixture
def app(world) -> Iterator[App]:
    """The moment when everything is in the trash."""
    app = world.open()
    world.register(app)
    flow.run(app, max_rounds=3000)
    yield app
    app.close()


def later(app: App, time: timedelta = timedelta(days=15)) -> None:
    app.clock.sleep(time)
    flow.run(app, max_rounds=3000)


def rows(app: App, statement: str) -> list[Any]:
    with app.catalog.read() as conn:
        return list(conn.exec_driver_sql(statement).all())


# ------------------------------------------------------------------------- years later
def test_certificates_stand_and_tell_what_changed_and_what_is_wrong(app: App) -> None:
    """One world for all of it: the journey is what takes time."""
    later(app)
    assert {state for (state,) in rows(app, "SELECT state FROM merge_group")} == {"CLEANED"}
    all_ = list(certificates.all_verified(app.catalog))
    assert {one.standing for one in all_} == {Standing.STANDS}
    assert len(all_) == 4
    (paper,) = certificates.verified(app.catalog, CHUNK)
    told = {line.what: line.text for line in paper.lines}
    assert told["removed"].startswith("2 of 2")
    assert "AVAILABLE" in told["on tape"]
    assert [one.seal for one in certificates.verified(app.catalog, paper.seal[:12])] == [paper.seal]
    (shown,) = certificates.show(app.catalog, CHUNK)
    assert shown.copies[0]["lfn"].endswith(f"/{CHUNK}")
    with pytest.raises(NotRegistered, match="no certificate has a seal that begins so"):
        certificates.show(app.catalog, "0" * 8)
    with pytest.raises(NotRegistered):
        certificates.show(app.catalog, "cdr11001-275678.raw")
    with pytest.raises(NotRegistered):
        certificates.show(app.catalog, "0123456789abcdef")
    _a_lost_archive_is_told(app, paper.seal)
    _a_changed_paper_is_wrong(app, paper.seal)


def _a_lost_archive_is_told(app: App, seal: str) -> None:
    said = certificates.show(app.catalog, seal)[0].said
    assert said is not None
    tape = said["products"][0]["tapes"][0]["replica"]
    with app.catalog.begin() as conn:
        move(conn, REPLICA, [tape], "missing", app.why("the library lost it"))
    (paper,) = certificates.verified(app.catalog, seal)
    assert paper.standing is Standing.CHANGED
    assert [line.what for line in paper.lines if line.standing is Standing.CHANGED] == ["on tape"]


def _a_changed_paper_is_wrong(app: App, seal: str) -> None:
    with app.catalog.begin() as conn:
        table = schema.certificate
        body = conn.execute(table.select().where(table.c.seal == seal)).one().body
        wrong = json.loads(body)
        wrong["products"][0]["members"]["rows"][0][2] += 1  # another size of the first member
        text = json.dumps(wrong, sort_keys=True, separators=(",", ":"))
        conn.execute(table.update().where(table.c.seal == seal).values(body=text))
    (paper,) = certificates.verified(app.catalog, seal)
    assert paper.standing is Standing.WRONG
    assert {line.what for line in paper.lines if line.standing is Standing.WRONG} == {"seal", "members"}
    with app.catalog.begin() as conn:
        conn.execute(table.update().where(table.c.seal == seal).values(body="{"))
    (paper,) = certificates.verified(app.catalog, seal)
    assert paper.standing is Standing.WRONG


@pytest.mark.parametrize(
    ("standings", "code"),
    [
        ([Standing.STANDS], 0),
        ([Standing.STANDS, Standing.CHANGED], 3),
        ([Standing.CHANGED, Standing.WRONG], 1),
    ],
)
def test_the_exit_code_of_verify_is_that_of_the_worst(
    standings: list[Standing], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    now = SimulatedClock().now()
    found = [certificates.Verified("0" * 64, now, standing, ()) for standing in standings]
    monkeypatch.setattr(certificates, "all_verified", lambda catalog: iter(found))
    monkeypatch.setattr(certificates, "count", lambda catalog: len(found))
    with Catalog(f"sqlite:///{tmp_path}/x.db") as catalog:
        monkeypatch.setattr(certificate_cli, "catalogue", lambda session: catalog)
        told = CliRunner().invoke(certificate_cli.cli, ["verify", "--all"], standalone_mode=False)
    assert told.return_value == code
    assert f"{len(found)} certificate" in told.output


# --------------------------------------------------------------------------- explained
def test_every_rule_is_explained_with_what_would_change_it(app: App) -> None:
    rules = rules_of(app.settings)
    (copy,) = explain_delete.explain_delete(app.catalog, rules, CHUNK)
    assert (copy.state, copy.ground, copy.allowed) == (ReplicaState.TRASHED, Ground.MERGED, False)
    assert [line.guard for line in copy.lines if not line.kept] == ["grace"]
    assert copy.certificate
    text = dict(explain(app.catalog, CHUNK, rules).facts)["withdrawn"]
    assert "stays: it may be had back until" in text
    disk, tape = explain_delete.explain_delete(app.catalog, rules, "mDST-275678-0-7.root")
    assert (disk.ground, disk.allowed) == (Ground.ON_TAPE, True)
    assert (tape.ground, tape.allowed) == (Ground.LOSS, False)
    tape = explain_delete.explain_delete(app.catalog, rules, "mDST-275678-0-7.root", Ground.ON_TAPE)[1]
    assert any(line.text.endswith("mDST-275678-0-7.root has no other copy on tape") for line in tape.lines)
    (raw,) = explain_delete.explain_delete(app.catalog, rules, "cdr11001-275678.raw", Ground.MERGED)
    assert {"role", "disk", "made"} <= {line.guard for line in raw.lines if not line.kept}


def test_every_command_that_a_rule_names_exists() -> None:
    """``ddm NOUN`` at least: what it is given is of the case."""
    for guard in GUARDS:
        for words in (part.split() for part in guard.remedy.split("ddm ")[1:]):
            assert words[0].rstrip(";,") in NOUNS, guard.name


# -------------------------------------------------------------- between the two askings
def _archive_lost(app: App) -> None:
    with app.catalog.begin() as conn:
        ids = [row[0] for row in conn.exec_driver_sql("SELECT id FROM replica WHERE endpoint_id = 2").all()]
        known = [key for key, one in replicas.standing(conn, ids).items() if one.state == "AVAILABLE"]
        move(conn, REPLICA, known, "missing", app.why("the library lost it"))


def _recounted(app: App) -> None:
    with app.catalog.begin() as conn:
        groups = [row[0] for row in conn.exec_driver_sql("SELECT id FROM merge_group").all()]
        move(conn, GROUP, groups, "found_to_differ", app.why("a recount differs"))


def _held(app: App) -> None:
    with app.catalog.begin() as conn:
        files = [row[0] for row in conn.exec_driver_sql("SELECT id FROM file").all()]
        holds.add(conn, Kept(HoldScope.FILES, tuple(files)), None, Why(app.now, "anna", "for a thesis"))


BETWEEN: dict[str, tuple[Callable[[App], None], str]] = {
    "the archive is lost": (_archive_lost, "not AVAILABLE"),
    "a recount differs": (_recounted, "MISMATCHED, not ARCHIVED"),
    "a person keeps the files": (_held, "anna keeps it"),
}


class _StopBefore(StoppingSeam):
    """Stops before the first crossing of that name."""

    @contextmanager
    def crossing(self, name: str) -> Iterator[None]:
        if name == "disk.remove":
            self._stop()
        with super().crossing(name):
            yield


@pytest.fixture
def queued(app: App, world: World, tmp_path: Any) -> Callable[..., App]:
    """Opens the world again and again at the moment when every removal may go."""
    later(app, timedelta(days=13, hours=20))
    app.clock.sleep(timedelta(hours=5))
    with app.catalog.begin() as conn:
        evidence.ask(conn, [row[0] for row in conn.exec_driver_sql("SELECT id FROM replica").all()], app.now)
    evidence_step.take(app)
    app.close()
    path = tmp_path / "world.db"
    saved = shutil.copy(path, tmp_path / "saved.db")

    def again(seam: StoppingSeam | None = None) -> App:
        for left in tmp_path.glob("world.db*"):
            left.unlink()
        shutil.copy(saved, path)
        return world.open(seam)

    return again


def test_what_happens_after_the_removal_was_allowed_is_seen_before_it_is_sent(
    queued: Callable[..., App], world: World
) -> None:
    before = dict(world.disk.library.files)
    for what, (spoil, reason) in BETWEEN.items():
        app = queued()
        with app.catalog.begin() as conn:
            assert cleanup.want_these(app, conn, releasing.due(conn, app.now, None)) == INPUTS, what
        spoil(app)
        cleanup.remove(app)
        assert {state for (state,) in rows(app, "SELECT state FROM item WHERE kind = 'remove'")} == {
            "CANCELED"
        }
        assert rows(app, "SELECT count(*) FROM replica WHERE state = 'TRASHED'") == [(INPUTS,)]
        told = rows(app, "SELECT reason FROM history WHERE event = 'removal_refused'")
        assert any(reason in text for (text,) in told), what
        assert world.disk.library.files == before
        app.close()


def test_a_removal_that_was_marked_before_a_crash_is_asked_about_again(
    queued: Callable[..., App], world: World
) -> None:
    """DELETING is committed, the storage was not called; then the archive is lost."""
    before = dict(world.disk.library.files)
    app = queued(_StopBefore())
    with pytest.raises(Stopped):
        cleanup.remove(app)
    app.close()
    app = world.open()
    assert rows(app, "SELECT count(*) FROM replica WHERE state = 'DELETING'") == [(INPUTS,)]
    _archive_lost(app)
    flow.recover(app)
    cleanup.remove(app)
    assert rows(app, "SELECT count(*) FROM replica WHERE state = 'TRASHED'") == [(INPUTS,)]
    assert world.disk.library.files == before
    app.close()


def test_what_was_written_to_the_place_since_is_looked_at_before_the_removal_and_stays(
    queued: Callable[..., App], world: World
) -> None:
    """Another file of the same size, one of another size, and one that nobody can see."""
    app = queued()
    files = world.disk.library.files
    ours = [path for (path,) in rows(app, _TRASHED)]
    same_size, other_size = ours[:2]
    size, checksum = files[same_size].size, files[same_size].adler32
    _other_bytes(world, same_size, size, Adler32(checksum ^ 1))
    _other_bytes(world, other_size, files[other_size].size + 1, files[other_size].adler32)
    cleanup.remove(app)
    assert {path for path in ours if path in files} == {same_size, other_size}
    assert (files[same_size].size, files[same_size].adler32) == (size, checksum ^ 1)
    assert {path for (path,) in rows(app, _TRASHED)} == {same_size, other_size}
    held = dict(rows(app, "SELECT code, reason FROM item WHERE kind = 'remove' AND state = 'HELD'"))
    assert held.keys() == {"checksum_mismatch", "size_mismatch"}
    assert all("not removed" in reason for reason in held.values())
    app.close()


def _other_bytes(world: World, path: str, size: int, checksum: Adler32) -> None:
    """Somebody takes the file away and writes another one under its name."""
    del world.disk.library.files[path]
    world.disk.put(path, size, checksum)


def test_what_cannot_be_seen_is_not_removed(queued: Callable[..., App], world: World) -> None:
    before = dict(world.disk.library.files)
    app = queued()
    blind = replace(app.storages["disk"], prober=_Blind())
    app.storages = {**app.storages, "disk": blind}
    cleanup.remove(app)
    assert world.disk.library.files == before
    assert rows(app, "SELECT count(*) FROM replica WHERE state = 'TRASHED'") == [(INPUTS,)]
    app.close()


_TRASHED = (
    "SELECT coalesce(r.path, d.path || f.name) FROM replica r JOIN file f ON f.id = r.file_id "
    "JOIN directory d ON d.id = f.directory_id WHERE r.state = 'TRASHED' ORDER BY r.id"
)


class _Blind:
    """A service that answers, and says nothing of any file."""

    def probe(self, paths: Any) -> dict[str, Any]:
        return {}

"""Is everything where it should be when the journey is over? Asked of the tables and of the simulated world.

Nothing here uses the questions of ``catalog.db``: what a bench proves must not rest on what it measures.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ddm import flow
from ddm.app import App
from ddm.testing.world import TAPE, World

END_STATES = {
    "replica": {"AVAILABLE", "DELETED"},
    "item": {"DONE"},
    "job": {"DONE"},
    "merge_group": {"CLEANED"},
    "pin": {"RELEASED"},
    "cross_check": {"PASSED"},
}


LONG = "last_id - noun_id + 1"  # of how many ids a row of the history speaks
EACH = """
    WITH RECURSIVE each_id (id, noun, noun_id, last_id, old, new) AS (
        SELECT id, noun, noun_id, last_id, old, new FROM history WHERE new <> ''
        UNION ALL SELECT id, noun, noun_id + 1, last_id, old, new FROM each_id WHERE noun_id < last_id
    ) SELECT count(*) FROM (
        SELECT old, lag(new) OVER (PARTITION BY noun, noun_id ORDER BY id) AS before FROM each_id
    ) AS steps WHERE old <> before
"""


def totals(app: App) -> dict[str, int]:
    """How much there is in the catalogue."""
    with app.catalog.read() as conn:
        return {
            "files": _number(conn, "SELECT count(*) FROM file"),
            "groups": _number(conn, "SELECT count(*) FROM merge_group"),
            "transitions": _number(conn, f"SELECT sum({LONG}) FROM history WHERE new <> ''"),
        }


def problems(app: App, world: World) -> list[str]:
    """Every sentence on what is wrong; none if all is well."""
    with app.catalog.read() as conn:
        found = [
            *_states(conn),
            *_parts(conn, app, world),
            *_events(conn, app, world),
            *_proofs(conn),
            *_storage(conn, world),
        ]
    again = flow.run(app, max_rounds=2)
    if not again.idle or again.held:
        found.append(f"a second run is not idle: {again}")
    return found


def _number(conn: Connection, query: str, **values: object) -> int:
    return int(conn.execute(text(query), values).scalar_one())


def _states(conn: Connection) -> Iterator[str]:
    """Nothing is held, nothing is under way, everything has arrived."""
    for table, wanted in END_STATES.items():
        rows = conn.execute(text(f"SELECT state, count(*) FROM {table} GROUP BY state"))
        seen = {row[0]: row[1] for row in rows}
        if not seen:
            yield f"there is no {table}"
        for state, count in sorted(seen.items()):
            if state not in wanted:
                yield f"{count} x {table} {state}"
    if _number(conn, "SELECT count(*) FROM gap"):
        yield "there are gaps, and nobody registered any"


PARTS = """
    SELECT g.product, count(*), count(DISTINCT p.parent_id)
    FROM merge_group g
    JOIN member m ON m.group_id = g.id AND m.live
    JOIN file chunk ON chunk.id = m.file_id AND chunk.product = g.product
    JOIN parent p ON p.file_id = chunk.id
    JOIN file raw ON raw.id = p.parent_id AND raw.role = 'raw' AND raw.run = g.run AND raw.chunk = chunk.chunk
    JOIN file merged ON merged.id = g.output_id AND merged.role = 'final' AND merged.run = g.run
    JOIN parent whole ON whole.file_id = merged.id AND whole.parent_id = chunk.id
    GROUP BY g.product
"""


def _parts(conn: Connection, app: App, world: World) -> Iterator[str]:
    """Every raw chunk is in exactly one part of every product."""
    chunks = len(world.raw)
    seen = {row[0]: (row[1], row[2]) for row in conn.execute(text(PARTS))}
    for product in app.settings.products:
        if seen.get(product) != (chunks, chunks):
            yield f"{product}: (members, chunks) in parts are {seen.get(product)}, of {chunks} raw chunks"
    wanted = {"raw": chunks, "intermediate": chunks * len(app.settings.products)}
    for role, count in wanted.items():
        found = _number(conn, "SELECT count(*) FROM file WHERE role = :role", role=role)
        if found != count:
            yield f"{found} {role} files, not {count}"


EVENTS = """
    SELECT f.run, coalesce(sum(c.n_events), 0)
    FROM file f JOIN event_count c ON c.file_id = f.id AND c.witness = 'read'
    WHERE f.role = 'final' AND f.product = :product GROUP BY f.run
"""


def _events(conn: Connection, app: App, world: World) -> Iterator[str]:
    """The merged files hold the events of their run's raw chunks; event dumps a tenth of each chunk's."""
    for product in ("mDST", "hist", "evtdump"):
        share = 10 if product == "evtdump" else 1
        truth: dict[int, int] = {}
        for file in world.raw:
            truth[file.run] = truth.get(file.run, 0) + file.events // share
        read = {row[0]: int(row[1]) for row in conn.execute(text(EVENTS), {"product": product})}
        for run in sorted(truth):
            if read.get(run) != truth[run]:
                yield f"{product} of run {run}: {read.get(run)} events, {truth[run]} were taken"


def _proofs(conn: Connection) -> Iterator[str]:
    """Every deleted replica was certified; every history row leads from where the last one led to."""
    bare = _number(
        conn,
        "SELECT count(*) FROM replica r WHERE r.state = 'DELETED' "
        "AND NOT EXISTS (SELECT 1 FROM certified c WHERE c.replica_id = r.id)",
    )
    if bare:
        yield f"{bare} replicas were deleted without a certificate"
    groups = _number(conn, "SELECT count(*) FROM merge_group")
    certificates = _number(conn, "SELECT count(*) FROM certificate")
    if certificates != groups:
        yield f"{certificates} certificates for {groups} groups"
    broken = _number(conn, EACH)
    if broken:
        yield f"{broken} steps of the history do not follow from the row before"
    for noun, table in (("replica", "replica"), ("job", "job"), ("group", "merge_group")):
        born = _number(conn, f"SELECT sum({LONG}) FROM history WHERE noun = :n AND event = 'born'", n=noun)
        rows = _number(conn, f"SELECT count(*) FROM {table}")
        if born != rows:
            yield f"{born} births in the history for {rows} x {table}"


REPLICAS = """
    SELECT e.name, COALESCE(r.path, d.path || f.name), f.size, f.adler32, f.role
    FROM replica r JOIN endpoint e ON e.id = r.endpoint_id JOIN file f ON f.id = r.file_id
    JOIN directory d ON d.id = f.directory_id
    WHERE r.state = 'AVAILABLE'
"""


def _storage(conn: Connection, world: World) -> Iterator[str]:
    """The stores hold what the catalogue says, no more and no less; every merged and raw file is on tape."""
    stores = {"disk": world.disk, "tape": world.tape}
    said: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in stores}
    roles: dict[tuple[str, str], int] = {}
    for name, path, size, checksum, role in conn.execute(text(REPLICAS)):
        said[name][path] = (size, checksum)
        roles[name, role] = roles.get((name, role), 0) + 1
    for name, store in stores.items():
        there = {path: (record.size, int(record.adler32)) for path, record in store.library.files.items()}
        if there != said[name]:
            odd = sorted(
                path for path in there.keys() | said[name].keys() if there.get(path) != said[name].get(path)
            )
            yield f"{name}: {len(odd)} paths differ between store and catalogue, e.g. {odd[0]}"
    merged = _number(conn, "SELECT count(*) FROM file WHERE role = 'final'")
    wanted = {("tape", "raw"): len(world.raw), ("tape", "final"): merged, ("disk", "final"): merged}
    if roles != wanted:
        yield f"available replicas by place and role are {roles}, not {wanted}"
    now = world.clock.now().timestamp()
    held = sum(
        record.disk_at <= now
        for path, record in world.tape.library.files.items()
        if TAPE + path in world.events
    )
    if held:
        yield f"{held} raw files are still in the tape buffer"

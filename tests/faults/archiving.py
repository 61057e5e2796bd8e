"""A small archive by hand: merged files on a local disk, copies of them that are wanted on tape."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from catalog.checksum import adler32
from catalog.clock import Clock, SystemClock
from catalog.db import copies, directories, evidence, files, requests, schema
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.evidence import Piece
from catalog.states import EndpointKind, ReplicaState, RequestKind
from catalog.testing.builders import Situation
from ddm import config
from ddm.app import App, open_app

__all__ = ["copies"]
PRODUCT = """
[product.mDST]
payload = "p"
chunk_dir = "/c/"
chunk_name = "{run}-{chunk}"
merged_dir = "/m/"
merged_name = "m-{run}{part}"
archive_dir = "/a/"
archive_to = "tape"
tool = "root"
"""


@dataclass
class SmallArchive:
    """``app`` is the program; ``wanted``: LFN to the replica that is to be on tape."""

    app: App
    wanted: Mapping[str, int]

    def states(self) -> dict[str, str]:
        r = schema.replica
        with self.app.catalog.read() as conn:
            query = select(r.c.id, r.c.state).where(r.c.id.in_(list(self.wanted.values())))
            found = {row[0]: row[1] for row in conn.execute(query)}
        return {lfn: found[key] for lfn, key in self.wanted.items()}

    def items(self) -> dict[str, Any]:
        """The copies: state, code and reason by LFN."""
        i = schema.item
        with self.app.catalog.read() as conn:
            columns = i.c["replica_id", "state", "code", "reason"]
            rows = conn.execute(select(*columns).where(i.c.kind == "copy"))
            found = {row[0]: row[1:] for row in rows}
        return {lfn: tuple(found[key]) for lfn, key in self.wanted.items()}

    def reasons(self, lfn: str) -> list[str]:
        h = schema.history
        with self.app.catalog.read() as conn:
            query = select(h.c.reason).where(schema.tells_of("replica", self.wanted[lfn])).order_by(h.c.id)
            return list(conn.execute(query).scalars())

    def pieces(self) -> dict[str, tuple[Piece, ...]]:
        with self.app.catalog.read() as conn:
            found = evidence.counting(conn, list(self.wanted.values()))
        return {lfn: found[key] for lfn, key in self.wanted.items()}


def small_archive(
    root: Path,
    contents: Mapping[str, bytes],
    tape: str,
    *,
    product: str = "",
    flow: str = "",
    clock: Clock | None = None,
    runs: Mapping[str, int] | None = None,
    **options: Any,
) -> SmallArchive:
    """``contents``: by LFN. ``tape``: the rest of ``[endpoint.tape]``; ``product``, ``flow``: of theirs.
    ``runs``: by LFN."""
    (root / "ddm.toml").write_text(
        f'catalog = "sqlite:///{root}/ddm.db"\n'
        f'[endpoint.disk]\nkind = "disk"\nbackend = "posix"\nprefix = "file://{root}/disk"\n'
        f'[endpoint.tape]\nkind = "tape"\n{tape}\n{PRODUCT}{product}\n[flow]\n{flow}\n',
        encoding="utf-8",
    )
    clock = clock or SystemClock()
    settings = config.load(root / "ddm.toml", {})
    with Catalog(settings.catalog, clock=clock) as catalog:
        catalog.create()
        with catalog.begin() as conn:
            here = Situation(conn, clock)
            why = Why(clock.now(), "tester", "a test")
            places = directories.ensure(conn, sorted({lfn.rpartition("/")[0] + "/" for lfn in contents}))
            made: dict[str, int] = {}
            sources: list[int] = []
            for number, (lfn, data) in enumerate(contents.items()):
                local = root / "disk" / lfn.lstrip("/")
                local.parent.mkdir(parents=True, exist_ok=True)
                local.write_bytes(data)
                directory, _, name = lfn.rpartition("/")
                made[lfn] = here.row(
                    schema.file,
                    directory_id=places[directory + "/"],
                    name=name,
                    dataset_id=here.dataset,
                    role="final",
                    product="mDST",
                    run=(runs or {}).get(lfn, 270_000 + number // 4),
                    chunk="",
                    size=len(data),
                    adler32=int(adler32([data])),
                    registered_at=clock.now(),
                )
                sources.append(here.replica(made[lfn], here.disk))
                conn.execute(
                    schema.replica.update().where(schema.replica.c.id == sources[-1]).values(path=lfn)
                )
            wanted = files.add_replicas(
                conn, [(key, lfn) for lfn, key in made.items()], here.tape, why, ReplicaState.COPYING
            )
            requests.want(conn, RequestKind.COPY, [(here.tape, key) for key in wanted], why, sources)
    assert settings.endpoints["tape"].kind is EndpointKind.TAPE
    app = open_app(settings, clock=clock, chance=random.Random(1), **options)
    return SmallArchive(app, dict(zip(contents, wanted, strict=True)))

"""Files: show one with everything known of it, its history, lists of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.checksum import Adler32
from catalog.db import facts, files, look, people
from catalog.db.engine import Catalog
from catalog.db.facts import GroupFact, Past, ReplicaFact
from catalog.db.look import Said
from catalog.db.people import MovedReplica
from ddm.operations.common import because, doing


@dataclass(frozen=True, slots=True)
class FileShown:
    """Everything the catalogue knows of a file. ``groups``: merges it is a member or the output of."""

    lfn: str
    dataset: str
    role: str
    product: str
    run: int
    chunk: str
    part: int | None
    size: int | None
    adler32: Adler32 | None
    registered_at: datetime
    events: tuple[Said, ...]
    replicas: tuple[ReplicaFact, ...]
    parents: tuple[str, ...]
    children: tuple[str, ...]
    groups: tuple[GroupFact, ...]


def show(catalog: Catalog, lfn: str) -> FileShown:
    """The file of that LFN or unique base name. Raises NotRegistered."""
    with catalog.read() as conn:
        row = files.find_file(conn, lfn)
        return FileShown(
            lfn=row.lfn,
            dataset=row.dataset,
            role=row.role,
            product=row.product,
            run=row.run,
            chunk=row.chunk,
            part=row.part,
            size=row.size,
            adler32=None if row.adler32 is None else Adler32(row.adler32),
            registered_at=row.registered_at,
            events=tuple(look.said_of(conn, row.id)),
            replicas=tuple(facts.replicas_of(conn, row.id)),
            parents=tuple(facts.relatives(conn, row.id, up=True)),
            children=tuple(facts.relatives(conn, row.id, up=False)),
            groups=tuple(facts.groups_of_file(conn, row.id)),
        )


def history(catalog: Catalog, lfn: str) -> list[Past]:
    """What happened to the file, its replicas, requests, pins and readers, oldest first."""
    with catalog.read() as conn:
        return facts.history_of_file(conn, files.find_file(conn, lfn).id)


def compare(catalog: Catalog, lfns: Sequence[str], reason: str) -> list[MovedReplica]:
    """Have the copies of files compared anew: AVAILABLE ones are doubted, LOST ones looked for again.

    Raises NotRegistered, or IllegalTransition for a file without such a copy; then nothing was changed.
    """
    with doing(catalog, act=True) as conn:
        found = look.file_ids(conn, lfns)
        return people.compare_again(conn, sorted(set(found.values())), because(catalog, reason))

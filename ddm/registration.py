"""Registering files that a program holds in its hands: all or nothing, in one transaction.

``ddm.importing`` registers from lists and listings of any length; this is for what fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from catalog.db import files, registering
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.errors import BadInput, ConflictingRegistration
from catalog.model import NewFile, Registration
from catalog.states import EndpointKind
from ddm.importing.checking import Checker, Good
from ddm.importing.names import RAW, Names
from ddm.sources import formats
from ddm.sources.rows import Refused

__all__ = ["RAW", "read_list", "register"]

BATCH = 5000


def read_list(path: Path, names: Names) -> Iterator[NewFile]:
    """The files of a list of any format, in order. Raises BadInput for the first that cannot be taken."""
    checker = Checker(names)
    for entry in formats.rows(path, str(path), formats.guess(path)):
        found = entry if isinstance(entry, Refused) else checker.take(entry)
        if isinstance(found, Refused):
            raise BadInput(found.why, subject=found.where)
        if isinstance(found, Good):
            yield found.file()


def register(
    catalog: Catalog,
    entries: Iterable[NewFile],
    *,
    dataset: str,
    endpoint: str,
    kind: EndpointKind,
    close: bool = False,
) -> Registration:
    """Register the files in one transaction; with any conflict nothing is changed.

    Raises ConflictingRegistration naming the first conflict. ``close`` says that the dataset is complete.
    Repeat freely: what is known already is compared.
    """
    added = same = 0
    each = iter(entries)
    with catalog.begin() as conn:
        why = Why(catalog.clock.now(), catalog.actor, "registered from a list")
        place = files.ensure_endpoint(conn, endpoint, kind)
        group = files.ensure_dataset(conn, dataset, why)
        while batch := list(islice(each, BATCH)):
            found = registering.register(conn, batch, dataset=group, endpoint=place, why=why)
            if found.conflicts:
                first = found.conflicts[0]
                more = f" (and {len(found.conflicts) - 1} more)" if len(found.conflicts) > 1 else ""
                raise ConflictingRegistration(f"{first.lfn}: {first.text}{more}", subject=first.where)
            added, same = added + found.added, same + found.same
        if close:
            files.close_dataset(conn, dataset, why)
    return Registration(added, same)

"""Asking an endpoint for the sizes and checksums that no list has said, many files in one call.

What the endpoint says is kept as such: the history of each file says that its endpoint said so, and how.
A file that the endpoint does not have, or does not speak of, stays as it is: absence is no size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.checksum import Adler32
from catalog.db import compare, files, incomplete, registering
from catalog.db.engine import Catalog
from catalog.db.incomplete import Incomplete
from catalog.db.move import Why
from ddm.importing.report import LISTED
from transfers.model import Failed, Observation, Observed
from transfers.ports import Storage

SAID = "said by endpoint {} ({})"


@dataclass(frozen=True, slots=True)
class Silence:
    """A file of which the endpoint did not say what is missing."""

    lfn: str
    why: str


@dataclass(frozen=True, slots=True)
class Completed:
    """What came of asking. ``partly``: the size only, since the service knows no checksum."""

    endpoint: str
    planned: bool
    asked: int
    completed: int
    partly: int
    silent: int
    silences: tuple[Silence, ...]


def complete(
    catalog: Catalog,
    storage: Storage,
    endpoint: str,
    *,
    dataset: str | None = None,
    plan: bool = False,
    advance: Callable[[str, int], None] = lambda what, rows: None,
) -> Completed:
    """Ask the endpoint about every incomplete file that it has a replica of. Repeat freely.

    Raises NotRegistered for a dataset that nobody knows, StorageError if the endpoint cannot be asked.
    """
    asked = completed = partly = 0
    silences: list[Silence] = []
    silent = after = 0
    with catalog.read() as conn:
        place = compare.endpoint_id(conn, endpoint)
        group = None if dataset is None else files.dataset_id(conn, dataset)
    limit = storage.capabilities.max_files_per_call
    while True:
        with catalog.read() as conn:
            batch = incomplete.at(conn, place, after=after, limit=limit, dataset=group)
        if not batch:
            break
        after = batch[-1].id
        asked += len(batch)
        if not plan:
            answers = storage.prober.probe(sorted({file.path for file in batch}))
            said, quiet = _sorted(batch, answers)
            _keep(catalog, endpoint, said)
            whole = sum(adler32 is not None for group_ in said.values() for _, _, adler32 in group_)
            completed += whole
            partly += sum(map(len, said.values())) - whole
            silent += len(quiet)
            silences += quiet[: LISTED - len(silences)]
        advance("asking", len(batch))
    return Completed(endpoint, plan, asked, completed, partly, silent, tuple(silences))


Said = dict[str, list[tuple[int, int | None, Adler32 | None]]]


def _sorted(batch: list[Incomplete], answers: Mapping[str, Observation]) -> tuple[Said, list[Silence]]:
    """What was said, by how it was found out; and of which files nothing was."""
    said: Said = {}
    quiet = []
    for file in batch:
        match answers.get(file.path):
            case Observed(size, adler32, _, how):
                said.setdefault(how, []).append((file.id, size, adler32))
            case Failed(code, text, _):
                quiet.append(Silence(file.lfn, f"{code}: {text}"))
            case other:
                quiet.append(Silence(file.lfn, "no answer" if other is None else other.text))
    return said, quiet


def _keep(catalog: Catalog, endpoint: str, said: Said) -> None:
    with catalog.begin("complete") as conn:
        for how, group in said.items():
            why = Why(catalog.clock.now(), catalog.actor, SAID.format(endpoint, how))
            registering.complete(conn, group, why)

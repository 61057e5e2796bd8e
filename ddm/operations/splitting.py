"""Which files, or events inside files, each of many jobs would read: shares by events or bytes.

    from ddm import load, open_catalog, splitting
    from merging.split import JobLimits

    with open_catalog(load("ddm.toml")) as catalog:
        found = splitting.of_run(catalog, 275678, JobLimits(events=100_000, inside_files=True))

Nothing is changed and no job is made. The same files and limits give the same jobs and the same hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.db import dividing, files
from catalog.db.dividing import Known
from catalog.db.engine import Catalog
from catalog.errors import BadInput, NotRegistered
from catalog.meta import Value
from catalog.query import parse, show
from catalog.querytree import Compare
from merging.errors import UnplannableInputs
from merging.model import Bound, Member
from merging.split import JobLimits, Share, Slice, split

RUN = "run"
"""The boundary that is no metadata key."""


@dataclass(frozen=True, slots=True)
class JobFile:
    """What a job reads of a file: ``n_events`` from number ``first`` on, from 0. ``size``: bytes of the whole
    file. ``whole``: all of it; then ``n_events`` is None where nobody has counted it."""

    lfn: str
    size: int
    first: int
    n_events: int | None
    whole: bool


@dataclass(frozen=True, slots=True)
class JobShare:
    """One job. ``size``: bytes of the files it reads from; ``n_events`` None if those of one are not known.
    ``bounds``: its value of each boundary."""

    number: int
    size: int
    n_events: int | None
    bounds: tuple[Bound, ...]
    files: tuple[JobFile, ...]


@dataclass(frozen=True, slots=True)
class Divided:
    """All jobs. ``idle``: files without events, which no job reads; ``uncounted``: files of which nobody
    knows the number of events."""

    query: str
    limits: JobLimits
    hash: str
    jobs: tuple[JobShare, ...]
    idle: tuple[str, ...]
    uncounted: tuple[str, ...]


def of_run(catalog: Catalog, run: int, limits: JobLimits) -> Divided:
    """The raw files of a run, divided; raises as ``of_query`` does."""
    return of_query(catalog, f"run = {run} and role = raw", limits)


def of_dataset(catalog: Catalog, name: str, limits: JobLimits) -> Divided:
    """The files of a dataset, divided; raises as ``of_query`` does."""
    with catalog.read() as conn:
        files.dataset_id(conn, name)
    return of_query(catalog, show(Compare("dataset", "=", name)), limits)


def of_query(catalog: Catalog, text: str, limits: JobLimits) -> Divided:
    """What the query finds, divided. Changes nothing.

    ``limits.boundaries``: ``run``, or metadata keys of the files or of the raw files they were made of.

    Raises BadInput for a bad query or files of several products; NotRegistered if it finds nothing;
    UnplannableInputs if a size, a boundary or (where events decide) a number of events is not known, and for
    limits that admit nothing.
    """
    query = parse(text)
    with catalog.read() as conn:
        found = dividing.files_of(conn, query, catalog.clock.now())
        keys = set(limits.boundaries) - {RUN}
        said = dividing.said_of(conn, [entry.id for entry in found]) if keys else {}
    if not found:
        raise NotRegistered("no file is found", subject=show(query), advice="see 'ddm file find'")
    _refuse(found, limits, show(query))
    members = [_member(entry, limits.boundaries, said.get(entry.id, {})) for entry in found]
    result = split(members, limits)
    return Divided(
        query=show(query),
        limits=limits,
        hash=result.hash,
        jobs=tuple(_job(share) for share in result.shares),
        idle=tuple(member.lfn for member in result.idle),
        uncounted=tuple(entry.lfn for entry in found if entry.n_events is None),
    )


def _refuse(found: Sequence[Known], limits: JobLimits, query: str) -> None:
    kinds = sorted({f"{entry.role} {entry.product}" for entry in found})
    if len(kinds) > 1:
        raise BadInput(
            f"files of several kinds ({', '.join(kinds)}) hold the same events more than once",
            subject=query,
            advice="choose one of them: --query '… and role=final and product=mDST'",
        )
    sizes = [entry.lfn for entry in found if entry.size is None]
    if sizes:
        text = f"the size of {len(sizes)} of {len(found)} files is not known, first {sizes[0]}"
        raise UnplannableInputs(text, subject=sizes[0], advice="see 'ddm file show'")
    events = [entry.lfn for entry in found if entry.n_events is None]
    if events and limits.events is not None:
        raise UnplannableInputs(
            f"the events of {len(events)} of {len(found)} files are not known, first {events[0]}",
            subject=events[0],
            advice="'ddm events fill' asks for them; or divide by bytes",
        )


def _member(entry: Known, boundaries: Sequence[str], said: Mapping[str, Value]) -> Member:
    part = "" if entry.part is None else str(entry.part)
    return Member(
        entry.id,
        entry.lfn,
        entry.chunk or part or entry.lfn,
        entry.size or 0,
        entry.n_events,
        entry.run,
        tuple(_bound(key, entry, said) for key in boundaries),
    )


def _bound(key: str, entry: Known, said: Mapping[str, Value]) -> Bound:
    if key == RUN:
        return entry.run
    if key not in said:
        text = f"{entry.lfn}: nobody said its {key}, and a job never mixes two of them"
        raise UnplannableInputs(text, subject=entry.lfn, advice="'ddm meta set' says it")
    value = said[key]
    return value if isinstance(value, str) or type(value) is int else str(value)


def _job(share: Share) -> JobShare:
    bounds = share.slices[0].member.bounds
    return JobShare(share.number, share.size, share.n_events, bounds, tuple(map(_file, share.slices)))


def _file(piece: Slice) -> JobFile:
    known = piece.member.n_events
    taken = known if piece.n_events is None else piece.n_events
    return JobFile(piece.member.lfn, piece.member.size, piece.first, taken, taken == known)

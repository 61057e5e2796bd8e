"""The files that a ProdSys speaks of, row by row, as an import would name them; nothing is kept of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from catalog.compass import CASTOR
from ddm.sources.prodsys.mapping import BadTask, File, Mapped, Mapper, Production, note_deletions, production
from ddm.sources.prodsys.names import RawNames, constants_of
from ddm.sources.prodsys.rows import JOBS, TASKS, BadRow, JobRow, TaskRow, Value, job_row, task_row
from ddm.sources.prodsys.source import Source


class Spoken(NamedTuple):
    """A file, and the row that speaks of it; or a row of which nothing can be taken, and why."""

    lfn: str
    dataset: str
    events: int | None
    row: str
    why: str = ""


def files(
    source: Source,
    *,
    label: str,
    names: Mapping[str, str],
    moved: tuple[tuple[str, str], ...] = (),
    datasets: Collection[str] = (),
) -> Iterator[Spoken]:
    """Every file of every job row, a merged one once for each chunk in it.

    ``label``, ``names``, ``moved``: as for an import. ``datasets``: those that the catalogue knows; files of
    chunks that ProdSys had removed are named if they were imported before. Raises BadInput for a source that
    is no ProdSys or is cut.
    """
    constants = constants_of(names)
    productions, refused = _productions(source, label, constants)
    yield from refused
    homes = dict.fromkeys((constants["tape"], CASTOR["tape"]))
    mapper = Mapper(productions, RawNames(tuple(homes)), moved, set(datasets))
    for values in source.rows(JOBS, JobRow._fields):
        try:
            row = mapper.map(job_row(values))
        except BadRow as error:
            yield Spoken(_lfn(values[2]), "", None, f"{JOBS} {values[0]}", str(error))
            continue
        yield from _of_row(row, productions)


def _productions(
    source: Source, label: str, constants: Mapping[str, str]
) -> tuple[dict[int, Production], list[Spoken]]:
    found: dict[int, Production] = {}
    refused: list[Spoken] = []
    for values in source.rows(TASKS, TaskRow._fields):
        try:
            one = production(task_row(values), label, constants)
        except (BadRow, BadTask) as error:
            refused.append(Spoken("", "", None, f"{TASKS} {values[0]}", str(error)))
            continue
        found[one.row.id] = one
    note_deletions(found.values())
    return found, refused


def _lfn(value: Value) -> str:
    return value if isinstance(value, str) and value.startswith("/") else ""


def _of_row(row: Mapped, productions: Mapping[int, Production]) -> Iterator[Spoken]:
    where = f"{JOBS} {row.row.id}"
    if row.refused:
        why = "; ".join(f"{trouble.cause}: {trouble.text}" for trouble in row.troubles)
        yield Spoken(_lfn(row.row.file), "", None, where, why)
        return
    if row.source is not None:
        events = row.raw_events[1] if row.raw_events else None
        yield _spoken(row.source, where)._replace(events=events)
    task = productions.get(row.row.task_id)
    for output in row.outputs:
        if output.chunk is not None:
            yield _spoken(output.chunk, where)
        elif output.name and task is not None:  # gone, and known from before
            yield Spoken(output.name, task.dataset(output.product, merged=False), None, where)
        if output.merged is not None:
            yield _spoken(output.merged, where)


def _spoken(file: File, where: str) -> Spoken:
    return Spoken(file.lfn, file.dataset, file.events[1] if file.events else None, where)

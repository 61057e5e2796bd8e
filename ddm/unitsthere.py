"""What there is to be merged: the files of runs, what is said of them, what must be there. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.db import groups, meta
from catalog.db.engine import Connection
from catalog.db.groups import GapFact, Input
from catalog.meta import Value
from ddm import mergeplan
from ddm.mergeplan import There, Unit
from ddm.recipe import Recipe
from ddm.settings import ProductSettings


@dataclass(frozen=True, slots=True)
class Datasets:
    """Ids: of the task, of the dataset of its raw files, and of that of a product's per-chunk files."""

    task: int
    raw: int
    chunks: int


def units_there(
    conn: Connection,
    its: Datasets,
    recipe: Recipe,
    product: ProductSettings,
    todo: set[int],
    finished: set[int],
) -> list[Unit]:
    """The units of these runs, as the settings and what is said of the raw files have them."""
    if product.unit == mergeplan.RUN:
        return mergeplan.units_of(product, "", todo, finished, todo, {})
    files = groups.raw_files(conn, its.raw)
    said: Mapping[int, set[Value]] = {}
    if product.unit != mergeplan.PERIOD:
        said = _said_of_runs(conn, product.unit, files)
    return mergeplan.units_of(product, recipe.task.period, todo, finished, files, said)


def _said_of_runs(conn: Connection, key: str, files: Mapping[int, Sequence[int]]) -> dict[int, set[Value]]:
    said = meta.of(conn, meta.Noun.FILE, [file for its in files.values() for file in its])
    return {run: {said[file][key] for file in its if key in said.get(file, {})} for run, its in files.items()}


def what_is_there(
    conn: Connection, its: Datasets, product: ProductSettings, runs: Sequence[int], *, again: bool = False
) -> There:
    """What can be planned of these runs: files that are in no live plan, what must be there, the gaps.

    ``again``: all files, as if nothing were planned.
    """
    every = groups.inputs(conn, its.chunks, runs, counted=mergeplan.limits_of(product).counted)
    free = [entry for entry in every if again or not entry.planned]
    taken = set() if again else {(entry.run, entry.chunk) for entry in every if entry.planned}
    raw = groups.raw_chunks_by_run(conn, its.raw, runs)
    due = {(run, chunk) for run, chunks in raw.items() for chunk in chunks}
    return There(free, values_of(conn, product, free), due - taken, groups.gap_facts(conn, its.task, runs))


def values_of(
    conn: Connection, product: ProductSettings, inputs: Sequence[Input]
) -> dict[int, dict[str, Value]]:
    """What is said of each file under the keys of boundaries: of itself, or else of its raw file."""
    keys = [key for key in mergeplan.keys_of(product) if key in product.boundaries]
    if not keys:
        return {}
    ids = [entry.file_id for entry in inputs]
    raw = groups.raw_of(conn, ids)
    said = meta.of(conn, meta.Noun.FILE, [*ids, *set(raw.values())])
    found = {}
    for file in ids:
        known = {**said.get(raw.get(file, 0), {}), **said.get(file, {})}
        found[file] = {key: known[key] for key in keys if key in known}
    return found


def by_unit(units: Sequence[Unit], there: There) -> Iterator[tuple[Unit, There]]:
    """What is there of each unit."""
    inputs: dict[int, list[Input]] = defaultdict(list)
    chunks: dict[int, set[tuple[int, str]]] = defaultdict(set)
    gaps: dict[int, list[GapFact]] = defaultdict(list)
    for entry in there.inputs:
        inputs[entry.run].append(entry)
    for chunk in there.chunks or ():
        chunks[chunk[0]].add(chunk)
    for gap in there.gaps:
        gaps[gap.run].append(gap)
    for unit in units:
        yield (
            unit,
            There(
                [entry for run in unit.runs for entry in inputs[run]],
                there.values,
                None if there.chunks is None else {chunk for run in unit.runs for chunk in chunks[run]},
                [gap for run in unit.runs for gap in gaps[run]],
            ),
        )

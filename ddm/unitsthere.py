"""What there is to be merged: the files of runs, what is said of them, what must be there. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.db import chains, files, groups, meta
from catalog.db.engine import Connection
from catalog.db.groups import GapFact, Input
from catalog.meta import Value
from ddm import mergeplan
from ddm.mergeplan import There, Unit
from ddm.recipe import FAILED, Recipe
from ddm.settings import ProductSettings


@dataclass(frozen=True, slots=True)
class Datasets:
    """Ids: of the task, of the dataset of its raw files, and of that of what a product is made of."""

    task: int
    raw: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of a task with regard to a product. ``ready``: everything it is made of is there. ``over``: these,
    and those of which nothing comes (every chunk is a gap). ``todo``: ready, and not planned whole yet."""

    ready: frozenset[int]
    over: frozenset[int]
    todo: frozenset[int]


def runs_of(
    conn: Connection,
    task: int,
    raw: int,
    product: ProductSettings,
    finished: Mapping[str, Collection[int]],
) -> Runs:
    """How far the runs are: of a product of jobs, those that are processed; of a product made of another,
    those whose every part of that is merged and checked. ``finished``: of ``groups.finished_runs``."""
    if product.made_of:
        below = chains.ready(conn, task, raw, product.made_of, finished)
        ready, over = below.runs, below.over
    else:
        ready = over = frozenset(finished.get("", ()))
    return Runs(ready, over, ready - set(finished.get(product.name, ())))


def gaps_told(
    conn: Connection, recipe: Recipe, task: int, product: str, runs: Collection[int]
) -> list[GapFact]:
    """The registered gaps that a part with files of these runs tells of: those of the runs; of a whole period
    those of every run, since one may have no file at all."""
    if recipe.products[product].unit == mergeplan.PERIOD:
        runs = groups.raw_files(conn, files.dataset_id(conn, recipe.task.dataset))
    return groups.gap_facts(conn, task, sorted(runs))


def is_whole(product: ProductSettings, unit: Unit) -> bool:
    """Whether the unit may be planned: what is made of merged files waits for all of them."""
    return unit.closed or not product.made_of


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
    raw = groups.raw_files(conn, its.raw)
    said: Mapping[int, set[Value]] = {}
    if product.unit != mergeplan.PERIOD:
        said = _said_of_runs(conn, product.unit, raw)
    return mergeplan.units_of(product, recipe.task.period, todo, finished, raw, said)


def _said_of_runs(conn: Connection, key: str, raw: Mapping[int, Sequence[int]]) -> dict[int, set[Value]]:
    said = meta.of(conn, meta.Noun.FILE, [file for its in raw.values() for file in its])
    return {run: {said[file][key] for file in its if key in said.get(file, {})} for run, its in raw.items()}


def what_is_there(
    conn: Connection, its: Datasets, product: ProductSettings, runs: Sequence[int], *, again: bool = False
) -> There:
    """What can be planned of these runs: files that are in no live plan, what must be there, the gaps.

    ``again``: all files, as if nothing were planned.
    """
    counted = mergeplan.limits_of(product).counted
    if product.made_of:
        every = chains.parts(conn, its.chunks, runs, counted=counted)
        due = chains.due(conn, its.task, product.made_of, runs)
    else:
        every = groups.inputs(conn, its.chunks, runs, counted=counted)
        raw = groups.raw_chunks_by_run(conn, its.raw, runs)
        due = {(run, chunk) for run, chunks in raw.items() for chunk in chunks}
        due |= {(entry.run, entry.chunk) for entry in every if FAILED in entry.chunk}
    free = [entry for entry in every if again or not entry.planned]
    taken = set() if again else {(entry.run, entry.chunk) for entry in every if entry.planned}
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

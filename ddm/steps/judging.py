"""What the witnesses of runs and products say, gathered from the catalogue, and the verdict on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from catalog.db import files, groups, plans, recounts, witnesses
from catalog.db.crosschecks import Checkable
from catalog.db.engine import Connection
from catalog.db.witnesses import OutputSeen, Readings, Witnessed
from catalog.errors import NotRegistered
from ddm.mergeplan import RUN
from ddm.recipe import FAILED, Recipe
from ddm.unitsthere import gaps_told
from merging.crosscheck import cross_check
from merging.verdict import Verdict
from merging.witnesses import ChunkFacts, Counted, Gap, LeftOut, PartFacts, Read, RunFacts

Recipes = Mapping[int, Recipe]


def judge(recipes: Recipes, conn: Connection, ready: Iterable[Checkable]) -> list[tuple[Checkable, Verdict]]:
    """The verdict on each (run, product), from what the catalogue knows now. Unknown tasks are left out."""
    entries = [entry for entry in ready if entry.task_id in recipes]
    return [
        (entry, cross_check(facts, recipes[entry.task_id].rules(entry.product)))
        for entry, facts in gathered(recipes, conn, entries)
    ]


def gathered(
    recipes: Recipes, conn: Connection, entries: Sequence[Checkable]
) -> list[tuple[Checkable, RunFacts]]:
    """Everything that is known of each run and product."""
    ids = [group for entry in entries for group, _, _ in entry.groups]
    if not ids:
        return []
    inside, outputs = witnesses.witnessed(conn, ids), witnesses.outputs_seen(conn, ids)
    read = witnesses.readings(conn, ids)
    later, complete = _recounts(conn, inside, outputs), witnesses.completeness(conn, ids)
    several = plans.more_runs(conn, ids)
    on_purpose = plans.left_out_beside(conn, ids)
    raw = _raw_chunks(recipes, conn, entries, several)
    found = []
    for entry in entries:
        parts = tuple(
            _part(
                part,
                inside.get(group, ()),
                outputs[group],
                read.get(group),
                later,
                entry.unmerged.get(group, ""),
            )
            for group, part, _ in entry.groups
        )
        if recipes[entry.task_id].products[entry.product].made_of:
            found.append((entry, RunFacts(parts, _told_gaps(recipes, conn, entry, several))))
            continue
        chunks = raw[entry.task_id, entry.run]
        merged = {chunk.chunk for part in parts for chunk in part.chunks}
        if recipes[entry.task_id].products[entry.product].unit != RUN:
            # What is called after the run is not all of it, and more: that nothing is missing says the plan.
            runs = {run for group, _, _ in entry.groups for run in several.get(group, ())}
            others = {f"{run}/{chunk}" for run in runs for chunk in raw[entry.task_id, run]}
            chunks = (chunks | others) & merged
        out = {chunk for group, _, _ in entry.groups for chunk in on_purpose.get(group, ())}
        asked = {(entry.run, chunk) for chunk in chunks - merged} | out
        left = _left_out(recipes[entry.task_id], conn, entry, asked)
        left = tuple(one for one in left if one.chunk not in merged)
        failed = {name for name in merged if FAILED in name}  # logs of attempts: more than one for a chunk
        chunks = chunks | {one.chunk for one in left} | failed
        plans_say = [complete[group] for group, _, _ in entry.groups if group in complete]
        if plans_say and not any(plans_say):  # no revision took up the last of the run
            dropped = {_name(entry, run, chunk) for run, chunk in out}
            left = tuple(replace(one, waits=_waits(one) and one.chunk not in dropped) for one in left)
        found.append((entry, RunFacts(parts, left, frozenset(chunks))))
    return found


def _told_gaps(
    recipes: Recipes, conn: Connection, entry: Checkable, several: Mapping[int, Sequence[int]]
) -> tuple[LeftOut, ...]:
    """What is made of merged files has the gaps of their runs: told, not judged anew. That nothing else is
    missing says the plan, which waits for every part."""
    recipe = recipes[entry.task_id]
    runs = {entry.run, *(run for group, _, _ in entry.groups for run in several.get(group, ()))}
    counted = recipe.products[entry.product].counted is not Counted.NONE
    return tuple(
        LeftOut(_name(entry, one.run, one.chunk), gap=Gap(one.n_events, one.approver, one.reason))
        for one in gaps_told(conn, recipe, entry.task_id, entry.product, runs)
        if one.n_events is not None or not counted  # how many were lost asked the check of what it is made of
    )


def _waits(one: LeftOut) -> bool:
    return one.gap is None and one.read is not None


def _name(entry: Checkable, run: int, chunk: str) -> str:
    """A chunk as parts name it: with its run where that is another one."""
    return chunk if run == entry.run else f"{run}/{chunk}"


def _recounts(
    conn: Connection, inside: Mapping[int, Sequence[Witnessed]], outputs: Mapping[int, OutputSeen]
) -> dict[int, Read]:
    """What recounts found of the outputs and of the raw files, by file."""
    raw = {seen.raw_id for members in inside.values() for seen in members}
    merged = {seen.file_id for seen in outputs.values() if seen.file_id is not None}
    found = recounts.latest(conn, sorted(raw | merged))
    return {
        file: Read(seen.size, seen.adler32, seen.n_events, seen.by_type, seen.note)
        for file, seen in found.items()
    }


def _raw_chunks(
    recipes: Recipes,
    conn: Connection,
    entries: Iterable[Checkable],
    several: Mapping[int, Sequence[int]],
) -> dict[tuple[int, int], set[str]]:
    """Of every (task, run): its raw chunks; also of the further runs that parts hold files of."""
    runs: dict[int, set[int]] = defaultdict(set)
    for entry in entries:
        runs[entry.task_id].add(entry.run)
        for group, _, _ in entry.groups:
            runs[entry.task_id].update(several.get(group, ()))
    found: dict[tuple[int, int], set[str]] = {}
    for task, its_runs in runs.items():
        dataset = files.dataset_id(conn, recipes[task].task.dataset)
        raw = groups.raw_chunks_by_run(conn, dataset, sorted(its_runs))
        found |= {(task, run): raw.get(run, set()) for run in its_runs}
    return found


def _part(
    part: int,
    members: Sequence[Witnessed],
    output: OutputSeen,
    read: Readings | None,
    later: Mapping[int, Read],
    unmerged: str,
) -> PartFacts:
    recount = later.get(output.file_id or 0)
    return PartFacts(
        part,
        tuple(_chunk(seen, _reading(seen, read, len(members)), later.get(seen.raw_id)) for seen in members),
        output.job,
        output.read,
        output.size,
        output.adler32,
        output.job_types,
        output.read_types,
        () if recount is None else (recount,),
        unmerged,
    )


def _chunk(seen: Witnessed, reading: Read | None, later: Read | None) -> ChunkFacts:
    return ChunkFacts(
        chunk=seen.chunk,
        raw_catalogue=seen.raw_catalogue,
        raw_read=seen.raw_read,
        job=seen.job,
        read=seen.read,
        size=seen.size,
        adler32=seen.adler32,
        reading=reading,
        job_types=seen.job_types,
        read_types=seen.read_types,
        raw_recount=None if later is None else later.n_events,
    )


def _reading(seen: Witnessed, read: Readings | None, members: int) -> Read | None:
    """What the merge found of the input. What was equal when it was reported is not kept twice."""
    if read is None:
        return None
    if (odd := read.odd.get(seen.file_id)) is not None:
        return Read(odd.size, odd.adler32, odd.n_events, odd.by_type)
    if read.told < members or seen.size is None or seen.adler32 is None:
        return None
    return Read(seen.size, seen.adler32)


def _left_out(
    recipe: Recipe, conn: Connection, entry: Checkable, asked: Iterable[tuple[int, str]]
) -> tuple[LeftOut, ...]:
    """What is known of these (run, chunk)."""
    by_run: dict[int, list[str]] = defaultdict(list)
    for run, chunk in sorted(asked):
        by_run[run].append(chunk)
    if not by_run:
        return ()
    raw = files.dataset_id(conn, recipe.task.dataset)
    try:
        made = files.dataset_id(conn, recipe.dataset(entry.product, merged=False))
    except NotRegistered:
        made = 0  # no chunk of the product was ever made
    return tuple(
        LeftOut(
            _name(entry, run, known.chunk),
            known.raw_catalogue,
            known.raw_read,
            known.job,
            known.read,
            None if known.gap is None else Gap(*known.gap),
        )
        for run, chunks in by_run.items()
        for known in witnesses.left_out(conn, entry.task_id, (raw, made), run, chunks)
    )

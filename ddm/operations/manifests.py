"""Manifests of merge groups, for batch systems that ddm does not drive: to merge there, or to count again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from catalog import papers
from catalog.db import facts, jobs, look, plans
from catalog.db.engine import Catalog, Connection
from catalog.errors import BadInput, NotRegistered
from catalog.model import OpenJob
from catalog.states import JobKind
from ddm.jobs import levels
from ddm.jobs.manifest import Manifest
from ddm.recipe import Recipe
from ddm.settings import Settings
from ddm.unitsthere import gaps_told


@dataclass(frozen=True, slots=True)
class Written:
    """A manifest that was written to a file: its label, its inputs, its files that were merged before, and
    the bytes of both."""

    label: str
    inputs: int
    size: int
    merged: int = 0


def written(manifest: Manifest) -> Written:
    """What a manifest has in it."""
    sizes = [entry.size for entry in manifest.inputs]
    merged = [promise.size for promise in manifest.promises if promise.size is not None]
    return Written(manifest.label, len(sizes), sum(sizes) + sum(merged), len(merged))


@dataclass(frozen=True, slots=True)
class ChainWritten:
    """A merge in levels that was written to a directory. ``manifests``: names, in order of running;
    ``intermediate``: every place where a file of the chain may lie, for removal by name at the end."""

    label: str
    inputs: int
    size: int
    levels: int
    manifests: tuple[str, ...]
    intermediate: tuple[str, ...]


ORDER, INTERMEDIATE = "order.txt", "intermediate.txt"


def manifest(catalog: Catalog, settings: Settings, group: int, *, label: str = "") -> Manifest:
    """The manifest of a merge of the group, as a job of ours would get it, under another label (and so to
    another path). Changes nothing: what is made by it belongs to who makes it.

    Raises NotRegistered; BadInput if an input cannot be read now: no merge with a member missing.
    """
    with catalog.read() as conn:
        recipe, job = _job(conn, settings, group, label or f"group-{group}")
        inputs = jobs.members(conn, [group]).get(group, [])
        wanted = look.member_names(conn, [group]).get(group, [])
        runs = {job.run, *plans.more_runs(conn, [group]).get(group, ())}
        gaps = gaps_told(conn, recipe, look.task_ids(conn)[recipe.task.name][0], job.product, runs)
    here = {entry.lfn for entry in inputs}
    if gone := [lfn for lfn in wanted if lfn not in here]:
        raise BadInput(
            f"{len(gone)} of its {len(wanted)} inputs cannot be read now",
            subject=f"merge group {group}",
            advice=f"see 'ddm explain {gone[0]}'; without an input nothing may be merged",
        )
    return recipe.manifest(job, inputs, gaps)


def write_chain(found: Manifest, per_job: int, directory: Path) -> ChainWritten:
    """Write the manifests of a merge in levels to a new directory, with ``order.txt`` (their names, a line
    each, in order of running; written last) and ``intermediate.txt`` (the places of intermediate files).

    Raises what ``ddm.jobs.levels.steps`` raises, and FileExistsError; then nothing was written.
    """
    chain = levels.steps(found, per_job)
    places = tuple(url for step in chain[:-1] for url in step.promise.urls)
    names = tuple(step.name for step in chain)
    directory.mkdir()
    for step in chain:
        papers.write_whole(directory / step.name, step.text)
    papers.write_whole(directory / INTERMEDIATE, "".join(f"{url}\n" for url in places))
    papers.write_whole(directory / ORDER, "".join(f"{name}\n" for name in names))
    size = sum(entry.size for entry in found.inputs)
    return ChainWritten(found.label, len(found.inputs), size, chain[-1].level, names, places)


def check_manifest(catalog: Catalog, settings: Settings, group: int, *, label: str = "") -> Manifest:
    """The manifest that counts the merged file of the group again, and its inputs if all can be read now.

    Raises NotRegistered; BadInput if it is not merged yet, or its copy cannot be read now.
    """
    with catalog.read() as conn:
        recipe, job = _job(conn, settings, group, label or f"group-{group}-check")
        inputs = jobs.members(conn, [group]).get(group, [])
        complete = len(inputs) == len(look.member_names(conn, [group]).get(group, ()))
        merged = jobs.merged_files(conn, [group]).get(group, [])
    if not merged:
        text = "it has no merged file that can be read now"
        raise BadInput(text, subject=f"merge group {group}", advice="see 'ddm merge show'")
    found = recipe.manifest(job, [*(inputs if complete else ()), *merged])
    (promise,) = found.promises
    output = found.inputs[-1]
    kept = replace(
        promise,
        url=output.url,
        fallbacks=output.alternatives,
        size=output.size,
        adler32=output.adler32,
    )
    return replace(found, kind="check", inputs=found.inputs[:-1], promises=(kept,))


def _job(conn: Connection, settings: Settings, group: int, label: str) -> tuple[Recipe, OpenJob]:
    """The recipe of the group, and a job that would merge it."""
    rows = facts.groups_where(conn, facts.G.c.id == group)
    if not rows:
        raise NotRegistered("there is no such merge group", subject=f"merge group {group}")
    (found,) = rows
    task = settings.tasks.get(found.task)
    if task is None:
        text = f"its task {found.task} is not in this ddm.toml"
        raise NotRegistered(text, subject=f"merge group {group}")
    job = OpenJob(
        id=0, task_id=0, kind=JobKind.MERGE, run=found.run, chunk="", attempt=0, label=label, native="",
        state="", group_id=group, product=found.product, part=found.part, lfn=found.lfn,
    )  # fmt: skip
    return Recipe(task, settings), job

"""Hop 7: do the merged files of a run hold what went in? Three witnesses, per chunk, part and run."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.db import files, groups
from catalog.db.engine import Connection
from catalog.db.groups import Checkable
from catalog.db.move import move
from catalog.states import CHECK, GROUP, GroupState
from ddm.app import App
from ddm.recipe import Recipe
from merging.crosscheck import ChunkFacts, PartFacts, cross_check
from merging.model import Agree, Differ, Unheard, Verdict


def check(app: App) -> int:
    """Check every run and product whose parts are all merged and compared. Returns groups that moved."""
    with app.catalog.read() as conn:
        ready = groups.checkable(conn, app.settings.flow.batch)
        verdicts = judge(app, conn, ready)
    moved = 0
    if verdicts:
        with app.catalog.begin() as conn:
            for entry, verdict in verdicts:
                moved += record(app, conn, entry, verdict)
    return moved


def judge(app: App, conn: Connection, ready: Sequence[Checkable]) -> list[tuple[Checkable, Verdict]]:
    """The verdict on each (run, product), from what the catalogue knows now."""
    ready = [entry for entry in ready if entry.task_id in app.recipes]
    ids = [group for entry in ready for group, _, _ in entry.groups]
    if not ids:
        return []
    inside, outputs = groups.witnessed(conn, ids), groups.outputs_seen(conn, ids)
    found = []
    for entry in ready:
        recipe = app.recipes[entry.task_id]
        parts = [
            PartFacts(
                part,
                tuple(
                    ChunkFacts(seen.chunk, seen.raw_catalogue, seen.raw_read, seen.job, seen.read)
                    for seen in inside.get(group, ())
                ),
                outputs[group].job,
                outputs[group].read,
            )
            for group, part, _ in entry.groups
        ]
        verdict = _by_part(cross_check(parts, counted=recipe.products[entry.product].counted))
        found.append((entry, _with_missing(app, conn, recipe, entry, parts, verdict)))
    return found


def _by_part(verdict: Verdict) -> Verdict:
    """Where parts explain a difference, the sums of the run say nothing new and must not hold other parts."""
    if isinstance(verdict, Differ) and any(part is not None for part, _ in verdict.where):
        return Differ(tuple((part, text) for part, text in verdict.where if part is not None))
    return verdict


def _with_missing(
    app: App, conn: Connection, recipe: Recipe, entry: Checkable, parts: Sequence[PartFacts], verdict: Verdict
) -> Verdict:
    """A raw chunk that is in no part, or in two, and not in the gap register is a difference of the run."""
    chunks = [chunk.chunk for part in parts for chunk in part.chunks]
    raw = groups.raw_chunks(conn, files.dataset_id(conn, recipe.task.dataset), entry.run)
    gaps = set(groups.gaps_by_run(conn, entry.task_id).get(entry.run, ()))
    lost, extra = sorted(raw - gaps - set(chunks)), sorted(set(chunks) - raw)
    if not lost and not extra and len(chunks) == len(set(chunks)):
        return verdict
    where = verdict.where if isinstance(verdict, Differ) else ()
    text = f"raw chunks in no part: {', '.join(lost[:5]) or 'none'}; "
    text += f"in a part but not in the dataset: {', '.join(extra[:5]) or 'none'}"
    return Differ((*where, (None, text)))


def record(app: App, conn: Connection, entry: Checkable, verdict: Verdict) -> int:
    """Move the groups and the check of one run and product as the verdict says."""
    key = (entry.task_id, entry.run, entry.product)
    row = groups.ensure_check(conn, key, app.why())
    merged = [(group, part) for group, part, state in entry.groups if state == GroupState.MERGED]
    match verdict:
        case Agree():
            groups.say_verdict(conn, row, "every witness agrees")
            move(conn, CHECK, [row], "agree", app.why())
            return len(move(conn, GROUP, [group for group, _ in merged], "counts_agree", app.why()))
        case Differ(where):
            text = "; ".join(sentence for _, sentence in where)
            parts = {part for part, _ in where}
            bad = [group for group, part in merged if None in parts or part in parts]
            groups.say_verdict(conn, row, text)
            move(conn, CHECK, [row], "differ", app.why(text))
            moved = len(move(conn, GROUP, bad, "counts_differ", app.why(text), reason=text))
            good = [group for group, _ in merged if group not in bad]
            return moved + len(move(conn, GROUP, good, "counts_agree", app.why()))
        case Unheard(missing):
            groups.say_verdict(conn, row, "not heard: " + "; ".join(missing))
            return 0

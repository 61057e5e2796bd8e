"""Hop 7: do the merged files of a run hold what went in? Three witnesses, per chunk, part and run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.db import crosschecks, files, groups
from catalog.db.crosschecks import Checkable
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.states import CHECK, GROUP, GroupState
from ddm.app import App
from merging.crosscheck import ChunkFacts, PartFacts, cross_check
from merging.model import Agree, Differ, Unheard, Verdict


def check(app: App) -> int:
    """Check every run and product whose parts are all merged and compared. Returns groups that moved."""
    with app.catalog.read() as conn:
        ready = crosschecks.checkable(conn, app.settings.flow.batch)
        verdicts = judge(app, conn, ready)
    if not verdicts:
        return 0
    with app.catalog.begin() as conn:
        rows = crosschecks.ensure_checks(conn, [_key(entry) for entry, _ in verdicts], app.why())
        agreed = [entry for entry, verdict in verdicts if isinstance(verdict, Agree)]
        moved = _record_agreed(app, conn, rows, agreed)
        for entry, verdict in verdicts:
            moved += _record_other(app, conn, rows[_key(entry)], entry, verdict)
    return moved


def _key(entry: Checkable) -> crosschecks.CheckKey:
    return entry.task_id, entry.run, entry.product


def judge(app: App, conn: Connection, ready: Sequence[Checkable]) -> list[tuple[Checkable, Verdict]]:
    """The verdict on each (run, product), from what the catalogue knows now."""
    ready = [entry for entry in ready if entry.task_id in app.recipes]
    ids = [group for entry in ready for group, _, _ in entry.groups]
    if not ids:
        return []
    inside, outputs = crosschecks.witnessed(conn, ids), crosschecks.outputs_seen(conn, ids)
    expected = _expected_chunks(app, conn, ready)
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
        found.append((entry, _with_missing(*expected[entry.task_id, entry.run], parts, verdict)))
    return found


def _by_part(verdict: Verdict) -> Verdict:
    """Where parts explain a difference, the sums of the run say nothing new and must not hold other parts."""
    if isinstance(verdict, Differ) and any(part is not None for part, _ in verdict.where):
        return Differ(tuple((part, text) for part, text in verdict.where if part is not None))
    return verdict


def _expected_chunks(
    app: App, conn: Connection, ready: Sequence[Checkable]
) -> dict[tuple[int, int], tuple[set[str], set[str]]]:
    """Of every (task, run): its raw chunks, and those of them in the gap register."""
    runs: dict[int, set[int]] = defaultdict(set)
    for entry in ready:
        runs[entry.task_id].add(entry.run)
    found = {}
    for task, its_runs in runs.items():
        dataset = files.dataset_id(conn, app.recipes[task].task.dataset)
        raw = groups.raw_chunks_by_run(conn, dataset, sorted(its_runs))
        gaps = groups.gaps_by_run(conn, task)
        for run in its_runs:
            found[task, run] = raw.get(run, set()), set(gaps.get(run, ()))
    return found


def _with_missing(raw: set[str], gaps: set[str], parts: Sequence[PartFacts], verdict: Verdict) -> Verdict:
    """A raw chunk that is in no part, or in two, and not in the gap register is a difference of the run."""
    chunks = [chunk.chunk for part in parts for chunk in part.chunks]
    lost, extra = sorted(raw - gaps - set(chunks)), sorted(set(chunks) - raw)
    if not lost and not extra and len(chunks) == len(set(chunks)):
        return verdict
    where = verdict.where if isinstance(verdict, Differ) else ()
    text = f"raw chunks in no part: {', '.join(lost[:5]) or 'none'}; "
    text += f"in a part but not in the dataset: {', '.join(extra[:5]) or 'none'}"
    return Differ((*where, (None, text)))


def _record_agreed(
    app: App, conn: Connection, rows: Mapping[crosschecks.CheckKey, int], agreed: Sequence[Checkable]
) -> int:
    """Pass the checks that agree, and move their groups on, all at once."""
    checks = [rows[_key(entry)] for entry in agreed]
    crosschecks.say_verdict(conn, checks, "every witness agrees")
    move(conn, CHECK, checks, "agree", app.why())
    merged = [group for entry in agreed for group, _ in _merged(entry)]
    return len(move(conn, GROUP, merged, "counts_agree", app.why()))


def _record_other(app: App, conn: Connection, row: int, entry: Checkable, verdict: Verdict) -> int:
    """Record a verdict that is not agreement: parts that differ stop, the others move on."""
    match verdict:
        case Differ(where):
            text = "; ".join(sentence for _, sentence in where)
            parts = {part for part, _ in where}
            bad = [group for group, part in _merged(entry) if None in parts or part in parts]
            crosschecks.say_verdict(conn, [row], text)
            move(conn, CHECK, [row], "differ", app.why(text))
            moved = len(move(conn, GROUP, bad, "counts_differ", app.why(text), reason=text))
            good = [group for group, _ in _merged(entry) if group not in bad]
            return moved + len(move(conn, GROUP, good, "counts_agree", app.why()))
        case Unheard(missing):
            crosschecks.say_verdict(conn, [row], "not heard: " + "; ".join(missing))
            return 0
        case Agree():
            return 0


def _merged(entry: Checkable) -> list[tuple[int, int]]:
    """(group, part) of the groups that wait for the verdict."""
    return [(group, part) for group, part, state in entry.groups if state == GroupState.MERGED]

"""Hop 5: ask how the jobs are, and take in what they report (``ddm.steps.sending`` sent them).

A runner's word is a hint; a report that keeps its promises is the evidence. Outputs are registered
UNVERIFIED: the storage is asked before anything is built on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.checksum import Adler32
from catalog.db import files, groups, jobs, pins, readings, registering, replicas
from catalog.db.engine import Connection
from catalog.db.move import move, note
from catalog.db.readings import KnownBytes
from catalog.db.witnesses import Reading
from catalog.model import NewFile, OpenJob
from catalog.names import LFN
from catalog.states import GROUP, JOB, JobKind, JobState, Role, Witness
from ddm.app import App
from ddm.errors import JobError
from ddm.jobs.manifest import Output, Promise, Report
from ddm.jobs.ports import Ended, Vanished
from ddm.recipe import FAILED
from ddm.steps.common import DOUBTFUL, doubt, retry_at
from ddm.steps.trains import share, whole

NOT_ONLINE = "not_online"

Kept = tuple[OpenJob, Report, Mapping[str, tuple[Promise, str, str]], str]
"""An ended job, its report, what it promised, and why the report is refused (empty: it is not)."""


def collect(app: App) -> int:
    """Ask the runners how their jobs are, and take in the reports of those that ended."""
    moved = 0
    for name, runner in app.runners.items():
        tasks = [task for task, recipe in app.recipes.items() if recipe.task.runner == name]
        with app.catalog.read() as conn:
            asked = jobs.running(conn, tasks, app.settings.flow.batch * 10)
        if not asked:
            continue
        try:
            refs = {whole(label, native).label: whole(label, native) for _, label, native in asked}
            answers = runner.poll(list(refs.values()))
        except JobError:
            continue  # nothing is known: asked again at the next round
        status = {label: answers.get(whole(label, native).label) for _, label, native in asked}
        over = [job for job, label, _ in asked if isinstance(status.get(label), Ended | Vanished)]
        if not over:
            continue
        with app.catalog.read() as conn:
            mine = {job.label: job for job in jobs.in_state(conn, JobState.RUNNING, len(over), over)}
        good: list[tuple[OpenJob, Report]] = []
        bad: list[tuple[OpenJob, str, str, str]] = []  # job, event, code, text
        logs: list[tuple[OpenJob, Output]] = []
        for label, job in mine.items():
            match status.get(label):
                case Ended(report=None, text=text):
                    bad.append((job, "ended_badly", "no_report", text or "it left no report"))
                case Ended(report=report) if report is not None and report.code:
                    bad.append((job, "ended_badly", report.code, report.text))
                    if report.log is not None and report.label == job.label:
                        logs.append((job, report.log))
                case Ended(report=report) if report is not None:
                    good.append((job, report))
                case Vanished(text):
                    bad.append((job, "vanished", "vanished", text or "the runner does not know it"))
                case _:
                    pass
        for start in range(0, len(good), app.settings.flow.batch):
            moved += _take_in(app, good[start : start + app.settings.flow.batch])
        moved += _record_failed(app, bad, logs)
    return moved


def _take_in(app: App, ended: Sequence[tuple[OpenJob, Report]]) -> int:
    """Register the outputs of jobs that kept their promises; hold the others."""
    places = _output_datasets(app, ended)
    with app.catalog.begin() as conn:
        parents = jobs.input_files(conn, [job.id for job, _ in ended])
        have = readings.known(conn, sorted({file for up in parents.values() for file, _ in up}))
        kept: list[Kept] = []
        refused: list[Kept] = []
        for job, whole_report in ended:
            promised = app.recipes[job.task_id].promises(job)
            report = whole_report
            if app.recipes[job.task_id].train_of(job):
                label = job.label if whole_report.label == whole(job.label, job.native).label else ""
                report = share(whole_report, label, promised, [lfn for _, lfn in parents[job.id]])
            problem = _broken(job, report, promised, parents[job.id]) or _misread(
                job, report, parents[job.id], have
            )
            (refused if problem else kept).append((job, report, promised, problem))
        ids = [job.id for job, _ in ended]
        ours = set(move(conn, JOB, ids, "ended_well", app.why()))
        kept = [entry for entry in kept if entry[0].id in ours]
        conflicts = _register(app, conn, places, kept, parents)
        refused += [(*entry[:3], conflicts[entry[0].id]) for entry in kept if entry[0].id in conflicts]
        for job, _, _, problem in refused:
            why = app.why(problem)
            move(conn, JOB, [job.id], "manifest_refused", why, code="manifest_refused", reason=problem)
            _hold_group(conn, job, problem, app)
        good = [(job, report) for job, report, _, _ in kept if job.id not in conflicts]
        _remember_readings(conn, good, parents, have)
        move(conn, JOB, [job.id for job, _ in good], "outputs_registered", app.why())
    return len(ours)


def _broken(
    job: OpenJob,
    report: Report,
    promised: Mapping[str, tuple[Promise, str, str]],
    parents: Sequence[tuple[int, str]],
) -> str:
    """Why the report is not evidence for this attempt; empty if it is."""
    written = {output.lfn: output for output in report.outputs}
    if report.label != job.label:
        return f"the report is of attempt {report.label}, not of {job.label}"
    if len(written) != len(report.outputs) or written.keys() != promised.keys():
        odd = sorted(written.keys() ^ promised.keys())
        return f"promised and reported outputs differ: {', '.join(odd[:3]) or 'one is reported twice'}"
    strangers = {*report.read, *(entry.lfn for entry in report.inputs)} - {lfn for _, lfn in parents}
    if strangers:
        return f"it read what it was not given: {min(strangers)}"
    for lfn, output in written.items():
        if output.url not in promised[lfn][0].urls:
            return f"{lfn} was put to {output.url}, which was not promised"
    return ""


def _misread(
    job: OpenJob, report: Report, parents: Sequence[tuple[int, str]], have: Mapping[int, KnownBytes]
) -> str:
    """Why a chunk is not what its job made of it: it read other bytes than the raw file has. Empty if not.

    What a merge read is a matter of its cross-check, which names the input and holds that group only.
    """
    if job.kind == JobKind.MERGE:
        return ""
    for file, seen in _read_of(report, parents).items():
        known = have[file]
        if None not in (known.size, known.adler32) and not known.same_bytes(seen):
            return (
                f"it read {seen.size} bytes with adler32 {Adler32(seen.adler32)} of {dict(parents)[file]}, "
                f"the catalogue has {known.size} with {Adler32(known.adler32 or 0)}"
            )
    return ""


def _read_of(report: Report, parents: Sequence[tuple[int, str]]) -> dict[int, Reading]:
    """What the job told of each input, by file."""
    ids = {lfn: file for file, lfn in parents}
    return {
        ids[entry.lfn]: Reading(entry.size, entry.adler32, entry.n_events, entry.by_type)
        for entry in report.inputs
        if entry.lfn in ids
    }


def _remember_readings(
    conn: Connection,
    ended: Sequence[tuple[OpenJob, Report]],
    parents: Mapping[int, Sequence[tuple[int, str]]],
    have: Mapping[int, KnownBytes],
) -> None:
    """What merges read of their inputs, for the cross-check."""
    merges = [(job, report) for job, report in ended if job.kind == JobKind.MERGE]
    told = {job.id: _read_of(report, parents[job.id]) for job, report in merges}
    readings.record(conn, told, have)


def _keep_logs(
    app: App,
    conn: Connection,
    places: Mapping[tuple[int, str, str], int],
    logs: Sequence[tuple[OpenJob, Output]],
) -> None:
    """Register the logs of attempts that failed, beside those of good ones: they are archived with them."""
    parents = jobs.input_files(conn, [job.id for job, _ in logs])
    for job, output in logs:
        recipe = app.recipes[job.task_id]
        promised = recipe.promises(job).get(output.lfn)
        if promised is None or promised[1] != recipe.log or output.url not in promised[0].urls:
            continue  # not what was asked for: nobody depends on it
        entry = NewFile(
            lfn=recipe.failed_log(job),
            role=Role.INTERMEDIATE,
            product=recipe.log,
            run=job.run,
            chunk=f"{job.chunk}{FAILED}{job.label}",
            part=None,
            size=output.size,
            adler32=output.adler32,
            path=promised[2],
            parents=tuple(file for file, _ in parents[job.id]),
        )
        disk = app.endpoint_ids[recipe.disk_of(output.url, promised[2])]
        dataset = places[job.task_id, job.kind, recipe.log]
        registering.register(conn, [entry], dataset=dataset, endpoint=disk, why=app.why())


def _output_datasets(
    app: App, ended: Sequence[tuple[OpenJob, Report | Output]]
) -> dict[tuple[int, str, str], int]:
    """The datasets of every (task, job kind, product) at hand."""
    found = {}
    for task, kind in {(job.task_id, job.kind) for job, _ in ended}:
        recipe = app.recipes[task]
        for product, settings in recipe.products.items():
            if kind == JobKind.MERGE or not settings.made_of:
                name = recipe.dataset(product, merged=kind == JobKind.MERGE)
                found[task, kind, product] = app.dataset_id(name)
    return found


def _register(
    app: App,
    conn: Connection,
    places: Mapping[tuple[int, str, str], int],
    kept: Sequence[Kept],
    parents: Mapping[int, Sequence[tuple[int, str]]],
) -> dict[int, str]:
    """Files, replicas, counts and parents of all outputs; returns the jobs with conflicts, and why."""
    new: dict[tuple[int, int], list[NewFile]] = defaultdict(list)
    owner: dict[str, OpenJob] = {}
    read: list[tuple[int, Witness, int]] = []
    raw_types: dict[int, Mapping[str, int]] = {}
    for job, report, promised, _ in kept:
        recipe = app.recipes[job.task_id]
        up = tuple(file for file, _ in parents[job.id])
        for output in report.outputs:
            _, product, path = promised[output.lfn]
            owner[output.lfn] = job
            disk = app.endpoint_ids[recipe.disk_of(output.url, path)]
            entry = _new_file(job, output, product, path, up, recipe.role(job.kind, product))
            new[places[job.task_id, job.kind, product], disk].append(entry)
        seen = {entry.lfn: entry for entry in report.inputs}
        for file, lfn in parents[job.id]:
            if lfn in report.read:
                read.append((file, Witness.READ, report.read[lfn]))
                raw_types[file] = seen[lfn].by_type if lfn in seen else {}
    conflicts: dict[int, str] = {}
    ids: dict[str, int] = {}
    for (dataset, disk), entries in new.items():
        result = registering.register(conn, entries, dataset=dataset, endpoint=disk, why=app.why())
        ids |= result.ids
        for conflict in result.conflicts:
            conflicts[owner[conflict.lfn].id] = f"{conflict.lfn}: {conflict.text}"
    # A raw file may be read by several jobs; one that reads another count than the one before is a finding
    # of the cross-check, not of this step: the first count stays, the difference goes to history.
    types = {(file, who): of for file, who, _ in read if (of := raw_types.get(file))}
    for file, text in files.say_events_again(conn, read, app.why(), types):
        note(conn, "file", [file], "read_differently", app.why(text))
    outputs = [
        (job.group_id, ids[report.outputs[0].lfn])
        for job, report, _, _ in kept
        if job.group_id is not None and job.kind == JobKind.MERGE and job.id not in conflicts
    ]
    groups.output_registered(conn, outputs, app.why())
    return conflicts


def _new_file(
    job: OpenJob, output: Output, product: str, path: str, parents: tuple[int, ...], role: Role
) -> NewFile:
    merging = job.kind == JobKind.MERGE
    said = {Witness.JOB: output.n_events, Witness.READ: output.n_read}
    types = {Witness.JOB: output.by_type, Witness.READ: output.read_by_type}
    return NewFile(
        lfn=LFN(output.lfn),
        role=role,
        product=product,
        run=job.run,
        chunk=job.chunk,
        part=job.part if merging else None,
        size=output.size,
        adler32=output.adler32,
        path=path,
        events={who: n for who, n in said.items() if n is not None},
        parents=parents,
        types={who: of for who, of in types.items() if of and said[who] is not None},
    )


def _record_failed(
    app: App, bad: Sequence[tuple[OpenJob, str, str, str]], logs: Sequence[tuple[OpenJob, Output]]
) -> int:
    """Try again later, or hold when the attempts are used up. What is left of them is their logs."""
    moved = 0
    places = _output_datasets(app, logs)
    with app.catalog.begin() as conn:
        _keep_logs(app, conn, places, logs)
        for job, event, code, text in bad:
            recipe = app.recipes[job.task_id]
            why = app.why(f"{code}: {text}")
            if job.attempt >= recipe.task.max_attempts:
                reason = f"{text} (attempt {job.attempt} of {recipe.task.max_attempts})"
                moved += len(move(conn, JOB, [job.id], "exhausted", why, code=code, reason=reason))
                _hold_group(conn, job, f"{code}: {reason}", app)
            else:
                wait = retry_at(app, job.attempt)
                moved += len(move(conn, JOB, [job.id], event, why, code=code, reason=text, next_try_at=wait))
            _doubt_inputs(app, conn, job, code, text)
    return moved


def _doubt_inputs(app: App, conn: Connection, job: OpenJob, code: str, text: str) -> None:
    """What a job could not read is doubted: a staged copy is given up, one on disk is compared anew."""
    if code == NOT_ONLINE:
        pins.lost(conn, pins.of_inputs(conn, [job.id]), app.why(text))
    elif code in DOUBTFUL:
        reason = f"a job could not use it: {text}"
        pins.distrust(conn, pins.of_inputs(conn, [job.id]), app.why(reason))
        doubt(app, conn, replicas.inputs_on_disk(conn, [job.id]), reason)


def _hold_group(conn: Connection, job: OpenJob, reason: str, app: App) -> None:
    if job.group_id is not None:
        move(conn, GROUP, [job.group_id], "job_held", app.why(reason), reason=reason)

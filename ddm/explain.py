"""Why is it where it is? Every fact known, what blocks the next step, and the command that would move it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.db import chains, facts, files, freezes
from catalog.db.engine import Catalog, Connection
from catalog.db.facts import GroupFact, JobFact, ReplicaFact
from catalog.db.freezes import Freeze
from catalog.db.going import Rules
from catalog.db.move import Why
from catalog.errors import NotRegistered
from catalog.retention import Asking
from catalog.states import (
    EndpointKind,
    GroupState,
    ItemState,
    JobKind,
    JobState,
    ReplicaState,
    RequestKind,
    Role,
)
from ddm import explain_delete, explain_recall
from ddm.blocks import Block


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a subject, as (fact, value), and what blocks its next step."""

    subject: str
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]


def explain(catalog: Catalog, subject: str, rules: Rules | None = None) -> Explanation:
    """Explain a run (its number), a job (``job 17``), or a file (LFN or base name). Raises NotRegistered.

    ``rules``: of releasing; with them it is said of withdrawn copies whether they may be removed.
    """
    noun, _, rest = subject.strip().partition(" ")
    with catalog.read() as conn:
        if noun == "job" and rest.isdigit():
            return _job(conn, int(rest))
        number = rest if noun == "run" else subject.strip()
        if number.isdigit():
            return _run(conn, int(number))
        why = Why(catalog.clock.now(), catalog.actor)
        return _file(conn, subject.strip(), rules, why)


# ------------------------------------------------------------------------------- a file
def _file(conn: Connection, lfn: str, rules: Rules | None, why: Why) -> Explanation:
    row = files.find_file(conn, lfn)
    replicas = facts.replicas_of(conn, row.id)
    readers, groups = facts.readers_of(conn, row.id), facts.groups_of_file(conn, row.id)
    counts = files.counts(conn, [row.id]).get(row.id, {})
    known = [
        ("dataset", f"{row.dataset}, {row.role}, {row.product}, run {row.run} {row.chunk}".rstrip()),
        ("size", f"{row.size} bytes, adler32 {row.adler32:08x}"),
        ("events", ", ".join(f"{n} ({who})" for who, n in sorted(counts.items())) or "unknown"),
    ]
    known += [("replica", _replica_text(replica)) for replica in replicas]
    recall, in_the_way = explain_recall.file_facts(conn, row.id, replicas)
    known += recall
    lying = _freezes_over(conn, [replica.id for replica in replicas])
    known += [("frozen", freeze.sentence) for freeze in lying]
    known += _withdrawn(conn, row, rules, why)
    known += [("job", _job_text(job)) for job in readers]
    known += [("merge", _group_text(group)) for group in groups]
    made_from = facts.relatives(conn, row.id, up=True)
    known += [("made from", _some(made_from))] if made_from else []
    blocks = [block for replica in replicas for block in _replica_blocks(replica, row.lfn, row.role)]
    blocks += in_the_way
    if any(replica.state in (ReplicaState.TRASHED, ReplicaState.DELETING) for replica in replicas):
        blocks += [_thaw(freeze) for freeze in lying]
    blocks += [block for job in readers for block in _job_blocks(job)]
    blocks += [block for group in groups for block in _group_blocks(group)]
    blocks += _chain_blocks(conn, groups)
    return Explanation(row.lfn, tuple(known), tuple(dict.fromkeys(blocks)))


def _freezes_over(conn: Connection, replicas: Sequence[int]) -> list[Freeze]:
    found = {freeze.id: freeze for lying in freezes.over(conn, replicas).values() for freeze in lying}
    return [found[key] for key in sorted(found)]


def _thaw(freeze: Freeze) -> Block:
    return Block(f"nothing is removed: {freeze.sentence}", f"ddm trash thaw {freeze.id} --reason '…'")


def _withdrawn(conn: Connection, row: Any, rules: Rules | None, why: Why) -> list[tuple[str, str]]:
    """Whether the withdrawn copies of the file may be removed, and if not, why."""
    verdicts = [] if rules is None else explain_delete.of_file(conn, row.id, rules, why)
    found = []
    for copy in verdicts:
        if copy.asking is Asking.REMOVE:
            seal = f"certificate {copy.certificate[:16]}" if copy.certificate else "without a certificate"
            text = "may be removed" if copy.allowed else f"stays: {'; '.join(copy.reasons)}"
            found.append(("withdrawn", f"{copy.endpoint}, {seal}: {_line(text)}"))
    more = f"every rule: ddm explain delete '{row.lfn}'"
    return [*found, ("", more)] if found else []


def _replica_text(replica: ReplicaFact) -> str:
    text = (
        f"{replica.endpoint}:{replica.path} {replica.state} since {replica.since:%F %T}, {replica.locality}"
    )
    if replica.verified_at:
        text += f", compared {replica.verified_at:%F %T}"
    if replica.pin_state:
        text += f", pinned until {replica.pin_until:%F %T}"
    if replica.item_state:
        text += f"; {replica.item_kind} {replica.item_state}, attempt {replica.item_attempts}"
        if replica.item_kind == RequestKind.COPY and replica.item_token:
            text += f", asked for as {_line(replica.item_token, 80)}"
    return text


RESUME = {"stage": "ddm stage resume", "copy": "ddm archive resume", "remove": "ddm trash resume"}


def _gap(lfn: str) -> str:
    return f"ddm gap add {lfn} --reason '…' --approver NAME --yes"


def _replica_blocks(replica: ReplicaFact, lfn: str, role: str) -> Iterator[Block]:
    gap = _gap(lfn) if role == Role.RAW else ""
    if replica.item_state == ItemState.HELD:
        command = f"{RESUME[str(replica.item_kind)]} {replica.item_id} --reason '…'"
        if gap:
            command += f", or register the gap: {gap}"
        yield Block(f"the {replica.item_kind} is held: {replica.item_code}: {replica.item_reason}", command)
    elif replica.item_state == ItemState.QUEUED and replica.item_code:
        yield Block(
            f"the {replica.item_kind} failed ({replica.item_code}: {replica.item_reason}); "
            f"next try at {replica.item_next_try_at:%F %T}"
        )
    if replica.item_kind == RequestKind.COPY:
        yield from _copy_blocks(replica)
    if replica.state == ReplicaState.LOST:
        command = f"once it is back: ddm file compare {lfn} --reason '…'"
        if gap:
            command += f", or register the gap: {gap}"
        yield Block(f"{replica.endpoint} says that the file is not there", command)
    elif replica.state == ReplicaState.BAD:
        yield Block(f"the copy at {replica.endpoint} has other bytes than the catalogue says")
    elif replica.state == ReplicaState.UNVERIFIED and replica.tries:
        yield Block(f"{replica.endpoint} has not told size and checksum after {replica.tries} questions")
    elif replica.state == ReplicaState.UNVERIFIED:
        yield Block(f"the copy at {replica.endpoint} was not compared with the catalogue yet", "ddm flow run")
    elif replica.state == ReplicaState.ARCHIVING and replica.kind == EndpointKind.TAPE:
        yield Block(f"{replica.endpoint} has it in its buffer, not yet on tape")


def _copy_blocks(replica: ReplicaFact) -> Iterator[Block]:
    """What a copy waits for that a service makes."""
    if replica.item_state == ItemState.SUBMITTED:
        what = "waits for the tape" if replica.state != ReplicaState.COPYING else "is asked how far it is"
        yield Block(f"the service has the copy since {replica.item_since:%F %T} and {what}")
    elif replica.item_state == ItemState.SUBMITTING and replica.item_code:
        yield Block(
            f"the service is asked for the copy ({replica.item_code}: {replica.item_reason}); asked again, "
            f"as the same request, at {replica.item_next_try_at:%F %T}"
        )


# -------------------------------------------------------------------------------- a job
def _job(conn: Connection, number: int) -> Explanation:
    job = facts.job_by_id(conn, number)
    if job is None:
        raise NotRegistered("no such job", subject=f"job {number}")
    known = [
        ("job", _job_text(job)),
        ("task", f"{job.task}, {job.kind}, run {job.run} {job.chunk}".rstrip()),
    ]
    blocks = list(_job_blocks(job))
    for group in facts.groups_of_run(conn, job.run):
        if group.id == job.group_id:
            known.append(("merge", _group_text(group)))
            blocks += _group_blocks(group)
    from catalog.db import jobs

    for file, lfn in jobs.input_files(conn, [number]).get(number, []):
        replicas = facts.replicas_of(conn, file)
        known += [("input", f"{lfn}: {_replica_text(replica)}") for replica in replicas]
        role = Role.RAW if job.kind == JobKind.PROCESS else Role.INTERMEDIATE
        blocks += [block for replica in replicas for block in _replica_blocks(replica, lfn, role)]
    return Explanation(f"job {number}", tuple(known), tuple(dict.fromkeys(blocks)))


def _job_text(job: JobFact) -> str:
    text = f"{job.id} ({job.kind}) {job.state} since {job.since:%F %T}, attempt {job.attempt}"
    return text + (f", last trouble {job.code}: {_line(job.reason)}" if job.code else "")


def _job_blocks(job: JobFact) -> Iterator[Block]:
    if job.state == JobState.HELD:
        yield Block(
            f"job {job.id} is held: {job.code}: {_line(job.reason)}", f"ddm job resume {job.id} --reason '…'"
        )
    elif job.state == JobState.WAITING and job.code:
        yield Block(f"job {job.id} failed ({job.code}); next try after {job.next_try_at:%F %T}")


# -------------------------------------------------------------------------------- a run
def _run(conn: Connection, run: int) -> Explanation:
    holding = facts.datasets_of_run(conn, run)
    if not holding:
        raise NotRegistered("no raw file of this run is registered", subject=f"run {run}")
    groups, jobs = facts.groups_of_run(conn, run), facts.open_jobs_of_run(conn, run)
    known = [("raw", f"{n} files in {name} ({state})") for name, state, n in holding]
    states: dict[str, int] = {}
    for job in jobs:
        states[f"{job.kind} {job.state}"] = states.get(f"{job.kind} {job.state}", 0) + 1
    recall, in_the_way = explain_recall.run_facts(conn, run)
    known += recall
    known += [("jobs not over", f"{n} {what}") for what, n in sorted(states.items())]
    known += [("merge", _group_text(group)) for group in groups]
    blocks = [
        block for name, state, _ in holding if state == "OPEN" for block in _open_blocks(conn, name, run)
    ]
    for item in facts.held_items_of_run(conn, run):
        command = f"{RESUME[item.kind]} {item.id} --reason '…'"
        if item.kind == RequestKind.STAGE:  # what is recalled is raw
            command += f", or register the gap: {_gap(item.lfn)}"
        blocks.append(Block(f"{item.lfn}: the {item.kind} is held: {item.code}: {item.reason}", command))
    for spoiled in facts.spoiled_of_run(conn, run):
        what = "is not there" if spoiled.state == ReplicaState.LOST else "has other bytes"
        blocks.append(
            Block(f"the copy at {spoiled.endpoint} {what}: {spoiled.lfn}", f"ddm explain {spoiled.lfn}")
        )
    blocks += in_the_way
    blocks += [block for job in jobs for block in _job_blocks(job)]
    blocks += [block for group in groups for block in _group_blocks(group)]
    blocks += _chain_blocks(conn, groups)
    if jobs and not groups:
        blocks.append(Block(f"{len(jobs)} of its jobs are not over: no product is merged before all are"))
    return Explanation(f"run {run}", tuple(known), tuple(dict.fromkeys(blocks)))


def _open_blocks(conn: Connection, name: str, run: int) -> Iterator[Block]:
    """Why an open dataset keeps the run from being merged."""
    undefined = files.undefined_runs(conn, files.dataset_id(conn, name))
    if run in undefined:
        yield Block(f"not all files of the run are known in {name}: {_line(undefined[run])}")
    if undefined:
        text = f"dataset {name} is open, and cannot be closed: {len(undefined)} of its runs are not defined"
        yield Block(text, f"ddm dataset show {name}")
    else:
        yield Block(f"dataset {name} is open: more files may come", f"ddm dataset close {name}")


def _group_text(group: GroupFact) -> str:
    text = f"{group.product} part {group.part} (group {group.id}): {group.state} since {group.since:%F %T}"
    return text + f", {group.members} inputs, {group.lfn}, cross-check {group.check or 'not made yet'}"


def _group_blocks(group: GroupFact) -> Iterator[Block]:
    again = f"ddm merge again {group.id} --reason '…' --yes"
    match group.state:
        case GroupState.MISMATCHED:
            here = f"{group.run} {group.product}"
            waive = f"ddm check waive {here} --reason '…' --yes"
            yield Block(
                f"cross-check of {group.product} of run {group.run} failed: {_line(group.reason)}",
                f"ddm check explain {here}; ddm check repair {here} --reason '…' --yes, or if the difference "
                f"is understood: {waive}",
            )
        case GroupState.HELD:
            yield Block(f"merge group {group.id} is held: {_line(group.reason)}", again)
        case GroupState.MERGED if group.verdict:
            yield Block(f"cross-check of {group.product} of run {group.run}: {_line(group.verdict)}")


def _chain_blocks(conn: Connection, groups: Sequence[GroupFact]) -> Iterator[Block]:
    """What is kept only within a further product, and waits for that to be planned."""
    waiting = set(chains.waiting(conn, [group.id for group in groups]))
    for group in groups:
        if group.id in waiting:
            text = (
                f"{group.product} of run {group.run} goes to tape within what is made of it, which waits "
                "until every part of its unit is merged and checked"
            )
            yield Block(text, f"ddm merge plan {group.run} says for which run")


def _line(text: str | None, longest: int = 300) -> str:
    found = " ".join((text or "").split())
    return found if len(found) <= longest else found[: longest - 1] + "…"


def _some(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

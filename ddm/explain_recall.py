"""Why a file or run is not online: who wants it, where it is in the queue, what its recall went through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from catalog.db import look, recall_look
from catalog.db.engine import Connection
from catalog.db.facts import Past, ReplicaFact
from catalog.db.recall_look import LeaseFact, RunRecall
from catalog.states import (
    ITEM,
    CampaignState,
    EndpointKind,
    ItemState,
    LeaseState,
    RequestKind,
)
from ddm.blocks import Block
from ddm.operations.recall_status import storms_now

STEPS_SHOWN = 8

WORDS = {
    "claimed": "asked for",
    "accepted": "taken on by the service",
    "refused_for_now": "refused",
    "failed_for_now": "failed",
    "unheard": "no answer was heard, queued again",
    "refused": "held",
    "failed": "held",
    "overdue": "held",
    "resumed": "resumed",
    "done": "came",
    "canceled": "canceled",
    "given_up": "given up",
}
"""Steps of a recall, for people. What is told with a reason keeps it."""


# ------------------------------------------------------------------------------- a file
def file_facts(
    conn: Connection, file: int, replicas: Sequence[ReplicaFact]
) -> tuple[list[tuple[str, str]], list[Block]]:
    """What is known of the file's recall, and what blocks it."""
    tapes = [replica for replica in replicas if replica.kind == EndpointKind.TAPE]
    leases = recall_look.leases_of(conn, file)
    places = recall_look.tape_places(conn, [replica.id for replica in tapes])
    known = [
        ("on tape", f"{replica.endpoint}: tape {places[replica.id][0]}, position {places[replica.id][1]}")
        for replica in tapes
        if replica.id in places
    ]
    known += [("lease", _lease_text(lease)) for lease in leases]
    for replica in tapes:
        if replica.item_kind == RequestKind.STAGE and replica.item_id is not None:
            past = look.history_of(conn, ITEM.noun, replica.item_id)
            known += [("recall", text) for text in _story(past)]
    return known, list(_blocks(conn, tapes, [lease for lease in leases if lease.state == LeaseState.WANTED]))


def _lease_text(lease: LeaseFact) -> str:
    end = f"until {lease.until:%F %T}" if lease.until else "until it is released"
    return (
        f"campaign {lease.campaign} of {lease.owner} (priority {lease.priority}, {lease.campaign_state}): "
        f"{lease.state} since {lease.since:%F %T}, {end}"
    )


def _story(past: Sequence[Past]) -> list[str]:
    """The last steps of a recall, oldest first."""
    told = [_step(step) for step in past if step.event in WORDS]
    left = len(told) - STEPS_SHOWN
    return ([f"{left} earlier steps"] if left > 0 else []) + told[-STEPS_SHOWN:]


def _step(step: Past) -> str:
    text = f"{step.at:%F %T} {WORDS[step.event]}"
    by = f" by {step.actor}" if step.event in ITEM.by_person else ""
    return f"{text}{by}" + (f": {' '.join(step.reason.split())[:200]}" if step.reason else "")


def _blocks(conn: Connection, tapes: Sequence[ReplicaFact], wanted: Sequence[LeaseFact]) -> Iterator[Block]:
    waits = {lease.replica_id for lease in wanted}
    for replica in tapes:
        recall = replica.item_kind == RequestKind.STAGE and replica.item_state is not None
        if recall and replica.item_state == ItemState.QUEUED and not replica.item_code:
            n = recall_look.due_before(conn, replica.item_id or 0)
            yield Block(f"its recall waits in the queue of {replica.endpoint}, behind {n} others")
        if recall or replica.id in waits:
            for storm in storms_now(conn):
                if storm.endpoint == replica.endpoint:
                    yield Block(storm.sentence, "mend the endpoint; then it goes on by itself")
    held = {replica.id for replica in tapes if replica.item_state == ItemState.HELD}
    for lease in wanted:
        yield from _lease_blocks(conn, lease, held)


def _lease_blocks(conn: Connection, lease: LeaseFact, held: set[int]) -> Iterator[Block]:
    name = lease.campaign
    if lease.campaign_state == CampaignState.FILLING:
        yield Block(
            f"campaign {name} is not all written down: nothing is recalled for it yet",
            "the 'ddm stage request' that was interrupted, again; or "
            f"ddm stage cancel {quote(name)} --reason '…' --yes",
        )
    elif lease.replica_id in held:
        yield Block(
            f"campaign {name} waits for it",
            f"to go on without it: ddm stage accept-missing {quote(name)} --reason '…' --yes",
        )
    elif not lease.asked_for:
        ahead = recall_look.ahead_of(conn, lease)
        yield Block(
            f"it waits for its turn in the window, behind {ahead.urgent} files of campaigns more urgent than "
            f"priority {lease.priority} and {ahead.own} of campaign {name}",
            f"ddm stage status {quote(name)}",
        )


# ------------------------------------------------------------------------------- a run
def run_facts(conn: Connection, run: int) -> tuple[list[tuple[str, str]], list[Block]]:
    """How much of the run is online, and which files hold it up."""
    known = [("recall", _run_text(found)) for found in recall_look.recalls_of_run(conn, run)]
    blocks = [
        Block(
            f"{late.lfn}: its recall failed ({late.code}), next try at {late.next_try_at:%F %T}",
            f"ddm explain {late.lfn}",
        )
        for late in recall_look.stragglers_of_run(conn, run)
    ]
    return known, blocks


def _run_text(found: RunRecall) -> str:
    return (
        f"{found.endpoint}: {found.on_tape} raw files on tape, {found.online} of them online; "
        f"{found.queued} queued, {found.in_flight} in flight, {found.held} held"
    )

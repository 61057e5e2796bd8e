"""What 'ddm flow status' and the end of the demonstration show: the run table, totals, what waits and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import campaigns, freezes, look, recall_look, reports, waivers
from catalog.db.engine import Catalog, Connection
from catalog.db.freezes import Freeze
from catalog.db.look import RequestLine
from catalog.db.removals import Plan
from catalog.db.reports import Held, RunLine, StateCount, TierTotal
from catalog.db.verifying import Round
from catalog.states import ITEM, CampaignState, ItemState, LeaseState, RequestKind
from ddm.cli.toolkit import Table
from ddm.operations import freezing, recall_status, removing, verifying
from ddm.operations.recall_status import Storm
from ddm.settings import Settings
from ddm.standing import Standing
from ddm.units import human_size
from merging.witnesses import Counted

TIERS = {"raw": "raw", "intermediate": "per chunk", "final": "merged"}


@dataclass(frozen=True, slots=True)
class Tail:
    """A campaign at an endpoint of which all but a few files are served, or whose time is over."""

    campaign: str
    endpoint: str
    files: int
    missing: int


@dataclass(frozen=True, slots=True)
class Recalls:
    """What an operator should know of recalls: storms, files held, campaigns that wait for a few files."""

    storms: tuple[Storm, ...]
    held: int
    tails: tuple[Tail, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything at one moment: runs, totals per tier, counts per state, what waits for a person."""

    runs: Sequence[RunLine]
    tiers: Sequence[TierTotal]
    states: Sequence[StateCount]
    held: Sequence[Held]
    pending: int
    recalls: Recalls
    left_alone: Sequence[Standing] = ()
    copies: Sequence[RequestLine] = ()
    waivers: tuple[int, int] = (0, 0)  # in force, void
    freezes: Sequence[Freeze] = ()
    removals: Sequence[Plan] = ()  # begun and not over
    verifications: Sequence[Round] = ()  # braked


def summarize(catalog: Catalog, now: datetime, left_alone: Sequence[Standing] = ()) -> Summary:
    """Read it all, in one transaction. ``left_alone``: what the processes of the flow do not call now."""
    with catalog.read() as conn:
        return Summary(
            runs=reports.run_table(conn),
            tiers=reports.tier_totals(conn),
            states=reports.state_counts(conn),
            held=reports.held_things(conn),
            pending=reports.pending(conn, now),
            recalls=_recalls(conn),
            copies=look.open_requests(conn, RequestKind.COPY),
            left_alone=left_alone,
            waivers=waivers.amounts(conn),
            freezes=freezes.standing(conn),
            removals=removing.in_progress(conn),
            verifications=verifying.braked(conn),
        )


def _recalls(conn: Connection) -> Recalls:
    tails = campaigns.listing(conn, states=(CampaignState.TAIL,))
    standing = campaigns.standing(conn, [part.id for part in tails])
    held = sum(
        amount.files
        for (_, state), amount in recall_look.amounts(conn, ITEM.noun).items()
        if state == ItemState.HELD
    )
    return Recalls(
        tuple(recall_status.storms_now(conn)),
        held,
        tuple(
            Tail(part.name, part.endpoint, part.files, standing[part.id].files.get(LeaseState.WANTED, 0))
            for part in tails
        ),
    )


def run_tables(runs: Sequence[RunLine], settings: Settings) -> list[Table]:
    """The run table of the COMPASS monitoring page in two, so that it fits a terminal: jobs of every run, and
    of each product the step that it is at: merging, x-check, migration, archived."""
    columns = ("run", "chunks", "defined", "sent", "running", "failed", "finished", "gaps")
    jobs = Table(columns, [[getattr(line, name) for name in columns] for line in runs], "Runs")
    products = [name for name in settings.products if any(name in line.merging for line in runs)]
    if not products:
        return [jobs]
    checked = {name for name in products if settings.products[name].counted is not Counted.NONE}
    rows = [[line.run, *(_step(line, name, name in checked) for name in products)] for line in runs]
    return [jobs, Table(["run", *products], rows, "Products of runs, and the step that they are at")]


def _step(line: RunLine, product: str, checked: bool) -> str | None:
    """The first step that is not over; None before there is anything to merge."""
    if product not in line.merging:
        return None
    steps = [("merging", line.merging, "finished"), ("migration", line.migrated, "finished")]
    if checked:
        steps.insert(1, ("x-check", line.checked, "yes"))
    for name, words, over in steps:
        if words.get(product) != over:
            return f"{name} {words.get(product, '')}".rstrip()
    return "archived"


def tier_table(tiers: Sequence[TierTotal], settings: Settings) -> Table:
    """Totals per tier; they are never added up, because tiers hold the same events."""
    rows = []
    for tier in tiers:
        product = settings.products.get(tier.product)
        eventless = product is not None and product.counted is Counted.NONE
        rows.append(
            [
                TIERS[tier.tier],
                tier.product,
                tier.files,
                human_size(tier.size),
                None if eventless else tier.events,
                None if eventless else tier.unknown,
                tier.on_disk,
                tier.on_tape,
            ]
        )
    columns = ["tier", "product", "files", "size", "events", "uncounted", "on disk", "on tape"]
    return Table(columns, rows, "Totals (tiers hold the same events: do not add them up)")


def held_lines(held: Sequence[Held]) -> list[str]:
    """What waits for a person: what, why, and what to do."""
    lines = []
    for entry in held:
        lines.append(f"{entry.noun} {entry.id} {entry.state} since {entry.since:%F %T}: {entry.name}")
        lines.append(f"    why: {' '.join(entry.reason.split())[:300]}")
        lines.append(f"    do:  {entry.advice}")
    return lines


def recall_lines(recalls: Recalls) -> list[str]:
    """Storms, held recalls and tails, a line each; nothing if there is none."""
    lines = [storm.sentence for storm in recalls.storms]
    if recalls.held:
        lines.append(f"Recalls held: {recalls.held} (see 'ddm stage status')")
    lines += [
        f"Campaign {tail.campaign} at {tail.endpoint} is in its tail: {tail.missing} of {tail.files} files "
        f"are missing (see 'ddm stage missing {tail.campaign}')"
        for tail in recalls.tails
    ]
    return lines


COPY_STATES = {
    ItemState.QUEUED: "wait",
    ItemState.SUBMITTING: "are asked for; not known whether it is heard",
    ItemState.SUBMITTED: "are with the service",
}


def copy_lines(copies: Sequence[RequestLine], now: datetime) -> list[str]:
    """Copies that are not over and not held, a line for each endpoint and state."""
    return [
        f"Copies to {line.endpoint}: {line.files} ({human_size(line.size)}) {COPY_STATES[state]}, the oldest "
        f"for {_age(now - line.oldest)}"
        for line in copies
        if (state := ItemState(line.state)) in COPY_STATES
    ]


def state_table(states: Sequence[StateCount], now: datetime) -> Table:
    """How many of everything are in each state, and how old the oldest is."""
    rows = [[s.noun, s.state, s.count, _age(now - s.oldest) if s.oldest else None] for s in states]
    return Table(["what", "state", "count", "oldest"], rows, "States")


def _age(age: object) -> str:
    return str(age).split(".")[0]


def render(summary: Summary, settings: Settings, now: datetime) -> list[str | Table]:
    """The summary as 'ddm flow status' prints it."""
    parts: list[str | Table] = [*run_tables(summary.runs, settings), ""]
    parts += [tier_table(summary.tiers, settings), "", state_table(summary.states, now), ""]
    if summary.held:
        parts += [f"Waiting for a person: {len(summary.held)}", *held_lines(summary.held)]
    else:
        parts.append("Waiting for a person: nothing")
    if any(summary.waivers):
        parts.append(f"Waivers: {summary.waivers[0]} in force, {summary.waivers[1]} void (ddm check waivers)")
    parts += freezing.lines(summary.freezes)
    parts += [f"Removal {line}" for line in removing.progress_lines(summary.removals)]
    parts += verifying.braked_lines(summary.verifications)
    parts += recall_lines(summary.recalls)
    parts += copy_lines(summary.copies, now)
    parts += [f"Left alone by {entry.process}: {entry.text}" for entry in summary.left_alone]
    waiting = sum(s.count for s in summary.states if s.noun == "replica" and s.state == "TRASHED")
    if waiting:
        parts.append(f"Withdrawn, waiting for their grace time: {waiting} (see 'ddm trash list')")
    moving = summary.pending
    parts.append(f"Moving by itself: {moving or 'nothing'}" + (" (run 'ddm flow run')" if moving else ""))
    return parts


def as_json(summary: Summary) -> Mapping[str, object]:
    """The summary for programs."""
    return {
        "runs": summary.runs,
        "tiers": summary.tiers,
        "states": summary.states,
        "held": summary.held,
        "pending": summary.pending,
        "recalls": summary.recalls,
        "left_alone": summary.left_alone,
        "copies": summary.copies,
        "freezes": summary.freezes,
        "removals": summary.removals,
        "verifications": summary.verifications,
        "waivers": {"in_force": summary.waivers[0], "void": summary.waivers[1]},
    }

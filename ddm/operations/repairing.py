"""Plans of repair: a signed text is done line by line, stopped and resumed.

``ddm.reconcile.actions`` says what may be done, ``ddm.operations.mending`` does it, a page at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from catalog import brake
from catalog.db import attempts, campaigns, comparisons, debrislook, remaking, repairs, tally
from catalog.db.debrislook import Noted
from catalog.db.engine import Catalog, Connection
from catalog.db.repairs import Repair, RepairAmount
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.model import RepairLine
from catalog.states import CampaignState, RepairAct, RepairOutcome, RepairState, ReplicaState
from ddm.app import App
from ddm.operations import lookagain, mending, staging
from ddm.operations.common import because, doing, why
from ddm.operations.repairtext import Body, Read, plan_of, read
from ddm.reconcile.limits import limits_of
from ddm.reconcile.plantext import Chosen, Fault
from ddm.steps import pace

AT_ONCE = 1000
ORDER = (
    *(RepairAct.ADOPT, RepairAct.REVERIFY, RepairAct.REARCHIVE),
    *(RepairAct.RECALL, RepairAct.LOST, RepairAct.TRASH),
)
"""What is found again first, what goes last."""

RECALL_FOR = timedelta(days=7)
"""How long what was recalled again stays in the buffer for who waits for it."""


# -------------------------------------------------------------------------------------------- acting
@dataclass(frozen=True, slots=True)
class Shown:
    """A plan, what came of its lines, those that did not go as planned, and what is to be made again.

    ``noted``: what of it goes, or went, after its grace time; None: no file that nobody knows.
    """

    plan: Repair
    amounts: tuple[RepairAmount, ...]
    lines: tuple[RepairLine, ...]
    redo: tuple[remaking.Redo, ...] = ()
    noted: Noted | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a plan so far. ``stopped``: why it is not over, "" if it is; ``left``: open lines."""

    shown: Shown
    stopped: str
    left: int


def signed(app: App, file: Path) -> Repair:
    """The plan of a text, if that is the one that was signed last: known by its sha256, its lines are not
    looked at. Raises BadInput."""
    plan, body = plan_of(app, file), Body(file)
    for _ in body.lines():
        pass
    if body.signature is None or body.signature.sha256 != plan.sha256:
        return checked(app, file).plan  # it says what is wrong
    return plan


def checked(app: App, file: Path) -> Read:
    """The text, if it is signed, and as it was signed, with what its lines come to. Raises BadInput."""
    found = read(app, file)
    if found.faults:
        raise BadInput(f"{found.faults[0]}; nothing was done", subject=str(file))
    if found.signature is None:
        raise BadInput("it is not signed", subject=str(file), advice=f"ddm reconcile sign {file}")
    if found.signature.sha256 != found.plan.sha256:
        raise BadInput(
            "it is not the text that was signed last, by what the catalogue says; nothing was done",
            subject=str(file),
            advice="sign it again",
        )
    return found


def apply(
    app: App,
    file: Path,
    told: Callable[[int], None] = lambda lines: None,
    reading: Callable[[], None] = lambda: None,
) -> Applied:
    """Do what a signed text says, or go on with it. Interrupt and repeat freely: each line is done once.

    ``told``: of so many lines more that were looked at; ``reading``: called now and then while the text is
    read. Raises BadInput (not the text that was signed), IllegalTransition (braked, canceled, or its
    comparison is not believed any more), CatalogBusy (another process is at it).
    """
    number = plan_of(app, file).id
    with app.catalog.exclusive(f"repair-{number}"):
        plan = signed(app, file)
        _begin(app, plan, file, reading)
        stopped = "" if plan.state is RepairState.DONE else _work(app, number, told)
    done = show(app.catalog, number, AT_ONCE)
    return Applied(done, stopped, sum(one.files for one in done.amounts if one.outcome is None))


def _begin(app: App, found: Repair, file: Path, reading: Callable[[], None]) -> None:
    """RUNNING, with every line in the journal.

    They are written in pages, so that nobody else waits for more than one; killed meanwhile, it begins anew.
    """
    if found.state is RepairState.SIGNED:
        _write_down(app, found, file, reading)
    with app.catalog.begin("operation") as conn:
        plan, fresh = repairs.start(conn, found.id, why(app.catalog))
        if plan.sha256 != found.sha256:
            raise BadInput("it was signed anew just now; try again", subject=str(file))
        if not fresh:
            return
        _usable(conn, plan)
        if repairs.left(conn, plan.id) != plan.files:
            raise BadInput("it was changed while it was read; nothing was done", subject=str(file))
        _not_too_many(app, conn, plan)


def _write_down(app: App, plan: Repair, file: Path, reading: Callable[[], None]) -> None:
    with app.catalog.begin("operation") as conn:
        _usable(conn, plan)
        repairs.unwrite(conn, plan.id)
    body = Body(file)
    lines = _lines(body.chosen(app, plan), file, reading)
    while page := list(islice(lines, repairs.AT_ONCE)):
        with app.catalog.begin("operation") as conn:
            now = repairs.one(conn, plan.id, lock=True)
            if (now.state, now.sha256) != (plan.state, plan.sha256):
                return  # canceled, or signed anew; who begins it is told
            repairs.write(conn, plan.id, page, app.endpoint_ids)
    if body.signature is None or body.signature.sha256 != plan.sha256:
        raise BadInput("it was changed while it was read; nothing was done", subject=str(file))


def _usable(conn: Connection, plan: Repair) -> None:
    if said := comparisons.usable(conn, plan.comparison):
        raise IllegalTransition("; ".join(said), subject=f"comparison {plan.comparison}")


def _not_too_many(app: App, conn: Connection, plan: Repair) -> None:
    """The brake of comparisons, over all plans of its window: a disaster that is seen directory by directory,
    or day by day, is one too. Who accepted it for this comparison has looked.

    Raises IllegalTransition.
    """
    limits = limits_of(app.settings.reconcile)
    names = {key: name for name, key in app.endpoint_ids.items()}
    for key, files in repairs.given_up(conn, plan.id, app.now - limits.window).items():
        good = tally.sums(noun="replica", place=key, state=ReplicaState.AVAILABLE.value)
        copies, name = int(conn.execute(good).one()[0] or 0), names.get(key, "")
        if files > max(limits.few, limits.brake * (copies + files)):
            raise IllegalTransition(
                f"with it, plans of the last {limits.window.days} days give up {files} copies at {name}, "
                f"where {copies} are AVAILABLE: more than {limits.brake:.1%}; nothing was done",
                subject=f"plan {plan.id}",
                advice=f"look at {name}; then compare anew with --accept {name}, and plan by that",
            )


def _lines(chosen: Iterator[Chosen | Fault], file: Path, reading: Callable[[], None]) -> Iterator[RepairLine]:
    for number, entry in enumerate(chosen, 1):
        if number % AT_ONCE == 0:
            reading()
        if isinstance(entry, Fault):
            raise BadInput(f"{entry}; nothing was done", subject=str(file))
        one = entry.proposal
        yield RepairLine(
            one.number, entry.act, str(one.kind), one.endpoint, one.path, one.replica_id, one.other,
            one.state, one.since, one.size, one.adler32,
        )  # fmt: skip


def _work(app: App, number: int, told: Callable[[int], None]) -> str:
    for act in ORDER:
        after = -1
        while page := _page(app, number, act, after):
            after = page[-1].position
            if stopped := _do(app, number, page):
                return stopped
            told(len(page))
    _recall(app, number)
    with app.catalog.begin("operation") as conn:
        if repairs.finish(conn, number, why(app.catalog)):
            return ""
        open_ = repairs.left(conn, number)
    return f"{open_} lines wait for a storage to answer: repeat the command later"


def _page(app: App, number: int, act: RepairAct, after: int) -> list[RepairLine]:
    with app.catalog.read() as conn:
        return repairs.lines(conn, number, act=act, after=after, limit=AT_ONCE)


def _do(app: App, number: int, page: list[RepairLine]) -> str:
    """One page: look, then do and write down in one transaction. Returns why it stops, or ""."""
    with app.catalog.read() as conn:
        plan = repairs.one(conn, number)
    if plan.state is not RepairState.RUNNING:
        return f"it is {plan.state}"
    seen = lookagain.looked(app, page)
    if lookagain.needs_registering(page):
        seen = lookagain.register(app, plan, page, seen)
    with app.catalog.begin("operation") as conn:
        if repairs.one(conn, number, lock=True).state is not RepairState.RUNNING:
            return "it was canceled"
        found = mending.act(app, conn, plan, page, seen)
        now = repairs.record(conn, number, found)
        if not brake.too_strange(now.seen, now.strange, pace.limits(app)):
            return ""
        odd = next(((o, text) for o, text in found.values() if o is not None and o.strange), None)
        example = f", the last one {odd[0]}: {odd[1]}" if odd else ""
        text = f"{now.strange} of {now.seen} lines are not as planned{example}"
        repairs.stop(conn, number, text, why(app.catalog))
        return f"braked: {text}"


def _recall(app: App, number: int) -> None:
    """Have from tape what was lost on disk: one campaign, of all that was found so. Repeat freely."""
    name = f"repair {number}"
    with app.catalog.read() as conn:
        lfns = repairs.lfns(conn, number, RepairAct.RECALL, RepairOutcome.DONE)
        if not lfns or repairs.left(conn, number):
            return
        with suppress(NotRegistered):
            known = campaigns.all_named(conn, name)
            if all(one.state != CampaignState.FILLING for one in known):
                return
    terms = staging.Terms(name, f"plan of repair {number}: lost on disk", lifetime=RECALL_FOR)
    staging.request(app.catalog, app.settings, staging.Wanted(files=tuple(lfns)), terms, confirmed=True)


# ------------------------------------------------------------------------------------------- showing
def listing(catalog: Catalog, limit: int) -> list[Shown]:
    """Plans, the newest first."""
    with catalog.read() as conn:
        found = repairs.listing(conn, limit)
        return [Shown(one, tuple(repairs.amounts(conn, one.id)), ()) for one in found]


def show(catalog: Catalog, number: int, limit: int) -> Shown:
    """One plan; its lines that did not go as planned, and those that are open. Raises NotRegistered."""
    with catalog.read() as conn:
        plan = repairs.one(conn, number)
        ends = [None, *(end for end in RepairOutcome if end is not RepairOutcome.DONE)]
        lines = [
            line for end in ends for line in repairs.lines(conn, number, outcome=end, limit=limit)
        ]  # no more than the limit is shown
        redo = remaking.to_redo(conn, number, limit)
        noted = next(iter(debrislook.noted(conn, number)), None)
        return Shown(plan, tuple(repairs.amounts(conn, number)), tuple(lines[:limit]), tuple(redo), noted)


def resume(catalog: Catalog, number: int, reason: str) -> Repair:
    """Release a plan's brake. Raises NotRegistered or IllegalTransition."""
    with doing(catalog, act=True) as conn:
        return repairs.resume(conn, number, because(catalog, reason))


@dataclass(frozen=True, slots=True)
class Canceled:
    """A plan of which nothing more is done. ``spared``: files that it had noted, and that do not go."""

    plan: Repair
    spared: int


def cancel(catalog: Catalog, number: int, reason: str) -> Canceled:
    """Nothing more of a plan is done, and what it noted to be removed is not, as far as it was not sent.

    Also of one that is over. Raises NotRegistered.
    """
    with doing(catalog, act=True) as conn:
        said = because(catalog, reason)
        repairs.cancel(conn, number, said)
        return Canceled(repairs.one(conn, number), attempts.spare_named(conn, number, said))

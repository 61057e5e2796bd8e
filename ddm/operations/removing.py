"""Plans of removal: what may be withdrawn and removed, what may not and why; and acting on exactly that list.

Planning asks the rules (catalog.retention) as the act does, only without locks. The act asks again, copy by
copy, in the transaction that moves it: what changed in between is left out and told, and nothing that is not
in the list is touched. When too much is not as planned the campaign stops by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog import brake
from catalog.db import freezes, going, look, releasing, removal_scope, removals, requests
from catalog.db.engine import Catalog, Connection
from catalog.db.going import Wish
from catalog.db.removal_scope import Candidate, Scope
from catalog.db.removals import Amount, Line, NewLine, Plan
from catalog.errors import BadInput, RuleBroken
from catalog.retention import Allowed, Ground, Refused, may_go
from catalog.states import LineOutcome, RemovalAct, RemovalState, ReplicaState
from ddm.app import App
from ddm.operations import keeping
from ddm.operations.common import because, doing, why
from ddm.operations.neighbours import Neighbours, Sizes, neighbours
from ddm.operations.trash import take_evidence
from ddm.releaserules import rules_of
from ddm.steps import cleanup, pace
from ddm.steps.production import Outputs

AT_ONCE = 1000
EXAMPLES = 3
GROUNDS = (Ground.MERGED, Ground.ON_TAPE)
"""The grounds on which a plan withdraws; for the others a person names every file (``ddm trash add``)."""

PERSONS = frozenset({"hold", "freeze", "grace", "jobs", "leases", "pins", "requests"})
"""Rules by which a copy is kept since somebody wants it: that this changed is nothing strange."""


# ----------------------------------------------------------------------------------- planning
@dataclass(frozen=True, slots=True)
class Sum:
    """Copies that may go, at an endpoint, of a run and product."""

    act: RemovalAct
    endpoint: str
    run: int
    product: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Copies that a rule keeps: how many, and the first ones with the reason."""

    act: RemovalAct
    guard: str
    files: int
    size: int
    examples: tuple[tuple[str, str], ...]  # LFN, sentence


@dataclass(frozen=True, slots=True)
class Planned:
    """What may go and what may not. ``plan`` None: nothing may, or it was not to be saved. ``more``: the plan
    is full, and copies behind its end were not looked at. ``cleanup``: what is not in it, and the clean-up of
    the task would withdraw."""

    plan: Plan | None
    scope: str
    ground: Ground
    looked_at: int
    files: int
    size: int
    sums: tuple[Sum, ...]
    kept: tuple[Kept, ...]
    more: bool
    neighbours: tuple[Neighbours, ...] = ()
    cleanup: tuple[Outputs, ...] = ()


@dataclass
class _Draft:
    lines: list[NewLine] = field(default_factory=list)
    chosen: list[Candidate] = field(default_factory=list)
    sums: dict[tuple[RemovalAct, str, int, str], list[int]] = field(default_factory=dict)
    kept: dict[tuple[RemovalAct, str], tuple[list[int], list[tuple[str, str]]]] = field(default_factory=dict)
    looked_at: int = 0
    size: int = 0
    full: bool = False

    def add(self, act: RemovalAct, one: Candidate) -> None:
        self.lines.append(NewLine(one.replica_id, act, one.size))
        self.chosen.append(one)
        self.size += one.size
        total = self.sums.setdefault((act, one.endpoint, one.run, one.product), [0, 0])
        total[0], total[1] = total[0] + 1, total[1] + one.size

    def keep(self, act: RemovalAct, one: Candidate, verdict: Refused) -> None:
        for guard, text in zip(verdict.guards, verdict.reasons, strict=True):
            total, examples = self.kept.setdefault((act, guard), ([0, 0], []))
            total[0], total[1] = total[0] + 1, total[1] + one.size
            if len(examples) < EXAMPLES:
                examples.append((one.lfn, text))


def plan(
    app: App,
    scope: Scope,
    ground: Ground = Ground.MERGED,
    *,
    save: bool = True,
    look_around: bool = False,
    told: Callable[[int], None] = lambda looked_at: None,
) -> Planned:
    """Ask the rules about every copy of the scope. Raises BadInput for unknown names, and another ground.

    ``look_around``: list the directories of the copies that may go, and tell what else is in them.
    """
    if ground not in GROUNDS:
        raise BadInput(f"a plan is made for '{Ground.MERGED}' or '{Ground.ON_TAPE}'", subject="--ground")
    draft = _Draft()
    with app.catalog.read() as conn:
        removal_scope.check(conn, scope)
        for act, page in _candidates(conn, scope, ground):
            _ask(app, conn, draft, act, ground, page)
            told(draft.looked_at)
            if draft.full:
                break
    made = None
    if save and draft.lines:
        with app.catalog.begin("operation") as conn:
            made = removals.save(conn, draft.lines, scope.words, str(ground), why(app.catalog))
    around = neighbours(app, draft.chosen) if look_around else ()
    of_task = keeping.goes(app, scope.task, ground) if scope.task and scope == Scope(scope.task) else ()
    return _planned(draft, made, scope, ground, around, of_task)


def _candidates(
    conn: Connection, scope: Scope, ground: Ground
) -> Iterator[tuple[RemovalAct, Sequence[Candidate]]]:
    """What is in the trash, then what may go there: a page at a time."""
    questions: tuple[tuple[RemovalAct, Callable[[int], list[Candidate]]], ...] = (
        (RemovalAct.REMOVE, lambda after: removal_scope.trashed(conn, scope, after, AT_ONCE)),
        (RemovalAct.WITHDRAW, lambda after: removal_scope.available(conn, scope, ground, after, AT_ONCE)),
    )
    for act, question in questions:
        after = 0
        while page := question(after):
            yield act, page
            after = page[-1].replica_id


def _ask(
    app: App, conn: Connection, draft: _Draft, act: RemovalAct, ground: Ground, page: Sequence[Candidate]
) -> None:
    wish = Wish(ground) if act is RemovalAct.WITHDRAW else None
    found = going.facts(
        conn, [one.replica_id for one in page], wish, rules_of(app.settings), why(app.catalog), lock=False
    )
    release = app.settings.release
    for one in page:
        if len(draft.lines) >= release.plan_files or draft.size >= release.plan_size:
            draft.full = True
            return
        draft.looked_at += 1
        facts = found.get(one.replica_id)
        match None if facts is None else may_go(facts):
            case Allowed() | Refused(guards=("fresh",)):  # evidence is taken again before the act
                draft.add(act, one)
            case Refused() as verdict:
                draft.keep(act, one, verdict)


def _planned(
    draft: _Draft,
    made: Plan | None,
    scope: Scope,
    ground: Ground,
    around: tuple[Neighbours, ...],
    of_task: tuple[Outputs, ...],
) -> Planned:
    sums = tuple(Sum(*key, *total) for key, total in sorted(draft.sums.items()))
    kept = sorted(
        (
            Kept(act, guard, total[0], total[1], tuple(examples))
            for (act, guard), (total, examples) in draft.kept.items()
        ),
        key=lambda entry: (entry.act, -entry.files, entry.guard),
    )
    return Planned(
        made, scope.words, ground, draft.looked_at, len(draft.lines), draft.size, sums, tuple(kept),
        draft.full, around, of_task,
    )  # fmt: skip


# ------------------------------------------------------------------------------------ showing
@dataclass(frozen=True, slots=True)
class Shown:
    """A plan, what came of its lines, and the lines that were left out or went wrong."""

    plan: Plan
    amounts: tuple[Amount, ...]
    lines: tuple[Line, ...]


def listing(catalog: Catalog, limit: int) -> list[Shown]:
    """Plans, the newest first."""
    with catalog.read() as conn:
        found = removals.listing(conn, limit)
        return [Shown(one, tuple(removals.amounts(conn, one.id)), ()) for one in found]


def show(catalog: Catalog, number: int, limit: int) -> Shown:
    """One plan with its lines, those that did not go as planned first. Raises NotRegistered."""
    with catalog.read() as conn:
        found = removals.one(conn, number)
        odd = [
            line
            for outcome in LineOutcome
            if outcome is not LineOutcome.DONE
            for line in removals.lines(conn, number, limit, outcome)
        ]
        lines = odd or removals.lines(conn, number, limit)
        return Shown(found, tuple(removals.amounts(conn, number)), tuple(lines[:limit]))


def in_progress(conn: Connection) -> list[Plan]:
    """Plans that were begun and are not over."""
    return removals.listing(conn, 100, (RemovalState.RUNNING, RemovalState.BRAKED))


def progress_lines(plans: Sequence[Plan]) -> Iterator[str]:
    """Plans that were begun and are not over, a line each."""
    for one in plans:
        if one.state is RemovalState.BRAKED:
            yield f"plan {one.id} is braked: {one.reason} (ddm trash resume --plan {one.id} --reason '…')"
        else:
            yield f"plan {one.id} is not over: {one.files} files of {one.scope} (ddm trash plans {one.id})"


def resume(catalog: Catalog, number: int, reason: str) -> Plan:
    """Release a plan's brake. Raises NotRegistered or IllegalTransition."""
    with doing(catalog, act=True) as conn:
        return removals.resume(conn, number, because(catalog, reason))


def cancel(catalog: Catalog, number: int, reason: str) -> Plan:
    """Nothing more of a plan is done. Raises NotRegistered or IllegalTransition."""
    with doing(catalog, act=True) as conn:
        return removals.cancel(conn, number, because(catalog, reason))


# ------------------------------------------------------------------------------------- acting
@dataclass(frozen=True, slots=True)
class Acted:
    """What came of a plan so far. ``stopped``: why it is not over, "" if it is; ``left``: open lines."""

    shown: Shown
    stopped: str
    left: int


def act(app: App, number: int, told: Callable[[int], None] = lambda lines: None) -> Acted:
    """Work a plan off, or go on with it: exactly its list, less what changed. Interrupt and repeat freely.

    Raises NotRegistered, IllegalTransition (over, or braked), RuleBroken (not the list that was planned),
    CatalogBusy (another process is at it).
    """
    with app.catalog.exclusive(f"removal-{number}"):
        with app.catalog.begin("operation") as conn:
            begun = removals.start(conn, number, why(app.catalog))
            if not removals.intact(conn, begun):
                raise RuleBroken("its list is not the one that was planned", subject=f"plan {number}")
        stopped = _work(app, begun, told)
        cleanup.finish(app)
    shown = show(app.catalog, number, EXAMPLES * len(LineOutcome))
    left = sum(amount.files for amount in shown.amounts if amount.outcome is None)
    return Acted(shown, stopped, left)


def _work(app: App, begun: Plan, told: Callable[[int], None]) -> str:
    sizes = Sizes(app)
    for kind, step in ((RemovalAct.REMOVE, _remove), (RemovalAct.WITHDRAW, _withdraw)):
        after = -1
        while page := _page(app, begun.id, kind, after):
            after = page[-1].position
            found = step(app, begun, page, sizes)
            told(len(page))
            if stopped := _record(app, begun.id, found):
                return stopped
            if stopped := _in_the_way(app, page, found):
                return stopped
    with app.catalog.begin("operation") as conn:
        if removals.finish(conn, begun.id, why(app.catalog)):
            return ""
    return "some removals are to be tried again: repeat the command later"


def _page(app: App, number: int, kind: RemovalAct, after: int) -> list[Line]:
    with app.catalog.read() as conn:
        return removals.open_lines(conn, number, kind, after, min(AT_ONCE, app.settings.release.call))


Found = dict[int, tuple[LineOutcome, str]]


def _record(app: App, number: int, found: Found) -> str:
    """Write it down, and brake if it is too much that is strange. Returns why it stops, or ""."""
    with app.catalog.begin("operation") as conn:
        now = removals.record(conn, number, found)
        if now.state is RemovalState.CANCELED:
            return "it was canceled"
        if not brake.too_strange(now.seen, now.strange, pace.limits(app)):
            return ""
        odd = next(((o, text) for o, text in found.values() if o.strange), None)
        example = f", the last one {odd[0]}: {odd[1]}" if odd else ""
        text = f"{now.strange} of {now.seen} files are not as planned{example}"
        removals.stop(conn, number, text, why(app.catalog))
        return f"braked: {text}"


def _in_the_way(app: App, page: Sequence[Line], found: Found) -> str:
    """Why lines stay open that nobody decided about: a freeze, or the budget of the hour."""
    open_ = [line for line in page if line.position not in found]
    if not open_:
        return ""
    with app.catalog.read() as conn:
        frozen = freezes.over(conn, [line.replica_id for line in open_])
    if frozen:
        return next(iter(frozen.values()))[0].sentence
    for endpoint in sorted({line.endpoint for line in open_}):
        if not pace.left(app, endpoint):
            return f"what may be removed at {endpoint} in this hour is used up: go on in the next"
    return ""


def _withdraw(app: App, begun: Plan, page: Sequence[Line], sizes: Sizes) -> Found:
    found: Found = {}
    asked = [line for line in page if not _changed(line, found, ReplicaState.AVAILABLE)]
    wish = Wish(Ground(begun.ground), reason=f"plan {begun.id}")
    with app.catalog.begin("operation") as conn:
        done = releasing.withdraw(
            conn, [line.replica_id for line in asked], wish, rules_of(app.settings), why(app.catalog)
        )
    moved = set(done.replicas)
    for line in asked:
        if line.replica_id in moved:
            found[line.position] = (LineOutcome.DONE, "")
        elif (refused := done.refused.get(line.replica_id)) is not None:
            _refused(line, refused, found)
    return found


def _remove(app: App, begun: Plan, page: Sequence[Line], sizes: Sizes) -> Found:
    found: Found = {}
    asked = [line for line in page if not _changed(line, found, ReplicaState.TRASHED, ReplicaState.DELETING)]
    asked = [line for line in asked if not _other(line, sizes.of(line.endpoint, line.path), found)]
    ids = [line.replica_id for line in asked]
    take_evidence(app, ids)
    with app.catalog.begin("operation") as conn:
        verdict = releasing.ask_again(conn, ids, rules_of(app.settings), why(app.catalog))
        wanted = requests.without_removal(conn, verdict.allowed)
        requests.want_removal(conn, wanted, why(app.catalog, f"plan {begun.id}"))
        queue = requests.removals_of(conn, verdict.allowed)
    cleanup.send(app, queue)
    with app.catalog.read() as conn:
        left = {line.replica_id: line for line in look.trash(conn, replicas=ids)}
    for line in asked:
        refused = verdict.refused.get(line.replica_id)
        after = left.get(line.replica_id)
        if refused is not None:
            _refused(line, refused, found)
        elif after is None:
            found[line.position] = (LineOutcome.DONE, "")
        elif after.item_state == "HELD":
            found[line.position] = (LineOutcome.FAILED, f"removal {after.item} is held")
    return found


def _changed(line: Line, found: Found, *wanted: ReplicaState) -> bool:
    """Whether the copy is not any more what the plan was made for; then it is left out."""
    if line.state is ReplicaState.DELETED:
        found[line.position] = (LineOutcome.GONE, "removed by somebody else")
    elif line.state not in wanted:
        gone = line.act is RemovalAct.WITHDRAW and line.state in (ReplicaState.TRASHED, ReplicaState.DELETING)
        outcome = LineOutcome.GONE if gone else LineOutcome.CHANGED
        found[line.position] = (outcome, f"it is {line.state} now")
    elif line.size != line.planned_size:
        text = f"{line.planned_size} bytes in the plan, {line.size} in the catalogue"
        found[line.position] = (LineOutcome.DIFFERS, text)
    return line.position in found


def _other(line: Line, seen: int | str | None, found: Found) -> bool:
    """Whether storage has something else there. None: nobody can tell; a text: why not."""
    match seen:
        case int() if seen != line.planned_size:
            text = f"{seen} bytes at {line.path}, {line.planned_size} were planned"
            found[line.position] = (LineOutcome.DIFFERS, text)
        case str() if line.state is ReplicaState.TRASHED:
            found[line.position] = (LineOutcome.MISSING, seen)
    return line.position in found


def _refused(line: Line, verdict: Refused, found: Found) -> None:
    """A rule keeps it now. Of a freeze the line stays open: it is taken up again when it is thawed."""
    if "freeze" in verdict.guards:
        return
    wanted = set(verdict.guards) <= PERSONS
    text = "; ".join(verdict.reasons)
    found[line.position] = (LineOutcome.CHANGED if wanted else LineOutcome.REFUSED, text)

"""What may happen in the small world: the flow's acts, people's, the storage's, and the adversary's.

States change by the real tables (``catalog.states``), answers are judged by the real functions
(``transfers.verify``), and whether a copy may go is asked of the real guards (``catalog.retention``). What is
written here is who acts when: anybody at any time, each act being one transaction or one call, as in
``ddm.steps``; so two workers, a crash and a late answer are nothing but another order of the same acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from catalog.checksum import Adler32
from catalog.retention import GUARDS, Asking, Ground, Refused, may_go
from catalog.states import CHECK, GROUP, REPLICA, CheckState, GroupState, Locality, ReplicaState
from tests.model.facts import NOW, PLAIN, Terms, facts
from tests.model.promises import accepted, broken, fair, lost
from tests.model.world import CHUNKS, MERGED, NAMES, READABLE, Copy, Paper, Small, Truth, older, spread
from transfers.errors import FileMissing, failed
from transfers.model import Observation, Observed
from transfers.verify import evidence_of, judge

Move = tuple[str, Small, str]
R, G = ReplicaState, GroupState
SIZE, SUM = 10, Adler32(10)


@dataclass
class Rules:
    """The program's rules. ``without``: guards taken away. ``asked``: what retention said of all that it was
    asked, ``states``: the first state in which it was; ``alone``: the guards that were somewhere the only
    ones to object. The others break the order of its acts:

    ``early``: the call is made before DELETING is committed. ``absence``: "not there" is taken for good, and
    not only in DELETING. ``gullible``: what is in the buffer is taken for on tape. ``deaf``: another checksum
    of what is on tape is written down, and moves nothing. ``blind``: what is compared with nothing is good.
    """

    without: frozenset[str] = frozenset()
    early: bool = False
    absence: bool = False
    gullible: bool = False
    deaf: bool = False
    blind: bool = False
    asked: dict[tuple[object, ...], tuple[str, ...]] = field(default_factory=dict)
    states: dict[tuple[object, ...], Small] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)

    def objections(
        self, state: Small, name: str, ground: Ground, asking: Asking, terms: Terms, person: str
    ) -> tuple[str, ...]:
        """The names of the guards that object. Asked once of all that the catalogue knows alike."""
        key = (_visible(state), name, ground, asking, terms, person)
        if key not in self.asked:
            answer = may_go(facts(state, name, ground, asking, terms, person), GUARDS)
            self.asked[key] = answer.guards if isinstance(answer, Refused) else ()
            self.states[key] = state
        if len(self.asked[key]) == 1:
            self.alone.update(self.asked[key])
        return self.asked[key]

    def allow(self, *question: object) -> bool:
        """Whether no guard that is left objects."""
        return self.without.issuperset(self.objections(*question))  # type: ignore[arg-type]


def _visible(state: Small) -> tuple[object, ...]:
    """What retention can know of a state: everything but the truth."""
    copies = [
        (copy.state, copy.since, copy.seen, copy.pieces, copy.grade, copy.odd, copy.paper)
        for copy in (state.a, state.b, state.d, state.e, state.t)
    ]
    return (*copies, *state[5:16], state.gap, state.merge)


@dataclass(frozen=True)
class Slice:
    """A part of the world that is explored on its own: how it starts, and who may do what.

    ``wishes``: (copy, ground, who asks; "" is the flow). ``acts``: of the others.
    """

    name: str
    start: Small
    wishes: tuple[tuple[str, Ground, str], ...]
    acts: tuple[Callable[[Small, Slice, Rules], Iterator[tuple[str, Small]]], ...]
    terms: Terms = PLAIN
    looked_at: tuple[str, ...] = ("a", "b", "d", "t")
    struck: tuple[str, ...] = ("d", "t")

    def moves(self, rules: Rules) -> Callable[[Small], Iterator[Move]]:
        """Everything that may happen, with what is wrong with it."""

        def all_of(state: Small) -> Iterator[Move]:
            yield from withdraw(state, self, rules)
            yield from remove(state, self, rules)
            for act in self.acts:
                for text, new in act(state, self, rules):
                    yield text, new, lost(new)

        return all_of


def put(world: Small, name: str, /, **changes: object) -> Small:
    """The state with one copy changed."""
    return world._replace(**{name: getattr(world, name)._replace(**changes)})


def moved(copy: Copy, event: str) -> ReplicaState | None:
    """The next state, by the real table; None: the event moves nothing."""
    return REPLICA.table.get((copy.state, event)) if copy.state is not None else None


# -------------------------------------------------------------------------- the way out of a copy
def withdraw(state: Small, of: Slice, rules: Rules) -> Iterator[Move]:
    """Retention is asked, and the copy withdrawn, in one transaction."""
    for name, ground, person in of.wishes:
        copy = getattr(state, name)
        after = moved(copy, "trashed")
        if after is None or not rules.allow(state, name, ground, Asking.WITHDRAW, of.terms, person):
            continue
        made = None if state.group in (None, G.VOID) else state.merge
        new = put(state, name, state=after, since=0, paper=Paper(0, ground, made, person))
        who = person or "the flow"
        wrong = broken(state, name, ground, person, Asking.WITHDRAW, of.terms)
        yield f"{who} withdraws {NAMES[name]} as '{ground}'", new, wrong


def remove(state: Small, of: Slice, rules: Rules) -> Iterator[Move]:
    """The second asking and the intent in one transaction; then the call, which may be late or unheard."""
    for name in {name: None for name, _, _ in of.wishes}:
        copy: Copy = getattr(state, name)
        what = NAMES[name]
        if copy.state is R.TRASHED:
            wish = next((ground, who) for other, ground, who in of.wishes if other == name)
            ground, person = (copy.paper.ground, copy.paper.person) if copy.paper else wish
            if rules.allow(state, name, ground, Asking.REMOVE, of.terms, person):
                wrong = broken(state, name, ground, person, Asking.REMOVE, of.terms)
                new = put(state, name, state=R.DELETING, since=0, call="sent")
                new = new._replace(
                    unfair=state.unfair or not fair(state, name, ground, of.terms),
                    accepted=state.accepted or accepted(state, name, ground, person),
                )
                yield f"the removal of {what} is committed and asked for", new, wrong
            if rules.early and not copy.call:
                yield (
                    f"the removal of {what} is asked for, and not committed",
                    put(state, name, call="early"),
                    "",
                )
        if copy.call:
            wrong = ""
            if copy.call == "early" and copy.state is not R.DELETING:
                wrong = f"the bytes of {what} are removed while its replica is {copy.state}"
            new = put(state, name, call="", truth=Truth.GONE, ours=copy.ours or copy.truth in READABLE)
            if of.terms.alias and name in ("d", "t"):  # one place by two names
                new = put(new, "t" if name == "d" else "d", truth=Truth.GONE)
            yield f"the storage removes the bytes of {what}", new, wrong or lost(new)
        if copy.state is R.DELETING:
            if not copy.call and copy.truth in (Truth.GONE, Truth.NONE):
                yield (
                    f"{what} is not there any more: it is DELETED",
                    put(state, name, state=R.DELETED, since=0),
                    "",
                )
            if not copy.call and copy.truth in READABLE:
                yield (
                    f"after a crash, the removal of {what} is asked for again",
                    put(state, name, call="sent"),
                    "",
                )
            call = "late" if copy.call else ""
            yield (
                f"nobody answers about the removal of {what}",
                put(state, name, state=R.TRASHED, since=0, call=call),
                "",
            )


# --------------------------------------------------------------------------------- looking
def _answers(copy: Copy, tape: bool, grade: str, lies: bool) -> Iterator[tuple[str, Observation]]:
    """What the storage may answer of a copy."""
    told = None if grade == "a" else SUM
    if copy.truth in (Truth.GONE, Truth.NONE):
        yield "not there", failed(FileMissing, "not there")
    elif copy.truth is Truth.BAD:
        if told is None:
            yield "on tape", Observed(SIZE, None, Locality.NEARLINE)
        else:
            yield "other bytes", Observed(SIZE, Adler32(1), Locality.NEARLINE if tape else Locality.ONLINE)
    elif copy.truth is Truth.BUFFER:
        yield "in the buffer", Observed(SIZE, SUM, Locality.ONLINE)
        if lies:
            yield "on tape, which is not so", Observed(SIZE, told, Locality.NEARLINE)
    else:
        yield "good", Observed(SIZE, told, Locality.NEARLINE if tape else Locality.ONLINE)


def _believed(text: str, seen: Observation, copy: Copy, rules: Rules) -> Observation:
    """What broken rules make of an answer."""
    if rules.absence and not isinstance(seen, Observed):
        return Observed(SIZE, SUM, Locality.ONLINE_AND_NEARLINE)
    if rules.gullible and text == "in the buffer":
        return Observed(SIZE, SUM, Locality.ONLINE_AND_NEARLINE)
    if rules.blind and text == "other bytes":
        return Observed(SIZE, SUM, Locality.ONLINE)
    return seen


def compare(
    state: Small, of: Slice, rules: Rules, lies: bool = False, grade: str = "b"
) -> Iterator[tuple[str, Small]]:
    """What is UNVERIFIED, ARCHIVING or SUSPECT is compared; what is AVAILABLE on tape is looked at again."""
    for name in of.looked_at:
        copy: Copy = getattr(state, name)
        tape = name == "t"
        if copy.state not in (R.UNVERIFIED, R.ARCHIVING, R.SUSPECT) and not (
            tape and copy.state is R.AVAILABLE
        ):
            continue
        for text, answer in _answers(copy, tape, grade, lies and tape):
            if rules.deaf and tape and text == "other bytes" and copy.state is R.AVAILABLE:
                new = put(state, name, pieces=spread((*copy.pieces, 0)), unseen=False, odd=True)
            else:
                new = _heard(state, name, copy, _believed(text, answer, copy, rules), text)
            if new is not None and new != state:
                yield f"the storage says of {NAMES[name]}: {text}", new


def _heard(state: Small, name: str, copy: Copy, seen: Observation, text: str) -> Small | None:
    tape = name == "t"
    piece = evidence_of(SIZE, SUM, seen, at=NOW, source="tape") if tape else None
    lied = copy.lied or text.endswith("not so")
    if copy.state is R.AVAILABLE:
        if piece is not None:
            return put(
                state, name, pieces=spread((*copy.pieces, 0)), grade=str(piece.grade), unseen=False, lied=lied
            )
        event = judge(SIZE, SUM, seen, tape=tape).event
        event = "doubted" if event == "verified_in_buffer" else event
    else:
        event = judge(SIZE, SUM, seen, tape=tape, archiving=copy.state is R.ARCHIVING).event
        if event is None and isinstance(seen, Observed) and seen.adler32 is None and seen.locality.on_tape:
            event = "on_tape" if copy.state is R.ARCHIVING else None  # compared in the buffer before
    after = moved(copy, event or "")
    if after is None:
        return None
    good = after is R.AVAILABLE
    return put(
        state,
        name,
        state=after,
        since=0,
        seen=0 if good else copy.seen,
        pieces=(0,) if good and piece is not None else (),
        grade=str(piece.grade) if piece is not None else "b",
        unseen=False,
        lied=lied,
        odd=False,
    )


def lying(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """The same by a service that may say on tape of what is in its buffer."""
    yield from compare(state, of, rules, lies=True)


def silent_sums(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """The same by a service that tells no checksum of what is on tape."""
    yield from compare(state, of, rules, grade="a")


def doubt(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """A reader complains, or a person has a copy compared again."""
    for name in of.looked_at:
        if (after := moved(getattr(state, name), "doubted")) is not None:
            yield f"somebody doubts {NAMES[name]}", put(state, name, state=after, since=0, pieces=())


def tick(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """Time passes: as long as evidence needs to settle. By then a buffer of which the service lied is on
    tape, or gone."""
    if state.t.lied and state.t.truth is Truth.BUFFER:
        return
    new = state._replace(**{name: older(getattr(state, name), name == "t") for name in (*CHUNKS, *MERGED)})
    if new != state:
        yield "time passes", new


def buffer(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """What is in the buffer is written to tape, or dropped."""
    if state.t.truth is Truth.BUFFER:
        yield "the buffer is written to tape", put(state, "t", truth=Truth.TAPE)
        yield "the buffer drops the merged file", put(state, "t", truth=Truth.GONE)


def bad_tape(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """What is in the buffer is spoiled while it is written to tape."""
    if state.t.truth is Truth.BUFFER:
        yield "the buffer is written to tape, and spoiled", put(state, "t", truth=Truth.BAD)


def strike(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """The adversary destroys or spoils a copy."""
    if not state.strikes:
        return
    for name in of.struck:
        if getattr(state, name).truth in READABLE:
            for truth in (Truth.GONE, Truth.BAD):
                new = put(state, name, truth=truth, struck=True, unseen=True)
                yield f"the adversary: {NAMES[name]} is {truth}", new._replace(strikes=state.strikes - 1)


def slander(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """A service says once of good bytes that they differ."""
    for name in of.looked_at:
        copy = getattr(state, name)
        after = moved(copy, "mismatch")
        if state.strikes and after is not None and copy.truth in READABLE:
            new = put(state, name, state=after, since=0, pieces=())
            yield f"a service lies: {NAMES[name]} has other bytes", new._replace(strikes=state.strikes - 1)


# ---------------------------------------------------------------------------------- merging
def group_event(state: Small, event: str, **also: object) -> Small | None:
    """The state after an event of the group, by the real table."""
    if state.group is None or (after := GROUP.table.get((state.group, event))) is None:
        return None
    return state._replace(group=after, **also)


def check_event(state: Small, event: str) -> CheckState:
    return CHECK.table.get((state.check, event), state.check)


def _both_there(state: Small) -> bool:
    return state.a.state is R.AVAILABLE and state.b.state is R.AVAILABLE


def merge(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """A merge is planned, made and cross-checked; its output may lack an event, and the check sees it."""
    if state.group in (None, G.VOID) and _both_there(state):
        yield "the merge is planned", state._replace(group=G.PLANNED)
    if (new := group_event(state, "job_created")) is not None:
        yield "its job is created", new
    if (
        state.group is G.MERGING
        and _both_there(state)
        and not state.t.call
        and state.t.state in (None, R.DELETED)
    ):
        for lacks in (0, 1) if state.merge == 0 else (0,):
            made = group_event(
                state, "output_registered", lacks=lacks, told=None, merge=min(state.merge + 1, 2)
            )
            assert made is not None
            fresh = Copy(R.UNVERIFIED, Truth.GOOD)
            yield f"the chunks are merged{', and an event is lost' if lacks else ''}", made._replace(d=fresh)
    if state.group is G.MERGED and state.d.state is R.AVAILABLE:
        yield from _judged(state)


def _judged(state: Small) -> Iterator[tuple[str, Small]]:
    if state.lacks:
        new = group_event(state, "counts_differ", told=False, check=check_event(state, "differ"))
        text = "the cross-check finds an event missing"
    else:
        new = group_event(state, "counts_agree", told=True, check=check_event(state, "agree"))
        text = "the cross-check passes"
    if new is not None:
        yield text, new


def settle(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """The group follows what became of its copies."""
    on_tape = state.t.state is R.AVAILABLE
    if state.group is G.CHECKED and on_tape and (new := group_event(state, "output_on_tape")):
        yield "the group is archived", new
    if state.group is G.ARCHIVED and not on_tape and (new := group_event(state, "archive_lost")):
        yield "the group is archived no more", new
    gone = all(getattr(state, name).state is R.DELETED for name in CHUNKS)
    if gone and (new := group_event(state, "inputs_gone")):
        yield "the group is cleaned", new
    spoiled = state.d.state in (R.BAD, R.LOST)
    if spoiled and state.group is G.CHECKED and (new := group_event(state, "output_spoiled")):
        yield "the merged file is spoiled: the group is held", new


def archive(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """A checked group is copied to tape; the copier compares what it reads."""
    if state.group is G.CHECKED and state.t.state in (None, R.DELETED) and state.d.state is R.AVAILABLE:
        yield "a copy to tape is wanted", state._replace(t=Copy(R.COPYING))
    if state.t.state is R.COPYING:
        if state.d.truth is Truth.GOOD:
            yield "the copy to tape has landed", put(state, "t", state=R.UNVERIFIED, truth=Truth.BUFFER)
        else:
            yield "the copy to tape fails", put(state, "t", state=moved(state.t, "copy_failed"))


def recount(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """Somebody counts the merged file again; the cross-check judges it later, perhaps another part of it."""
    after = (G.CHECKED, G.ARCHIVED, G.CLEANED)
    if state.lacks == 1 and state.told is not False and state.group in after:
        yield "a recount finds an event missing", state._replace(told=False)
    if state.told is False and state.check in (CheckState.PASSED, CheckState.WAIVED) and state.group in after:
        failed_ = check_event(state, "found_to_differ")
        if (new := group_event(state, "found_to_differ", check=failed_)) is not None:
            yield "the cross-check finds that the group differs", new._replace(waiver=False)
    if state.lacks == 1 and state.check in (CheckState.PASSED, CheckState.WAIVED) and state.group in after:
        failed_ = check_event(state, "found_to_differ")
        yield "the cross-check fails, nobody knows in which part", state._replace(check=failed_)


# ----------------------------------------------------------------------------------- people
def people(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """Waive, merge again, void, revise; restore; write off."""
    if state.group is G.MISMATCHED:
        if new := group_event(state, "waived", check=check_event(state, "waived"), waiver=True):
            yield "a person accepts the difference", new
    elif state.check is CheckState.WAIVED and state.waiver:
        yield "the numbers change, the waiver is void", state._replace(waiver=False)
    clear = _both_there(state) and state.t.state in (None, R.DELETED) and state.d.state is not R.TRASHED
    for event in ("merge_again", "voided", "revised"):
        new = group_event(state, event, told=None, waiver=False, check=CheckState.PENDING)
        if clear and new is not None and state.group is not G.PLANNED:
            yield f"a person: {event}", new._replace(d=Copy(), lacks=0)
    for name in of.looked_at:
        copy = getattr(state, name)
        if (after := moved(copy, "restored")) is not None:
            yield f"a person takes {NAMES[name]} out of the trash", put(state, name, state=after, since=0)
        if copy.truth is not Truth.BUFFER and (after := moved(copy, "written_off")) is not None:
            yield f"a person writes {NAMES[name]} off", put(state, name, state=after, since=0)


def waiver_void(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """What a waiver was given for is not so any more; the check is judged again later."""
    if state.check is CheckState.WAIVED and state.waiver:
        yield "the numbers change, the waiver is void", state._replace(waiver=False)


def needing(*words: str) -> Callable[[Small, Slice, Rules], Iterator[tuple[str, Small]]]:
    """Somebody needs the copies, and no more."""

    def need(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
        if state.busy:
            yield f"no {state.busy} any more", state._replace(busy="")
        else:
            yield from ((f"{word} come", state._replace(busy=word)) for word in words)

    return need


def keeping(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """A person keeps the file, freezes everything, and takes that back."""
    yield "a person keeps it" if not state.hold else "kept no more", state._replace(hold=not state.hold)
    text = "a person freezes deletion" if not state.freeze else "a person thaws"
    yield text, state._replace(freeze=not state.freeze)


def the_rest(state: Small, of: Slice, rules: Rules) -> Iterator[tuple[str, Small]]:
    """The other merge of the run is archived; the missing chunk is processed; the gap is registered."""
    if state.sibling:
        yield "the other merge is archived", state._replace(sibling=False)
    if state.unprocessed:
        yield "the missing chunk is registered as a gap", state._replace(unprocessed=False)
    if not state.gap:
        yield "the lost events are registered as a gap", state._replace(gap=True)

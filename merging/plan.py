"""Which files of a run and product (or another unit) go together. Pure, and the same in any order of input.

The files are taken by their boundaries, run and chunk, and cut into contiguous parts. The wishes, the first
first:

1. no part mixes two values of a boundary, and none is above the limits, except a single file that is larger:
   it is a part of its own;
2. as few parts as possible; the tolerance above the target is used only where it saves a part;
3. as even as possible: the sum of the squares of the parts' sizes is the least of all such cuts.

Files that hold nothing are merged, left out or refused, as configured. While more may come, the last part
waits if it is filled too little; what is planned before it is as even as it would be without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from merging.cuts import Row, even, filled
from merging.errors import UnplannableInputs
from merging.holes import Due, refuse_holes
from merging.model import CLOSED, LeftOut, Limits, Member, Plan, PlannedGroup, Situation, Treat
from merging.ordering import in_order, stretches
from merging.plandigest import digest


def plan(
    members: Iterable[Member],
    limits: Limits,
    situation: Situation = CLOSED,
    *,
    due: Due | None = None,
    first_part: int = 0,
) -> Plan:
    """The parts, numbered from ``first_part`` in order; what waits; and what is left out.

    ``due``: what must be there; without it the caller answers for that. Raises UnplannableInputs for nothing
    at all, a missing member without a gap, a name or chunk given twice, a negative size, an unknown count
    where events are limited, an input that is to be refused, or limits that admit no file. A million files
    take about two seconds.
    """
    _check_limits(limits)
    ordered = in_order(members, limits)
    if due is not None:
        refuse_holes(ordered, due)
    kept, left_out = _by_policy(ordered, limits)
    _check_counts(kept, limits)
    taken: list[Member] = []
    waiting: list[Member] = []
    cuts = [0]
    for start, stop in stretches(kept):
        stretch = kept if stop - start == len(kept) else kept[start:stop]
        settled = _settled(stretch, limits, situation)
        waiting += stretch[settled:]
        cuts += [len(taken) + cut for cut in _even_cuts(stretch[:settled], limits)]
        taken += stretch[:settled]
    inside = tuple(taken)
    groups = (inside[start:stop] for start, stop in pairwise(cuts))
    return Plan(
        groups=tuple(PlannedGroup(part, group) for part, group in enumerate(groups, first_part)),
        hash=digest(cuts, taken, waiting, left_out, due.gaps if due else (), limits, first_part),
        left_out=tuple(left_out),
        waiting=tuple(waiting),
    )


def _check_limits(limits: Limits) -> None:
    if min(limits.target, limits.max_inputs, 1 if limits.max_events is None else limits.max_events) < 1:
        events = "" if limits.max_events is None else f", {limits.max_events} events"
        raise UnplannableInputs(
            f"limits that admit no file: {limits.target} bytes, {limits.max_inputs} files{events} in a part"
        )
    if not 0 <= limits.min_fill <= 100 or limits.tolerance < 0:
        raise UnplannableInputs(
            f"limits that make no sense: filled to at least {limits.min_fill} %, "
            f"at most {limits.tolerance} % above the target"
        )


def _by_policy(members: list[Member], limits: Limits) -> tuple[list[Member], list[LeftOut]]:
    """The members to merge, and those to leave out. Raises UnplannableInputs for one to be refused."""
    if limits.empty is Treat.MERGE and limits.zero_events is Treat.MERGE:
        return members, []
    kept: list[Member] = []
    left_out: list[LeftOut] = []
    for member in members:
        treat, why = _treated(member, limits)
        if treat is Treat.REFUSE:
            raise UnplannableInputs(f"{member.lfn}: {why}, which is to be refused", subject=member.lfn)
        if treat is Treat.LEAVE_OUT:
            left_out.append(LeftOut(member, why))
        else:
            kept.append(member)
    return kept, left_out


def _treated(member: Member, limits: Limits) -> tuple[Treat, str]:
    """Refused outweighs left out, which outweighs merged: two rules may see the same file."""
    seen = [(Treat.MERGE, "")]
    if member.size <= limits.empty_size:
        seen.append((limits.empty, f"an empty dump of {member.size} bytes"))
    if member.n_events == 0:
        seen.append((limits.zero_events, "it holds 0 events"))
    return max(seen, key=lambda entry: _WEIGHT[entry[0]])


_WEIGHT = {Treat.MERGE: 0, Treat.LEAVE_OUT: 1, Treat.REFUSE: 2}


def _check_counts(members: Sequence[Member], limits: Limits) -> None:
    """Unknown is not zero: nobody can say how many events such a part would hold."""
    if limits.max_events is None:
        return
    for member in members:
        if member.n_events is None or member.n_events < 0:
            text = f"its events are not known ({member.n_events}), and a part is limited by them"
            raise UnplannableInputs(f"{member.lfn}: {text}", subject=member.lfn)


def _row(members: Sequence[Member], limits: Limits, size: int) -> Row:
    others = []
    if limits.max_events is not None:
        others.append(([member.n_events or 0 for member in members], limits.max_events))
    return Row([member.size for member in members], size, limits.max_inputs, others)


def _even_cuts(members: Sequence[Member], limits: Limits) -> list[int]:
    """Where the parts of one stretch end."""
    if len(members) <= 1:
        return [1] * len(members)
    row = _row(members, limits, limits.target)
    if limits.tolerance:
        generous = _row(members, limits, limits.ceiling)
        if len(filled(generous)) < len(filled(row)):
            row = generous
    return even(row)[1:]


def _settled(members: Sequence[Member], limits: Limits, situation: Situation) -> int:
    """How many of the files of one stretch are merged now; the others are a leftover and wait.

    Only the last part can be a leftover: the ones before it are full, and would not take what comes later.
    """
    if limits.min_fill == 0 or (situation.closed and not situation.keep):
        return len(members)
    start = filled(_row(members, limits, limits.target))[-2]
    leftover = members[start:]
    if _is_filled(leftover, limits) or _has_waited(leftover, situation):
        return len(members)
    return start


def _is_filled(members: Sequence[Member], limits: Limits) -> bool:
    """Whether a part comes near enough to one of its limits."""
    need = limits.min_fill
    size, events = sum(member.size for member in members), sum(member.n_events or 0 for member in members)
    return (
        size * 100 >= need * limits.target
        or len(members) * 100 >= need * limits.max_inputs
        or (limits.max_events is not None and events * 100 >= need * limits.max_events)
    )


def _has_waited(members: Sequence[Member], situation: Situation) -> bool:
    if situation.keep or situation.patience is None or situation.now is None:
        return False
    since, now = situation.since, situation.now
    return any(now - since.get(member.file_id, now) >= situation.patience for member in members)

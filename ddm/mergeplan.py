"""From settings and files to plans that can be stored: units, boundaries, limits, names. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain

from catalog.db.groups import GapFact, Input, NewGroup
from catalog.db.plans import NewPlan
from catalog.meta import Value
from ddm.recipe import Recipe
from ddm.settings import Leftovers, ProductSettings
from merging.errors import UnplannableInputs
from merging.holes import Due, Gap
from merging.model import CLOSED, Bound, Limits, Member, Plan, Situation
from merging.plan import plan

RUN, PERIOD = "run", "period"
"""Words of ``unit`` and ``boundaries`` that are no metadata keys."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is planned together; ``closed``: every run of it is finished."""

    name: str
    runs: tuple[int, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class There:
    """What is there of a unit. ``values``: of the metadata keys that matter, by file.

    ``chunks``: (run, chunk) that must be there; None: whether one is missing is not looked at.
    """

    inputs: Sequence[Input]
    values: Mapping[int, Mapping[str, Value]]
    chunks: Collection[tuple[int, str]] | None = None
    gaps: Sequence[GapFact] = ()


def limits_of(product: ProductSettings) -> Limits:
    """The limits of a product's parts."""
    return Limits(
        target=product.target,
        max_inputs=product.max_inputs,
        max_events=product.max_events,
        min_fill=product.min_fill,
        tolerance=product.tolerance,
        boundaries=product.boundaries,
        zero_events=product.zero_events,
        empty=product.empty,
        empty_size=product.empty_size,
    )


def keys_of(product: ProductSettings) -> tuple[str, ...]:
    """The metadata keys that decide about plans of the product."""
    return tuple(
        key for key in dict.fromkeys((product.unit, *product.boundaries)) if key not in (RUN, PERIOD)
    )


def units_of(
    product: ProductSettings,
    period: str,
    todo: Collection[int],
    finished: Collection[int],
    every: Collection[int],
    said: Mapping[int, Collection[Value]],
) -> list[Unit]:
    """The units that the runs ``todo`` are of, with those of their runs that are to be planned.

    ``every``: all runs of the dataset; ``said``: what the raw files of each run say of the key of the unit.
    A run without one value of the key is a unit of its own, and never merged: see ``refusal``.
    """
    if product.unit == RUN:
        return [Unit(str(run), (run,), closed=True) for run in sorted(todo)]
    runs: dict[str, list[int]] = defaultdict(list)
    for run in sorted(every):
        name = (
            f"period {period}" if product.unit == PERIOD else _unit_name(product.unit, run, said.get(run, ()))
        )
        runs[name].append(run)
    found = []
    for name, its in sorted(runs.items(), key=lambda item: item[1]):
        if chosen := tuple(run for run in its if run in todo):
            found.append(Unit(name, chosen, closed=all(run in finished for run in its)))
    return found


def _unit_name(key: str, run: int, values: Collection[Value]) -> str:
    words = {value.date().isoformat() if isinstance(value, datetime) else str(value) for value in values}
    return f"{key} {words.pop()}" if len(words) == 1 else f"run {run} without one {key}"


def refusal(product: ProductSettings, unit: Unit) -> str:
    """Why nothing of the unit can be planned whatever is there; "" if it can."""
    lost = f"run {unit.runs[0]} without one {product.unit}"
    return f"{lost}: its raw files have none or several; 'ddm meta set' says it" if unit.name == lost else ""


def planned(
    recipe: Recipe,
    product: ProductSettings,
    unit: Unit,
    there: There,
    now: datetime,
    first_part: int = 0,
    *,
    flush: bool = False,
) -> tuple[Plan, NewPlan]:
    """The plan of a unit, named, in order, and ready to be stored; ``flush``: nothing waits.

    Raises UnplannableInputs.
    """
    if text := refusal(product, unit):
        raise UnplannableInputs(text, subject=unit.name)
    members = [_member(product, entry, there.values.get(entry.file_id, {}), recipe) for entry in there.inputs]
    due = None
    if there.chunks is not None:
        gaps = (Gap(g.run, g.chunk, g.reason, g.approver, g.n_events) for g in there.gaps)
        due = Due(there.chunks, gaps=tuple(gaps))
    situation = Situation(
        closed=unit.closed or RUN in product.boundaries,
        keep=product.leftovers is Leftovers.WAIT,
        patience=product.leftover_after,
        now=now,
        since={entry.file_id: entry.ready_at for entry in there.inputs if entry.ready_at is not None},
    )
    result = plan(members, limits_of(product), CLOSED if flush else situation, due=due, first_part=first_part)
    return result, _to_store(recipe, product, unit, result)


def _member(product: ProductSettings, entry: Input, values: Mapping[str, Value], recipe: Recipe) -> Member:
    bounds = tuple(_bound(key, entry, values, recipe) for key in product.boundaries)
    return Member(entry.file_id, entry.lfn, entry.chunk, entry.size, entry.n_events, entry.run, bounds)


def _bound(key: str, entry: Input, values: Mapping[str, Value], recipe: Recipe) -> Bound:
    if key == RUN:
        return entry.run
    if key == PERIOD:
        return recipe.task.period
    if key not in values:
        text = f"nobody said its {key}, and a merged file never mixes two of them"
        raise UnplannableInputs(f"{entry.lfn}: {text}", subject=entry.lfn)
    value = values[key]
    return value if isinstance(value, str) or type(value) is int else str(value)


def _to_store(recipe: Recipe, product: ProductSettings, unit: Unit, result: Plan) -> NewPlan:
    out = [entry.member for entry in result.left_out]
    inside = list(chain.from_iterable(group.members for group in result.groups))
    waiting = {member.run for member in result.waiting}
    runs = sorted({member.run for member in (*inside, *out)})
    return NewPlan(
        product=product.name,
        unit=unit.name,
        hash=result.hash,
        limits=_written(product),
        groups=tuple(
            NewGroup(
                run=group.members[0].run,
                product=product.name,
                part=group.part,
                lfn=recipe.merged_lfn(product.name, group.members[0].run, group.part),
                size=group.size,
                plan=result.hash,
                members=tuple(member.file_id for member in group.members),
                more_runs=tuple(sorted(_runs(group.members) - {group.members[0].run})),
            )
            for group in result.groups
        ),
        left_out=tuple((entry.member.file_id, entry.why) for entry in result.left_out),
        runs=tuple((run, run not in waiting) for run in runs),
        inputs=len(inside),
        size=sum(member.size for member in inside),
        waiting=len(result.waiting),
    )


def _runs(members: Iterable[Member]) -> set[int]:
    return {member.run for member in members}


def _written(product: ProductSettings) -> str:
    """Everything that decides beside the files, as JSON with its keys in order."""
    after = product.leftover_after
    said = {
        **asdict(limits_of(product)),
        "unit": product.unit,
        "leftovers": product.leftovers,
        "leftover_after_s": None if after is None else int(after.total_seconds()),
    }
    return json.dumps(said, sort_keys=True)

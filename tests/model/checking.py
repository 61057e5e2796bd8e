"""The small world explored with the rules as they are, and with one of them broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.retention import GUARDS
from tests.model.acts import Rules, Slice
from tests.model.explore import Explored, explore
from tests.model.slices import SLICES
from tests.model.world import Small, alike


@dataclass
class Result:
    """``decisive``: by guard, the slices in which it was somewhere the only one to object."""

    explored: dict[str, Explored[Small]] = field(default_factory=dict)
    decisive: dict[str, list[Slice]] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def size(self, of: Slice) -> int:
        return self.explored[of.name].states

    @property
    def states(self) -> int:
        return sum(one.states for one in self.explored.values())

    @property
    def transitions(self) -> int:
        return sum(one.transitions for one in self.explored.values())

    @property
    def wrong(self) -> list[str]:
        return [f"{name}:\n{one}" for name, one in self.explored.items() if one.wrong]


def check(slices: Sequence[Slice] = SLICES) -> Result:
    """Every slice, to its end."""
    result = Result()
    for one in slices:
        result.rules.alone.clear()
        result.explored[one.name] = explore(one.start, one.moves(result.rules), alike)
        for name in result.rules.alone:
            result.decisive.setdefault(name, []).append(one)
    for several in result.decisive.values():
        several.sort(key=result.size)
    return result


def without(guard: str, known: Result) -> tuple[str, Explored[Small]] | None:
    """The first slice in which something is wrong without this guard, and the way to it; None: in none.

    Only slices in which the guard was decisive are explored: in the others nothing changes without it.
    """
    return _first(Rules(frozenset({guard}), asked=known.rules.asked), known.decisive.get(guard, ()))


def broken(rules: Rules, known: Result) -> tuple[str, Explored[Small]] | None:
    """The same for rules that are broken otherwise, several guards for one: all slices, small ones first."""
    return _first(rules, sorted(SLICES, key=known.size))


def _first(rules: Rules, slices: Sequence[Slice]) -> tuple[str, Explored[Small]] | None:
    for one in slices:
        found = explore(one.start, one.moves(rules))
        if found.wrong:
            return one.name, found
    return None


NAMES = tuple(guard.name for guard in GUARDS)

SPARE = {
    "numbers": "a copy is AVAILABLE only after its size and adler32 were compared (invariant 1), and only "
    "AVAILABLE or BAD copies are withdrawn: none of a file without numbers is (but see the rule `blind`)",
    "output": "a group is ARCHIVED only by way of `output_registered` (the table of groups), and `archived` "
    "refuses before: it is for a catalogue that somebody damaged (``slices.FORGOTTEN``)",
    "agreement": "an answer that differs moves the copy, and evidence counts only while it is AVAILABLE: "
    "this is for a flow that would only write it down (the rule `deaf`)",
    "place": "`namesakes` sees two entries at one place as well: this is for places that the list of "
    "namesakes does not know",
}
"""Guards that are never the only ones to object, and why they are there: when what is before them
fails, each is what is left, and ``test_model`` has the world in which events are lost without it."""

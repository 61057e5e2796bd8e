"""Breadth first through every state that can be reached, with the shortest way to whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)
Moves = Callable[[S], Iterable[tuple[str, S, str]]]
"""What may happen in a state: in words, the state after it, and what is wrong with it (empty: nothing)."""


@dataclass(frozen=True)
class Explored(Generic[S]):
    """``wrong``: the first violation found, in words; ``trace``: the shortest way to it, in words."""

    states: int
    transitions: int
    depth: int
    wrong: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.wrong:
            return f"{self.states} states, {self.transitions} transitions, depth {self.depth}: nothing wrong"
        steps = "\n".join(f"  {number}. {text}" for number, text in enumerate(self.trace, start=1))
        return f"{steps}\n  wrong: {self.wrong}"


def explore(start: S, moves: Moves[S], symmetric: Callable[[S], S] = lambda state: state) -> Explored[S]:
    """Every state, or as far as the first violation. ``symmetric`` picks one of states that are alike."""
    start = symmetric(start)
    came_from: dict[S, tuple[S, str] | None] = {start: None}
    edge, transitions, depth = [start], 0, 0
    while edge:
        after: list[S] = []
        for state in edge:
            for text, new, wrong in moves(state):
                transitions += 1
                if wrong:
                    trace = (*_way(came_from, state), text)
                    return Explored(len(came_from), transitions, depth + 1, wrong, trace)
                new = symmetric(new)
                if new not in came_from:
                    came_from[new] = (state, text)
                    after.append(new)
        depth += bool(after)
        edge = after
    return Explored(len(came_from), transitions, depth)


def _way(came_from: dict[S, tuple[S, str] | None], state: S) -> Iterator[str]:
    steps = []
    while (before := came_from[state]) is not None:
        state, text = before
        steps.append(text)
    yield from reversed(steps)

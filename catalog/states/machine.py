"""What a table of states is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from catalog.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S]):
    """The state table of one noun.

    ``table`` maps (state, event) to the next state; ``starts`` are the states in which a row may be born;
    ``by_person`` names the events that need a person's name and reason; ``meaning`` says what each state is.
    """

    noun: str
    states: type[S]
    starts: tuple[S, ...]
    table: Mapping[tuple[S, str], S]
    meaning: Mapping[S, str]
    by_person: frozenset[str] = frozenset()

    def next(self, state: S, event: str) -> S:
        """The state after the event. Raises IllegalTransition, and changes nothing, if there is none."""
        try:
            return self.table[state, event]
        except KeyError:
            raise IllegalTransition(f"{self.noun} in state {state} has no event '{event}'") from None

    def sources(self, event: str) -> dict[S, S]:
        """The states in which the event may happen, each with the state that follows."""
        found = {old: new for (old, name), new in self.table.items() if name == event}
        if not found:
            raise IllegalTransition(f"{self.noun} has no event '{event}'")
        return found

    def events(self, state: S) -> dict[str, S]:
        """The ways out of a state."""
        return {name: new for (old, name), new in self.table.items() if old == state}

    @property
    def finals(self) -> tuple[S, ...]:
        return tuple(state for state in self.states if not self.events(state))

    @property
    def live(self) -> tuple[S, ...]:
        return tuple(state for state in self.states if self.events(state))

"""The tables of datasets, and of the events in their files."""

from __future__ import annotations

from enum import StrEnum

from catalog.states.machine import Machine


class DatasetState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


D = DatasetState
DATASET = Machine(
    noun="dataset",
    states=D,
    starts=(D.OPEN,),
    table={(D.OPEN, "closed"): D.CLOSED, (D.CLOSED, "reopened"): D.OPEN},
    meaning={D.OPEN: "files may be added", D.CLOSED: "complete: its runs may be merged"},
    by_person=frozenset({"reopened"}),
)


class RangeState(StrEnum):
    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    HELD = "HELD"
    VOID = "VOID"


E = RangeState
RANGE = Machine(
    noun="range",
    states=E,
    starts=(E.PLANNED,),
    table={
        (E.PLANNED, "claimed"): E.RUNNING,
        (E.PLANNED, "voided"): E.VOID,
        (E.RUNNING, "finished"): E.DONE,
        (E.RUNNING, "given_back"): E.PLANNED,
        (E.RUNNING, "fell_silent"): E.PLANNED,
        (E.RUNNING, "exhausted"): E.HELD,
        (E.RUNNING, "voided"): E.VOID,
        (E.HELD, "resumed"): E.PLANNED,
        (E.HELD, "voided"): E.VOID,
    },
    meaning={
        E.PLANNED: "events of a file that a process may claim",
        E.RUNNING: "a process has the lease and sends heartbeats",
        E.DONE: "every event of it is processed; final",
        E.HELD: "too many processes gave it back or fell silent; a person looks",
        E.VOID: "withdrawn; other ranges may be planned for its events",
    },
    by_person=frozenset({"resumed", "voided"}),
)


class AskState(StrEnum):
    WAITING = "WAITING"
    ANSWERED = "ANSWERED"
    GIVEN_UP = "GIVEN_UP"


A = AskState
ASK = Machine(
    noun="ask",
    states=A,
    starts=(A.WAITING,),
    table={
        (A.WAITING, "answered"): A.ANSWERED,
        (A.WAITING, "given_up"): A.GIVEN_UP,
        (A.GIVEN_UP, "asked_again"): A.WAITING,
    },
    meaning={
        A.WAITING: "an event source had no answer yet; it is asked again after a wait",
        A.ANSWERED: "the source said how many events the file has",
        A.GIVEN_UP: "asked often enough; the count stays unknown until a person asks again",
    },
    by_person=frozenset({"asked_again"}),
)

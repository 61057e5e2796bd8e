"""Every state and every transition, as data.

The rule: a state changes only by an event listed here, through ``catalog.db.move``, in one set-based
statement, with one history row per changed noun in the same transaction. An event that is not listed for
a state changes nothing. The diagrams and tables in docs/reference/states.md are generated from this module,
and tests check that every state is reachable, that every non-final state has a way to an end, and that
DELETED is entered only by ``removed`` (from DELETING) and ``written_off`` (from LOST, by a person).
"""

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


class ReplicaState(StrEnum):
    COPYING = "COPYING"
    UNVERIFIED = "UNVERIFIED"
    ARCHIVING = "ARCHIVING"
    AVAILABLE = "AVAILABLE"
    SUSPECT = "SUSPECT"
    BAD = "BAD"
    LOST = "LOST"
    TRASHED = "TRASHED"
    DELETING = "DELETING"
    DELETED = "DELETED"


R = ReplicaState
REPLICA = Machine(
    noun="replica",
    states=R,
    starts=(R.COPYING, R.UNVERIFIED),
    table={
        (R.COPYING, "landed"): R.UNVERIFIED,
        (R.COPYING, "copy_failed"): R.TRASHED,
        (R.UNVERIFIED, "verified"): R.AVAILABLE,
        (R.UNVERIFIED, "verified_in_buffer"): R.ARCHIVING,
        (R.UNVERIFIED, "mismatch"): R.BAD,
        (R.UNVERIFIED, "missing"): R.LOST,
        (R.ARCHIVING, "on_tape"): R.AVAILABLE,
        (R.ARCHIVING, "missing"): R.LOST,
        (R.ARCHIVING, "mismatch"): R.BAD,
        (R.AVAILABLE, "doubted"): R.SUSPECT,
        (R.AVAILABLE, "missing"): R.LOST,
        (R.AVAILABLE, "mismatch"): R.BAD,
        (R.AVAILABLE, "trashed"): R.TRASHED,
        (R.SUSPECT, "verified"): R.AVAILABLE,
        (R.SUSPECT, "verified_in_buffer"): R.ARCHIVING,
        (R.SUSPECT, "mismatch"): R.BAD,
        (R.SUSPECT, "missing"): R.LOST,
        (R.BAD, "trashed"): R.TRASHED,
        (R.LOST, "found"): R.UNVERIFIED,
        (R.LOST, "written_off"): R.DELETED,
        (R.TRASHED, "restored"): R.UNVERIFIED,
        (R.TRASHED, "removal_sent"): R.DELETING,
        (R.DELETING, "removed"): R.DELETED,
        (R.DELETING, "removal_failed"): R.TRASHED,
    },
    meaning={
        R.COPYING: "bytes on the way",
        R.UNVERIFIED: "there, not compared",
        R.ARCHIVING: "good bytes in a tape buffer, not yet on tape",
        R.AVAILABLE: "compared; on tape endpoints also on tape",
        R.SUSPECT: "a reader complained",
        R.BAD: "bytes differ",
        R.LOST: "the service says it is not there",
        R.TRASHED: "withdrawn from readers, bytes kept for the grace time",
        R.DELETING: "removal sent",
        R.DELETED: "gone; the row is kept for history",
    },
    by_person=frozenset({"written_off", "restored"}),
)


class ItemState(StrEnum):
    QUEUED = "QUEUED"
    SUBMITTING = "SUBMITTING"
    SUBMITTED = "SUBMITTED"
    HELD = "HELD"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


I = ItemState  # noqa: E741 - a short name for a table
ITEM = Machine(
    noun="item",
    states=I,
    starts=(I.QUEUED,),
    table={
        (I.QUEUED, "claimed"): I.SUBMITTING,
        (I.QUEUED, "canceled"): I.CANCELED,
        (I.SUBMITTING, "accepted"): I.SUBMITTED,
        (I.SUBMITTING, "refused_for_now"): I.QUEUED,
        (I.SUBMITTING, "refused"): I.HELD,
        (I.SUBMITTING, "unheard"): I.QUEUED,
        (I.SUBMITTED, "done"): I.DONE,
        (I.SUBMITTED, "failed_for_now"): I.QUEUED,
        (I.SUBMITTED, "failed"): I.HELD,
        (I.SUBMITTED, "overdue"): I.HELD,
        (I.SUBMITTED, "canceled"): I.CANCELED,
        (I.HELD, "resumed"): I.QUEUED,
        (I.HELD, "given_up"): I.FAILED,
    },
    meaning={
        I.QUEUED: "wanted, not asked yet",
        I.SUBMITTING: "intent committed, the service is being asked",
        I.SUBMITTED: "the service has it",
        I.HELD: "a person looks",
        I.DONE: "the service did it",
        I.FAILED: "given up by a person",
        I.CANCELED: "no longer wanted",
    },
    by_person=frozenset({"resumed", "given_up"}),
)


class JobState(StrEnum):
    WAITING = "WAITING"
    READY = "READY"
    SUBMITTING = "SUBMITTING"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    HELD = "HELD"
    DONE = "DONE"
    CANCELED = "CANCELED"


J = JobState
JOB = Machine(
    noun="job",
    states=J,
    starts=(J.WAITING,),
    table={
        (J.WAITING, "inputs_readable"): J.READY,
        (J.WAITING, "canceled"): J.CANCELED,
        (J.READY, "claimed"): J.SUBMITTING,
        (J.READY, "inputs_lapsed"): J.WAITING,
        (J.READY, "canceled"): J.CANCELED,
        (J.SUBMITTING, "accepted"): J.RUNNING,
        (J.SUBMITTING, "refused_for_now"): J.READY,
        (J.SUBMITTING, "refused"): J.HELD,
        (J.SUBMITTING, "unheard"): J.READY,
        (J.RUNNING, "ended_well"): J.ENDED,
        (J.RUNNING, "ended_badly"): J.WAITING,
        (J.RUNNING, "vanished"): J.WAITING,
        (J.RUNNING, "exhausted"): J.HELD,
        (J.RUNNING, "canceled"): J.CANCELED,
        (J.ENDED, "outputs_registered"): J.DONE,
        (J.ENDED, "manifest_refused"): J.HELD,
        (J.DONE, "process_again"): J.WAITING,
        (J.HELD, "resumed"): J.WAITING,
        (J.HELD, "canceled"): J.CANCELED,
    },
    meaning={
        J.WAITING: "its inputs are not readable yet",
        J.READY: "inputs readable, may be submitted",
        J.SUBMITTING: "intent committed, the runner is being asked",
        J.RUNNING: "the runner has it",
        J.ENDED: "an output manifest was found",
        J.HELD: "a person looks",
        J.DONE: "its outputs are registered; a person may have one of them made again",
        J.CANCELED: "no longer wanted",
    },
    by_person=frozenset({"resumed", "process_again"}),
)


class GroupState(StrEnum):
    PLANNED = "PLANNED"
    MERGING = "MERGING"
    MERGED = "MERGED"
    MISMATCHED = "MISMATCHED"
    CHECKED = "CHECKED"
    ARCHIVED = "ARCHIVED"
    HELD = "HELD"
    CLEANED = "CLEANED"
    VOID = "VOID"


G = GroupState
GROUP = Machine(
    noun="group",
    states=G,
    starts=(G.PLANNED,),
    table={
        (G.PLANNED, "job_created"): G.MERGING,
        (G.PLANNED, "voided"): G.VOID,
        (G.MERGING, "output_registered"): G.MERGED,
        (G.MERGING, "job_held"): G.HELD,
        (G.MERGED, "counts_agree"): G.CHECKED,
        (G.MERGED, "counts_differ"): G.MISMATCHED,
        (G.MERGED, "revised"): G.VOID,
        (G.MISMATCHED, "merge_again"): G.MERGING,
        (G.MISMATCHED, "waived"): G.CHECKED,
        (G.MISMATCHED, "check_again"): G.MERGED,
        (G.MISMATCHED, "voided"): G.VOID,
        (G.CHECKED, "output_on_tape"): G.ARCHIVED,
        (G.CHECKED, "output_within"): G.ARCHIVED,
        (G.CHECKED, "output_spoiled"): G.HELD,
        (G.CHECKED, "revised"): G.VOID,
        (G.ARCHIVED, "inputs_gone"): G.CLEANED,
        (G.ARCHIVED, "archive_lost"): G.CHECKED,
        (G.CHECKED, "found_to_differ"): G.MISMATCHED,
        (G.ARCHIVED, "found_to_differ"): G.MISMATCHED,
        (G.CLEANED, "found_to_differ"): G.MISMATCHED,
        (G.HELD, "merge_again"): G.MERGING,
        (G.HELD, "voided"): G.VOID,
    },
    meaning={
        G.PLANNED: "members and output name frozen",
        G.MERGING: "its job is on the way",
        G.MERGED: "output registered, not cross-checked",
        G.MISMATCHED: "counts, sizes or checksums differ; a person looks",
        G.CHECKED: "cross-check passed or waived",
        G.ARCHIVED: "output on tape with equal size and adler32, by itself or within what is made of it",
        G.HELD: "the merge or its output failed; a person looks",
        G.CLEANED: "archived, and its intermediate inputs are gone; only a recount may find something yet",
        G.VOID: "withdrawn; its inputs are free again",
    },
    by_person=frozenset({"waived", "voided", "merge_again", "check_again", "revised"}),
)


class PinState(StrEnum):
    ACTIVE = "ACTIVE"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


P = PinState
PIN = Machine(
    noun="pin",
    states=P,
    starts=(P.ACTIVE,),
    table={
        (P.ACTIVE, "extended"): P.ACTIVE,
        (P.ACTIVE, "last_reader_left"): P.RELEASING,
        (P.ACTIVE, "lapsed"): P.EXPIRED,
        (P.RELEASING, "released"): P.RELEASED,
        (P.RELEASING, "lapsed"): P.EXPIRED,
    },
    meaning={
        P.ACTIVE: "the staged copy stays until the time given",
        P.RELEASING: "no reader left; the service is to be told",
        P.RELEASED: "the service was told",
        P.EXPIRED: "the time passed; the copy may be gone",
    },
)


class CampaignState(StrEnum):
    FILLING = "FILLING"
    OPEN = "OPEN"
    TAIL = "TAIL"
    DONE = "DONE"
    CANCELED = "CANCELED"


CS = CampaignState
CAMPAIGN = Machine(
    noun="campaign",
    states=CS,
    starts=(CS.FILLING, CS.OPEN),
    table={
        (CS.FILLING, "filled"): CS.OPEN,
        (CS.FILLING, "canceled"): CS.CANCELED,
        (CS.OPEN, "tail_reached"): CS.TAIL,
        (CS.OPEN, "served"): CS.DONE,
        (CS.OPEN, "canceled"): CS.CANCELED,
        (CS.OPEN, "missing_accepted"): CS.DONE,
        (CS.TAIL, "served"): CS.DONE,
        (CS.TAIL, "canceled"): CS.CANCELED,
        (CS.TAIL, "missing_accepted"): CS.DONE,
        (CS.DONE, "wanted_again"): CS.OPEN,
    },
    meaning={
        CS.FILLING: "its files are being written down; nothing is recalled yet",
        CS.OPEN: "its files are recalled as the window of the endpoint allows",
        CS.TAIL: "all but a few are served, or its time is over: who waits may go on without the rest",
        CS.DONE: "every file was served, or the missing ones were accepted as a gap",
        CS.CANCELED: "withdrawn; its leases are over",
    },
    by_person=frozenset({"canceled", "missing_accepted"}),
)


class LeaseState(StrEnum):
    WANTED = "WANTED"
    ACTIVE = "ACTIVE"
    RELEASED = "RELEASED"
    LAPSED = "LAPSED"
    MISSED = "MISSED"


LS = LeaseState
LEASE = Machine(
    noun="lease",
    states=LS,
    starts=(LS.WANTED,),
    table={
        (LS.WANTED, "served"): LS.ACTIVE,
        (LS.WANTED, "released"): LS.RELEASED,
        (LS.WANTED, "lapsed"): LS.LAPSED,
        (LS.WANTED, "missed"): LS.MISSED,
        (LS.ACTIVE, "evicted"): LS.WANTED,
        (LS.ACTIVE, "released"): LS.RELEASED,
        (LS.ACTIVE, "lapsed"): LS.LAPSED,
    },
    meaning={
        LS.WANTED: "the file is wanted and not yet online",
        LS.ACTIVE: "the file is online and stays for this consumer until the lease ends",
        LS.RELEASED: "the consumer needs it no more",
        LS.LAPSED: "its time passed without being renewed or released",
        LS.MISSED: "not served; registered as a gap, with reason and name",
    },
    by_person=frozenset({"missed"}),
)


class RemovalState(StrEnum):
    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    BRAKED = "BRAKED"
    DONE = "DONE"
    CANCELED = "CANCELED"


RS = RemovalState
REMOVAL = Machine(
    noun="removal",
    states=RS,
    starts=(RS.PLANNED,),
    table={
        (RS.PLANNED, "started"): RS.RUNNING,
        (RS.PLANNED, "canceled"): RS.CANCELED,
        (RS.RUNNING, "finished"): RS.DONE,
        (RS.RUNNING, "braked"): RS.BRAKED,
        (RS.RUNNING, "canceled"): RS.CANCELED,
        (RS.BRAKED, "resumed"): RS.RUNNING,
        (RS.BRAKED, "canceled"): RS.CANCELED,
    },
    meaning={
        RS.PLANNED: "the list is written down; nothing of it was done",
        RS.RUNNING: "the list is being worked off, or waits for the next hour's budget",
        RS.BRAKED: "it met too much that is not as planned, and stopped; a person looks",
        RS.DONE: "every line of it was done or left out",
        RS.CANCELED: "withdrawn by a person; what was done before stays done",
    },
    by_person=frozenset({"resumed", "canceled"}),
)


class CheckState(StrEnum):
    PENDING = "PENDING"
    PASSED = "PASSED"
    FAILED = "FAILED"
    WAIVED = "WAIVED"


C = CheckState
CHECK = Machine(
    noun="check",
    states=C,
    starts=(C.PENDING,),
    table={
        (C.PENDING, "agree"): C.PASSED,
        (C.PENDING, "differ"): C.FAILED,
        (C.FAILED, "reopened"): C.PENDING,
        (C.FAILED, "waived"): C.WAIVED,
        (C.PASSED, "found_to_differ"): C.FAILED,
        (C.WAIVED, "found_to_differ"): C.FAILED,
        (C.WAIVED, "agree"): C.PASSED,
        (C.PASSED, "parts_changed"): C.PENDING,
        (C.WAIVED, "parts_changed"): C.PENDING,
    },
    meaning={
        C.PENDING: "not every witness was heard",
        C.PASSED: "every witness agrees",
        C.FAILED: "at least one witness differs",
        C.WAIVED: "a named person accepted the difference, with a reason",
    },
    by_person=frozenset({"waived", "reopened", "parts_changed"}),
)


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

MACHINES: tuple[
    Machine[ReplicaState]
    | Machine[ItemState]
    | Machine[JobState]
    | Machine[GroupState]
    | Machine[PinState]
    | Machine[CheckState]
    | Machine[DatasetState]
    | Machine[RangeState]
    | Machine[AskState]
    | Machine[CampaignState]
    | Machine[LeaseState]
    | Machine[RemovalState],
    ...,
] = (
    REPLICA,
    ITEM,
    JOB,
    GROUP,
    PIN,
    CHECK,
    DATASET,
    RANGE,
    ASK,
    CAMPAIGN,
    LEASE,
    REMOVAL,
)
"""Every state machine, in the order of the documentation."""


class Locality(StrEnum):
    """Where the bytes of a file are at an endpoint (gfal2 ``user.status``, WLCG Tape REST)."""

    ONLINE = "ONLINE"
    NEARLINE = "NEARLINE"
    ONLINE_AND_NEARLINE = "ONLINE_AND_NEARLINE"
    LOST = "LOST"
    UNAVAILABLE = "UNAVAILABLE"
    UNKNOWN = "UNKNOWN"
    NONE = "NONE"

    @property
    def readable(self) -> bool:
        return self in (Locality.ONLINE, Locality.ONLINE_AND_NEARLINE)

    @property
    def on_tape(self) -> bool:
        return self in (Locality.NEARLINE, Locality.ONLINE_AND_NEARLINE)


class Role(StrEnum):
    """What a file is for. Only INTERMEDIATE files may be deleted by the flow."""

    RAW = "raw"
    INTERMEDIATE = "intermediate"
    FINAL = "final"


class RemovalAct(StrEnum):
    """What a line of a plan of removal says."""

    WITHDRAW = "withdraw"  # from its readers: into the trash
    REMOVE = "remove"  # its bytes, from the trash


class LineOutcome(StrEnum):
    """What came of a line of a plan; from ``DIFFERS`` on it is not as planned, and counts for the brake."""

    DONE = "done"  # withdrawn or removed
    GONE = "gone"  # somebody else did it before
    CHANGED = "changed"  # restored, kept or used by somebody since the plan was made
    DIFFERS = "differs"  # another size than planned, in the catalogue or on storage
    MISSING = "missing"  # the storage says that it is not there
    REFUSED = "refused"  # the rules that allowed it refuse it now
    FAILED = "failed"  # the storage did not remove it

    @property
    def strange(self) -> bool:
        return self in (LineOutcome.DIFFERS, LineOutcome.MISSING, LineOutcome.REFUSED, LineOutcome.FAILED)


class EndpointKind(StrEnum):
    DISK = "disk"
    TAPE = "tape"


class RequestKind(StrEnum):
    STAGE = "stage"
    COPY = "copy"
    REMOVE = "remove"
    RELEASE = "release"


class JobKind(StrEnum):
    PROCESS = "process"
    MERGE = "merge"


class HoldScope(StrEnum):
    """What a person keeps with one hold."""

    FILES = "files"  # those named
    RUN = "run"
    DATASET = "dataset"
    TASK = "task"  # what it reads, and all that was made for it


class Recounted(StrEnum):
    """What came of reading an archived file once more, independently of its jobs."""

    AGREE = "AGREE"
    DIFFER = "DIFFER"
    UNKNOWN = "UNKNOWN"  # it could not be read: to be tried again


class Witness(StrEnum):
    """Who said how many events a file has. Unknown is no row at all, never zero."""

    RAW_CATALOGUE = "raw_catalogue"
    JOB = "job"
    READ = "read"

"""The tables of what the flow moves: copies, their requests, jobs, merges, pins and cross-checks."""

from __future__ import annotations

from enum import StrEnum

from catalog.states.machine import Machine


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
        (G.CLEANED, "archive_lost"): G.CHECKED,
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
        G.CLEANED: "archived, and its intermediate inputs are gone; a recount may find something yet, or a "
        "reconciliation that it is not on tape any more",
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

"""Words that are stored and are no states."""

from __future__ import annotations

from enum import StrEnum


class ScanSource(StrEnum):
    """What a scan was made from."""

    LISTING = "listing"
    DUMP = "dump"


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


class HowVerified(StrEnum):
    """How contents are verified."""

    ASKED = "asked"  # the service tells size and checksum: its word, which may be of an old look of its own
    READ = "read"  # we read every byte and sum them


class ContentOutcome(StrEnum):
    """What came of a copy whose content was verified, where it is not simply good."""

    DIFFERS = "differs"  # other bytes, or the service says so: the replica is BAD, or SUSPECT
    MISSING = "missing"  # not there: the replica is LOST
    TOLD_WRONG = "told wrong"  # every byte is right, and the service tells another checksum
    UNREAD = "unread"  # asked or read often enough without an answer; a later round tries again

    @property
    def strange(self) -> bool:
        return self in (ContentOutcome.DIFFERS, ContentOutcome.MISSING)


class RepairAct(StrEnum):
    """What a line of a plan of repair says."""

    ADOPT = "adopt"  # what is there is ours: found again, at another place, or registered
    REVERIFY = "re-verify"  # compare it anew before anybody else reads it
    LOST = "mark-lost"
    RECALL = "recall"  # lost on disk: have it from tape again
    REARCHIVE = "re-archive"  # lost on tape: copy it there again
    TRASH = "trash"  # to be removed after its grace time


class RepairOutcome(StrEnum):
    """What came of a line of a plan of repair; from ``DIFFERS`` on it is not as planned, and counts for the
    brake."""

    DONE = "done"
    ALREADY = "already"  # somebody else did it before
    CHANGED = "changed"  # the catalogue says something else of the copy since the comparison
    DIFFERS = "differs"  # the storage says something else than the scan did
    REFUSED = "refused"  # a rule forbids it
    FAILED = "failed"

    @property
    def strange(self) -> bool:
        return self in (RepairOutcome.DIFFERS, RepairOutcome.REFUSED, RepairOutcome.FAILED)


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

"""The errors of ddm.

DataManagementError            .code (stable word), .retry (later | never | person), .subject, .exit_code
  CatalogError                 NotRegistered(LookupError) · ConflictingRegistration · IllegalTransition
                               RetentionRefused · SchemaOutOfDate · CatalogUnavailable · SourceUnavailable
                               CatalogBusy
                               RuleBroken · NotOwner · BadName(ValueError) · BadInput(ValueError)
  StorageError                 in transfers.errors
  MergeError                   in merging.errors
  JobError, ConfigError        in ddm.errors

In bulk, one file's trouble is an outcome, not an exception; an exception means the whole call failed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """What may be done about an error."""

    LATER = "later"  # it may pass by itself: try again after a wait
    NEVER = "never"  # trying again gives the same answer
    PERSON = "person"  # a person must look before anything else happens


class ExitCode:
    """Exit codes of every command. An unknown code means failure."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SOME_FAILED = 3
    HELD = 4
    BUSY = 5
    SCHEMA = 10
    # Whose fault it is, when bytes were to be moved: catalog.faults says which error is whose.
    PAYLOAD = 20
    SITE = 21
    NETWORK = 22
    STORAGE = 23
    CREDENTIAL = 24
    INTERRUPTED = 130
    TERMINATED = 143


class DataManagementError(Exception):
    """Base of all errors of ddm. ``subject`` names the file, job, endpoint or line it is about."""

    code: ClassVar[str] = "error"
    retry: ClassVar[Retry] = Retry.PERSON
    exit_code: ClassVar[int] = ExitCode.FAILED
    advice: str = ""  # of the class, unless the one who raises it knows better

    def __init__(self, message: str, *, subject: str = "", advice: str | None = None) -> None:
        super().__init__(message)
        self.subject = subject
        if advice is not None:
            self.advice = advice


class CatalogError(DataManagementError):
    """The catalogue refuses; nothing was changed."""

    code = "catalog"


class NotRegistered(CatalogError, LookupError):
    """The catalogue does not know the name."""

    code = "not_registered"
    retry = Retry.NEVER
    advice = "check the name or number"


class ConflictingRegistration(CatalogError):
    """The name is known with another size, checksum or place. Nothing was changed."""

    code = "conflicting_registration"
    advice = "a new production needs names of its own, in a new 'ddm dataset version'; see 'ddm file show'"


class IllegalTransition(CatalogError):
    """No row of the state table allows this event in this state."""

    code = "illegal_transition"
    retry = Retry.NEVER
    advice = "see docs/reference/states.md for what is allowed"


class RetentionRefused(CatalogError):
    """The replica may not be withdrawn; the message lists every reason."""

    code = "retention_refused"
    exit_code = ExitCode.HELD
    advice = "'ddm explain' shows what is missing"


class SchemaOutOfDate(CatalogError):
    """The database was made by another version of ddm."""

    code = "schema_out_of_date"
    exit_code = ExitCode.SCHEMA
    advice = "run 'ddm db upgrade'; one of a newer ddm needs that version of ddm"


class CatalogUnavailable(CatalogError):
    """The database cannot be reached, written or read just now."""

    code = "catalog_unavailable"
    retry = Retry.LATER
    exit_code = ExitCode.BUSY
    advice = "check the path or URL in [catalog] and the space on its disk; then run the command again"


class SourceUnavailable(CatalogUnavailable):
    """Somebody else's database, which is to be imported, cannot be reached or read just now."""

    code = "source_unavailable"
    advice = "check host, database, user and password; what was imported stays, run it again to go on"


class CatalogBusy(CatalogError):
    """Another process does this with the same catalogue, and only one may at a time."""

    code = "catalog_busy"
    retry = Retry.LATER
    exit_code = ExitCode.BUSY
    advice = "wait until it ends, or stop it; the lock goes with that process, there is nothing to remove"


class RuleBroken(CatalogError):
    """The database refused a change that would break one of its rules. Nothing was changed."""

    code = "rule_broken"
    retry = Retry.LATER  # another program may have registered the same just before: then it is compared
    advice = "run the command again; if it is refused again, report it with this message"


class NotOwner(CatalogError):
    """The dataset belongs to a group that the actor is not a member of. A guard against mistakes only."""

    code = "not_owner"
    advice = "ask a member: 'ddm group show' lists them, 'ddm dataset own' gives the dataset to another group"


class BadName(CatalogError, ValueError):
    """A file, dataset or template name that is refused; the message says why."""

    code = "bad_name"
    retry = Retry.NEVER
    exit_code = ExitCode.USAGE


class BadInput(CatalogError, ValueError):
    """A list given by a person has a line that cannot be taken; ``subject`` is ``file:line``."""

    code = "bad_input"
    retry = Retry.NEVER
    exit_code = ExitCode.USAGE

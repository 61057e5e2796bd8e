"""Reasons as the daemons word them: SCOPE [errno] text. The texts differ between generations."""

from __future__ import annotations

import errno

from transfers.model import Failed
from transfers.testing.fts.model import Generation

_STAGING = {
    "file_missing": errno.ENOENT,
    "permission_refused": errno.EACCES,
    "endpoint_busy": errno.EBUSY,
    "endpoint_unreachable": errno.ECOMM,
    "storage_timeout": errno.ETIMEDOUT,
    "unsupported": errno.ENOTSUP,
}
"""Errno of a failed recall by our code; what the tape system refuses in its own words is ENOMSG (42)."""

_PREFIX = {
    Generation.V3_13: "[gfal2_bring_online_poll][gfal_plugin_bring_online_poll]",
    Generation.V3_14: "[BringOnline]",
}


def staging(generation: Generation, outcome: Failed) -> str:
    """A recall that the storage refused, or could not do."""
    number = _STAGING.get(outcome.code, errno.ENOMSG)
    words = "File is not requested" if outcome.code == "request_vanished" else outcome.text
    return f"STAGING [{number}] {_PREFIX[generation]} {words}"


def recall_timeout(generation: Generation, seconds: int) -> str:
    return f"STAGING [{errno.ETIMEDOUT}] {_PREFIX[generation]} bring-online timeout expired after {seconds} s"


def archiving(generation: Generation, number: int, words: str) -> str:
    """A file that did not get to tape; the copy itself went well."""
    where = "[gfal2_archive_poll]" if generation is Generation.V3_13 else "[ArchivePoll]"
    return f"ARCHIVING [{number}] {where} {words}"


PROXY_TOO_SHORT = (
    f"STAGING [{errno.EACCES}] Proxy Certificate expired or its lifetime is too short, "
    "min validity time is 5400 secs"
)
DESTINATION_EXISTS = f"DESTINATION [{errno.EEXIST}] Destination file exists and overwrite is not enabled"
VALUE_REQUIRED = f"DESTINATION [{errno.EINVAL}] Checksum value required if mode is not end to end"
CANCELLED = "Job canceled by the user"
QUEUED_TOO_LONG = "Job canceled because it stayed in the queue for too long"
JOB_FAILED = "One or more files failed. Please have a look at the details for more information"
JOB_CANCELLED = "Job canceled by the user"


def source(outcome: Failed) -> str:
    """A source that cannot be read."""
    number = {"file_missing": errno.ENOENT, "permission_refused": errno.EACCES}.get(outcome.code, errno.EIO)
    return f"SOURCE [{number}] {outcome.text}"


def copying(outcome: Failed) -> str:
    """A copy that failed under way."""
    numbers = {
        "quota_exceeded": ("DESTINATION", errno.ENOSPC),
        "permission_refused": ("DESTINATION", errno.EACCES),
        "file_exists": ("DESTINATION", errno.EEXIST),
        "endpoint_unreachable": ("TRANSFER", errno.ECONNREFUSED),
        "storage_timeout": ("TRANSFER", errno.ETIMEDOUT),
    }
    scope, number = numbers.get(outcome.code, ("TRANSFER", errno.EIO))
    return f"{scope} [{number}] {outcome.text}"


def wrong_checksum(generation: Generation, side: str, given: str, there: str) -> str:
    """A checksum that is not the one given; ``side``: SOURCE or DESTINATION, which only 3.14 tells."""
    if generation is Generation.V3_13:
        return f"TRANSFER [84] CheckSum error: user {given} and {side.lower()} {there} differ"
    return f"{side} [{errno.EIO}] User-provided and {side.lower()} checksum do not match ({given} != {there})"


def no_algorithm(generation: Generation, algorithm: str) -> str:
    if generation is Generation.V3_13:
        return f"TRANSFER [84] CheckSum error: {algorithm} is not served"
    return f"SOURCE [{errno.EINPROGRESS}] Could not get the {algorithm} checksum"

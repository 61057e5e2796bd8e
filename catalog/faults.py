"""Whose fault it is: every error code belongs to one class, so that a site, a storage or a program is blamed.

A workflow service decides by the class what to do next: another site, another storage, a new credential, or
nothing but tell the author of the program. Some codes mean another thing by the direction of the copy: a
full disk is the site's when it is the worker node's own, else the storage's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from catalog.errors import ExitCode


class Fault(StrEnum):
    """Who has to do something about it."""

    PAYLOAD = "payload"  # the job's own program, or the files it wrote
    SITE = "site"  # this machine: its disk, its work directory, its software
    NETWORK = "network"  # the way between this machine and the storage
    STORAGE = "storage"  # the storage service, or the files it keeps
    CREDENTIAL = "credential"  # the proxy or token, or the rights that come with it
    REQUEST = "request"  # what was asked: manifest, name, option, configuration
    CATALOGUE = "catalogue"  # the catalogue, its database, or what it knows
    STOPPED = "stopped"  # nobody's: the one who asked took it back
    UNKNOWN = "unknown"  # a code that has no row


class Side(StrEnum):
    """Which way the bytes went."""

    IN = "in"  # from a storage to this machine
    OUT = "out"  # from this machine to a storage


BY_CODE: Mapping[str, Fault] = {
    # catalog.errors
    "error": Fault.UNKNOWN,
    "catalog": Fault.CATALOGUE,
    "not_registered": Fault.REQUEST,
    "conflicting_registration": Fault.CATALOGUE,
    "illegal_transition": Fault.CATALOGUE,
    "retention_refused": Fault.CATALOGUE,
    "schema_out_of_date": Fault.CATALOGUE,
    "catalog_unavailable": Fault.CATALOGUE,
    "source_unavailable": Fault.CATALOGUE,
    "catalog_busy": Fault.CATALOGUE,
    "rule_broken": Fault.CATALOGUE,
    "not_owner": Fault.REQUEST,
    "bad_name": Fault.REQUEST,
    "bad_input": Fault.REQUEST,
    # ddm.sources.rucio
    "rucio_trouble": Fault.CATALOGUE,
    "rucio_not_whole": Fault.CATALOGUE,
    "rucio_refused": Fault.REQUEST,
    # transfers.errors
    "storage": Fault.STORAGE,
    "transient": Fault.STORAGE,
    "endpoint_busy": Fault.STORAGE,
    "endpoint_unreachable": Fault.NETWORK,
    "storage_timeout": Fault.NETWORK,
    "quota_exceeded": Fault.STORAGE,
    "request_vanished": Fault.STORAGE,
    "transfer_stopped": Fault.STOPPED,
    "credential_expired": Fault.CREDENTIAL,
    "credential_missing": Fault.CREDENTIAL,
    "permanent": Fault.STORAGE,
    "file_missing": Fault.STORAGE,
    "file_exists": Fault.STORAGE,
    "writer_unknown": Fault.STORAGE,
    "permission_refused": Fault.CREDENTIAL,
    "checksum_mismatch": Fault.STORAGE,
    "size_mismatch": Fault.STORAGE,
    "tape_lost": Fault.STORAGE,
    "not_online": Fault.STORAGE,
    "unsupported": Fault.SITE,  # most often a library that is not installed here
    "unreadable_reply": Fault.STORAGE,
    "not_archived": Fault.STORAGE,
    "circuit_open": Fault.NETWORK,  # it failed too often of late, and is not asked for a while
    # merging.errors
    "merge": Fault.PAYLOAD,
    "unplannable_inputs": Fault.REQUEST,
    "wrong_options": Fault.REQUEST,
    "merge_tool_failed": Fault.PAYLOAD,
    "unreadable_input": Fault.PAYLOAD,
    "different_schemas": Fault.PAYLOAD,
    "not_copyable": Fault.PAYLOAD,
    "tool_missing": Fault.SITE,
    "archive_broken": Fault.PAYLOAD,
    "member_differs": Fault.PAYLOAD,
    "member_missing": Fault.PAYLOAD,
    # ddm.errors
    "job": Fault.UNKNOWN,
    "submit_refused": Fault.SITE,
    "job_vanished": Fault.SITE,
    "manifest_refused": Fault.REQUEST,
    "config": Fault.REQUEST,
    "config_missing": Fault.REQUEST,
    "config_exists": Fault.REQUEST,
    "demo_in_the_way": Fault.REQUEST,
    "no_sign_of_life": Fault.NETWORK,
    "not_for_us": Fault.CREDENTIAL,
    # what reports of worker nodes say besides
    "payload_failed": Fault.PAYLOAD,
    "output_missing": Fault.PAYLOAD,
    "output_unreadable": Fault.PAYLOAD,
    "output_differs": Fault.PAYLOAD,
    "manifest_unreadable": Fault.REQUEST,
    "work_directory": Fault.SITE,
    "work_directory_in_use": Fault.SITE,
    "scratch_space": Fault.SITE,
    "inputs_left_out": Fault.PAYLOAD,  # a merge tool that did not take all it was given
    "content_differs": Fault.PAYLOAD,
    "worker_error": Fault.SITE,
    "terminated": Fault.STOPPED,
}

BY_CODE_AND_SIDE: Mapping[tuple[str, Side], Fault] = {
    ("quota_exceeded", Side.IN): Fault.SITE,  # the full disk is the worker node's
    ("file_exists", Side.IN): Fault.SITE,  # the work directory holds another file of that name
    ("file_missing", Side.OUT): Fault.PAYLOAD,  # the file that was to be put is gone
}
"""Where the direction matters."""

EXIT_CODE: Mapping[Fault, int] = {
    Fault.PAYLOAD: ExitCode.PAYLOAD,
    Fault.SITE: ExitCode.SITE,
    Fault.NETWORK: ExitCode.NETWORK,
    Fault.STORAGE: ExitCode.STORAGE,
    Fault.CREDENTIAL: ExitCode.CREDENTIAL,
    Fault.REQUEST: ExitCode.USAGE,
    Fault.CATALOGUE: ExitCode.FAILED,
    Fault.STOPPED: ExitCode.TERMINATED,
    Fault.UNKNOWN: ExitCode.FAILED,
}

WORST_FIRST = (
    Fault.STOPPED,
    Fault.CREDENTIAL,
    Fault.REQUEST,
    Fault.PAYLOAD,
    Fault.SITE,
    Fault.STORAGE,
    Fault.NETWORK,
    Fault.CATALOGUE,
    Fault.UNKNOWN,
)
"""When files failed for several reasons, the first of these speaks for all: what helps the most files."""


def fault_of(code: str, side: Side | None = None) -> Fault:
    """The class of an error code; UNKNOWN for a code that nobody has classified."""
    found = BY_CODE.get(code, Fault.UNKNOWN)
    return found if side is None else BY_CODE_AND_SIDE.get((code, side), found)


def exit_code(faults: Iterable[Fault]) -> int:
    """What a program ends with: 0 for no faults, else the code of the one that speaks for all."""
    found = set(faults)
    return next((EXIT_CODE[fault] for fault in WORST_FIRST if fault in found), ExitCode.DONE)

"""What a tape system is told of a file that is to be archived: grouping and scheduling hints, as JSON. Pure.

The document is the one that WLCG experiments send: ``collocation_hints`` by level, "0" the widest, so that
files which are recalled together are written together; ``scheduling_hints`` with a priority of 0 to 100;
``file_metadata``; ``schema_version`` 1. FTS takes it as ``archive_metadata`` of a file (an object of at most
1024 bytes) and hands it to HTTP endpoints as the header ``ArchiveMetadata``, in base64, which dCache (11.2)
and EOS with CTA read. EOS with CTA reads the same in a ``root://`` URL, as opaque ``archivemetadata=…``
(xrootd issue 2283, Rucio's FTS3TapeMetadataPlugin, dCache pull request 8022).

Hints are hints: no service promises to follow them, and a copy never fails for want of them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from catalog.checksum import Adler32

LONGEST = 1024  # bytes of JSON that FTS takes
SCHEMA = 1
OPAQUE = "archivemetadata"


@dataclass(frozen=True, slots=True)
class ArchiveHints:
    """``collocation``: names of groups, the widest first. ``priority``: 0 (low) to 100. ``activity``: what
    the file is for, in a word or two."""

    collocation: tuple[str, ...] = ()
    priority: int | None = None
    activity: str = ""


def document(hints: ArchiveHints | None, size: int, adler32: Adler32) -> dict[str, object]:
    """The hints of a file of this size (bytes) as a JSON object; {} for none, and for more than is taken."""
    if hints is None:
        return {}
    told: dict[str, object] = {
        "schema_version": SCHEMA,
        "file_metadata": {"size": str(size), "adler32": str(adler32)},
    }
    if hints.collocation:
        told["collocation_hints"] = {str(level): name for level, name in enumerate(hints.collocation)}
    if hints.priority is not None:
        told["scheduling_hints"] = {"priority": str(hints.priority)}
    if hints.activity:
        told["additional_hints"] = {"activity": hints.activity}
    return told if len(json.dumps(told)) <= LONGEST else {}


def opaque(hints: ArchiveHints | None, size: int, adler32: Adler32) -> str:
    """The same as the opaque part of a ``root://`` URL, without the question mark; "" for none."""
    told = document(hints, size, adler32)
    if not told:
        return ""
    text = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    return f"{OPAQUE}={base64.b64encode(text).decode()}"

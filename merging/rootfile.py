"""Opening ROOT files with uproot, which is imported on first use and may be missing.

The head of a file is read before uproot sees it, so that a truncated file is called truncated; and whatever
uproot's parser stumbles over becomes an UnreadableInput that names the file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalog.errors import DataManagementError
from merging.errors import ToolMissing, UnreadableInput

TREES = frozenset({"TTree", "TNtuple", "TNtupleD"})
DIRECTORIES = frozenset({"TDirectory", "TDirectoryFile"})
EVENTS = "events"
"""Name of the histogram that is filled once per event, where a file of histograms has one."""

_HEAD = struct.Struct(">4si4x")
_BIG_VERSION = 1_000_000
_LONGEST = 200


def load_uproot() -> Any:
    """The module uproot. Raises ToolMissing, saying what to install."""
    try:
        import uproot
    except ImportError:
        text = "reading and merging ROOT files needs uproot, which is not installed: pip install 'ddm[root]'"
        raise ToolMissing(text) from None
    return uproot


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file as uproot's directory. Raises UnreadableInput if it is no whole ROOT file."""
    uproot = load_uproot()
    with reading(path):
        _check_head(path)
        file = uproot.open(path)
    with file:
        yield file


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around every read: what goes wrong inside is the file's fault, and says so."""
    try:
        yield
    except DataManagementError:
        raise
    except Exception as error:
        raise UnreadableInput(f"{path}: cannot be read: {told(error)}", subject=str(path)) from error


def told(error: Exception) -> str:
    """The first line of what a foreign error says, not too long."""
    lines = str(error).strip().splitlines()
    if not lines or isinstance(error, KeyError):
        lines = [f"{type(error).__name__} {error}".strip()]
    return lines[0][:_LONGEST]


def objects(file: Any) -> dict[str, str]:
    """Path and class name of all objects, directories included; the newest cycle of each."""
    newest: dict[str, tuple[int, str]] = {}
    for key, classname in file.iterclassnames(recursive=True, cycle=True):
        path, _, cycle = key.rpartition(";")
        newest[path] = max(newest.get(path, (0, "")), (int(cycle), classname))
    return {path: classname for path, (_, classname) in newest.items()}


def event_count(histogram: Any, path: Path) -> int:
    """The entries of a histogram as a number of events. Raises UnreadableInput unless it is one."""
    entries = float(histogram.member("fEntries"))
    if entries < 0 or not entries.is_integer():
        text = f"{path}: histogram '{EVENTS}' has {entries} entries, which is no number of events"
        raise UnreadableInput(text, subject=str(path))
    return int(entries)


def _check_head(path: Path) -> None:
    """The file is as long as its head says. The end is a 64-bit number in files of over 2 GB."""
    with open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read(64)
    if not size:
        raise UnreadableInput(f"{path}: the file has 0 bytes", subject=str(path))
    if size < len(head) or len(head) < 64 or not head.startswith(b"root"):
        raise UnreadableInput(f"{path}: not a ROOT file (no magic at offset 0)", subject=str(path))
    _, version = _HEAD.unpack_from(head)
    (end,) = struct.unpack_from(">q" if version >= _BIG_VERSION else ">i", head, _HEAD.size)
    if end > size:
        raise UnreadableInput(f"{path}: truncated at offset {size}, its head says {end}", subject=str(path))

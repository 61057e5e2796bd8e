"""Papers: the JSON documents that travel with jobs, read field by field, written whole or not at all.

Every paper has ``"version": 1``. Unknown fields are ignored, missing ones refused unless they have a default:
those came later, and papers without them are as good as ever. What cannot be taken is said in one sentence
that names the field. Standard library only: worker nodes read papers before they load anything else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from catalog.checksum import Adler32
from catalog.errors import DataManagementError, ExitCode, Retry

VERSION = 1

Backends = Mapping[str, tuple[str, Mapping[str, str]]]
"""URL prefix → (backend, options): how to reach a storage."""

T = TypeVar("T")


class ManifestUnreadable(DataManagementError, ValueError):
    """The manifest is not JSON, of another version or kind, or lacks a field. Nothing was moved."""

    code = "manifest_unreadable"
    retry = Retry.NEVER
    exit_code = ExitCode.USAGE
    advice = "docs/howto/worker-nodes.md and docs/howto/merge-jobs.md show them"


# ------------------------------------------------------------------------------------ reading
def document(text: str, version: int = VERSION) -> Mapping[str, Any]:
    """The document in the text. Raises ManifestUnreadable."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestUnreadable(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("version") != version:
        raise ManifestUnreadable(f"not a manifest of version {version}")
    return data


_MISSING: Any = object()


def got(data: Mapping[str, Any], name: str, read: Callable[[Any], T], default: T = _MISSING) -> T:
    """A field, as ``read`` takes it. Raises ManifestUnreadable that names it."""
    if name not in data or (data[name] is None and default is None):
        if default is _MISSING:
            raise ManifestUnreadable(f"the field {name!r} is missing")
        return default
    try:
        return read(data[name])
    except ManifestUnreadable:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        raise ManifestUnreadable(f"the field {name!r} cannot be taken: {error}") from None


def each(data: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """A field that is a list of objects. Raises ManifestUnreadable, which says which of them."""
    entries = data.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ManifestUnreadable(f"the field {name!r} is no list of objects")
    found = []
    for index, entry in enumerate(entries):
        try:
            found.append(read(entry))
        except ManifestUnreadable as error:
            raise ManifestUnreadable(f"{name}[{index}]: {error}") from None
    return found


def text(value: Any) -> str:
    """A string that is not empty. Raises ValueError, as all of these do."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no text")
    return value


def word(value: Any) -> str:
    """A string, which may be empty."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings, none of them empty."""
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return tuple(map(text, value))


def words(value: Any) -> tuple[str, ...]:
    """A list of strings, which may be empty: arguments of a command."""
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return tuple(map(word, value))


def number(value: Any) -> int:
    """A whole number, not below zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number")
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def number_or_none(value: Any) -> int | None:
    """As ``number``, for a field that nobody may know."""
    return None if value is None else number(value)


def time(value: Any) -> datetime:
    """A time in ISO 8601 with its offset from UTC."""
    found = datetime.fromisoformat(text(value))
    if found.tzinfo is None:
        raise ValueError(f"{value!r} has no offset from UTC")
    return found


def counters(value: Any) -> Mapping[str, int]:
    """Numbers by name."""
    return {text(name): number(count) for name, count in value.items()}


def options(value: Any) -> Mapping[str, str]:
    """Strings by name."""
    return {text(name): word(option) for name, option in value.items()}


def about(value: Any) -> Mapping[str, str | int]:
    """Strings and numbers by name."""
    return {text(name): said if isinstance(said, str) else number(said) for name, said in value.items()}


def backends(value: Any) -> Backends:
    """URL prefixes with [backend, options]."""
    return {text(prefix): (text(name), dict(rest)) for prefix, (name, rest) in value.items()}


def base_name(lfn: str) -> str:
    """What an LFN's file is called where nobody says otherwise."""
    return lfn.rpartition("/")[2]


def why(error: Exception) -> str:
    """Why a paper cannot be read; its name is told by who asks, and nobody needs the number of an error."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


# ------------------------------------------------------------------------------------ writing
def dumps(papers: Any, **head: str) -> str:
    """A dataclass as the text of a paper; ``head``: fields that stand before its own."""
    return json.dumps({"version": VERSION, **head, **plain(papers)}, indent=1, ensure_ascii=False)


def plain(value: Any) -> Any:
    """A value of papers, dataclasses included, as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    match value:
        case Adler32():
            return str(value)
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: a temporary name that no other host or process has, fsync, rename.
    One that is there is replaced."""
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "x", encoding="utf-8", errors="surrogateescape") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None  # nobody knows the temporary name
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

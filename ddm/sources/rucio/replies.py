"""The words of Rucio and what they mean here: pure.

A DID is ``scope:name``. States of replicas are those of Rucio, as a letter in dumps and as a word in answers.
A checksum of another kind than adler32 is no checksum here: unknown, not wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.checksum import Adler32
from ddm.sources.rows import Refused, number, short

STATES: Mapping[str, str] = {
    "A": "AVAILABLE",
    "U": "UNAVAILABLE",
    "C": "COPYING",
    "B": "BEING_DELETED",
    "D": "BAD",
    "T": "TEMPORARY_UNAVAILABLE",
}
PASSING = frozenset(("COPYING", "BEING_DELETED"))
"""Replicas that are not to be there now, or not for long."""

_ADLER32 = re.compile(r"(?:ad|adler32)?:?([0-9a-fA-F]{8})", re.ASCII)
_OTHER_SUM = re.compile(r"(?:[a-z0-9_]+:)?[0-9a-fA-F]{32,128}", re.ASCII)


class RucioFile(NamedTuple):
    """A file DID, or a replica of one; None and "": it is not said."""

    scope: str
    name: str
    size: int | None = None
    adler32: Adler32 | None = None
    events: int | None = None
    rse: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Did:
    """A dataset. ``length``: how many files it has by itself; None: it does not say."""

    scope: str
    name: str
    length: int | None = None

    def __str__(self) -> str:
        return f"{self.scope}:{self.name}"


def did(text: str) -> Did:
    """``scope:name``. Raises ValueError."""
    scope, mark, name = text.partition(":")
    if not (scope and mark and name):
        raise ValueError(f"scope:name is expected, not {short(text)}")
    return Did(scope, name)


def checksum(text: str | None) -> Adler32 | None:
    """The adler32; None for none, or one of another kind. Raises ValueError for what is no checksum."""
    if not text:
        return None
    if found := _ADLER32.fullmatch(text):
        return Adler32(int(found[1], 16))
    if _OTHER_SUM.fullmatch(text):
        return None
    raise ValueError(f"checksum: eight hexadecimal digits are expected, not {short(text)}")


def state(text: str) -> str:
    """The state of a replica, as a word. Raises ValueError for one that Rucio does not have."""
    word = STATES.get(text, text)
    if word and word not in STATES.values():
        raise ValueError(f"state: {short(text)} is none of Rucio's")
    return word


def file_line(line: str) -> RucioFile | Refused:
    """A line of ``/dids/SCOPE/NAME/files``; Refused for values that cannot be. Raises ValueError for what is
    no JSON, or not of a file: a torn line looks like this."""
    return _file(_object(line))


def replica_line(line: str, rse: str) -> RucioFile | Refused | None:
    """A line of ``/replicas/list`` asked with ``all_states``; None: the file has no replica at the RSE."""
    found = _object(line)
    states = found.get("states")
    if not isinstance(states, dict):
        raise ValueError("a replica without its states")
    if rse not in states:
        return None
    file = _file(found)
    if isinstance(file, Refused):
        return file
    try:
        return file._replace(rse=rse, state=state(str(states[rse])))
    except ValueError as error:
        return Refused("rucio", 0, file.name, str(error))


def dataset_line(line: str, scope: str) -> Did:
    """A line of ``/dids/SCOPE/dids/search``: a name, or an object in the long form. Raises ValueError."""
    try:
        found = json.loads(line)
    except ValueError:
        raise ValueError(f"no JSON: {short(line)}") from None
    if isinstance(found, str):
        return Did(scope, found)
    return _did(found)


def dataset_replica_line(line: str) -> Did:
    """A line of ``/replicas/rse/RSE``. Raises ValueError."""
    return _did(_object(line))


def length_of(text: str) -> int | None:
    """How many files a dataset has, of ``/dids/SCOPE/NAME?dynamic_depth=FILE``. Raises ValueError."""
    return number(_object(text).get("length"), "length")


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise ValueError(f"no JSON: {short(line)}") from None
    if not isinstance(found, dict):
        raise ValueError(f"an object is expected, not {short(line)}")
    return found


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key}: text is expected, not {short(value)}")
    return value


def _did(found: Any) -> Did:
    if not isinstance(found, dict):
        raise ValueError(f"an object is expected, not {short(found)}")
    length = found.get("available_length", found.get("length"))
    return Did(_text(found, "scope"), _text(found, "name"), number(length, "length"))


def _file(found: Mapping[str, Any]) -> RucioFile | Refused:
    scope, name = _text(found, "scope"), _text(found, "name")
    try:
        adler32 = found.get("adler32")
        if adler32 is not None and not isinstance(adler32, str):
            raise ValueError(f"adler32: text is expected, not {short(adler32)}")
        return RucioFile(
            scope,
            name,
            number(found.get("bytes"), "bytes"),
            checksum(adler32),
            number(found.get("events"), "events"),
        )
    except ValueError as error:
        return Refused("rucio", 0, name, str(error))

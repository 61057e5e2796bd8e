"""What a Tape REST service's answers mean. Pure, and never raises: what cannot be read is Unknown.

A file of a stage request is told by ``onDisk`` or by ``state``, and perhaps ``error``. ``onDisk`` is the file
now. ``state`` is what has become of the request, so what it says has ended needs a second witness: where the
file is now, from archiveinfo.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.states import Locality
from transfers.backends.taperest.errors import by_text
from transfers.backends.taperest.payload import collapsed
from transfers.errors import FileMissing, RequestVanished, StorageError, TapeLost, failed
from transfers.model import Done, Failed, Outcome, Pending, Unknown

Where = Locality | Failed | Unknown
"""Where a file is now."""

LOCALITIES = {
    "DISK": Locality.ONLINE,
    "TAPE": Locality.NEARLINE,
    "DISK_AND_TAPE": Locality.ONLINE_AND_NEARLINE,
    "LOST": Locality.LOST,
    "NONE": Locality.NONE,
    "UNAVAILABLE": Locality.UNAVAILABLE,
}

UNDER_WAY = frozenset({"SUBMITTED", "STARTED"})
COMPLETED, FAILED = "COMPLETED", "FAILED"
CANCELLED = frozenset({"CANCELLED", "CANCELED"})  # the document's spelling, and that of gfal2


@dataclass(frozen=True, slots=True)
class Told:
    """What a request's answer says of one file. ``on_disk``: None when not said; ``state``, ``error``: ""."""

    on_disk: bool | None = None
    state: str = ""
    error: str = ""


class Discovered(NamedTuple):
    """The API's URL and the site's name ("" if not told)."""

    uri: str
    sitename: str


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def read_discovery(body: bytes) -> Discovered | None:
    """The endpoint of version 1, the latest of several; None if the answer names none."""
    value = _json(body)
    told = value.get("endpoints") if isinstance(value, dict) else None
    found: dict[tuple[int, ...], str] = {}
    for entry in told if isinstance(told, list) else ():
        if isinstance(entry, dict) and isinstance(uri := entry.get("uri"), str) and uri:
            version = _version(entry.get("version"))
            if version[:1] == (1,):
                found.setdefault(version, uri.rstrip("/"))
    if not found:
        return None
    sitename = value.get("sitename")
    return Discovered(found[max(found)], sitename if isinstance(sitename, str) else "")


def _version(text: object) -> tuple[int, ...]:
    """``v1`` and ``v1.2`` as numbers; () for anything else."""
    parts = str(text).lower().removeprefix("v").split(".")
    good = all(part.isascii() and part.isdecimal() and len(part) < 9 for part in parts)
    return tuple(int(part) for part in parts) if good else ()


def read_created(body: bytes, location: str = "") -> str | None:
    """The id of an accepted request, from the body or else the Location; None if there is none to be read."""
    value = _json(body)
    told = value.get("requestId") if isinstance(value, dict) else None
    token = told if isinstance(told, str) and told else location.rstrip("/").rpartition("/")[2]
    good = (
        0 < len(token) <= 512
        and token.isascii()
        and token.isprintable()
        and not set(" /?#%").intersection(token)
    )
    return token if good and token not in (".", "..") else None


def read_request(body: bytes, request: str) -> dict[str, Told | None] | None:
    """Every file of a request's answer by its name; None for one told twice and differently.

    None as a whole when it is not an answer about this request.
    """
    value = _json(body)
    if not isinstance(value, dict) or value.get("id", request) != request:
        return None
    if not isinstance(files := value.get("files"), list):
        return None
    told: dict[str, Told | None] = {}
    for entry in files:
        if isinstance(entry, dict) and isinstance(path := entry.get("path"), str):
            name, answer = collapsed(path), _told(entry)
            told[name] = answer if told.get(name, answer) == answer else None
    return told


def _told(entry: Mapping[str, object]) -> Told | None:
    """None when a word is not of its type: no guessing from half an answer."""
    on_disk, state, error = entry.get("onDisk"), entry.get("state"), entry.get("error")
    if not (on_disk is None or isinstance(on_disk, bool)):
        return None
    if not all(word is None or isinstance(word, str) for word in (state, error)):
        return None
    return Told(on_disk, str(state or "").strip().upper(), str(error or "").strip())


def aligned(told: Mapping[str, Told | None], names: Collection[str]) -> dict[str, Told | None]:
    """The answers of the names asked for, also when the service writes a directory before all of them.

    Some versions of dCache answer with the absolute path of what was asked for relative to the door's root
    (dcache issue 7506), or the other way round. This is taken so only if no name stands there as it was
    asked, and one and the same directory makes it right for every name. That a file is on disk is not taken
    so: archiveinfo must say it of the name as we know it.
    """
    if any(name in told for name in names) or not told or not names:
        return {name: told[name] for name in names if name in told}
    some = min(names)
    for answer in told:
        if answer.endswith(some):
            before = answer.removesuffix(some)
            found = {name: before + name for name in names}
        elif some.endswith(answer):
            before = some.removesuffix(answer)
            found = {name: name.removeprefix(before) for name in names if name.startswith(before)}
        else:
            continue
        if len(found) == len(names) and all(other in told for other in found.values()):
            return {name: _doubted(told[other]) for name, other in found.items()}
    return {}


def _doubted(told: Told | None) -> Told | None:
    return Told(error=told.error) if told and (told.on_disk or told.state == COMPLETED) else told


def read_localities(body: bytes, names: Collection[str]) -> dict[str, Where] | None:
    """Where each file is, of those the answer tells of; None when it is not an answer to archiveinfo."""
    value = _json(body)
    if not isinstance(value, list):
        return None
    found: dict[str, Where] = {}
    for entry in value:
        if isinstance(entry, dict) and isinstance(path := entry.get("path"), str):
            name = collapsed(path)
            if name in names:
                where = _where(entry, name)
                same = found.get(name, where) == where
                found[name] = where if same else Unknown(f"{name}: told twice and differently")
    return found


def _where(entry: Mapping[str, object], name: str) -> Where:
    """A locality counts also beside an error: EOS tells so of a file that is not archived yet."""
    word, error = entry.get("locality"), entry.get("error")
    if isinstance(word, str) and word.upper() in LOCALITIES:
        return LOCALITIES[word.upper()]
    if word is None and isinstance(error, str) and error.strip():
        return failed(by_text(error), f"{name}: {error.strip()}")
    return Unknown(f"{name}: locality {word!r}, error {error!r}")


def settled(told: Told | None, name: str, *, confirm: bool = True) -> Outcome | None:
    """How far a recall is, by the request's answer alone; None when archiveinfo must be asked."""
    if told is None:
        return None
    if told.on_disk:
        return Done()
    if told.state == COMPLETED and told.on_disk is None and not confirm:
        return Done()
    if told.state in UNDER_WAY:
        return Pending()
    if told.state == "" and told.on_disk is False:
        return failed(by_text(told.error), f"{name}: {told.error}") if told.error else Pending()
    return None


def judged(told: Told | None, where: Where, name: str, *, vanished: bool = False) -> Outcome:
    """How far a recall is, by both witnesses. ``vanished``: the service does not know the request."""
    if isinstance(where, Locality) and where.readable:
        return Done()
    if where is Locality.LOST:
        return failed(TapeLost, f"{name}: the service says that it is lost")
    if isinstance(where, Failed) and where.code == FileMissing.code:
        return where
    if vanished or (told and told.state in CANCELLED):
        return failed(RequestVanished, f"{name}: the service does not recall it for this request (any more)")
    if told is None:
        return Unknown(f"{name}: the request's answer does not tell of it ({_word(where)})")
    if told.state == COMPLETED:
        if where is Locality.NEARLINE:
            return failed(RequestVanished, f"{name}: was recalled, and is on tape only again")
        return Unknown(f"{name}: said to be recalled, but not seen on disk ({_word(where)})")
    if told.error:
        return failed(by_text(told.error), f"{name}: {told.error}")
    if isinstance(where, Failed):
        return where
    if told.state == FAILED:
        return failed(StorageError, f"{name}: the recall failed, and the service does not say why")
    return Unknown(f"{name}: state {told.state!r} ({_word(where)})")


def _word(where: Where) -> str:
    return where.value if isinstance(where, Locality) else where.text

"""The papers of a carriage: the list of what is to be carried, and the report of what arrived.

Both are JSON lines with a header line. The *digest* of a list is the sha256 of LFN, path, size and adler32 of
all its files; a report repeats these, so its digest is that of its list unless a file was added, left out or
changed. A list without a header, such as ``{"lfn": …, "size": …, "adler32": …}`` in each line, is one too.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from catalog.checksum import Adler32
from catalog.errors import BadInput
from catalog.papers import write_whole

LIST, REPORT = "ddm_carry_list", "ddm_carry_report"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Carried:
    """A file to be carried: from ``source`` (a URL; empty if nobody said) to ``path`` at the endpoint."""

    lfn: str
    path: str
    size: int
    adler32: Adler32
    source: str = ""


@dataclass(frozen=True, slots=True)
class CarryList:
    """What is to be carried to an endpoint. No LFN and no path stands twice."""

    endpoint: str
    files: tuple[Carried, ...]

    def __post_init__(self) -> None:
        for what, names in (("LFN", [f.lfn for f in self.files]), ("path", [f.path for f in self.files])):
            if len(set(names)) < len(names):
                twice = Counter(names).most_common(1)[0][0]
                raise BadInput(f"the {what} {twice} stands twice in the list", subject=twice)

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """The same for the same files, in whatever order."""
        digest = hashlib.sha256()
        for line in sorted(f"{f.lfn}\t{f.path}\t{f.size}\t{f.adler32}\n" for f in self.files):
            digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


class Arrival(StrEnum):
    """What was found in the place of a file."""

    SAME = "same"  # size and adler32 are those of the list
    MISSING = "missing"
    SIZE = "size_mismatch"
    CHECKSUM = "checksum_mismatch"
    UNREADABLE = "unreadable"  # nothing can be said


@dataclass(frozen=True, slots=True)
class Checked:
    """A file of the list and what was found. ``ctime_ns`` tells whether it was touched since: unlike the time
    that programs write as they like, the file system's own."""

    file: Carried
    arrival: Arrival
    size: int | None = None
    adler32: Adler32 | None = None
    ctime_ns: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What arrived of a list. ``extra``: files in the same directories that the list does not have."""

    endpoint: str
    list_digest: str
    root: str
    host: str
    checked_at: datetime
    checked: tuple[Checked, ...]
    extra: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many files are so; every word stands there."""
        found = Counter(one.arrival for one in self.checked)
        return {arrival.value: found[arrival] for arrival in Arrival}


# ---------------------------------------------------------------------------------- writing
def write_list(carried: CarryList, out: TextIO) -> None:
    """The list with its header."""
    header = {
        LIST: VERSION,
        "endpoint": carried.endpoint,
        "digest": carried.digest,
        "files": len(carried.files),
        "bytes": carried.size,
    }
    _line(out, header)
    for file in carried.files:
        _line(out, _words(file))


def write_report(report: Report, out: TextIO) -> None:
    """The report with its header."""
    header = {
        REPORT: VERSION,
        "endpoint": report.endpoint,
        "list": report.list_digest,
        "root": report.root,
        "host": report.host,
        "checked_at": report.checked_at.isoformat(),
        "files": len(report.checked),
        "extra": list(report.extra),
    }
    _line(out, header)
    for checked in report.checked:
        write_checked(checked, out)


def write_checked(checked: Checked, out: TextIO) -> None:
    """One line of a report."""
    found = {
        "arrival": checked.arrival.value,
        "found_size": checked.size,
        "found_adler32": None if checked.adler32 is None else str(checked.adler32),
        "ctime_ns": checked.ctime_ns,
        "why": checked.why,
    }
    words = _words(checked.file)
    words.pop("source", None)
    _line(out, words | {key: value for key, value in found.items() if value not in (None, "")})


def _words(file: Carried) -> dict[str, Any]:
    words = {"lfn": file.lfn, "path": file.path, "size": file.size, "adler32": str(file.adler32)}
    return words | ({"source": file.source} if file.source else {})


def _line(out: TextIO, words: Mapping[str, Any]) -> None:
    out.write(json.dumps(words, ensure_ascii=False) + "\n")


# ---------------------------------------------------------------------------------- reading
def read_list(path: Path) -> CarryList:
    """The list in a file. Raises BadInput, with the line, for what is not a list as it was written."""
    lines = _lines(path)
    header, files, bare = {}, [], True
    for number, words in lines:
        if number == 1 and LIST in words:
            header, bare = words, False
            _known_version(words[LIST], path)
        else:
            files.append(_file(words, path, number))
    found = CarryList(str(header.get("endpoint", "")), tuple(files))
    if not files:
        raise BadInput("the list names no file", subject=str(path))
    if not bare and (header.get("digest"), header.get("files")) != (found.digest, len(files)):
        raise BadInput("not as it was written: files were added, changed or lost", subject=str(path))
    return found


def read_report(path: Path) -> Report:
    """The report in a file, complete and about its list. Raises BadInput."""
    lines = _lines(path)
    _, header = next(lines, (0, {}))
    if REPORT not in header:
        raise BadInput("not a report of 'ddm carry check'", subject=str(path))
    _known_version(header[REPORT], path)
    checked = tuple(_checked(words, path, number) for number, words in lines)
    try:
        report = Report(
            endpoint=str(header["endpoint"]),
            list_digest=str(header["list"]),
            root=str(header["root"]),
            host=str(header["host"]),
            checked_at=_time(header["checked_at"]),
            checked=checked,
            extra=tuple(map(str, header["extra"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"the header cannot be read: {error}", subject=str(path)) from None
    there = CarryList(report.endpoint, tuple(one.file for one in checked))
    if there.digest != report.list_digest or header.get("files") != len(checked):
        raise BadInput(
            "the report is not about its list: files were added, changed or lost", subject=str(path)
        )
    return report


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no offset from UTC")
    return found


def read_checked(path: Path) -> Iterator[Checked]:
    """What a report says, or the beginning of one whose writer was stopped; other lines are left out."""
    if not path.exists():
        return
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        for number, text in enumerate(stream, 1):
            try:
                yield _checked(json.loads(text), path, number)
            except (AttributeError, BadInput, TypeError, ValueError):
                continue  # to be checked again harms nobody


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with open(path, encoding="utf-8") as stream:
        try:
            for number, text in enumerate(stream, 1):
                if text.strip():
                    words = json.loads(text)
                    if not isinstance(words, dict):
                        raise ValueError("not a JSON object")
                    yield number, words
        except ValueError as error:
            raise BadInput(f"a line cannot be read: {error}", subject=str(path)) from None


def _known_version(version: object, path: Path) -> None:
    if version != VERSION:
        raise BadInput(f"written by another version of ddm (format {version})", subject=str(path))


def _file(words: Mapping[str, Any], path: Path, number: int) -> Carried:
    try:
        size = words["size"]
        if not isinstance(size, int) or size < 0:
            raise ValueError(f"size {size!r}")
        lfn = str(words["lfn"])
        place = str(words.get("path") or lfn)
        return Carried(lfn, place, size, Adler32.parse(str(words["adler32"])), str(words.get("source", "")))
    except (KeyError, ValueError) as error:
        raise BadInput(f"lfn, size and adler32 are needed: {error}", subject=f"{path}:{number}") from None


def _checked(words: Mapping[str, Any], path: Path, number: int) -> Checked:
    """A line of a report. It says ``same`` only if what was found is what the list says."""
    file = _file(words, path, number)
    try:
        size, adler32, ctime = words.get("found_size"), words.get("found_adler32"), words.get("ctime_ns")
        checked = Checked(
            file,
            Arrival(words["arrival"]),
            None if size is None else int(size),
            None if adler32 is None else Adler32.parse(str(adler32)),
            None if ctime is None else int(ctime),
            str(words.get("why", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"the line cannot be read: {error}", subject=f"{path}:{number}") from None
    equal = (checked.size, checked.adler32) == (file.size, file.adler32)
    if (checked.arrival is Arrival.SAME) != equal:
        raise BadInput("the line contradicts itself", subject=f"{path}:{number}")
    return checked


# ------------------------------------------------------------------------- for other movers
def globus_batch(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Lines for ``globus transfer --batch``: source and destination path, quoted as in a shell."""
    for source, path in files:
        yield f"{shlex.quote(source)} {shlex.quote(path)}\n"


def pairs(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Source and destination, each ended by NUL: ``xargs -0 -n 2 -P 8 xrdcp``."""
    for source, destination in files:
        yield f"{source}\0{destination}\0"


def path_of(url: str) -> str:
    """What a URL says after the host, with one slash: for those who name the host otherwise."""
    return "/" + re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", url).lstrip("/")


def replace_file(path: Path, lines: Iterable[str]) -> None:
    """Write a file whole, in place of one that was there: for reports, which are about a moment."""
    write_whole(path, "".join(lines))


def relative(paths: Sequence[str]) -> Iterator[str]:
    """Paths below the root, each ended by NUL: ``rsync --from0 --files-from=FILE SOURCE/ DESTINATION/``."""
    for path in paths:
        yield f"{path.lstrip('/')}\0"

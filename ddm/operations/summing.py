"""Checksums of files, here and at storages; and lists of them checked, as ``sha256sum -c`` does."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.checksum import Algorithm, Checksum, summed
from catalog.errors import BadInput
from ddm.operations.copying import look
from ddm.places import Place, Places
from transfers.errormap import outcome_of
from transfers.errors import UnreadableReply, failed
from transfers.model import Done, Failed, FetchOrder, Observed
from transfers.rounds import code_and_text
from transfers.watch import Watch

_LINE = re.compile(r"(?:(?P<name>[A-Za-z0-9-]+):)?(?P<value>[0-9A-Fa-f]{1,64})(?: [ *]|[ \t]+)(?P<file>.+)")
"""After the value two blanks, or a blank and a star: what follows is the name, with its own blanks and stars.
Lists that people write have any blanks."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The checksum of a file and who computed it: ``read`` here, or told by the ``service``; or why none."""

    word: str
    checksum: Checksum | None = None
    how: str = ""
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A line of a list: the file, what it should have, and what it has."""

    word: str
    expected: Checksum
    found: Sum

    @property
    def equal(self) -> bool:
        return self.found.checksum == self.expected


def sums(places: Places, words: Sequence[str], algorithm: Algorithm, watch: Watch) -> list[Sum]:
    """The checksum of each, in order. A storage's own adler32 is asked for; anything else is read from it."""
    found = {word: places.of(word) for word in words}
    remote = [place.url for place in found.values() if place.local is None]
    told = look(places, remote) if algorithm is Algorithm.ADLER32 and remote else {}
    answers = []
    for word in words:
        place = found[word]
        seen = told.get(place.url)
        if place.local is not None:
            answers.append(_local(word, place.local, algorithm))
        elif isinstance(seen, Observed) and seen.adler32 is not None:
            answers.append(Sum(word, Checksum.of(seen.adler32), seen.how))
        elif seen is not None and not isinstance(seen, Observed):
            answers.append(Sum(word, None, "", *code_and_text(seen)))
        else:
            answers.append(_fetched(places, place, algorithm, watch))
    return answers


def _local(word: str, path: Path, algorithm: Algorithm) -> Sum:
    found = outcome_of(_read, path, algorithm)
    if isinstance(found, Failed):
        return Sum(word, None, "", found.code, found.text)
    return Sum(word, found, "read")


def _read(path: Path, algorithm: Algorithm) -> Checksum:
    with open(path, "rb", buffering=0) as stream:
        return summed(stream, [algorithm]).checksums()[algorithm]


def _fetched(places: Places, place: Place, algorithm: Algorithm, watch: Watch) -> Sum:
    """Read the file from its storage into a temporary one."""
    storage, path = places.doors.locate(place.url)
    with tempfile.TemporaryDirectory(prefix="ddm-checksum-") as directory:
        local = Path(directory) / "file"
        order = FetchOrder(path, str(local))
        silent = failed(UnreadableReply, "the storage did not say what became of it")
        outcome = storage.copier.fetch([order], watch).get(str(local), silent)
        if isinstance(outcome, Done):
            return _local(place.word, local, algorithm)
        return Sum(place.word, None, "", *code_and_text(outcome))


def read_list(lines: Iterable[str], algorithm: Algorithm, where: str) -> list[tuple[Checksum, str]]:
    """``HEX  FILE`` or ``ALGORITHM:HEX  FILE`` on each line, as sha256sum writes them. BadInput."""
    found = []
    for number, line in enumerate(lines, start=1):
        text = line.strip("\r\n")
        if not text.strip() or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        try:
            if match is None:
                raise ValueError("expected a checksum, two spaces and a name")
            kind = Algorithm.named(match["name"]) if match["name"] else algorithm
            found.append((Checksum(kind, match["value"]), match["file"]))
        except ValueError as error:
            raise BadInput(str(error), subject=f"{where}:{number}") from None
    return found


def check(places: Places, listed: Sequence[tuple[Checksum, str]], watch: Watch) -> list[Checked]:
    """Every line of a list, in order."""
    found: dict[tuple[Algorithm, str], Sum] = {}
    for algorithm in Algorithm:
        words = [word for checksum, word in listed if checksum.algorithm is algorithm]
        for word, answer in zip(words, sums(places, words, algorithm, watch), strict=True):
            found[algorithm, word] = answer
    return [Checked(word, checksum, found[checksum.algorithm, word]) for checksum, word in listed]

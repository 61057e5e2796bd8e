"""A plan of repair as a text that a person reads, edits and signs: pure, line by line, never all in memory.

1. A line is ``ACTION<TAB>ENDPOINT<TAB>PATH<TAB>SIZE<TAB>ADLER32<TAB>NUMBER<TAB># why``. Lines that begin
   with ``#`` are not acted upon; ``#:`` lines are the head, and ``#=`` lines the signature.
2. A person may delete lines, comment them out, take the ``#`` away where actions are offered, and write
   another one of the actions that are possible there. Nothing else: every other change is told with its line
   number.
3. What a line means is what was proposed under its number; the text is compared with that, not believed.
4. A signature is the sha256 of every byte before it. Nothing may follow it.
5. A field that could deceive (tabs, line breaks, quotes, invisible characters) is written as a JSON string.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.checksum import Adler32
from catalog.states import RepairAct
from ddm.reconcile.actions import POSSIBLE, Proposal
from ddm.reconcile.kinds import MEANING, Kind

TITLE = "# ddm reconcile plan, format 1"
HEAD, SIGNATURE = "#: ", "#= "
NOTHING = "-"
INFORMING = frozenset({"catalogue"})
"""What of the head only informs: a catalogue may be called otherwise later, or from another host."""

LONGEST = 1 << 16
"""Bytes of a line, at most: a longer one is none of ours."""

HELP = """#
# A line that does not begin with '#' is done by 'ddm reconcile apply', once you have signed.
# You may delete lines, put a '#' before them, take it away where actions are offered, and choose another of
# the actions that are possible for that kind (named above its lines; not all of them where the line says
# why). Change nothing else; keep the tabs.
# Then: ddm reconcile sign FILE
"""


# ------------------------------------------------------------------------------------------ writing
def quoted(text: str) -> str:
    """The text as a field: as it is, or as a JSON string where it could be taken for something else.

    >>> print(quoted("/a/b c"), quoted("/a\\nb"))
    /a/b c "/a\\nb"
    """
    plain = text.isprintable() and text == text.strip() and not text.startswith(('"', "#")) and text
    return text if plain and text != NOTHING else json.dumps(text)


def unquoted(field: str) -> str:
    """The other way round. Raises ValueError."""
    if not field.startswith('"'):
        return field
    found = json.loads(field)
    if not isinstance(found, str):
        raise ValueError("not a text")
    return found


def line(one: Proposal) -> str:
    """The proposal as it stands in the plan, without its line break."""
    if one.act is not None:
        return f"{one.act}\t{_rest(one)}"
    if one.possible:
        return f"# {'|'.join(one.possible)}\t{_rest(one)}"
    return f"# {NOTHING}\t{_rest(one)}"


def _rest(one: Proposal) -> str:
    why = one.why
    if not why.isprintable():
        why = "".join(char if char.isprintable() else " " for char in why)
    return "\t".join((*_told(one), f"# {why}"))


def _told(one: Proposal) -> tuple[str, ...]:
    """What a line says of its place, by ``_FIELDS``."""
    size = NOTHING if one.size is None else str(one.size)
    adler32 = NOTHING if one.adler32 is None else str(Adler32(one.adler32))
    return quoted(one.endpoint), quoted(one.path), size, adler32, str(one.number)


def body(proposals: Iterable[Proposal]) -> Iterator[str]:
    """The lines of all proposals, those of a kind below a line that says what it is. They come by kind."""
    last: Kind | None = None
    for one in proposals:
        if one.kind is not last:
            yield f"\n# {one.kind}: {MEANING[one.kind]}\n# possible: {_possible(one.kind)}\n"
            last = one.kind
        yield line(one) + "\n"


def _possible(kind: Kind) -> str:
    return ", ".join(POSSIBLE.get(kind, ())) or "nothing"


def head(facts: Mapping[str, str]) -> str:
    """What stands above the lines."""
    lines = "".join(f"{HEAD}{name}\t{quoted(value)}\n" for name, value in facts.items())
    return f"{TITLE}\n{lines}{HELP}"


def record(one: Proposal) -> str:
    """The proposal with all that is known of it, as a line of what is kept beside the catalogue."""
    since = None if one.since is None else one.since.isoformat()
    values: list[Any] = [
        one.number, one.kind, one.endpoint, one.path, one.act, list(one.possible), one.why, one.replica_id,
        one.state, since, one.size, one.adler32, one.other,
    ]  # fmt: skip
    return json.dumps(values, separators=(",", ":")) + "\n"


def recorded(text: str) -> Proposal:
    """The other way round. Raises ValueError."""
    number, kind, endpoint, path, act, may, why, replica, state, since, size, adler32, other = json.loads(
        text
    )
    return Proposal(
        number, Kind(kind), endpoint, path, None if act is None else RepairAct(act),
        tuple(RepairAct(each) for each in may), why, replica, state,
        None if since is None else datetime.fromisoformat(since), size, adler32, other,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ reading
_MARKS = {codecs.BOM_UTF8: "UTF-8 with a mark", codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def no_plan(first: bytes) -> str:
    """Why a text that begins with this line is none."""
    if not first:
        return "the file is empty"
    found = next((name for mark, name in _MARKS.items() if first.startswith(mark)), None)
    if found is not None:
        return f"it is {found} at its beginning; an editor did that: save it as plain UTF-8"
    return f"line 1: this is no plan of 'ddm reconcile plan', which begins with '{TITLE}'"


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is not as it may be; line 0: the text as a whole."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


@dataclass(frozen=True, slots=True)
class Chosen:
    """A proposal that is to be acted upon, and how."""

    proposal: Proposal
    act: RepairAct


def chosen(
    lines: Iterable[bytes], proposals: Iterable[Proposal], facts: Mapping[str, str]
) -> Iterator[Chosen | Fault]:
    """What a person left of a plan, in order, and everything that is wrong with it.

    ``lines``: with their line breaks, without a signature. ``proposals``: by number. ``facts``: of the head.
    """
    walk = _Walk(iter(proposals))
    told: dict[str, str] = {}
    for number, raw in enumerate(lines, 1):
        text = _text(raw)
        if isinstance(text, str) and text.startswith(HEAD):
            text = _head(text, told, facts)
        elif isinstance(text, str) and text.startswith(SIGNATURE):
            text = ValueError("a signature in the middle; only the end may have one")
        if isinstance(text, ValueError):
            yield Fault(number, str(text))
        elif text.strip() and not text.startswith("#"):
            found = walk.take(number, text)
            yield Fault(number, str(found)) if isinstance(found, ValueError) else found
    for name in facts:
        if name not in told:
            yield Fault(0, f"the head has lost its line '{HEAD}{name}'")


def _text(raw: bytes) -> str | ValueError:
    if len(raw) > LONGEST:
        return ValueError(f"longer than {LONGEST} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ValueError("is not UTF-8")
    return text.removesuffix("\n").removesuffix("\r")


def _head(text: str, told: dict[str, str], facts: Mapping[str, str]) -> str | ValueError:
    """ "" if it is a line of the head that is as it was."""
    name, _, value = text.removeprefix(HEAD).partition("\t")
    if name in told:
        return ValueError(f"the head has '{name}' twice")
    told[name] = value
    if name not in facts:
        return ValueError(f"the head had no '{name}'")
    if value != quoted(facts[name]) and name not in INFORMING:
        return ValueError(
            f"'{name}' was {quoted(facts[name])} when the plan was made; it is not to be changed"
        )
    return ""


class _Walk:
    """Goes through the proposals beside the lines: both are by number."""

    def __init__(self, proposals: Iterator[Proposal]) -> None:
        self._proposals = proposals
        self._last = 0
        self._at: dict[int, int] = {}  # where the number stood, of the last one only

    def take(self, line_number: int, text: str) -> Chosen | ValueError:
        fields = text.split("\t")
        if len(fields) not in (6, 7) or not (
            fields[5].isascii() and fields[5].isdecimal() and len(fields[5]) < 19
        ):
            return ValueError(
                "is no line of this plan: ACTION, endpoint, path, size, adler32, number and # comment are "
                "expected, with a tab between each"
            )
        number = int(fields[5])
        if number == self._last:
            return ValueError(f"number {number} stands twice, here and in line {self._at[number]}")
        if number < self._last:
            return ValueError(
                f"number {number} comes after {self._last}: lines keep their order, and stand once"
            )
        one = next((each for each in self._proposals if each.number >= number), None)
        if one is None or one.number != number:
            return ValueError(f"the plan has no number {number}: lines are not added")
        self._last, self._at = number, {number: line_number}
        return _choice(one, fields)


_FIELDS = ("endpoint", "path", "size", "adler32", "number")
_ACTS = {str(act): act for act in RepairAct}


def _choice(one: Proposal, fields: Sequence[str]) -> Chosen | ValueError:
    for name, is_, was in zip(_FIELDS, fields[1:6], _told(one), strict=True):
        if is_ != was:
            return ValueError(f"its {name} was {was}: only the action may be changed")
    if not one.possible:
        return ValueError(f"nothing can be done about it: {one.why}")
    if (act := _ACTS.get(fields[0])) not in one.possible or act is None:
        allowed = ", ".join(one.possible)
        return ValueError(f"{quoted(fields[0])} is no action for {one.kind} here; possible: {allowed}")
    return Chosen(one, act)


# ------------------------------------------------------------------------------------------ signing
@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed what. ``sha256`` is of every byte before it."""

    by: str
    at: datetime
    files: int
    size: int
    sha256: str


def signature(by: str, at: datetime, files: int, size: int, before: Any) -> bytes:
    """What is added to a text of which ``before`` is the sha256 so far: a hash object, not changed."""
    said = f"{SIGNATURE}signed\t{at.isoformat()}\t{quoted(by)}\t{files}\t{size}\n".encode()
    whole = before.copy()
    whole.update(said)
    return said + f"{SIGNATURE}sha256\t{whole.hexdigest()}\n".encode()


def signed(tail: Sequence[bytes], before: Any) -> Signature:
    """The signature, of the last two lines of a text; ``before``: the sha256 of all before these.

    Raises ValueError, saying why, if it is none, or the text is not what was signed.
    """
    whole = before.copy()
    whole.update(tail[0])
    if tail[1] != f"{SIGNATURE}sha256\t{whole.hexdigest()}\n".encode():
        raise ValueError("it was changed after it was signed")
    fields = tail[0].decode().removesuffix("\n").removeprefix(SIGNATURE).split("\t")
    try:
        word, at, by, files, size = fields
        if word != "signed":
            raise ValueError(word)
        return Signature(unquoted(by), datetime.fromisoformat(at), int(files), int(size), whole.hexdigest())
    except ValueError:
        raise ValueError("its signature cannot be read") from None


def has_signature(line_: bytes) -> bool:
    """Whether a line belongs to a signature."""
    return line_.startswith(SIGNATURE.encode())


def sha256() -> Any:
    """A new sum."""
    return hashlib.sha256()

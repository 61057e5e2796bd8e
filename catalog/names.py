"""File names: the one place where they are composed and read.

A name is written as a template, ``mDST-{run}-{slot}-{phast}.root{part}``, which both builds and parses.
The fields and what they may hold are fixed (``FIELDS``); the templates are configuration; site constants
such as ``{eos}`` are given when a template is made. What the templates guarantee:

1. what ``build`` prints, ``parse`` reads back as the same values, and the other way round;
2. a text that could be read in two ways is refused, when built as well as when parsed;
3. a template that nothing could save (two free texts side by side, a slash doubled) is refused when made;
4. no name has an empty, ``.`` or ``..`` component, a space or a control character.

All refusals are ``BadName`` with a sentence. How rule 2 is decided: every field is a regular expression in
which each choice is either taken greedily or lazily. The greedy reading puts each border as late as
possible, the lazy one as early as possible; if both agree there is no third.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NewType

from catalog.errors import BadName

LFN = NewType("LFN", str)
"""Logical file name: absolute, stable, checked by ``check_lfn``."""

MAX_LFN_BYTES = 1024

_CONTROL = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_FORBIDDEN = re.compile(f"[{_CONTROL}]")
_GOOD_LFN = re.compile(rf"(?:/(?!\.{{1,2}}(?:/|\Z))(?! )[^/{_CONTROL}]+(?<! ))+")


def check_lfn(text: str) -> LFN:
    """The text as an LFN. Raises BadName, saying why, if it is not an absolute, plain, printable path."""
    if len(text.encode("utf-8", "replace")) > MAX_LFN_BYTES:
        raise BadName(f"{text[:60]!r}… is longer than {MAX_LFN_BYTES} bytes", subject=text)
    if _GOOD_LFN.fullmatch(text):
        return LFN(text)
    raise BadName(f"{text!r} {_why_no_lfn(text)}", subject=text)


def _why_no_lfn(text: str) -> str:
    components = text.split("/")[1:]
    if not text.startswith("/"):
        return "does not begin with '/'"
    if _FORBIDDEN.search(text):
        return "has a control character, a line break or half a character"
    if text.endswith("/"):
        return "ends with '/': a file has a name"
    if "" in components:
        return "has '//' in it"
    if "." in components or ".." in components:
        return "has '.' or '..' as a component"
    return "has a component that begins or ends with a space"


def join(*parts: str) -> str:
    """Directories and a name (or their templates) as one path, with one slash at each border.

    Empty parts are left out. ``{path}`` brings its own slash. Raises BadName if a part has '//' inside.
    """
    whole = ""
    for part in filter(None, parts):
        if "//" in part:
            raise BadName(f"{part!r} has '//' in it", subject=part)
        if not whole:
            whole = part
        elif whole.endswith(("/", "{path}")):
            whole += part.lstrip("/")
        else:
            whole += "/" + part.lstrip("/")
    return whole


Value = str | int


@dataclass(frozen=True, slots=True)
class Field:
    """What one field may hold.

    In ``pattern`` each ``§`` follows a choice: removed it is greedy, replaced by ``?`` it is lazy.
    ``holds`` matches every character that the field's text may contain.
    """

    says: str
    pattern: str
    holds: str
    number: bool = False
    width: int = 0
    free: bool = False

    def read(self, text: str) -> Value:
        return int(text) if self.number else text

    def write(self, value: Value) -> str:
        return format(value, f"0{self.width}d") if self.width else str(value)


@dataclass(frozen=True, slots=True)
class PartField(Field):
    """``{part}``: nothing for part 0, then ``.001``, ``.002`` … after the extension."""

    def read(self, text: str) -> Value:
        return int(text[1:]) if text else 0

    def write(self, value: Value) -> str:
        return "" if value == 0 else f".{value:03d}"


_FREE = "[A-Za-z0-9_][A-Za-z0-9_.+=@~-]*§"
_FREE_HOLDS = "[A-Za-z0-9_.+=@~-]"
_COUNT = "(?:0|[1-9][0-9]{0,%d}§)"
_WORD = "[A-Za-z][A-Za-z0-9]*§"
_TEXT = "text of letters, digits and _ . + = @ ~ -, beginning with a letter, a digit or _"

FIELDS: Mapping[str, Field] = {
    "run": Field("a run number of 5 or 6 digits", "[1-9][0-9]{4,5}§", "[0-9]", number=True),
    "chunk": Field("text of 5 digits, zeros kept", "[0-9]{5}", "[0-9]"),
    "slot": Field("a number from 0 to 999", _COUNT % 2, "[0-9]", number=True),
    "phast": Field("a number from 0 to 999", _COUNT % 2, "[0-9]", number=True),
    "year": Field("a year of 4 digits", "[12][0-9]{3}", "[0-9]", number=True),
    "period": Field("letters and digits, e.g. P08", _WORD, "[A-Za-z0-9]"),
    "rawperiod": Field("letters and digits, e.g. W14", _WORD, "[A-Za-z0-9]"),
    "tens": Field("text of 2 digits", "[0-9]{2}", "[0-9]"),
    "prod": Field(_TEXT, _FREE, _FREE_HOLDS, free=True),
    "soft": Field(_TEXT, _FREE, _FREE_HOLDS, free=True),
    "path": Field("directories, each followed by a slash, or empty", f"(?:{_FREE}/)*§", _FREE_HOLDS + "|/"),
    "part": PartField(
        "a number from 0 to 9999", r"(?:\.(?!000|0[0-9]{3})[0-9]{3,4}§)?§", r"[.0-9]", number=True
    ),
    "nnn": Field("a number from 0 to 9999", "(?!0[0-9]{3})[0-9]{3,4}§", "[0-9]", number=True, width=3),
    "jobid": Field("a whole number", _COUNT % 17, "[0-9]", number=True),
    "attempt": Field("a number from 0 to 999", _COUNT % 2, "[0-9]", number=True),
}
"""The vocabulary of all templates."""

_SPELLED = {"chunk": "05d", "nnn": "03d"}  # {chunk:05d} is how people write it; it means {chunk}
_PLAIN = {name: re.compile(kind.pattern.replace("§", "")) for name, kind in FIELDS.items()}
_PIECE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([0-9a-z]*))?\}|([^{}]+)|([{}])")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a template: a field, or (``field`` empty) literal text."""

    field: str
    text: str = ""


def _pieces(text: str, constants: Mapping[str, str]) -> list[_Piece]:
    """The template cut up, constants filled in, neighbouring literals joined."""
    pieces: list[_Piece] = []
    for found in _PIECE.finditer(text):
        name, spelled, literal, brace = found.groups()
        if brace:
            raise BadName(f"template {text!r} has a brace that is not part of a field", subject=text)
        if name and name not in FIELDS and name not in constants:
            raise BadName(
                f"template {text!r}: unknown field {{{name}}}; known are {', '.join([*FIELDS, *constants])}",
                subject=text,
            )
        if spelled is not None and (name not in _SPELLED or spelled != _SPELLED[name]):
            raise BadName(f"template {text!r}: {{{name}}} takes no format; write {{{name}}}", subject=text)
        if name in FIELDS:
            pieces.append(_Piece(name))
            continue
        literal = literal if name is None else constants[name]
        before = pieces.pop().text if pieces and not pieces[-1].field else ""
        pieces.append(_Piece("", before + literal))
    return [piece for piece in pieces if piece.field or piece.text]


def _refusals(pieces: list[_Piece]) -> Iterator[str]:
    """Why these pieces make no template that could be read back."""
    if not pieces:
        yield "is empty"
    literals = "".join(piece.text for piece in pieces)
    if re.search(rf"[\s{_CONTROL}]", literals):
        yield "has a space or a control character"
    for piece in pieces:
        if "//" in piece.text:
            yield "has '//' in it"
    may_be_empty = ("path", "part")
    sample = "".join("" if p.field in may_be_empty else "x" if p.field else p.text for p in pieces)
    if {".", ".."} & set(sample.split("/")):
        yield "has '.' or '..' as a component"
    for before, after in zip([_Piece(""), *pieces], [*pieces, _Piece("")], strict=True):
        yield from _border(before, after)
    for component in _components(pieces):
        free = {name for name in component if FIELDS[name].free}
        if len(free) > 1:
            names = " and ".join(f"{{{name}}}" for name in sorted(free))
            yield f"has {names} in one component: both are free text, and nothing says where one ends"


def _border(before: _Piece, after: _Piece) -> Iterator[str]:
    """Why these two neighbours may not stand side by side."""
    if after.field == "path" and before.field:
        yield f"has {{path}} right after {{{before.field}}}"
    if after.field == "path" and before.text and not before.text.endswith("/"):
        yield "has {path} in the middle of a component; put a slash before it"
    if before.field == "path" and after.text.startswith("/"):
        yield "has a slash after {path}, which brings its own"
    begins = before.field == "path" or (not before.field and before.text[-1:] in ("", "/"))
    if after.field == "part" and begins:
        yield "has {part} at the beginning of a component"
    if not before.field or before.field == "path":
        return
    kind = FIELDS[before.field]
    if after.field and after.field != "path":
        if after.field != "part" or re.fullmatch(kind.holds, "."):
            yield f"has {{{before.field}}} and {{{after.field}}} with nothing between them"
    elif after.text and not kind.free and re.fullmatch(kind.holds, after.text[0]):
        yield f"has {{{before.field}}} followed by {after.text[0]!r}, which could belong to it"


def _components(pieces: list[_Piece]) -> list[list[str]]:
    """The fields of each path component."""
    components: list[list[str]] = [[]]
    for piece in pieces:
        if piece.field == "path":
            components.append([])
        elif piece.field:
            components[-1].append(piece.field)
        else:
            components.extend([] for _ in range(piece.text.count("/")))
    return components


def _expression(pieces: list[_Piece], mark: str) -> re.Pattern[str]:
    seen: set[str] = set()
    text = ""
    for piece in pieces:
        if not piece.field:
            text += re.escape(piece.text)
        elif piece.field in seen:
            text += f"(?P={piece.field})"
        else:
            text += f"(?P<{piece.field}>{FIELDS[piece.field].pattern.replace('§', mark)})"
            seen.add(piece.field)
    return re.compile(text)


class Template:
    """A name, or a directory (then it ends with a slash), that can be built and parsed.

    The same field may stand twice (``slot{slot}/evtdump{slot}-…``); both must then hold the same.
    Raises BadName if the template cannot be read back.
    """

    __slots__ = ("_greedy", "_lazy", "_pieces", "_writers", "fields", "text")

    def __init__(self, text: str, constants: Mapping[str, str] | None = None) -> None:
        constants = constants or {}
        for name in FIELDS.keys() & constants.keys():
            raise BadName(f"constant {{{name}}} has the name of a field", subject=name)
        pieces = _pieces(text, constants)
        for why in _refusals(pieces):
            raise BadName(f"template {text!r} {why}", subject=text)
        self.text = text
        self.fields = frozenset(piece.field for piece in pieces if piece.field)
        self._pieces = tuple(piece.field or piece.text for piece in pieces)
        self._writers = {name: _writer(name) for name in self.fields}
        self._greedy = _expression(pieces, "")
        # Where a free text shares a component with another field, its value decides whether a name is
        # ambiguous; elsewhere the refusals above leave one reading only.
        shared = any(len(c) > 1 and any(FIELDS[name].free for name in c) for c in _components(pieces))
        self._lazy = _expression(pieces, "?") if shared else None

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def build(self, **fields: Value) -> str:
        """The name with these values. Fields of the vocabulary that the template lacks are ignored.

        Raises BadName if a field is missing, unknown or not allowed, or if the name would be read back
        with other values.
        """
        if not fields.keys() <= FIELDS.keys():
            unknown = ", ".join(sorted(fields.keys() - FIELDS.keys()))
            raise BadName(f"no such field: {unknown}", subject=self.text)
        text = self._write(fields)
        if self._lazy and self.parse(text) != {name: fields[name] for name in self.fields}:
            raise BadName(f"{text!r} would be read back with other values", subject=text)
        return text

    def lfn(self, **fields: Value) -> LFN:
        """The name with these values, as a checked LFN."""
        return check_lfn(self.build(**fields))

    def parse(self, text: str) -> dict[str, Value]:
        """The values in the name. Raises BadName if it does not fit, or fits in two ways."""
        found = self._greedy.fullmatch(text)
        if not found:
            raise BadName(f"{text!r} is not of the form {self.text!r}", subject=text)
        texts = found.groupdict()
        if self._lazy:
            other = self._lazy.fullmatch(text)
            if not other or other.groupdict() != texts:
                raise BadName(f"{text!r} can be read in two ways as {self.text!r}", subject=text)
        values = {name: FIELDS[name].read(part) for name, part in texts.items()}
        if self._write(values) != text:
            raise BadName(f"{text!r} would be printed differently as {self.text!r}", subject=text)
        return values

    def quick(self, *fields: str) -> Callable[[str], tuple[str, ...] | None]:
        """A function for many names: the texts of two fields or more, or None where ``parse`` says why not.

        It never takes what ``parse`` refuses: every pattern of a field matches only what the field prints.
        """
        match = self._greedy.fullmatch

        def slow(text: str) -> tuple[str, ...] | None:
            try:
                self.parse(text)
            except BadName:
                return None
            return fast(text)

        def fast(text: str) -> tuple[str, ...] | None:
            found = match(text)
            return found.group(*fields) if found else None

        if len(fields) < 2:  # then a match gives no tuple
            raise ValueError("two fields or more")
        return slow if self._lazy else fast

    def _write(self, fields: Mapping[str, Value]) -> str:
        try:
            texts = {name: write(fields[name]) for name, write in self._writers.items()}
        except KeyError as missing:
            raise BadName(f"{self.text!r} needs {missing.args[0]}", subject=self.text) from None
        return "".join([texts.get(piece, piece) for piece in self._pieces])


def _writer(name: str) -> Callable[[Value], str]:
    """The function that prints a value of this field, or raises BadName."""
    kind, allowed = FIELDS[name], _PLAIN[name].fullmatch

    def write(value: Value) -> str:
        good = (
            isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if kind.number
            else isinstance(value, str)
        )
        text = kind.write(value) if good else ""
        if not good or not allowed(text):
            raise BadName(f"{name} must be {kind.says}, not {value!r}", subject=name)
        return text

    return write

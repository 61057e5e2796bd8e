"""The shape of a line of a list: a regular expression of whole lines that are like one that was read.

A program writes every line in the same way. So what stands in a line that the parser of its format took is
kept, letter by letter, but for the values: names, numbers and texts become groups or classes of characters
that need no second thought (no quotes within quotes, no escapes, no spaces where they separate). Of a line
that matches, and whose values are as they ``must`` be, the parser would say what the groups hold; of any
other nothing is known here, and the parser reads it.

Expressions mean the same to Python and to the engine. They have four groups at most, and no character that
may belong to two parts: else the engine takes three times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ddm.reconcile.dumpcsv import PLACES, SUMS, Header
from ddm.reconcile.engine import text


@dataclass(frozen=True, slots=True)
class Shape:
    """``pattern`` of a whole line, with groups ``path``, ``size``, ``sum`` (digits), ``length`` (bytes of the
    path). ``unset``: sums that say that there is none."""

    pattern: str
    unset: tuple[str, ...] = ("",)

    @property
    def groups(self) -> tuple[str, ...]:
        """What the groups are called, in order."""
        return tuple(re.compile(self.pattern).groupindex)

    def must(self, column: Callable[[str], str]) -> str:
        """What else must be true, for the engine; ``column``: where a group is, all empty without a match."""
        path = column("path")
        conditions = [f"(starts_with({path}, '/') OR contains({path}, '://'))", f"NOT ends_with({path}, '/')"]
        if "size" in self.groups:
            size = column("size")
            conditions.append(f"strlen({size}) <= 18 AND ({size} = '0' OR NOT starts_with({size}, '0'))")
        if "sum" in self.groups:
            unset = ", ".join(text(one) for one in self.unset)
            conditions.append(f"(strlen({column('sum')}) = 8 OR {column('sum')} IN ({unset}))")
        if "length" in self.groups:
            conditions.append(f"try_cast({column('length')} AS INTEGER) = strlen({path})")
        return " AND ".join(conditions)


_SIZE, _SUM, _FEW = "(?P<size>[0-9]+)", "(?P<sum>[0-9a-fA-F]*)", "[0-9]{1,18}"


def _shape(line: str, pattern: str, unset: tuple[str, ...] = ("",)) -> Shape | None:
    """The shape, if the line has it itself, and names a file."""
    found = re.fullmatch(pattern, line)
    return Shape(pattern, unset) if found and found.groupdict().get("path") else None


# ------------------------------------------------------------------------------------------------ EOS
_INFO = re.compile("keylength[.]file=[0-9]{1,4} file=")
_KEY = re.compile("[A-Za-z][A-Za-z0-9_.]*")
_ADLER = ("adler", "adler32")
_EOS_UNSET = ("", "0", "none", "00000000")


def eos(line: str) -> Shape | None:
    """Of ``eos find`` and ``eos newfind``, with ``--fileinfo`` or without."""
    info = _INFO.match(line)
    value = "[!-~]" if info else "[!#-~]"  # printable; quotes would need a second thought
    if info:
        begin, rest = "keylength[.]file=(?P<length>[0-9]{1,4}) file=(?P<path>/[^ ]*)", line[info.end() :]
    elif line.startswith('path="'):
        begin, rest = 'path="(?P<path>/[^"]*)"', line[6:].partition('"')[2]
    else:
        begin, rest = "path=" * line.startswith("path=") + "(?P<path>/[^ ]*)", line
    words = [word.partition("=") for word in rest.split(" ")[1:]]
    said = _eos_words(words, value, info is not None)
    return None if said is None else _shape(line, "".join((begin, *said)), _EOS_UNSET)


def _eos_words(words: list[tuple[str, str, str]], value: str, info: bool) -> list[str] | None:
    """The words after the path, each with the space before it."""
    said = {key: text for key, _, text in words}
    kinds, sum_ = (("xstype",), "xs") if info else (("type", "checksumtype"), "checksum")
    if not any(said) or any([key for key, *_ in words].count(one) > 1 for one in ("size", sum_, *kinds)):
        return None
    kind = said.get("xstype") if info else said.get("checksumtype", "adler")
    other = kind == "adler" and "checksumtype" not in said and len(said.get(sum_, "")) > 8 and not info
    found = []
    for key, equals, given in words:
        if not (key or equals):
            found.append(" ")
            continue
        if not (equals and _KEY.fullmatch(key) and re.fullmatch(f"{value}*", given)):
            return None
        if key == "size":
            pattern = _SIZE
        elif key in kinds:
            pattern = re.escape(given)
        elif key == sum_ and other:
            pattern = f"{value}{{9,}}"
        elif key == sum_ and kind in _ADLER:
            pattern = given if given == "none" else _SUM
        else:
            pattern = f"{value}*"
        found.append(f" {re.escape(key)}={pattern}")
    return found


# ----------------------------------------------------------------------------------------------- JSON
_TEXT = r'[^"\\\x00-\x1f]*'
_WHOLE = "(?:0|[1-9][0-9]*)"
_AS_IT_IS = "="
"""The role of a value that decides how others are read."""
Roles = Mapping[tuple[str | int, ...], str]


def cta(line: str) -> Shape | None:
    """Of an object of ``cta-admin --json tapefile ls`` or ``eos --json find``, and what is around it."""
    object_ = line.strip("[], \t")
    found = _loaded(object_)
    if "af" not in found:
        kind = found.get("checksumtype", "adler")
        sum_: Roles = {("checksumvalue",): "sum"} if kind in _ADLER else {}
        roles: Roles = {("path",): "path", ("size",): "size", ("checksumtype",): _AS_IT_IS, **sum_}
        return _of_json(line, object_, roles, r"[\[\], \t]*", ("", "0", "none"))
    archive = found["af"] if isinstance(found["af"], dict) else {}
    sums = archive.get("checksum")
    types = (
        [one.get("type") if isinstance(one, dict) else None for one in sums] if isinstance(sums, list) else []
    )
    roles = {("af", "checksum", n, "type"): _AS_IT_IS for n in range(len(types))}
    roles |= {("af", "size"): "size", ("df", "path"): "path"}
    roles |= {("af", "archiveId"): "number", ("tf", "copyNb"): "number", ("tf", "fSeq"): "number"}
    adler = next((n for n, kind in enumerate(types) if str(kind).upper() == "ADLER32"), None)
    if adler is not None:
        roles[("af", "checksum", adler, "value")] = "sum"
    return _of_json(line, object_, roles, r"[\[\], \t]*", ("", "0"))


def jsonl(line: str) -> Shape | None:
    """Of one JSON object in a line, as ``dumpjson`` reads it."""
    found = _loaded(line)
    columns = {name.lower(): name for name, value in found.items() if value is not None}
    roles: dict[tuple[str | int, ...], str] = {}
    for role, wanted in (("path", PLACES), ("size", ("size",)), ("sum", SUMS)):
        if name := next((columns[one] for one in wanted if one in columns), None):
            roles[(name,)] = role
    return _of_json(line, line, roles, "", ("",))


def _loaded(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _of_json(line: str, object_: str, roles: Roles, edge: str, unset: tuple[str, ...]) -> Shape | None:
    found = _loaded(object_)
    for between in ((",", ":"), (", ", ": ")):
        if json.dumps(found, separators=between, ensure_ascii=False) == object_:
            return _shape(line, edge + _value(found, (), roles, between) + edge, unset)
    return None


def _value(value: Any, at: tuple[str | int, ...], roles: Roles, between: tuple[str, str]) -> str:
    """A value of JSON, as a pattern: keys as they are."""
    match value:
        case dict():
            inner = (
                f"{_escaped(key)}{between[1]}{_value(one, (*at, key), roles, between)}"
                for key, one in value.items()
            )
            return rf"\{{{between[0].join(inner)}\}}"
        case list():
            inner = (_value(one, (*at, n), roles, between) for n, one in enumerate(value))
            return rf"\[{between[0].join(inner)}\]"
        case _:
            return _plain(value, roles.get(at, ""))


def _plain(value: Any, role: str) -> str:
    match value, role:
        case str(), "sum":
            prefix = value[: -len(value.lower().removeprefix("adler32:"))]
            return f'"{prefix}{_SUM}"'
        case str(), "path":
            return f'"(?P<path>{_TEXT})"'
        case str(), "size" | "number":
            return f'"{_SIZE if role == "size" else _FEW}"'
        case str(), "":
            return f'"{_TEXT}"'
        case bool() | None, _:
            return _escaped(value)
        case int(), "size":
            return f"(?P<size>{_WHOLE})"
        case int(), "number":
            return "(?:0|[1-9][0-9]{0,17})"
        case int(), "":
            return f"-?{_WHOLE}"
        case float(), "" if re.fullmatch("-?[0-9]+[.][0-9]+", repr(value)):
            return f"-?{_WHOLE}[.][0-9]+"
    return _escaped(value)


def _escaped(value: Any) -> str:
    return re.escape(json.dumps(value, ensure_ascii=False))


# ------------------------------------------------------------------------------------------------ CSV
def csv(header: Header) -> Callable[[str], Shape | None]:
    """Of a line of CSV under this header: the same fields are within quotes, none of them doubled."""
    roles = {header.column(PLACES): "path", header.column(("size",)): "size", header.column(SUMS): "sum"}
    bare = f'[^"{header.delimiter}]*'
    field = re.compile(f'"[^"]*"|{bare}')

    def of(line: str) -> Shape | None:
        fields, place = [], 0
        for column in range(len(header.names)):
            found = field.match(line, place)
            assert found  # of nothing, if of nothing else
            quote = '"' * found[0].startswith('"')
            chars = '[^"]*' if quote else bare
            by_role = {"path": f"(?P<path>{chars})", "size": _SIZE, "sum": _SUM}
            fields.append(f"{quote}{by_role.get(roles.get(column, ''), chars)}{quote}")
            place = found.end() + len(header.delimiter)
        return _shape(line, header.delimiter.join(fields))

    return of

"""The configuration: one TOML file and ``DDM_*`` variables, read once, into frozen ``Settings``.

Where the file is: the path given, else ``DDM_CONFIG``, else the nearest ``ddm.toml`` in the working
directory or one of its parents. Relative paths, relative SQLite URLs and ``{here}`` are about the directory
of the file.

Variables win over the file. ``DDM_CATALOG`` is the catalogue's URL; ``DDM_FLOW__BATCH`` sets ``batch`` of
``[flow]``, ``DDM_ENDPOINT__CTA__STAGE_BUDGET`` sets ``stage_budget`` of ``[endpoint.cta]`` (names are
compared without case, ``-`` and ``.`` written ``_``), and one more ``__NAME`` sets one of its options.
A variable without a double underscore, other than these two, is not ours and not read.

Every refusal is one ConfigError: the file or variable, the section, the key, and what was expected.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from catalog.months import Span
from catalog.months import parse as parse_span
from catalog.pressure import Mark, parse_mark
from ddm.configcheck import problems
from ddm.errors import ConfigError, ConfigMissing
from ddm.settings import (
    CredentialSettings,
    EndpointSettings,
    EventSettings,
    EventSourceSettings,
    FlowSettings,
    LimitSettings,
    PlacementSettings,
    ProductSettings,
    RecallSettings,
    ReconcileSettings,
    ReleaseSettings,
    RunnerSettings,
    Settings,
    TaskSettings,
)
from ddm.units import parse_duration, parse_size

FILE_NAME = "ddm.toml"
NAMED: Mapping[str, tuple[str, type[Any]]] = {
    "endpoint": ("endpoints", EndpointSettings),
    "credential": ("credentials", CredentialSettings),
    "product": ("products", ProductSettings),
    "task": ("tasks", TaskSettings),
    "runner": ("runners", RunnerSettings),
    "event_source": ("event_sources", EventSourceSettings),
}
"""The sections with a table per name: the field of Settings, and what one table holds."""

TABLES: Mapping[str, type[Any]] = {
    "flow": FlowSettings,
    "limits": LimitSettings,
    "placement": PlacementSettings,
    "recall": RecallSettings,
    "release": ReleaseSettings,
    "reconcile": ReconcileSettings,
    "events": EventSettings,
}
"""The sections of one table each."""

_PARSED: Mapping[Any, Callable[[object], Any]] = {
    timedelta: parse_duration,
    Span: parse_span,
    Mark: parse_mark,
}
"""Types that are written as text of their own."""

_TOP = ("catalog", "names", *NAMED, *TABLES)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)(.+)", re.DOTALL)
_LARGEST = 2**31 - 1


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this file (None: look for it) and these variables (None: the process's own).

    Raises ConfigError.
    """
    environ = os.environ if environ is None else environ
    path = path or find(Path.cwd(), environ)
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", subject=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text", subject=str(path)) from None
    return loads(text, path, environ)


def loads(text: str, path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of this text, as if it stood in the file ``path``. Raises ConfigError."""
    path = Path(os.path.abspath(path))
    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}", subject=str(path)) from None
    return from_tree(tree, path, environ)


def from_tree(tree: dict[str, Any], path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of this TOML document, already parsed; it is changed. Raises ConfigError."""
    tree.setdefault("runner", {"local": {}})
    reader = _Reader(path)
    reader.overlay(tree, environ)
    settings = reader.settings(tree)
    for place, why in problems(settings):
        raise reader.error(place, why)
    return settings


def find(start: Path, environ: Mapping[str, str]) -> Path:
    """The file that ``DDM_CONFIG`` names, or the nearest ddm.toml from ``start`` upwards.

    Raises ConfigMissing if there is none.
    """
    if named := environ.get("DDM_CONFIG"):
        return start / named
    for directory in (start, *start.parents):
        if (directory / FILE_NAME).is_file():
            return directory / FILE_NAME
    raise ConfigMissing(f"no {FILE_NAME} in {start} or above it", subject=str(start))


def keys(cls: type[Any]) -> Mapping[str, tuple[Field[Any], Any]]:
    """The settings of one table, with field and type; its own name is not among them."""
    hints = get_type_hints(cls)
    return {item.name: (item, hints[item.name]) for item in fields(cls) if "doc" in item.metadata}


@dataclass(frozen=True, slots=True)
class _Override:
    """A value from a variable; it remembers which."""

    text: str
    variable: str


class _Reader:
    """Turns the tree of one file into values; ``place`` is the way to a value, e.g. (endpoint, cta, kind)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.here = path.parent
        self.origin: dict[tuple[str, ...], str] = {}

    def error(self, place: tuple[str, ...], why: str) -> ConfigError:
        depth = 2 if place[0] in NAMED else 1
        where = place[0]
        if place[0] in (*NAMED, "names", *TABLES):
            where = f"[{'.'.join(place[:depth])}] {'.'.join(place[depth:])}".strip()
        variable = self.origin.get(place)
        source = f"{variable}, {where}" if variable else f"{self.path}: {where}"
        return ConfigError(" ".join(f"{source}: {why}".split()), subject=variable or str(self.path))

    def settings(self, tree: Mapping[str, Any]) -> Settings:
        self._known((), tree, _TOP, "section")
        top = keys(Settings)
        named = {
            plural: self._named(section, cls, tree.get(section, {}))
            for section, (plural, cls) in NAMED.items()
        }
        single = {name: self._table((name,), cls, tree.get(name, {})) for name, cls in TABLES.items()}
        rest: dict[str, Any] = {**named, **single}
        return Settings(
            root=self.here,
            catalog=self._catalog(self._value(("catalog",), *top["catalog"], tree.get("catalog", MISSING))),
            names=self._value(("names",), *top["names"], tree.get("names", MISSING)),
            **rest,
        )

    def _named(self, section: str, cls: type[Any], tables: Any) -> dict[str, Any]:
        found = {}
        for name, table in self._mapping((section,), tables).items():
            if not _NAME.fullmatch(name):
                raise self.error((section, name), "a name is letters, digits and _ . -")
            found[name] = self._table((section, name), cls, table)
        return found

    def _table(self, place: tuple[str, ...], cls: type[Any], table: Any) -> Any:
        table = self._mapping(place, table)
        known = keys(cls)
        self._known(place, table, known, "key")
        values = {
            key: self._value((*place, key), item, hint, table.get(key, MISSING))
            for key, (item, hint) in known.items()
        }
        return cls(**values, **({"name": place[1]} if len(place) == 2 else {}))

    def _mapping(self, place: tuple[str, ...], value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        header = ".".join(place) + (".NAME" if place[0] in NAMED and len(place) == 1 else "")
        raise self.error(place, f"expected a table [{header}], not {_shown(value)}")

    def _known(
        self, place: tuple[str, ...], table: Mapping[str, Any], known: Iterable[str], what: str
    ) -> None:
        for key in table:
            if key not in known:
                raise self.error((*place, key), f"unknown {what}{_nearest(key, known)}")

    def _value(self, place: tuple[str, ...], item: Field[Any], hint: Any, value: Any) -> Any:
        if value is MISSING:
            factory: Any = item.default_factory
            if factory is not MISSING:
                return factory()
            if item.default is MISSING:
                raise self.error(place, f"is missing: {item.metadata['doc']}")
            return self.here / item.default if isinstance(item.default, Path) else item.default
        try:
            return self._convert(value, hint, item.metadata.get("unit", ""))
        except ValueError as error:
            shown = value.text if isinstance(value, _Override) else value
            raise self.error(place, f"{error}, not {_shown(shown)}") from None

    def _convert(self, value: Any, hint: Any, unit: str) -> Any:
        """The value as the type says, or ValueError with what was expected."""
        if isinstance(value, _Override):
            value = value.text
        arms = [arm for arm in get_args(hint) if arm is not NoneType]
        if get_origin(hint) is tuple:
            return tuple(map(self._text, _words(value)))
        if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
            return self._strings(value)
        return self._scalar(value, arms[0] if arms else hint, unit)

    def _scalar(self, value: Any, hint: Any, unit: str) -> Any:
        if hint in _PARSED:
            return _PARSED[hint](value)
        if hint is int:
            return _quantity(parse_size(value) if unit == "bytes" else _integer(value), unit)
        if hint is bool:
            return _truth(value)
        text = self._text(value)
        if hint is Path:
            return self.here / text
        if issubclass(hint, StrEnum) and text not in set(hint):
            raise ValueError(f"expected {' or '.join(repr(str(choice)) for choice in hint)}")
        return hint(text)

    def _text(self, value: Any) -> str:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError("expected text in quotes")
        return value.replace("{here}", str(self.here))

    def _strings(self, value: Any) -> dict[str, str]:
        """A table of texts. Numbers and true/false are taken as they are written."""
        if not isinstance(value, Mapping):
            raise ValueError('expected a table such as { name = "text" }')
        found = {}
        for key, item in value.items():
            item = item.text if isinstance(item, _Override) else item
            if isinstance(item, bool):
                item = str(item).lower()
            found[key] = self._text(str(item) if isinstance(item, int | float) else item)
        return found

    def _catalog(self, url: str) -> str:
        found = _SQLITE.fullmatch(url)
        return f"{found[1]}{self.here / found[2]}" if found else url

    def overlay(self, tree: dict[str, Any], environ: Mapping[str, str]) -> None:
        """Put the variables into the tree. Raises ConfigError for a variable that fits nowhere."""
        for variable, place in _variables(environ):
            table: Any = tree
            way: list[str] = []
            for depth, part in enumerate(place[:-1]):
                known = [str(key) for key in table] if depth == 1 else None
                way.append(self._spelled(variable, part, table, known if place[0] in NAMED else None))
                table = table.setdefault(way[-1], {})
                if not isinstance(table, dict):
                    raise ConfigError(f"{variable}: [{'.'.join(way)}] is not a table", subject=variable)
            way.append(self._spelled(variable, place[-1], table, None))
            table[way[-1]] = _Override(environ[variable], variable)
            self.origin[tuple(way)] = variable

    def _spelled(self, variable: str, part: str, table: Mapping[str, Any], must: list[str] | None) -> str:
        """The key of the table that the part of the variable means; in lower case if there is none yet."""
        found = [key for key in table if re.sub(r"\W", "_", key).lower() == part]
        if len(found) > 1 or (must is not None and not found):
            why = (
                f"means {' or '.join(found)}"
                if found
                else f"there is no '{part}'{_nearest(part, must or [])}"
            )
            raise ConfigError(f"{variable}: {why} in {self.path}", subject=variable)
        return found[0] if found else part


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables that are settings, in order, each with the place it names in lower case."""
    for variable in sorted(environ):
        place = tuple(variable.removeprefix("DDM_").lower().split("__"))
        if variable == "DDM_CATALOG" or (variable.startswith("DDM_") and len(place) > 1):
            longest = 4 if place[0] in NAMED else 2
            shortest = 3 if place[0] in NAMED else 1
            if place[0] not in _TOP or "" in place or not shortest <= len(place) <= longest:
                raise ConfigError(
                    f"{variable}: expected DDM_SECTION__KEY or DDM_SECTION__NAME__KEY with a section of "
                    f"{', '.join(_TOP)}",
                    subject=variable,
                )
            yield variable, place


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(known)}"


def _words(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError:
            raise ValueError("expected words as in a shell, with every quotation closed") from None
    if isinstance(value, list):
        return value
    raise ValueError('expected a list such as ["a", "b"]')


def _integer(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise ValueError("expected a whole number, 0 or more")
    return value


def _quantity(value: int, unit: str) -> int:
    if unit and value < 1:
        raise ValueError(f"expected at least 1 ({unit})")
    return value


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "1", "false", "no", "0"):
        return value.lower() in ("true", "yes", "1")
    raise ValueError("expected true or false")


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits cannot be printed
        text = "this"
    return text if len(text) <= 60 else text[:57] + "…"

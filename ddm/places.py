"""Where files are, as people type it: a URL, ``endpoint:/path`` of ddm.toml, or a local path."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from catalog.errors import BadInput
from catalog.papers import Backends
from ddm.errors import ConfigMissing
from ddm.settings import Settings
from ddm.storages import Guards, open_endpoint, open_guards
from transfers.ports import Storage
from transfers.prefixes import BACKENDS, is_url
from transfers.registry import Doors
from transfers.staging import Means

_AT = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*):(/.*)", re.DOTALL)

FILE = "file://"

PARALLEL: Mapping[str, str] = {"xrootd": "copies", "posix": "threads"}
"""Which option of a backend says how many files it moves at a time."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory. ``word``: as it was typed; ``url`` ends with a slash only if the word did."""

    word: str
    url: str

    @property
    def local(self) -> Path | None:
        """The path on this machine; None: at a storage."""
        return Path(self.url.removeprefix(FILE)) if self.url.startswith(FILE) else None

    @property
    def name(self) -> str:
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def is_directory(self) -> bool:
        """The word says that it is one, or it is one on this machine."""
        return self.url.endswith("/") or (self.local is not None and self.local.is_dir())

    def child(self, name: str) -> Place:
        """What is called so in the directory."""
        return Place(f"{self.word.removesuffix('/')}/{name}", f"{self.url.removesuffix('/')}/{name}")


class Places:
    """How words become places, and places storages. ``settings``: those of ddm.toml, if there is one.

    ``parallel``: files at a time, where the backend can be told.
    """

    def __init__(self, settings: Settings | None, means: Means, parallel: int | None = None) -> None:
        self._endpoints = settings.endpoints if settings else {}
        guessed = {name: _parallel(name, {}, parallel) for name in PARALLEL}
        backends = {
            entry.prefix: (entry.backend, _parallel(entry.backend, entry.options, parallel))
            for entry in self._endpoints.values()
        }
        self.doors: Doors = _Doors(settings, means, backends, guessed)
        self.means = replace(means, doors=self.doors)

    def of(self, word: str) -> Place:
        """The place that the word means. Raises BadInput for an endpoint or scheme that nobody knows."""
        if not word:
            raise BadInput("an empty name; expected a URL, ENDPOINT:/PATH or a path")
        if word == "-":
            raise BadInput(
                "nothing is read from or written to a pipe; a file of this name is ./-", subject=word
            )
        if is_url(word):
            return self._url(word)
        if found := _AT.fullmatch(word):
            if found[1] in self._endpoints:
                prefix = self._endpoints[found[1]].prefix
                return Place(
                    word, (prefix.removesuffix("/") if prefix.startswith(FILE) else prefix) + found[2]
                )
            if not os.path.lexists(word):
                raise self._stranger(found[1], word)
        path = os.path.abspath(word)
        slash = "/" if word.endswith("/") and path != "/" else ""
        return Place(word, f"{FILE}{path}{slash}")

    def _url(self, word: str) -> Place:
        scheme = word.partition(":")[0]
        known = {entry.prefix.partition(":")[0] for entry in self._endpoints.values()}
        if scheme not in BACKENDS and scheme not in known:
            raise BadInput(f"no backend for {scheme}://; known: {', '.join(BACKENDS)}", subject=word)
        try:
            _ = urlsplit(word).port
        except ValueError as error:
            raise BadInput(f"not a URL: {error}", subject=word) from None
        return Place(word, word)

    def _stranger(self, name: str, word: str) -> BadInput:
        known = ", ".join(sorted(self._endpoints))
        text = f"no endpoint '{name}' in ddm.toml; known: {known}" if known else "there is no ddm.toml here"
        return BadInput(text, subject=word, advice="" if known else ConfigMissing.advice)


class _Doors(Doors):
    """Endpoints of the settings with all that guards them; other storages with retries of blips."""

    def __init__(
        self,
        settings: Settings | None,
        means: Means,
        backends: Backends,
        guessed: Mapping[str, Mapping[str, str]],
    ) -> None:
        super().__init__(backends, means.clock, guess=True, guessed=guessed, around=means.patient)
        self._settings, self._clock_ = settings, means.clock
        self._chance = random.Random()
        self._guards: Guards | None = None

    def open_at(self, prefix: str, backend: str, options: Mapping[str, str]) -> Storage:
        found = [e for e in self._settings.endpoints.values() if e.prefix == prefix] if self._settings else []
        if not found or self._settings is None:
            return super().open_at(prefix, backend, options)
        self._guards = self._guards or open_guards(self._settings, self._clock_, self._chance)
        endpoint = replace(found[0], options=options)
        return open_endpoint(endpoint, self._settings, self._clock_, self._chance, self._guards)


def _parallel(backend: str, options: Mapping[str, str], parallel: int | None) -> Mapping[str, str]:
    """The options, with so many files at a time if that is said and the backend knows it."""
    if parallel and backend in PARALLEL:
        return {**options, PARALLEL[backend]: str(parallel)}
    return options

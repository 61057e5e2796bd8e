"""Which storage backends and stagers there are, and how to open one: entry points, loaded on first use.

A backend is an entry point of the group ``transfers.backends`` that names a function

    open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage

and a stager (for an endpoint whose recalls go another way than its bytes) one of ``transfers.stagers``:

    open_stager(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Stager

and a transferrer (for one whose copies are made by a service) one of ``transfers.transferrers``:

    open_transferrer(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Transferrer

Any distribution may bring one. Two distributions that bring the same name are an error, never a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from catalog.clock import Clock
from transfers.errors import Unsupported
from transfers.ports import Stager, Storage, Transferrer
from transfers.prefixes import guess

GROUP = "transfers.backends"
STAGERS = "transfers.stagers"
TRANSFERRERS = "transfers.transferrers"

EXTRAS = {"XRootD": "xrootd", "httpx": "taperest", "fts3": "fts"}
"""Optional packages by the module they bring: which extra of ddm installs them."""

ELSEWHERE = {"gfal2": "run: python -m transfers.backends.gfal2.link (docs/howto/gfal2.md says more)"}
"""Optional modules that no package index has ready to use: what brings them, or says what is missing."""


@dataclass(frozen=True, slots=True)
class Found:
    """A backend for ``ddm doctor``: who brings it, and why it cannot be used (``problem``, "" if it can)."""

    name: str
    distribution: str
    problem: str = ""


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "?"


def _entries(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points by name; one distribution found twice on the path counts once."""
    found: dict[str, dict[tuple[str, str], EntryPoint]] = {}
    for entry in entry_points(group=group):
        found.setdefault(entry.name, {}).setdefault((_distribution(entry), entry.value), entry)
    return {name: list(entries.values()) for name, entries in sorted(found.items())}


def _load(name: str, entries: list[EntryPoint]) -> Callable[..., object]:
    if len(entries) > 1:
        who = " and ".join(sorted(f"{_distribution(entry)} ({entry.value})" for entry in entries))
        raise Unsupported(
            f"storage backend {name!r} is brought by {who}: uninstall one of them", subject=name
        )
    try:
        return cast(Callable[..., object], entries[0].load())
    except ModuleNotFoundError as error:
        raise Unsupported(_missing(name, error.name or ""), subject=name) from None
    except (ImportError, AttributeError) as error:
        raise Unsupported(f"storage backend {name!r} cannot be loaded: {error}", subject=name) from None


def _missing(name: str, module: str) -> str:
    top = module.partition(".")[0]
    advice = ELSEWHERE.get(top, "install the package that brings it")
    if top in EXTRAS:
        advice = f"run: pip install 'ddm[{EXTRAS[top]}]'"
    return f"storage backend {name!r} needs the Python module {module!r}, which is not installed; {advice}"


def open_storage(backend: str, prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint at ``prefix``, through the backend of this name.

    Raises Unsupported, in one sentence that says what to do: unknown backend, name clash, missing package,
    or whatever the backend has against the prefix and the options.
    """
    return cast(Storage, _opener(GROUP, "storage backend", backend)(prefix, clock=clock, options=options))


def open_stager(name: str, prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Stager:
    """Recalls at ``prefix`` by the stager of this name. Raises Unsupported, as ``open_storage`` does."""
    return cast(Stager, _opener(STAGERS, "stager", name)(prefix, clock=clock, options=options))


def open_transferrer(name: str, prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Transferrer:
    """Copies to ``prefix`` by the service of this name. Raises Unsupported, as ``open_storage`` does."""
    opener = _opener(TRANSFERRERS, "transfer service", name)
    return cast(Transferrer, opener(prefix, clock=clock, options=options))


def _opener(group: str, what: str, name: str) -> Callable[..., object]:
    known = _entries(group)
    if name not in known:
        names = ", ".join(known) or "none: is ddm installed? run: pip install ."
        raise Unsupported(f"unknown {what} {name!r}; known: {names}", subject=name)
    return _load(name, known[name])


def found(group: str = GROUP) -> list[Found]:
    """Every backend (or, of the group ``STAGERS``, stager) by name, loaded to see whether it can be."""
    backends = []
    for name, entries in _entries(group).items():
        problem = ""
        try:
            _load(name, entries)
        except Unsupported as error:
            problem = str(error)
        backends.append(Found(name, ", ".join(sorted({_distribution(e) for e in entries})), problem))
    return backends


class Doors:
    """How a worker node reaches storage: URL prefix to (backend, options), as a manifest carries it.

    Backends are opened on first use, once each, with ``around(prefix, storage)`` put around. ``guess``: a
    URL that no prefix fits is opened by its scheme, at the root of its server, with the options of its
    backend in ``guessed``.
    """

    def __init__(
        self,
        backends: Mapping[str, tuple[str, Mapping[str, str]]],
        clock: Clock,
        *,
        guess: bool = False,
        guessed: Mapping[str, Mapping[str, str]] | None = None,
        around: Callable[[str, Storage], Storage] = lambda prefix, storage: storage,
    ) -> None:
        self._backends = dict(backends)
        self._clock = clock
        self._guess = guess
        self._guessed = guessed or {}
        self._around = around
        self._open: dict[str, Storage] = {}

    def locate(self, url: str) -> tuple[Storage, str]:
        """The storage that a URL belongs to, by its longest prefix, and the path there.

        Raises Unsupported when no prefix fits; ``file:///data`` does not fit ``file:///database/x``.
        """
        prefix = max((prefix for prefix in self._backends if _fits(prefix, url)), key=len, default=None)
        if prefix is None and self._guess and (found := guess(url)):
            prefix, backend = found
            self._backends[prefix] = (backend, self._guessed.get(backend, {}))
        if prefix is None:
            known = ", ".join(sorted(self._backends)) or "none"
            if url.startswith("/"):
                known += f"; a path of this machine is file://{url}"
            raise Unsupported(f"no storage endpoint holds {url}; known prefixes: {known}", subject=url)
        if prefix not in self._open:
            self._open[prefix] = self.open_at(prefix, *self._backends[prefix])
        return self._open[prefix], "/" + url[len(prefix) :].removeprefix("/")

    def open_at(self, prefix: str, backend: str, options: Mapping[str, str]) -> Storage:
        """The storage at a prefix, newly opened."""
        storage = open_storage(backend, prefix, clock=self._clock, options=options)
        return self._around(prefix, storage)


def _fits(prefix: str, url: str) -> bool:
    rest = url.removeprefix(prefix)
    return url.startswith(prefix) and rest != "" and (prefix.endswith("/") or rest.startswith("/"))

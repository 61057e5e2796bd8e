"""Storages in directories for the tests of staging: some good, some that fail as they are told."""

from __future__ import annotations

from pathlib import Path

from catalog.checksum import Adler32, adler32
from catalog.clock import SimulatedClock
from transfers.backends.posix import PosixStorage
from transfers.errors import StorageError, Unsupported, failed
from transfers.manifest import Incoming, Outgoing, Source
from transfers.model import Outcome
from transfers.ports import Storage
from transfers.staging import Means
from transfers.wrappers import wrapped


class Stores:
    """``site://NAME/path`` is a file in the directory NAME; ``troubles``: what a store says instead.

    A trouble is an error class: each file of the call fails so. Wrapped in a list: the whole call does.
    An Outcome or ``...`` (the file is left out of the answer) is said after it was done all the same.
    """

    def __init__(self, root: Path, *names: str) -> None:
        self.root = root
        self.calls: list[tuple[str, str, int]] = []
        self.troubles: dict[str, object] = {}
        self._open: dict[str, Storage] = {}
        for name in names:
            (root / name).mkdir(parents=True)

    def locate(self, url: str) -> tuple[Storage, str]:
        name, _, path = url.removeprefix("site://").partition("/")
        if not (self.root / name).is_dir():
            raise Unsupported(f"no storage endpoint holds {url}")
        if name not in self._open:
            self._open[name] = self._store(name)
        return self._open[name], f"/{path}"

    def _store(self, name: str) -> Storage:
        def around(verb, files, call):
            self.calls.append((name, verb, files))
            trouble = self.troubles.get(name) if verb in ("copy", "fetch") else None
            match trouble:
                case None:
                    return call()
                case [error]:
                    raise error(f"{name}: the call failed (told to)")
                case type():
                    return dict.fromkeys(call(), failed(trouble, f"{name}: told to"))
            done = call()
            return {} if trouble is ... else dict.fromkeys(done, trouble)

        # a store that is told to fail must not have done it: look before
        inner = PosixStorage(self.root / name, threads=1)
        return wrapped(_Refusing(self, name, inner).storage(), around)

    def put(self, name: str, path: str, data: bytes) -> None:
        file = self.root / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def files(self, name: str) -> dict[str, bytes]:
        root = self.root / name
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


class _Refusing:
    """A store that does nothing while it is told to fail by an error class."""

    def __init__(self, stores: Stores, name: str, inner: PosixStorage) -> None:
        self._stores, self._name, self._inner = stores, name, inner

    def storage(self) -> Storage:
        inner = self._inner.storage()
        return Storage(inner.capabilities, inner.prober, self, inner.remover, lister=inner.lister)

    def copy(self, orders, watch) -> dict[str, Outcome]:
        if isinstance(self._stores.troubles.get(self._name), type):
            return {order.path: failed(StorageError, "") for order in orders}
        return dict(self._inner.copy(orders, watch))

    def fetch(self, orders, watch) -> dict[str, Outcome]:
        if isinstance(self._stores.troubles.get(self._name), type):
            return {order.destination: failed(StorageError, "") for order in orders}
        return dict(self._inner.fetch(orders, watch))


def means(stores: Stores, **more) -> Means:
    return Means(clock=SimulatedClock(), chance=lambda: 0.5, doors=stores, **more)  # type: ignore[arg-type]


def checksum(data: bytes) -> Adler32:
    return adler32([data])


def incoming(name: str, data: bytes | None, *places: str, **source) -> Incoming:
    sources = tuple(
        Source(f"site://{place}/{name}", distance=number, **source) for number, place in enumerate(places)
    )
    size, adler = (None, None) if data is None else (len(data), checksum(data))
    return Incoming(f"/x/{name}", name, sources, size, adler)


def outgoing(name: str, *places: str, data: bytes | None = None, **more) -> Outgoing:
    size, adler = (None, None) if data is None else (len(data), checksum(data))
    return Outgoing(
        f"/x/{name}", name, tuple(f"site://{place}/{name}" for place in places), size, adler, **more
    )

"""Is everything here that ddm needs? Looks, and changes nothing (a simulated tape library makes itself).

What it says of credentials and endpoints is in ``ddm.checkup``.

Every finding is one line: what was looked at, whether it is good, and what to do if it is not. Optional
things that nobody asked for may be absent; what the configuration asks for may not.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from catalog import Catalog
from catalog.checksum import library
from catalog.clock import Clock
from catalog.errors import BadInput, ExitCode, SchemaOutOfDate
from ddm.checkup import (
    Finding,
    Health,
    bad,
    look,
    look_at_credentials,
    look_at_endpoints,
    without_secrets,
)
from ddm.config import find, load
from ddm.errors import ConfigError, ConfigMissing
from ddm.settings import Settings

OLDEST_PYTHON = (3, 11)
PACKAGES = (
    ("XRootD", "xrootd", "XRootD storage"),
    ("uproot", "root", "ROOT files: merging and counting"),
    ("httpx", "taperest", "recalls by the WLCG Tape REST API"),
    ("gfal2", "gfal2", "storage and recalls by gfal2"),
    ("fts3", "fts", "recalls and copies by FTS"),
    ("psycopg", "postgresql", "a catalogue in PostgreSQL"),
    ("pymysql", "mysql", "coming from ProdSys"),
    ("pyarrow", "parquet", "tables in Parquet"),
    ("h5py", "hdf5", "HDF5 files"),
    ("httpx", "rucio", "comparing with Rucio by its REST interface"),
    ("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd", "zstd", "lists in zstd"),
)
"""Optional packages: module, the extra of ddm that installs it, what it is for."""

GROUPS = {
    "transfers.backends": "backend",
    "transfers.stagers": "stager",
    "transfers.transferrers": "transfer service",
    "merging.formats": "format",
    "merging.counters": "counter",
    "ddm.runners": "runner",
    "ddm.event_sources": "event source",
}
"""Entry-point groups, and what one entry is called."""


def examine(
    config: Path | None,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    endpoints: Sequence[str] = (),
    write: bool = False,
) -> Iterator[Finding]:
    """Every finding, in the order in which a person would repair them.

    ``endpoints``: only these are asked, all if it is empty; raises BadInput for one that there is not.
    ``write``: try also whether files may be written there.
    """
    hidden: set[str] = set()
    for finding in _examine(config, environ, clock, endpoints, write, hidden):
        yield without_secrets(finding, hidden)


def _examine(
    config: Path | None,
    environ: Mapping[str, str],
    clock: Clock,
    endpoints: Sequence[str],
    write: bool,
    hidden: set[str],
) -> Iterator[Finding]:
    yield _python()
    yield _checksums()
    yield from map(_package, *zip(*PACKAGES, strict=True))
    plugins = {group: list(_plugins(group)) for group in GROUPS}
    for findings in plugins.values():
        yield from findings
    try:
        path = config or find(Path.cwd(), environ)
        settings = load(path, environ)
    except ConfigMissing as error:
        yield Finding("configuration", Health.ABSENT, f"{error}; {error.advice}")
        return
    except ConfigError as error:
        yield bad("configuration", error)
        return
    names = _chosen(settings, endpoints)
    yield Finding("configuration", Health.GOOD, str(path))
    yield from _asked_for(
        settings, {finding.what: finding for group in plugins.values() for finding in group}
    )
    yield look("catalogue", partial(_catalogue, settings))
    yield from look_at_credentials(settings, environ, clock, hidden)
    yield from look_at_endpoints(settings, names, environ, clock, write=write)


def _chosen(settings: Settings, names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in settings.endpoints:
            known = ", ".join(sorted(settings.endpoints)) or "none"
            raise BadInput(f"no endpoint '{name}' in ddm.toml; known: {known}", subject="--endpoint")
    return [name for name in settings.endpoints if not names or name in names]


def _python() -> Finding:
    good = sys.version_info >= OLDEST_PYTHON
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Finding(
        "python",
        Health.GOOD if good else Health.BAD,
        platform.python_version() if good else f"{platform.python_version()}; ddm needs {wanted} or later",
        ExitCode.DONE if good else ExitCode.FAILED,
    )


def _checksums() -> Finding:
    if library() == "zlib":
        text = "by zlib, right but several times slower: pip install zlib-ng, if this machine has it"
        return Finding("adler32", Health.ABSENT, text)
    return Finding("adler32", Health.GOOD, f"by {library()}")


def _package(module: str, extra: str, purpose: str) -> Finding:
    try:
        there = find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        there = False
    if there:
        return Finding(f"package {module}", Health.GOOD, f"for {purpose}")
    return Finding(f"package {module}", Health.ABSENT, f"for {purpose}: pip install 'ddm[{extra}]'")


def _plugins(group: str) -> Iterator[Finding]:
    """Every entry of the group, loaded to see whether it can be."""
    found: dict[str, set[EntryPoint]] = {}
    for entry in entry_points(group=group):
        found.setdefault(entry.name, set()).add(entry)
    for name, entries in sorted(found.items()):
        yield _plugin(f"{GROUPS[group]} {name}", sorted(entries))


def _plugin(what: str, entries: list[EntryPoint]) -> Finding:
    if len(entries) > 1:
        who = " and ".join(entry.value for entry in entries)
        return Finding(what, Health.BAD, f"is brought twice: {who}; uninstall one", ExitCode.FAILED)
    try:
        entries[0].load()
    except ModuleNotFoundError as error:
        wanted = (error.name or "").partition(".")[0]
        extra = next((extra for module, extra, _ in PACKAGES if module == wanted), "")
        advice = f": pip install 'ddm[{extra}]'" if extra else ""
        return Finding(what, Health.ABSENT, f"needs the Python module {error.name!r}{advice}")
    except Exception as error:  # noqa: BLE001  a plugin may raise anything when loaded; that is the finding
        return Finding(what, Health.BAD, f"{type(error).__name__}: {error}", ExitCode.FAILED)
    return Finding(what, Health.GOOD, entries[0].value)


def _asked_for(settings: Settings, found: Mapping[str, Finding]) -> Iterator[Finding]:
    """What the configuration names and cannot be used."""
    for place, what in _wanted(settings):
        # Every format counts, too.
        finding = found.get(what) or found.get(what.replace("counter ", "format ", 1))
        if finding is None:
            kind = what.partition(" ")[0]
            known = ", ".join(name.partition(" ")[2] for name in found if name.startswith(f"{kind} "))
            yield Finding(place, Health.BAD, f"there is no {what}; known: {known}", ExitCode.USAGE)
        elif finding.health is not Health.GOOD:
            yield Finding(place, Health.BAD, f"{what}: {finding.text}", ExitCode.FAILED)


def _wanted(settings: Settings) -> Iterator[tuple[str, str]]:
    for endpoint in settings.endpoints.values():
        yield f"[endpoint.{endpoint.name}] backend", f"backend {endpoint.backend}"
        if endpoint.stager:
            yield f"[endpoint.{endpoint.name}] stager", f"stager {endpoint.stager}"
        if endpoint.transfer:
            yield f"[endpoint.{endpoint.name}] transfer", f"transfer service {endpoint.transfer}"
    for product in settings.products.values():
        yield f"[product.{product.name}] tool", f"format {product.tool}"
        if product.counter:
            yield f"[product.{product.name}] counter", f"counter {product.counter}"
    for task in settings.tasks.values():
        if task.raw_counter:
            yield f"[task.{task.name}] raw_counter", f"counter {task.raw_counter}"
    for runner in settings.runners.values():
        yield f"[runner.{runner.name}] backend", f"runner {runner.backend}"
    for source in settings.event_sources.values():
        yield f"[event_source.{source.name}] backend", f"event source {source.backend}"


def _catalogue(settings: Settings) -> str:
    path = settings.catalog.removeprefix("sqlite:///")
    if path != settings.catalog and not Path(path).exists():  # to open it would make it
        raise SchemaOutOfDate(f"{path} is not there yet", subject=path, advice="run 'ddm db create'")
    with Catalog(settings.catalog) as catalogue:
        catalogue.check_schema()
        return catalogue.name

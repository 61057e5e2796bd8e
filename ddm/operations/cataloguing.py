"""Our catalogue and another one, compared; nothing is changed in either."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from catalog.db import believed, cataloguelist
from catalog.db.cataloguelist import Scope
from catalog.db.engine import Catalog, Connection
from catalog.errors import BadInput
from ddm.naming import named
from ddm.output import Format, format_of, new_file
from ddm.reconcile import catalogues
from ddm.reconcile import engine as engines
from ddm.reconcile.cataloguekinds import DIFFERENCES, MEANING, Odd, doubts
from ddm.reconcile.catalogues import Asked, Compared
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.gathering import Gathered
from ddm.reconcile.verdicts import Limits, disbelief
from ddm.settings import Settings

MARGIN = timedelta(hours=1)
"""Clocks of two catalogues, and what was on its way, differ by so much at most."""

SHOWN = 5  # findings of each kind that are shown
REST = "rest.parquet"  # everything that differs


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says of a comparison. ``datasets``: ours that are to be there too (empty: those that the
    other catalogue speaks of); ``names``: datasets there → ours; ``endpoint``: only files with a copy there;
    ``by_base_name`` None: by what names look like; ``output``: a new file for everything that differs."""

    datasets: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    by_base_name: bool | None = None
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class KindLine:
    """``files`` of a kind; ``compared``: of how many files both sides say what is compared (None: all that
    there are). ``doubt``: why it is not to be believed; empty: it may be."""

    kind: str
    files: int
    compared: int | None
    doubt: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Example:
    """A file that is not the same: what is said of it here and there."""

    kind: str
    lfn: str | None
    dataset: str | None
    size: int | None
    adler32: str | None
    events: int | None
    other_name: str | None
    other_dataset: str | None
    other_size: int | None
    other_adler32: str | None
    other_events: int | None
    said: str | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of a comparison of two catalogues."""

    source: str
    begun_at: datetime
    ended_at: datetime
    here: int
    there: int
    both: int
    kinds: tuple[KindLine, ...]
    differences: int
    examples: tuple[Example, ...]
    unread: Mapping[str, str]
    refused: int
    refused_examples: tuple[str, ...]
    joined_by: str
    only_ours: bool  # the other catalogue cannot tell of files that we do not know
    output: str | None


def reconcile(
    catalog: Catalog,
    settings: Settings,
    wanted: Wanted,
    gather: Callable[[Path], Gathered],
    limits: Limits | None = None,
) -> Reconciled:
    """Compare our catalogue with what ``gather`` brings into a scratch directory.

    Raises BadInput for a list that is not believed at all, NotRegistered for names that we do not know.
    """
    limits = limits or Limits()
    form = _form(wanted.output)
    with catalog.read() as conn:
        cataloguelist.dataset_ids(conn, wanted.datasets)
        endpoint = _endpoint(conn, wanted.endpoint)
    settings.reconcile.directory.mkdir(parents=True, exist_ok=True)
    with engines.opened(settings.reconcile.directory) as engine:
        gathered = gather(engine.directory)
        reading = gathered.reading
        if found := disbelief(reading, reading.begun, catalog.clock.now(), limits):
            raise BadInput(f"is not compared: {'; '.join(found)}", subject=reading.endpoint)
        with engine.refusing(reading.endpoint):
            catalogues.theirs(engine, gathered.parts)
        compared = _compared(catalog, engine, wanted, gathered, endpoint)
        rest = engine.directory / REST
        if wanted.output is not None and form is not None:
            _write(engine, rest, wanted.output, form)
        examples = tuple(Example(*row) for row in catalogues.examples(engine, rest, SHOWN))
    if not gathered.unread:
        gathered.done()
    return _reconciled(wanted, gathered, compared, examples, limits)


def _compared(
    catalog: Catalog, engine: Engine, wanted: Wanted, gathered: Gathered, endpoint: int | None
) -> Compared:
    """Ours beside theirs. Ours is read after theirs: what came since is told by its time."""
    ours = engine.directory / "ours.tsv"
    with catalog.read() as conn, open(ours, "xb") as to:
        scope = _scope(conn, engine, wanted, gathered)
        cataloguelist.export(conn, Scope(endpoint, gathered.raw), to)
    asked = Asked(
        begun=gathered.reading.begun - MARGIN,
        unread=[wanted.names.get(name, name) for name in gathered.unread],
        datasets=wanted.names,
        scope=scope,
        names_datasets=bool(scope),
        by_base_name=wanted.by_base_name,
    )
    return catalogues.compare(engine, ours, asked, engine.directory / REST)


def _reconciled(
    wanted: Wanted, gathered: Gathered, compared: Compared, examples: tuple[Example, ...], limits: Limits
) -> Reconciled:
    reading = gathered.reading
    doubted = doubts(compared.kinds, compared.here, compared.there, compared.both, reading, limits)
    known = compared.known
    kinds = tuple(
        KindLine(kind, compared.kinds.get(kind, 0), known.get(kind), doubted.get(kind, ""), MEANING[kind])
        for kind in Odd
    )
    return Reconciled(
        source=reading.endpoint,
        begun_at=reading.begun,
        ended_at=reading.ended,
        here=compared.here,
        there=compared.there,
        both=compared.both,
        kinds=kinds,
        differences=sum(n for kind, n in compared.kinds.items() if kind in DIFFERENCES),
        examples=examples,
        unread=gathered.unread,
        refused=gathered.written.named + gathered.written.garbled,
        refused_examples=tuple(gathered.written.examples),
        joined_by="base name" if compared.by_base_name else "LFN",
        only_ours=not gathered.all_of_it,
        output=None if wanted.output is None else str(wanted.output),
    )


def _form(output: Path | None) -> Format | None:
    if output is None:
        return None
    form = format_of(output)
    if form is Format.JSONL:
        raise BadInput("give a name that ends with .parquet or .csv", subject=str(output))
    if output.exists():
        raise BadInput("the file exists, and nothing is overwritten", subject=str(output))
    return form


def _endpoint(conn: Connection, name: str | None) -> int | None:
    if name is None:
        return None
    known = believed.endpoint_ids(conn)
    return known[named(name, known, "--endpoint", where="in the catalogue")][0]


def _scope(conn: Connection, engine: Engine, wanted: Wanted, gathered: Gathered) -> list[str] | None:
    """Our datasets that are to be there. None: everything. Raises BadInput if no names correspond."""
    if wanted.datasets:
        return list(wanted.datasets)
    there = [*catalogues.datasets_there(engine), *(name for name in gathered.unread if not gathered.raw)]
    if not there:
        return None
    found = list(cataloguelist.known_datasets(conn, [wanted.names.get(name, name) for name in there]))
    if not found and wanted.endpoint is None:
        raise BadInput(
            f"none of its {len(there)} datasets ({there[0]} …) is called like one of ours: "
            "say which is which with --dataset OURS=THEIRS",
            subject=gathered.reading.endpoint,
        )
    return found or None


def _write(engine: Engine, rest: Path, output: Path, form: Format) -> None:
    made = rest
    if form is Format.CSV:
        made = engine.directory / "rest.csv"
        engine.do(f"COPY (FROM read_parquet({text(str(rest))})) TO {text(str(made))} (FORMAT csv, HEADER)")
    with new_file(output) as to, open(made, "rb") as from_:
        shutil.copyfileobj(from_, to, 1 << 20)

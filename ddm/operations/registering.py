"""Registering files from any source, and completing what the sources did not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from catalog.db.engine import Catalog
from ddm.importing import completing, importer
from ddm.importing.checking import Checker, renamed
from ddm.importing.importer import Advance, Order
from ddm.importing.names import Names
from ddm.importing.report import Imported
from ddm.importing.source import Source, open_file, open_sql, open_stream
from ddm.naming import named
from ddm.recipe import Recipe
from ddm.settings import EndpointSettings, Settings
from ddm.sources.columns import Columns
from ddm.sources.lines import lines, opened
from ddm.sources.runs import run_list
from transfers.ports import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person says on the command line: where from, whereto, and how to read it.

    ``path`` is a file, None stands for ``stream``; ``sql`` and ``query`` go together and go alone.
    ``columns``: field → column.
    """

    dataset: str
    endpoint: str
    path: Path | None = None
    stream: IO[bytes] | None = None
    format: str | None = None
    sql: str = ""
    query: str = ""
    runs: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    skip: Sequence[str] = ()
    rename: str = ""
    any_name: bool = False
    keep_going: bool = False
    close: bool = False
    plan: bool = False


def endpoint_of(settings: Settings, name: str, option: str = "--endpoint") -> EndpointSettings:
    """The settings of the endpoint. Raises BadInput."""
    return settings.endpoints[named(name, settings.endpoints, option)]


def register(
    catalog: Catalog,
    settings: Settings,
    recipe: Recipe,
    wish: Wish,
    advance: Advance = lambda what, rows: None,
    ask: Storage | None = None,
) -> Imported:
    """Register, or with ``plan`` only say what would come of it. ``ask``: complete at this storage after it.

    Raises BadInput for what cannot be read, BadName for a bad dataset, ConflictingRegistration for a closed
    dataset.
    """
    endpoint = endpoint_of(settings, wish.endpoint)
    runs = runs_of(wish.runs) if wish.runs else None
    checker = Checker(
        Names(recipe.task, settings),
        prefix=endpoint.prefix,
        rename=renamed(wish.rename) if wish.rename else None,
        runs=None if runs is None else frozenset(runs),
        any_name=wish.any_name,
    )
    with opened_source(wish, runs) as source:
        order = Order(
            source=source,
            checker=checker,
            dataset=wish.dataset,
            endpoint=wish.endpoint,
            kind=endpoint.kind,
            runs=runs,
            plan=wish.plan,
            keep_going=wish.keep_going,
        )
        done = importer.run(catalog, order, advance)
        if ask is not None and done.written:
            completing.complete(catalog, ask, wish.endpoint, dataset=wish.dataset, advance=advance)
        return importer.close(catalog, order, done) if wish.close and done.written else done


@contextmanager
def opened_source(wish: Wish, runs: Sequence[int] | None) -> Iterator[Source]:
    """The source that the person means."""
    must = {"dataset": wish.dataset, "endpoint": wish.endpoint}
    columns = Columns(
        {column: meaning for meaning, column in wish.columns.items()}, frozenset(wish.skip), must
    )
    if wish.sql:
        with open_sql(wish.sql, wish.query, columns, runs) as answer:
            yield answer
    elif wish.path is not None:
        yield open_file(wish.path, wish.format, columns)
    else:
        assert wish.stream is not None
        with open_stream(wish.stream, wish.format, columns) as piped:
            yield piped


def runs_of(text: str) -> list[int]:
    """The runs of a run list: a file, or the runs themselves. Raises BadInput."""
    path = Path(text)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        return run_list([text], "--runs")
    with opened(path) as stream:
        return run_list(lines(stream, str(path)), str(path))

"""What Tab offers: names from the catalogue, columns, the words of a query. Never an error, never a wait.

A shell asks while somebody types: whatever goes wrong (no ddm.toml, no database, one of another version, one
that is locked) means that nothing is offered. A catalogue that does not answer within a second is not asked.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

MOST = 200
"""So many names are offered; whoever wants another one types on."""

PATIENCE = 1.0  # seconds

Names = Callable[[click.Context, str], Iterable[str]]


def attach(params: Iterable[click.Parameter]) -> None:
    """Give every option and argument that names something of the catalogue its names."""
    for param in params:
        names = NAMES.get(param.name or "")
        if names is not None and isinstance(
            param.type, click.types.StringParamType | click.types.IntParamType
        ):
            vars(param)["shell_complete"] = _offering(names)


def _offering(names: Names) -> Callable[[click.Context, str], list[CompletionItem]]:
    def offer(context: click.Context, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in _patiently(lambda: list(names(context, incomplete)))]

    return offer


def _patiently(ask: Callable[[], list[str]]) -> list[str]:
    """The answer, or nothing when there is trouble or it takes too long."""
    found: list[str] = []

    def work() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.extend(ask())
        except Exception:
            logging.getLogger(__name__).debug("nothing is offered", exc_info=True)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return list(found)


def _from_catalogue(noun: str) -> Names:
    def names(context: click.Context, incomplete: str) -> Iterable[str]:
        from catalog.db import offered
        from ddm.app import open_catalog
        from ddm.cli.toolkit import Session

        settings = context.find_root().ensure_object(Session).settings()
        with open_catalog(settings) as catalog, catalog.read() as conn:
            return offered.names(conn, noun, incomplete, MOST)

    return names


def _product(context: click.Context, incomplete: str) -> Iterable[str]:
    from ddm.cli.toolkit import Session

    settings = context.find_root().ensure_object(Session).settings()
    return [name for name in ("raw", *settings.products) if name.startswith(incomplete)]


_LAST = re.compile(r"[A-Za-z0-9_.]*\Z")


def _words(_: click.Context, incomplete: str) -> Iterable[str]:
    """The query so far, with its last word completed: fields, and words of the language."""
    from catalog.queryfields import RELATIONS, names
    from catalog.querytree import KEYWORDS

    last = _LAST.search(incomplete)
    assert last is not None
    known = [*names(of_replica=False), *sorted({*KEYWORDS, *RELATIONS})]
    return [incomplete[: last.start()] + word for word in known if word.startswith(last[0])]


def _columns(_: click.Context, incomplete: str) -> Iterable[str]:
    from ddm.operations.finding import COLUMNS

    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in COLUMNS if name.startswith(last)]


NAMES: dict[str, Names] = {
    "dataset": _from_catalogue("dataset"),
    "endpoint": _from_catalogue("endpoint"),
    "task": _from_catalogue("task"),
    "campaign": _from_catalogue("campaign"),
    "run": _from_catalogue("run"),
    "product": _product,
    "query": _words,
    "columns": _columns,
}
"""What the parameters of these names are completed with."""

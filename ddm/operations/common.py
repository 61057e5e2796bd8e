"""What the operations share: transactions that may be plans, and who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from catalog.db import files
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.errors import BadInput
from ddm.naming import named
from ddm.settings import Settings


@contextmanager
def doing(catalog: Catalog, act: bool) -> Iterator[Connection]:
    """A write transaction that is kept if ``act``, and otherwise rolled back at its end: a plan."""
    with catalog.begin("operation") as conn:
        yield conn
        if not act:
            conn.rollback()


def why(catalog: Catalog, reason: str = "") -> Why:
    """A history entry by the person at the keyboard, now."""
    return Why(catalog.clock.now(), catalog.actor, reason)


def because(catalog: Catalog, reason: str) -> Why:
    """The same, for what needs a reason. Raises BadInput if there is none."""
    if not reason.strip():
        raise BadInput("a reason is needed: it is kept in the history", subject="--reason")
    return why(catalog, " ".join(reason.split()))


def named_at(conn: Connection, settings: Settings, name: str, option: str = "--endpoint") -> str:
    """The same for an endpoint that need not be in ddm.toml any more, as the catalogue knows it."""
    known = {*files.endpoints(conn), *settings.endpoints}
    return named(name, known, option, where="in ddm.toml or the catalogue")


def confirmed(settings: Settings, files: int, size: int, typed: int | None) -> None:
    """Raises BadInput unless a list of that size is small, or its number of files was typed."""
    release = settings.release
    if typed is not None and typed != files:
        raise BadInput(
            f"{typed} was typed, but it is {files} files now; look at the plan again", subject="--confirm"
        )
    if typed is None and (files > release.confirm_files or size > release.confirm_size):
        raise BadInput(
            f"{files} files, {size} bytes, are too much for --yes alone: type their number",
            subject="--confirm",
            advice=f"--confirm {files}",
        )

"""``ddm db``: the database of the catalogue."""

from __future__ import annotations

from catalog.db.engine import Catalog
from catalog.errors import ExitCode
from ddm.cli.operator import catalogue
from ddm.cli.toolkit import Session, emit, group, json_option, pass_session
from ddm.operations import database

cli = group("db", "Make, upgrade and check the database of the catalogue.")


@cli.command(examples="ddm db create", exits=[ExitCode.BUSY, ExitCode.SCHEMA])
@json_option
@pass_session
def create(session: Session, as_json: bool) -> None:
    """Make the catalogue in an empty database.

    A catalogue that is there and up to date stays as it is; one of another version is refused.
    """
    with Catalog(session.settings().catalog) as catalog:
        emit(database.create(catalog), as_json, _render)


@cli.command(examples="ddm db upgrade\nddm db upgrade --json", exits=[ExitCode.BUSY, ExitCode.SCHEMA])
@json_option
@pass_session
def upgrade(session: Session, as_json: bool) -> None:
    """Bring the catalogue to the schema of this version, or make it. Repeat freely.

    Stop 'ddm flow run' before, and keep a copy of the database.
    """
    with Catalog(session.settings().catalog) as catalog:
        emit(database.upgrade(catalog), as_json, _render)


def _render(done: database.Upgraded) -> str:
    if not done.changed:
        return f"{done.catalog} is up to date ({done.now})"
    if done.before is None:
        return f"{done.catalog} holds a new, empty catalogue ({done.now})"
    return f"{done.catalog} was upgraded from {done.before} to {done.now}"


@cli.command(examples="ddm db check", exits=[ExitCode.BUSY, ExitCode.SCHEMA])
@json_option
@pass_session
def check(session: Session, as_json: bool) -> int:
    """Look whether schema, database file and references are sound. Changes nothing."""
    with catalogue(session) as catalog:
        found = database.check(catalog)
    emit(found, as_json, _render_check)
    return ExitCode.FAILED if found.faults else ExitCode.DONE


def _render_check(found: database.Checked) -> str:
    if found.faults:
        return "\n".join([f"{found.catalog} is damaged:", *(f"  {fault}" for fault in found.faults)])
    return f"{found.catalog} is sound ({found.revision})"

"""Importing a ProdSys: what a person asked for is checked against the settings, then done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from catalog.db.engine import Catalog
from catalog.errors import BadInput
from catalog.names import check_lfn
from catalog.states import EndpointKind
from ddm.naming import named
from ddm.settings import Settings
from ddm.sources.prodsys.importer import Imported, Wanted, import_prodsys
from ddm.sources.prodsys.source import open_source


def run(
    catalog: Catalog,
    settings: Settings,
    source: str,
    *,
    tape: str,
    disk: str,
    report: Path,
    label: str = "prodsys",
    moved: Sequence[str] = (),
    whole_runs: bool = False,
    plan: bool = False,
    password_file: Path | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Import the dump file or database ``source``; ``plan`` says what would come of it and changes nothing.

    Raises BadInput for a bad endpoint, label or directory, for a source that is not a ProdSys or is cut;
    SourceUnavailable for a database that cannot be read.
    """
    for option, name, kind in (("--tape", tape, EndpointKind.TAPE), ("--disk", disk, EndpointKind.DISK)):
        _check_endpoint(settings, option, name, kind)
    check_lfn("/" + label)
    wanted = Wanted(
        tape=tape,
        disk=disk,
        report=report,
        names=settings.names,
        label=label,
        moved=tuple(pair(text) for text in moved),
        whole_runs=whole_runs,
        plan=plan,
    )
    with open_source(source, password(password_file)) as opened:
        return import_prodsys(catalog, opened, wanted, advance)


def _check_endpoint(settings: Settings, option: str, name: str, kind: EndpointKind) -> None:
    if settings.endpoints[named(name, settings.endpoints, option)].kind != kind:
        raise BadInput(f"'{name}' is a {settings.endpoints[name].kind} endpoint", subject=option)


def pair(text: str) -> tuple[str, str]:
    """``/OLD/=/NEW/``. Raises BadInput."""
    old, mark, new = text.partition("=")
    if not (mark and old.startswith("/") and old.endswith("/") and new.startswith("/") and new.endswith("/")):
        raise BadInput(f"expected /OLD/=/NEW/, two directories, not '{text}'", subject="--moved")
    return old, new


def password(path: Path | None) -> str | None:
    """The first line of the file."""
    if path is None:
        return None
    try:
        return path.read_text().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot be read: {error}", subject=str(path)) from None

"""Scans that are read from a dump: a list of the storage that somebody else made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.db import scans
from catalog.db.scans import Scan
from catalog.errors import BadInput
from catalog.states import ScanSource
from ddm.app import App
from ddm.operations.common import doing, why
from ddm.operations.scanning import begun, known
from ddm.reconcile import dumpmarks, dumps, scanlook, scanstore, verdicts
from ddm.reconcile.dumpmarks import Marks
from ddm.reconcile.dumps import Counted
from ddm.reconcile.engine import Engine
from ddm.reconcile.limits import limits_of
from ddm.reconcile.scanparts import part, scratch, settle
from ddm.reconcile.verdicts import Reading
from ddm.sources import formats
from ddm.sources.lines import blocks, opened
from transfers.prefixes import is_url

FEW = 10
"""So many expected files say nothing of whether a dump is of the endpoint."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump, and how it is to be read. ``prefix``: what stands before the paths of the endpoint in it, with
    a slash at its end. ``begun`` and ``ended``: when the storage was looked at for it."""

    path: Path
    format: str
    prefix: str
    begun: datetime
    ended: datetime
    marks: Marks


def dump(
    app: App,
    endpoint: str,
    path: Path,
    *,
    format_: str = "",
    prefix: str = "",
    made: tuple[datetime, datetime] | None = None,
) -> Dump:
    """A dump of an endpoint; what is not given is told from its marks, its name, the settings. Nothing is
    changed.

    ``made``: from when to when. Raises BadInput for an endpoint or a dump that is not there, of no
    known format, or of which nobody says when it was made.
    """
    known(app, endpoint)
    name = str(path)
    format_ = format_ or formats.guess(path, name)
    marks = Marks() if format_ == "parquet" else dumpmarks.read(path, name)
    start, end = made or _made(app, path, marks)
    if end < start or start > app.clock.now():
        raise BadInput(f"made from {start:%F %T} to {end:%F %T}: that cannot be", subject=name)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else end
    if start > written + limits_of(app.settings.reconcile).margin:
        raise BadInput(
            f"begun {start:%F %T}, and its file was written last {written:%F %T}: what was registered since "
            "would look lost",
            subject=name,
            advice="give --made TIME, when its listing was begun: a new name makes no new dump",
        )
    prefix = _ended(prefix) if prefix else _prefix(app, endpoint, path, name, format_)
    return Dump(path.absolute(), format_, prefix, start, end, marks)


def times(path: Path, said: str, now: datetime) -> tuple[datetime, datetime]:
    """What a person says of when a dump was made: BEGIN or BEGIN/END, as ISO 8601, in UTC if they do not say.

    Raises BadInput.
    """
    try:
        found = [datetime.fromisoformat(word) for word in said.split("/")]
    except ValueError:
        found = []
    if len(found) not in (1, 2):
        raise BadInput("expected a time such as 2026-11-29T22:00Z, or two with a slash", subject="--made")
    start, *rest = (one.astimezone(UTC) if one.tzinfo else one.replace(tzinfo=UTC) for one in found)
    return start, rest[0] if rest else _written(path, start, now)


def _written(path: Path, begun: datetime, now: datetime) -> datetime:
    """The end of a dump of which only the beginning is known: when its file was written last."""
    return max(begun, min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now))


def _made(app: App, path: Path, marks: Marks) -> tuple[datetime, datetime]:
    now = app.clock.now()
    if marks.begun is not None:
        return marks.begun, marks.ended or _written(path, marks.begun, now)
    if (found := dumpmarks.of_name(path)) is not None and found[0] <= now:
        return found[0], min(found[1], now)
    raise BadInput(
        "when was it made? what changed since then looks lost, or dark",
        subject=str(path),
        advice="give --made TIME, when its listing was begun; or --made BEGIN/END",
    )


def _ended(prefix: str) -> str:
    return f"{prefix.rstrip('/')}/"


def _prefix(app: App, endpoint: str, path: Path, name: str, format_: str) -> str:
    """What the settings have before a path: as a URL where the dump has URLs.

    Where ``find`` was told to leave out the directory that it searched (``%P``), nothing stands before it.
    """
    whole = app.settings.endpoints[endpoint].prefix.rstrip("/") + "/"
    first = ""
    if format_ != "parquet":
        with opened(path) as stream:
            head = next(blocks(stream, name), b"").decode("utf-8", "replace")
        ends = "\0" if format_ == "find" and "\0" in head else "\n"
        first = next((one.lstrip("\n") for one in _unmarked(head).split(ends) if one.strip()), "")
    if is_url(whole) and "://" not in first:
        whole = "/" + whole.partition("://")[2].partition("/")[2].lstrip("/")
    return "/" if format_ == "find" and not first.partition(" ")[2].startswith(whole) else whole


def _unmarked(head: str) -> str:
    """The beginning of a list without the lines that say what it is."""
    while head.startswith("#"):
        head = head.partition("\n")[2]
    return head


# ------------------------------------------------------------------------------------------------ reading
def begin(app: App, endpoint: str, path: str, found: Dump, *, anew: bool = False) -> Scan:
    """A new scan, GOING; ``read`` makes it. Raises BadInput like ``scanning.begin``."""
    source = (ScanSource.DUMP, str(found.path), found.format)
    times = {"begun_at": found.begun, "ended_at": found.ended, "marker": found.marks.endpoint}
    return begun(app, endpoint, path, source, anew, **times)


def again(app: App, row: Scan, prefix: str = "") -> Dump:
    """The dump of a scan that is to be gone on with, by the prefix that it was begun with.

    Raises BadInput if it is not there any more, for another prefix, and, as nobody guesses one, for none
    where the process was killed before it had written down which.
    """
    assert row.begun_at is not None  # of a dump it is known from the first
    assert row.ended_at is not None
    made = (row.begun_at, row.ended_at)
    known = scanstore.prefix_of(app.settings, row)
    if known and prefix and _ended(prefix) != known:
        raise BadInput(
            f"scan {row.id} was begun with the prefix {known}, not {_ended(prefix)}",
            subject="--prefix",
            advice=f"leave it out, or begin another scan with --anew and give {row.id} up: "
            f"'ddm reconcile disbelieve {row.id} --reason …'",
        )
    if not (known or prefix):
        raise BadInput(
            f"the prefix that scan {row.id} was begun with was not written down",
            subject="--prefix",
            advice="give it again; if none was given, that of the endpoint in ddm.toml",
        )
    return dump(app, row.endpoint, Path(row.name), format_=row.format, prefix=known or prefix, made=made)


def read(app: App, row: Scan, found: Dump) -> Scan:
    """Read the dump. Gives the scan when it is DONE, or REFUSED with the reason.

    May be repeated until it is.
    """
    limits = limits_of(app.settings.reconcile)
    with scanstore.held(app.settings, row) as where, scratch(where) as engine:
        scanstore.remember(where, found.prefix)
        scan = Values({"catalogue_at": scanstore.expect(engine, app.catalog, row, where)})
        try:
            counted = _part(engine, row, found, where)
        except BadInput as error:
            return _refused(app, row, [str(error)], scan)
        cut = found.marks.cut or _fewer(found, counted)
        files, size = scanlook.summed(engine, where)
        scan |= {"entries": files, "bytes": size, "lines": counted.lines, "outside": counted.outside}
        scan |= {"named": counted.named, "garbled": counted.garbled, "whole": not cut}
        doubts = [*verdicts.disbelief(_reading(row, found, counted), found.begun, app.clock.now(), limits)]
        doubts = doubts or _strange(app, engine, where, row, found)
        if doubts:
            return _refused(app, row, doubts, scan)
    with doing(app.catalog, act=True) as conn:
        return scans.finish(conn, row.id, why(app.catalog, cut), **scan)


Values = dict[str, Any]


def _part(engine: Engine, row: Scan, found: Dump, where: Path) -> Counted:
    to = part(where, 1)
    new = to.with_suffix(".new")
    new.unlink(missing_ok=True)  # of one that was killed
    counted = dumps.part(
        engine, found.path, new, prefix=found.prefix, root=row.root, format_=found.format, name=row.name
    )
    settle(new, to)
    return counted


def _fewer(found: Dump, counted: Counted) -> str:
    said = found.marks.lines
    if said is None or said == counted.lines:
        return ""
    return f"its end says that it has {said} lines, and it has {counted.lines}"


def _reading(row: Scan, found: Dump, counted: Counted) -> Reading:
    return Reading(
        endpoint=row.endpoint,
        begun=found.begun,
        ended=found.ended,
        lines=counted.lines,
        outside=counted.outside,
        named=counted.named,
        garbled=counted.garbled,
        marker=found.marks.endpoint,
        prefix=found.prefix.rstrip("/") + row.root,
        stray=counted.stray,
    )


def _strange(app: App, engine: Engine, where: Path, row: Scan, found: Dump) -> list[str]:
    """Why it is hardly a dump of what is below this root."""
    expected = scanlook.expected(engine, where, row.root)
    any_fits = found.format == "find" and found.prefix == "/"  # names without their directory
    few = 1 if any_fits else FEW
    known = scanlook.found(engine, where, row.root) if expected >= few else expected
    if 100 * known >= app.settings.reconcile.least_known * expected:
        return []
    has = f"only {known} of the {expected} files that the catalogue expects there are in it"
    if known:  # the prefix is right
        return [f"{has}: it is half of a dump"]
    has += f"; it has '{scanlook.a_path(engine, where)[:150]}' below {found.prefix}"
    return [f"{has}: it is of another endpoint, or its prefix is to be given with --prefix"]


def _refused(app: App, row: Scan, doubts: list[str], scan: Values) -> Scan:
    with doing(app.catalog, act=True) as conn:
        return scans.refuse(conn, row.id, why(app.catalog, "; ".join(doubts)), **scan)

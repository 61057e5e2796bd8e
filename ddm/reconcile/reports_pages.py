"""A report of a comparison for people. Pure: a report in, blocks out, which ``ddm.pages`` writes.

As long for ten million differences as for ten: sums, the largest shares, the first of each kind, and the name
of the file that has them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog.units import human_size
from ddm.pages import FORMS, Block, Grid, Heading, Name, Size, Spark
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import DIFFERENCES, MEANING, Kind
from ddm.reconcile.reports import Amount, Listed, Report, Share, Shares, Trend, total
from ddm.reconcile.verdicts import WORTH, Standing

WORTHS = [standing for standing in WORTH if standing is not Standing.NOTHING]


def page(report: Report, form: str) -> str:
    """The report in one of ``ddm.pages.FORMS``."""
    return FORMS[form](list(blocks(report)), f"ddm: comparison {report.comparison}")


def blocks(report: Report) -> Iterator[Block]:
    """The report in the order in which it is read."""
    yield Heading(f"Reconciliation: comparison {report.comparison}", 1)
    yield Grid(
        ("", ""),
        (
            ("in short", in_short(report)),
            ("made", f"{_time(report.made_at)} UTC by {report.made_by}"),
            ("catalogue", f"as it was until {_time(report.after_at)} UTC"),
            ("every difference", Name(report.findings)),
        ),
    )
    yield from _steps(report)
    yield from _counts(report)
    yield from _doubts(report)
    yield from _trends(report)
    yield from _runs(report)
    yield from _directories(report)
    yield from _examples(report)
    yield from _unread(report)
    yield from _lists(report)
    yield from _meanings(report)


def in_short(report: Report) -> str:
    """What came out, in a sentence."""
    there = report.amount(Kind.CONSISTENT)
    differ = report.amount(*DIFFERENCES)
    sure = report.amount(*DIFFERENCES, standing=Standing.CONFIRMED)
    if not differ.places:
        return f"{_told(there)} consistent; no difference"
    return f"{_told(there)} consistent; {_told(differ)} not, of which {_told(sure)} confirmed"


def _told(amount: Amount) -> str:
    places = "1 place" if amount.places == 1 else f"{amount.places} places"
    return f"{places} ({human_size(amount.bytes)})"


def _steps(report: Report) -> Iterator[Block]:
    yield Heading("To be done")
    if report.steps:
        rows = [(step.why, Name(step.command) if step.command else None) for step in report.steps]
        yield Grid(("because", "command"), tuple(rows))
    else:
        yield "Nothing."


# ---------------------------------------------------------------------------------------------- counts
def _counts(report: Report) -> Iterator[Block]:
    yield Heading("Counts")
    endpoints = sorted({one.endpoint for one in report.counts})
    rows = [row for endpoint in endpoints for row in _of_endpoint(report, endpoint)]
    if len(endpoints) > 1:
        rows += _of_endpoint(report, None)
    yield _filled(("endpoint", "kind", "places", "size", *map(str, WORTHS)), rows)


def _of_endpoint(report: Report, endpoint: str | None) -> Iterator[tuple[object, ...]]:
    """A row for each kind that there is, of the endpoint or of all."""
    mine = [one for one in report.counts if endpoint in (None, one.endpoint)]
    for kind in Kind:
        of_kind = [one for one in mine if one.kind is kind]
        if not of_kind:
            continue
        whole = total(one.amount for one in of_kind)
        worth = [
            total(one.amount for one in of_kind if one.standing is standing).places or None
            for standing in WORTHS
        ]
        yield (endpoint or "all", kind, whole.places, Size(whole.bytes), *worth)


# ---------------------------------------------------------------------------------- what is not believed
def _doubts(report: Report) -> Iterator[Block]:
    rows: list[tuple[object, ...]] = []
    for one in report.lists:
        rows += [(one.endpoint, f"scan {one.scan}", remark) for remark in one.remarks]
        if one.accepted:
            rows.append((one.endpoint, f"scan {one.scan}", f"accepted in spite of the brake: {one.accepted}"))
    for scan in report.refused:
        rows.append((scan.endpoint, f"scan {scan.scan}", f"{scan.state}, not compared: {scan.reason or '-'}"))
    yield Heading("Not believed or not compared, and why")
    if rows:
        yield Grid(("endpoint", "of", "why"), tuple(rows))
    else:
        yield "All lists were whole, and no brake held anything back."


def _unread(report: Report) -> Iterator[Block]:
    rows = [
        (
            one.endpoint,
            one.scan,
            Name(path) if path else f"and {one.unread_directories - len(one.unread)} more",
        )
        for one in report.lists
        for path in (*one.unread, *([""] if one.unread_directories > len(one.unread) else []))
    ]
    if rows:
        yield Heading("Directories that could not be read")
        yield "Nothing is concluded of what is expected there."
        yield Grid(("endpoint", "scan", "directory"), tuple(rows))


# ----------------------------------------------------------------------------------------------- trend
_LARGE = ("files in the list", str(Kind.CONSISTENT), "size of what is consistent")
"""What hardly changes, seen from zero."""


def _trends(report: Report) -> Iterator[Block]:
    shown = [trend for trend in report.trends if len(trend.points) > 1]
    yield Heading("Trend")
    if not shown:
        yield "This is the first comparison of these endpoints; the next one begins a trend."
        return
    yield "Curves begin at zero, those of files and of what is consistent at the least number that they had."
    rows = [row for trend in shown for row in _of_trend(trend)]
    columns = ("endpoint", "what", "since", "then", "before", "now", "each comparison")
    yield Grid(columns, tuple(rows))


def _of_trend(trend: Trend) -> Iterator[tuple[object, ...]]:
    yield _curve(trend, "files in the list", [point.files for point in trend.points])
    kinds = {kind for point in trend.points for kind in point.kinds}
    for kind in Kind:
        if kind in kinds:
            yield _curve(trend, str(kind), [point.places(kind) for point in trend.points])
    same = [Size(point.kinds.get(Kind.CONSISTENT, Amount()).bytes) for point in trend.points]
    yield _curve(trend, "size of what is consistent", same)
    differ = [Size(point.differences.bytes) for point in trend.points]
    yield _curve(trend, "size of what differs", differ)


def _curve(trend: Trend, what: str, values: Sequence[int]) -> tuple[object, ...]:
    first = trend.points[0]
    text = f"{what} at {trend.endpoint}: " + ", ".join(
        human_size(value) if isinstance(value, Size) else str(value) for value in values
    )
    spark = Spark(tuple(values), text, zero=what not in _LARGE)
    since = f"{_time(first.at)} ({first.comparison})"
    return trend.endpoint, what, since, values[0], values[-2], values[-1], spark


# ------------------------------------------------------------------------------------ runs, directories
def _runs(report: Report) -> Iterator[Block]:
    yield Heading("Differences by run")
    shares = report.runs
    rows = [(one.of, *_share(one)) for one in shares.largest]
    rows += [(f"{_others(shares)} other runs", *_share(one)) for one in shares.rest]
    rows += [("of no run that is known", *_share(one)) for one in shares.unknown]
    columns = ("run", "places", "confirmed", "size", "kinds")
    yield Grid(columns, tuple(rows)) if rows else "None."


def _others(shares: Shares) -> int:
    return shares.groups - len(shares.largest)


def _directories(report: Report) -> Iterator[Block]:
    yield Heading("Differences by directory")
    shares = report.directories
    rows: list[tuple[object, ...]] = [
        (one.endpoint, *_share(one), Name(str(one.of))) for one in shares.largest
    ]
    rows += [(one.endpoint, *_share(one), "elsewhere") for one in shares.rest]
    if not rows:
        yield "None."
        return
    yield "With what is below each, but for what has a line of its own."
    yield Grid(("endpoint", "places", "confirmed", "size", "kinds", "directory"), tuple(rows))


def _share(one: Share) -> tuple[object, ...]:
    most = sorted(one.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    kinds = ", ".join(f"{places} {kind}" for kind, places in most)
    return one.amount.places, one.confirmed, Size(one.amount.bytes), kinds


# -------------------------------------------------------------------------------------------- examples
def _examples(report: Report) -> Iterator[Block]:
    for kind in sorted(Kind, key=lambda one: one not in DIFFERENCES):
        found = [one for one in report.examples if one.kind is kind]
        if found:
            of = report.amount(kind).places
            yield Heading(f"{kind.capitalize()}: {'all' if len(found) == of else f'{len(found)} of {of}'}", 3)
            columns = ("endpoint", "standing", "seen since", "run", "expected", "seen", "place", "besides")
            yield _filled(columns, [_example(one) for one in found])


def _example(one: Finding) -> tuple[object, ...]:
    expected = _bytes(one.size, one.adler32)
    besides = ", ".join(filter(None, [one.said, one.other]))
    return (
        one.endpoint,
        None if one.standing is Standing.NOTHING else one.standing,
        _time(one.first_seen),
        one.run,
        expected and f"{one.state or ''} {expected}".strip(),
        _bytes(one.seen_size, one.seen_adler32),
        Name(one.path),
        Name(besides) if besides else None,
    )


def _filled(columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> Grid:
    """The table without the columns that have nothing to say."""
    kept = [n for n in range(len(columns)) if any(row[n] is not None for row in rows)]
    return Grid(tuple(columns[n] for n in kept), tuple(tuple(row[n] for n in kept) for row in rows))


def _bytes(size: int | None, adler32: int | None) -> str | None:
    """A size to the byte, as sizes that differ by one are to be told apart, and a checksum."""
    told = ["" if size is None else f"{size} B", "" if adler32 is None else f"{adler32:08x}"]
    return " ".join(filter(None, told)) or None


# ------------------------------------------------------------------------------------- lists, meanings
def _lists(report: Report) -> Iterator[Block]:
    yield Heading("Lists that were compared")
    columns = (
        *("scan", "endpoint", "below", "of", "begun", "ended", "files", "size", "expected", "unread"),
        "may be confirmed by",
    )
    yield Grid(columns, tuple(map(_listed, report.lists)))


def _listed(one: Listed) -> tuple[object, ...]:
    return (
        one.scan,
        one.endpoint,
        Name(one.root),
        Name(one.name) if one.name else one.source,
        _time(one.begun_at),
        _time(one.ended_at),
        one.files.places,
        Size(one.files.bytes),
        one.expected,
        one.unread_directories,
        None if one.earlier is None else f"scan {one.earlier}",
    )


def _meanings(report: Report) -> Iterator[Block]:
    yield Heading("What the words mean")
    kinds = {one.kind for one in report.counts}
    worth = {one.standing for one in report.counts}
    yield Grid(
        ("", ""),
        (
            *((kind, MEANING[kind]) for kind in Kind if kind in kinds),
            *((standing, text) for standing, text in WORTH.items() if standing in worth),
        ),
    )


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")

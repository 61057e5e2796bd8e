"""``ddm certificate``: why something was deleted, and what still stands of that today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from textwrap import fill
from typing import Any

import click

from catalog.errors import ExitCode
from catalog.retention.verifying import Standing
from ddm.cli.operator import Lines, catalogue, counted, limit_option, size, table_or, when
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session, progress
from ddm.operations import certificates
from ddm.operations.certificates import Shown, Verified

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 10  # copies of a certificate on the screen; --json has them all
cli = group("certificate", "Show and verify delete certificates: why something was deleted.")


@cli.command("list", examples="ddm certificate list --limit 20", exits=EXITS)
@limit_option
@json_option
@pass_session
def list_(session: Session, limit: int, as_json: bool) -> None:
    """List certificates, the newest first: for how many copies each is, and on which ground."""
    with catalogue(session) as catalog:
        found = certificates.newest(catalog, limit)
    emit(found, as_json, _render_list)


def _render_list(found: list[Shown]) -> Rendered:
    rows = [
        (
            entry.seal[:16],
            when(entry.issued_at),
            _ground(entry),
            len(entry.copies),
            size(sum(copy["size"] or 0 for copy in entry.copies)),
            ", ".join(product["output"]["lfn"] for product in entry.products[:1]) or None,
        )
        for entry in found
    ]
    return table_or(Table(("seal", "issued", "ground", "copies", "size", "kept as"), rows), "none so far")


def _ground(entry: Shown) -> str:
    if entry.said is None:
        return "unreadable"
    return str(entry.said.get("ground", "merged"))


@cli.command(
    examples="ddm certificate show mDST-275678-11091-0-7.root\nddm certificate show 3f1c09ab77d2e410",
    exits=EXITS,
)
@click.argument("word", metavar="LFN|SEAL")
@json_option
@pass_session
def show(session: Session, word: str, as_json: bool) -> None:
    """Show what was known when a copy was let go. SEAL: its first 8 digits or more.

    Of a file: every certificate that its copies are or were under. --json has the whole body.
    """
    with catalogue(session) as catalog:
        found = certificates.show(catalog, word)
    emit(found, as_json, lambda all_: list(chain.from_iterable(_render(entry) for entry in all_)))


def _render(entry: Shown) -> Lines:
    yield f"certificate {entry.seal}"
    yield f"  issued     {when(entry.issued_at)}"
    said = entry.said
    if said is None:
        yield "  nobody can read its body"
        return
    yield f"  ground     {_ground(entry)}" + (
        f", asked for by {said['by']}: {said['reason']}" if said.get("by") else ""
    )
    if word := said.get("accepted"):
        yield f"  loss       accepted by {word['by']}, {word['typed']} files typed: {word['reason']}"
    for product in entry.products:
        yield from _product(product)
    total = size(sum(copy["size"] or 0 for copy in entry.copies))
    yield f"  copies     {counted(len(entry.copies), 'copy', 'copies')}, {total}"
    for copy in entry.copies[:SHOWN]:
        where = f" at {copy['endpoint']}" if copy.get("endpoint") else ""
        yield f"             {copy['lfn']}{where}"
    if len(entry.copies) > SHOWN:
        yield f"             and {len(entry.copies) - SHOWN} more; see --json"
    if said.get("guards"):
        yield fill(", ".join(said["guards"]), 100, initial_indent="  asked      ", subsequent_indent=" " * 13)


def _product(product: dict[str, Any]) -> Iterable[str]:
    output = product["output"]
    part = f"part {product['part']}" if product["part"] is not None else ""
    yield f"  merged     {product['product']} of run {product['run']} {part}, {product['state']}"
    yield f"             {output['lfn']}, {output['size']} bytes, adler32 {output['adler32']}"
    if product.get("counted"):
        yield f"  events     {product['events_in']} went in, {product['events_out']} came out"
    yield f"  check      {product['check'] or 'none'}"
    for waiver in product.get("waivers", ()):
        yield f"             waived by {waiver['by']}: {waiver['reason']}"
    for tape in product.get("tapes", ()):
        yield f"  on tape    {tape['endpoint']}:{tape['path']}, {tape['state']} since {tape['since'][:19]}"
        for piece in tape["evidence"][-3:]:
            yield f"             evidence {piece['grade']} at {piece['at'][:19]} by {piece['source']}"


@cli.command(
    examples="ddm certificate verify mDST-275678-11091-0-7.root\nddm certificate verify 3f1c09ab77d2e410\n"
    "ddm certificate verify --all",
    exits=[*EXITS, ExitCode.SOME_FAILED],
)
@click.argument("word", metavar="[LFN|SEAL]", required=False)
@click.option("--all", "everything", is_flag=True, help="Every certificate of the catalogue.")
@json_option
@pass_session
def verify(session: Session, word: str | None, everything: bool, as_json: bool) -> int:
    """Compare a certificate with the catalogue as it is now, line by line: what stands, what has changed.

    Ends with 0 when all of it stands, with 3 when something has changed since (an archive copy was lost, a
    waiver is void), with 1 when a seal is broken or the catalogue contradicts the paper.
    """
    if (word is None) == (not everything):
        raise click.UsageError("give a file or a seal, or --all", click.get_current_context())
    with catalogue(session) as catalog:
        if word is not None:
            found = certificates.verified(catalog, word)
        else:
            found = list(_shown(certificates.all_verified(catalog), certificates.count(catalog)))
    emit(found, as_json, lambda all_: _render_verified(all_, brief=everything))
    standings = {entry.standing for entry in found}
    if Standing.WRONG in standings:
        return ExitCode.FAILED
    return ExitCode.SOME_FAILED if Standing.CHANGED in standings else ExitCode.DONE


def _shown(each: Iterable[Verified], total: int) -> Iterator[Verified]:
    """The same, while it is shown how far it is."""
    with progress("verified", total=total, unit="certificates") as bar:
        for one in each:
            yield one
            bar.advance()


def _render_verified(found: Sequence[Verified], *, brief: bool) -> Lines:
    for entry in found:
        if brief and entry.standing is Standing.STANDS:
            continue
        yield f"certificate {entry.seal}, {when(entry.issued_at)}: {entry.standing}"
        lines = [line for line in entry.lines if not brief or line.standing is not Standing.STANDS]
        for line in lines:
            yield f"  {_MARKS[line.standing]:<8} {line.what:<14} {line.text}"
    totals = Counter(entry.standing for entry in found)
    words = {**_TOTALS, Standing.STANDS: "stands" if totals[Standing.STANDS] == 1 else "stand"}
    told = ", ".join(f"{totals[standing]} {words[standing]}" for standing in Standing if totals[standing])
    yield f"{counted(len(found), 'certificate')}: {told or 'nothing to verify'}"


_MARKS = {Standing.STANDS: "stands", Standing.CHANGED: "CHANGED", Standing.WRONG: "WRONG"}
_TOTALS = {Standing.CHANGED: "changed since", Standing.WRONG: "wrong"}

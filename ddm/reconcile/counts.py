"""Events of every run, tier by tier, and why they are not the same everywhere: pure.

An event of a raw file goes through four tiers: *raw* (the raw files), *processed* (what jobs wrote of
them), *merged* (what is in merged files) and *archived* (merged files with a good copy on tape). Where a tier
has fewer than the one before, the events are accounted for one cause after the other: a registered gap, a
chunk that no job has processed, a file that is in no part yet, a part that is held. What is left is a
*difference*, unless a waiver in force or a cross-check that passed permits it. A count that nobody knows is
no zero: the step is then *unknown*, said, and not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from catalog.states import CheckState, GroupState, JobState
from ddm.reconcile.tiers import (
    RAW,
    Amount,
    Cause,
    Difference,
    Explained,
    Found,
    Line,
    Product,
    Run,
    Share,
    Step,
    Total,
    Undone,
)
from merging.witnesses import Counted

STOPPED = (GroupState.HELD, GroupState.MISMATCHED)


def lines(run: Run, products: Sequence[Product]) -> Iterator[Line]:
    """A line for the raw data of the run, and one for each product."""
    yield _line(run, RAW, None, None, None, _recorded(run, products))
    for product in products:
        yield _of_product(run, product)


def _of_product(run: Run, product: Product) -> Line:
    if product.counted is Counted.NONE:
        return _line(run, product.name, None, None, None, ())
    made = sum((share.here for share in product.shares), Amount()) + product.free[1] + product.aside[1]
    merged = sum((_merged(share) for share in product.shares), Amount())
    found: list[Found] = [*(() if product.made_of else _processed(run, product, made))]
    found += _merging(run, product)
    archived = None
    if product.archived:
        archived = sum((_merged(share) for share in product.shares if share.safe), Amount())
        found += _archiving(run, product)
    return _line(run, product.name, made, merged, archived, found)


def _line(
    run: Run,
    product: str,
    processed: Amount | None,
    merged: Amount | None,
    archived: Amount | None,
    found: Iterable[Found],
) -> Line:
    every = list(found)
    return Line(
        task=run.task,
        run=run.run,
        product=product,
        recorded=run.recorded if product == RAW else None,
        read=run.read if product == RAW else None,
        raw=run.raw,
        processed=processed,
        merged=merged,
        archived=archived,
        explained=tuple(one for one in every if isinstance(one, Explained)),
        differences=tuple(one for one in every if isinstance(one, Difference)),
    )


def _merged(share: Share) -> Amount:
    """Events of the run in the merged file. What a part lost is missed by the run that it is called after."""
    if not share.exists:
        return Amount()
    if share.made is None:
        return Amount(0, 1)
    lost = share.taken.events - share.made if share.mine and not share.taken.unknown else 0
    return Amount(share.here.events - lost, share.here.unknown)


# -------------------------------------------------------------------------------------------- raw files
def _recorded(run: Run, products: Sequence[Product]) -> Iterator[Found]:
    if run.raw.unknown:
        text = f"nobody has counted the events of {run.raw.unknown} raw files"
        yield Explained(Step.RECORDED, Cause.UNKNOWN, None, run.raw.unknown, text)
    if run.unlike:
        by = 0 if _unknown(run.recorded, run.read) else run.recorded.events - run.read.events
        text = f"the raw catalogue and the raw files say other numbers in {run.unlike} files"
        waived = list(dict.fromkeys(words for product in products for _, words in product.waivers))
        if waived:
            yield Explained(Step.RECORDED, Cause.WAIVER, by, run.unlike, f"{text}; {'; '.join(waived)}")
        else:
            yield Difference(Step.RECORDED, by, text, f"ddm explain {run.run}")


def _unknown(*amounts: Amount) -> int:
    return sum(amount.unknown for amount in amounts)


# -------------------------------------------------------------------------------------------- processing
def _processed(run: Run, product: Product, made: Amount) -> Iterator[Found]:
    step = Step.PROCESSED
    accounted = 0
    for gap in run.gaps:
        accounted += (gap.events or 0) if gap.counted else 0
        text = f"chunk {gap.chunk}: {gap.reason} (approved by {gap.approver})"
        yield Explained(step, Cause.GAP, gap.events, 1, text)
    for undone in run.undone:
        accounted += undone.amount.events
        yield Explained(step, _why(undone.state), _known(undone.amount), undone.chunks, _words(undone))
    if run.shared:
        text = f"{run.shared} events are in ranges that processes are not through with"
        yield Explained(step, Cause.GOING, None, 0, text)
    if run.open:
        yield Explained(step, Cause.OPEN, None, 0, run.open)
    blind = _unknown(run.raw, made) - sum(not gap.counted for gap in run.gaps)
    if blind:
        text = f"{blind} files are not counted: the tiers cannot be compared"
        yield Explained(step, Cause.UNKNOWN, None, blind, text)
        return
    left = run.raw.events - accounted - made.events
    if product.counted is Counted.SUBSET and left > 0:
        yield Explained(step, Cause.SUBSET, left, 0, f"{product.name} holds some of the events only")
        left = 0
    if left:
        yield from _left(run, product, step, left, f"{_missed(left)} in {product.name} files of chunks", None)
    elif product.differ:
        text = f"{product.differ} chunks have other events than their raw file or job says; the sums agree"
        yield from _left(run, product, step, 0, text, None)


def _why(state: str) -> Cause:
    if state in ("", JobState.CANCELED):
        return Cause.UNPROCESSED
    return Cause.HELD if state == JobState.HELD else Cause.GOING


def _words(undone: Undone) -> str:
    if not undone.state:
        return f"{undone.chunks} chunks have no job yet"
    return f"{undone.chunks} chunks: their job is {undone.state}"


def _known(amount: Amount) -> int | None:
    return None if amount.unknown else amount.events


def _missed(events: int) -> str:
    return f"{events} events are missed" if events > 0 else f"{-events} events are too many"


# ---------------------------------------------------------------------------------------------- merging
def _merging(run: Run, product: Product) -> Iterator[Found]:
    step = Step.MERGED
    files, amount = product.free
    if files:
        what = f"merged files of {product.made_of}" if product.made_of else "files of chunks"
        yield Explained(step, Cause.GOING, _known(amount), files, f"{files} {what} are in no part yet")
    files, amount = product.aside
    if files:
        text = f"{files} files are left out by the plan"
        yield Explained(step, Cause.LEFT_OUT, _known(amount), files, text)
    for share in product.shares:
        where = f"part {share.part}"
        if not share.exists:
            cause = Cause.HELD if share.state in STOPPED else Cause.GOING
            yield Explained(step, cause, _known(share.here), share.files, f"{where} is {share.state}")
        elif share.made is None or share.taken.unknown:
            yield Explained(
                step, Cause.UNKNOWN, None, share.files, f"{where}: not all its events are counted"
            )
        elif share.mine and share.made != share.taken.events:
            left = share.taken.events - share.made
            text = f"{where}: {share.taken.events} events went in, {share.made} are in it"
            yield from _left(run, product, step, left, text, share.part)


def _archiving(run: Run, product: Product) -> Iterator[Found]:
    step = Step.ARCHIVED
    for share in product.shares:
        if not share.exists or share.safe:
            continue
        amount, where = _merged(share), f"part {share.part}"
        if share.state in (GroupState.ARCHIVED, GroupState.CLEANED):
            text = f"{where} counts as archived, and no copy on tape is good"
            yield Difference(step, amount.events, text, f"ddm explain {run.run}")
        else:
            cause = Cause.HELD if share.state in STOPPED else Cause.GOING
            text = f"{where} is {share.state}, not archived"
            yield Explained(step, cause, _known(amount), share.files, text)


# --------------------------------------------------------------------------------------- what is left over
def _left(
    run: Run, product: Product, step: Step, events: int, text: str, part: int | None
) -> Iterator[Found]:
    """A difference, unless a waiver in force or a permission of the cross-check explains it."""
    waived = [words for of, words in product.waivers if part is None or of in (None, part)]
    if waived:
        yield Explained(step, Cause.WAIVER, events, 0, f"{text}; {'; '.join(waived)}")
    elif product.check == CheckState.PASSED and "permitted (" in product.verdict:
        yield Explained(step, Cause.CHECK, events, 0, f"{text}; {product.verdict}")
    else:
        failed = "; the cross-check failed" if product.check == CheckState.FAILED else ""
        command = f"ddm check explain {run.run} {product.name}"
        yield Difference(step, events, text + failed, command if product.check else f"ddm explain {run.run}")


def totals(lines: Sequence[Line]) -> tuple[Total, ...]:
    """A line for each product, in order. ``raw``: of the runs that it is of."""
    return tuple(_total(name, [one for one in lines if one.product == name]) for name in _names(lines))


def _names(lines: Iterable[Line]) -> list[str]:
    return sorted({one.product for one in lines})


def _total(name: str, lines: Sequence[Line]) -> Total:
    return Total(
        product=name,
        runs=len(lines),
        raw=sum((one.raw for one in lines), Amount()),
        processed=_add(one.processed for one in lines),
        merged=_add(one.merged for one in lines),
        archived=_add(one.archived for one in lines),
        explained=sum(len(one.explained) for one in lines),
        differences=sum(len(one.differences) for one in lines),
    )


def _add(amounts: Iterable[Amount | None]) -> Amount | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Amount()) if known else None

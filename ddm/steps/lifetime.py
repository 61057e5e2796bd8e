"""Copies on disk of merged files whose time is over (``keep_on_disk``): asked about once an hour.

Who may go is said by retention, as always: on the ground that the file itself is settled on tape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from catalog.db import ondisk, releasing
from catalog.db.going import Wish
from catalog.db.ondisk import DiskCopy
from catalog.lifetime import is_over
from catalog.months import Span
from catalog.retention import Ground
from ddm.app import App
from ddm.releaserules import rules_of

EVERY = timedelta(hours=1)


def spans(app: App) -> dict[str, Span]:
    """The products that have a lifetime on disk."""
    return {
        name: product.keep_on_disk for name, product in app.settings.products.items() if product.keep_on_disk
    }


def expire(app: App) -> int:
    """Withdraw the copies whose time is over. Returns how many."""
    lasting = spans(app)
    looked = app.desk.lifetimes_at
    if not lasting or (looked is not None and app.now < looked + EVERY and not app.desk.last_look):
        return 0
    app.desk.lifetimes_at = app.now
    moved = after = 0
    while page := _page(app, lasting, after):
        after = page[-1].replica_id
        moved += _withdraw(app, over(app, page, lasting), lasting)
    return moved


def _page(app: App, lasting: Mapping[str, Span], after: int) -> list[DiskCopy]:
    before = max(_latest(span, app.now) for span in lasting.values())
    with app.catalog.read() as conn:
        return ondisk.merged(conn, lasting, before=before, after=after, limit=app.settings.flow.batch)


def _latest(span: Span, now: datetime) -> datetime:
    """What came later than this has not lasted for the span: no month has less than 28 days."""
    return now - timedelta(days=span.days + 28 * span.months)


def over(app: App, copies: Sequence[DiskCopy], lasting: Mapping[str, Span]) -> list[DiskCopy]:
    """Those of these copies whose time is over."""
    with app.catalog.read() as conn:
        wanted = {copy.file_id: app.settings.products[copy.product].wanted for copy in copies}
        settled = ondisk.settled_at(conn, wanted, app.now)
    return [
        copy
        for copy in copies
        if is_over(copy.kept(settled.get(copy.file_id)), lasting[copy.product], app.now)
    ]


def _withdraw(app: App, copies: Sequence[DiskCopy], lasting: Mapping[str, Span]) -> int:
    moved = 0
    for product in sorted({copy.product for copy in copies}):
        its = [copy.replica_id for copy in copies if copy.product == product]
        wish = Wish(Ground.ON_TAPE, reason=f"keep_on_disk = {lasting[product]}")
        with app.catalog.begin() as conn:
            moved += len(releasing.withdraw(conn, its, wish, rules_of(app.settings), app.why()).replicas)
    return moved

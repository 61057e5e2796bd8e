"""Delete certificates: shown, listed, and verified years later with the catalogue alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.db import certificates, papertoday
from catalog.db.certificates import Stored
from catalog.db.engine import Catalog, Connection
from catalog.retention.papers import products_of, table
from catalog.retention.verifying import Line, Standing, content, named, verify, worst

PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored certificate. ``said``: its body, taken apart; None if nobody can read it."""

    seal: str
    issued_at: datetime
    said: dict[str, Any] | None

    @property
    def copies(self) -> list[dict[str, Any]]:
        """The copies that it lets go, each by the names of its columns."""
        if self.said is None:
            return []
        return self.said["replicas"] if self.said["version"] == 1 else table(self.said["copies"])

    @property
    def products(self) -> list[dict[str, Any]]:
        """The products on whose strength, in the words of version 2."""
        if self.said is None:
            return []
        return [_as_version_2(self.said["product"])] if self.said["version"] == 1 else products_of(self.said)


def _as_version_2(product: dict[str, Any]) -> dict[str, Any]:
    """What a paper of version 1 says of the product; what it does not tell is left out."""
    output = {"lfn": product["lfn"], "size": product["size"], "adler32": f"{product['adler32']:08x}"}
    return {**{k: product[k] for k in ("product", "run", "part", "state", "check")}, "output": output}


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate, and how each of its lines is today."""

    seal: str
    issued_at: datetime
    standing: Standing
    lines: tuple[Line, ...]


def show(catalog: Catalog, word: str) -> list[Shown]:
    """The certificates of that seal or file, oldest first. Raises NotRegistered."""
    with catalog.read() as conn:
        return [_shown(paper) for paper in certificates.find(conn, word)]


def newest(catalog: Catalog, limit: int) -> list[Shown]:
    """The newest certificates, newest first."""
    with catalog.read() as conn:
        return [_shown(paper) for paper in certificates.newest(conn, limit)]


def _shown(paper: Stored) -> Shown:
    return Shown(paper.seal, paper.issued_at, content(paper.body))


def verified(catalog: Catalog, word: str) -> list[Verified]:
    """Verify the certificates of that seal or file. Raises NotRegistered."""
    with catalog.read() as conn:
        return _verified(conn, certificates.find(conn, word))


def count(catalog: Catalog) -> int:
    """How many there are."""
    with catalog.read() as conn:
        return certificates.count(conn)


def all_verified(catalog: Catalog) -> Iterator[Verified]:
    """Verify every certificate there is, oldest first, a page at a time."""
    last = 0
    while True:
        with catalog.read() as conn:
            papers = certificates.page(conn, last, PAGE)
            found = _verified(conn, papers)
        yield from found
        if not papers:
            return
        last = papers[-1].id


def _verified(conn: Connection, papers: Sequence[Stored]) -> list[Verified]:
    replicas: list[int] = []
    groups: list[int] = []
    for paper in papers:
        some, more = _named(paper)
        replicas += some
        groups += more
    now = papertoday.today(conn, replicas, groups)
    found = []
    for paper in papers:
        lines = verify(paper.seal, paper.body, paper.issued_at, now)
        found.append(Verified(paper.seal, paper.issued_at, worst(lines), tuple(lines)))
    return found


def _named(paper: Stored) -> tuple[list[int], list[int]]:
    try:
        return named(paper.body)
    except (KeyError, TypeError, ValueError):
        return [], []  # a damaged paper: its lines say so

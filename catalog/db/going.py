"""The facts of copies that somebody wants to go, read in the deciding transaction, many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection

from catalog.db import certificates, comeback, freezes, going_copies, going_products
from catalog.db.going_copies import Here
from catalog.db.going_products import Terms
from catalog.db.move import Why
from catalog.prefixes import Prefixes
from catalog.retention import Acceptance, Asking, Copy, Facts, Ground, Product, Statement

__all__ = ["Rules", "Terms", "Wish", "facts"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say: terms by product, and where endpoints lead. Without prefixes nothing may go."""

    terms: Mapping[str, Terms] = field(default_factory=dict)
    prefixes: Prefixes = field(default_factory=lambda: Prefixes({}))


@dataclass(frozen=True, slots=True)
class Wish:
    """Why copies are to go. ``person``: who asks, "" is the flow; ``acceptance``: of a loss."""

    ground: Ground
    person: str = ""
    reason: str = ""
    acceptance: Acceptance | None = None


_UNSAID = Wish(Ground.MERGED)


def facts(
    conn: Connection, replicas: Sequence[int], wish: Wish | None, rules: Rules, why: Why, *, lock: bool = True
) -> dict[int, Facts]:
    """Everything that retention must know of these copies, by replica id.

    ``wish``: the first asking; None: the second one, for the reasons that their certificates give. ``lock``:
    the rows stay as they are until the end of the transaction; copies that another session has locked, or
    that do not exist, are left out.
    """
    if lock:
        freezes.guard(conn)
    here = going_copies.chosen(conn, replicas, rules.prefixes, lock=lock)
    if not here:
        return {}
    rules = _since_it_came_back(conn, rules, why)
    papers = certificates.statements(conn, list(here)) if wish is None else {}
    made, origins = _products(conn, here, rules, lock=lock)
    files = sorted({one.file.file_id for one in here.values()})
    others = going_copies.of_files(conn, files, rules.prefixes)
    uses = going_copies.uses(conn, here)
    held = going_copies.kept_by_people(conn, here, why)
    frozen = going_copies.frozen(conn, here)
    namesakes = going_copies.namesakes(conn, here, rules.prefixes)
    lost = {key: one for key, one in here.items() if _ground(wish, papers.get(key)) is Ground.LOSS}
    raw = going_copies.raw_chunks(conn, lost) if lost else {}
    found = {}
    for key, one in here.items():
        paper, terms = papers.get(key), _terms_of(one, made[one.file.file_id], rules)
        asked = wish or _from_paper(paper)
        found[key] = Facts(
            asking=Asking.REMOVE if wish is None else Asking.WITHDRAW,
            ground=asked.ground,
            now=why.at,
            file=one.file,
            copy=one.copy,
            wanted=terms.wanted,
            grace=terms.grace,
            person=asked.person,
            reason=asked.reason,
            products=made[one.file.file_id],
            origins=origins[one.file.file_id],
            others=_without(others[one.file.file_id], key),
            uses=uses[key],
            holds=held[key],
            freezes=frozen[key],
            namesakes=tuple(sorted({*namesakes[key], *_twins(one, others[one.file.file_id])})),
            raw=raw.get(key),
            acceptance=asked.acceptance,
            released=terms.release,
            paper=paper if paper is None or paper.version > 1 else _of_version_1(paper, one.copy),
        )
    return found


def _terms_of(one: Here, made: Sequence[Product], rules: Rules) -> Terms:
    """Those of the file's product, but what becomes of inputs is said by the product that they went into:
    another one, for merged files that were merged further."""
    own = rules.terms.get(one.file.product, Terms())
    into = [rules.terms.get(product.product, Terms()) for product in made]
    if not into:
        return own
    grace = max(terms.grace for terms in into)
    return replace(own, grace=grace, release=all(terms.release for terms in into))


def _since_it_came_back(conn: Connection, rules: Rules, why: Why) -> Rules:
    """Nothing that was seen before the catalogue was brought back from a backup counts as seen lately."""
    at = comeback.last(conn)
    return rules if at is None else replace(rules, terms=_Younger(rules.terms, why.at - at))


class _Younger(Mapping[str, Terms]):
    """Terms under which nothing may be older than that."""

    def __init__(self, terms: Mapping[str, Terms], age: timedelta) -> None:
        self._terms, self._age = terms, max(age, timedelta(0))

    def __getitem__(self, product: str) -> Terms:
        terms = self._terms.get(product, Terms())
        return replace(terms, wanted=replace(terms.wanted, age=min(terms.wanted.age, self._age)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)


def _of_version_1(paper: Statement, copy: Copy) -> Statement:
    """Such a paper may be of an earlier withdrawal: they did not say when, and equal ones were one."""
    return replace(paper, issued=max(paper.issued, copy.since))


def _without(copies: tuple[Copy, ...], replica: int) -> tuple[Copy, ...]:
    return tuple(copy for copy in copies if copy.replica_id != replica)


def _twins(one: Here, copies: tuple[Copy, ...]) -> Iterator[str]:
    """Other copies of the file that are no others: by a link they lead to the very bytes of this one."""
    for copy in copies:
        if copy.replica_id != one.copy.replica_id and copy.place == one.copy.place != "":
            yield f"{one.file.lfn} at {copy.endpoint}:{copy.path}, {copy.state}"


def _ground(wish: Wish | None, paper: Statement | None) -> Ground:
    return (wish or _from_paper(paper)).ground


def _from_paper(paper: Statement | None) -> Wish:
    """What its certificate was asked for; a copy without one is refused for that."""
    return _UNSAID if paper is None else Wish(paper.ground, paper.by, paper.reason, paper.acceptance)


Products = dict[int, tuple[Product, ...]]


def _products(
    conn: Connection, here: Mapping[int, Here], rules: Rules, *, lock: bool
) -> tuple[Products, Products]:
    """What was made from each file, and what made it."""
    files = sorted({one.file.file_id for one in here.values()})
    held, made = going_products.holding(conn, files), going_products.making(conn, files)
    groups = sorted({group for groups in (*held.values(), *made.values()) for group in groups})
    known = going_products.products(conn, groups, rules.terms, rules.prefixes, lock=lock) if groups else {}
    return _named(held, known), _named(made, known)


def _named(groups: Mapping[int, tuple[int, ...]], known: Mapping[int, Product]) -> Products:
    return {file: tuple(known[group] for group in its if group in known) for file, its in groups.items()}

"""May the copies of a file go? Every rule of retention, with the fact behind it and what would change it."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.db import files, going, replicas
from catalog.db.engine import Catalog, Connection
from catalog.db.going import Rules, Wish
from catalog.db.move import Why
from catalog.retention import GUARDS, Asking, Facts, Ground, Guard
from catalog.states import EndpointKind, ReplicaState, Role


@dataclass(frozen=True, slots=True)
class GuardLine:
    """A rule: whether it is kept, in a sentence; ``command``: what a person can do if it is not."""

    guard: str
    kept: bool
    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class CopyVerdict:
    """May this copy go on that ground: ``withdraw`` (the first asking) or ``remove`` (the second)?"""

    endpoint: str
    path: str
    state: str
    ground: Ground
    asking: Asking
    allowed: bool
    lines: tuple[GuardLine, ...]
    certificate: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks against it."""
        return tuple(line.text for line in self.lines if not line.kept)


def explain_delete(
    catalog: Catalog, rules: Rules, lfn: str, ground: Ground | None = None
) -> list[CopyVerdict]:
    """For each copy of the file that is not deleted. Raises NotRegistered.

    ``ground``: why somebody would want it to go; None: the one that fits the copy best.
    """
    why = Why(catalog.clock.now(), catalog.actor)
    with catalog.read() as conn:
        return of_file(conn, files.find_file(conn, lfn).id, rules, why, ground)


def of_file(
    conn: Connection, file: int, rules: Rules, why: Why, ground: Ground | None = None
) -> list[CopyVerdict]:
    """The same, for a file by its id."""
    found = []
    for key, state, kind, role in replicas.of_file(conn, file):
        withdrawn = state in (ReplicaState.TRASHED, ReplicaState.DELETING)
        wish = None if withdrawn else Wish(ground or fitting(state, kind, role))
        facts = going.facts(conn, [key], wish, rules, why, lock=False)
        found += [verdict(one) for one in facts.values()]
    return found


def fitting(state: ReplicaState, kind: EndpointKind, role: Role) -> Ground:
    """The ground on which such a copy would go, if on any."""
    if state is ReplicaState.BAD:
        return Ground.BAD
    if kind is EndpointKind.TAPE:
        return Ground.LOSS
    return Ground.MERGED if role is Role.INTERMEDIATE else Ground.ON_TAPE


def verdict(facts: Facts) -> CopyVerdict:
    """Every guard that concerns the ground, asked of these facts."""
    lines = tuple(_line(guard, facts) for guard in GUARDS if guard.concerns(facts.ground, facts.asking))
    copy = facts.copy
    return CopyVerdict(
        endpoint=copy.endpoint,
        path=copy.path,
        state=copy.state,
        ground=facts.ground,
        asking=facts.asking,
        allowed=all(line.kept for line in lines),
        lines=lines,
        certificate="" if facts.paper is None else facts.paper.seal,
    )


def _line(guard: Guard, facts: Facts) -> GuardLine:
    objection = guard.objection(facts)
    if objection is None:
        return GuardLine(guard.name, True, guard.rule)
    return GuardLine(guard.name, False, objection, guard.remedy.format(**_words(facts)))


def _words(facts: Facts) -> dict[str, object]:
    """What stands in a remedy: of the first product made from the file, if there is one."""
    product = next(iter(facts.products or facts.origins or ()), None)
    known = {
        "group": "GROUP" if product is None else product.group_id,
        "product": facts.file.product if product is None else product.product,
        "run": facts.file.run if product is None else product.run,
    }
    output = None if product is None else product.output
    return {**known, "lfn": facts.file.lfn, "output": facts.file.lfn if output is None else output.lfn}

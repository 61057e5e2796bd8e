"""A statement of earlier: does it add up by itself, and does the catalogue still say the same?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.db import evidence, periods
from catalog.db.engine import Catalog, Connection
from catalog.errors import BadInput
from catalog.statement import paper
from catalog.statement.later import Book, differences
from catalog.statement.paper import Statement
from catalog.statement.values import Seen
from ddm.periodfacts import facts, seen
from ddm.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement, what is wrong with it in itself, and what the catalogue says otherwise (None: it was not
    asked)."""

    period: str
    made_at: str
    made_by: str
    verdict: str
    runs: int
    seal: str
    problems: tuple[str, ...]
    differences: tuple[str, ...] | None


def check(path: Path, catalog: Catalog | None, settings: Settings | None) -> Checked:
    """Check a statement's own arithmetic, and compare it with the catalogue if one is given.

    Raises BadInput for a file that is no statement.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise BadInput(f"cannot be read: {why}", subject=str(path)) from None
    found, problems, seal = paper.read(text, str(path))
    held = None
    if catalog is not None and settings is not None:
        with catalog.read() as conn:
            held = tuple(against(conn, catalog, settings, found))
    stated = found.facts
    return Checked(
        stated.period,
        stated.made_at,
        stated.made_by,
        found.verdict,
        len(stated.runs),
        seal,
        tuple(problems),
        held,
    )


def against(conn: Connection, catalog: Catalog, settings: Settings, found: Statement) -> list[str]:
    """What of the statement the catalogue does not say any more."""
    known = {task.name: task for task in periods.tasks(conn)}
    gone = [name for name in found.facts.tasks if name not in known]
    chosen = [known[name] for name in found.facts.tasks if name in known]
    now = facts(conn, catalog, settings, found.facts.period, chosen)
    tapes = {
        copy.replica: (lfns[copy.file], copy.endpoint, copy.path)
        for task in chosen
        for lfns in [{part.output: part.lfn for part in periods.parts(conn, task.id)}]
        for copy in periods.on_tape(conn, task.id)
    }
    pieces: dict[tuple[str, str, str], frozenset[Seen]] = {}
    for replica, taken in evidence.everything(conn, list(tapes)).items():
        pieces[tapes[replica]] = pieces.get(tapes[replica], frozenset()) | {seen(piece) for piece in taken}
    sealed = {
        entry.seal
        for run in found.facts.runs
        for product in run.products
        for part in product.parts
        for entry in part.removed
    }
    book = Book(pieces, periods.seals(conn, sorted(sealed - {""})))
    lost = [f"the catalogue does not know the task {name} any more" for name in gone]
    return lost + list(differences(found, now, book))

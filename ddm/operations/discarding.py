"""``ddm trash add``: a named person wants copies to go, file by file, and says why.

No wild card, no directory, no pattern: every file by its whole LFN. The rules choose the ground: its bytes
are bad and a good copy exists; another good copy on disk stays; it is settled on tape. Only when none of
these holds, and the person says so and types how many files it is, the loss itself is the ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.db import files, look, releasing
from catalog.db.engine import Catalog, Connection
from catalog.db.going import Wish
from catalog.db.look import CopyLine
from catalog.db.releasing import Withdrawn
from catalog.errors import BadInput, IllegalTransition, NotRegistered, RetentionRefused
from catalog.retention import Acceptance, Ground, Refused
from catalog.states import ReplicaState
from ddm.operations.common import because, confirmed, doing, named_at
from ddm.releaserules import rules_of
from ddm.settings import Settings

PATTERN = frozenset("*?[]{}%")
GOABLE = (ReplicaState.AVAILABLE, ReplicaState.BAD)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A copy that is to go: its ground, or every reason why it stays."""

    lfn: str
    endpoint: str
    size: int | None
    ground: Ground | None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discarded:
    """What may go, or went. ``done``: it went; else it was a plan. All of them or none."""

    copies: tuple[Wanted, ...]
    done: bool
    seals: tuple[str, ...] = ()

    @property
    def lost(self) -> int:
        """Files of which no verified copy is left then."""
        return sum(one.ground is Ground.LOSS for one in self.copies)


def explicit(lines: Iterable[str], subject: str) -> list[str]:
    """The LFNs of a list, one on each line; empty lines and those with # do not count.

    Raises BadInput, with the number of the line, for what is not the whole name of one file, or twice there.
    """
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        lfn = line.strip()
        if not lfn or lfn.startswith("#"):
            continue
        if (wrong := _no_lfn(lfn)) is not None:
            raise BadInput(f"line {number}: {wrong}: {lfn[:200]!r}; nothing was changed", subject=subject)
        if lfn in found:
            raise BadInput(
                f"line {number}: the same file as line {found[lfn]}; nothing was changed", subject=subject
            )
        found[lfn] = number
    return list(found)


def _no_lfn(lfn: str) -> str | None:
    if lfn.endswith("/"):
        return "a directory; files are named one by one"
    if PATTERN & set(lfn):
        return "a pattern; files are named one by one"
    if not lfn.startswith("/"):
        return "not a whole LFN, which begins with /"
    return None


def discard(
    catalog: Catalog,
    settings: Settings,
    lfns: Sequence[str],
    endpoint: str | None,
    reason: str,
    *,
    act: bool,
    accept_loss: bool = False,
    typed: int | None = None,
) -> Discarded:
    """Withdraw one copy of each file, all or none of them. ``act`` False: only say what would be.

    ``accept_loss``: files whose last verified copy it is may go as well; then ``typed`` is their number, all
    files of the list. Raises BadInput, NotRegistered, IllegalTransition, or RetentionRefused, with every
    reason of the first file.
    """
    names = explicit(lfns, "LFN")
    if not names:
        raise BadInput("no file is named", subject="LFN")
    if accept_loss and act and typed != len(names):
        raise BadInput(
            f"to accept the loss, type how many files are named: {len(names)}",
            subject="--confirm",
            advice=f"--confirm {len(names)}",
        )
    with doing(catalog, act) as conn:
        if endpoint is not None:
            named_at(conn, settings, endpoint)
        copies = _copies(conn, names, endpoint)
        if act:
            confirmed(settings, len(copies), sum(row.size or 0 for row in copies), typed)
        word = Acceptance(catalog.actor, reason, len(names) if typed is None else typed, len(names))
        found, done = _withdraw(conn, catalog, settings, copies, reason, word if accept_loss else None)
        refused = [one for one in found if one.ground is None]
        if act and refused:
            conn.rollback()
            raise _refusal(refused, accept_loss)
    seals = tuple(paper.seal for one in done for paper in one.papers)
    return Discarded(tuple(found), act, seals if act else ())


def _refusal(refused: Sequence[Wanted], accept_loss: bool) -> RetentionRefused:
    first = refused[0]
    more = f"; {len(refused) - 1} more files are refused" if len(refused) > 1 else ""
    return RetentionRefused(
        f"{'; '.join(first.refused)}{more}; nothing was changed",
        subject=first.lfn,
        advice="without --yes all of them are shown" + ("" if accept_loss else ", with every reason"),
    )


def _copies(conn: Connection, names: Sequence[str], endpoint: str | None) -> list[CopyLine]:
    """The copy of each file that is meant. Raises if it is not one."""
    found = []
    for name in names:
        file = files.find_file(conn, name)
        if str(file.lfn) != name:
            raise NotRegistered("no file has exactly this LFN; nothing was changed", subject=name)
        rows = look.copies_in(conn, file.id, GOABLE)
        mine = [row for row in rows if endpoint is None or row.endpoint == endpoint]
        bad = [row for row in mine if row.state == ReplicaState.BAD]
        chosen = bad if len(mine) > 1 and len(bad) == 1 else mine
        if len(chosen) > 1:
            places = ", ".join(row.endpoint for row in chosen)
            raise BadInput(f"which copy? it is at {places}; nothing was changed", subject="--endpoint")
        if not chosen:
            where = f" at {endpoint}" if endpoint else ""
            raise IllegalTransition(
                f"it has no copy{where} that is AVAILABLE or BAD; nothing was changed", subject=name
            )
        found.append(chosen[0])
    return found


def _withdraw(
    conn: Connection,
    catalog: Catalog,
    settings: Settings,
    copies: Sequence[CopyLine],
    reason: str,
    word: Acceptance | None,
) -> tuple[list[Wanted], list[Withdrawn]]:
    """Ask ground by ground, the mildest first; what one refuses the next is asked for."""
    why, rules = because(catalog, reason), rules_of(settings)
    grounds = [Ground.BAD, Ground.SPARE, Ground.ON_TAPE] + ([Ground.LOSS] if word is not None else [])
    left = {row.replica_id: row for row in copies}
    gone: dict[int, Ground] = {}
    refused: dict[int, dict[Ground, Refused]] = {key: {} for key in left}
    done = []
    for ground in grounds:
        asked = [key for key in left if key not in gone and _fits(left[key].state, ground)]
        if not asked:
            continue
        wish = Wish(ground, why.actor, why.reason, word if ground is Ground.LOSS else None)
        result = releasing.withdraw(conn, asked, wish, rules, why)
        done.append(result)
        gone |= dict.fromkeys(result.replicas, ground)
        for key, verdict in result.refused.items():
            refused[key][ground] = verdict
    return [_wanted(row, gone.get(row.replica_id), refused[row.replica_id]) for row in copies], done


def _fits(state: str, ground: Ground) -> bool:
    """Nobody is told that a copy is not BAD who did not say that it was."""
    if ground is Ground.LOSS:
        return True
    return (state == ReplicaState.BAD) == (ground is Ground.BAD)


def _wanted(row: CopyLine, ground: Ground | None, refused: dict[Ground, Refused]) -> Wanted:
    reasons: list[str] = []
    if ground is None:
        told = {text: None for verdict in refused.values() for text in verdict.reasons}
        reasons = list(told) or ["another session has it in hand: try again"]
    return Wanted(row.lfn, row.endpoint, row.size, ground, tuple(reasons))

"""Plans of repair as texts: compared line by line with what was proposed, and signed by a person.

What was proposed is kept beside the catalogue, and the text is compared with it when it is signed and again
when it is begun; what a line says counts only as far as it is that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.db import repairs
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.db.repairs import Repair
from catalog.errors import BadInput, IllegalTransition, NotRegistered, RuleBroken
from catalog.states import RepairAct, RepairState
from ddm.app import App
from ddm.operations.common import confirmed, why
from ddm.reconcile import plantext
from ddm.reconcile.actions import Proposal
from ddm.reconcile.kinds import Kind
from ddm.reconcile.plantext import Chosen, Fault, Signature

PROPOSED = "proposed.jsonl"
AT_ONCE = 1000
FAULTS = 1000
"""Faults of a text that are told; there may be more."""


@dataclass(frozen=True, slots=True)
class Sum:
    """So many lines of a kind are for an action (None: for none), and their bytes as far as known."""

    kind: Kind
    act: RepairAct | None
    files: int
    size: int


Sums = dict[tuple[Kind, RepairAct | None], list[int]]


def facts(catalog: Catalog, plan: Repair) -> dict[str, str]:
    """The head of the text: by these it is known again."""
    found = {
        "plan": str(plan.id),
        "catalogue": catalog.name,
        "comparison": str(plan.comparison),
        "made": f"{plan.made_at.isoformat()} by {plan.made_by}",
        "proposed": f"{plan.proposals} lines, sha256 {plan.proposed}",
    }
    if plan.dataset:
        found["adopt into"] = f"{plan.dataset} by the names of task {plan.task}"
    return found


# ------------------------------------------------------------------------------------------- reading
@dataclass(frozen=True, slots=True)
class Read:
    """A text as it is. ``faults``: everything that is wrong with it, in order. ``files``, ``size``: of the
    lines that are to be done; ``strangers``: those of them that have a file go which nobody knows.
    ``signature``: of a signed one; ``body``: the sha256 of all before it."""

    plan: Repair
    sums: tuple[Sum, ...]
    files: int
    size: int
    strangers: int
    faults: tuple[Fault, ...]
    signature: Signature | None
    body: str


def _nobody(lines: int) -> None:
    """Is told of progress where nobody wants to know."""


def read(app: App, file: Path, told: Callable[[int], None] = _nobody) -> Read:
    """Read a text, and compare every line with what was proposed. ``told``: of so many lines more.

    Raises BadInput for what is no plan, NotRegistered for a plan of another catalogue.
    """
    plan = plan_of(app, file)
    sums: Sums = {}
    faults: list[Fault] = []
    strangers = 0
    body = Body(file)
    for number, entry in enumerate(body.chosen(app, plan), 1):
        if number % AT_ONCE == 0:
            told(AT_ONCE)
        if isinstance(entry, Fault):
            faults.append(entry)
            if len(faults) >= FAULTS:
                faults.append(Fault(0, "and perhaps more: the rest was not looked at"))
                break
            continue
        amount = sums.setdefault((entry.proposal.kind, entry.act), [0, 0])
        amount[0], amount[1] = amount[0] + 1, amount[1] + (entry.proposal.size or 0)
        strangers += is_stranger(entry.act, entry.proposal.kind)
    order = sorted(sums.items(), key=lambda one: (one[0][1] or "", one[0][0]))
    found = tuple(Sum(kind, act, *amount) for (kind, act), amount in order)
    files, size = sum(one.files for one in found), sum(one.size for one in found)
    told(files % AT_ONCE)
    sha256 = body.digest.hexdigest()
    return Read(plan, found, files, size, strangers, tuple(faults), body.signature, sha256)


def is_stranger(act: RepairAct, kind: str) -> bool:
    """Whether a line has a file go that nobody knows, and no attempt of ours left."""
    return act is RepairAct.TRASH and kind != Kind.DEBRIS


@dataclass
class Body:
    """The lines of a text without its signature, and the signature once they were read."""

    file: Path
    signature: Signature | None = None
    wrong: str = ""
    digest: Any = field(default_factory=plantext.sha256)

    def lines(self) -> Iterator[bytes]:
        tail: list[bytes] = []
        with open(self.file, "rb") as stream:
            while raw := stream.readline(plantext.LONGEST + 1):
                if tail or raw.startswith(f"{plantext.SIGNATURE}signed".encode()):
                    tail.append(raw)
                    if len(tail) > 2:
                        self.wrong = (
                            "something follows the signature: the plan was changed after it was signed"
                        )
                        return
                    continue
                self.digest.update(raw)
                yield raw
        if len(tail) == 1:
            self.wrong = "its signature is cut off"
        elif tail:
            try:
                self.signature = plantext.signed(tail, self.digest)
            except ValueError as error:
                self.wrong = str(error)

    def chosen(self, app: App, plan: Repair) -> Iterator[Chosen | Fault]:
        kept = app.settings.reconcile.directory / plan.directory / PROPOSED
        if not kept.is_file():
            raise BadInput("what was proposed is not there any more; make a new plan", subject=str(kept))
        proposed = _Checked(kept)
        yield from plantext.chosen(self.lines(), proposed.each(), facts(app.catalog, plan))
        if self.wrong:
            yield Fault(0, self.wrong)
        if proposed.whole() != plan.proposed:
            raise RuleBroken("is not what was proposed: it was changed; make a new plan", subject=str(kept))


@dataclass
class _Checked:
    """What was proposed, and its sum."""

    kept: Path

    def each(self) -> Iterator[Proposal]:
        with open(self.kept, "rb") as stream:
            for raw in stream:
                try:
                    yield plantext.recorded(raw.decode())
                except (ValueError, TypeError):
                    raise RuleBroken(
                        "is not what was proposed: it was changed; make a new plan", subject=str(self.kept)
                    ) from None

    def whole(self) -> str:
        """The sum of all of it, also of what nobody wanted."""
        digest = plantext.sha256()
        with open(self.kept, "rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return str(digest.hexdigest())


def plan_of(app: App, file: Path) -> Repair:
    """The plan of the catalogue that a text is of, by its head."""
    number, made = 0, ""
    try:
        with open(file, "rb") as stream:
            first = stream.readline(200)
            if first.rstrip() != plantext.TITLE.encode():
                raise BadInput(plantext.no_plan(first), subject=str(file))
            for _ in range(20):
                text = stream.readline(plantext.LONGEST).decode("utf-8", "replace").rstrip("\r\n")
                name, _, value = text.removeprefix(plantext.HEAD).partition("\t")
                if (
                    text.startswith(plantext.HEAD)
                    and name == "plan"
                    and value.isascii()
                    and value.isdecimal()
                ):
                    number = int(value[:18])
                elif text.startswith(plantext.HEAD) and name == "made":
                    made = value
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(file)) from None
    if not number:
        raise BadInput(
            f"its head does not say which plan it is: '{plantext.HEAD}plan', a tab and a number",
            subject=str(file),
            advice="an editor may have made spaces of the tabs; 'ddm reconcile plan' makes a new one",
        )
    with app.catalog.read() as conn:
        plan = repairs.one(conn, number)
    if made != plantext.quoted(facts(app.catalog, plan)["made"]):
        raise NotRegistered(
            f"it is not plan {number} of this catalogue, made {plan.made_at:%F %T} by {plan.made_by}",
            subject=str(file),
            advice="it is of another catalogue, or its head was changed",
        )
    return plan


# ------------------------------------------------------------------------------------------- signing
def faults_to_sign(found: Read) -> tuple[Fault, ...]:
    """What is wrong with a text that is to be signed: an old signature is not, a new one replaces it."""
    return tuple(fault for fault in found.faults if fault.text not in _STALE)


def sign(app: App, file: Path, typed: int | None, found: Read | None = None) -> Read:
    """Sign a text as it is. ``typed``: how many files it is of, as a person says. ``found``: what that person
    was shown of it, so that a long text is not read again; it must still be that.

    Raises BadInput if it has faults or the number is not right, IllegalTransition if it was begun.
    """
    found = found or read(app, file)
    if found.plan.state not in (RepairState.PLANNED, RepairState.SIGNED):
        raise IllegalTransition(
            f"it is {found.plan.state}; nothing was signed", subject=f"plan {found.plan.id}"
        )
    if said := faults_to_sign(found):
        raise BadInput(f"{said[0]}; nothing was signed", subject=str(file))
    if not found.files:
        raise BadInput("no line of it is to be done; nothing was signed", subject=str(file))
    confirmed(app.settings, found.files, found.size, typed)
    if found.strangers and typed is None:
        raise BadInput(
            f"{found.strangers} of its {found.files} files are known to nobody, and are to be trashed",
            subject=str(file),
            advice=f"to sign that, type how many files it is in all: --confirm {found.files}",
        )
    person = why(app.catalog)
    signature = _write_signed(file, found, person)
    again = replace(found, signature=signature, faults=())
    with app.catalog.begin("operation") as conn:
        said_so = person.because(f"{again.files} files, {again.size} bytes, sha256 {signature.sha256}")
        repairs.sign(conn, again.plan.id, signature.sha256, again.files, again.size, said_so)
    return again


def _write_signed(file: Path, found: Read, person: Why) -> Signature:
    """The text with a signature takes the place of the one without. Raises BadInput if it is not what was
    read."""
    body, last = Body(file), b""
    part = file.with_name(f".{file.name}.part")
    with open(part, "wb") as stream:
        for raw in body.lines():
            stream.write(raw)
            last = raw
        if body.digest.hexdigest() != found.body:
            raise BadInput("it was changed while it was signed; sign it again", subject=str(file))
        if not last.endswith(b"\n"):
            stream.write(b"\n")
            body.digest.update(b"\n")
        added = plantext.signature(person.actor, person.at, found.files, found.size, body.digest)
        stream.write(added)
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(OSError):
        os.chmod(part, file.stat().st_mode & 0o777)
    os.replace(part, file)
    return plantext.signed(added.splitlines(keepends=True), body.digest)


_STALE = frozenset({"it was changed after it was signed", "its signature is cut off"})
"""Faults of an old signature, which a new one replaces."""

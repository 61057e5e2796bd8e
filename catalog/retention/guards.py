"""Every rule of retention, once and by name: what speaks against a copy's going, and what to do about it.

A guard is asked of every copy, for every ground and both times; one that does not concern it says nothing. No
two guards say the same thing: the model checker takes one away at a time, and sees that each is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog.checksum import Adler32
from catalog.retention import strength
from catalog.retention.facts import Asking, Facts, FileFacts, Ground, Product
from catalog.states import CheckState, EndpointKind, GroupState, ReplicaState, Role
from catalog.units import format_duration


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule. ``objection``: a sentence that says what speaks against it, or None.

    ``rule``: what must be so, for the documentation; ``remedy``: what a person can do, often a command, with
    ``{lfn}`` of the file and, where something was made from it, ``{group}``, ``{run}``, ``{product}`` and
    ``{output}``. ``grounds``, ``askings``: those that it concerns; for others it never says anything.
    """

    name: str
    objection: Callable[[Facts], str | None]
    rule: str
    remedy: str
    grounds: tuple[Ground, ...] = tuple(Ground)
    askings: tuple[Asking, ...] = tuple(Asking)

    def concerns(self, ground: Ground, asking: Asking) -> bool:
        """Whether it may say anything for this ground, at this asking."""
        return ground in self.grounds and asking in self.askings


# --------------------------------------------------------------------- the copy and its file
def _role(facts: Facts) -> str | None:
    if facts.ground is Ground.MERGED and facts.file.role is not Role.INTERMEDIATE:
        return f"it is {facts.file.role}, only intermediate files go once they are merged"
    return None


def _state(facts: Facts) -> str | None:
    state = facts.copy.state
    if facts.asking is Asking.REMOVE:
        good = state in (ReplicaState.TRASHED, ReplicaState.DELETING)
        return None if good else f"its copy is {state}, only withdrawn ones are removed"
    match facts.ground:
        case Ground.BAD:
            good = state is ReplicaState.BAD
        case Ground.LOSS:
            good = state in (ReplicaState.AVAILABLE, ReplicaState.BAD)
        case _:
            good = state is ReplicaState.AVAILABLE
    return (
        None if good else f"its copy is {state}" + ("" if facts.ground is Ground.BAD else ", not AVAILABLE")
    )


def _disk(facts: Facts) -> str | None:
    if facts.copy.kind is not EndpointKind.DISK and facts.ground not in (Ground.BAD, Ground.LOSS):
        return "it is on tape"
    return None


def _numbers(facts: Facts) -> str | None:
    if facts.ground is not Ground.LOSS and (facts.file.size is None or facts.file.adler32 is None):
        return "nobody knows its size and checksum"
    return None


def _person(facts: Facts) -> str | None:
    asked = facts.person.strip() and facts.reason.strip()
    if facts.ground in (Ground.SPARE, Ground.BAD) and not asked:
        return (
            f"no person asked for it, with a name and a reason, and a copy goes as '{facts.ground}' only so"
        )
    return None


# ---------------------------------------------------------------------------- who needs it
def _nobody(count: int | None, what: str) -> str | None:
    if count is None:
        return f"nobody knows how many {what}"
    return f"{count} {what}" if count else None


def _jobs(facts: Facts) -> str | None:
    return _nobody(facts.uses.jobs, "job(s) still want it")


def _leases(facts: Facts) -> str | None:
    return _nobody(facts.uses.leases, "lease(s) of recalls are for it")


def _pins(facts: Facts) -> str | None:
    return _nobody(facts.uses.pins, "pin(s) keep it staged")


def _requests(facts: Facts) -> str | None:
    return _nobody(facts.uses.requests, "copies or recalls from it or to it are under way")


def _hold(facts: Facts) -> str | None:
    return _stops(facts.holds, "a person keeps it", "a person keeps it")


def _freeze(facts: Facts) -> str | None:
    return _stops(facts.freezes, "deletion is frozen", "deletion is frozen")


def _stops(found: tuple[str, ...] | None, unknown: str, known: str) -> str | None:
    if found is None:
        return f"nobody knows whether {unknown}"
    return f"{known}: {'; '.join(found)}" if found else None


def _namesakes(facts: Facts) -> str | None:
    if facts.namesakes is None:
        return "nobody knows whether another entry of the catalogue has the same place"
    if facts.namesakes:
        return f"other entries of the catalogue are at the same place: {'; '.join(facts.namesakes)}"
    return None


# -------------------------------------------------------------------- what was made from it
def _of_products(judge: Callable[[FileFacts, Product], str | None]) -> Callable[[Facts], str | None]:
    """The objections of a rule for each product made from the file, and what that went into; for MERGED."""

    def objection(facts: Facts) -> str | None:
        if facts.ground is not Ground.MERGED:
            return None
        found = [judge(file, product) for file, product in facts.line]
        return "; ".join(text for text in found if text) or None

    return objection


def _made(facts: Facts) -> str | None:
    if facts.ground is Ground.MERGED and facts.products is None:
        return "nobody knows what was made from it"
    return "nothing was made from it" if facts.ground is Ground.MERGED and not facts.products else None


@_of_products
def _archived(file: FileFacts, product: Product) -> str | None:
    if product.state in (GroupState.ARCHIVED, GroupState.CLEANED):  # what it went into may be ready first
        return None
    return f"its merge group {product.group_id} is {product.state}, not ARCHIVED"


@_of_products
def _siblings(file: FileFacts, product: Product) -> str | None:
    if product.siblings is None:
        return "nobody knows whether the other merges of the run are archived"
    return f"{product.siblings} other merge(s) of the run are not archived" if product.siblings else None


@_of_products
def _members(file: FileFacts, product: Product) -> str | None:
    group = product.group_id
    member = product.by_file.get(file.file_id)
    if member is None:
        return f"{file.lfn} is no member of merge group {group}"
    if (member.lfn, member.size, member.adler32) != (file.lfn, file.size, file.adler32):
        return f"merge group {group} has {file.lfn} with another name, size or checksum"
    if not product.in_order:
        return f"the members of merge group {group} are not in order"
    if product.planned_size is None or product.size_in != product.planned_size:
        size = "an unknown number of" if product.size_in is None else product.size_in
        return f"the members of merge group {group} have {size} bytes, {product.planned_size} were planned"
    if product.inputs is None:
        return f"nobody knows what the output of merge group {group} was made from"
    if product.inputs != product.by_file.keys():
        text = "was not made from exactly its members"
        return f"the output of merge group {group} {text} ({len(product.inputs)} of {len(product.members)})"
    return None


@_of_products
def _check(file: FileFacts, product: Product) -> str | None:
    if product.check in (CheckState.PASSED, CheckState.WAIVED):
        return None
    return f"the cross-check is {product.check or 'not made'}"


@_of_products
def _waiver(file: FileFacts, product: Product) -> str | None:
    if product.check == CheckState.WAIVED and not product.waivers:
        return "the cross-check is WAIVED, and no waiver is in force"
    return None


@_of_products
def _counts(file: FileFacts, product: Product) -> str | None:
    if not product.counted or (product.check == CheckState.WAIVED and product.waived):
        return None
    taken, kept = product.events_in, product.events_out
    if taken is None or kept is None:
        whose = "its members" if taken is None else "the merged file"
        return f"nobody knows how many events {whose} hold" + ("" if taken is None else "s")
    return None if taken == kept else f"{taken} events went in, {kept} came out"


@_of_products
def _gaps(file: FileFacts, product: Product) -> str | None:
    if product.missing is None:
        return "nobody knows whether every raw chunk of the run was processed"
    if product.missing:
        return f"{product.missing} raw chunk(s) of the run are neither processed nor registered as a gap"
    return None


def _settings(facts: Facts) -> str | None:
    if facts.ground is Ground.MERGED and not facts.released:
        return f"the settings keep what {facts.file.product} is merged from (inputs_after_archive)"
    return None


# --------------------------------------------------------------------------- the copy on tape
def _of_pillars(judge: Callable[[Facts, strength.Pillar], str | None]) -> Callable[[Facts], str | None]:
    """The objections of a rule that holds for each file that must be safe on tape."""

    def objection(facts: Facts) -> str | None:
        found = [judge(facts, pillar) for pillar in strength.pillars(facts)]
        return "; ".join(text for text in found if text) or None

    return objection


def _output(facts: Facts) -> str | None:
    if facts.ground is not Ground.MERGED:
        return None
    lacking = [str(product.group_id) for _, product in facts.line if product.output is None]
    return f"nobody knows the merged file of merge group {', '.join(lacking)}" if lacking else None


@_of_pillars
def _tape(facts: Facts, pillar: strength.Pillar) -> str | None:
    if pillar.copy is None:
        taped = facts.copy.kind is EndpointKind.TAPE and pillar.file == facts.file
        return f"{pillar.file.lfn} has no {'other ' if taped else ''}copy on tape"
    if pillar.copy.state is not ReplicaState.AVAILABLE:
        return f"the copy of {pillar.file.lfn} on tape is {pillar.copy.state}, not AVAILABLE"
    return None


@_of_pillars
def _evidence(facts: Facts, pillar: strength.Pillar) -> str | None:
    if pillar.copy is None or strength.proven(pillar.copy, pillar.wanted, facts.now):
        return None
    return f"there is no evidence of grade {pillar.wanted.grade} that {pillar.file.lfn} is on tape"


@_of_pillars
def _agreement(facts: Facts, pillar: strength.Pillar) -> str | None:
    found = pillar.copy and strength.disagreement(pillar.file, pillar.copy, pillar.wanted)
    return f"{pillar.file.lfn} on tape: {found}" if found else None


@_of_pillars
def _settled(facts: Facts, pillar: strength.Pillar) -> str | None:
    found = pillar.copy and strength.unsettled(pillar.copy, pillar.wanted, facts.now)
    return f"{pillar.file.lfn} is not settled on tape: {found}" if found else None


@_of_pillars
def _fresh(facts: Facts, pillar: strength.Pillar) -> str | None:
    if facts.asking is Asking.WITHDRAW or pillar.copy is None:
        return None
    found = strength.outdated(pillar.copy, pillar.wanted, facts.now)
    return f"{pillar.file.lfn} on tape: {found}" if found else None


@_of_pillars
def _place(facts: Facts, pillar: strength.Pillar) -> str | None:
    if pillar.copy is None or strength.elsewhere(pillar.copy, facts.copy):
        return None
    return f"the copy of {pillar.file.lfn} on tape is at the very place of this one, or nobody knows"


# ------------------------------------------------------------------ copies of the file itself
def _origin(facts: Facts) -> str | None:
    if facts.ground is not Ground.ON_TAPE:
        return None
    if facts.origins is None:
        return "nobody knows which merge made it"
    for product in facts.origins:
        if product.state not in (GroupState.ARCHIVED, GroupState.CLEANED):
            return f"merge group {product.group_id}, which made it, is {product.state}, not ARCHIVED"
        if product.check not in (CheckState.PASSED, CheckState.WAIVED):
            return f"its cross-check is {product.check or 'not made'}"
    return None


def _inputs(facts: Facts) -> str | None:
    if facts.ground is not Ground.ON_TAPE:
        return None
    if facts.products is None:
        return "nobody knows what is to be made from it"
    done = (GroupState.ARCHIVED, GroupState.CLEANED)
    waiting = [str(product.group_id) for product in facts.products if product.state not in done]
    return f"merge group {', '.join(waiting)} needs it on disk until it is archived" if waiting else None


def _spare(facts: Facts) -> str | None:
    if facts.ground is not Ground.SPARE:
        return None
    if any(strength.good_on_disk(facts, copy) for copy in facts.others or ()):
        return None
    return f"no other AVAILABLE copy on disk was compared within the last {format_duration(facts.wanted.age)}"


def _good(facts: Facts) -> str | None:
    if facts.ground is not Ground.BAD:
        return None
    for copy in facts.others or ():
        if strength.good_on_disk(facts, copy):
            return None
        if strength.safe_on_tape(facts, facts.file, copy, facts.wanted):
            return None
    return "no good copy of it is known: none on disk that was compared lately, none settled on tape"


# ----------------------------------------------------------------------------------- losses
def _accepted(facts: Facts) -> str | None:
    if facts.ground is not Ground.LOSS:
        return None
    word = facts.acceptance
    if word is None or not word.by.strip() or not word.reason.strip():
        return "no named person has accepted the loss, with a reason"
    if word.typed != word.files or word.files < 1:
        return f"{word.typed} files were typed, {word.files} would be lost"
    return None


def _raw(facts: Facts) -> str | None:
    if facts.ground is not Ground.LOSS:
        return None
    if facts.raw is None:
        return "nobody knows which raw chunks its events are of"
    open_ = [chunk.lfn for chunk in facts.raw if not chunk.kept and not chunk.gap]
    if not open_:
        return None
    more = f" and {len(open_) - 3} more" if len(open_) > 3 else ""
    return f"its events have no other copy and are no registered gap: {', '.join(open_[:3])}{more}"


# ------------------------------------------------------------------------- the second asking
def _grace(facts: Facts) -> str | None:
    if facts.asking is Asking.WITHDRAW or facts.paper is None:
        return None
    until = facts.paper.issued + facts.grace
    return None if facts.now >= until else f"it may be had back until {until:%F %T}"


def _certificate(facts: Facts) -> str | None:
    if facts.asking is Asking.WITHDRAW:
        return None
    paper = facts.paper
    if paper is None:
        return "it has no certificate"
    if not paper.intact:
        return f"certificate {paper.seal[:16]} is not what was sealed"
    if paper.ground is not facts.ground:
        return f"certificate {paper.seal[:16]} is for another ground: {paper.ground}"
    told = (paper.lfn, paper.size, paper.adler32)
    if told != (facts.file.lfn, facts.file.size, facts.file.adler32):
        return f"certificate {paper.seal[:16]} tells another name, size or checksum of it"
    if paper.version > 1 and (paper.endpoint, paper.path) != (facts.copy.endpoint, facts.copy.path):
        return f"certificate {paper.seal[:16]} is for a copy at {paper.endpoint}:{paper.path}"
    return _certified_products(facts)


def _certified_products(facts: Facts) -> str | None:
    if facts.ground is not Ground.MERGED or facts.paper is None:
        return None
    seal, told = facts.paper.seal[:16], facts.paper.products
    now = {product.group_id: product for _, product in facts.line}
    if told.keys() != now.keys():
        return f"certificate {seal} is on the strength of other merges than there are now"
    for group, (lfn, size, adler32, digest) in told.items():
        product = now[group]
        output = product.output
        if output is None or (output.lfn, output.size, output.adler32) != (lfn, size, adler32):
            checksum = "?" if adler32 is None else Adler32(adler32)
            return f"certificate {seal} is on the strength of {lfn} of {size} bytes, adler32 {checksum}"
        if digest is not None and digest != product.digest:
            return f"the members of merge group {group} are not those of certificate {seal}"
    return None


_M, _O, _S, _B, _L = (
    (ground,) for ground in (Ground.MERGED, Ground.ON_TAPE, Ground.SPARE, Ground.BAD, Ground.LOSS)
)
_T, _P = (*_M, *_O), (*_S, *_B)
_D, _N = (*_T, *_S), (*_T, *_P)

_MERGE = "ddm merge show {group}; ddm explain '{lfn}'"
_CHECK = "ddm check explain {run} {product}"
_EVIDENCE = "the flow takes evidence by itself: ddm archive status; ddm explain '{output}'"
_COMPARE = "ddm file compare '{lfn}' --reason '…'"

GUARDS: tuple[Guard, ...] = (
    Guard(
        "role",
        _role,
        "once merged, only intermediate files go",
        "raw and merged files go on other grounds",
        grounds=_M,
    ),
    Guard(
        "state",
        _state,
        "AVAILABLE copies are withdrawn (BAD ones as `bad`), withdrawn ones removed",
        "ddm file show '{lfn}'",
    ),
    Guard(
        "disk",
        _disk,
        "a copy on tape never goes, unless it is bad or its loss is accepted",
        "keep it",
        grounds=_D,
    ),
    Guard("numbers", _numbers, "size and adler32 of the file are known", "ddm file show '{lfn}'", grounds=_N),
    Guard(
        "person",
        _person,
        "spare and bad copies, and losses, are asked for by a named person, with a reason",
        "ddm trash add '{lfn}' --reason '…'",
        grounds=_P,
    ),
    Guard("jobs", _jobs, "no job that is not over wants the file", "ddm explain '{lfn}' names the jobs"),
    Guard("leases", _leases, "no lease of a recall campaign is for the copy", "ddm stage status"),
    Guard("pins", _pins, "no live pin keeps the copy staged", "ddm stage status"),
    Guard(
        "requests", _requests, "no copy or recall from it or to it is under way", "ddm explain '{lfn}'; wait"
    ),
    Guard("hold", _hold, "no person keeps the file", "ddm hold lift NUMBER --reason '…' --yes"),
    Guard(
        "freeze",
        _freeze,
        "deletion is not frozen for everything, its endpoint or its task",
        "ddm trash thaw NUMBER --reason '…'; 'ddm trash list' has the numbers",
    ),
    Guard(
        "namesakes",
        _namesakes,
        "no other entry of the catalogue has its bytes at the same place",
        "ddm file show '{lfn}'; a person decides which entry is right",
    ),
    Guard(
        "settings",
        _settings,
        "the settings let the inputs of the product go once it is archived",
        'inputs_after_archive = "delete" in [product.{product}] of ddm.toml',
        grounds=_M,
    ),
    Guard("made", _made, "something was made from it", "ddm merge plan", grounds=_M),
    Guard(
        "archived",
        _archived,
        "every live merge that holds it is ARCHIVED (or CLEANED: its other inputs are gone)",
        _MERGE,
        grounds=_M,
    ),
    Guard(
        "siblings",
        _siblings,
        "every other merge of its runs is archived too",
        "ddm explain run {run}",
        grounds=_M,
    ),
    Guard(
        "members",
        _members,
        "it is a member as planned; the members are those that were planned and those that were merged",
        _MERGE,
        grounds=_M,
    ),
    Guard("check", _check, "the cross-check of the run and product is PASSED or WAIVED", _CHECK, grounds=_M),
    Guard(
        "waiver",
        _waiver,
        "a WAIVED cross-check has a waiver in force",
        "ddm check waivers --run {run}",
        grounds=_M,
    ),
    Guard(
        "counts",
        _counts,
        "as many events came out as went in, and both are known, or a waiver covers the part",
        _CHECK,
        grounds=_M,
    ),
    Guard(
        "gaps",
        _gaps,
        "every raw chunk of the run was processed or is in the gap register",
        "ddm gap list; ddm gap add",
        grounds=_M,
    ),
    Guard("output", _output, "the merged file on whose strength it goes is known", _MERGE, grounds=_M),
    Guard("tape", _tape, "that file has an AVAILABLE copy on tape", "ddm explain '{output}'", grounds=_T),
    Guard(
        "evidence", _evidence, "there is evidence of the grade that is wanted for it", _EVIDENCE, grounds=_T
    ),
    Guard(
        "agreement",
        _agreement,
        "size and adler32 of the evidence equal those of the file",
        "ddm explain '{output}'",
        grounds=_T,
    ),
    Guard(
        "settled", _settled, "the evidence was taken again, some time after the first", _EVIDENCE, grounds=_T
    ),
    Guard(
        "fresh",
        _fresh,
        "at the removal, the newest evidence is not too old",
        _EVIDENCE,
        grounds=_T,
        askings=(Asking.REMOVE,),
    ),
    Guard(
        "place",
        _place,
        "the copy on tape is at another place than the copy that goes",
        "ddm endpoint list",
        grounds=_T,
    ),
    Guard(
        "origin", _origin, "the merge that made it is archived and checked", "ddm explain '{lfn}'", grounds=_O
    ),
    Guard(
        "inputs", _inputs, "no merge that is not archived needs it on disk", "ddm explain '{lfn}'", grounds=_O
    ),
    Guard(
        "spare",
        _spare,
        "another AVAILABLE copy on disk, somewhere else, was compared lately",
        _COMPARE,
        grounds=_S,
    ),
    Guard(
        "good",
        _good,
        "a good copy is known: on disk and compared lately, or settled on tape",
        _COMPARE,
        grounds=_B,
    ),
    Guard(
        "accepted",
        _accepted,
        "a loss is accepted by a named person, with a reason and the typed number of files",
        "ddm trash add '{lfn}' --i-accept-data-loss --reason '…'",
        grounds=_L,
    ),
    Guard(
        "raw",
        _raw,
        "events that are lost are kept in raw, or in the gap register",
        "ddm gap add LFN --reason '…' --approver NAME --yes",
        grounds=_L,
    ),
    Guard(
        "grace",
        _grace,
        "at the removal, the grace time since its certificate is over",
        "wait",
        askings=(Asking.REMOVE,),
    ),
    Guard(
        "certificate",
        _certificate,
        "at the removal, its certificate is intact and says what the facts say",
        "ddm trash restore '{lfn}' --reason '…'; the flow withdraws it anew",
        askings=(Asking.REMOVE,),
    ),
)
"""Every rule, in the order in which a refusal names them."""

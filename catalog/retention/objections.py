"""What may speak against a copy's going, rule by rule: each a sentence about the facts, or None.

Called after their rules in ``catalog.retention.guards``. What nobody knows is an objection.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog.checksum import Adler32
from catalog.evidence import Grade
from catalog.retention import strength
from catalog.retention.facts import Asking, Facts, FileFacts, Ground, Product
from catalog.states import CheckState, EndpointKind, GroupState, ReplicaState, Role
from catalog.units import format_duration


# --------------------------------------------------------------------- the copy and its file
def role(facts: Facts) -> str | None:
    if facts.ground is Ground.MERGED and facts.file.role is not Role.INTERMEDIATE:
        return f"it is {facts.file.role}, only intermediate files go once they are merged"
    return None


def state(facts: Facts) -> str | None:
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


def disk(facts: Facts) -> str | None:
    if facts.copy.kind is not EndpointKind.DISK and facts.ground not in (Ground.BAD, Ground.LOSS):
        return "it is on tape"
    return None


def numbers(facts: Facts) -> str | None:
    if facts.ground is not Ground.LOSS and (facts.file.size is None or facts.file.adler32 is None):
        return "nobody knows its size and checksum"
    return None


def person(facts: Facts) -> str | None:
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


def jobs(facts: Facts) -> str | None:
    return _nobody(facts.uses.jobs, "job(s) still want it")


def leases(facts: Facts) -> str | None:
    return _nobody(facts.uses.leases, "lease(s) of recalls are for it")


def pins(facts: Facts) -> str | None:
    return _nobody(facts.uses.pins, "pin(s) keep it staged")


def requests(facts: Facts) -> str | None:
    return _nobody(facts.uses.requests, "copies or recalls from it or to it are under way")


def hold(facts: Facts) -> str | None:
    return _stops(facts.holds, "a person keeps it", "a person keeps it")


def freeze(facts: Facts) -> str | None:
    return _stops(facts.freezes, "deletion is frozen", "deletion is frozen")


def _stops(found: tuple[str, ...] | None, unknown: str, known: str) -> str | None:
    if found is None:
        return f"nobody knows whether {unknown}"
    return f"{known}: {'; '.join(found)}" if found else None


def namesakes(facts: Facts) -> str | None:
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


def made(facts: Facts) -> str | None:
    if facts.ground is Ground.MERGED and facts.products is None:
        return "nobody knows what was made from it"
    return "nothing was made from it" if facts.ground is Ground.MERGED and not facts.products else None


@_of_products
def archived(file: FileFacts, product: Product) -> str | None:
    if product.state in (GroupState.ARCHIVED, GroupState.CLEANED):  # what it went into may be ready first
        return None
    return f"its merge group {product.group_id} is {product.state}, not ARCHIVED"


@_of_products
def siblings(file: FileFacts, product: Product) -> str | None:
    if product.siblings is None:
        return "nobody knows whether the other merges of the run are archived"
    return f"{product.siblings} other merge(s) of the run are not archived" if product.siblings else None


@_of_products
def members(file: FileFacts, product: Product) -> str | None:
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
def check(file: FileFacts, product: Product) -> str | None:
    if product.check in (CheckState.PASSED, CheckState.WAIVED):
        return None
    return f"the cross-check is {product.check or 'not made'}"


@_of_products
def waiver(file: FileFacts, product: Product) -> str | None:
    if product.check == CheckState.WAIVED and not product.waivers:
        return "the cross-check is WAIVED, and no waiver is in force"
    return None


@_of_products
def counts(file: FileFacts, product: Product) -> str | None:
    if not product.counted or (product.check == CheckState.WAIVED and product.waived):
        return None
    taken, kept = product.events_in, product.events_out
    if taken is None or kept is None:
        whose = "its members" if taken is None else "the merged file"
        return f"nobody knows how many events {whose} hold" + ("" if taken is None else "s")
    return None if taken == kept else f"{taken} events went in, {kept} came out"


@_of_products
def gaps(file: FileFacts, product: Product) -> str | None:
    if product.missing is None:
        return "nobody knows whether every raw chunk of the run was processed"
    if product.missing:
        return f"{product.missing} raw chunk(s) of the run are neither processed nor registered as a gap"
    return None


def settings(facts: Facts) -> str | None:
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


def output(facts: Facts) -> str | None:
    if facts.ground is not Ground.MERGED:
        return None
    lacking = [str(product.group_id) for _, product in facts.line if product.output is None]
    return f"nobody knows the merged file of merge group {', '.join(lacking)}" if lacking else None


@_of_pillars
def tape(facts: Facts, pillar: strength.Pillar) -> str | None:
    if pillar.copy is None:
        taped = facts.copy.kind is EndpointKind.TAPE and pillar.file == facts.file
        return f"{pillar.file.lfn} has no {'other ' if taped else ''}copy on tape"
    if pillar.copy.state is not ReplicaState.AVAILABLE:
        return f"the copy of {pillar.file.lfn} on tape is {pillar.copy.state}, not AVAILABLE"
    return None


@_of_pillars
def evidence(facts: Facts, pillar: strength.Pillar) -> str | None:
    if pillar.copy is None or strength.proven(pillar.copy, pillar.wanted, facts.now):
        return None
    return f"there is no evidence of grade {pillar.wanted.grade} that {pillar.file.lfn} is on tape"


@_of_pillars
def agreement(facts: Facts, pillar: strength.Pillar) -> str | None:
    found = pillar.copy and strength.disagreement(pillar.file, pillar.copy, pillar.wanted)
    return f"{pillar.file.lfn} on tape: {found}" if found else None


@_of_pillars
def settled(facts: Facts, pillar: strength.Pillar) -> str | None:
    found = pillar.copy and strength.unsettled(pillar.copy, pillar.wanted, facts.now)
    return f"{pillar.file.lfn} is not settled on tape: {found}" if found else None


@_of_pillars
def fresh(facts: Facts, pillar: strength.Pillar) -> str | None:
    if facts.asking is Asking.WITHDRAW or pillar.copy is None:
        return None
    found = strength.outdated(pillar.copy, pillar.wanted, facts.now)
    return f"{pillar.file.lfn} on tape: {found}" if found else None


@_of_pillars
def place(facts: Facts, pillar: strength.Pillar) -> str | None:
    if pillar.copy is None or strength.elsewhere(pillar.copy, facts.copy):
        return None
    return f"the copy of {pillar.file.lfn} on tape is at the very place of this one, or nobody knows"


# ------------------------------------------------------------------ copies of the file itself
def origin(facts: Facts) -> str | None:
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


def inputs(facts: Facts) -> str | None:
    if facts.ground is not Ground.ON_TAPE:
        return None
    if facts.products is None:
        return "nobody knows what is to be made from it"
    done = (GroupState.ARCHIVED, GroupState.CLEANED)
    waiting = [str(product.group_id) for product in facts.products if product.state not in done]
    return f"merge group {', '.join(waiting)} needs it on disk until it is archived" if waiting else None


def spare(facts: Facts) -> str | None:
    if facts.ground is not Ground.SPARE:
        return None
    if any(strength.good_on_disk(facts, copy) for copy in facts.others or ()):
        return None
    how = "compared"
    if facts.wanted.grade is Grade.C:
        how = "read (evidence of grade c is wanted: 'ddm reconcile verify --how read')"
    return f"no other AVAILABLE copy on disk was {how} within the last {format_duration(facts.wanted.age)}"


def good(facts: Facts) -> str | None:
    if facts.ground is not Ground.BAD:
        return None
    for copy in facts.others or ():
        if strength.good_on_disk(facts, copy):
            return None
        if strength.safe_on_tape(facts, facts.file, copy, facts.wanted):
            return None
    return "no good copy of it is known: none on disk that was compared lately, none settled on tape"


# ----------------------------------------------------------------------------------- losses
def accepted(facts: Facts) -> str | None:
    if facts.ground is not Ground.LOSS:
        return None
    word = facts.acceptance
    if word is None or not word.by.strip() or not word.reason.strip():
        return "no named person has accepted the loss, with a reason"
    if word.typed != word.files or word.files < 1:
        return f"{word.typed} files were typed, {word.files} would be lost"
    return None


def raw(facts: Facts) -> str | None:
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
def grace(facts: Facts) -> str | None:
    if facts.asking is Asking.WITHDRAW or facts.paper is None:
        return None
    until = facts.paper.issued + facts.grace
    return None if facts.now >= until else f"it may be had back until {until:%F %T}"


def certificate(facts: Facts) -> str | None:
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

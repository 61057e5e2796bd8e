"""Every rule of retention, once and by name: what speaks against a copy's going, and what to do about it.

A guard is asked of every copy, for every ground and both times; one that does not concern it says nothing. No
two guards say the same thing: the model checker takes one away at a time, and sees that each is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog.retention import objections
from catalog.retention.facts import Asking, Facts, Ground


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
        objections.role,
        "once merged, only intermediate files go",
        "raw and merged files go on other grounds",
        grounds=_M,
    ),
    Guard(
        "state",
        objections.state,
        "AVAILABLE copies are withdrawn (BAD ones as `bad`), withdrawn ones removed",
        "ddm file show '{lfn}'",
    ),
    Guard(
        "disk",
        objections.disk,
        "a copy on tape never goes, unless it is bad or its loss is accepted",
        "keep it",
        grounds=_D,
    ),
    Guard(
        "numbers",
        objections.numbers,
        "size and adler32 of the file are known",
        "ddm file show '{lfn}'",
        grounds=_N,
    ),
    Guard(
        "person",
        objections.person,
        "spare and bad copies, and losses, are asked for by a named person, with a reason",
        "ddm trash add '{lfn}' --reason '…'",
        grounds=_P,
    ),
    Guard(
        "jobs",
        objections.jobs,
        "no job that is not over wants the file",
        "ddm explain '{lfn}' names the jobs",
    ),
    Guard("leases", objections.leases, "no lease of a recall campaign is for the copy", "ddm stage status"),
    Guard("pins", objections.pins, "no live pin keeps the copy staged", "ddm stage status"),
    Guard(
        "requests",
        objections.requests,
        "no copy or recall from it or to it is under way",
        "ddm explain '{lfn}'; wait",
    ),
    Guard("hold", objections.hold, "no person keeps the file", "ddm hold lift NUMBER --reason '…' --yes"),
    Guard(
        "freeze",
        objections.freeze,
        "deletion is not frozen for everything, its endpoint or its task",
        "ddm trash thaw NUMBER --reason '…'; 'ddm trash list' has the numbers",
    ),
    Guard(
        "namesakes",
        objections.namesakes,
        "no other entry of the catalogue has its bytes at the same place",
        "ddm file show '{lfn}'; a person decides which entry is right",
    ),
    Guard(
        "settings",
        objections.settings,
        "the settings let the inputs of the product go once it is archived",
        'inputs_after_archive = "delete" in [product.{product}] of ddm.toml',
        grounds=_M,
    ),
    Guard("made", objections.made, "something was made from it", "ddm merge plan", grounds=_M),
    Guard(
        "archived",
        objections.archived,
        "every live merge that holds it is ARCHIVED (or CLEANED: its other inputs are gone)",
        _MERGE,
        grounds=_M,
    ),
    Guard(
        "siblings",
        objections.siblings,
        "every other merge of its runs is archived too",
        "ddm explain run {run}",
        grounds=_M,
    ),
    Guard(
        "members",
        objections.members,
        "it is a member as planned; the members are those that were planned and those that were merged",
        _MERGE,
        grounds=_M,
    ),
    Guard(
        "check",
        objections.check,
        "the cross-check of the run and product is PASSED or WAIVED",
        _CHECK,
        grounds=_M,
    ),
    Guard(
        "waiver",
        objections.waiver,
        "a WAIVED cross-check has a waiver in force",
        "ddm check waivers --run {run}",
        grounds=_M,
    ),
    Guard(
        "counts",
        objections.counts,
        "as many events came out as went in, and both are known, or a waiver covers the part",
        _CHECK,
        grounds=_M,
    ),
    Guard(
        "gaps",
        objections.gaps,
        "every raw chunk of the run was processed or is in the gap register",
        "ddm gap list; ddm gap add",
        grounds=_M,
    ),
    Guard(
        "output", objections.output, "the merged file on whose strength it goes is known", _MERGE, grounds=_M
    ),
    Guard(
        "tape",
        objections.tape,
        "that file has an AVAILABLE copy on tape",
        "ddm explain '{output}'",
        grounds=_T,
    ),
    Guard(
        "evidence",
        objections.evidence,
        "there is evidence of the grade that is wanted for it",
        _EVIDENCE,
        grounds=_T,
    ),
    Guard(
        "agreement",
        objections.agreement,
        "size and adler32 of the evidence equal those of the file",
        "ddm explain '{output}'",
        grounds=_T,
    ),
    Guard(
        "settled",
        objections.settled,
        "the evidence was taken again, some time after the first",
        _EVIDENCE,
        grounds=_T,
    ),
    Guard(
        "fresh",
        objections.fresh,
        "at the removal, the newest evidence is not too old",
        _EVIDENCE,
        grounds=_T,
        askings=(Asking.REMOVE,),
    ),
    Guard(
        "place",
        objections.place,
        "the copy on tape is at another place than the copy that goes",
        "ddm endpoint list",
        grounds=_T,
    ),
    Guard(
        "origin",
        objections.origin,
        "the merge that made it is archived and checked",
        "ddm explain '{lfn}'",
        grounds=_O,
    ),
    Guard(
        "inputs",
        objections.inputs,
        "no merge that is not archived needs it on disk",
        "ddm explain '{lfn}'",
        grounds=_O,
    ),
    Guard(
        "spare",
        objections.spare,
        "another AVAILABLE copy on disk, somewhere else, was compared lately",
        _COMPARE,
        grounds=_S,
    ),
    Guard(
        "good",
        objections.good,
        "a good copy is known: on disk and compared lately, or settled on tape",
        _COMPARE,
        grounds=_B,
    ),
    Guard(
        "accepted",
        objections.accepted,
        "a loss is accepted by a named person, with a reason and the typed number of files",
        "keep it; how people agree to lose something is in docs/howto/trash.md",
        grounds=_L,
    ),
    Guard(
        "raw",
        objections.raw,
        "events that are lost are kept in raw, or in the gap register",
        "ddm gap add LFN --reason '…' --approver NAME --yes",
        grounds=_L,
    ),
    Guard(
        "grace",
        objections.grace,
        "at the removal, the grace time since its certificate is over",
        "wait",
        askings=(Asking.REMOVE,),
    ),
    Guard(
        "certificate",
        objections.certificate,
        "at the removal, its certificate is intact and says what the facts say",
        "ddm trash restore '{lfn}' --reason '…'; the flow withdraws it anew",
        askings=(Asking.REMOVE,),
    ),
)
"""Every rule, in the order in which a refusal names them."""

"""The tables of what people begin: campaigns of recall and of removal, and reconciliation."""

from __future__ import annotations

from enum import StrEnum

from catalog.states.machine import Machine


class CampaignState(StrEnum):
    FILLING = "FILLING"
    OPEN = "OPEN"
    TAIL = "TAIL"
    DONE = "DONE"
    CANCELED = "CANCELED"


CS = CampaignState
CAMPAIGN = Machine(
    noun="campaign",
    states=CS,
    starts=(CS.FILLING, CS.OPEN),
    table={
        (CS.FILLING, "filled"): CS.OPEN,
        (CS.FILLING, "canceled"): CS.CANCELED,
        (CS.OPEN, "tail_reached"): CS.TAIL,
        (CS.OPEN, "served"): CS.DONE,
        (CS.OPEN, "canceled"): CS.CANCELED,
        (CS.OPEN, "missing_accepted"): CS.DONE,
        (CS.TAIL, "served"): CS.DONE,
        (CS.TAIL, "canceled"): CS.CANCELED,
        (CS.TAIL, "missing_accepted"): CS.DONE,
        (CS.DONE, "wanted_again"): CS.OPEN,
    },
    meaning={
        CS.FILLING: "its files are being written down; nothing is recalled yet",
        CS.OPEN: "its files are recalled as the window of the endpoint allows",
        CS.TAIL: "all but a few are served, or its time is over: who waits may go on without the rest",
        CS.DONE: "every file was served, or the missing ones were accepted as a gap",
        CS.CANCELED: "withdrawn; its leases are over",
    },
    by_person=frozenset({"canceled", "missing_accepted"}),
)


class LeaseState(StrEnum):
    WANTED = "WANTED"
    ACTIVE = "ACTIVE"
    RELEASED = "RELEASED"
    LAPSED = "LAPSED"
    MISSED = "MISSED"


LS = LeaseState
LEASE = Machine(
    noun="lease",
    states=LS,
    starts=(LS.WANTED,),
    table={
        (LS.WANTED, "served"): LS.ACTIVE,
        (LS.WANTED, "released"): LS.RELEASED,
        (LS.WANTED, "lapsed"): LS.LAPSED,
        (LS.WANTED, "missed"): LS.MISSED,
        (LS.ACTIVE, "evicted"): LS.WANTED,
        (LS.ACTIVE, "released"): LS.RELEASED,
        (LS.ACTIVE, "lapsed"): LS.LAPSED,
    },
    meaning={
        LS.WANTED: "the file is wanted and not yet online",
        LS.ACTIVE: "the file is online and stays for this consumer until the lease ends",
        LS.RELEASED: "the consumer needs it no more",
        LS.LAPSED: "its time passed without being renewed or released",
        LS.MISSED: "not served; registered as a gap, with reason and name",
    },
    by_person=frozenset({"missed"}),
)


class RemovalState(StrEnum):
    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    BRAKED = "BRAKED"
    DONE = "DONE"
    CANCELED = "CANCELED"


RS = RemovalState
REMOVAL = Machine(
    noun="removal",
    states=RS,
    starts=(RS.PLANNED,),
    table={
        (RS.PLANNED, "started"): RS.RUNNING,
        (RS.PLANNED, "canceled"): RS.CANCELED,
        (RS.RUNNING, "finished"): RS.DONE,
        (RS.RUNNING, "braked"): RS.BRAKED,
        (RS.RUNNING, "canceled"): RS.CANCELED,
        (RS.BRAKED, "resumed"): RS.RUNNING,
        (RS.BRAKED, "canceled"): RS.CANCELED,
    },
    meaning={
        RS.PLANNED: "the list is written down; nothing of it was done",
        RS.RUNNING: "the list is being worked off, or waits for the next hour's budget",
        RS.BRAKED: "it met too much that is not as planned, and stopped; a person looks",
        RS.DONE: "every line of it was done or left out",
        RS.CANCELED: "withdrawn by a person; what was done before stays done",
    },
    by_person=frozenset({"resumed", "canceled"}),
)


class ScanState(StrEnum):
    GOING = "GOING"
    STOPPED = "STOPPED"
    DONE = "DONE"
    REFUSED = "REFUSED"


SC = ScanState
SCAN = Machine(
    noun="scan",
    states=SC,
    starts=(SC.GOING,),
    table={
        (SC.GOING, "finished"): SC.DONE,
        (SC.GOING, "stopped"): SC.STOPPED,
        (SC.GOING, "refused"): SC.REFUSED,
        (SC.STOPPED, "resumed"): SC.GOING,
        (SC.GOING, "disbelieved"): SC.REFUSED,
        (SC.STOPPED, "disbelieved"): SC.REFUSED,
        (SC.DONE, "disbelieved"): SC.REFUSED,
    },
    meaning={
        SC.GOING: "being made, or its process was killed: 'ddm reconcile scan --resume' goes on",
        SC.STOPPED: "interrupted; what was listed is kept, and 'ddm reconcile scan --resume' goes on",
        SC.DONE: "as complete as it will be; what could not be read is listed in it",
        SC.REFUSED: "not believed, by us or by a person, and never compared",
    },
    by_person=frozenset({"disbelieved"}),
)


class ComparisonState(StrEnum):
    GOING = "GOING"
    DONE = "DONE"
    GIVEN_UP = "GIVEN_UP"


CM = ComparisonState
COMPARISON = Machine(
    noun="comparison",
    states=CM,
    starts=(CM.GOING,),
    table={
        (CM.GOING, "finished"): CM.DONE,
        (CM.GOING, "given_up"): CM.GIVEN_UP,
    },
    meaning={
        CM.GOING: "being made, or its process was killed: nobody reads it",
        CM.DONE: "whole, and never changed again",
        CM.GIVEN_UP: "it came to no end; nothing of it is kept",
    },
)


class VerificationState(StrEnum):
    GOING = "GOING"
    STOPPED = "STOPPED"
    BRAKED = "BRAKED"
    DONE = "DONE"


VS = VerificationState
VERIFICATION = Machine(
    noun="verification",
    states=VS,
    starts=(VS.GOING,),
    table={
        (VS.GOING, "stopped"): VS.STOPPED,
        (VS.GOING, "braked"): VS.BRAKED,
        (VS.GOING, "finished"): VS.DONE,
        (VS.STOPPED, "resumed"): VS.GOING,
        (VS.BRAKED, "released"): VS.GOING,
    },
    meaning={
        VS.GOING: "contents are compared as the budget allows, or will be when somebody goes on with it",
        VS.STOPPED: "a person stopped it; its place is kept",
        VS.BRAKED: "so much differed that it may not be the files; a person looks",
        VS.DONE: "everything it was to look at was looked at",
    },
    by_person=frozenset({"released"}),
)


class RepairState(StrEnum):
    PLANNED = "PLANNED"
    SIGNED = "SIGNED"
    RUNNING = "RUNNING"
    BRAKED = "BRAKED"
    DONE = "DONE"
    CANCELED = "CANCELED"


RP = RepairState
REPAIR = Machine(
    noun="repair",
    states=RP,
    starts=(RP.PLANNED,),
    table={
        (RP.PLANNED, "signed"): RP.SIGNED,
        (RP.PLANNED, "canceled"): RP.CANCELED,
        (RP.SIGNED, "signed"): RP.SIGNED,
        (RP.SIGNED, "started"): RP.RUNNING,
        (RP.SIGNED, "canceled"): RP.CANCELED,
        (RP.RUNNING, "finished"): RP.DONE,
        (RP.RUNNING, "braked"): RP.BRAKED,
        (RP.RUNNING, "canceled"): RP.CANCELED,
        (RP.BRAKED, "resumed"): RP.RUNNING,
        (RP.BRAKED, "canceled"): RP.CANCELED,
    },
    meaning={
        RP.PLANNED: "what a comparison found is written down as a text for a person; nothing of it was done",
        RP.SIGNED: "a person read it and signed; until it is begun it may be signed anew",
        RP.RUNNING: "its lines are being worked off, or some wait for a storage to answer",
        RP.BRAKED: "too many lines were not as planned, and it stopped; a person looks",
        RP.DONE: "every line of it was done or left out",
        RP.CANCELED: "withdrawn by a person; what was done before stays done",
    },
    by_person=frozenset({"signed", "resumed", "canceled"}),
)

"""Every state and every transition, as data.

The rule: a state changes only by an event listed here, through ``catalog.db.move``, in one set-based
statement, with one history row per changed noun in the same transaction. An event that is not listed for
a state changes nothing. The diagrams and tables in docs/reference/states.md are generated from this package,
and tests check that every state is reachable, that every non-final state has a way to an end, and that
DELETED is entered only by ``removed`` (from DELETING) and ``written_off`` (from LOST, by a person).
"""

from __future__ import annotations

from catalog.states.datasets import ASK, DATASET, RANGE, AskState, DatasetState, RangeState
from catalog.states.flow import (
    CHECK,
    GROUP,
    ITEM,
    JOB,
    PIN,
    REPLICA,
    CheckState,
    GroupState,
    ItemState,
    JobState,
    PinState,
    ReplicaState,
)
from catalog.states.machine import Machine
from catalog.states.people import (
    CAMPAIGN,
    COMPARISON,
    LEASE,
    REMOVAL,
    REPAIR,
    SCAN,
    VERIFICATION,
    CampaignState,
    ComparisonState,
    LeaseState,
    RemovalState,
    RepairState,
    ScanState,
    VerificationState,
)
from catalog.states.words import (
    ContentOutcome,
    EndpointKind,
    HoldScope,
    HowVerified,
    JobKind,
    LineOutcome,
    Locality,
    Recounted,
    RemovalAct,
    RepairAct,
    RepairOutcome,
    RequestKind,
    Role,
    ScanSource,
    Witness,
)

MACHINES: tuple[
    Machine[ReplicaState]
    | Machine[ItemState]
    | Machine[JobState]
    | Machine[GroupState]
    | Machine[PinState]
    | Machine[CheckState]
    | Machine[DatasetState]
    | Machine[RangeState]
    | Machine[AskState]
    | Machine[CampaignState]
    | Machine[LeaseState]
    | Machine[RemovalState]
    | Machine[ScanState]
    | Machine[ComparisonState]
    | Machine[VerificationState]
    | Machine[RepairState],
    ...,
] = (
    REPLICA,
    ITEM,
    JOB,
    GROUP,
    PIN,
    CHECK,
    DATASET,
    RANGE,
    ASK,
    CAMPAIGN,
    LEASE,
    REMOVAL,
    SCAN,
    COMPARISON,
    VERIFICATION,
    REPAIR,
)
"""Every state machine, in the order of the documentation."""

__all__ = [
    "ASK",
    "CAMPAIGN",
    "CHECK",
    "COMPARISON",
    "DATASET",
    "GROUP",
    "ITEM",
    "JOB",
    "LEASE",
    "MACHINES",
    "PIN",
    "RANGE",
    "REMOVAL",
    "REPAIR",
    "REPLICA",
    "SCAN",
    "VERIFICATION",
    "AskState",
    "CampaignState",
    "CheckState",
    "ComparisonState",
    "ContentOutcome",
    "DatasetState",
    "EndpointKind",
    "GroupState",
    "HoldScope",
    "HowVerified",
    "ItemState",
    "JobKind",
    "JobState",
    "LeaseState",
    "LineOutcome",
    "Locality",
    "Machine",
    "PinState",
    "RangeState",
    "Recounted",
    "RemovalAct",
    "RemovalState",
    "RepairAct",
    "RepairOutcome",
    "RepairState",
    "ReplicaState",
    "RequestKind",
    "Role",
    "ScanSource",
    "ScanState",
    "VerificationState",
    "Witness",
]

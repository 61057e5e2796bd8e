"""The tables of recall campaigns: who wants which files, until when, and how it goes.

Held here: a campaign has one live lease for a replica; a name is that of one campaign at an endpoint; a file
has one place on tape. A lease is numbered in the order in which its campaign is to be recalled, so that
``campaign.asked_to`` (the last lease for which a recall was queued) is a cursor that never looks back.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import CAMPAIGN, LEASE

campaign = Table(
    "campaign",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    _to("endpoint"),
    _to("task", nullable=True),  # the campaign of a task: its readers are jobs, it has no leases
    Column("production", Text, nullable=False),  # shares the window fairly with other productions
    Column("priority", Integer, nullable=False),  # higher goes first
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("owner", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("until", Time),  # end of its leases; NULL: until they are released
    Column("tail_percent", Double),  # so much served is enough to go on without the rest
    Column("tail_at", Time),  # from then on who waits may go on without the rest
    Column("asked_to", BigInteger, nullable=False, server_default="0"),
    Column("asked_at", Time),  # when it last got a share of a window
    Column("files", BigInteger, nullable=False, server_default="0"),
    Column("size", BigInteger, nullable=False, server_default="0"),
    Column("recalled", BigInteger, nullable=False, server_default="0"),  # files, by recalls of its own
    Column("recalled_size", BigInteger, nullable=False, server_default="0"),
    _one_of("state", CAMPAIGN.states),
    UniqueConstraint("name", "endpoint_id"),
)
Index("ix_campaign_state", campaign.c.state, campaign.c.priority)

lease = Table(
    "lease",
    metadata,
    _id(),
    _to("campaign"),
    _to("replica"),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("until", Time),
    _one_of("state", LEASE.states),
)
Index(
    "uq_lease_live",
    lease.c.replica_id,
    lease.c.campaign_id,
    text("(CASE WHEN state = 'WANTED' OR state = 'ACTIVE' THEN 0 END)"),
    unique=True,
)
Index(  # what is online for a campaign, or wanted next, is found without a look at what is over
    "ix_lease_campaign_state", lease.c.campaign_id, lease.c.state, lease.c.id
)
Index(
    "ix_lease_until",
    lease.c.until,
    sqlite_where=text("until IS NOT NULL AND (state = 'WANTED' OR state = 'ACTIVE')"),
    postgresql_where=text("until IS NOT NULL AND (state = 'WANTED' OR state = 'ACTIVE')"),
)

tape_place = Table(
    "tape_place",
    metadata,
    Column("replica_id", BigId, ForeignKey("replica.id", ondelete="RESTRICT"), primary_key=True),
    Column("tape", Text, nullable=False),  # volume id
    Column("position", BigInteger, nullable=False),  # file sequence on the tape
)

progress = Table(  # how far recalls were, now and then: what a time to finish is predicted from
    "progress",
    metadata,
    _id(),
    _to("endpoint"),
    _to("campaign", nullable=True),  # NULL: the whole endpoint
    Column("at", Time, nullable=False),
    Column("files", BigInteger, nullable=False),  # recalled since the beginning
    Column("size", BigInteger, nullable=False),
    Column("in_flight", BigInteger, nullable=False),
)
Index("ix_progress_place", progress.c.endpoint_id, progress.c.campaign_id, progress.c.at)

storm = Table(  # failures by one cause at one endpoint; what the columns mean is said in transfers.storm
    "storm",
    metadata,
    Column("endpoint_id", BigId, ForeignKey("endpoint.id", ondelete="RESTRICT"), primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("first_at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    Column("files", BigInteger, nullable=False),
    Column("recent", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("window_at", Time, nullable=False),
    Column("next_at", Time, nullable=False),
    Column("canaries", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("alarmed", Boolean, nullable=False),
)

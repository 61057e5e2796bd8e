"""The tables of verifying contents: rounds, the copies a round is at, and the bytes of every hour.

When and how a copy was last verified is in ``replica`` (``verified_at``, ``verified_how``, ``read_at``). A
round has a line for a copy only while it is at it, or when it was found to be other than it should be.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
    text,
)

from catalog.db.schema import BigId, Time, _id, _one_of, _to, metadata
from catalog.states import VERIFICATION, ContentOutcome, HowVerified

verification = Table(  # a round: what is verified at one endpoint, and how far it is
    "verification",
    metadata,
    _id(),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    _to("endpoint"),
    Column("how", Text, nullable=False),
    Column("scope", Text, nullable=False),  # what was asked for, in words: the same words go on with it
    Column("before", Time, nullable=False),  # copies verified since then are left
    Column("budget", BigInteger),  # bytes an hour; NULL: that of the settings
    Column("listed", Boolean, nullable=False),  # its lines were written when it was begun; else it walks
    Column("fraction", Double, nullable=False),  # of the files that it walks over, drawn by the seed
    Column("seed", Text),  # NULL: none is drawn, the oldest are taken
    Column("most_files", BigInteger),  # it walks until it has so many; NULL: to the end
    Column("most_size", BigInteger),
    Column("files", BigInteger, nullable=False),  # how much it will come to, as was thought at the beginning
    Column("size", BigInteger, nullable=False),
    Column("walked_to", Time),  # its place: of the last copy taken
    Column("walked_id", BigInteger, nullable=False, server_default="0"),
    Column("walked", Boolean, nullable=False, server_default=false()),  # nothing is left to be taken
    Column("taken", BigInteger, nullable=False, server_default="0"),
    Column("taken_size", BigInteger, nullable=False, server_default="0"),
    Column("good", BigInteger, nullable=False, server_default="0"),
    Column("good_size", BigInteger, nullable=False, server_default="0"),
    Column("odd", BigInteger, nullable=False, server_default="0"),  # differs, missing
    Column("passed", BigInteger, nullable=False, server_default="0"),  # somebody changed them meanwhile
    Column("released", Boolean, nullable=False, server_default=false()),  # a person let the brake go
    Column("made_by", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("reason", Text),  # why it is braked or stopped
    _one_of("state", VERIFICATION.states),
    _one_of("how", HowVerified),
    CheckConstraint("fraction > 0 AND fraction <= 1", name="fraction"),
)
Index("ix_verification_state", verification.c.state)
Index("ix_verification_endpoint_id", verification.c.endpoint_id)

verification_line = Table(
    "verification_line",
    metadata,
    Column("verification_id", BigId, ForeignKey("verification.id", ondelete="RESTRICT"), primary_key=True),
    Column("replica_id", BigId, ForeignKey("replica.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("since", Time, nullable=False),  # of the replica when it was taken: another one is another copy
    Column("asked_at", Time),  # when it was asked to be recalled and read
    Column("tries", Integer, nullable=False, server_default="0"),  # that brought no answer
    Column("next_try_at", Time, nullable=False),
    Column("outcome", Text),  # NULL: not known yet; one that is good has no line any more
    Column("found_at", Time),
    Column("reason", Text),
    CheckConstraint(
        "outcome IS NULL OR " + " OR ".join(f"outcome = '{o}'" for o in ContentOutcome), name="outcome"
    ),
    sqlite_with_rowid=False,
)
Index(
    "ix_verification_line_open",
    verification_line.c.verification_id,
    verification_line.c.next_try_at,
    verification_line.c.position,
    sqlite_where=text("outcome IS NULL"),
    postgresql_where=text("outcome IS NULL"),
)
Index(
    "ix_verification_line_found_at",
    verification_line.c.found_at,
    sqlite_where=text("outcome IS NOT NULL"),
    postgresql_where=text("outcome IS NOT NULL"),
)

verification_hour = Table(  # what was read or asked to verify contents, for budgets
    "verification_hour",
    metadata,
    Column("endpoint_id", BigId, ForeignKey("endpoint.id", ondelete="RESTRICT"), primary_key=True),
    Column("hour", Time, primary_key=True),  # its beginning
    Column("files", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

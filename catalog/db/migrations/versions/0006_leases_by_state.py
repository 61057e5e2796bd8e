"""Leases of a campaign by their state"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("ix_lease_campaign_id", table_name="lease")
    op.create_index("ix_lease_campaign_state", "lease", ["campaign_id", "state", "id"], unique=False)

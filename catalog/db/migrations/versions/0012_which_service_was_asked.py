"""Which service was asked to copy is written down with the request"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """NULL of before: what was asked then counts as asked of the service that the settings name."""
    op.add_column("request", sa.Column("service", sa.Text(), nullable=True))

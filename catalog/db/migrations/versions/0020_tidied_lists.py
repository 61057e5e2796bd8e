"""Scans and comparisons whose lists were removed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.db.schema import Time

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for name, states in (("scan", ("DONE", "REFUSED")), ("comparison", ("DONE",))):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("tidied_at", Time(), nullable=True))
            table.add_column(sa.Column("tidied_by", sa.Text(), nullable=True))
            said = " OR ".join(["tidied_at IS NULL", *(f"state = '{state}'" for state in states)])
            table.create_check_constraint(op.f(f"ck_{name}_tidied"), said)

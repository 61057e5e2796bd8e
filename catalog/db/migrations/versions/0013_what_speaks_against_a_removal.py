"""Indexes for what speaks against a removal: copies under way from a replica, names of retired files"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_COPIED = "source_id IS NOT NULL AND state <> 'DONE' AND state <> 'FAILED' AND state <> 'CANCELED'"
_RETIRED = "retired_at IS NOT NULL"


def upgrade() -> None:
    _index("ix_item_source_id", "item", ["source_id"], _COPIED)
    _index("ix_file_retired", "file", ["directory_id", "name"], _RETIRED)


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )

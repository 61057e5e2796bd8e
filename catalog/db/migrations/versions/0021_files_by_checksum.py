"""Files are found by their checksum"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_index("ix_file_adler32", "file", [sa.text("(id / 65536)"), "adler32"], unique=False)

"""How alembic reaches the catalogue: on the connection that ``Catalog.create`` gives, never by itself."""

from __future__ import annotations

from alembic import context

from catalog.db.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

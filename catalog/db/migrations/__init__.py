"""Alembic migrations of the catalogue, forwards only."""

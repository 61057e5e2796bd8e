"""Combining: which files go together, how they are merged, and whether the result holds what went in."""

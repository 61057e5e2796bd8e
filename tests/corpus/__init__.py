"""Merging files of others, and reading the result with two readers that know nothing of ours."""

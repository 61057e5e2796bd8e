"""Merge tools, one per format."""

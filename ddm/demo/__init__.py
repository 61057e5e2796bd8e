"""The demonstration: a small period of a COMPASS-like experiment."""

"""Shipped for everyone who writes a merge tool or counter: conformance suites."""

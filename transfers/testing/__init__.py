"""Shipped for everyone who writes a backend: conformance suites and honest test services."""

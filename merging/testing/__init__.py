"""Shipped for everyone who writes a format or a counter: conformance suites."""

from merging.testing.suites import CounterSuite, FormatSuite, IndexSuite, full_disk

__all__ = ["CounterSuite", "FormatSuite", "IndexSuite", "full_disk"]

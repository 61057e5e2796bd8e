"""Shipped for everyone who tests with ddm: the simulated world."""

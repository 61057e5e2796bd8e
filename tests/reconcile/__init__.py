"""Reconciliation: what is believed against what is there."""

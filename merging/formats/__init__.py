"""File formats: how files of one kind are merged, counted and compared. The contract is in ``ports``."""

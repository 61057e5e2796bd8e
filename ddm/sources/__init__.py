"""Foreign catalogues and lists from which files are registered."""

"""Storage backends: one module or package each, loaded on first use through entry points."""

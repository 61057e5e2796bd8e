"""ROOT files read and written again with uproot: the slow path, and the reference for what a merge holds."""

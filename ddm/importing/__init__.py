"""Registering files from any source: everything is read and compared first, then written in batches.

Pass 1 reads the source to its end, checks each row and compares it with the catalogue; it writes nothing.
Pass 2 writes what is new, a committed batch at a time. A run is *undefined* from the transaction of its first
new file until the import is through, so that a dataset with half a run can never be closed; an import that
was killed is repeated, finds what it knows, and goes on. Memory does not grow with the length of the source.
"""

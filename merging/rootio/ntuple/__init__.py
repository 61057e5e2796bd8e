"""RNTuples in ROOT files: what their metadata say, and merging them by copying their pages as they are.

An RNTuple is a table in columns. Its *pages* are compressed pieces of one column; a *cluster* is a range of
entries with the pages of all columns; *page lists* tell where the pages of a group of clusters are; a
*footer* tells where the page lists are, a *header* has the schema, and the *anchor*, the only object that
is listed in the file, tells where header and footer are. Nothing in a page tells where it is, and
collections count from the start of their cluster, so pages can be moved as they are; only page lists,
footer and anchor are written anew.

``wire`` the pieces of metadata, ``metadata`` anchor, schema and page lists, ``tuples`` one RNTuple in a file,
``merge`` several into one, ``same`` the comparison of content.

Source: RNTuple Binary Format Specification 1.0 (ROOT, tree/ntuple/doc/BinaryFormatSpecification.md);
sections are cited by their title.
"""

"""Carrying files by hand to and from sites that ddm cannot reach: HPC centres with a shared file system only.

At home a list says what is to be carried (`lists`); a person, Globus or rsync moves the bytes; at the site
every file is read and compared with the list, without a database or a network (`checking`), which gives a
report; at home the report is evidence for the catalogue. A list is followed in either direction.
"""

"""What we believe against what is there: scans of storages beside the catalogue.

``kinds`` and ``verdicts`` are pure: what can be found, and when it may be declared. ``engine`` is the
embedded columnar engine, ``dumps`` reads lists in it, ``compare`` classifies. docs/decisions/0032 says why.
"""

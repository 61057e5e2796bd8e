"""The end-of-campaign statement: what a period came to, as a document that proves its own arithmetic.

``values`` are the facts, ``verdicts`` what follows from them, ``paper`` the sealed JSON. All pure: the facts
come from ``catalog.db.periods``, and whoever has the document alone can draw every verdict anew.
"""

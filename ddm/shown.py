"""Names of files may hold anything; how they are shown to people."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with what breaks a line, deceives an eye or is no text written out: ``\\x1b``, ``\\u202e``."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )

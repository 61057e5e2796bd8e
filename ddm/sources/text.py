"""Readers of plain lists: names of files, and the raw event catalogue. ``#`` begins a line of comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ddm.sources.rows import Entry, Refused, Row, events, number


def names(lines: Iterable[str], source: str) -> Iterator[Entry]:
    """A file name in each line."""
    for line, text in enumerate(lines, 1):
        text = text.removesuffix("\r")
        if text and not text.startswith("#"):
            yield Row(source, line, text)


def raw_catalogue(lines: Iterable[str], source: str) -> Iterator[Entry]:
    """``run LFN events`` in each line, between spaces or tabs; -1 events are unknown, 0 are none."""
    for line, text in enumerate(lines, 1):
        words = text.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 3:
            yield Refused(source, line, text, "'run LFN events' is expected")
            continue
        try:
            yield Row(
                source, line, words[1], n_events=events(words[2], "events"), run=number(words[0], "run")
            )
        except ValueError as error:
            yield Refused(source, line, text, str(error))

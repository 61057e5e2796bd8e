"""When does the copy of a merged file on disk go? A pure function over facts; time is an argument.

It goes a span of the calendar after the latest of these, and never before:

1. its copy on tape was settled (what is not settled has no end);
2. the copy on disk became AVAILABLE: it was made, or compared anew, or a person took it back from the trash;
3. somebody was last seen to read it: a job that is over, or a recount. (Who reads past ddm is not seen: who
   needs a file longer lays a hold.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.months import Span


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What is known of a copy on disk. None: not settled, or nobody was seen to read it."""

    available_since: datetime
    settled_at: datetime | None
    read_at: datetime | None = None

    @property
    def used_at(self) -> datetime:
        """When it was last of use to somebody."""
        return max(self.available_since, self.read_at or self.available_since)


def ends_at(copy: OnDisk, span: Span | None) -> datetime | None:
    """When the copy goes; None: never, or nobody can say yet."""
    if span is None or copy.settled_at is None:
        return None
    return span.after(max(copy.settled_at, copy.used_at))


def is_over(copy: OnDisk, span: Span | None, now: datetime) -> bool:
    """Whether its time is over."""
    end = ends_at(copy, span)
    return end is not None and end <= now

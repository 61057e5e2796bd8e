"""Spans of the calendar, as people keep things: ``6 months``, ``1 year``, ``2 weeks``, ``30 d``.

A month is not a number of days: from the 15th of March, ``6 months`` reach to the 15th of September, at the
same time of the day, UTC. Where that day is not in the month it is the month's last: from the 31st of August,
``6 months`` reach to the 28th or 29th of February. A year is twelve months, a week seven days of 24 hours.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_UNITS = {
    "d": (0, 1), "day": (0, 1), "days": (0, 1), "w": (0, 7), "week": (0, 7), "weeks": (0, 7),
    "month": (1, 0), "months": (1, 0), "y": (12, 0), "year": (12, 0), "years": (12, 0),
}  # fmt: skip
_SPAN = re.compile(r"\s*([0-9]{1,5})\s*([a-z]+)\s*", re.ASCII | re.IGNORECASE)
_LONGEST_MONTHS, _LONGEST_DAYS = 1200, 36_500

EXPECTED = 'expected a span of the calendar, such as "6 months", "1 year", "2 weeks" or "30 d"'


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months, or whole days."""

    months: int = 0
    days: int = 0

    def after(self, moment: datetime) -> datetime:
        """The moment so long after another one.

        >>> from datetime import UTC
        >>> str(Span(months=6).after(datetime(2016, 8, 31, 12, tzinfo=UTC)))
        '2017-02-28 12:00:00+00:00'
        """
        year, month = divmod(moment.year * 12 + moment.month - 1 + self.months, 12)
        if year > 9999:
            return datetime.max.replace(tzinfo=moment.tzinfo)
        last = calendar.monthrange(year, month + 1)[1]
        reached = moment.replace(year=year, month=month + 1, day=min(moment.day, last))
        try:
            return reached + timedelta(days=self.days)
        except OverflowError:
            return datetime.max.replace(tzinfo=moment.tzinfo)

    def __str__(self) -> str:
        count, one = (self.months, "month") if self.months else (self.days, "day")
        if self.months and self.months % 12 == 0:
            count, one = self.months // 12, "year"
        return f"{count} {one}{'' if count == 1 else 's'}"


def parse(text: object) -> Span:
    """The span that a text names; never nothing. Raises ValueError, whose text says what was expected.

    >>> parse("6 months"), parse("1 y"), parse("2 weeks")
    (Span(months=6, days=0), Span(months=12, days=0), Span(months=0, days=14))
    """
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2].lower() not in _UNITS or not int(match[1]):
        raise ValueError(EXPECTED)
    months, days = (int(match[1]) * each for each in _UNITS[match[2].lower()])
    if months > _LONGEST_MONTHS or days > _LONGEST_DAYS:
        raise ValueError("expected a span below a hundred years")
    return Span(months, days)

"""How many files at a time a server takes, learned from what it refuses. Pure; safe from several threads."""

from __future__ import annotations

import threading

PATIENCE = 16  # full questions in a row that go well, after which twice as many are tried
LONGEST = 1024  # the same, at most: it doubles each time that trying more was a mistake
USUAL = 48  # files that a stock server takes in one prepare request, unless told otherwise


class Size:
    """At most ``most``, less after a refusal; after a while more is tried again.

    A server may be configured anew, and what was too long once (long names, long error texts) need not be so
    for ever. Trying costs one refused request, so it is done the more seldom the more often it failed.
    """

    def __init__(self, most: int) -> None:
        self.now = self._most = most
        self.known = 0  # how many went well the last time that it was as many as may be; 0: never yet
        self._well = 0
        self._grown = False  # and not refused since
        self._patience = PATIENCE
        self._lock = threading.Lock()

    def shrink(self, to: int) -> None:
        """So many (at least 1) are known to be enough, or thought to be few enough."""
        with self._lock:
            if to < self.now:
                if self._grown:
                    self._patience = min(2 * self._patience, LONGEST)
                self.now = max(1, to)
                self._well, self._grown = 0, False

    def went_well(self, files: int) -> None:
        """A question about so many was taken."""
        with self._lock:
            if files < self.now:
                return
            self.known = self.now
            if self.now == self._most:
                return
            self._well += 1
            if self._well >= self._patience:
                self.now = min(self._most, 2 * self.now)
                self._well, self._grown = 0, True


def fewer(files: int) -> int:
    """How many to try when so many are too many: half, but not past what stock servers take."""
    return USUAL if USUAL < files < 2 * USUAL else max(1, files // 2)

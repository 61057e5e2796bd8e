"""Prepare requests for any number of files: cut to what the server takes, and around the files it refuses.

A server refuses a request as a whole: for too many files, or for one file that is missing or forbidden. So
that a few bad files do not hold thousands, the one that the refusal names is left out and the others are
asked for again; if it names none, each half is asked for alone. One request goes after the other, never two
at a time: a stock server loses those that come while others run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from transfers.backends.xrootd.client import Client
from transfers.backends.xrootd.commands import chunks
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import Deadline
from transfers.backends.xrootd.sizes import Size, fewer
from transfers.errors import EndpointBusy, EndpointUnreachable, TransientStorageError, failed
from transfers.model import Failed, Outcome, Unknown

NAMED = 8  # refusals in a row that may each cost the one file they name; then halves are tried
IN_A_ROW = 40  # refusals without an acceptance, after which the rest is taken for refused too


@dataclass(slots=True)
class Result:
    """What became of the files: in an accepted request (its answer), refused, in doubt, or not asked for.

    ``trouble``: what ended the work early. The files ``in_doubt`` were in the request that met it.
    """

    accepted: list[tuple[bytes, Sequence[str]]] = field(default_factory=list)
    refused: dict[str, Trouble] = field(default_factory=dict)
    in_doubt: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    trouble: Trouble | None = None

    @property
    def of_the_whole(self) -> Trouble | None:
        """The trouble, if nothing was accepted for a reason that says nothing of any file."""
        if self.accepted:
            return None
        passing = [trouble for trouble in self.refused.values() if _passing(trouble)]
        if len(passing) < len(self.refused):
            return None
        return self.trouble or next(iter(passing), None)

    def open_outcomes(self) -> dict[str, Outcome]:
        """The outcomes of the files in doubt and of those that were not asked for."""
        words = self.trouble.words if self.trouble else "the time for one call was over"
        outcomes: dict[str, Outcome] = {name: Unknown(f"{name}: {words}") for name in self.in_doubt}
        return outcomes | {name: self._not_asked(name, words) for name in self.not_asked}

    def _not_asked(self, name: str, words: str) -> Failed:
        away = self.trouble is not None and issubclass(self.trouble.error, EndpointUnreachable)
        return failed(EndpointUnreachable if away else EndpointBusy, f"{name}: not asked for: {words}")


class Requests:
    """Makes prepare requests; remembers how many files the server takes in one."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._size = Size(client.limits.max_files)

    def run(
        self,
        names: Sequence[str],
        flags: int,
        deadline: Deadline,
        *,
        of: str = "",
        parameters: str = "",
        priority: int = 0,
    ) -> Result:
        """Requests for all the names. ``of``: the id that a cancellation is about."""
        result = Result()
        todo: list[Sequence[str]] = [names] if names else []
        in_a_row = 0
        while todo:
            part = todo.pop()
            size = max(1, self._size.now - bool(of))
            if len(part) > size:
                todo += reversed(list(chunks(part, size)))
                continue
            if not deadline.left:
                result.not_asked += part
                continue
            told = [of] * bool(of) + [name + parameters for name in part]
            reply = self._client.prepare(told, flags, priority=priority, deadline=deadline)
            if isinstance(reply, bytes):
                self._size.went_well(len(told))
                result.accepted.append((reply, part))
                in_a_row = 0
            elif reply.too_many and len(part) > 1:
                self._size.shrink(fewer(len(told)))
                todo = [[name for later in (part, *reversed(todo)) for name in later]]
            elif reply.of_request:
                result.trouble, result.in_doubt = reply, list(part)
                result.not_asked += [name for later in reversed(todo) for name in later]
                return result
            else:
                in_a_row += 1
                todo += _around(part, reply, in_a_row, result)
        return result


def _passing(trouble: Trouble) -> bool:
    return issubclass(trouble.error, TransientStorageError)


def _around(part: Sequence[str], reply: Trouble, in_a_row: int, result: Result) -> list[Sequence[str]]:
    """What to ask for again after a refusal; what is not, is refused."""
    named = max((name for name in part if name in reply.text), key=len, default=None)
    if len(part) == 1 or in_a_row >= IN_A_ROW:
        result.refused.update(dict.fromkeys(part, reply))
        return []
    if named is not None and in_a_row <= NAMED:
        result.refused[named] = reply
        return [[name for name in part if name != named]]
    middle = len(part) // 2
    return [part[middle:], part[:middle]]

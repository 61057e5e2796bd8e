"""Recalls and copies by an FTS3 service: jobs that only stage, stage and copy, or copy and archive.

``open_stager`` and ``open_transferrer`` are the entries. Pure: ``options``, ``payload`` (what is asked),
``replies`` and ``standing`` (what an answer means), ``errors`` (the tables of foreign words). I/O:
``client``, through the Context of the package ``fts3``, which is given our own ``requester``. ``stager`` and
``transferrer`` put them together, ``release`` opens what releases.

What the service is known to do, and this backend lives with:

- A list of more than about 110 ids in a URL is answered 404 by the web server. So 100 at a time, and 404
  means *no such job* only when FTS itself says so and names the id.
- It closes idle connections after five seconds; some of several answers are good (207); it works with a
  delegated proxy that must have 90 minutes left for a recall to begin.
- It collects recalls for minutes, looks at them every ten, and rewrites URLs: files are told apart by our
  metadata.
- A scheduler that stands still gives no error: files untouched for too long are reported as timed out.
- It never evicts what it only staged. So release goes to the storage itself.
- With tokens it does no tape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from catalog.clock import Clock
from transfers.backends.fts.options import Options
from transfers.errors import Unsupported

if TYPE_CHECKING:
    from transfers.backends.fts.stager import FtsStager
    from transfers.backends.fts.transferrer import FtsTransferrer


def open_stager(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> FtsStager:
    """Recalls of the files at ``prefix``, by the FTS that the options name (the fields of
    ``options.Options``).

    Does not contact the service. Raises Unsupported for options that cannot be, and when ``fts3`` is not
    installed. Besides the port, the stager has ``stage_and_copy``. Deadlines of calls are in real time; the
    clock is for what the service says of times.
    """
    parsed = Options.parse(prefix, options)
    try:
        from transfers.backends.fts.client import Client
        from transfers.backends.fts.stager import FtsStager
    except ImportError as problem:
        raise _missing("the fts stager", prefix, problem) from problem
    from transfers.backends.fts.release import open_release

    return FtsStager(Client(parsed, clock), prefix, parsed, clock, open_release(parsed, clock))


def open_transferrer(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> FtsTransferrer:
    """Copies to ``prefix``, by the FTS that the options name (``options.Options.of_transfers``).

    Does not contact the service. Raises Unsupported for options that cannot be, and when ``fts3`` is not
    installed.
    """
    parsed = Options.of_transfers(options)
    try:
        from transfers.backends.fts.client import Client
        from transfers.backends.fts.transferrer import FtsTransferrer
    except ImportError as problem:
        raise _missing("transfers by fts", prefix, problem) from problem

    return FtsTransferrer(Client(parsed, clock), prefix, parsed, clock)


def _missing(what: str, prefix: str, problem: ImportError) -> Unsupported:
    return Unsupported(
        f"{what}: the FTS client library is missing ({problem}): pip install 'ddm[fts]'", subject=prefix
    )

"""Who releases: not FTS, which never evicts what it only staged, but the storage, by its own stager."""

from __future__ import annotations

from importlib.metadata import entry_points

from catalog.clock import Clock
from transfers.backends.fts.options import Options
from transfers.errors import Unsupported
from transfers.ports import Stager
from transfers.registry import STAGERS, open_stager, open_storage

NOBODY = "none"


def open_release(options: Options, clock: Clock) -> Stager | None:
    """The stager that the options name, by which files are released; None: nobody releases.

    A name is that of a stager (``xrootd``, ``taperest``, ``gfal2``) or else of a backend that can stage.
    Raises Unsupported.
    """
    name, prefix = options.release_with, options.release_prefix
    if name == NOBODY:
        return None
    if name in {entry.name for entry in entry_points(group=STAGERS)}:
        return open_stager(name, prefix, clock=clock, options=options.release)
    stager = open_storage(name, prefix, clock=clock, options=options.release).stager
    if stager is None:
        raise Unsupported(
            f"option release_with: the backend {name!r} at {prefix} has no tape", subject=prefix
        )
    return stager

"""One XRootD endpoint put together from its parts. Loads the client library."""

from __future__ import annotations

from catalog.clock import Clock
from transfers.backends.xrootd.client import Client
from transfers.backends.xrootd.commands import SCHEMES, Endpoint, Limits
from transfers.backends.xrootd.copies import Copier
from transfers.backends.xrootd.files import Files
from transfers.backends.xrootd.library import spread_over
from transfers.backends.xrootd.listing import Lister
from transfers.backends.xrootd.space import SpaceReporter
from transfers.backends.xrootd.tape import TapeStager
from transfers.backends.xrootd.tapesystem import TapeSystem
from transfers.backends.xrootd.walking import Walker
from transfers.ports import Capabilities, Storage


def assemble(endpoint: Endpoint, limits: Limits, clock: Clock) -> Storage:
    """The ports of the endpoint; nothing is asked of the server yet."""
    spread_over(limits.streams)
    client = Client(endpoint.server, limits)
    tape = TapeSystem(client) if limits.tape else None
    files, copier = Files(client, endpoint, tape), Copier(client, endpoint)
    walker = Walker(client, endpoint)
    return Storage(
        capabilities=Capabilities(
            schemes=SCHEMES | {"file"},
            max_files_per_call=limits.max_files,
            tape=limits.tape,
            pins_expire=False,
        ),
        prober=files,
        copier=copier,
        remover=files,
        lister=Lister(client, endpoint, walker),
        space=SpaceReporter(client, endpoint),
        stager=TapeStager(client, endpoint, tape, clock) if tape else None,
        rereader=copier,
        ranges=copier,
        walker=walker,
    )

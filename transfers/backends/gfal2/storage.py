"""The entries of the backend: one endpoint put together from its parts. Importing it loads gfal2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalog.clock import Clock
from transfers.backends.gfal2.client import Client
from transfers.backends.gfal2.commands import Endpoint, Limits, check_token
from transfers.backends.gfal2.copies import SCHEMES, Copier
from transfers.backends.gfal2.files import Files
from transfers.backends.gfal2.listing import Lister
from transfers.backends.gfal2.tape import TapeStager, TapeSystem
from transfers.ports import Capabilities, Stager, Storage


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint ``root://host:port//directory``, or of another scheme; the options are those of
    ``Limits``.

    Does not contact the service. Raises Unsupported for a prefix or an option that cannot be. Deadlines here
    are of real time: the clock is not used.
    """
    client = _client(prefix, Limits.parse(options))
    tape = TapeSystem(client) if client.limits.tape else None
    files = Files(client, tape)
    return Storage(
        capabilities=Capabilities(
            schemes=SCHEMES, max_files_per_call=client.limits.max_files, tape=client.limits.tape
        ),
        prober=files,
        copier=Copier(client, tape),
        remover=files,
        stager=TapeStager(client, tape) if tape else None,
        lister=Lister(client),
    )


def open_stager(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Stager:
    """Recalls at the prefix, with the same options; ``tape`` is a matter of course. Raises like
    ``open_storage``."""
    client = _client(prefix, replace(Limits.parse(options), tape=True))
    return TapeStager(client, TapeSystem(client))


def _client(prefix: str, limits: Limits) -> Client:
    endpoint = Endpoint.parse(prefix)
    check_token(endpoint, limits)
    return Client(endpoint, limits)

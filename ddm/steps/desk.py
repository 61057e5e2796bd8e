"""The recall desk of one process: what it remembers of recalls between rounds, and whose turn it is.

Several processes may recall from one endpoint (PostgreSQL). Each act (sending, polling, looking after pins)
is done by one process at a time, under a lock that vanishes with the process; the others go on to the next
endpoint or act. So a recall found SUBMITTING by the one that sends was left by a dead process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from catalog.errors import CatalogBusy
from ddm.app import App
from ddm.settings import EndpointSettings
from transfers.ports import Stager


def tape_endpoints(app: App) -> Iterator[tuple[EndpointSettings, Stager]]:
    """Every endpoint that recalls, with its stager."""
    for name, settings in app.settings.endpoints.items():
        stager = app.storages[name].stager
        if stager is not None:
            yield settings, stager


@contextmanager
def turn(app: App, act: str, endpoint: str) -> Iterator[bool]:
    """Whether this process may do this at the endpoint now; if not, another one does it right now."""
    if not app.shared:
        yield True
        return
    with _held(app, act, endpoint) as mine:
        yield mine


@contextmanager
def _held(app: App, act: str, endpoint: str) -> Iterator[bool]:
    lock = app.catalog.exclusive(f"{act}-{app.endpoint_ids[endpoint]}")
    try:
        check = lock.__enter__()
    except CatalogBusy:
        yield False
        return
    try:
        check()
        yield True
    finally:
        lock.__exit__(None, None, None)

"""Whether what nobody knows may be the last copy of a file that we know: asked just before it goes.

Between a signed plan and the removal lie days. The catalogue's word that a good copy is elsewhere is not
enough: one is looked at, and has to be seen whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from catalog.db import mending
from catalog.db.mending import Content
from catalog.model import KnownCopy
from ddm.app import App
from ddm.steps.probing import seen
from transfers.model import Observation, Observed

MOST = 3
"""Copies of a content that are looked at; more would only find the same storages silent."""


def perhaps(app: App, contents: Mapping[Content, Collection[str]]) -> dict[Content, str]:
    """Of these contents those that may be the last copy of a file, each with the reason. Calls storages.

    With each: what its storage calls the files themselves that are to go (``Observed.itself``). The same one
    under another name, of another host name or a mount, is no other copy.
    """
    with app.catalog.read() as conn:
        bad = mending.without_good_copy(conn, contents.keys())
        good = mending.good_copies(conn, contents.keys())
    found = {
        content: f"it may be the last copy of {lfn}, of which none is AVAILABLE"
        for content, lfn in bad.items()
    }
    asked = {content: copies[:MOST] for content, copies in good.items() if content not in found}
    places = ((copy.endpoint, copy.path) for copies in asked.values() for copy in copies)
    told = seen(app, places)
    for content, copies in asked.items():
        going = contents[content]
        if not any(_is_whole(copy, told[copy.endpoint, copy.path], going) for copy in copies):
            found[content] = f"it may be the last copy of {copies[0].lfn}, of which none is seen whole now"
    return found


def _is_whole(copy: KnownCopy, told: Observation, going: Collection[str]) -> bool:
    return (
        isinstance(told, Observed)
        and (told.size, told.adler32) == (copy.size, copy.adler32)
        and told.itself not in going
    )

"""The last look at the bytes, just before a storage is told to remove them.

The rules are asked of the catalogue, and the catalogue may be wrong: somebody wrote another file to the path
since, ``prefix`` leads elsewhere now, the database was put back to an older one by its own tools. What is not
seen to be the certified bytes stays. Who writes to the path between this look and the call is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.db.releasing import Asked
from catalog.model import OpenItem
from catalog.retention import Copy
from ddm.app import App
from ddm.steps.probing import At, seen
from transfers.model import Observation, Observed, Outcome, Unknown
from transfers.verify import not_this_file

ALONE = Unknown("not removed: no other copy of it was seen whole on disk just before")


def against(app: App, endpoint: str, items: Sequence[OpenItem], asked: Asked) -> dict[str, Outcome]:
    """Why these must not be removed, by path; what is not in the answer may go.

    Bad copies, and those whose loss a person accepted, are not compared: nobody said which bytes they have.
    A spare one goes only while another copy is seen whole, and so does a bad one of which none is on tape.
    """
    compared = [item for item in items if item.replica_id in asked.registered]
    looked_at = [item for item in items if item.replica_id in {*asked.registered, *asked.stays}]
    mine = seen(app, [(endpoint, item.path) for item in looked_at])
    found: dict[str, Outcome] = {}
    for item in compared:
        wrong = not_this_file(item.size, item.adler32, mine[endpoint, item.path])
        if wrong is not None:
            found[item.path] = wrong
    spare = [item for item in items if item.replica_id in asked.stays and item.path not in found]
    return found | dict.fromkeys(_alone(app, endpoint, spare, mine, asked.stays), ALONE)


def _alone(
    app: App,
    endpoint: str,
    items: Sequence[OpenItem],
    mine: Mapping[At, Observation],
    stays: Mapping[int, Sequence[Copy]],
) -> list[str]:
    """The paths of copies of which no other copy is seen whole at this moment. ``mine``: what was seen
    of these themselves: one file under two names (two host names of one server, a mount) is no other copy."""
    others = seen(app, [(copy.endpoint, copy.path) for item in items for copy in stays[item.replica_id]])

    def whole(item: OpenItem, copy: Copy) -> bool:
        told, own = others[copy.endpoint, copy.path], mine.get((endpoint, item.path))
        return (
            isinstance(told, Observed)
            and (told.size, told.adler32) == (item.size, item.adler32)
            and not (isinstance(own, Observed) and own.itself and own.itself == told.itself)
        )

    return [item.path for item in items if not any(whole(item, copy) for copy in stays[item.replica_id])]

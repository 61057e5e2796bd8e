"""The last look at the bytes, just before a storage is told to remove them.

The rules are asked of the catalogue, and the catalogue may be wrong: somebody wrote another file to the path
since, ``prefix`` leads elsewhere now, the database was put back to an older one by its own tools. What is not
seen to be the certified bytes stays. Who writes to the path between this look and the call is not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.db.releasing import Asked
from catalog.model import OpenItem
from catalog.retention import Copy
from ddm.app import App
from ddm.steps.common import whole_call_failed
from transfers.errors import StorageError
from transfers.model import Observation, Observed, Outcome, Unknown
from transfers.verify import not_this_file

ALONE = Unknown("not removed: no other copy of it was seen whole on disk just before")


def against(app: App, endpoint: str, items: Sequence[OpenItem], asked: Asked) -> dict[str, Outcome]:
    """Why these must not be removed, by path; what is not in the answer may go.

    Bad copies, and those whose loss a person accepted, are not compared: nobody said which bytes they have.
    """
    compared = [item for item in items if item.replica_id in asked.registered]
    seen = _seen(app, endpoint, [item.path for item in compared])
    found: dict[str, Outcome] = {}
    for item in compared:
        wrong = not_this_file(item.size, item.adler32, seen.get(item.path))
        if wrong is not None:
            found[item.path] = wrong
    spare = [item for item in items if item.replica_id in asked.stays and item.path not in found]
    return found | dict.fromkeys(_alone(app, spare, asked.stays), ALONE)


def _alone(app: App, items: Sequence[OpenItem], stays: Mapping[int, Sequence[Copy]]) -> list[str]:
    """The paths of spare copies of which no other copy is seen whole at this moment."""
    places: dict[str, list[str]] = defaultdict(list)
    for item in items:
        for copy in stays[item.replica_id]:
            places[copy.endpoint].append(copy.path)
    seen = {endpoint: _seen(app, endpoint, paths) for endpoint, paths in places.items()}

    def whole(item: OpenItem, copy: Copy) -> bool:
        told = seen[copy.endpoint].get(copy.path)
        return isinstance(told, Observed) and (told.size, told.adler32) == (item.size, item.adler32)

    return [item.path for item in items if not any(whole(item, copy) for copy in stays[item.replica_id])]


def _seen(app: App, endpoint: str, paths: Sequence[str]) -> Mapping[str, Observation]:
    """What the storage says of these paths; nothing of those that nobody can ask about."""
    if not paths or endpoint not in app.storages:
        return {}
    try:
        return app.storages[endpoint].prober.probe(paths)
    except StorageError as error:
        return whole_call_failed(error, paths)

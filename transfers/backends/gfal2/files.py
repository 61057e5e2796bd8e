"""Looking at files and removing them: the Prober and the Remover of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.states import Locality
from transfers.backends.gfal2.client import Client
from transfers.backends.gfal2.commands import Name
from transfers.backends.gfal2.errors import Problem
from transfers.backends.gfal2.replies import Seen, not_a_file, read_checksum, read_status
from transfers.backends.gfal2.tape import TapeSystem
from transfers.model import Done, Observation, Observed, Outcome, Unknown


def look(
    client: Client, names: Sequence[Name], tape: TapeSystem | None, *, checksum: bool = True
) -> dict[Name, Observation]:
    """What the service says of each file. Raises StorageError if it says nothing at all.

    Without ``tape`` nobody is asked where a file is, and the locality says nothing.
    """
    seen = client.look(names, status=tape is not None, checksum=checksum)
    places: Mapping[Name, Locality] = {}
    if tape is not None:
        files = {
            name: read_status(found.status)
            for name, found in seen.items()
            if isinstance(found, Seen) and not_a_file(name.name, found, tape=True) is None
        }
        places = tape.places(files)
    return {
        name: observation(name, found, places.get(name, Locality.ONLINE), client.limits.tape)
        for name, found in seen.items()
    }


def observation(name: Name, seen: Seen | Problem, place: Locality, tape: bool) -> Observation:
    """What was seen of one file, and where the tape system says it is."""
    if isinstance(seen, Problem):
        return seen.outcome(name.name)
    if refusal := not_a_file(name.name, seen, tape):
        return refusal
    checksum = read_checksum(seen.checksum, name.name)
    return checksum if isinstance(checksum, Unknown) else Observed(seen.size, checksum, place)


class Files:
    """Prober and Remover."""

    def __init__(self, client: Client, tape: TapeSystem | None) -> None:
        self._client, self._endpoint, self._tape = client, client.endpoint, tape

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        names, refused = self._endpoint.named(paths)
        seen = look(self._client, list(names.values()), self._tape) if names else {}
        return {**refused, **{path: seen[name] for path, name in names.items()}}

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. Directories are refused here: services remove empty ones like files."""
        names, refused = self._endpoint.named(paths)
        told = self._remove(list(names.values())) if names else {}
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _remove(self, names: Sequence[Name]) -> dict[Name, Outcome]:
        outcomes: dict[Name, Outcome] = {}
        for name, seen in self._client.look(names, status=False, checksum=False).items():
            if isinstance(seen, Problem):
                outcomes[name] = seen.outcome(name.name)
            elif refusal := not_a_file(name.name, seen, self._tape is not None):
                outcomes[name] = refusal
        files = [name for name in names if name not in outcomes]
        for name, problem in (self._client.remove(files) if files else {}).items():
            outcomes[name] = problem.outcome(name.name) if problem else Done()
        return outcomes

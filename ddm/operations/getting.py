"""Files by LFN to this machine: from the best replica that can be read now, compared with the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.db import ask
from catalog.db.engine import Catalog
from catalog.errors import BadInput, NotRegistered
from catalog.faults import Side, fault_of
from catalog.query import parse
from catalog.states import EndpointKind, Locality, ReplicaState
from ddm.operations import finding
from ddm.operations.finding import Place, Where
from ddm.operations.placing import distance
from ddm.settings import EndpointSettings, Settings
from transfers.errors import FileMissing, NotOnline
from transfers.manifest import FileReport, Incoming, Source, StageIn
from transfers.staging import Means
from transfers.staging_in import bring

LABEL = "ddm get"
MANY = (
    f"{finding.MOST_OF_A_PATTERN} files or more match: list them with 'ddm file find QUERY --columns lfn "
    "--output LIST', and give the list"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be brought, and what cannot be: each file is in one of the two."""

    manifest: StageIn
    refused: tuple[FileReport, ...]

    @property
    def size(self) -> int:
        return sum(file.size or 0 for file in self.manifest.files)


def found(catalog: Catalog, query: str) -> list[str]:
    """The LFNs that a query finds. Raises BadInput for one that cannot be read, NotRegistered for none."""
    asked = parse(query)
    with catalog.read() as conn:
        copies = ask.copies(conn, asked, catalog.clock.now(), files=ask.ALL)
    if not copies:
        raise NotRegistered("no file of the catalogue is meant by this; nothing was read")
    return list(dict.fromkeys(copy.lfn for copy in copies))


def wanted(catalog: Catalog, settings: Settings, names: Iterable[str], *, site: str = "") -> Wanted:
    """The files of these LFNs, unique base names, URLs or patterns, with the replicas to read; the
    distances of ``[endpoint.NAME]`` from ``site`` count.

    A file that is on tape only, or has no replica to read, is refused with what helps. Raises BadInput when
    two files would have the same name here.
    """
    files: list[Incoming] = []
    refused: list[FileReport] = []
    for where in finding.where(catalog, settings, names):
        if finding.too_many(where):
            raise BadInput(MANY, subject=where.asked)
        if not where.places:
            refused.append(_refused(where.asked, "not_registered", "the catalogue knows no such file"))
        for lfn, places in _by_lfn(where).items():
            found = _readable(lfn, places, settings.endpoints, site)
            if isinstance(found, FileReport):
                refused.append(found)
            else:
                files.append(found)
    unique = list({file.lfn: file for file in files}.values())
    twice = [name for name, times in Counter(file.name for file in unique).items() if times > 1]
    if twice:
        raise BadInput(
            "two of the files have this name: give the LFN of one, or get them into different directories",
            subject=twice[0],
        )
    return Wanted(StageIn(LABEL, tuple(unique), _backends(settings.endpoints)), tuple(refused))


def get(wish: Wanted, directory: Path, means: Means) -> list[FileReport]:
    """Bring them; what became of each file, the refused ones last. What is here and equal is kept."""
    return [*bring(wish.manifest, directory, means), *wish.refused]


def _backends(endpoints: Mapping[str, EndpointSettings]) -> dict[str, tuple[str, Mapping[str, str]]]:
    return {entry.prefix: (entry.backend, entry.options) for entry in endpoints.values()}


def _by_lfn(where: Where) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in where.places:
        found.setdefault(place.lfn, []).append(place)
    return found


def _readable(
    lfn: str, places: Sequence[Place], endpoints: Mapping[str, EndpointSettings], site: str
) -> Incoming | FileReport:
    sources: list[Source] = []
    tape: list[str] = []
    for place in places:
        if place.state != ReplicaState.AVAILABLE or place.pfn is None or place.endpoint is None:
            continue
        kind = endpoints[place.endpoint].kind
        locality = Locality(place.locality) if place.locality else Locality.UNKNOWN
        if kind == EndpointKind.TAPE and locality is Locality.NEARLINE:
            tape.append(place.endpoint)
        else:
            carried = locality is Locality.UNAVAILABLE  # out of reach: tried last
            near = Locality.ONLINE if kind == EndpointKind.DISK and not carried else locality
            far = distance(endpoints[place.endpoint], site)
            sources.append(Source(place.pfn, far, locality=near))
    if sources:
        first = places[0]
        return Incoming(lfn, lfn.rpartition("/")[2], tuple(sources), first.size, first.adler32)
    if tape:
        command = f"ddm stage request {lfn} --name NAME --reason WHY"
        return _refused(lfn, NotOnline.code, f"on tape only, at {', '.join(tape)}; recall it: {command}")
    states = sorted({f"{place.state} at {place.endpoint}" for place in places if place.state})
    text = f"no copy of it can be read: {', '.join(states) or 'it has none'}"
    return _refused(lfn, FileMissing.code, text)


def _refused(lfn: str, code: str, text: str) -> FileReport:
    name = lfn.rpartition("/")[2]
    return FileReport(lfn, name, "failed", code=code, text=text, fault=fault_of(code, Side.IN))

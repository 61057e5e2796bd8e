"""The content of copies is asked for, or every byte of it is read: the calls, and what they come to.

No recall is made by this, and nothing is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.db.verifying import Round
from catalog.db.verifying_lines import Content
from catalog.states import EndpointKind, HowVerified, Locality
from ddm.app import App
from ddm.steps.contentlook import Conclusion, Expected, by_asking, by_reading, suspicious
from transfers.model import SILENT, Done, Failed, FetchOrder, Observation, Observed, Unknown
from transfers.planning import batches

READ_AT_ONCE = 16
SCRATCH = "verifying"
"""Directory beside ddm.toml, for files of endpoints whose backend can only fetch."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking at a copy came to; ``told``: what the service said last, if it was asked."""

    content: Content
    conclusion: Conclusion
    told: Observation | None = None


def look(app: App, it: Round, contents: Sequence[Content]) -> list[Seen]:
    """Look at these, in the way of the round. Raises StorageError: nothing is known of any of them."""
    if not contents:
        return []
    if it.how is HowVerified.READ:
        return [
            Seen(one, found) for one, found in zip(contents, read(app, it.endpoint, contents), strict=True)
        ]
    return _by_asking(app, it, contents)


def read(app: App, endpoint: str, contents: Sequence[Expected]) -> list[Conclusion]:
    """What reading every byte of each comes to, of those that are not right twice. Raises StorageError."""
    first = _read(app, endpoint, contents)
    odd = [one for one in contents if suspicious(one, first[one.path], tape=False)]
    second = _read(app, endpoint, odd)
    return [by_reading(one, first[one.path], second.get(one.path)) for one in contents]


def _by_asking(app: App, it: Round, contents: Sequence[Content]) -> list[Seen]:
    tape = it.kind is EndpointKind.TAPE
    first = _ask(app, it.endpoint, contents)
    odd = [one for one in contents if suspicious(one, first[one.path], tape=tape)]
    second = _ask(app, it.endpoint, odd)
    differ = [one for one in odd if suspicious(one, second[one.path], tape=tape) == "mismatch"]
    found: dict[str, Conclusion] = {}
    if not tape:
        for some in batches(differ, READ_AT_ONCE):
            found |= dict(zip([one.path for one in some], read(app, it.endpoint, some), strict=True))
    return [
        Seen(
            one,
            by_asking(one, first[one.path], second.get(one.path), found.get(one.path), tape=tape),
            second.get(one.path, first[one.path]),
        )
        for one in contents
    ]


def _ask(app: App, endpoint: str, contents: Sequence[Expected]) -> dict[str, Observation]:
    seen: dict[str, Observation] = {}
    paths = list(dict.fromkeys(one.path for one in contents))
    for some in batches(paths, app.settings.endpoints[endpoint].max_files_per_request):
        answers = app.storages[endpoint].prober.probe(some)
        seen |= {path: answers.get(path, SILENT) for path in some}
    return seen


def _read(app: App, endpoint: str, contents: Sequence[Expected]) -> dict[str, Observation]:
    """Every byte of each, as any reader gets them."""
    if not contents:
        return {}
    storage = app.storages[endpoint]
    if storage.rereader is not None:
        paths = list(dict.fromkeys(one.path for one in contents))
        answers = storage.rereader.reread(paths)
        return {path: answers.get(path, SILENT) for path in paths}
    told = _ask(app, endpoint, contents)  # a backend that sums the bytes itself need not fetch them
    return {
        one.path: told[one.path] if _by_itself(told[one.path]) else _fetched(app, endpoint, one)
        for one in contents
    }


def _by_itself(seen: Observation) -> bool:
    return not isinstance(seen, Observed) or seen.how == HowVerified.READ


def _fetched(app: App, endpoint: str, one: Expected) -> Observation:
    """The same where a backend can only fetch, which compares what came with the order."""
    scratch = app.settings.root / SCRATCH
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as directory:
        local = str(Path(directory) / "file")
        order = FetchOrder(one.path, local, one.size, one.adler32)
        match app.storages[endpoint].copier.fetch([order]).get(local):
            case Done():
                return Observed(one.size, one.adler32, Locality.ONLINE, HowVerified.READ)
            case Failed() as failure:
                return failure
            case _:
                return Unknown("no answer")

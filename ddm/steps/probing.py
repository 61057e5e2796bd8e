"""What storages say of places now, whoever asks: one call for as many as an endpoint takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ddm.app import App
from ddm.steps.common import whole_call_failed
from transfers.errors import StorageError
from transfers.model import SILENT, Observation, Unknown
from transfers.planning import batches

At = tuple[str, str]
"""Endpoint and path."""


def seen(app: App, places: Iterable[At]) -> dict[At, Observation]:
    """What was said of each place. Calls storages, so never in a transaction. Raises nothing: an endpoint
    that is not in ddm.toml, or does not answer, is Unknown or Failed for every place that it has."""
    by_endpoint: dict[str, dict[str, None]] = defaultdict(dict)
    for endpoint, path in places:
        by_endpoint[endpoint][path] = None
    found: dict[At, Observation] = {}
    for endpoint, paths in by_endpoint.items():
        if endpoint not in app.storages:
            unheard = Unknown(f"endpoint {endpoint} is not in ddm.toml")
            found |= {(endpoint, path): unheard for path in paths}
            continue
        for batch in batches(list(paths), app.settings.endpoints[endpoint].max_files_per_request):
            answers: Mapping[str, Observation]
            try:
                answers = app.storages[endpoint].prober.probe(batch)
            except StorageError as error:
                answers = whole_call_failed(error, batch)
            found |= {(endpoint, path): answers.get(path, SILENT) for path in batch}
    return found

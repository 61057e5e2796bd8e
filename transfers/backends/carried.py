"""An endpoint that ddm cannot reach: files are brought there and back by hand (``ddm carry``).

``prefix`` is what stands before a path for those who carry, e.g. ``file:///scratch/compass`` or a Globus
collection. Nothing is asked of such an endpoint, copied to it or removed from it by a program: every call is
answered with what a person can do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from catalog.clock import Clock
from transfers.errors import Unsupported, failed
from transfers.model import CopyOrder, Failed, FetchOrder, Observation, Outcome
from transfers.ports import Capabilities, Storage
from transfers.watch import UNWATCHED, Watch


class CarriedStorage:
    """Prober, copier and remover that send to a person."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def storage(self) -> Storage:
        """This place as the ports of an endpoint."""
        return Storage(Capabilities(schemes=frozenset()), self, self, self)

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        return self._each(paths, "run 'ddm carry check' there, then 'ddm carry arrived' here")

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return self._each([order.path for order in orders], "carry it: 'ddm carry plan'")

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return self._each([order.destination for order in orders], "carry it back: 'ddm carry plan --from'")

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        return self._each(paths, "remove it there by hand")

    def _each(self, keys: Iterable[str], advice: str) -> dict[str, Failed]:
        text = f"{self._prefix} is not reached by ddm: {advice}"
        return {key: failed(Unsupported, text) for key in keys}


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint at this prefix. Raises Unsupported for options."""
    if options:
        raise Unsupported(f"the carried backend has no options, {', '.join(sorted(options))} was given")
    return CarriedStorage(prefix).storage()

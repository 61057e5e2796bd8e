"""How much is free at an XRootD endpoint: the server's answer to a space query about its directory.

A server answers also for a directory that is not there, and then with nothing free. So the directory is
looked at first, and of one that is not there nothing is known. Of a tape endpoint it is the disk in front.
"""

from __future__ import annotations

from transfers.backends.xrootd.client import Client, Stat
from transfers.backends.xrootd.commands import IS_DIR, Endpoint
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.replies import read_space
from transfers.model import Space


class SpaceReporter:
    """Free space of the endpoint. Raises StorageError when the server does not answer."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint

    def space(self) -> Space:
        name = self._endpoint.directory("")
        stat = self._client.stat([name])[name]
        if not isinstance(stat, Stat) or not stat.flags & IS_DIR:
            return Space()
        answer = self._client.space(name)
        if isinstance(answer, Trouble):
            if answer.of_endpoint:
                raise answer.error(f"{self._endpoint.server} does not tell its free space: {answer.text}")
            return Space()
        return read_space(answer)

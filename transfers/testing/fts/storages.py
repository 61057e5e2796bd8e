"""The storages behind the test server: any of ours, by URL prefix."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from transfers.ports import Storage


class Storages:
    """Which storage, and which path there, a URL means."""

    def __init__(self, storages: Mapping[str, Storage]) -> None:
        """Storages by prefix, as endpoints have it: ``memory://cta/``, ``root://host:1094//eos/``."""
        self._storages = dict(storages)

    def locate(self, url: str) -> tuple[Storage, str] | None:
        """The storage with the longest prefix that fits, and the path; None: nobody has it."""
        fitting = [prefix for prefix in self._storages if url.startswith(prefix.rstrip("/") + "/")]
        if not fitting:
            return None
        prefix = max(fitting, key=len)
        path = "/" + url[len(prefix.rstrip("/")) :].lstrip("/")
        return self._storages[prefix], unquote(path) if url.startswith(("http", "dav")) else path


def identity(url: str) -> str:
    """What the service takes for the storage of a URL: scheme and host, whatever the port."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2].partition(':')[0]}"

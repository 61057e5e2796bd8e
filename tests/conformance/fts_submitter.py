"""A process that submits one request of copies, to be killed: ``python -m … LABEL COUNT OPTION=VALUE…``."""

from __future__ import annotations

import sys

from catalog.checksum import Adler32
from catalog.clock import SystemClock
from transfers.model import TransferOrder
from transfers.registry import open_transferrer


def orders(count: int) -> list[TransferOrder]:
    """Copies of files that have the size of a hundred bytes, and their number as checksum."""
    return [TransferOrder(f"/k{n}", (f"memory://elsewhere/k{n}",), 100, Adler32(n)) for n in range(count)]


def main() -> None:
    label, count, *rest = sys.argv[1:]
    options = dict(entry.split("=", 1) for entry in rest)
    service = open_transferrer("fts", "memory://rig/", clock=SystemClock(), options=options)
    print("begun", flush=True)
    print(service.submit(orders(int(count)), label=label).token, flush=True)


if __name__ == "__main__":
    main()

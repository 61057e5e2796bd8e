"""A simulated tape library: tapes, drives, a disk buffer, recalls and archival, driven by events.

Nothing runs in the background. Each call first lets happen what has happened until its time (``advance``), in
the order of time; what comes out depends on the calls, their times and the seed, and on nothing else.
The model holds no bytes, only what files contain (size and adler32): the memory backend is this model alone,
the simtape backend moves real bytes to where the model says they are.

Rules, kept as a tape system with a disk buffer in front keeps them (CTA with EOS):

- A written file is in the buffer only, and on tape ``archive_delay`` later.
- A file with no copy on disk cannot be read: it must be staged.
- Wanted files wait in the queue of their tape. A drive that is free takes the tape with the oldest request,
  or with the most, mounts it, and reads what is wanted of it in order of position, sweep after sweep,
  until nothing is; what is asked for meanwhile joins in. It goes to another tape only then.
- A stage adds a hold for its token, a release takes the hold away; the disk copy goes with the last hold, and
  never while it is the only copy. A hold ends by itself when the order's lifetime is over, counted from the
  moment the file is in the buffer.
- A full buffer evicts copies that are on tape and not held, least recently used first. If that does not make
  room, a recall waits, and a write is refused.
- A token stays known as long as a file is held by it; a path that is neither online nor held has vanished.

Faults of single files are injected by path pattern and count, and drawn from the seed and the path, so they
do not depend on the order of calls. Drives go down, tapes break, the whole service may be out for a time.
"""

from transfers.backends.tapelibrary.faults import Contents, Fault, Injection
from transfers.backends.tapelibrary.library import TapeLibrary
from transfers.backends.tapelibrary.records import FileRecord, Recall
from transfers.backends.tapelibrary.robot import Counters, Doing, Drive
from transfers.backends.tapelibrary.settings import NEVER, LibrarySettings

__all__ = [
    "NEVER",
    "Contents",
    "Counters",
    "Doing",
    "Drive",
    "Fault",
    "FileRecord",
    "Injection",
    "LibrarySettings",
    "Recall",
    "TapeLibrary",
]

"""The XRootD client library, loaded and set up for us.

Importing this module loads the library and sets its limits: left alone, it tries for eight
minutes to reach a server that is not there, remembers for half an hour that it was not, and rounds
every deadline up to 15 seconds. The limits are of the whole process (the library keeps one connection per
server for all), and are read when the first connection is made; so they are set here, once. ``EnvPutInt``
leaves alone what the user has set in the environment (XRD_STREAMTIMEOUT and so on): this is the one place
where environment variables have a say.

The library's fork handler is switched off: it waits for the library's threads, and when one of those waits
for the Python interpreter, a fork never returns (seen when a copy had lost its server). So a process forked
from one that has used this backend cannot use it; it is told so. Programs may be run at any time.

Wheel 6.2.1 miscounts references: ``File.set_property`` takes one from True each time, and each progress
message of a CopyProcess one from None, until the interpreter dies of it (Python 3.11; from 3.12 on they
cannot die). ``new_file`` and ``keep_none_alive`` make up for that.
"""

from __future__ import annotations

import ctypes
import math
import os
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from catalog.clock import SystemClock
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.refusals import explained
from transfers.errors import Unsupported

# The library says that it is typed, but is not.
xrootd: Any = import_module("XRootD.client")

LIMITS = {
    "ConnectionWindow": 5,  # seconds for one attempt to connect
    "ConnectionRetry": 1,  # attempts; trying again is the caller's affair, who has a clock for it
    "StreamErrorWindow": 2,  # seconds for which a failed connection is not tried again
    "TimeoutResolution": 1,  # seconds between looks at the deadlines
    "StreamTimeout": 60,  # seconds of silence, in the middle of a copy say, that end a connection
    "RequestTimeout": 300,  # seconds for a request that has no deadline of its own
    "ParallelEvtLoop": 1,  # threads that wait for servers: more get in each other's way (measured)
    "RunForkHandler": 0,  # see above
}
for _key, _value in LIMITS.items():
    xrootd.EnvPutInt(_key, _value)
xrootd.EnvPutString("OpenRecovery", "false")  # a creation is asked for once


_streams = [1]


def spread_over(streams: int) -> None:
    """Connections made from now on are of so many TCP streams at least. A user's own setting comes first."""
    if streams > _streams[0]:
        _streams[0] = streams
        xrootd.EnvPutInt("SubStreamsPerChannel", streams)


Callback = Callable[[Any, Any, Any], None]
"""What the library calls from its own threads: status, response, hosts."""

_user: list[int] = []  # the process that has used the library


class Deadline:
    """When a call of many requests must be over: in real time, whatever the clock of the machine does."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, not negative."""
        return max(0.0, self._end - time.monotonic())

    def within(self, seconds: int) -> int:
        """A time limit for one request: as given, or what is left, but at least a second."""
        return max(1, min(seconds, math.ceil(self.left)))


def same_process() -> None:
    """Raises Unsupported in a forked child, which lacks the library's threads: any call would hang."""
    if not _user:
        _user.append(os.getpid())
    if _user[0] != os.getpid():
        raise Unsupported(
            "the XRootD client does not survive a fork: start the process as a program of its own"
        )


def new_file(*, written: bool) -> Any:
    """A File, to be written or to be read, that is given up when its connection is lost.

    Left alone, the library opens it again, where another's may be by now, and goes on with what was half
    written. It has that from each file, whatever is set for the process.
    """
    file = xrootd.File()
    file.set_property("WriteRecovery" if written else "ReadRecovery", "false")
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(True))  # the one that has just been taken
    return file


_nones: list[None] = []


def keep_none_alive() -> None:
    """To be called for each progress message of a CopyProcess: see above."""
    _nones.extend((None, None))


def trouble_of(status: Any) -> Trouble:
    """A status of the library that is not good, as a value."""
    trouble = Trouble(int(status.code), int(status.errno or 0), str(status.message).strip())
    return explained(trouble, os.environ, os.getuid(), SystemClock().now())

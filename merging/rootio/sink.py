"""The end of a file in the making: bytes are summed and written in a thread of their own, in order.

Reading and taking apart the next input goes on meanwhile, which on two processors makes a merge about as fast
as copying. At most some pieces wait, so memory is bounded; whoever brings more waits. What goes wrong while
writing is raised by the next call.
"""

from __future__ import annotations

import os
from queue import Queue, SimpleQueue
from threading import Thread
from typing import Final

from catalog.checksum import EMPTY, Adler32, adler32

SPAN: Final = 8 << 20
"""Bytes of a buffer that is lent."""
_BUFFERS: Final = 4
_WAITING: Final = 8
_PORTION: Final = 1 << 20
"""Bytes of one write: with four times as many ext4 takes twice the time of a processor."""

Piece = tuple[bytes | memoryview, bytearray | None]


class Sink:
    """Takes the bytes of one open file. ``size`` and ``sum``: after ``drain``, of all that was put."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._pieces: Queue[Piece | None] = Queue(_WAITING)
        self._free: SimpleQueue[bytearray] = SimpleQueue()
        self._lent = 0
        self._error: BaseException | None = None
        self._thread: Thread | None = None
        self.sum: Adler32 = EMPTY
        self.size = 0

    def buffer(self, size: int) -> bytearray:
        """A buffer for at least so many bytes, to be given back with ``put``; waits for one that is free."""
        if size > SPAN:
            return bytearray(size)
        if self._free.empty() and self._lent < _BUFFERS:
            self._lent += 1
            return bytearray(SPAN)
        return self._free.get()

    def put(self, data: bytes | memoryview, back: bytearray | None = None) -> None:
        """These bytes come next; they must not change from now on. ``back``: free this buffer afterwards.

        Raises what went wrong with bytes put before (OSError).
        """
        self._check()
        if self._thread is None:
            self._thread = Thread(target=self._run, name="rootio-sink", daemon=True)
            self._thread.start()
        self._pieces.put((data, back))

    def drain(self) -> None:
        """Wait until all is written. Raises what went wrong."""
        self.stop()
        self._check()

    def stop(self) -> None:
        """End the thread when it has written what was put. May be repeated; more may be put later."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._pieces.put(None)
            thread.join()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (piece := self._pieces.get()) is not None:
            data, back = piece
            try:
                if self._error is None:
                    self._write(memoryview(data))
            except BaseException as error:  # noqa: BLE001 - it is raised where somebody can act on it
                self._error = error
            finally:
                del data
                if back is not None and len(back) == SPAN:
                    self._free.put(back)

    def _write(self, view: memoryview) -> None:
        for start in range(0, len(view), _PORTION):
            portion = view[start : start + _PORTION]
            self.sum = adler32([portion], self.sum)
            while portion:
                count = os.write(self._fd, portion)
                self.size += count
                portion = portion[count:]

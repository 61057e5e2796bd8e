"""A tape library for a real XRootD disk server: catalogue, queue, drives, archiving, faults.

``tapelib.py serve DIR`` is a daemon of its own, run by the server's user and any Python from 3.9 on, with
the standard library only; ``transfers.testing.xrootd`` starts it and speaks to it. The XRootD server
reaches it through bin/tape-call (prepare requests, checksums) and through the FIFO run/events (files
closed, removed, renamed). Under DIR:

    disk/LFN    what the server exports; a file that is on tape only is a stub there: a size, but no blocks
    tape/LFN    the tape copies
    run/        catalogue, address, spool; log/

The states and the JSON of a ``query prepare`` are those of EOS with CTA: ``requested`` is true while anybody
waits for the file, and false again after success and after failure.
"""

from __future__ import annotations

import errno
import fnmatch
import json
import os
import secrets
import socketserver
import sqlite3
import sys
import threading
import time
import zlib
from collections.abc import Callable
from typing import NamedTuple

DEFAULTS = {
    "drives": 2,  # tape drives, at most 8; 0 = library down, requests wait
    "mount": 0.5,  # seconds to load a tape
    "unmount": 0.2,  # seconds to unload it
    "seek": 0.02,  # seconds to position to a file
    "rate": 400e6,  # bytes per second read or written by a drive
    "files_per_tape": 50,  # archived files before a new tape is started
    "archive_delay": 0.3,  # seconds from close to the archive job
    "archive": 1,  # 0 = closed files are not written to tape
    "evict_archived": 0,  # 1 = the disk copy goes once the file is on tape
    "query_grace": 1.0,  # a query waits this long for a request still on its way
    "query_delay": 0.0,  # seconds; answer queries late
    "query_style": 0,  # 0 = as EOS; 1 = words, as Castor; 2 = refused, as dCache (eos); 3 = one long line
    "accept_delay": 0.0,  # seconds that a request of the stock mode is on its way to the library
    "buffer": 0,  # bytes that recalled files may take on disk; 0 = no limit
    "buffer_evicts": 0,  # when it is full: 0 = recalls fail, 1 = unpinned files go, 2 = any, oldest first
}
FAULTS = ("fail", "stuck", "corrupt", "truncate", "slow", "lost")
AREA = "/cta/"  # only what is below it has to do with tape
STUB, COPY = "user.tape.stub", "user.tape.copy"  # read by tapeplugin.cc
CHUNK = 1 << 20

SCHEMA = """
    PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
    CREATE TABLE IF NOT EXISTS file (lfn TEXT PRIMARY KEY, tape TEXT, seq INT, size INT, adler32 INT,
                                     mtime_ns INT);
    CREATE TABLE IF NOT EXISTS request (id TEXT, lfn TEXT, time REAL, priority INT, PRIMARY KEY (id, lfn));
    CREATE TABLE IF NOT EXISTS known (id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS error (lfn TEXT PRIMARY KEY, text TEXT);
    CREATE TABLE IF NOT EXISTS pin (lfn TEXT PRIMARY KEY, count INT);
    CREATE TABLE IF NOT EXISTS fault (pattern TEXT, kind TEXT, count INT);
    CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value REAL);
    CREATE TABLE IF NOT EXISTS tally (lfn TEXT, what TEXT, count INT, PRIMARY KEY (lfn, what));
    CREATE TABLE IF NOT EXISTS mount (tape TEXT PRIMARY KEY, count INT);
    CREATE TABLE IF NOT EXISTS archiving (lfn TEXT PRIMARY KEY);
    CREATE INDEX IF NOT EXISTS request_lfn ON request (lfn);
    CREATE INDEX IF NOT EXISTS file_tape ON file (tape, seq);
"""


def log(*words: object) -> None:
    print(time.strftime("%H:%M:%S"), *words, flush=True)


def version(st: os.stat_result) -> bytes:
    """What tells a version of a file from another, as kept in extended attributes."""
    return f"{st.st_size} {st.st_mtime_ns}".encode()


class TapeFile(NamedTuple):
    """The row of a file on tape; size and mtime say which version of the disk file it is a copy of."""

    tape: str
    seq: int
    size: int
    adler32: int
    mtime_ns: int


class Stopped(Exception):
    pass


class Library:
    """All state under one lock, ``changed``, which is notified whenever something may go on."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.eos = os.path.exists(f"{root}/run/libtapeplugin.so")
        self.changed = threading.Condition(threading.RLock())
        self.busy: dict[str, int] = {}  # lfn -> drive that reads it
        self.mounted: dict[int, str] = {}  # drive -> tape in it
        self.archiving: dict[str, float] = {}  # lfn -> time at which to archive it; kept in its table
        self.checksums: dict[str, tuple[tuple[int, int, int], int]] = {}  # lfn -> version on disk, adler32
        self.db = sqlite3.connect(f"{root}/run/catalogue.db", isolation_level=None, check_same_thread=False)
        self.db.executescript(SCHEMA)
        stored = dict(self.db.execute("SELECT key, value FROM setting"))
        self.set: dict[str, float] = {**DEFAULTS, **stored}
        for (lfn,) in self.db.execute("SELECT lfn FROM archiving").fetchall():  # from before a restart
            self.archiving[lfn] = time.time() + self.set["archive_delay"]
        on_tape = [lfn for (lfn,) in self.db.execute("SELECT lfn FROM file ORDER BY mtime_ns")]
        # what the buffer holds, oldest first, and what is on its way into it: lfn -> bytes
        self.buffer = {lfn: os.stat(self.disk(lfn)).st_size for lfn in on_tape if self.on_disk(lfn)}
        self.coming: dict[str, int] = {}

    # ---------------------------------------------------------------- disk side
    def disk(self, lfn: str) -> str:
        return f"{self.root}/disk{lfn}"

    def tape(self, lfn: str) -> str:
        return f"{self.root}/tape{lfn}"

    def look(self, lfn: str) -> tuple[os.stat_result | None, bool]:
        """The stat of the path on disk (None: no such path), and whether it is a stub."""
        path = self.disk(lfn)
        try:
            st = os.stat(path)
            if self.eos:
                return st, STUB in os.listxattr(path) and os.getxattr(path, STUB) == version(st)
            return st, st.st_size > 0 and st.st_blocks == 0
        except OSError:
            return None, False

    def on_disk(self, lfn: str) -> bool:
        st, stub = self.look(lfn)
        return st is not None and not stub

    def exists(self, lfn: str) -> bool:
        return self.look(lfn)[0] is not None or self.file(lfn) is not None

    def on_tape(self, lfn: str) -> bool:
        """Has the file a tape copy, of just the version that is (or was) on disk?"""
        file, st = self.file(lfn), self.look(lfn)[0]
        return file is not None and (st is None or (st.st_size, st.st_mtime_ns) == (file.size, file.mtime_ns))

    def is_recalled(self, lfn: str) -> bool:
        """Is the disk copy of the version on tape, whatever a recall has made of its bytes?"""
        file, st = self.file(lfn), self.look(lfn)[0]
        return file is not None and st is not None and st.st_mtime_ns == file.mtime_ns

    def temp(self) -> str:
        return f"{self.root}/disk/.tmp/{secrets.token_hex(8)}"

    def mark(self, path: str, attribute: str) -> None:
        """Tell the rig's plug-in, if it is in use, what the version of a file is."""
        if self.eos:
            os.setxattr(path, attribute, version(os.stat(path)))

    def make_stub(self, lfn: str) -> None:
        file = self.file(lfn)
        assert file is not None
        temp = self.temp()
        with open(temp, "wb") as out:
            out.truncate(file.size)
        os.utime(temp, ns=(file.mtime_ns, file.mtime_ns))
        self.mark(temp, STUB)
        os.makedirs(os.path.dirname(self.disk(lfn)), exist_ok=True)
        os.rename(temp, self.disk(lfn))
        self.buffer.pop(lfn, None)

    def make_room(self, lfn: str, size: int) -> None:
        """Reserve space for a recall; a full buffer refuses it, or other files go."""
        with self.changed:
            limit = self.set["buffer"]
            pinned = {name for (name,) in self.db.execute("SELECT lfn FROM pin WHERE count > 0")}
            for name in list(self.buffer):
                if not limit or self.filled() + size <= limit:
                    break
                if self.set["buffer_evicts"] == 2 or (self.set["buffer_evicts"] == 1 and name not in pinned):
                    self.do_evict(name)
            if limit and self.filled() + size > limit:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.coming[lfn] = size

    def filled(self) -> int:
        return sum(self.buffer.values()) + sum(self.coming.values())

    # ---------------------------------------------------------------- catalogue
    def file(self, lfn: str) -> TapeFile | None:
        row = self.db.execute(
            "SELECT tape, seq, size, adler32, mtime_ns FROM file WHERE lfn = ?", (lfn,)
        ).fetchone()
        return TapeFile(*row) if row else None

    def add_file(self, lfn: str, size: int, adler: int, mtime_ns: int, tape: str | None = None) -> None:
        (count,) = self.db.execute("SELECT count(*) FROM file").fetchone()
        tape = tape or f"V{count // int(self.set['files_per_tape']):05d}"
        self.db.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)",
            (lfn, tape, count + 1, size, adler, mtime_ns),
        )

    def fault(self, lfn: str, kind: str, use: bool = True) -> bool:
        """Does an injected fault of this kind hit the file? Counts it down, if used."""
        with self.changed:
            rows = self.db.execute(
                "SELECT rowid, pattern, count FROM fault WHERE kind = ?", (kind,)
            ).fetchall()
            for row, pattern, count in rows:
                if fnmatch.fnmatchcase(lfn, pattern):
                    if use and count == 1:
                        self.db.execute("DELETE FROM fault WHERE rowid = ?", (row,))
                    elif use and count > 1:
                        self.db.execute("UPDATE fault SET count = count - 1 WHERE rowid = ?", (row,))
                    if use:
                        self.count(lfn, kind)
                    return True
        return False

    def count(self, lfn: str, what: str) -> None:
        """One more of what happens to a file; see ``do_tally``."""
        with self.changed:
            self.db.execute(
                "INSERT INTO tally VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1", (lfn, what)
            )

    def wanted(self, lfn: str) -> bool:
        with self.changed:
            return self.db.execute("SELECT 1 FROM request WHERE lfn = ?", (lfn,)).fetchone() is not None

    def pin(self, lfn: str, step: int = 1) -> int:
        self.db.execute("INSERT OR IGNORE INTO pin VALUES (?, 0)", (lfn,))
        self.db.execute("UPDATE pin SET count = max(0, count + ?) WHERE lfn = ?", (step, lfn))
        (count,) = self.db.execute("SELECT count FROM pin WHERE lfn = ?", (lfn,)).fetchone()
        return int(count)

    # ------------------------------------------------------- calls of the server
    def call(self, args: list[str]) -> str | None:
        """One call: the arguments of the prepare plug-in, or a control command."""
        answer: str | None
        if "--" in args:
            start = args.index("--")
            reqid, verb, *paths = args[start + 1 :]
            if verb == "stage":
                priority = int(args[args.index("-p", 0, start) + 1]) if "-p" in args[:start] else 0
                answer = None
                self.prepare_stage(reqid, paths, priority)
            else:
                answer = getattr(self, "prepare_" + verb)(reqid, paths)
        else:
            answer = getattr(self, "do_" + args[0])(*args[1:])
        return answer

    def check(self, paths: list[str], fatal: int) -> None:
        """Refuse paths that do not exist, if ``fatal`` of them or more do not."""
        missing = [lfn for lfn in paths if not self.exists(lfn)]
        if missing and len(missing) >= fatal:
            raise FileNotFoundError(
                errno.ENOENT,
                f"Unable to prepare - file does not exist or is not accessible to you: {missing[0]}; "
                f"no such file or directory ({len(missing) - 1} other files also failed)",
            )

    def prepare_stage(self, reqid: str, told: list[str], priority: int = 0) -> None:
        """Names may be followed by parameters, ``?activity=WORD``, which are tallied."""
        now = time.time()
        paths = [name.partition("?")[0] for name in told]
        with self.changed:
            self.db.execute("INSERT OR IGNORE INTO known VALUES (?)", (reqid,))
            self.changed.notify_all()
            self.check(paths, fatal=len(paths))
            for lfn, name in ((name.partition("?")[0], name) for name in told):
                self.count(lfn, "asked")
                self.count(lfn, f"priority {priority}")
                if "?" in name:
                    self.count(lfn, name.partition("?")[2].replace("=", " "))
                if self.on_disk(lfn):
                    self.pin(lfn)
                elif self.file(lfn) and not self.fault(lfn, "lost"):
                    if not self.wanted(lfn):
                        self.db.execute("DELETE FROM error WHERE lfn = ?", (lfn,))
                    row = (reqid, lfn, now, priority)
                    self.db.execute("INSERT OR IGNORE INTO request VALUES (?, ?, ?, ?)", row)

    def prepare_cancel(self, reqid: str, paths: list[str]) -> None:
        with self.changed:
            self.check(paths, fatal=1)
            if not paths:
                paths = [lfn for (lfn,) in self.db.execute("SELECT lfn FROM request WHERE id = ?", (reqid,))]
            self.db.executemany(
                "DELETE FROM request WHERE id = ? AND lfn = ?", [(reqid, lfn) for lfn in paths]
            )
            self.changed.notify_all()

    def prepare_evict(self, _reqid: str, paths: list[str]) -> None:
        with self.changed:
            self.check(paths, fatal=1)
            for lfn in paths:
                if self.pin(lfn, -1) <= 0:
                    self.do_evict(lfn)

    def prepare_query(self, reqid: str, paths: list[str]) -> str:
        time.sleep(self.set["query_delay"])
        deadline = time.monotonic() + self.set["query_grace"]
        known = "SELECT 1 FROM known WHERE id = ?"
        with self.changed:
            # The stock server answers "prepare" before this program hears of it; wait, once.
            while ":" in reqid and not self.db.execute(known, (reqid,)).fetchone():
                if not self.changed.wait(deadline - time.monotonic()):
                    self.db.execute("INSERT OR IGNORE INTO known VALUES (?)", (reqid,))
            answers = [json.dumps(self.answer(reqid, lfn), separators=(",", ":")) for lfn in paths]
        style = self.set["query_style"]
        if style == 1:
            return "\n".join(f"{lfn} {'STAGED' if self.on_disk(lfn) else 'STAGEIN'}" for lfn in paths)
        if style == 2:
            raise OSError(errno.ENOTSUP, "query prepare is not supported")
        if style == 3:
            return f'{{"request_id":{json.dumps(reqid)},"responses":[{",".join(answers)}]}}'
        lines = ",\n".join(answers)
        return f'{{"request_id":{json.dumps(reqid)},"responses":[\n{lines}\n]}}'

    def answer(self, reqid: str, lfn: str) -> dict[str, object]:
        requests = self.db.execute("SELECT id, time FROM request WHERE lfn = ?", (lfn,)).fetchall()
        error = self.db.execute("SELECT text FROM error WHERE lfn = ?", (lfn,)).fetchone()
        exists = self.exists(lfn)
        if not exists:
            error = ("USER ERROR: file does not exist or is not accessible to you",)
        return {
            "path": lfn,
            "path_exists": exists,
            "on_tape": self.on_tape(lfn),
            "online": self.on_disk(lfn),
            "requested": bool(requests),
            "has_reqid": any(asked == reqid for asked, _ in requests),
            "req_time": str(int(requests[0][1])) if requests else "",
            "error_text": error[0] if error else "",
        }

    def do_checksum(self, lfn: str) -> str:
        """The server's checksum program: of what is on disk, or else as catalogued."""
        st, stub = self.look(lfn)
        file = self.file(lfn)
        if stub and file:
            return f"{file.adler32:08x}"
        if st is None or stub:
            raise FileNotFoundError(errno.ENOENT, "no such file or directory")
        key = (st.st_ino, st.st_size, st.st_mtime_ns)
        known = self.checksums.get(lfn)
        if known is None or known[0] != key:
            adler = 1
            with open(self.disk(lfn), "rb") as data:
                while block := data.read(CHUNK):
                    adler = zlib.adler32(block, adler)
            self.checksums[lfn] = known = key, adler
        return f"{known[1]:08x}"

    def finish(self, lfn: str, error: str | None = None) -> None:
        """A recall has ended, well or badly: its requests leave the queue."""
        with self.changed:
            (requests,) = self.db.execute("SELECT count(*) FROM request WHERE lfn = ?", (lfn,)).fetchone()
            self.db.execute("DELETE FROM request WHERE lfn = ?", (lfn,))
            self.db.execute("DELETE FROM error WHERE lfn = ?", (lfn,))
            if error:
                log("failed", lfn, error)
                self.db.execute("INSERT INTO error VALUES (?, ?)", (lfn, f"{int(time.time())} -> {error}"))
            else:
                self.pin(lfn, requests)
            self.changed.notify_all()

    # --------------------------------------------------------------- tape drives
    def pick(self, drive: int) -> tuple[str, str] | None:
        """Tape and name of the next file for a drive: from its own tape if it can, in tape order.

        Else the most urgent and oldest request of a tape that no other drive holds.
        """
        mine = self.mounted.get(drive)
        others = {tape for d, tape in self.mounted.items() if d != drive and d < self.set["drives"]}
        on_mine = (
            "SELECT f.tape, r.lfn FROM file f JOIN request r USING (lfn) WHERE f.tape = ? ORDER BY f.seq"
        )
        for tape, lfn in self.db.execute(on_mine, (mine or "",)):
            if lfn not in self.busy:
                return tape, lfn
        waiting = (
            "SELECT f.tape, f.seq, r.lfn FROM request r JOIN file f USING (lfn) "
            "ORDER BY r.priority DESC, r.time, f.seq"
        )
        found = None
        for tape, seq, lfn in self.db.execute(waiting):
            if found is None and tape not in others and lfn not in self.busy:
                found = (tape, seq, lfn)
            elif found is not None and tape == found[0] and seq < found[1] and lfn not in self.busy:
                found = (tape, seq, lfn)  # a tape is read from its front
        return (found[0], found[2]) if found else None

    def run_drive(self, drive: int) -> None:
        while True:
            with self.changed:
                while drive >= self.set["drives"] or not (job := self.pick(drive)):
                    self.changed.wait(1)
                tape, lfn = job
                move = self.mounted.get(drive) != tape
                unload = move and drive in self.mounted
                self.mounted[drive] = tape
                self.busy[lfn] = drive
            if move:
                self.mounts(tape)
                time.sleep(self.set["unmount"] * unload + self.set["mount"])
                log("drive", drive, "mounted", tape)
            try:
                self.recall(lfn)
                self.finish(lfn)
            except Stopped:
                log("stopped", lfn)
            except Exception as problem:  # noqa: BLE001 - what the client is to see as error_text
                self.count(lfn, "failed")
                self.finish(lfn, str(problem))
            finally:
                with self.changed:
                    del self.busy[lfn]
                    self.coming.pop(lfn, None)
                    self.changed.notify_all()

    def mounts(self, tape: str) -> None:
        with self.changed:
            one_more = "INSERT INTO mount VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1"
            self.db.execute(one_more, (tape,))

    def pace(self, start: float, done: int, factor: float = 1.0) -> None:
        time.sleep(max(0.0, start + done / self.set["rate"] * factor - time.monotonic()))

    def recall(self, lfn: str) -> None:
        file = self.file(lfn)
        if file is None:
            raise Stopped
        self.make_room(lfn, file.size)
        self.count(lfn, "recalled")
        time.sleep(self.set["seek"])
        while self.fault(lfn, "stuck", use=False):
            if not self.wanted(lfn):
                raise Stopped
            time.sleep(0.2)
        if self.fault(lfn, "fail"):
            raise OSError(f"tape {file.tape}: medium error")
        self.read_tape(lfn, lambda: self.wanted(lfn))
        log("recalled", lfn, file.size)

    def read_tape(self, lfn: str, wanted: Callable[[], bool]) -> None:
        """Make the disk copy from the tape copy."""
        file, temp = self.file(lfn), self.temp()
        assert file is not None
        factor = 20.0 if self.fault(lfn, "slow") else 1.0
        done, found, start = 0, 1, time.monotonic()
        try:
            with open(self.tape(lfn), "rb") as source, open(temp, "wb") as out:
                while block := source.read(CHUNK):
                    if not wanted():
                        raise Stopped
                    found = zlib.adler32(block, found)
                    out.write(block)
                    done += len(block)
                    self.pace(start, done, factor)
            if (done, found) != (file.size, file.adler32):
                raise OSError(f"tape {file.tape}: checksum or size of the tape copy is wrong")
            self.spoil(lfn, file, temp)
            os.utime(temp, ns=(file.mtime_ns, file.mtime_ns))
            self.mark(temp, COPY)
            with self.changed:
                os.rename(temp, self.disk(lfn))
                self.buffer[lfn] = file.size
                self.coming.pop(lfn, None)
        finally:
            if os.path.exists(temp):
                os.unlink(temp)

    def spoil(self, lfn: str, file: TapeFile, temp: str) -> None:
        """The faults of a recall that ends well, as far as the library knows."""
        with open(temp, "r+b") as out:
            if self.fault(lfn, "corrupt"):
                out.seek(file.size // 2)
                out.write(bytes(16) if file.size > 32 else b"?")
            if self.fault(lfn, "truncate"):
                out.truncate(file.size // 2)

    # ----------------------------------------------------------------- archiving
    def read_events(self) -> None:
        """What xrootd (CLIENT closew LFN, rm LFN, mv LFN LFN) and tape-call tell, by line."""
        # Opened for writing too, so that there is always a writer and never an end.
        with open(os.open(f"{self.root}/run/events", os.O_RDWR), errors="replace") as fifo:
            for line in fifo:
                try:
                    with self.changed:
                        self.event(*line.rstrip("\n").split(" ", 2))
                        self.changed.notify_all()
                except Exception as problem:  # noqa: BLE001 - a bad line must not end the library
                    log("event", line.strip(), "failed:", repr(problem))

    def event(self, _client: str, verb: str, path: str) -> None:
        if verb == "call":
            self.spooled(path)
        elif not path.startswith(AREA):
            return
        elif verb == "closew" and self.set["archive"]:
            self.want_archived(path)
        elif verb == "rm":
            self.forget(path)
        elif verb == "mv":
            old, new = path.split(f" {AREA}")
            self.rename(old, AREA + new)

    def spooled(self, name: str) -> None:
        """A call of the server that needs no answer; it waits in a file of the spool."""
        if self.set["accept_delay"]:
            late = threading.Timer(self.set["accept_delay"], self.take, (name,))
            late.daemon = True
            late.start()
        else:
            self.take(name)

    def take(self, name: str) -> None:
        path = f"{self.root}/run/spool/{name}"
        with open(path, errors="replace") as spool:
            args = spool.read().splitlines()
        os.unlink(path)
        try:
            self.call(args)
        except Exception as problem:  # noqa: BLE001 - the client has long been told that all is well
            log("call", args[:5], len(args), "failed:", problem)

    def forget(self, lfn: str) -> None:
        for delete in ("file", "request", "error", "pin"):
            self.db.execute(f"DELETE FROM {delete} WHERE lfn = ?", (lfn,))
        self.unwanted_archived(lfn)
        self.buffer.pop(lfn, None)
        if os.path.exists(self.tape(lfn)):
            os.unlink(self.tape(lfn))

    def rename(self, old: str, new: str) -> None:
        """A file, or all that is below a directory, has got another name."""
        below = "SELECT lfn FROM file WHERE lfn = ? OR substr(lfn, 1, ?) = ?"
        for (lfn,) in self.db.execute(below, (old, len(old) + 1, old + "/")).fetchall():
            target = new + lfn[len(old) :]
            if os.path.exists(self.tape(lfn)):
                os.makedirs(os.path.dirname(self.tape(target)), exist_ok=True)
                os.rename(self.tape(lfn), self.tape(target))
            self.db.execute("UPDATE OR REPLACE file SET lfn = ? WHERE lfn = ?", (target, lfn))
            if lfn in self.buffer:
                self.buffer[target] = self.buffer.pop(lfn)
        if old in self.archiving:
            self.unwanted_archived(old)
            self.want_archived(new)

    def want_archived(self, lfn: str) -> None:
        self.archiving[lfn] = time.time() + self.set["archive_delay"]
        self.db.execute("INSERT OR IGNORE INTO archiving VALUES (?)", (lfn,))

    def unwanted_archived(self, lfn: str) -> None:
        self.archiving.pop(lfn, None)
        self.db.execute("DELETE FROM archiving WHERE lfn = ?", (lfn,))

    def run_archive(self) -> None:
        while True:
            with self.changed:
                due = [lfn for lfn, at in self.archiving.items() if at <= time.time()]
                if not due or not self.set["drives"]:
                    self.changed.wait(0.1 if self.archiving else 1)
                    continue
                lfn, at = due[0], self.archiving[due[0]]
            try:
                self.archive(lfn)
            except FileNotFoundError:
                pass  # removed meanwhile
            except Exception as problem:  # noqa: BLE001 - as above
                log("cannot archive", lfn, problem)
                with self.changed:
                    text = f"{int(time.time())} -> {problem}"
                    self.db.execute("INSERT OR REPLACE INTO error VALUES (?, ?)", (lfn, text))
            with self.changed:
                if self.archiving.get(lfn) == at:  # not closed once more meanwhile
                    self.unwanted_archived(lfn)
                self.changed.notify_all()

    def archive(self, lfn: str) -> None:
        before = os.stat(self.disk(lfn))
        if before.st_size == 0 or not self.on_disk(lfn):
            return
        if self.fault(lfn, "fail"):
            raise OSError("archive failed: tape write error")
        done, adler, start = 0, 1, time.monotonic()
        part = f"{self.root}/tape/.{secrets.token_hex(8)}"
        with open(self.disk(lfn), "rb") as source, open(part, "wb") as out:
            while block := source.read(CHUNK):
                adler = zlib.adler32(block, adler)
                out.write(block)
                done += len(block)
                self.pace(start, done)
        with self.changed:
            after = os.stat(self.disk(lfn))
            if (before.st_mtime_ns, before.st_ino) != (after.st_mtime_ns, after.st_ino):
                os.unlink(part)
                return  # changed meanwhile: its next close archives it
            os.makedirs(os.path.dirname(self.tape(lfn)), exist_ok=True)
            os.rename(part, self.tape(lfn))
            self.add_file(lfn, done, adler, after.st_mtime_ns)
            self.count(lfn, "archived")
            self.mark(self.disk(lfn), COPY)
            self.buffer[lfn] = done
            self.db.execute("DELETE FROM error WHERE lfn = ?", (lfn,))
            if self.set["evict_archived"]:
                self.make_stub(lfn)
        log("archived", lfn, done)

    # ---------------------------------------------------------- control commands
    def do_evict(self, lfn: str) -> None:
        """Drop the disk copy of a file that has a tape copy, whoever pins it."""
        with self.changed:
            if self.on_disk(lfn) and self.is_recalled(lfn):
                self.db.execute("DELETE FROM pin WHERE lfn = ?", (lfn,))
                self.make_stub(lfn)
                self.count(lfn, "evicted")

    def do_load(self, name: str, lfn: str, tape: str = "", online: str = "") -> None:
        """Put run/incoming/NAME on tape only (or ``online`` too), as LFN, as if archived long ago."""
        incoming, size, adler = f"{self.root}/run/incoming/{name}", 0, 1
        with open(incoming, "rb") as data:
            while block := data.read(CHUNK):
                size += len(block)
                adler = zlib.adler32(block, adler)
        with self.changed:
            os.makedirs(os.path.dirname(self.tape(lfn)), exist_ok=True)
            os.rename(incoming, self.tape(lfn))
            self.add_file(lfn, size, adler, time.time_ns(), tape or None)
            self.make_stub(lfn)
            if online:
                self.read_tape(lfn, lambda: True)

    def do_seed(self, name: str) -> None:
        """Put many files on tape only: run/incoming/NAME has the bytes, NAME.list a line of JSON for each."""
        incoming = f"{self.root}/run/incoming/{name}"
        with self.changed, open(incoming, "rb") as data, open(f"{incoming}.list") as names:
            (seq,) = self.db.execute("SELECT count(*) FROM file").fetchone()
            now = time.time_ns()
            self.db.execute("BEGIN")
            for line in names:
                lfn, size, tape = json.loads(line)
                content, seq = data.read(size), seq + 1
                os.makedirs(os.path.dirname(self.tape(lfn)), exist_ok=True)
                with open(self.tape(lfn), "wb") as out:
                    out.write(content)
                row = (lfn, tape, seq, size, zlib.adler32(content), now)
                self.db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)", row)
                self.make_stub(lfn)
            self.db.execute("COMMIT")
        os.unlink(incoming)
        os.unlink(f"{incoming}.list")

    def do_forget(self, pattern: str) -> str:
        """Lose the stage requests of files that match, whoever made them; prints how many."""
        with self.changed:
            rows = self.db.execute("SELECT id, lfn FROM request").fetchall()
            lost = [row for row in rows if fnmatch.fnmatchcase(row[1], pattern)]
            self.db.executemany("DELETE FROM request WHERE id = ? AND lfn = ?", lost)
            for _, lfn in lost:
                self.count(lfn, "forgotten")
            self.changed.notify_all()
        return str(len(lost))

    def do_tally(self) -> str:
        """What happened to each file: asked, recalled (its tape was read), archived (written), failed,
        evicted, each fault."""
        told: dict[str, dict[str, int]] = {}
        with self.changed:
            for lfn, what, count in self.db.execute("SELECT lfn, what, count FROM tally ORDER BY lfn"):
                told.setdefault(lfn, {})[what] = count
        return json.dumps(told)

    def do_places(self) -> str:
        with self.changed:
            return json.dumps({row[0]: row[1:] for row in self.db.execute("SELECT lfn, tape, seq FROM file")})

    def do_fault(self, pattern: str, kind: str, count: str = "0") -> None:
        """Inject a fault for the files that match; COUNT times (0: until cleared)."""
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}; one of {', '.join(FAULTS)}")
        with self.changed:
            self.db.execute("INSERT INTO fault VALUES (?, ?, ?)", (pattern, kind, int(count)))

    def do_clear(self) -> None:
        with self.changed:
            self.db.execute("DELETE FROM fault")

    def do_set(self, key: str, value: str) -> None:
        if key not in DEFAULTS:
            raise ValueError(f"no such setting: {key}; one of {', '.join(DEFAULTS)}")
        with self.changed:
            self.set[key] = float(value)
            self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, float(value)))
            self.changed.notify_all()

    def do_state(self, lfn: str) -> str:
        with self.changed:
            return json.dumps(self.answer("", lfn))

    def do_status(self) -> str:
        with self.changed:
            count = {
                table: self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("file", "request", "error", "fault")
            }
            now = {
                "recalling": sorted(self.busy),
                "archiving": sorted(self.archiving),
                "mounted": self.mounted,
                "mounts": dict(self.db.execute("SELECT tape, count FROM mount")),
                "buffered": self.filled(),
                "pins": dict(self.db.execute("SELECT lfn, count FROM pin WHERE count > 0")),
            }
            return json.dumps({**count, **now, "settings": self.set})

    def do_wait(self, seconds: str = "60") -> None:
        """Wait until nothing is queued."""
        deadline = time.monotonic() + float(seconds)
        while time.monotonic() < deadline:
            with self.changed:
                queued = self.db.execute("SELECT 1 FROM request").fetchone()
                if not (self.busy or self.archiving or queued):
                    return
            time.sleep(0.02)
        raise TimeoutError(errno.ETIMEDOUT, f"the library is still busy after {seconds} s")


def serve(root: str) -> None:
    library = Library(root)
    for name in sorted(os.listdir(f"{root}/run/spool")):  # from before a restart
        library.spooled(name)
    token = secrets.token_hex(16)

    class Handler(socketserver.StreamRequestHandler):
        """One call: a line ``TOKEN COUNT``, then COUNT arguments, a line each; see tape-ask."""

        def handle(self) -> None:
            given, _, count = self.rfile.readline().decode().strip().partition(" ")
            if given != token:
                return
            args = [self.rfile.readline().decode(errors="replace").rstrip("\n") for _ in range(int(count))]
            try:
                reply = library.call(args)
            except Exception as problem:  # noqa: BLE001 - the caller is to hear of it
                log("call", args[:5], len(args), "failed:", problem)
                text = getattr(problem, "strerror", None) or problem
                reply = f"ERROR {getattr(problem, 'errno', None) or errno.EIO} {text}"
            if reply:
                self.wfile.write(reply.encode() + b"\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    for drive in range(8):
        threading.Thread(target=library.run_drive, args=(drive,), daemon=True).start()
    for work in (library.read_events, library.run_archive):
        threading.Thread(target=work, daemon=True).start()
    address = f"{root}/run/tapelib.addr"
    with open(os.open(address + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(f"{server.server_address[1]} {token}\n")
    os.rename(address + ".new", address)
    log("tape library ready,", int(library.set["drives"]), "drives")
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "serve":
        sys.exit("usage: tapelib.py serve DIR")
    serve(os.path.abspath(sys.argv[2]))

"""A real XRootD server with a tape library behind it, for tests and demonstrations.

``XRootDServer.start()`` runs Debian's ``xrootd`` on a free port, loopback only, with two areas:

    /cta    tape: what is written is archived after its close; a file on tape only must be prepared first
    /disk   a plain disk

and, beside it, ``rig/tapelib.py``: drives, mounts, seeks, a recall queue, archiving, faults. In the *stock*
mode the tape area is made of the server's own plug-ins, with all their weaknesses (docstring of
``transfers.backends.xrootd``); with ``eos=True`` a small plug-in is compiled that behaves as EOS with CTA.

As root the server runs as user ``xrootd``, since it refuses to run as root; its directory must be reachable
by that user. Nothing is left running after ``stop``. From a shell:

    python -m transfers.testing.xrootd start DIR [--eos]     prints the URL
    python -m transfers.testing.xrootd tape DIR COMMAND      e.g. fault '/cta/*' fail 1, status, wait, tally
    python -m transfers.testing.xrootd kill|restart|freeze|thaw DIR [tapelib]
    python -m transfers.testing.xrootd stop DIR
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, get_args

from catalog.errors import ExitCode
from transfers.testing.xrootd_process import (
    USER,
    Stoppable,
    XRootDServerError,
    admin_directory,
    as_user,
    free_port,
    hand_over,
    last_words,
    launch,
    listens,
    make_directory,
    within,
)

RIG = Path(__file__).parent / "rig"
PACKAGES = ("xrootd-server", "xrootd-server-plugins")
EOS_PACKAGES = ("g++", "libxrootd-server-dev")
TAPE_AREA, DISK_AREA = "/cta", "/disk"
Part = Literal["xrootd", "tapelib"]
"""The server, or the tape library behind it: a program of its own, so that either may fail alone."""
_START_SECONDS, _STOP_SECONDS, _CALL_SECONDS = 30.0, 3.0, 90.0
_LINGERING: list[subprocess.Popen[bytes]] = []
"""Killed, and not gone yet: forgotten before that, they would be warned of."""


def missing_packages(*, eos: bool) -> list[str]:
    """The Debian packages whose programs are not there; empty: a server can be started."""
    missing = []
    if not shutil.which("xrootd"):
        missing.append(PACKAGES[0])
    if not any(Path("/usr/lib").glob("**/libXrdOfsPrepGPI*.so")):
        missing.append(PACKAGES[1])
    if eos and not shutil.which("g++"):
        missing.append(EOS_PACKAGES[0])
    if eos and not Path("/usr/include/xrootd/XrdOfs/XrdOfsPrepare.hh").exists():
        missing.append(EOS_PACKAGES[1])
    return missing


class XRootDServer(Stoppable):
    """A running (or stopped) server and its directory. Make one with ``start`` or ``attach``.

    Names of files are the server's here: ``/cta/run1/f.raw``. Control methods raise XRootDServerError.
    """

    def __init__(self, directory: Path, *, port: int, eos: bool, temporary: bool = False) -> None:
        self.directory, self.port, self.eos = directory, port, eos
        self._temporary = temporary
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    # ------------------------------------------------------------------ life
    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        eos: bool = False,
        port: int = 0,
        extra: str = "",
        max_files: int = 1024,
    ) -> XRootDServer:
        """Start a server and wait until it answers.

        ``directory`` keeps all its files (default: a temporary one, removed by ``stop``) and may be one of a
        stopped server; ``port`` 0 takes a free one; ``extra`` is appended to the server's configuration.
        ``max_files``: in one prepare request of the stock mode (48 is what servers do if not told otherwise).
        """
        if missing := missing_packages(eos=eos):
            raise XRootDServerError(f"the XRootD test server needs: apt-get install {' '.join(missing)}")
        work = make_directory(directory)
        server = cls(work, port=port or free_port(), eos=eos, temporary=directory is None)
        if server._members("tapelib") or server._members("xrootd"):
            raise XRootDServerError(f"a server already runs in {work}", subject=str(work))
        try:
            server._fill(extra, max_files)
            server._launch_tapelib()
            server._launch_xrootd()
        except BaseException:
            server.stop()
            raise
        return server

    @classmethod
    def attach(cls, directory: Path) -> XRootDServer:
        """The server that another process started in this directory."""
        work = directory.resolve()
        try:
            known = json.loads((work / "run/server.json").read_text())
        except (OSError, ValueError) as problem:
            raise XRootDServerError(
                f"no XRootD test server in {work}: {problem}", subject=str(work)
            ) from None
        return cls(work, port=known["port"], eos=known["eos"])

    def stop(self) -> None:
        """End the server and the tape library; a temporary directory is removed. May be repeated."""
        for name in ("xrootd", "tapelib"):
            self._end(name, signal.SIGTERM)
        admin = self.directory / "run/admin"
        if admin.is_symlink() and str(target := admin.readlink()).startswith(
            f"{tempfile.gettempdir()}/xrdrig"
        ):
            shutil.rmtree(target, ignore_errors=True)  # sockets only; leaving some harms nobody
            admin.unlink()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self, part: Part = "xrootd") -> None:
        """kill -9 the server, or the tape library. ``restart`` brings it back. May be repeated."""
        self._end(part, signal.SIGKILL)

    def restart(self, part: Part = "xrootd") -> None:
        """Start it again, on the same port and directory, after ``kill``."""
        if self._members(part):
            raise XRootDServerError(f"{part} still runs in {self.directory}", subject=str(self.directory))
        if part == "tapelib":
            (self.directory / "run/tapelib.addr").unlink(missing_ok=True)
            self._launch_tapelib()
        else:
            self._launch_xrootd()

    def freeze(self, part: Part = "xrootd") -> None:
        """SIGSTOP: connections stay open and can be made, nothing is answered."""
        self._signal(part, signal.SIGSTOP)

    def thaw(self, part: Part = "xrootd") -> None:
        """SIGCONT: what was asked meanwhile is answered now."""
        self._signal(part, signal.SIGCONT)

    # ------------------------------------------------------------------ names
    @property
    def url(self) -> str:
        # Not localhost: with a name that has several addresses clients may look it up to other ends.
        return f"root://127.0.0.1:{self.port}"

    @property
    def tape_prefix(self) -> str:
        """Prefix of a tape endpoint: a path, which begins with a slash, is appended."""
        return f"{self.url}/{TAPE_AREA}"

    @property
    def disk_prefix(self) -> str:
        return f"{self.url}/{DISK_AREA}"

    def disk_file(self, name: str) -> Path:
        """Where the server keeps the disk copy, or stub, of a file: to look at, or spoil, behind its back."""
        return Path(f"{self.directory}/disk{name}")

    def tape_file(self, name: str) -> Path:
        """The same for the tape copy."""
        return Path(f"{self.directory}/tape{name}")

    # ---------------------------------------------------------------- control
    def load(self, name: str, data: bytes | Path, *, tape: str = "", online: bool = False) -> None:
        """Put bytes, or a local file, on tape only (``online``: and on disk), as if archived long ago."""
        incoming = self.directory / "run/incoming" / str(time.monotonic_ns())
        if isinstance(data, bytes):
            incoming.write_bytes(data)
        else:
            shutil.copyfile(data, incoming)
        hand_over(incoming)
        self._tape("load", incoming.name, name, tape, "online" if online else "")

    def seed(self, files: Mapping[str, bytes], *, tapes: int | Mapping[str, str] = 4) -> None:
        """Put many files on tape only, at once: thousands of small ones in a second or two.

        ``tapes``: dealt out in turn to so many (``S00``, ``S01`` …), or the tape of each name. On a tape the
        files have the order of ``files``.
        """
        incoming = self.directory / "run/incoming" / str(time.monotonic_ns())
        names = incoming.with_name(f"{incoming.name}.list")
        with incoming.open("wb") as data, names.open("w") as lines:
            for number, (name, content) in enumerate(files.items()):
                tape = f"S{number % tapes:02d}" if isinstance(tapes, int) else tapes[name]
                data.write(content)
                lines.write(json.dumps([name, len(content), tape]) + "\n")
        hand_over(incoming)
        hand_over(names)
        self._tape("seed", incoming.name)

    def put(self, name: str, data: bytes) -> None:
        """Put a file on disk behind the server's back; it is not archived."""
        path = self.disk_file(name)
        for parent in reversed(path.parents):
            if not parent.exists():
                parent.mkdir()
                hand_over(parent)
        path.write_bytes(data)
        hand_over(path)

    def evict(self, name: str) -> None:
        """Drop the disk copy, if the file is on tape, whoever pins it."""
        self._tape("evict", name)

    def forget(self, request: str) -> None:
        """Lose a stage request, as services do when they are restarted."""
        self._tape("--", request, "cancel")

    def forget_files(self, pattern: str = "*") -> int:
        """Lose all waiting stage requests of files that match, whoever made them; how many there were."""
        return int(self._tape("forget", pattern))

    def fault(self, pattern: str, kind: str, count: int = 0) -> None:
        """Inject a fault for names that match. ``count`` times in all, 0: until ``clear``.

        fail: the recall ends with a medium error. stuck: it never ends. corrupt, truncate: it delivers other
        bytes. slow: 20 times slower. lost: a stage request is accepted and forgotten at once."""
        self._tape("fault", pattern, kind, str(count))

    def clear(self) -> None:
        """No more faults."""
        self._tape("clear")

    def set(self, key: str, value: float) -> None:
        """A setting of the tape library, kept when it is restarted. All are in DEFAULTS of rig/tapelib.py.

        Of a campaign: drives (0: library down, requests wait), mount, unmount, seek (seconds), rate (bytes
        per second and drive), buffer (bytes; 0: no limit), buffer_evicts (0: a recall into a full buffer
        fails with "No space left on device"; 1: unpinned files go; 2: any, oldest first), accept_delay.
        """
        self._tape("set", key, str(value))

    def wait(self, seconds: float = 60) -> None:
        """Wait until the library has nothing to do."""
        self._tape("wait", str(seconds))

    def status(self) -> dict[str, Any]:
        """Counts of files, requests, errors, faults; what is being recalled; settings."""
        return dict(json.loads(self._tape("status")))

    def tally(self) -> dict[str, dict[str, int]]:
        """What happened to each file so far, by name: a count for each of

        asked (stage requests that arrived), recalled (times its tape was read), archived (times it was
        written to tape), failed (recalls that ended badly), evicted, forgotten, ``priority N`` and
        ``activity WORD`` as told, and each kind of fault met.
        """
        return dict(json.loads(self._tape("tally")))

    def recalls(self) -> dict[str, int]:
        """How often the tape was read for each file (those that never were are not there)."""
        return {name: counts["recalled"] for name, counts in self.tally().items() if "recalled" in counts}

    def mounts(self) -> dict[str, int]:
        """How often each tape was mounted."""
        return dict(self.status()["mounts"])

    def pins(self) -> dict[str, int]:
        """The evict counter of each file that has one: stages less evicts."""
        return dict(self.status()["pins"])

    def places(self) -> dict[str, tuple[str, int]]:
        """Tape and position of every file that is on tape."""
        return {name: (tape, position) for name, (tape, position) in json.loads(self._tape("places")).items()}

    def on_disk(self, name: str) -> bool:
        return bool(self._state(name)["online"])

    def on_tape(self, name: str) -> bool:
        """Is there a tape copy, of just the version that is (or was) on disk?"""
        return bool(self._state(name)["on_tape"])

    def wait_on_tape(self, name: str, seconds: float = 30) -> None:
        """Wait until a written file is archived."""
        if not within(seconds, lambda: self.on_tape(name)):
            raise XRootDServerError(f"{name} is not on tape after {seconds} s")

    def _state(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self._tape("state", name)))

    def _tape(self, *args: str) -> str:
        """One call of the tape library. Its protocol: a line ``TOKEN COUNT``, then a line per argument."""
        if any("\n" in arg for arg in args):
            raise XRootDServerError(f"no line breaks in names: {args!r}")
        try:
            port, token = (self.directory / "run/tapelib.addr").read_text().split()
            with socket.create_connection(("127.0.0.1", int(port)), timeout=_CALL_SECONDS) as link:
                link.sendall("\n".join([f"{token} {len(args)}", *args, ""]).encode())
                reply = link.makefile().read().rstrip("\n")
        except OSError as problem:
            raise XRootDServerError(
                f"cannot talk to the tape library of {self.directory}: {problem}"
            ) from None
        if reply.startswith("ERROR "):
            raise XRootDServerError(f"the tape library refuses '{' '.join(args)}': {reply.split(' ', 2)[2]}")
        return reply

    # ------------------------------------------------------------------ start
    def _fill(self, extra: str, max_files: int) -> None:
        """The directory's content: programs, configuration, empty areas."""
        for name in (
            "bin",
            "run/spool",
            "run/incoming",
            "log",
            "tape/cta",
            "disk/cta",
            "disk/disk",
            "disk/.tmp",
        ):
            path = self.directory
            for part in name.split("/"):
                path = path / part
                path.mkdir(exist_ok=True)
                hand_over(path)
        for name in ("tape-call", "tape-ask", "tape-stat", "keep-running", "tapelib.py"):
            target = self.directory / "bin" / name
            shutil.copyfile(RIG / name, target)
            target.chmod(0o755)
        run = self.directory / "run"
        for name in ("libtapeplugin.so", "tapelib.addr", "events"):
            (run / name).unlink(missing_ok=True)
        if self.eos:
            _compile(run / "libtapeplugin.so")
        os.mkfifo(run / "events", 0o660)
        hand_over(run / "events")
        (run / "xrootd.cfg").write_text(self._configuration(max_files) + extra)
        (run / "server.json").write_text(json.dumps({"port": self.port, "eos": self.eos}))

    def _configuration(self, max_files: int) -> str:
        admin = self.directory / "run/admin"
        admin.unlink(missing_ok=True)
        admin.symlink_to(admin_directory("xrdrig"))
        values = {
            "WORK": str(self.directory),
            "PORT": str(self.port),
            "MAXFILES": str(max_files),
            "ADMIN": str(admin.readlink()),
            # From 5.6 on the answer of a query may exceed 2 kB, if the server is told so. Ours is not: the
            # stock mode shall show what a server with the default setting does.
            "STOCK": "# " if self.eos else "",
            "EOS": "" if self.eos else "# ",
            "TAPE": "nocheck" if self.eos else "mig",
        }
        text = (RIG / "xrootd.cfg.in").read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        return text

    def _launch_tapelib(self) -> None:
        self._launch(
            "tapelib", [_server_python(), f"{self.directory}/bin/tapelib.py", "serve", str(self.directory)]
        )
        self._await("tapelib", (self.directory / "run/tapelib.addr").exists)

    def _launch_xrootd(self) -> None:
        self._launch("xrootd", ["/bin/sh", f"{self.directory}/bin/keep-running", str(self.directory)])
        self._await("xrootd", lambda: listens(self.port))

    def _launch(self, name: str, command: list[str]) -> None:
        """Run a program as the server's user, in a session of its own, whose id is kept in run/NAME.group."""
        log = self.directory / f"log/{name}.out"
        environment = {"TAPE_RIG": str(self.directory)}
        child = launch(command, log, cwd=self.directory / "run", environment=environment)
        self._children[name] = child
        (self.directory / f"run/{name}.group").write_text(str(child.pid))

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        child = self._children[name]
        if within(_START_SECONDS, lambda: ready() or child.poll() is not None) and child.poll() is None:
            return
        logs = [self.directory / f"log/{name}.out", self.directory / f"log/rig/{name}.log"]
        raise XRootDServerError(f"{name} does not start in {self.directory}: {last_words(*logs)}")

    # -------------------------------------------------------------- processes
    def _members(self, name: str) -> list[int]:
        """The processes of a group we started that still run (zombies do not)."""
        try:
            group = (self.directory / f"run/{name}.group").read_text()
        except OSError:
            return []
        members = []
        for proc in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended while we looked
                # "PID (NAME) STATE PARENT GROUP ..."; the command line tells a process of ours from one
                # that got the number after a reboot.
                state, _, found = (proc / "stat").read_text().rpartition(")")[2].split()[:3]
                ours = os.fsencode(self.directory) in (proc / "cmdline").read_bytes()
                if found == group and state not in "ZX" and ours:
                    members.append(int(proc.name))
        return members

    def _signal(self, name: str, number: int) -> None:
        for pid in self._members(name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _end(self, name: str, number: int) -> None:
        self._signal(name, number)
        self._signal(name, signal.SIGCONT)  # a stopped process does not see SIGTERM
        if not within(_STOP_SECONDS, lambda: not self._members(name)):
            self._signal(name, signal.SIGKILL)
            within(_STOP_SECONDS, lambda: not self._members(name))
        if (child := self._children.pop(name, None)) is not None:
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:  # it has just been killed; the system is in no hurry
                _LINGERING.append(child)
        (self.directory / f"run/{name}.group").unlink(missing_ok=True)


def _server_python() -> str:
    """A Python that the server's user can run; the one of root's home is not."""
    for python in (f"{sys.base_prefix}/bin/python3", "/usr/bin/python3"):
        check = [python, "-c", "import sqlite3, sys; sys.exit(sys.version_info < (3, 9))"]
        with suppress(OSError):
            if not subprocess.run(check, check=False, capture_output=True, **as_user()).returncode:
                return python
    raise XRootDServerError(f"user {USER} can run no Python 3.9 or later; apt-get install python3")


def _compile(target: Path) -> None:
    command = ["g++", "-std=c++17", "-O1", "-shared", "-fPIC", "-isystem", "/usr/include/xrootd"]
    done = subprocess.run(
        [*command, "-o", str(target), str(RIG / "tapeplugin.cc")], check=False, capture_output=True
    )
    if done.returncode:
        raise XRootDServerError(f"cannot compile the plug-in of the EOS mode: {done.stderr.decode()[-500:]}")


def _is_part(words: list[str]) -> bool:
    return not words or (len(words) == 1 and words[0] in get_args(Part))


def main(args: list[str]) -> int:
    """The small command line of the module's docstring; returns the exit code."""
    try:
        match args:
            case ["start", directory] | ["start", directory, "--eos"]:
                print(XRootDServer.start(Path(directory), eos="--eos" in args).url)
            case ["stop", directory]:
                XRootDServer.attach(Path(directory)).stop()
            case ["kill" | "restart" | "freeze" | "thaw" as verb, directory, *part] if _is_part(part):
                getattr(XRootDServer.attach(Path(directory)), verb)(*part)
            case ["tape", directory, *command] if command:
                print(XRootDServer.attach(Path(directory))._tape(*command))
            case _:
                print(
                    "usage: transfers.testing.xrootd start DIR [--eos] | tape DIR COMMAND | stop DIR"
                    " | kill|restart|freeze|thaw DIR [tapelib]"
                )
                return ExitCode.USAGE
    except XRootDServerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

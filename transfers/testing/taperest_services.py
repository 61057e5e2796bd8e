"""What dCache, EOS with CTA and StoRM answer to the WLCG Tape REST API: the services of the test server.

No HTTP here. Each service is in front of a simulated tape (``Tape``) and remembers its requests as the real
one does. Written after the sources of dCache 12.1, EOS main (August 2026) and StoRM Tape 0.7.0, so that a
client meets:

========================  ==========================  =========================  ==========================
what                      dcache                      eos                        storm
========================  ==========================  =========================  ==========================
the API is at             /api/v1/tape                /api/v1/                   /api/v1
a file of a request       state, and an error text    onDisk, and an error text  state, never an error
COMPLETED, then evicted   still COMPLETED             onDisk false, an error     still COMPLETED
more than 500 files       413                         accepted                   accepted
an unreadable lifetime    400                         ignored                    ignored
all files missing         201                         500                        201
release: a file missing   200                         500, the others evicted    400 if not of the request
release: unknown request  200                         200                        404
cancel: not of request    400, told in headers        400                        400
cancel                    stops the recall            stops the recall           takes note only
archiveinfo               for the first 10 000        all                        all; lost is UNAVAILABLE
times                     milliseconds                seconds                    seconds
========================  ==========================  =========================  ==========================

One thing is not so: a release lets the buffer drop the files at once. (StoRM leaves that to its file system,
which does it some time.)
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from catalog.clock import Clock
from catalog.states import Locality
from transfers.model import Done, Failed, Observation, Observed, Outcome, Pending, StageOrder, StageReceipt

SITENAME = "ddm-test-tape"
DEFAULT_LIFETIME = timedelta(days=1)

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?(?<![PT])")
_WORDS = {
    Locality.ONLINE: "DISK",
    Locality.NEARLINE: "TAPE",
    Locality.ONLINE_AND_NEARLINE: "DISK_AND_TAPE",
    Locality.LOST: "LOST",
    Locality.NONE: "NONE",
}
_ENDED = ("COMPLETED", "FAILED", "CANCELLED")


class Tape(Protocol):
    """What is behind the service: anything with the ports Prober and Stager, a SimulatedTape say."""

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]: ...
    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt: ...
    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]: ...
    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]: ...
    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, what goes into the body as JSON (None: nothing), and headers."""

    status: int
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The service refuses the request with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


def problem(status: int, title: str, detail: str = "") -> Reply:
    """An error as RFC 7807 has it."""
    return Reply(status, {"status": status, "title": title} | ({"detail": detail} if detail else {}))


@dataclass(slots=True)
class StagedFile:
    """A file of a request. Times are seconds since the epoch, 0 for not yet."""

    state: str = "SUBMITTED"
    error: str = ""
    started: float = 0.0
    finished: float = 0.0

    def end(self, state: str, now: float, error: str = "") -> None:
        self.state, self.error, self.finished = state, error, now
        self.started = self.started or now


@dataclass(slots=True)
class StageRequest:
    """A request; ``token`` is that of the tape behind."""

    id: str
    token: str
    created: float
    files: dict[str, StagedFile]


class Service:
    """What is common to all. Not thread-safe: the server asks one thing at a time."""

    flavour: ClassVar[str] = ""
    api: ClassVar[str] = "/api/v1"
    max_files: ClassVar[int | None] = None
    max_paths: ClassVar[int | None] = None
    tells_errors: ClassVar[bool] = True  # of a file in a request's answer

    def __init__(self, tape: Tape, clock: Clock, root: str = "") -> None:
        self.tape, self.clock, self.root = tape, clock, root
        self.requests: dict[str, StageRequest] = {}

    # ------------------------------------------------------------------ the API

    def stage(self, body: Any) -> Reply:
        entries = _entries(body)
        if self.max_files is not None and len(entries) > self.max_files:
            return problem(413, "Content too large", f"{len(entries)} targets, {self.max_files} are allowed")
        wanted = {name: self._order(name, entry) for name, entry in entries.items()}
        seen = self._probed(wanted)
        there = {name: order for name, order in wanted.items() if isinstance(seen[name], Observed)}
        self._check_stage(wanted, there)
        receipt = self.tape.stage(list(there.values())) if there else StageReceipt("", {})
        request = StageRequest(str(uuid.uuid4()), receipt.token, self._now(), {})
        for name in wanted:
            file = request.files[name] = StagedFile()
            if name not in there:
                file.end("FAILED", self._now(), self.missing(name))
            elif isinstance(outcome := receipt.outcomes[there[name].path], Failed):
                file.end("FAILED", self._now(), outcome.text)
        self.requests[request.id] = request
        return Reply(201, {"requestId": request.id}, {"Location": request.id})

    def status(self, request: str) -> Reply:
        known = self._known(request)
        self._follow(known)
        return Reply(200, self.told(known))

    def cancel(self, request: str, body: Any) -> Reply:
        known, names = self._known(request), _paths(body)
        self._check_members(known, names)
        self.cancelled(known, [name for name in names if known.files[name].state not in _ENDED])
        return Reply(200)

    def release(self, request: str, body: Any) -> Reply:
        names = _paths(body)
        known = self.requests.get(request)
        self.tape.release(known.token if known else "", [self._path(name) for name in names])
        return Reply(200)

    def delete(self, request: str) -> Reply:
        known = self._known(request)
        self.cancelled(known, [name for name, file in known.files.items() if file.state not in _ENDED])
        del self.requests[request]
        return Reply(200)

    def archiveinfo(self, body: Any) -> Reply:
        names = _paths(body)[: self.max_paths]
        seen = self._probed(names)
        return Reply(200, [self._info(name, seen[name]) for name in names])

    def forget(self, request: str) -> None:
        """Lose a request as after a crash: what it had not recalled yet is not recalled for it."""
        known = self.requests.pop(request)
        self.tape.cancel(known.token, [self._path(name) for name in known.files])

    # ------------------------------------------------------------------ what differs

    def missing(self, name: str) -> str:
        """The words for a file that is not there."""
        raise NotImplementedError

    def told(self, request: StageRequest) -> dict[str, Any]:
        """A request as it is answered."""
        raise NotImplementedError

    def locality(self, seen: Observed) -> str:
        return _WORDS.get(seen.locality, "UNAVAILABLE")

    def cancelled(self, request: StageRequest, names: Sequence[str]) -> None:
        """The recalls of these files, which have not ended, are cancelled."""
        self.tape.cancel(request.token, [self._path(name) for name in names])
        for name in names:
            request.files[name].end("CANCELLED", self._now())

    def lifetime(self, text: str) -> timedelta | None:
        """None when it cannot be read and that does not matter."""
        found = _DURATION.fullmatch(text)
        if found is None:
            return None
        days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def alien(self, request: StageRequest, name: str) -> Reply:
        """The refusal when a file is not of the request."""
        detail = f"The file {name} does not belong to the STAGE request {request.id}."
        return problem(400, "File missing from stage request", f"{detail} No modification has been made.")

    def unknown(self) -> Reply:
        return problem(404, "Not found")

    def _check_stage(self, wanted: Mapping[str, StageOrder], there: Mapping[str, StageOrder]) -> None:
        """May raise Refused."""

    # ------------------------------------------------------------------ inside

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _path(self, name: str) -> str:
        """The tape's path of a name of the service; one that cannot be, outside of the root."""
        return name.removeprefix(self.root) if name.startswith(f"{self.root}/") else f"//outside{name}"

    def _order(self, name: str, entry: Mapping[str, Any]) -> StageOrder:
        lifetime, metadata = entry.get("diskLifetime"), entry.get("targetedMetadata") or {}
        activity = metadata.get(SITENAME, {}).get("activity", "")
        time = self.lifetime(lifetime) if isinstance(lifetime, str) else None
        return StageOrder(self._path(name), 0, time or DEFAULT_LIFETIME, activity)

    def _probed(self, names: Iterable[str]) -> dict[str, Observation]:
        paths = {name: self._path(name) for name in names}
        seen = self.tape.probe(list(paths.values())) if paths else {}
        return {name: seen[path] for name, path in paths.items()}

    def _known(self, request: str) -> StageRequest:
        if request not in self.requests:
            raise Refused(self.unknown())
        return self.requests[request]

    def _check_members(self, request: StageRequest, names: Iterable[str]) -> None:
        for name in names:
            if name not in request.files:
                raise Refused(self.alien(request, name))

    def _follow(self, request: StageRequest) -> None:
        """Bring what has not ended up to date."""
        paths = {n: self._path(n) for n, file in request.files.items() if file.state not in _ENDED}
        outcomes = self.tape.poll(request.token, list(paths.values())) if paths else {}
        for name, path in paths.items():
            file = request.files[name]
            match outcomes[path]:
                case Done():
                    file.end("COMPLETED", self._now())
                case Failed(text=text):
                    file.end("FAILED", self._now(), text)
                case Pending() if file.state == "SUBMITTED":
                    file.state, file.started = "STARTED", self._now()

    def _info(self, name: str, seen: Observation) -> dict[str, str]:
        if isinstance(seen, Observed):
            return {"path": name, "locality": self.locality(seen)}
        return {"path": name, "error": self.missing(name) if isinstance(seen, Failed) else seen.text}


class DCache(Service):
    flavour = "dcache"
    api = "/api/v1/tape"
    max_files = 500
    max_paths = 10_000

    def missing(self, name: str) -> str:
        return f"CacheException(rc=10001;msg=No such file or directory {name})"

    def told(self, request: StageRequest) -> dict[str, Any]:
        files = [self._file(name, file) for name, file in sorted(request.files.items(), reverse=True)]
        ended = all(file.state in _ENDED for file in request.files.values())
        created = int(request.created * 1000)
        told = {"id": request.id, "createdAt": created, "startedAt": created, "files": files}
        return told | ({"completedAt": int(self._now() * 1000)} if ended else {})

    @staticmethod
    def _file(name: str, file: StagedFile) -> dict[str, Any]:
        told = {
            "path": name,
            "startedAt": int(file.started * 1000),
            "finishedAt": int(file.finished * 1000),
            "error": file.error,
            "state": file.state,
        }
        return {key: value for key, value in told.items() if value}

    def cancelled(self, request: StageRequest, names: Sequence[str]) -> None:
        super().cancelled(request, names)
        for number, name in enumerate(names):
            request.files[name].error = f"{request.id}::{number}: CANCELLED"

    def lifetime(self, text: str) -> timedelta | None:
        time = super().lifetime(text)
        if time is None:
            raise Refused(problem(400, "Bad Request", f"{text} cannot be parsed to a Duration"))
        return time

    def alien(self, request: StageRequest, name: str) -> Reply:
        reply = super().alien(request, name)
        return Reply(400, None, {"title": reply.value["title"], "detail": reply.value["detail"]})

    def unknown(self) -> Reply:
        return Reply(404, {"errors": [{"message": "Not Found", "status": "404"}]})


class Eos(Service):
    flavour = "eos"
    api = "/api/v1/"

    def missing(self, name: str) -> str:
        return "USER ERROR: file does not exist or is not accessible to you"

    def told(self, request: StageRequest) -> dict[str, Any]:
        created = int(request.created)
        files = [self._file(request, name, seen) for name, seen in self._probed(request.files).items()]
        return {"id": request.id, "createdAt": created, "startedAt": created, "files": files}

    def _file(self, request: StageRequest, name: str, seen: Observation) -> dict[str, Any]:
        if not isinstance(seen, Observed):
            return {"path": name, "error": self.missing(name)}
        file, online = request.files[name], seen.locality.readable
        error = file.error
        if not online and file.state in ("CANCELLED", "COMPLETED"):
            error = f"File not requested with request ID {request.id}"
        return {"path": name, "onDisk": online} | ({"error": error} if error and not online else {})

    def _check_stage(self, wanted: Mapping[str, StageOrder], there: Mapping[str, StageOrder]) -> None:
        if not there:
            text = "Unable to prepare - file does not exist or is not accessible to you:"
            raise Refused(problem(500, "Internal server error", f"{text} {next(iter(wanted))}"))

    def release(self, request: str, body: Any) -> Reply:
        names = _paths(body)
        seen = self._probed(names)
        there = [name for name in names if isinstance(seen[name], Observed)]
        for token in self._tokens(request):
            self.tape.release(token, [self._path(name) for name in there])
        if len(there) < len(names):
            text = "Unable to release the files provided. errMsg=file does not exist"
            return problem(500, "Internal server error", text)
        return Reply(200)

    def _tokens(self, request: str) -> list[str]:
        """Whose hold a release takes away: EOS counts holds and does not look at the request."""
        if request in self.requests:
            return [self.requests[request].token]
        return ["", *(known.token for known in self.requests.values())]


class Storm(Service):
    flavour = "storm"
    tells_errors = False

    def missing(self, name: str) -> str:
        return "No such file or directory"

    def told(self, request: StageRequest) -> dict[str, Any]:
        files = request.files
        ended = all(file.state in _ENDED for file in files.values())
        return {
            "id": request.id,
            "createdAt": int(request.created),
            "startedAt": int(max((file.started for file in files.values()), default=0)),
            "completedAt": int(max((file.finished for file in files.values()), default=0)) if ended else 0,
            "files": [
                {"path": name, "state": file.state}
                for name, file in sorted(files.items(), key=lambda item: item[1].state)
            ],
        }

    def locality(self, seen: Observed) -> str:
        word = "NONE" if seen.size == 0 else super().locality(seen)
        return "UNAVAILABLE" if word == "LOST" else word

    def cancelled(self, request: StageRequest, names: Sequence[str]) -> None:
        for name in names:
            request.files[name].end("CANCELLED", self._now())

    def release(self, request: str, body: Any) -> Reply:
        self._check_members(self._known(request), _paths(body))
        return super().release(request, body)

    def unknown(self) -> Reply:
        return problem(404, "Stage not found")


FLAVOURS: Mapping[str, Callable[[Tape, Clock, str], Service]] = {
    service.flavour: service for service in (DCache, Eos, Storm)
}


def _entries(body: Any) -> dict[str, Mapping[str, Any]]:
    """The files of a stage request by their cleaned names."""
    files = body.get("files") if isinstance(body, dict) else None
    if not isinstance(files, list) or not files:
        raise Refused(problem(400, "JSON Validation error", "files: not a non-empty array"))
    for entry in files:
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            raise Refused(problem(400, "JSON Validation error", "a file has no path"))
    return {_clean(entry["path"]): entry for entry in files}


def _paths(body: Any) -> list[str]:
    paths = body.get("paths") if isinstance(body, dict) else None
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        raise Refused(problem(400, "JSON Validation error", "paths: not a non-empty array"))
    return list(dict.fromkeys(_clean(path) for path in paths))


def _clean(path: str) -> str:
    return re.sub("/{2,}", "/", path)

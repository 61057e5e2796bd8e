"""Recall from tape by prepare requests: the Stager of an XRootD endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transfers.backends.xrootd.client import Client
from transfers.backends.xrootd.commands import (
    CANCEL,
    EVICT,
    OFFLINE,
    STAGE,
    Endpoint,
    chunks,
    first_token,
    named,
)
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.replies import Answer, accepted, polled, read_query_prepare, read_token
from transfers.errors import FileMissing, StorageError
from transfers.model import Done, Outcome, StageOrder, StageReceipt, Unknown

FIRST_QUESTION = 1000  # files in one prepare query, until an answer is cut


class TapeSystem:
    """Prepare queries, for as many files at a time as the server can answer."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # Learned from the first cut answer. Threads may write it at once; any value that was seen will do.
        self._at_a_time = FIRST_QUESTION

    def answers(self, token: str, names: Sequence[str]) -> dict[str, Answer]:
        """What the tape system says of each file; one it did not tell of is not there.

        Raises StorageError when it answers nothing at all.
        """
        found: dict[str, Answer] = {}
        rest = list(names)
        while rest:
            part = rest[: self._at_a_time]
            reply = self._client.query_prepare(token, part)
            if isinstance(reply, Trouble):
                if not found:
                    raise reply.exception(self._client.server)
                break
            read = read_query_prepare(reply, part)
            if read.cut and len(part) > 1:
                self._at_a_time = len(part) // 2
                continue
            found.update(read.answers)
            rest = rest[len(part) :]
        return found


class TapeStager:
    """Stager. Tokens are the ids of the prepare requests of one ``stage``, with blanks between."""

    def __init__(self, client: Client, endpoint: Endpoint, tape: TapeSystem) -> None:
        self._client, self._endpoint, self._tape = client, endpoint, tape

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        names, refused = named(self._endpoint, [order.path for order in orders])
        tokens: list[str] = []
        told: dict[str, Outcome] = {}
        for part in chunks(list(names.values()), self._client.limits.max_files):
            try:
                token, answer = self._stage(part)
            except StorageError as error:
                if not tokens:
                    raise
                token, answer = "", {name: Unknown(str(error)) for name in part}
            tokens += [token] if token else []
            told.update(answer)
        return StageReceipt(
            " ".join(tokens), {**refused, **{path: told[name] for path, name in names.items()}}
        )

    def _stage(self, names: Sequence[str], again: bool = True) -> tuple[str, dict[str, Outcome]]:
        """Token and outcomes of one request. If it is refused as a whole, the missing files are left out."""
        reply = self._client.prepare(names, STAGE)
        if isinstance(reply, bytes):
            token = read_token(reply)
            if token is None:
                return "", {name: Unknown(f"{name}: accepted, but with the id {reply!r}") for name in names}
            return token, self._after(token, names)
        if reply.of_endpoint:
            raise reply.exception(self._client.server)
        stats = self._client.stat(names)
        outcomes: dict[str, Outcome] = {
            name: stat.outcome(name) for name, stat in stats.items() if isinstance(stat, Trouble)
        }
        there = [name for name in names if name not in outcomes]
        if again and there and outcomes:
            token, told = self._stage(there, again=False)
            return token, outcomes | told
        for name in there:
            # invariant 5: what stat has just seen is not missing, whatever the request was told
            missing = issubclass(reply.error, FileMissing)
            outcomes[name] = Unknown(f"{name}: {reply.words}") if missing else reply.outcome(name)
        return "", outcomes

    def _after(self, token: str, names: Sequence[str]) -> dict[str, Outcome]:
        """The outcomes of a request just accepted."""
        try:
            answers = self._tape.answers(token, names)
        except StorageError:  # accepted it is, whatever comes after; polling will tell
            answers = {}
        return {name: accepted(answers.get(name), name) for name in names}

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        names, refused = named(self._endpoint, paths)
        answers = self._tape.answers(token, list(names.values())) if names else {}
        return {**refused, **{path: polled(answers.get(name), name) for path, name in names.items()}}

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. The id of the first prepare request stands for all of a ``stage``."""
        names, refused = named(self._endpoint, paths)
        told: dict[str, Outcome] = {name: Done() for name in names.values()}
        if token:
            for part in chunks(list(names.values()), self._client.limits.max_files):
                reply = self._client.prepare([first_token(token), *part], CANCEL)
                if isinstance(reply, Trouble) and reply.of_endpoint:
                    raise reply.exception(self._client.server)
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. What is not online yet is not wanted any more: its request is cancelled."""
        names, refused = named(self._endpoint, paths)
        told: dict[str, Outcome] = {}
        online: list[str] = []
        offline: list[str] = []
        for name, stat in (self._client.stat(list(names.values())) if names else {}).items():
            if isinstance(stat, Trouble):
                told[name] = Done() if issubclass(stat.error, FileMissing) else stat.outcome(name)
            else:
                told[name] = Done()
                (offline if stat.flags & OFFLINE else online).append(name)
        if token:
            for part in chunks(offline, self._client.limits.max_files):
                # Its outcome is of no interest: at worst a file is recalled for nobody, which harms nobody.
                self._client.prepare([first_token(token), *part], CANCEL)
        for part in chunks(online, self._client.limits.max_files):
            told.update(self._evict(part))
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _evict(self, names: Sequence[str]) -> dict[str, Outcome]:
        """One request; one by one if it is refused, as it is when one of the files has just vanished."""
        reply = self._client.prepare(names, EVICT)
        if isinstance(reply, Trouble) and not reply.of_endpoint and len(names) > 1:
            return {name: self._evict([name])[name] for name in names}
        if isinstance(reply, bytes) or issubclass(reply.error, FileMissing):
            return {name: Done() for name in names}
        return {name: reply.outcome(name) for name in names}

"""Recall by stage requests of the Tape REST API: the port Stager."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from transfers.backends.taperest.client import Client
from transfers.backends.taperest.errors import OF_SOME_FILE, TOO_LARGE, Answer
from transfers.backends.taperest.payload import chunks, named, paths_body, segment, stage_body
from transfers.backends.taperest.replies import (
    Told,
    Where,
    aligned,
    judged,
    read_created,
    read_localities,
    read_request,
    settled,
)
from transfers.errors import (
    EndpointBusy,
    EndpointUnreachable,
    FileMissing,
    StorageError,
    StorageTimeout,
    UnreadableReply,
    failed,
)
from transfers.model import Done, Failed, Outcome, Pending, StageOrder, StageReceipt, Unknown


class TapeRestStager:
    """Stager. Tokens are the ids of the requests of one ``stage``, with blanks between."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._options = client.options
        # Learned from the first refusal. Threads may write it at once; any value that was seen will do.
        self._at_a_time = client.options.max_files

    # ------------------------------------------------------------------ the port

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        names, refused = named(self._options, [order.path for order in orders])
        wanted = {names[order.path]: order for order in orders if order.path in names}
        tokens: list[str] = []
        told: dict[str, Outcome] = {}
        rest = list(wanted)
        while rest:
            part = rest[: self._at_a_time]
            try:
                answer = self._ask_for(part, wanted)
                if answer.status in TOO_LARGE and len(part) > 1:
                    self._at_a_time = max(1, len(part) // 2)
                    continue
                token, outcomes = self._received(answer, part, wanted)
            except StorageError as error:
                if not tokens:
                    raise
                # what was accepted before must not be lost with the token
                part, token, outcomes = rest, "", {name: Unknown(f"{name}: {error}") for name in rest}
            tokens += [token] if token else []
            told.update(outcomes)
            rest = rest[len(part) :]
        return StageReceipt(" ".join(tokens), refused | {path: told[name] for path, name in names.items()})

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        names, refused = named(self._options, paths)
        asked = list(names.values())
        told, gone, trouble = self._requests(token, asked)
        outcomes = {name: settled(told.get(name), name, confirm=self._options.confirm) for name in asked}
        doubtful = [name for name, outcome in outcomes.items() if outcome is None]
        where = self._whereabouts(doubtful)
        for name in doubtful:
            if name not in told and trouble and not _online(where[name]):
                outcomes[name] = Unknown(f"{name}: {trouble}")
            else:
                vanished = gone and name not in told
                outcomes[name] = judged(told.get(name), where[name], name, vanished=vanished)
        return refused | {path: _said(outcomes[name], name) for path, name in names.items()}

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. A file that no request of this token asks for is Done: nothing is to be done."""
        names, refused = named(self._options, paths)
        told: dict[str, Outcome] = {name: Done() for name in names.values()}
        for request, mine in self._shares(token, list(names.values())):
            told.update(self._withdraw(f"/stage/{segment(request)}/cancel", request, mine))
        return refused | {path: told[name] for path, name in names.items()}

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. Without a token the service is asked to drop the files for whomever we are."""
        names, refused = named(self._options, paths)
        told: dict[str, Outcome] = {name: Done() for name in names.values()}
        shares = self._shares(token, list(names.values()))
        known = {name for _, mine in shares for name in mine}
        others = [name for name in names.values() if name not in known]
        # to EOS and dCache the request's id does not matter, and a forgotten one may have left a file behind
        for request, mine in [*shares, ((token.split() or [""])[0], others)]:
            told.update(self._withdraw(f"/release/{segment(request)}", request, mine))
        return refused | {path: told[name] for path, name in names.items()}

    # ------------------------------------------------------------------ beyond the port

    def localities(self, paths: Sequence[str]) -> Mapping[str, Where]:
        """Where each file is now, recalling nothing; Failed and Unknown as of a Prober. Repeat freely."""
        names, refused = named(self._options, paths)
        where = self._localities(list(names.values()))
        return {**refused, **{path: where[name] for path, name in names.items()}}

    def delete(self, token: str) -> None:
        """Let the service forget the requests; it cancels recalls under way as far as it can. Repeat freely.

        For tidying up: a service forgets by itself after some time, and ``poll`` then says so.
        """
        for request in token.split():
            answer = self._client.call("DELETE", f"/stage/{segment(request)}")
            if not (answer.good or answer.forgotten):
                raise answer.error(f"DELETE /stage/{request}")

    def close(self) -> None:
        """Close the connections. Happens by itself when nobody uses the stager any more."""
        self._client.close()

    # ------------------------------------------------------------------ stage

    def _ask_for(self, part: Iterable[str], wanted: Mapping[str, StageOrder]) -> Answer:
        orders = {name: wanted[name] for name in part}
        activity = any(order.activity for order in orders.values())
        body = stage_body(orders, self._client.sitename() if activity else "")
        return self._client.call("POST", "/stage", body, repeat=False)

    def _received(
        self, answer: Answer, part: Sequence[str], wanted: Mapping[str, StageOrder]
    ) -> tuple[str, dict[str, Outcome]]:
        """Token and outcomes of one request. If it is refused as a whole, the missing files are left out.

        Raises StorageError when the trouble is not with the files.
        """
        outcomes: dict[str, Outcome] = {}
        if answer.status in OF_SOME_FILE and not answer.html:
            missing = self._missing(part)
            if not missing:
                raise answer.error("POST /stage")
            outcomes.update(missing)
            part = [name for name in part if name not in missing]
            if not part:
                return "", outcomes
            answer = self._ask_for(part, wanted)
        if not answer.good:
            raise answer.error("POST /stage")
        token = read_created(answer.body, answer.header("location"))
        if token is None:
            unread = Unknown(f"accepted, but without an id that can be read: {answer.words}")
            return "", outcomes | dict.fromkeys(part, unread)
        return token, outcomes | {name: Pending() for name in part}

    def _missing(self, names: Sequence[str]) -> dict[str, Failed]:
        """Those of the files that the service says are not there."""
        found = self._localities(names)
        return {
            name: where
            for name, where in found.items()
            if isinstance(where, Failed) and where.code == FileMissing.code
        }

    # ------------------------------------------------------------------ poll

    def _requests(self, token: str, names: Sequence[str]) -> tuple[dict[str, Told | None], bool, str]:
        """What the token's requests tell of the files; is one of them forgotten; why one could not be read.

        Raises StorageError when none of them could be asked.
        """
        told: dict[str, Told | None] = {}
        requests = token.split()
        gone, troubles = not requests, []
        for request in requests:
            try:
                answer = self._read_request(request)
            except StorageError as error:
                troubles.append(error)
                if isinstance(error, EndpointUnreachable | StorageTimeout | EndpointBusy):
                    break  # the others would fare no better
                continue
            if answer is None:
                gone = True
            else:
                told.update(aligned(answer, names) if len(requests) == 1 else _of(answer, names))
        if troubles and not told and not gone:
            raise troubles[0]
        return told, gone, str(troubles[0]) if troubles else ""

    def _read_request(self, request: str) -> dict[str, Told | None] | None:
        """Every file of a request; None when the service does not know it (any more)."""
        where = f"GET /stage/{request}"
        answer = self._client.call("GET", f"/stage/{segment(request)}")
        if answer.forgotten:
            return None
        if not answer.good:
            raise answer.error(where)
        told = read_request(answer.body, request)
        if told is None:
            raise UnreadableReply(
                f"{where}: not the answer of a Tape REST API: {answer.words}", subject=request
            )
        return told

    def _whereabouts(self, names: Sequence[str]) -> dict[str, Where]:
        """As ``_localities``, where a failure of the call is Unknown: the request's answer may do without."""
        try:
            return self._localities(names)
        except StorageError as error:
            return {name: Unknown(f"{name}: {error}") for name in names}

    def _localities(self, names: Sequence[str]) -> dict[str, Where]:
        """Where each file is, asking again for those left out of an answer as long as there is progress."""
        found: dict[str, Where] = {}
        for part in chunks(names, self._options.max_paths):
            rest = list(part)
            while rest:
                answer = self._client.call("POST", "/archiveinfo", paths_body(rest))
                if not answer.good:
                    raise answer.error("POST /archiveinfo")
                told = read_localities(answer.body, set(rest))
                if told is None:
                    raise UnreadableReply(f"POST /archiveinfo: not a list of files: {answer.words}")
                found.update(told)
                rest = [name for name in rest if name not in told] if told else []
        return {name: found.get(name, Unknown(f"{name}: archiveinfo does not tell of it")) for name in names}

    # ------------------------------------------------------------------ cancel and release

    def _shares(self, token: str, names: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Which request asks for which of the files. One request has them all, as far as we know."""
        requests = token.split()
        if len(requests) < 2 or not names:
            return [(request, list(names)) for request in requests if names]
        shares = []
        for request in requests:
            members = self._read_request(request) or {}
            shares.append((request, [name for name in names if name in members]))
        return shares

    def _withdraw(self, path: str, request: str, names: Sequence[str]) -> dict[str, Outcome]:
        """Cancel or release. One call, and a second for the files that are left if the first is refused."""
        told: dict[str, Outcome] = {}
        rest = list(names)
        while rest:
            part = rest[: self._at_a_time]
            answer = self._client.call("POST", path, paths_body(part))
            if answer.status in TOO_LARGE and len(part) > 1:
                self._at_a_time = max(1, len(part) // 2)
                continue
            if answer.status in OF_SOME_FILE and not answer.html and not answer.forgotten:
                answer = self._withdraw_again(path, request, part, answer)
            done = answer.good or answer.forgotten  # a forgotten request holds nothing
            if not done and answer.status not in OF_SOME_FILE:
                raise answer.error(f"POST {path}")
            outcome: Outcome = Done() if done else _refusal(answer, path)
            told.update(dict.fromkeys(part, outcome))
            rest = rest[len(part) :]
        return told

    def _withdraw_again(self, path: str, request: str, names: Sequence[str], first: Answer) -> Answer:
        """What comes of a refusal: fine if missing files explain it, else a second call without strangers."""
        if first.status != 400:
            # EOS has done it for the other files before it complains: to evict them twice would count
            return Answer(200) if self._missing(names) else first
        members = self._read_request(request) if request else None
        if members is None:
            return Answer(404) if request else first
        kept = [name for name in names if name in members]
        if len(kept) == len(names):
            return first
        return self._client.call("POST", path, paths_body(kept)) if kept else Answer(200)


def _of(answer: Mapping[str, Told | None], names: Iterable[str]) -> dict[str, Told | None]:
    return {name: answer[name] for name in names if name in answer}


def _online(where: Where) -> bool:
    return not isinstance(where, Failed | Unknown) and where.readable


def _said(outcome: Outcome | None, name: str) -> Outcome:
    return outcome if outcome is not None else Unknown(f"{name}: nothing is known")


def _refusal(answer: Answer, path: str) -> Failed:
    error = answer.error(f"POST {path}")
    return failed(type(error), str(error))

"""What the service accepts as a submission, and what it answers otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from urllib.parse import urlsplit
from uuid import UUID, uuid1, uuid5

from transfers.testing.fts.model import FileRecord, JobRecord, Kind, User

MAX_URL = 1100
MAX_METADATA = {"job": 2048, "file": 4096, "staging": 1024, "archive": 1024}
VERIFY = (None, True, False, "both", "source", "target", "none")
OVERWRITES = ("overwrite", "overwrite_on_retry", "overwrite_when_only_on_disk", "overwrite_hop")
DEFAULTS: Mapping[str, object] = {"bring_online": -1, "copy_pin_lifetime": -1, "retry": 0, "priority": 3}

_file_ids = count(1)


class BadSubmission(Exception):
    """400, with this text."""


def namespace(base_id: str, vo: str) -> UUID:
    """What ``whoami`` gives as ``vos_id``: the namespace of the deterministic ids of a VO's jobs."""
    return uuid5(UUID(base_id), vo)


def read_submission(
    body: bytes, user: User, base_id: str, now: datetime, *, token_prep: bool = False
) -> JobRecord:
    """The job of a submission. ``token_prep``: token jobs wait for a token first. Raises BadSubmission."""
    told = _object(body)
    params = told.get("params", {})
    if not isinstance(params, dict):
        raise BadSubmission("Bad request: params must be a dictionary")
    params = {**DEFAULTS, **{name: value for name, value in params.items() if value is not None}}
    files = told.get("files")
    if told.get("delete"):
        raise BadSubmission("Deletion jobs are not accepted any more")
    if not isinstance(files, list) or not files:
        raise BadSubmission("Bad request: No transfers are specified")
    _check_params(params, user)
    recall = any(_number(params, name) > 0 for name in ("bring_online", "copy_pin_lifetime"))
    metadata = params.get("job_metadata")
    _check_size("job", metadata)
    kind = _kind(files, params)
    records = [
        record
        for index, entry in enumerate(files)
        for record in _files(entry, index if kind is not Kind.REPLICAS else 0, recall, kind)
    ]
    _put_in_play(records, kind, recall, waits=user.method == "oauth2" and token_prep)
    stored = dict(metadata) if isinstance(metadata, dict) else {"label": metadata} if metadata else {}
    return JobRecord(
        job_id=_job_id(params, user, base_id),
        user_dn=user.dn,
        vo=user.vo,
        delegation_id=user.delegation_id,
        params=params,
        files=records,
        submit_time=now,
        metadata={**stored, "auth_method": user.method},
        kind=kind,
        method=user.method,
    )


def _kind(files: list[object], params: Mapping[str, object]) -> Kind:
    """Plain, several sources of one file, or hops. Raises BadSubmission for what is two of these."""
    several = any(isinstance(entry, dict) and len(entry.get("sources") or ()) > 1 for entry in files)
    if params.get("multihop"):
        if several or params.get("reuse"):
            raise BadSubmission("Bad request: multihop cannot be combined with reuse or several replicas")
        return Kind.MULTIHOP
    if several:
        if len(files) > 1 or params.get("reuse"):
            raise BadSubmission("Bad request: multiple replicas need exactly one unique file in the job")
        return Kind.REPLICAS
    return Kind.SESSION if params.get("reuse") else Kind.PLAIN


def _put_in_play(records: list[FileRecord], kind: Kind, recall: bool, *, waits: bool) -> None:
    """Of several sources, or hops, the first begins, and the others are not used yet."""
    first = "STAGING" if recall else "TOKEN_PREP" if waits else "SUBMITTED"
    for number, record in enumerate(records):
        spare = number > 0 and kind in (Kind.REPLICAS, Kind.MULTIHOP)
        record.state = "NOT_USED" if spare else first


def _object(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadSubmission(f"Badly formatted JSON request ({error})") from error
    if not isinstance(told, dict):
        raise BadSubmission("Bad request: a dictionary was expected")
    return told


def _check_params(params: dict[str, object], user: User) -> None:
    for name in ("bring_online", "copy_pin_lifetime", "archive_timeout", "retry", "retry_delay", "priority"):
        _number(params, name)
    if params.get("verify_checksum") not in VERIFY:
        raise BadSubmission("Bad request: verify_checksum does not contain a valid value")
    if sum(bool(params.get(name)) for name in OVERWRITES) > 1:
        raise BadSubmission("Bad request: Incompatible overwrite flags used at the same time")
    if user.method == "oauth2":
        for name in ("bring_online", "copy_pin_lifetime", "archive_timeout"):
            if _number(params, name) > 0:
                raise BadSubmission(f"Bad request: Token jobs cannot use {name}")
    params["priority"] = min(max(_number(params, "priority"), 1), 5)


def _number(params: Mapping[str, object], name: str) -> int:
    value = params.get(name, 0)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            value = None
    if not isinstance(value, int):
        raise BadSubmission(f"Bad request: {name} must be an integer")
    return int(value)


def _files(entry: object, index: int, recall: bool, kind: Kind) -> Iterator[FileRecord]:
    """The files of an entry: one per source."""
    if not isinstance(entry, dict):
        raise BadSubmission("Bad request: a file must be a dictionary")
    sources, destinations = _urls(entry, "sources"), _urls(entry, "destinations")
    if len(destinations) > 1:
        raise BadSubmission("this test server does not do jobs with several destinations of a file")
    for name in ("staging", "archive"):
        value = entry.get(f"{name}_metadata")
        if value is not None and not isinstance(value, dict):
            raise BadSubmission(f"Bad request: {name}_metadata must be a dictionary")
        _check_size(name, value)
    _check_size("file", entry.get("metadata"))
    if destinations[0] in sources and not recall:
        raise BadSubmission("Bad request: source and destination are the same")
    if entry.get("selection_strategy", "auto") not in ("auto", "orderly"):
        raise BadSubmission("Bad request: unknown selection_strategy")
    size, activity, checksum = (entry.get(name) for name in ("filesize", "activity", "checksum"))
    if size is not None and (not isinstance(size, int) or size < 0):
        raise BadSubmission("Bad request: filesize must be a number of bytes")
    metadata = entry.get("metadata")
    for source in sources:
        yield FileRecord(
            file_id=next(_file_ids),
            file_index=index,
            source=source,
            destination=destinations[0],
            state="SUBMITTED",
            checksum=checksum if isinstance(checksum, str) else None,
            filesize=size,
            activity=activity if isinstance(activity, str) else "default",
            metadata={"label": metadata} if isinstance(metadata, str) else metadata,
            staging_metadata=entry.get("staging_metadata"),
            archive_metadata=entry.get("archive_metadata"),
        )


def _urls(entry: Mapping[str, object], name: str) -> list[str]:
    urls = entry.get(name)
    if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
        raise BadSubmission(f"Bad request: {name} must be a list of URLs")
    return [_url(str(url).strip()) for url in urls]


def _url(url: str) -> str:
    parts = urlsplit(url)
    if (
        not parts.scheme
        or not parts.path
        or parts.path == "/"
        or (not parts.hostname and parts.scheme != "simtape")
    ):
        raise BadSubmission(f"Invalid value within the request: Invalid URL: {url}")
    if parts.scheme == "file":
        raise BadSubmission("Invalid value within the request: Can not transfer local files")
    if len(url) > MAX_URL:
        raise BadSubmission(f"Invalid value within the request: URL is longer than {MAX_URL}")
    return url


def _check_size(kind: str, value: object) -> None:
    if len(json.dumps(value)) > MAX_METADATA[kind]:
        raise BadSubmission(f"{kind} metadata is longer than {MAX_METADATA[kind]}")


def _job_id(params: Mapping[str, object], user: User, base_id: str) -> str:
    generators: dict[object, Callable[[], UUID]] = {
        "standard": uuid1,
        "deterministic": lambda: uuid5(namespace(base_id, user.vo), str(params.get("sid"))),
    }
    generator = generators.get(params.get("id_generator", "standard"))
    if generator is None:
        raise BadSubmission("Bad request: unknown id_generator")
    if generator is not uuid1 and not params.get("sid"):
        raise BadSubmission("Bad request: the sid is missing")
    return str(generator())

"""What the service accepts as a submission, and what it answers otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from urllib.parse import urlsplit
from uuid import UUID, uuid1, uuid5

from transfers.testing.fts.model import FileRecord, JobRecord, User

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


def read_submission(body: bytes, user: User, base_id: str, now: datetime) -> JobRecord:
    """The job of a submission. Raises BadSubmission."""
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
    records = [_file(entry, index, recall, params) for index, entry in enumerate(files)]
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
    )


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
    if user.method == "oauth2" and max(_number(params, n) for n in ("bring_online", "copy_pin_lifetime")) > 0:
        raise BadSubmission("Bad request: Token jobs cannot use bring_online")
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


def _file(entry: object, index: int, recall: bool, params: Mapping[str, object]) -> FileRecord:
    if not isinstance(entry, dict):
        raise BadSubmission("Bad request: a file must be a dictionary")
    source, destination = _url(entry, "sources"), _url(entry, "destinations")
    for kind, name in (
        ("file", "metadata"),
        ("staging", "staging_metadata"),
        ("archive", "archive_metadata"),
    ):
        value = entry.get(name)
        if value is not None and name != "metadata" and not isinstance(value, dict):
            raise BadSubmission(f"Bad request: {name} must be a dictionary")
        _check_size(kind, value)
    if source == destination and not recall:
        raise BadSubmission("Bad request: source and destination are the same")
    size, activity, checksum = (entry.get(name) for name in ("filesize", "activity", "checksum"))
    if size is not None and (not isinstance(size, int) or size < 0):
        raise BadSubmission("Bad request: filesize must be a number of bytes")
    metadata = entry.get("metadata")
    return FileRecord(
        file_id=next(_file_ids),
        file_index=index,
        source=source,
        destination=destination,
        state="STAGING" if recall else "SUBMITTED",
        checksum=checksum if isinstance(checksum, str) else None,
        filesize=size,
        activity=activity if isinstance(activity, str) else "default",
        metadata={"label": metadata} if isinstance(metadata, str) else metadata,
        staging_metadata=entry.get("staging_metadata"),
    )


def _url(entry: Mapping[str, object], name: str) -> str:
    urls = entry.get(name)
    if not isinstance(urls, list) or not urls or not isinstance(urls[0], str):
        raise BadSubmission(f"Bad request: {name} must be a list of URLs")
    if len(urls) > 1:
        raise BadSubmission("this test server does not do jobs with several replicas")
    url = str(urls[0]).strip()
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

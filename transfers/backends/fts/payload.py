"""What is asked of FTS, as plain values: submissions and their ids. Pure.

A submission is a dictionary of ``files`` and ``params``, the one that ``fts3.rest.client.easy`` would make.
Everything that has a default is sent explicitly: defaults differ between clients and servers.

**Ids.** The job id is known before the job is sent: uuid5 of the namespace of our VO (which the service
tells) and a text of ours, the *sid*. It is made of all that is asked for and a number of the attempt, so the
same call gives the same id, and the service answers a repetition with *Conflict* instead of recalling twice.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid5

from transfers.archivehints import document
from transfers.backends.fts.options import Options, checked, source_of, url_of
from transfers.errors import StorageError, Unsupported, failed
from transfers.model import CopyOrder, Failed, StageOrder, TransferOrder
from transfers.planning import whole_units

OURS = "ddm"
"""Our key in the metadata of jobs and files: FTS rewrites URLs, so files are told apart by this alone."""

PRIORITIES = (1, 3, 4, 5)
"""FTS's priority (1 to 5, 3 is usual) for ours (0 to 3)."""

RETRY_DELAY = 600
"""Seconds; without effect as long as FTS makes no retries, and explicit, as 0 would not mean *at once*."""

MAX_FILE_METADATA = 4096  # bytes of JSON


@dataclass(frozen=True, slots=True)
class Submission:
    """One job to be. ``copies``: it copies after it has staged. ``key``: digest of all that is asked for."""

    files: tuple[Mapping[str, object], ...]
    params: Mapping[str, object]
    copies: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path_of(entry) for entry in self.files)

    def key(self, credential: str) -> str:
        """The same for the same job of the same credential (delegation id), whatever the order of files.

        With the credential in it, another user of our VO who asks for the same gets a job of their own,
        rather than a conflict with one that they may not look at.
        """
        files = sorted(json.dumps(entry, sort_keys=True) for entry in self.files)
        text = json.dumps([credential, files, self.params], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def body(self, sid: str) -> dict[str, object]:
        """The job as FTS reads it."""
        params = {**self.params, "id_generator": "deterministic", "sid": sid}
        return {"files": [dict(entry) for entry in self.files], "params": params}

    def halves(self) -> Iterator[Submission]:
        """Two jobs with half of the files each."""
        middle = len(self.files) // 2
        for part in (self.files[:middle], self.files[middle:]):
            yield Submission(part, self.params, self.copies)

    def without(self, paths: Collection[str]) -> Submission:
        """The same job without the files of these paths."""
        kept = tuple(entry for entry in self.files if path_of(entry) not in paths)
        return self if len(kept) == len(self.files) else replace(self, files=kept)


def path_of(entry: Mapping[str, object]) -> str:
    """The path that a file of a submission is about."""
    metadata = entry["metadata"]
    assert isinstance(metadata, Mapping)
    return str(metadata[OURS]["path"])


def sid_of(key: str, attempt: int) -> str:
    return f"{OURS}:{key}:{attempt}"


def job_id(namespace: UUID, key: str, attempt: int) -> str:
    """The id that the service will give to this attempt; ``namespace``: its ``vos_id``."""
    return str(uuid5(namespace, sid_of(key, attempt)))


def staging(
    prefix: str, orders: Sequence[StageOrder], options: Options
) -> tuple[list[Submission], dict[str, Failed]]:
    """Jobs that only stage (source and destination are equal), and the orders that cannot be sent.

    Lifetime and priority belong to a job, so orders that differ in them go in different jobs.
    """
    files: dict[tuple[timedelta, int], list[dict[str, object]]] = {}
    refused: dict[str, Failed] = {}
    for order in orders:
        try:
            url = url_of(prefix, order.path)
            entry = _file(url, url, {"path": order.path}, order.size, order.activity, options)
        except StorageError as error:
            refused[order.path] = failed(type(error), str(error))
        else:
            files.setdefault((order.lifetime, order.priority), []).append(entry)
    jobs = []
    for (lifetime, priority), entries in files.items():
        params = _params(lifetime, priority, options, "stage") | {"verify_checksum": "none"}
        jobs += [Submission(part, params) for part in _parts(entries, options.max_files)]
    return jobs, refused


def copying(
    prefix: str,
    orders: Sequence[CopyOrder],
    options: Options,
    *,
    lifetime: timedelta,
    activity: str,
    priority: int,
) -> tuple[list[Submission], dict[str, Failed]]:
    """Jobs that stage and copy, one group per pair of storages, and the orders that cannot be sent.

    Nothing is overwritten; an existing destination is reported upon, so that an equal one can be adopted.
    """
    files: dict[str, list[dict[str, object]]] = {}
    refused: dict[str, Failed] = {}
    for order in orders:
        ours = {"path": order.path, "size": order.size, "adler32": str(order.adler32)}
        try:
            source = checked(order.source)
            entry = _file(source, url_of(prefix, order.path), ours, order.size, activity, options)
        except StorageError as error:
            refused[order.path] = failed(type(error), str(error))
        else:
            entry["checksum"] = f"ADLER32:{order.adler32}"
            files.setdefault(_storage(source), []).append(entry)
    params = _params(lifetime, priority, options, "copy") | {
        "verify_checksum": "both",  # anything else verifies nothing, or fails, depending on the version
        "overwrite": False,
        "dst_file_report": True,
    }
    return [
        Submission(part, params, copies=True)
        for entries in files.values()
        for part in _parts(entries, options.max_files)
    ], refused


def key_of(label: str) -> str:
    """The key of a request of copies, made of the caller's label alone: the settings of tomorrow, and
    another credential of the same VO, find what was asked for today."""
    return hashlib.sha256(f"transfer:{label}".encode()).hexdigest()


def transfers(
    prefix: str, orders: Sequence[TransferOrder], options: Options
) -> tuple[list[Submission], dict[str, Failed]]:
    """Jobs of copies, and the orders that cannot be sent.

    Plain orders go together: one group per pair of storages and per setting that belongs to a job, in their
    order, cut where a unit ends. An order
    with several sources, or with hops, is a job of its own, as FTS wants it.
    """
    groups: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    alone: list[Submission] = []
    refused: dict[str, Failed] = {}
    units = {order.path: order.unit for order in orders}
    for order in orders:
        try:
            entries = _entries(prefix, order, options)
        except StorageError as error:
            refused[order.path] = failed(type(error), str(error))
            continue
        params = _transfer_params(order, options)
        if len(order.sources) > 1 or order.hops:
            alone.append(Submission(tuple(entries), params, copies=True))
            continue
        pair = (_storage(order.sources[0]), _storage(url_of(prefix, order.path)))
        groups.setdefault((*pair, json.dumps(params)), []).extend(entries)
    plain = [
        Submission(tuple(part), json.loads(params_text), copies=True)
        for (_, _, params_text), entries in groups.items()
        for part in whole_units(entries, options.max_files, lambda entry: units[path_of(entry)])
    ]
    return plain + alone, refused


def _entries(prefix: str, order: TransferOrder, options: Options) -> list[dict[str, object]]:
    """The files of one order: one, or one per hop. Raises StorageError for what cannot be asked for."""
    if not order.sources or (order.hops and len(order.sources) > 1):
        what = "several sources and hops: FTS does one or the other" if order.sources else "no source"
        raise Unsupported(f"{order.path} has {what}", subject=order.path)
    if options.token_file and (order.bring_online is not None or order.archive_timeout is not None):
        raise Unsupported(
            f"{order.path}: FTS does no tape with a token: use a proxy, or do not wait for the tape "
            "(archive_timeout = '0 s')",
            subject=order.path,
        )
    destination = url_of(prefix, order.path)
    sources, hops = ([source_of(url) for url in urls] for urls in (order.sources, order.hops))
    stops = [sources, *([url] for url in hops), [destination]]
    if len({url for urls in stops for url in urls}) < sum(map(len, stops)):
        raise Unsupported(f"{order.path}: source, hops and destination must differ", subject=order.path)
    made = []
    for number, (origins, (target,)) in enumerate(pairwise(stops), start=1):
        ours: dict[str, object] = {"path": order.path, "size": order.size, "adler32": str(order.adler32)}
        if order.hops:
            ours |= {"hop": number, "hops": len(order.hops) + 1}
        entry = _file(origins[0], target, ours, order.size, order.activity, options)
        entry |= {"sources": origins, "checksum": f"ADLER32:{order.adler32}"}
        if len(origins) > 1:
            entry["selection_strategy"] = "orderly"
        if order.bring_online is None:
            entry.pop("staging_metadata", None)
        if target == destination and (told := document(order.hints, order.size, order.adler32)):
            entry["archive_metadata"] = told
        made.append(entry)
    return made


def _transfer_params(order: TransferOrder, options: Options) -> dict[str, object]:
    recall = _whole_seconds(order.bring_online)
    return {
        "verify_checksum": "both",  # anything else verifies nothing, or fails, depending on the version
        "overwrite": False,
        "dst_file_report": True,
        "multihop": bool(order.hops),
        "reuse": False,
        "retry": -1,  # a repetition by FTS would meet what the first attempt left; ours looks first
        "retry_delay": RETRY_DELAY,
        "priority": PRIORITIES[min(max(order.priority, 0), len(PRIORITIES) - 1)],
        "bring_online": recall,
        "copy_pin_lifetime": _whole_seconds(order.pin_lifetime) if recall > 0 else -1,
        "archive_timeout": _whole_seconds(order.archive_timeout),  # 0 would archive, and give up at once
        "max_time_in_queue": math.ceil((max(recall, 0) + options.stall) / 3600),  # hours
        "job_metadata": {OURS: "transfer"},
    }


def _whole_seconds(time: timedelta | None) -> int:
    return -1 if time is None else max(1, math.ceil(time / timedelta(seconds=1)))


def _file(
    source: str, destination: str, ours: Mapping[str, object], size: int, activity: str, options: Options
) -> dict[str, object]:
    metadata = {OURS: dict(ours)}
    if len(json.dumps(metadata)) > MAX_FILE_METADATA:
        raise Unsupported(f"{ours['path']!r} is too long for FTS", subject=str(ours["path"]))
    entry: dict[str, object] = {
        "sources": [source],
        "destinations": [destination],
        "metadata": metadata,
        "filesize": size,
        "selection_strategy": "auto",
    }
    if activity or options.activity:
        entry["activity"] = activity or options.activity
    if options.staging_metadata:
        entry["staging_metadata"] = dict(options.staging_metadata)
    return entry


def _params(lifetime: timedelta, priority: int, options: Options, what: str) -> dict[str, object]:
    return {
        "bring_online": options.bring_online,
        "copy_pin_lifetime": max(1, math.ceil(lifetime / timedelta(seconds=1))),
        "priority": PRIORITIES[min(max(priority, 0), len(PRIORITIES) - 1)],
        "retry": -1,  # trying again is the caller's affair, who knows the cause
        "max_time_in_queue": math.ceil((options.bring_online + options.stall) / 3600),  # hours
        "job_metadata": {OURS: what},
    }


def _storage(url: str) -> str:
    """What FTS takes for the storage of a URL: scheme and host, whatever the port."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2].partition(':')[0]}"


def _parts(entries: Sequence[Mapping[str, object]], size: int) -> Iterable[tuple[Mapping[str, object], ...]]:
    for start in range(0, len(entries), size):
        yield tuple(entries[start : start + size])

"""Sixteen workers that take items from one queue at the same time: how many a second, and none twice."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from sqlalchemy import func, select

from catalog.db import requests, schema
from catalog.db.engine import Catalog, insert_columns, new_ids
from catalog.db.move import Why, born
from catalog.states import ITEM, ItemState, RequestKind

WORKERS = 16
ITEMS = 160_000
BATCH = 100
DEADLINE = 300.0  # seconds


def run(catalog: Catalog, url: str, problems: list[str]) -> dict[str, Any]:
    """Needs a catalogue with as many replicas; its items are new ones, all due."""
    items = _queue(catalog)
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(WORKERS + 1), context.Queue()
    workers = [context.Process(target=_work, args=(url, ready, results)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    ready.wait(DEADLINE)
    began = time.perf_counter()
    taken = [results.get(timeout=DEADLINE) for _ in workers]
    spent = time.perf_counter() - began
    for worker in workers:
        worker.join(DEADLINE)
    ids = [key for ids in taken for key in ids]
    if sorted(ids) != items:
        problems.append(f"{len(ids)} items were claimed, {len(set(ids))} different ones, of {len(items)}")
    said = schema.history.c
    with catalog.read() as conn:
        query = select(func.sum(said.last_id - said.noun_id + 1)).where(
            said.noun == ITEM.noun, said.event == "claimed"
        )
        if conn.execute(query).scalar() != len(items):
            problems.append("the history does not tell of each claim")
    return {
        "claims_per_s": round(len(ids) / spent),
        "claim_workers": WORKERS,
        "most_of_one_worker": max(map(len, taken)),
    }


def _queue(catalog: Catalog) -> list[int]:
    I, R = schema.item, schema.replica  # noqa: E741, N806
    why = Why(catalog.clock.now(), "bench")
    with catalog.begin() as conn:
        replicas = list(conn.execute(select(R.c.id).order_by(R.c.id).limit(ITEMS)).scalars())
        ids = list(new_ids(conn, I, len(replicas)))
        endpoint = conn.execute(select(schema.endpoint.c.id)).scalar_one()
        columns = {
            "id": ids,
            "kind": RequestKind.STAGE.value,
            "endpoint_id": endpoint,
            "replica_id": replicas,
            "state": ItemState.QUEUED.value,
            "since": why.at,
            "next_try_at": why.at,
        }
        insert_columns(conn, I, columns, len(ids))
        born(conn, ITEM, ids, ItemState.QUEUED, why)
    with catalog.engine.connect() as conn:
        conn.exec_driver_sql("ANALYZE item")
        conn.commit()
    return ids


def _work(url: str, ready: Any, results: Any) -> None:
    mine: list[int] = []
    with Catalog(url, actor="worker") as catalog:
        with catalog.begin() as conn:  # connected, and the statements known
            requests.claim_next(conn, RequestKind.COPY, "cta", BATCH, Why(catalog.clock.now(), "worker"))
        ready.wait(DEADLINE)
        while True:
            why = Why(catalog.clock.now(), "worker")
            with catalog.begin() as conn:
                _, _, ids = requests.claim_next(conn, RequestKind.STAGE, "cta", BATCH, why)
            if not ids:
                break
            mine += ids
    results.put(mine)

"""The storages of the settings, with all that guards them; without the catalogue, so also for worker nodes.

From the inside: the backend's ports; logged; blips of seconds retried; what keeps failing left alone; the
credential looked at and renewed; so many calls at a time.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace

from catalog.clock import Clock
from ddm import credentials
from ddm.settings import EndpointSettings, LimitSettings, Settings
from transfers import breaker, registry, wrappers
from transfers import guards as around
from transfers.board import Board, Slots
from transfers.breaker import Breaker
from transfers.credentials.keeper import Keeper
from transfers.credentials.model import Pace
from transfers.ports import Storage


@dataclass
class Guards:
    """What a process knows of its endpoints, and what their storages share: one of it for a process."""

    board: Board
    slots: Slots
    keepers: Mapping[str, Keeper]
    environ: Mapping[str, str]


def export(settings: Settings, environ: MutableMapping[str, str] | None = None) -> MutableMapping[str, str]:
    """The environment (the process's own unless given), to which was added what the XRootD client must find
    there."""
    environ = os.environ if environ is None else environ
    environ.update(credentials.exported(settings))
    return environ


def open_guards(
    settings: Settings,
    clock: Clock,
    chance: random.Random,
    environ: MutableMapping[str, str] | None = None,
    changed: Callable[[Sequence[Breaker]], None] = lambda breakers: None,
) -> Guards:
    """The guards of the settings; ``environ`` as for ``export``, ``changed`` as for ``Board``."""
    environ = export(settings, environ)
    limits = settings.limits
    board = Board(
        clock,
        limits=breaker.Limits(limits.failures, limits.pause, limits.longest_pause),
        chance=chance.random,
        changed=changed,
    )
    slots = Slots(clock, longest=limits.longest_wait)
    seen = dict(environ)
    return Guards(board, slots, credentials.keepers(settings, seen, clock), seen)


def open_storages(
    settings: Settings, clock: Clock, chance: random.Random, guards: Guards | None = None
) -> dict[str, Storage]:
    """Every endpoint of the settings, guarded. Nothing is asked of any."""
    guards = guards or open_guards(settings, clock, chance)
    return {
        name: open_endpoint(endpoint, settings, clock, chance, guards)
        for name, endpoint in settings.endpoints.items()
    }


def open_bare(
    settings: Settings, clock: Clock, environ: MutableMapping[str, str] | None = None
) -> dict[str, Storage]:
    """Every endpoint without guards, so that a question is asked once and its error told at once."""
    environ = export(settings, environ)
    return {
        name: open_ports(credentials.told(endpoint, settings, environ), clock)
        for name, endpoint in settings.endpoints.items()
    }


def open_endpoint(
    endpoint: EndpointSettings,
    settings: Settings,
    clock: Clock,
    chance: random.Random,
    guards: Guards | None = None,
) -> Storage:
    """The ports of an endpoint, guarded."""
    guards = guards or open_guards(settings, clock, chance)
    ports = open_ports(credentials.told(endpoint, settings, guards.environ), clock)
    return guarded(ports, endpoint, settings.limits, clock, chance, guards)


def guarded(
    storage: Storage,
    endpoint: EndpointSettings,
    limits: LimitSettings,
    clock: Clock,
    chance: random.Random,
    shared: Guards,
) -> Storage:
    """A storage with everything around it that the settings ask for."""
    name = endpoint.name
    storage = wrappers.logged(storage, name, clock=clock)
    storage = wrappers.retrying(
        storage, clock=clock, chance=chance.random, attempts=limits.attempts, deadline=limits.deadline
    )
    storage = around.breaking(storage, name, shared.board)
    if endpoint.credential:
        keeper = shared.keepers[endpoint.credential]
        storage = around.credentialed(storage, keeper, Pace(rate=limits.rate))
    calls = endpoint.max_calls or limits.calls
    return around.throttled(storage, name, shared.slots, calls=calls, copies=limits.copies)


def open_ports(settings: EndpointSettings, clock: Clock) -> Storage:
    """The bare ports of an endpoint: those of its backend, with another stager if the settings name one."""
    storage = registry.open_storage(settings.backend, settings.prefix, clock=clock, options=settings.options)
    if settings.transfer:
        prefix = settings.transfer_prefix or settings.prefix
        options = settings.transfer_options
        service = registry.open_transferrer(settings.transfer, prefix, clock=clock, options=options)
        storage = replace(storage, transferrer=service)
    if not settings.stager:
        return storage
    prefix = settings.stager_prefix or settings.prefix
    stager = registry.open_stager(settings.stager, prefix, clock=clock, options=settings.stager_options)
    return replace(
        storage, stager=stager, capabilities=replace(storage.capabilities, tape=True, pins_expire=True)
    )

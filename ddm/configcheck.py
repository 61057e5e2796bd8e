"""What one setting demands of another: names that must exist, templates that must build distinct names.

Pure: settings in, findings out. Whether a backend, tool or counter exists is the registry's question
(``ddm doctor`` asks it), not that of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches

from catalog.errors import BadInput, BadName
from catalog.meta import check_key
from catalog.names import Template, join
from catalog.states import EndpointKind
from ddm.settings import EndpointSettings, ProductSettings, Settings, TaskSettings
from merging.model import Treat
from merging.verdict import Permit
from transfers.words import CredentialKind, Criterion

PERMITS = (Permit.GAPS, Permit.ZERO_EVENTS, Permit.UNREPORTED)
"""What ``permit`` of a product may name; the others have settings of their own."""

Problem = tuple[tuple[str, ...], str]
"""The place of a setting, e.g. (product, mDST, archive_to), and what is wrong with it."""

_SAMPLES = [(run, chunk) for run in (100001, 100002) for chunk in ("11001", "11002")]


def problems(settings: Settings) -> Iterator[Problem]:
    """Everything that does not fit together, in the order of the sections."""
    yield from _same_prefix(settings)
    for endpoint in settings.endpoints.values():
        yield from _endpoint_settings(endpoint, settings)
    yield from _proxies(settings)
    yield from _order(settings)
    for product in settings.products.values():
        yield from _product(product, settings)
    for task in settings.tasks.values():
        found = list(_task(task, settings))
        yield from found or _names_of(task, settings)
    for source in settings.event_sources.values():
        for name in source.products:
            known = {"raw": None, **settings.products}
            yield from _exists(("event_source", source.name, "products"), "product", name, known)


def _same_prefix(settings: Settings) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, endpoint in settings.endpoints.items():
        other = seen.setdefault(_plainly(endpoint.prefix), name)
        if other != name:
            yield (
                ("endpoint", name, "prefix"),
                f"is that of [endpoint.{other}]: one file would count as two copies",
            )


def _plainly(prefix: str) -> str:
    """One spelling of a prefix: XRootD's other name and port, and slashes that say nothing, make no place."""
    scheme, _, rest = prefix.partition("://")
    server, _, path = rest.partition("/")
    scheme = {"xroot": "root", "xroots": "roots"}.get(scheme, scheme)
    server = server.lower().removesuffix(":1094") if scheme in ("root", "roots") else server
    return f"{scheme}://{server}{re.sub('/+', '/', f'/{path}/')}"


def _endpoint_settings(endpoint: EndpointSettings, settings: Settings) -> Iterator[Problem]:
    place = ("endpoint", endpoint.name)
    for site, text in endpoint.distances.items():
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
            yield (*place, "distances"), f"expected a whole number from 0 for {site}, not {text!r}"
    if endpoint.site in endpoint.distances:
        yield (*place, "distances"), f"{endpoint.site} is its own site, which is at 0"
    yield from _pressure(endpoint)
    if endpoint.credential:
        yield from _exists((*place, "credential"), "credential", endpoint.credential, settings.credentials)


def _pressure(endpoint: EndpointSettings) -> Iterator[Problem]:
    """Two marks of one kind, the high one fuller; of a disk."""
    place, high, low = ("endpoint", endpoint.name), endpoint.pressure_high, endpoint.pressure_low
    for key, one, other in (("pressure_low", high, low), ("pressure_high", low, high)):
        if one is not None and other is None:
            yield (*place, key), "is missing: both marks are needed"
    if high is None:
        if endpoint.pressure_grace is not None:
            yield (*place, "pressure_grace"), "says nothing without pressure_high"
        return
    if endpoint.kind is not EndpointKind.DISK:
        yield (*place, "pressure_high"), "is for disks: nothing goes from tape"
    if low is None:
        return
    if (high.used is None) != (low.used is None):
        yield (*place, "pressure_low"), "expected the same kind of mark as pressure_high: used, or free"
    elif (high.used or 0) <= (low.used or 0) and (low.free or 0) <= (high.free or 0):
        yield (*place, "pressure_low"), f"expected less full than pressure_high ({high}), not {low}"


def _proxies(settings: Settings) -> Iterator[Problem]:
    """The XRootD client has one proxy and one token for a process: it takes them from the environment."""
    seen: dict[CredentialKind, str] = {}
    for name, endpoint in settings.endpoints.items():
        credential = settings.credentials.get(endpoint.credential)
        if endpoint.backend != "xrootd" or credential is None:
            continue
        other = seen.setdefault(credential.kind, credential.name)
        if other != credential.name:
            why = (
                f"the XRootD client uses one {credential.kind} in a process, and that is [credential.{other}]"
            )
            yield ("endpoint", name, "credential"), why


def _order(settings: Settings) -> Iterator[Problem]:
    known = [str(criterion) for criterion in Criterion]
    order = settings.placement.order
    for word in order:
        if word not in known:
            yield ("placement", "order"), f"there is no {word!r}; known are {', '.join(known)}"
    if len(set(order)) < len(order):
        yield ("placement", "order"), "expected each at most once"


def _product(product: ProductSettings, settings: Settings) -> Iterator[Problem]:
    place = ("product", product.name)
    yield from _kept(place, product, settings)
    yield from _made(place, product, settings)
    for word in product.permit:
        if word not in PERMITS:
            yield (*place, "permit"), f"there is no {word!r}; known are {', '.join(PERMITS)}"
    yield from _limits(place, product)
    yield from _hints(place, product)
    # parts are counted in their unit: those of the whole period need no run in their names
    merged = ("part",) if product.unit == "period" else ("run", "part")
    for kind, needed in (("chunk", ("run", "chunk")), ("merged", merged), ("archive", merged)):
        if kind == "chunk" and product.made_of:
            continue
        directory = getattr(product, f"{kind}_dir")
        name = product.chunk_name if kind == "chunk" else product.merged_name
        key = f"{kind}_dir"
        try:
            Template(directory, settings.names)
            key = "chunk_name" if kind == "chunk" else "merged_name"
            template = Template(join(directory, name), settings.names)
        except BadName as error:
            yield (*place, key), str(error)
            return
        if missing := [field for field in needed if field not in template.fields]:
            yield (*place, key), f"needs {{{missing[0]}}}, or two files would have one name"


def _hints(place: tuple[str, ...], product: ProductSettings) -> Iterator[Problem]:
    """The groups that tape systems are told are texts with fields that every merged file has."""
    fields = dict.fromkeys(("year", "period", "prod", "path", "soft", "slot", "phast", "run"), 1)
    for text in product.collocation:
        try:
            text.format(**fields)
        except (KeyError, IndexError, ValueError):
            yield (*place, "collocation"), f"{text!r}: expected the fields {', '.join(fields)} in braces"


def _kept(place: tuple[str, ...], product: ProductSettings, settings: Settings) -> Iterator[Problem]:
    """Every product ends on tape: itself, or within what is made of it."""
    if product.archive_to:
        yield from _endpoint((*place, "archive_to"), product.archive_to, EndpointKind.TAPE, settings)
    elif not any(other.made_of == product.name for other in settings.products.values()):
        text = "may be empty only of a product that another one is made of (made_of): nothing would be kept"
        yield (*place, "archive_to"), text


def _made(place: tuple[str, ...], product: ProductSettings, settings: Settings) -> Iterator[Problem]:
    """Of what jobs write, whose names are then told; or of another product, through whatever others."""
    for key in ("payload", "chunk_dir", "chunk_name"):
        if bool(getattr(product, key)) == bool(product.made_of):
            doc = next(item.metadata["doc"] for item in fields(ProductSettings) if item.name == key)
            yield (
                (*place, key),
                "says nothing where made_of is set" if product.made_of else f"is missing: {doc}",
            )
    if not product.made_of:
        return
    if product.made_of not in settings.products:
        yield from _exists((*place, "made_of"), "product", product.made_of, settings.products)
        return
    seen, below = {product.name}, product.made_of
    while below in settings.products:
        if below in seen:
            yield (*place, "made_of"), f"goes round in a circle: {below} would be made of itself"
            return
        seen.add(below)
        below = settings.products[below].made_of
    source = settings.products[product.made_of]
    if source.unit not in ("run", product.unit) and product.unit != "period":
        text = f"expected {source.unit!r} or 'period': [product.{source.name}] mixes runs by its own unit"
        yield (*place, "unit"), text


def _limits(place: tuple[str, ...], product: ProductSettings) -> Iterator[Problem]:
    if not 0 <= product.min_fill <= 100:
        yield (*place, "min_fill"), f"expected 0 to 100 (percent), not {product.min_fill}"
    for key in ("tolerance", "empty_size"):
        if getattr(product, key) < 0:
            yield (*place, key), f"expected at least 0, not {getattr(product, key)}"
    if len(set(product.boundaries)) < len(product.boundaries):
        yield (*place, "boundaries"), "expected each at most once"
    for key, name in (("unit", product.unit), *(("boundaries", name) for name in product.boundaries)):
        if name not in ("run", "period"):
            try:
                check_key(name)
            except BadInput as error:
                yield (*place, key), f"{name!r}: {error}"
    for key in ("zero_events", "empty"):
        if getattr(product, key) is Treat.LEAVE_OUT and Permit.ZERO_EVENTS not in product.permit:
            yield (*place, key), f"needs {str(Permit.ZERO_EVENTS)!r} in permit, or no cross-check would pass"


def _task(task: TaskSettings, settings: Settings) -> Iterator[Problem]:
    place = ("task", task.name)
    yield from _endpoint((*place, "disk"), task.disk, EndpointKind.DISK, settings)
    for name in task.disk_fallback:
        yield from _endpoint((*place, "disk_fallback"), name, EndpointKind.DISK, settings)
    yield from _exists((*place, "runner"), "runner", task.runner, settings.runners)
    for product in task.products:
        yield from _exists((*place, "products"), "product", product, settings.products)
    if not task.products or len(set(task.products)) < len(task.products):
        yield (*place, "products"), "expected at least one product, each once"
    yield from _chains((*place, "products"), task, settings)
    if not task.program:
        yield (*place, "program"), "expected a command"
    try:
        fields = Template(task.raw_name, settings.names).fields
    except BadName as error:
        yield (*place, "raw_name"), str(error)
        return
    if missing := {"run", "chunk"} - fields:
        yield (*place, "raw_name"), f"needs {{{min(missing)}}}"


def _chains(place: tuple[str, ...], task: TaskSettings, settings: Settings) -> Iterator[Problem]:
    """What a product is made of, the task makes too; and a file goes into one other file at most."""
    taken: dict[str, str] = {}
    for name in task.products:
        source = settings.products[name].made_of if name in settings.products else ""
        if not source:
            continue
        if source not in task.products:
            yield place, f"{name} is made of {source}, which the task does not make"
        other = taken.setdefault(source, name)
        if other != name:
            yield place, f"{name} and {other} are both made of {source}: a file goes into one of them only"
    for name in task.products:
        if name in settings.products and not settings.products[name].archive_to and name not in taken:
            yield place, f"{name} has no archive_to, and the task makes nothing of it"
    known = [name for name in task.products if name in settings.products]
    if known and all(settings.products[name].made_of for name in known):
        yield place, "expected a product that the program makes"


def _names_of(task: TaskSettings, settings: Settings) -> Iterator[Problem]:
    """Builds the names of two runs and looks whether any two files would share one."""
    seen: dict[str, str] = {}
    for name in task.products:
        product = settings.products[name]
        try:
            made = _sample(task, product, settings.names)
        except BadName as error:
            yield ("task", task.name), f"does not fit the templates of [product.{name}]: {error}"
            return
        for path in made:
            other = seen.setdefault(path, name)
            if other != name:
                yield ("product", name), f"and [product.{other}] would both write {path}"
                return


def _sample(task: TaskSettings, product: ProductSettings, constants: Mapping[str, str]) -> list[str]:
    merged, archived = (
        Template(join(directory, product.merged_name), constants)
        for directory in (product.merged_dir, product.archived_in(task.type))
    )
    fields = task_fields(task)
    names: list[str] = []
    if not product.made_of:
        chunk = Template(join(product.chunk_dir, product.chunk_name), constants)
        names += [chunk.lfn(run=run, chunk=number, **fields) for run, number in _SAMPLES]
    for run, _ in _SAMPLES:
        for part in (0, 1):
            names.append(merged.lfn(run=run, part=part, **fields))
            names.append(archived.lfn(run=run, part=part, **fields))
    return names


def task_fields(task: TaskSettings) -> dict[str, str | int]:
    """The fields of the templates that the task knows; run, chunk and part come from the file."""
    return {
        "slot": task.slot,
        "phast": task.phast,
        "year": task.year,
        "period": task.period,
        "prod": task.production,
        "path": task.path,
        "soft": task.soft,
    }


def _endpoint(place: tuple[str, ...], name: str, kind: EndpointKind, settings: Settings) -> Iterator[Problem]:
    if name not in settings.endpoints:
        yield from _exists(place, "endpoint", name, settings.endpoints)
    elif settings.endpoints[name].kind != kind:
        yield place, f"expected a {kind} endpoint, but [endpoint.{name}] is {settings.endpoints[name].kind}"


def _exists(
    place: tuple[str, ...], section: str, name: str, known: Mapping[str, object]
) -> Iterator[Problem]:
    if name not in known:
        near = get_close_matches(name, list(known), n=1, cutoff=0.5) or sorted(known)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        yield place, f"there is no [{section}.{name}]{hint}"

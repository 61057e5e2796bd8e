"""The slices of the small world: each explored on its own to its end."""

from __future__ import annotations

from catalog.retention import Ground
from catalog.states import CheckState, GroupState, ReplicaState
from tests.model import acts
from tests.model.acts import Slice
from tests.model.facts import Terms
from tests.model.world import Copy, Small, Truth, on_disk, on_tape

G = GroupState
_MERGED = (("a", Ground.MERGED, ""), ("b", Ground.MERGED, ""))
_CHUNKS = {"a": on_disk(3), "b": on_disk(3)}
_PASSED = {"check": CheckState.PASSED, "told": True, "merge": 1}
_ARCHIVED = Small(**_CHUNKS, d=on_disk(3), t=on_tape(2, 0), group=G.ARCHIVED, **_PASSED)  # type: ignore[arg-type]
_CHECKED = _ARCHIVED._replace(group=G.CHECKED, t=Copy())
_GONE = Copy(ReplicaState.DELETED, Truth.GONE, ours=True)

SLICES = (
    Slice(
        "merging: from two chunks to a merged file on tape, and their removal",
        Small(**_CHUNKS),  # type: ignore[arg-type]
        _MERGED[:1],
        (acts.merge, acts.settle, acts.archive, acts.compare, acts.buffer, acts.tick, acts.people),
        looked_at=("d", "t"),
    ),
    Slice(
        "merged, with an adversary who spoils two copies at any time",
        _ARCHIVED._replace(strikes=2),
        _MERGED[:1],
        (acts.strike, acts.compare, acts.settle, acts.tick, acts.people),
        looked_at=("a", "t"),
        struck=("a", "d", "t"),
    ),
    Slice(
        "merged, both chunks, with readers who complain",
        _ARCHIVED._replace(strikes=1),
        _MERGED,
        (acts.strike, acts.compare, acts.settle, acts.tick, acts.doubt),
        looked_at=("t",),
        struck=("t",),
    ),
    Slice(
        "a service that says 'on tape' of what is in its buffer",
        _CHECKED._replace(t=Copy(ReplicaState.UNVERIFIED, Truth.BUFFER), strikes=1),
        _MERGED,
        (acts.lying, acts.buffer, acts.settle, acts.tick, acts.strike),
        looked_at=("d", "t"),
        struck=("d",),
    ),
    Slice(
        "a service that tells no checksums of what is on tape, and tapes that spoil",
        _CHECKED._replace(t=Copy(ReplicaState.ARCHIVING, Truth.BUFFER), strikes=1),
        _MERGED,
        (acts.silent_sums, acts.bad_tape, acts.buffer, acts.settle, acts.tick, acts.strike),
        looked_at=("t",),
        struck=("d",),
    ),
    Slice(
        "a merged file that lacks an event: recounts, waivers, another merge",
        _ARCHIVED._replace(lacks=1, told=False),
        _MERGED,
        (acts.recount, acts.settle, acts.tick, acts.people),
        looked_at=("b",),
    ),
    Slice(
        "a cross-check that fails later, and nobody knows in which part",
        _ARCHIVED._replace(lacks=1, check=CheckState.FAILED),
        _MERGED,
        (acts.settle, acts.tick),
    ),
    Slice(
        "logs, which nobody counts, made from one of two files",
        _ARCHIVED._replace(lacks=2, told=None),
        _MERGED,
        (acts.settle, acts.tick),
        Terms(counted=False),
    ),
    Slice(
        "logs whose difference was waived",
        _ARCHIVED._replace(check=CheckState.WAIVED, waiver=True, told=None),
        _MERGED[:1],
        (acts.waiver_void, acts.settle, acts.tick),
        Terms(counted=False),
    ),
    Slice(
        "readers, leases, pins and transfers; holds and freezes",
        _ARCHIVED,
        _MERGED[:1],
        (acts.needing("jobs", "leases", "pins", "requests"), acts.keeping, acts.tick, acts.people),
        looked_at=("a",),
    ),
    Slice(
        "the other merge of the run, and a chunk that was not processed",
        _ARCHIVED._replace(sibling=True, unprocessed=True),
        _MERGED[:1],
        (acts.the_rest, acts.tick),
    ),
    Slice(
        "a product whose inputs are kept by the settings",
        _ARCHIVED,
        _MERGED[:1],
        (acts.tick,),
        Terms(released=False),
    ),
    Slice(
        "another entry of the catalogue at the same place",
        _ARCHIVED._replace(namesake=True),
        _MERGED[:1],
        (acts.tick,),
    ),
    Slice(
        "a merged file on disk that has its time there behind it",
        _ARCHIVED._replace(a=_GONE, b=_GONE, group=G.CLEANED, strikes=1),
        (("d", Ground.ON_TAPE, ""), ("t", Ground.ON_TAPE, "")),
        (acts.strike, acts.compare, acts.settle, acts.tick, acts.doubt, acts.people),
        looked_at=("d", "t"),
    ),
    Slice(
        "the same, of a merge that turns out to lack an event",
        _ARCHIVED._replace(lacks=1, told=False),
        (("d", Ground.ON_TAPE, ""),),
        (acts.recount, acts.settle, acts.tick),
    ),
    Slice(
        "the same, of a file that another merge still needs",
        _ARCHIVED,
        (("d", Ground.ON_TAPE, ""),),
        (acts.tick,),
        Terms(chain=G.MERGING),
    ),
    Slice(
        "a tape endpoint that is the disk by another name",
        _ARCHIVED._replace(a=_GONE, b=_GONE, group=G.CLEANED),
        (("d", Ground.ON_TAPE, ""),),
        (acts.compare, acts.tick),
        Terms(alias=True),
        looked_at=("d", "t"),
    ),
    Slice(
        "one of two copies on disk, and one on tape, that a person or nobody wants away",
        _ARCHIVED._replace(a=_GONE, b=_GONE, e=on_disk(3), t=Copy(), group=G.CHECKED, strikes=1),
        (
            ("d", Ground.SPARE, "shift"),
            ("e", Ground.SPARE, "shift"),
            ("d", Ground.SPARE, ""),
        ),
        (acts.strike, acts.compare, acts.doubt, acts.tick),
        looked_at=("d", "e"),
        struck=("e",),
    ),
    Slice(
        "a copy on tape as a spare one",
        _ARCHIVED._replace(a=_GONE, b=_GONE, group=G.CLEANED, strikes=1),
        (("t", Ground.SPARE, "shift"),),
        (acts.strike, acts.compare, acts.doubt, acts.tick),
        looked_at=("d", "t"),
        struck=("d",),
    ),
    Slice(
        "a copy of which a service said that it is bad, which may be a lie",
        _ARCHIVED._replace(a=_GONE, b=_GONE, group=G.CLEANED, strikes=2),
        (("d", Ground.BAD, "shift"), ("d", Ground.BAD, "")),
        (acts.slander, acts.strike, acts.compare, acts.tick),
        looked_at=("d", "t"),
        struck=("t",),
    ),
    Slice(
        "the same, with another copy on disk instead of one on tape",
        _ARCHIVED._replace(a=_GONE, b=_GONE, e=on_disk(3), t=Copy(), group=G.CHECKED, strikes=2),
        (("d", Ground.BAD, "shift"),),
        (acts.slander, acts.strike, acts.compare, acts.doubt, acts.tick),
        looked_at=("d", "e"),
        struck=("e",),
    ),
    Slice(
        "a loss that a person accepts, or nobody",
        Small(**_CHUNKS),  # type: ignore[arg-type]
        (("a", Ground.LOSS, "shift"), ("a", Ground.LOSS, "")),
        (acts.the_rest, acts.tick),
    ),
    Slice(
        "a final file that was merged on, and has no copy on tape itself",
        _CHECKED._replace(a=_GONE, b=_GONE),
        (("d", Ground.MERGED, ""),),
        (acts.tick,),
        Terms(chain=G.ARCHIVED),
    ),
    Slice(
        "a copy to tape that failed: withdrawn without a certificate",
        _CHECKED._replace(d=on_disk(0), t=Copy(ReplicaState.TRASHED, Truth.BAD)),
        (("t", Ground.BAD, "shift"),),
        (acts.tick,),
        looked_at=("t",),
    ),
)

DEAF = Slice(
    "a tape that spoils, and a flow that only writes down what the service says of it",
    _ARCHIVED._replace(strikes=2),
    _MERGED[:1],
    (acts.strike, acts.compare, acts.settle, acts.tick),
    looked_at=("t",),
)
"""For the guard that looks at what evidence says: as long as answers move replicas, it has nothing to do."""

BLIND = Slice(
    "a file whose size and adler32 are lost, and a flow that takes what it cannot compare for good",
    _ARCHIVED._replace(a=_GONE, b=_GONE, e=on_disk(3), t=Copy(), group=G.CHECKED, strikes=1),
    (("d", Ground.SPARE, "shift"),),
    (acts.strike, acts.compare, acts.doubt, acts.tick),
    Terms(numberless=True),
    looked_at=("d", "e"),
    struck=("e",),
)
"""For the guard that wants numbers: as long as nothing is compared with nothing, it has nothing to do."""

FORGOTTEN = Slice(
    "a group that somebody wrote down as archived, and whose merged file nobody knows",
    Small(**_CHUNKS, group=G.ARCHIVED, **_PASSED),  # type: ignore[arg-type]
    _MERGED,
    (acts.tick,),
    Terms(counted=False, forgotten=True),
)

ALIAS = next(one for one in SLICES if one.terms.alias)

"""Every command of ``ddm``, and the words that somebody may give it: for the operator of proof 6.

``{root}`` is the directory of the period, ``{new}`` a name that nothing has yet. ``UNTRIED`` are commands
that are not tried, each with the reason: a new command must be in one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

Words = st.SearchStrategy[list[str]]

RUN, TASK, DATASET = "275678", "P08", "2016/W14"
TAPE, EOS = "/castor/cern.ch/compass/data/2016/", "/eos/experiment/compass/data/2016/dvcs2016P08t1/"
ARCHIVE = f"{TAPE}oracle_dst/dvcs2016P08t1/"
RAW = [f"{TAPE}raw/W14/cdr{chunk}-{RUN}.raw" for chunk in ("11091", "12091")]
CHUNKS = [
    f"{EOS}{name}"
    for chunk in ("11091", "12091")
    for name in (
        f"mDST.chunks/mDST-{RUN}-{chunk}-0-7.root",
        f"TRAFDIC/{RUN}-{chunk}-0.root",
        f"evtdump/slot0/evtdump0-{chunk}-{RUN}.raw",
        f"logFiles/dvcs2016P08t1.{RUN}-{chunk}-0.stdout.gz",
    )
]
MERGED = [
    f"{ARCHIVE}{name}"
    for name in (
        f"mDST/mDST-{RUN}-0-7.root",
        f"histos/histsum-{RUN}-0-7.root",
        f"mergedDump/slot0/evtdump0-{RUN}.raw",
        f"logFiles/dvcs2016P08t1.{RUN}.zip",
    )
]
OWN = [f"{EOS}mDST.chunks/mDST-{RUN}-{chunk}-0-7.root" for chunk in (33333, 44444)]
PRODUCTS = ("mDST", "hist", "evtdump", "logs")
REASON = ["--reason", "a reason"]


def lfns() -> st.SearchStrategy[str]:
    """A file of the period, or a person's own; raw and own ones oftener, as there are few of them."""
    return st.sampled_from([*MERGED, *CHUNKS, *RAW, *RAW, *OWN, *OWN])


def _just(*words: str) -> Words:
    return st.just(list(words))


def _one_of(*values: str) -> Words:
    return st.sampled_from(values).map(lambda value: [value])


def _joined(*parts: Words | str) -> Words:
    """The words of all parts, one behind the other."""
    drawn = [_just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*drawn).map(lambda found: [word for words in found for word in words])


def _maybe(part: Words | str) -> Words:
    return st.one_of(_just(part) if isinstance(part, str) else part, st.just([]))


def _files(most: int = 3) -> Words:
    return st.lists(lfns(), min_size=1, max_size=most, unique=True)


def _number(most: int = 12) -> Words:
    return st.integers(1, most).map(lambda number: [str(number)])


def _numbers(most: int = 12) -> Words:
    return st.lists(st.integers(1, most), min_size=1, max_size=4, unique=True).map(
        lambda found: [str(number) for number in found]
    )


def _option(name: str, values: Words) -> Words:
    return values.map(lambda found: [word for value in found for word in (name, value)])


ENDPOINT = _option("--endpoint", _one_of("disk", "disk2", "tape"))
PRODUCT, YES, WHY = _one_of(*PRODUCTS), _just("--yes"), _just(*REASON)
TYPED = _maybe(_option("--confirm", _number(4)))
HELD = st.one_of(_numbers(), _just("--all"))

VERIFY = ("--budget", "1 TB", "--once")

COMMANDS: Mapping[str, Words] = {
    # looking
    "doctor": _just(),
    "endpoint list": _just(),
    "endpoint choose": _just("--size", "1 GB"),
    "db check": _just(),
    "dataset show": _just(DATASET),
    "dataset history": _just(DATASET),
    "dataset tree": _just(DATASET),
    "group show": _just(),
    "meta keys": _just(),
    "meta show": _files(1),
    "file show": _files(1),
    "file where": _files(1),
    "file find": _just("product=raw"),
    "file history": _files(1),
    "file parents": _files(1),
    "file children": _files(1),
    "run list": _just(),
    "history": _just(),
    "events asks": _just(),
    "events differ": _just(),
    "events ranges": _just(),
    "flow status": _just(),
    "explain": st.one_of(_files(1), _just(RUN), _joined("delete", _files(1))),
    "stage status": _just(),
    "stage show": _just("again"),
    "stage missing": _just("again"),
    "stage ready": _just("again"),
    "stage leaks": _just(),
    "stage wait": _just("again", "--timeout", "1 s"),
    "job list": _just(),
    "job show": _number(),
    "job split": _just(DATASET, "--files", "1", "--output", "{root}/{new}"),
    "merge show": _just(RUN),
    "merge plan": _just(RUN),
    "merge stale": _just(),
    "merge manifest": _joined(_number(), "--output", "{root}/{new}"),
    "check show": _just(),
    "check explain": _joined(RUN, PRODUCT),
    "check waivers": _just(),
    "check sample": _joined(_just("--fraction", "1"), _maybe("--recall"), _maybe("--from-tape")),
    "gap list": _just(),
    "carry plan": _joined(_files(), "--to", _one_of("disk2"), "--output", "{root}/{new}"),
    "leftovers": _joined("{root}/disk", _maybe("--remove"), YES),
    "archive status": _just(),
    "archive show": _files(),
    "archive verify": _files(),
    "log list": _just(RUN),
    "log index": _files(1),
    "log show": _just(RUN, "11091"),
    "report period": _joined("P08", _maybe(_just("--output", "{root}/{new}.json"))),
    "report check": _just("{root}/{new}.json"),
    "trash list": _just(),
    "trash plans": _maybe(_number(3)),
    "hold list": _just(),
    "reconcile scans": _just(),
    "reconcile scan": _joined(_one_of("disk", "disk2"), _maybe("--anew")),
    "reconcile report": _maybe(_just("--out", "{root}/{new}.html")),
    "reconcile disbelieve": _joined(_number(3), WHY),
    "reconcile compare": _joined(_maybe("--again"), _maybe(_joined("--accept", "disk", WHY))),
    "reconcile comparisons": _just(),
    "reconcile show": _just(),
    "reconcile explain": _files(1),
    "reconcile verify": st.one_of(
        _joined(
            _one_of("--all", "--sample=50%"), "--how", _one_of("asked", "read"), _maybe(ENDPOINT), *VERIFY
        ),
        _just("--status"),
        _joined("--go-on", _number(3), "--once", WHY),
    ),
    "reconcile plans": _maybe(_number(2)),
    "reconcile counts": _just("--run", RUN),
    "ls": _one_of("disk:/", "tape:/", "disk2:/"),
    "checksum": _just("{root}/ddm.toml"),
    "get": _joined(_files(), "--dir", "{root}/{new}"),
    # registering, and what changes what is known
    "put": st.one_of(
        _joined("{root}/ddm.toml", _files(1), ENDPOINT),
        _joined(
            "{root}/own.root",
            st.sampled_from(OWN).map(lambda one: [one]),
            ENDPOINT,
            _just("--dataset", "other/mDST"),
        ),
    ),
    "copy": _joined(
        "{root}/ddm.toml", _one_of("disk:", "disk2:").map(lambda found: [f"{found[0]}{MERGED[0]}"])
    ),
    "file register": _joined(
        _one_of("{root}/raw.csv", "{root}/own.csv"),
        _option("--dataset", _one_of(DATASET, "other/mDST")),
        ENDPOINT,
    ),
    "file complete": ENDPOINT,
    "file compare": _joined(_files(), WHY),
    "dataset add": _one_of("other", "third"),
    "dataset close": _one_of(DATASET, "other"),
    "dataset reopen": _joined(_one_of(DATASET, "other"), WHY),
    "dataset define": _joined(DATASET, RUN, WHY),
    "dataset version": _joined(_one_of(DATASET, f"{TASK}/mDST"), WHY),
    "dataset attach": _joined(_one_of("other", DATASET), _one_of("third", DATASET), WHY),
    "dataset detach": _joined(_one_of("other", DATASET), _one_of("third", DATASET), WHY),
    "dataset own": _joined(DATASET, _one_of("--nobody", "people"), WHY),
    "dataset set": _joined(DATASET, "colour=blue", WHY),
    "dataset unset": _joined(DATASET, "colour", WHY),
    "group add": _just("people"),
    "group change": _joined("people", "--join", "somebody", WHY),
    "meta define": _just("colour", "text"),
    "meta set": _joined(_files(1), "colour=blue", WHY),
    "meta unset": _joined(_files(1), "colour", WHY),
    "events fill": _just(),
    "events again": _joined("--all", WHY),
    "events split": _joined(_files(1), "--task", TASK, "--parts", "2"),
    "events reassign": _just(),
    "events resume": _joined("--all", WHY),
    # the flow, and what a person decides of it
    "flow once": _just(),
    "flow run": _just(),
    "stage request": _joined(_files(), "--name", "again", WHY, YES),
    "stage release": _joined("again", WHY),
    "stage renew": _just("again", "--for", "7d"),
    "stage cancel": _joined("again", WHY, YES),
    "stage accept-missing": _joined("again", WHY, YES),
    "stage give-up": _joined(_numbers(), WHY, YES),
    "stage resume": _joined(HELD, WHY),
    "job cancel": _joined(_numbers(), WHY, YES),
    "job resume": _joined(HELD, WHY),
    "merge again": _joined(_numbers(6), WHY, YES),
    "merge void": _joined(_numbers(6), WHY, YES),
    "merge revise": _joined(RUN, "--product", PRODUCT, WHY, YES),
    "merge flush": _joined(RUN, "--product", PRODUCT, WHY, YES),
    "check waive": _joined(RUN, PRODUCT, WHY, YES),
    "check repair": _joined(RUN, PRODUCT, WHY, YES),
    "check take": _just("{root}/{new}"),
    "gap add": _joined(st.sampled_from(RAW).map(lambda one: [one]), "--approver", "P. Q.", WHY, YES),
    "carry arrived": _just("{root}/{new}"),
    "archive resume": _joined(HELD, WHY),
    # the catalogue itself
    "db create": _just(),
    "db upgrade": _just(),
    "db vacuum": _just(),
    "db backup": _one_of("{root}/one.db", "{root}/two.db"),
    "db restore": _joined(_one_of("{root}/one.db", "{root}/two.db"), _maybe("--replace")),
    "db export": _just("{root}/parquet"),
    "db import": _joined("{root}/parquet", _maybe(_just("--into", "{root}/{new}.db"))),
    "db move": _just("{root}/{new}.db"),
    # releasing
    "trash plan": _joined(
        _maybe(_option("--ground", _one_of("merged", "on-tape"))), _maybe(ENDPOINT), _maybe("--neighbours")
    ),
    "reconcile plan": _just("--out", "{root}/repair.txt"),
    "reconcile sign": _joined("{root}/repair.txt", _maybe(YES)),
    "reconcile apply": _joined("{root}/repair.txt", YES),
    "reconcile resume": _joined(_number(2), WHY),
    "reconcile cancel": _joined(_number(2), WHY),
    "reconcile tidy": _joined(_maybe(_just("--keep", "1", "--older", "1s")), _maybe(YES)),
    "trash empty": _joined(_maybe(_option("--plan", _number(3))), YES, TYPED),
    "trash cancel": _joined(_number(3), WHY),
    "trash add": _joined(_files(4), _maybe(ENDPOINT), WHY, YES, TYPED),
    "trash restore": _joined(_files(), WHY),
    "trash resume": _joined(st.one_of(HELD, _option("--plan", _number(3))), WHY),
    "trash freeze": _joined(st.one_of(_just(), ENDPOINT, _just("--task", TASK)), WHY),
    "trash thaw": _joined(st.one_of(_just("--all"), _number(3)), WHY),
    "certificate list": _just(),
    "certificate show": _files(1),
    "certificate verify": st.one_of(_files(1), _just("--all")),
    "task list": _just(),
    "task cleanup": _joined(TASK, WHY, _maybe(YES)),
    "endpoint pressure": _joined(
        _one_of("disk", "disk2"), _maybe(_just("--high", "1 kB", "--low", "1 B")), _maybe(YES)
    ),
    "hold add": _joined(st.one_of(_files(), _just("--run", RUN)), WHY),
    "hold lift": _joined(_numbers(3), WHY, YES),
}
"""The words behind each command."""

UNTRIED: Mapping[str, str] = {
    "demo": "makes a period of its own in a new directory",
    "init": "writes a new file, and refuses one that is there",
    "completion": "prints a script",
    "db import-prodsys": "needs a ProdSys database; what it registers is compared before it counts",
    "carry check": "runs at the other site, without a catalogue, and writes a report",
    "reconcile catalogues raw": "reads a list of another catalogue, and changes nothing",
    "reconcile catalogues prodsys": "reads another database, and changes nothing",
    "reconcile catalogues rucio": "reads another catalogue, and changes nothing",
    "carry outputs": "runs at the other site, without a catalogue, and writes a list",
    "merge run": "a job on a worker node, without a catalogue: it writes to a path of its own attempt",
    "check run": "a job on a worker node, without a catalogue: it reads",
    "stage-in": "a job on a worker node, without a catalogue: it reads",
    "stage-out": "a job on a worker node, without a catalogue: it never overwrites",
}
"""Commands that are not tried, and why."""

RELEASING = (
    "trash add", "trash restore", "trash thaw", "hold lift", "stage release", "merge again", "merge void",
    "merge revise", "check waive", "check repair", "gap add", "task cleanup", "endpoint pressure",
)  # fmt: skip

BELIEVED = (
    "put", "file register", "file complete", "file compare", "events again", "stage request",
    "archive verify", "check sample", "db backup", "db restore", "db import", "dataset reopen",
)  # fmt: skip


def _of(name: str) -> Words:
    return COMMANDS[name].map(lambda words: [*name.split(), *words])


def any_command() -> Words:
    """Any command at all, with words of its own."""
    return st.sampled_from(sorted(COMMANDS)).flatmap(_of)


def releasing() -> Words:
    """A command that has to do with withdrawing, removing and bringing back, or with what is in its way."""
    return st.sampled_from(RELEASING).flatmap(_of)


def believed() -> Words:
    """A command that changes what the catalogue believes to be where."""
    return st.sampled_from(BELIEVED).flatmap(_of)

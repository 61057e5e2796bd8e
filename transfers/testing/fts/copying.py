"""One copy, as the transfer agents of both generations do it: existing destinations, checksums, leftovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.checksum import Adler32
from transfers.model import CopyOrder, Done, Failed, Observed
from transfers.ports import Storage
from transfers.testing.fts import texts
from transfers.testing.fts.model import FileRecord, Generation
from transfers.testing.fts.storages import Storages


@dataclass(frozen=True, slots=True)
class Copied:
    """How a copy ended: with a reason when it failed, and the size of the source. ``moved``: bytes were."""

    reason: str = ""
    size: int | None = None
    report: Mapping[str, object] | None = None
    moved: bool = False


def copy(
    file: FileRecord, params: Mapping[str, object], storages: Storages, generation: Generation
) -> Copied:
    """Make the copy. Never overwrites here, whatever the parameters: nobody of ours asks for that."""
    source, target = storages.locate(file.source), storages.locate(file.destination)
    if source is None or target is None:
        return Copied("SOURCE [2] No such storage")
    seen = source[0].prober.probe([source[1]])[source[1]]
    if not isinstance(seen, Observed):
        return Copied(texts.source(seen) if isinstance(seen, Failed) else "SOURCE [5] Input/output error")
    there = target[0].prober.probe([target[1]])[target[1]]
    if isinstance(there, Observed):
        report = _report(there) if params.get("dst_file_report") else None
        return Copied(texts.DESTINATION_EXISTS, report=report)
    return _checked(file, params, generation, seen, target)


def _checked(
    file: FileRecord,
    params: Mapping[str, object],
    generation: Generation,
    seen: Observed,
    target: tuple[Storage, str],
) -> Copied:
    algorithm, _, value = (file.checksum or "").partition(":")
    mode = _mode(params.get("verify_checksum"), file.checksum)
    there = str(seen.adler32)
    old = generation is Generation.V3_13
    if mode != "none" and algorithm.upper() not in ("", "ADLER32"):
        return Copied(texts.no_algorithm(generation, algorithm), seen.size)
    wrong = bool(value) and not _equal(value, seen.adler32)
    if wrong and not old and mode in ("both", "source"):
        return Copied(texts.wrong_checksum(generation, "SOURCE", value, there), seen.size)
    store, path = target
    order = CopyOrder(path, file.source, seen.size, seen.adler32 or Adler32(0))
    outcome = store.copier.copy([order])[path]
    if not isinstance(outcome, Done):
        return Copied(
            texts.copying(outcome) if isinstance(outcome, Failed) else "TRANSFER [110] Connection timed out"
        )
    if mode == "target" and not value and old:
        return Copied(texts.VALUE_REQUIRED, seen.size, moved=True)  # with the whole copy left behind
    if wrong and mode in ("both", "target"):
        store.remover.remove([path])
        text = texts.wrong_checksum(generation, "DESTINATION", value, there)
        return Copied(text, seen.size, moved=True)
    return Copied(size=seen.size, moved=True)  # of a wrong value, 3.13 with the mode "source" sees nothing


def _mode(verify: object, checksum: str | None) -> str:
    """The mode of comparison, with the defaults of the server."""
    if verify is True:
        return "both"
    if isinstance(verify, str):
        return verify
    return "target" if checksum else "none"


def _equal(value: str, there: Adler32 | None) -> bool:
    try:
        return Adler32.parse(value) == there
    except ValueError:
        return False


def _report(there: Observed) -> dict[str, object]:
    """What ``dst_file_report`` adds to the file's metadata."""
    return {
        "file_size": there.size,
        "checksum_type": "ADLER32",
        "checksum_value": str(there.adler32) if there.adler32 is not None else "",
        "file_on_tape": there.locality.on_tape,
        "file_on_disk": there.locality.readable,
    }

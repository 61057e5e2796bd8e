"""Reader of ``cta-admin --json tapefile ls`` (and of ``eos --json find --fileinfo``): arrays of objects.

CTA prints an array on one line, as long as there are files, or with ``--jsonl`` one object a line. Its
numbers are text, names are as in its protocol: ``af.size``, ``af.checksum``, ``df.path``, ``tf.vid``. Newer
versions do not say the path any more, and a file without a name is refused: list the namespace then.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from catalog.checksum import Adler32
from catalog.errors import BadInput
from ddm.sources.lines import MAX_LINE, blocks
from ddm.sources.rows import NO_META, Entry, Refused, Row, checksum, number, short, too_much
from ddm.sources.tables import once

NO_PATH = (
    "CTA says no path of this file: list with --lookupnamespace, or list the namespace with "
    "'eos find -f --size --checksum DIR'"
)
_DECODER = json.JSONDecoder(object_pairs_hook=once)


def objects(stream: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON array, or one after the other; only one is held at a time. Raises BadInput."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    text, count = "", 0
    pieces = blocks(stream, name)
    more = True
    while more:
        block = next(pieces, b"")
        more = bool(block)
        try:
            text += decoder.decode(block, final=not more)
        except UnicodeDecodeError as error:
            raise BadInput(f"not text in UTF-8: {error.reason}", subject=f"{name}:{count + 1}") from None
        place = 0
        while True:
            begin = _begin(text, place)
            if begin == len(text):
                break
            if text[begin] != "{":
                raise BadInput(
                    f"not JSON: an object is expected, not {short(text[begin : begin + 40])}",
                    subject=f"{name}:{count + 1}",
                )
            try:
                found, place = _DECODER.raw_decode(text, begin)
            except (ValueError, RecursionError) as error:
                if len(text) - begin > MAX_LINE:
                    raise too_much(name, count + 1, MAX_LINE) from None
                if not more:
                    raise BadInput(f"not JSON, or cut off: {error}", subject=f"{name}:{count + 1}") from None
                break
            count += 1
            yield found
        text = text[begin:]


_BETWEEN = "[], \t\r\n"


def _begin(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BETWEEN:
        place += 1
    return place


def cta(stream: BinaryIO, source: str) -> Iterator[Entry]:
    """The tape files; the first copy of each also says on which tape it is, and where."""
    source += ":object"
    for count, found in enumerate(objects(stream, source), 1):
        try:
            yield _row(source, count, found)
        except ValueError as error:
            yield Refused(source, count, _value(found), str(error))


def _row(source: str, count: int, found: Mapping[str, Any]) -> Row:
    if "af" not in found and "path" in found:
        return _eos_row(source, count, found)
    archive, disk, tape = (_part(found, name) for name in ("af", "df", "tf"))
    path = disk.get("path")
    if not path or not isinstance(path, str):
        raise ValueError(NO_PATH)
    size = number(archive.get("size"), "size")
    if size is None:
        raise ValueError("size: missing")
    return Row(source, count, path, size, _adler(archive.get("checksum")), meta=_tape(tape, archive))


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    if not isinstance(part, dict):
        raise ValueError(f"not an object of 'cta-admin --json tapefile ls': {name} is missing")
    return part


def _adler(sums: Any) -> Adler32 | None:
    """The adler32 among the checksums; CTA knows files without one."""
    for entry in sums if isinstance(sums, list) else []:
        if isinstance(entry, dict) and str(entry.get("type")).upper() == "ADLER32":
            text = entry.get("value")
            return None if text in ("", "0") else checksum(text.lower() if isinstance(text, str) else text)
    return None


def _tape(tape: Mapping[str, Any], archive: Mapping[str, Any]) -> Mapping[str, Any]:
    if number(tape.get("copyNb"), "copyNb") != 1:
        return NO_META
    said = {
        "cta.vid": tape.get("vid"),
        "cta.fseq": number(tape.get("fSeq"), "fSeq"),
        "cta.archive_id": number(archive.get("archiveId"), "archiveId"),
    }
    return {key: value for key, value in said.items() if value not in (None, "")}


def _eos_row(source: str, count: int, found: Mapping[str, Any]) -> Row:
    path = found["path"]
    if not isinstance(path, str) or path.endswith("/") or "target" in found:
        raise ValueError("not a file: list with 'eos --json find -f --fileinfo DIR'")
    value = found.get("checksumvalue")
    ours = found.get("checksumtype", "adler") in ("adler", "adler32") and value not in ("", "0", "none", None)
    return Row(source, count, path, number(found.get("size"), "size"), checksum(value) if ours else None)


def _value(found: Mapping[str, Any]) -> str:
    disk = found.get("df")
    path = disk.get("path") or disk.get("diskId") if isinstance(disk, dict) else found.get("path")
    return str(path or "")

"""Readers of what storage services and ``find`` list. A directory is no file and is passed over.

Formats as the programs print them: ``xrdfs`` (XrdClFS.cc, DoLS, of XRootD 4 to 6), ``eos find`` and
``eos newfind`` (mgm/proc/user/Find.cc and NewfindCmd.cc of EOS 4 and 5), GNU find. A listing in which a name
could be read in two ways is refused there: no name is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from catalog.checksum import Adler32
from ddm.sources.rows import Entry, Refused, Row, checksum, number, short

_XRDFS = re.compile(
    r"-(?:[r-][w-][x-]){1,3}"
    r"(?:(?P<before> [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) +(?P<old>[0-9]{1,19}) "
    r"| +\S+ +\S+ +(?P<size>[0-9]{1,19})(?: +(?P<sum>[^ ]+))?"
    r" [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} )"
    r"(?P<path>(?:[a-z]+:/)?/.*)",
    re.ASCII | re.DOTALL,
)
_HUMAN = re.compile(r"-[rwx-]{3,9} .* [0-9.]+ ?[kKMGTPE]i?B? ")
_XRDFS_UNKNOWN = "---- 0000-00-00 00:00:00"


def xrdfs(lines: Iterable[str], source: str) -> Iterator[Entry]:
    """``xrdfs HOST ls -l -R DIR``; with ``-C`` the checksums too, with ``-u`` URLs instead of paths."""
    for line, text in enumerate(lines, 1):
        if not text or text.startswith("d"):
            continue
        found = _XRDFS.fullmatch(text)
        if found is None:
            yield Refused(source, line, text, _why_not_xrdfs(text))
            continue
        try:
            size = number(found["size"] or found["old"], "size")
        except ValueError as error:
            yield Refused(source, line, found["path"], str(error))
            continue
        yield Row(source, line, found["path"], size, _adler_or_none(found["sum"]))


def _why_not_xrdfs(text: str) -> str:
    if text.startswith("/"):
        return "a path only, which may be a directory: list with 'ls -l -R'"
    if text.startswith(_XRDFS_UNKNOWN):
        return "the server did not say what this is: list again"
    if _HUMAN.match(text):
        return "a rounded size: list without -h"
    return "not a line of 'xrdfs HOST ls -l -R DIR'"


def _adler_or_none(text: str | None) -> Adler32 | None:
    """The checksum of a listing, if it is one of ours; of another algorithm it is none."""
    try:
        return checksum(text.lower()) if text else None
    except ValueError:
        return None


# ------------------------------------------------------------------------------------ EOS
_KEYLENGTH = re.compile(r"keylength\.file=([0-9]{1,4}) file=", re.ASCII)
_TOKEN = re.compile(r"([A-Za-z][A-Za-z0-9_.]*)=(\S*)", re.ASCII)
_QUOTED = re.compile(r'path="(?P<path>[^"]*)"(?P<rest>.*)', re.DOTALL)
_ATTRIBUTE = re.compile(r'\battr\.[^=\s]+="[^"]*"|\btarget="[^"]*"')
_UNSET = ("", "0", "none", "00000000")


def eos(lines: Iterable[str], source: str) -> Iterator[Entry]:
    """``eos find -f`` or ``eos newfind -f`` with ``--size --checksum``, ``--fileinfo`` or ``--format``.

    A checksum of eight digits is an adler32, unless the listing says of which type it is.
    """
    keys: frozenset[str] | None = None
    for line, text in enumerate(lines, 1):
        if not text or text.startswith("#"):
            continue
        try:
            path, said = _eos_line(text)
            if path is None:
                continue
            row = _eos_row(source, line, path, said)
        except ValueError as error:
            yield Refused(source, line, text, str(error))
            continue
        # A name may hold " size=5" itself: then its line says more than the others.
        keys = keys or frozenset(said)
        if keys != frozenset(said):
            yield Refused(source, line, text, f"says {_listed(said)}, the lines before {_listed(keys)}")
            continue
        yield row


def _listed(keys: Iterable[str]) -> str:
    return " ".join(sorted(keys)) or "nothing but a path"


def _eos_line(text: str) -> tuple[str | None, Mapping[str, str]]:
    """Path and what is said of it; no path: a directory. Raises ValueError."""
    if found := _KEYLENGTH.match(text):
        end = found.end()
        path = text.encode()[end : end + int(found[1])].decode(errors="strict")
        rest = text[end + len(path) :]
        wanted = {key: value for key, value in _TOKEN.findall(rest) if key in ("size", "xs", "xstype")}
        if not rest.startswith(" ") or "size" not in wanted:
            raise ValueError("not a line of 'eos find --fileinfo'")
        if " target=" in rest:
            raise ValueError("a symbolic link, not a file")
        return path, {
            "size": wanted["size"],
            "checksum": wanted.get("xs", ""),
            "type": wanted.get("xstype", ""),
        }
    if text.startswith("keylength."):
        return None, {}  # of a directory
    if quoted := _QUOTED.fullmatch(text):
        return _eos_tokens(quoted["path"], _ATTRIBUTE.sub("", quoted["rest"]), 'target="' in quoted["rest"])
    path, _, rest = text.removeprefix("path=").partition(" ")
    if rest.startswith("-> "):
        raise ValueError("a symbolic link, not a file")
    return _eos_tokens(path, rest, False)


def _eos_tokens(path: str, rest: str, link: bool) -> tuple[str | None, Mapping[str, str]]:
    said: dict[str, str] = {}
    for word in rest.split():
        found = _TOKEN.fullmatch(word)
        if not found or found[1] in said:
            raise ValueError(
                "a name with a space cannot be told from what is said of it; list with --fileinfo"
                if not found
                else f"{found[1]} stands twice"
            )
        said[found[1]] = found[2]
    if said.get("type") == "symlink" or link:
        raise ValueError("a symbolic link, not a file")
    if path.endswith("/") or said.pop("type", "file") != "file" or "ndirs" in said:
        return None, {}
    if "checksumtype" in said:
        said["type"] = said.pop("checksumtype")
    return path, said


def _eos_row(source: str, line: int, path: str, said: Mapping[str, str]) -> Row:
    found, kind = said.get("checksum", ""), said.get("type", "adler")
    other = kind not in ("adler", "adler32") or (len(found) > 8 and "type" not in said)
    sum_ = None if other or found in _UNSET else checksum(found.lower(), "checksum")
    return Row(source, line, path, number(said.get("size"), "size"), sum_)


# ----------------------------------------------------------------------------------- find
_FIND = re.compile(r"([0-9]{1,19}) (/.*)", re.ASCII | re.DOTALL)


def find(lines: Iterable[str], source: str) -> Iterator[Entry]:
    r"""``find DIR -type f -printf '%s /%P\0'``; with ``\n`` instead if no name has a line break."""
    for line, text in enumerate(lines, 1):
        if not text:
            continue
        found = _FIND.fullmatch(text)
        if found is None:
            yield Refused(source, line, text, rf"not a line of find -printf '%s /%P\0': {short(text, 40)}")
            continue
        try:
            yield Row(source, line, found[2], number(found[1], "size"))
        except ValueError as error:
            yield Refused(source, line, text, str(error))

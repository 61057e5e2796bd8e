"""Reading a dump of ``mysqldump`` or ``mariadb-dump``, plain or gzipped, in constant memory.

What is understood: extended and single inserts, column lists, ``INSERT IGNORE`` and ``REPLACE``, backslash
and doubled-quote escapes, NULL, numbers, hexadecimal and bit literals, introducers (``_binary 'x'``), quoted
and ANSI identifiers, ``SET NAMES``, comments, ``DELIMITER`` blocks. Statements about other things are skipped
with respect for quotes. What is held at once is one block of the file and one row.

Rules
1. a dump whose last statement is cut, or that began with mysqldump's heading and lacks its last line, is
   truncated: an error, never the end;
2. a row that has another number of values than its table has columns is an error;
3. a value is int, text or None; what is no text in the dump's encoding keeps its bytes as surrogates, which
   no name may contain.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NoReturn

from catalog.errors import BadInput

Value = str | int | None
Row = tuple[Value, ...]

BLOCK = 1 << 20
LONGEST = 64 << 20  # bytes of one row, or of one token of a statement that is skipped
HEADING = re.compile(rb"--\s+(?:MySQL|MariaDB) dump\b", re.IGNORECASE)
ENDING = b"-- Dump completed"

_SPACE = re.compile(rb"[ \t\r\n]*+")
_TEXT = rb"(?:_[A-Za-z0-9]++[ \t]*+|[xXbBnN](?='))?'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'"
_VALUE = _TEXT + rb"|[A-Za-z0-9_.+-]++"
_GAP = rb"[ \t\r\n]*+"
_ANY_ROW = re.compile(rb"\((?:" + _VALUE + rb"|[ \t\r\n,])*+\)" + _GAP + rb"([,;])", re.DOTALL)
_NAME = rb"(?:`((?:[^`]|``)+)`|\"((?:[^\"]|\"\")+)\"|([A-Za-z0-9_$]+))"
_INSERT = re.compile(
    rb"(?:INSERT(?:\s+(?:IGNORE|DELAYED|LOW_PRIORITY|HIGH_PRIORITY))*|REPLACE)\s+INTO\s+"
    rb"(?:" + _NAME + rb"\s*\.\s*)?" + _NAME + rb"\s*(\((?:[^()'])*\))?\s*VALUES?\s*(?=\()",
    re.IGNORECASE,
)
_CREATE = re.compile(rb"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?" + _NAME + rb"\s*\(", re.IGNORECASE)
_COLUMN = re.compile(rb"^\s*(?:`((?:[^`]|``)+)`|\"((?:[^\"]|\"\")+)\")()\s+\w", re.MULTILINE)
_LISTED = re.compile(_NAME)
_NAMES = re.compile(rb"SET\s+NAMES\s+'?(\w+)", re.IGNORECASE)
_SKIP = re.compile(
    rb"(?:[^'\"`;]++|'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\"|`[^`]*+`)*+", re.DOTALL
)
_STARTS = (
    b"--", b"#", b"/*", b"INSERT", b"REPLACE", b"CREATE", b"DROP", b"SET", b"USE", b"LOCK", b"UNLOCK",
    b"DELIMITER", b"ALTER", b"START", b"BEGIN", b"COMMIT", b"DELETE", b"TRUNCATE", b"MYSQLDUMP:",
    b"MARIADB-DUMP:",
)  # fmt: skip
_CODECS = {"latin1": "cp1252", "ascii": "ascii"}
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def rows(path: Path, table: str, wanted: Sequence[str], needed: Sequence[str] = ()) -> Iterator[Row]:
    """The wanted columns of every row of the table, in the order of the file; None for one it does not have.

    Raises BadInput naming file and byte, also if the dump has no such table or that lacks a needed column.
    """
    with _opened(path) as stream:
        reader = _Reader(stream, path, table, wanted, needed)
        yield from reader.read()
        if not reader.seen:
            raise BadInput(f"the dump holds no table {table}; is it one of ProdSys?", subject=str(path))


def _opened(path: Path) -> BinaryIO:
    try:
        with open(path, "rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rb") if packed else open(path, "rb")  # type: ignore[return-value]
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(path)) from None


class _Reader:
    """One pass over a dump. ``_buffer[_at:]`` is what was read and not yet understood."""

    def __init__(
        self, stream: BinaryIO, path: Path, table: str, wanted: Sequence[str], needed: Sequence[str]
    ) -> None:
        self._stream, self._path = stream, path
        self._table, self._wanted, self._needed = table, tuple(wanted), needed
        self._columns: Sequence[str] = ()
        self.seen = False
        self._buffer, self._at, self._before = b"", 0, 0  # _before: bytes dropped from the buffer
        self._codec = "utf-8"
        self._over = self._headed = self._ended = False

    def fail(self, what: str) -> NoReturn:
        raise BadInput(what, subject=f"{self._path}, byte {self._before + self._at}")

    # ------------------------------------------------------------------ bytes
    def _more(self) -> bool:
        """Read on; what is understood is dropped. False at the end of the file."""
        if self._over:
            return False
        held = len(self._buffer) - self._at
        try:
            block = self._stream.read(max(BLOCK, held))  # doubles, so that a long row is not tried too often
        except (OSError, EOFError, zlib.error) as error:
            self.fail(f"cannot be read on, a cut or damaged file? {error}")
        if not block:
            self._over = True
            return False
        if held > LONGEST:
            self.fail(f"more than {LONGEST >> 20} MiB without the end of a row or of a text; not a dump?")
        self._before += self._at
        self._buffer, self._at = self._buffer[self._at :] + block, 0
        return True

    def _spaces(self) -> bool:
        """Go to the next byte that is no space. False at the end of the file."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def _line(self) -> bytes:
        """Take the rest of the line."""
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            if not self._more():
                end = len(self._buffer)
                break
        line = self._buffer[self._at : end]
        self._at = min(end + 1, len(self._buffer))
        return line

    # ------------------------------------------------------------- statements
    def read(self) -> Iterator[Row]:
        self._look_at_the_beginning()
        while self._spaces():
            while len(self._buffer) - self._at < 4096 and self._more():
                pass
            head = self._buffer[self._at : self._at + 9].upper()
            if head.startswith(
                (b"--", b"#", b"MYSQLDUMP", b"MARIADB-D")
            ):  # the last two: a warning of theirs
                line = self._line()
                self._headed = self._headed or bool(HEADING.match(line))
                self._ended = line.startswith(ENDING)
            elif head.startswith(b"/*"):
                self._comment()
            elif head.startswith(b"DELIMITER"):
                self._delimited()
            elif head.startswith((b"INSERT", b"REPLACE")):
                yield from self._insert()
            elif head.startswith(b"CREATE") and (found := _CREATE.match(self._buffer, self._at)):
                self._create(found)
            else:
                self._skip()
        if self._headed and not self._ended:
            self.fail("the dump is cut: its last line, '-- Dump completed', is missing")

    def _look_at_the_beginning(self) -> None:
        while len(self._buffer) < 4096 and self._more():
            pass
        if self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at += 3
        self._spaces()
        start = self._buffer[self._at : self._at + 16].upper()
        if not start.startswith(_STARTS):
            self.fail("not a dump in SQL of mysqldump or mariadb-dump")

    def _comment(self) -> None:
        while (end := self._buffer.find(b"*/", self._at + 2)) < 0:
            if not self._more():
                self.fail("the dump is cut in the middle of a comment")
        if found := _NAMES.search(self._buffer, self._at, end):
            name = found[1].decode().lower()
            self._codec = _CODECS.get(name, "utf-8")
        self._at = end + 2

    def _delimited(self) -> None:
        """A trigger or routine: nothing of it is of interest until the usual delimiter is back."""
        self._line()
        while self._spaces():
            line = self._line()
            if line.upper().startswith(b"DELIMITER") and line.split()[-1:] == [b";"]:
                return
        self.fail("the dump is cut in the middle of a trigger or routine")

    def _skip(self) -> None:
        """Go behind the end of this statement."""
        while True:
            found = _SKIP.match(self._buffer, self._at)
            assert found is not None
            self._at = found.end()
            if self._buffer[self._at : self._at + 1] == b";":
                self._at += 1
                return
            if not self._more():
                self.fail("the dump is cut in the middle of a statement")

    def _create(self, found: re.Match[bytes]) -> None:
        while True:  # the whole statement, to see its columns
            end = _SKIP.match(self._buffer, self._at)
            assert end is not None
            if self._buffer[end.end() : end.end() + 1] == b";":
                break
            if not self._more():
                self.fail("the dump is cut in the middle of a CREATE TABLE")
        if _name(found, 1) == self._table:
            text = self._buffer[self._at + found.end() - found.start() : end.end()]
            self._columns = [_name(column, 1) for column in _COLUMN.finditer(text)]
            self._see(self._columns)
        self._at = end.end() + 1

    def _see(self, columns: Sequence[str]) -> None:
        self.seen = True
        if missing := [name for name in self._needed if name not in columns]:
            self.fail(f"{self._table} lacks the column {missing[0]}; is it the one of ProdSys?")

    def _insert(self) -> Iterator[Row]:
        while not (found := _INSERT.match(self._buffer, self._at)):
            if len(self._buffer) - self._at > BLOCK or not self._more():
                self.fail("an INSERT that is not of the form INSERT INTO table VALUES (...)")
        if _name(found, 4) != self._table:
            self._skip()
            return
        listed = [_name(one, 1) for one in _LISTED.finditer(found[7])] if found[7] else []
        columns = listed or self._columns
        if not columns:
            what = (
                f"the dump names no columns of {self._table}: neither CREATE TABLE nor a list in the INSERT"
            )
            self.fail(what)
        self._see(columns)
        self._at = found.end()
        yield from self._rows(columns)

    # ------------------------------------------------------------------- rows
    def _rows(self, columns: Sequence[str]) -> Iterator[Row]:
        pattern, take = _plan(tuple(columns), self._wanted)
        match, value = pattern.match, _reader(self._codec)
        while True:
            found = match(self._buffer, self._at)
            if found is None:
                self._spaces()
                found = match(self._buffer, self._at)
            while found is None:
                self._refuse_other_rows(len(columns))
                if not self._more():
                    self.fail(f"the dump is cut in the middle of a row of {self._table}")
                found = match(self._buffer, self._at)
            self._at = found.end()
            parts = found.groups()
            yield tuple([None if at is None else value(parts[at]) for at in take])
            if parts[-1] == b";":
                return

    def _refuse_other_rows(self, columns: int) -> None:
        if self._buffer[self._at : self._at + 1] not in (b"", b"("):
            self.fail(f"not a row of {self._table}: '(' is expected")
        if found := _ANY_ROW.match(self._buffer, self._at):
            values = len(re.findall(_VALUE, found[0], re.DOTALL))
            self.fail(f"a row of {self._table} has {values} values, the table has {columns} columns")


def _name(found: re.Match[bytes], group: int) -> str:
    """An identifier: in backquotes, in quotes, or plain."""
    ticked, quoted, plain = found[group], found[group + 1], found[group + 2]
    if ticked:
        return _plain(ticked.replace(b"``", b"`"))
    return _plain(quoted.replace(b'""', b'"') if quoted else plain)


def _plain(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)  # a dump may have an INSERT for each row
def _plan(columns: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[re.Pattern[bytes], list[int | None]]:
    """An expression for one row, and which of its groups is which wanted column."""
    kept = [column for column in columns if column in wanted]
    values = [(b"(%s)" if column in wanted else b"(?:%s)") % _VALUE for column in columns]
    between = _GAP + rb"," + _GAP
    text = rb"\(" + _GAP + between.join(values) + _GAP + rb"\)" + _GAP + rb"([,;])" + _GAP
    take = [kept.index(column) if column in kept else None for column in wanted]
    return re.compile(text, re.DOTALL), take


def _reader(codec: str) -> Callable[[bytes], Value]:
    """How a literal becomes a value."""

    def read_value(token: bytes) -> Value:
        if token[0] == 39:  # a quote
            if b"\\" not in token and token.find(b"'", 1, -1) < 0:
                return token[1:-1].decode(codec, "surrogateescape")
            return _unescaped(token[1:-1].decode(codec, "surrogateescape"))
        if token.isdigit() or (token[:1] == b"-" and token[1:].isdigit()):
            return int(token)
        return _other(token, codec)

    return read_value


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "'" if found[1] is None else _ESCAPED.get(found[1], found[1]), text)


def _other(token: bytes, codec: str) -> Value:
    """NULL, hexadecimal and bit literals, introducers; anything else is text, which a number is not."""
    if token.upper() == b"NULL":
        return None
    if token[:2].lower() == b"0x" and re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", token[2:]):
        return bytes.fromhex(token[2:].decode()).decode(codec, "surrogateescape")
    head, quote, rest = token.partition(b"'")
    if not quote:
        return token.decode("ascii")
    inner = _unescaped(rest[:-1].decode(codec, "surrogateescape"))
    try:
        match head.strip().lower():
            case b"x":
                return bytes.fromhex(inner).decode(codec, "surrogateescape")
            case b"b":
                return int(inner or "0", 2)
    except ValueError:
        return token.decode(codec, "surrogateescape")
    return inner

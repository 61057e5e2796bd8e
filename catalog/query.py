"""The query language: which files? A text becomes a small frozen tree, and the tree a text again.

``n_events > 0 and run in 275600..275650 and product = mDST``. The grammar and every field are on the page
docs/reference/query.md. Rules:

1. ``parse`` raises BadInput and nothing else, with the column and what was expected there.
2. ``parse(show(tree)) == tree`` for every tree that ``parse`` gives.
3. Three values: a condition on what is unknown is neither true nor false, and so is its ``not``; a file is
   found if the whole is true. ``is unknown`` asks for it.
4. Conditions ``replica.X`` that stand in one chain of ``and`` speak of one and the same replica: they become
   one ``replica(…)``. An explicit ``replica(…)`` always speaks of a replica of its own.
5. Depth, length and number of values are limited: no query overflows a stack or a statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.errors import BadInput
from catalog.queryfields import (
    GLOB,
    MOST_STARS,
    RELATIONS,
    REPLICA_PREFIX,
    Ago,
    Field,
    Kind,
    Value,
    field_of,
    near,
)
from catalog.querytree import (
    KEYWORDS,
    NO_VALUES,
    All,
    And,
    Compare,
    Dotted,
    Has,
    IsUnknown,
    Not,
    Or,
    Query,
    Range,
    Replica,
    Within,
    show,
)

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_TERMS", "Query", "parse", "show"]

MAX_LENGTH = 50_000
"""Characters of a query."""

MAX_TERMS = 500
"""Conditions and values of a query. For thousands of names there is the look-up of a list."""

MAX_DEPTH = 30
"""Parentheses and ``not`` inside one another."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # word, text, one of ( ) , .. and the operators, or end
    text: str
    at: int

    def says(self, word: str) -> bool:
        """Whether it is this keyword."""
        return self.kind == "word" and self.text.lower() == word


_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<mark><=|>=|!=|!~|\.\.|[()=,<>~])"
    r"|(?P<word>(?:(?!\.\.)[^\s\"'(),=<>!~])+)"
    r"|(?P<end>\Z))"
)


def parse(text: str) -> Query:
    """The query of that text. Raises BadInput: where it stops making sense, and what was expected there."""
    if len(text) > MAX_LENGTH:
        raise BadInput(
            f"the query has {len(text)} characters, at most {MAX_LENGTH} are taken", subject="query"
        )
    parser = _Parser(text)
    found = parser.either(0, of_replica=False)
    if parser.next.kind != "end":
        raise parser.wrong("'and', 'or' or the end")
    return _gathered(found)


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise _error(
                text, start, "a closing quote" if text[start] in "'\"" else "an operator, such as !="
            )
        kind = str(found.lastgroup)
        word = found[kind]
        if kind == "text":
            word = word[1:-1].replace(word[0] * 2, word[0])
        yield Token(word if kind == "mark" else kind, word, found.start(kind))
        if kind == "end":
            return
        at = found.end()


def _error(text: str, at: int, expected: str) -> BadInput:
    """Where it is wrong (a caret stands before it), and what should stand there."""
    before, after = text[max(0, at - 30) : at], text[at : at + 30]
    shown = f"{'…' if at > 30 else ''}{before}^{after}{'…' if at + 30 < len(text) else ''}"
    where = f"column {at + 1}"
    return BadInput(f"expected {expected}, at {where} of the query: {_printable(shown)}", subject=where)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


class _Parser:
    """Recursive descent, one token ahead. Each method reads one rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = _tokens(text)
        self.next = next(self._tokens)
        self._terms = 0

    def take(self) -> Token:
        token = self.next
        if token.kind != "end":
            self.next = next(self._tokens)
        return token

    def wrong(self, expected: str, at: Token | None = None) -> BadInput:
        return _error(self.text, (at or self.next).at, expected)

    def count(self) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self.wrong(f"at most {MAX_TERMS} conditions and values (give a long list as a file)")

    # either = both { "or" both }
    def either(self, depth: int, *, of_replica: bool) -> Query:
        items = [self.both(depth, of_replica=of_replica)]
        while self.next.says("or"):
            self.take()
            items.append(self.both(depth, of_replica=of_replica))
        return _flat(Or, items)

    # both = denied { "and" denied }
    def both(self, depth: int, *, of_replica: bool) -> Query:
        items = [self.denied(depth, of_replica=of_replica)]
        while self.next.says("and"):
            self.take()
            items.append(self.denied(depth, of_replica=of_replica))
        return _flat(And, items)

    # denied = "not" denied | "(" either ")" | condition
    def denied(self, depth: int, *, of_replica: bool) -> Query:
        if depth > MAX_DEPTH:
            raise self.wrong(f"at most {MAX_DEPTH} parentheses and 'not' inside one another")
        if self.next.says("not"):
            self.take()
            return Not(self.denied(depth + 1, of_replica=of_replica))
        if self.next.kind == "(":
            return self.parenthesis(depth, of_replica=of_replica)
        return self.condition(depth, of_replica=of_replica)

    def parenthesis(self, depth: int, *, of_replica: bool) -> Query:
        if self.take().kind != "(":
            raise self.wrong("'('")
        found = self.either(depth + 1, of_replica=of_replica)
        if self.next.kind != ")":
            raise self.wrong("'and', 'or' or ')'")
        self.take()
        return found

    # condition = "all" | "has" RELATION | "replica" "(" either ")" | FIELD test
    def condition(self, depth: int, *, of_replica: bool) -> Query:
        self.count()
        token = self.next
        if token.kind == "word" and not of_replica:
            match token.text.lower():
                case "all":
                    self.take()
                    return All()
                case "has":
                    return self.has()
                case "replica":
                    self.take()
                    if self.next.kind != "(":
                        raise self.wrong("'(', as in replica(state=AVAILABLE and kind=tape)")
                    return Replica(self.parenthesis(depth, of_replica=True))
        if token.kind != "word" or token.text.lower() in KEYWORDS:
            raise self.wrong("a field, 'not' or '('")
        name = token.text
        dotted = not of_replica and name.startswith(REPLICA_PREFIX)
        inner = name.removeprefix(REPLICA_PREFIX) if dotted else name
        field = field_of(inner, of_replica=of_replica or dotted)
        if field is None:
            known = ", ".join(near(name, of_replica=of_replica)) or "see docs/reference/query.md"
            raise self.wrong(f"a field; there is no '{_printable(name[:60])}' (near: {known})")
        self.take()
        test = self.test(inner, field)
        return Dotted(test) if dotted else test

    def has(self) -> Query:
        self.take()
        word = self.next.text.lower()
        if self.next.kind != "word" or word not in RELATIONS:
            raise self.wrong(" or ".join(RELATIONS))
        self.take()
        return Has(word)

    # test = OPERATOR value | ["not"] "in" set | "is" ["not"] "unknown"
    def test(self, name: str, field: Field) -> Query:
        token = self.next
        if token.kind in field.kind.operators:
            self.take()
            return Compare(name, token.kind, self.value(field.kind, glob=token.kind in GLOB))
        if token.says("is"):
            self.take()
            return self.maybe_not(lambda: self.unknown(name))
        if token.says("in") or token.says("not"):
            return self.maybe_not(lambda: self.within(name, field.kind))
        raise self.wrong(f"{' '.join(field.kind.operators)}, 'in' or 'is unknown' after {name}")

    def maybe_not(self, rest: Callable[[], Query]) -> Query:
        denied = self.next.says("not")
        if denied:
            self.take()
        found = rest()
        return Not(found) if denied else found

    def unknown(self, name: str) -> Query:
        if not self.next.says("unknown"):
            raise self.wrong("'unknown' or 'not unknown'")
        self.take()
        return IsUnknown(name)

    # set = "(" item { "," item } ")" | value ".." value
    def within(self, name: str, kind: Kind) -> Query:
        if not self.next.says("in"):
            raise self.wrong("'in'")
        self.take()
        if self.next.kind != "(":
            return Within(name, (self.item(kind, only_range=True),))
        self.take()
        items = [self.item(kind)]
        while self.next.kind == ",":
            self.take()
            items.append(self.item(kind))
        if self.next.kind != ")":
            raise self.wrong("',' or ')'")
        self.take()
        return Within(name, tuple(items))

    # item = value [ ".." value ]
    def item(self, kind: Kind, *, only_range: bool = False) -> Value | Range:
        first = self.next
        low = self.value(kind)
        if self.next.kind != "..":
            if only_range:
                raise self.wrong(
                    "a list as in (a, b), or a range as in a..b" if kind.ordered else "a list as in (a, b)",
                    first,
                )
            return low
        if not kind.ordered:
            raise self.wrong("',' or ')': no ranges here")
        self.take()
        high = self.value(kind)
        if type(low) is type(high) and not isinstance(low, Ago) and kind.name != "of its key" and high < low:  # type: ignore[operator]
            raise self.wrong("a range that begins with the smaller value", first)
        return Range(low, high)

    def value(self, kind: Kind, *, glob: bool = False) -> Value:
        self.count()
        first = self.next
        forgotten = first.kind == "word" and first.text.lower() in NO_VALUES
        if forgotten or first.kind not in ("word", "text"):
            raise self.wrong(f"{kind.expected}{' (or this word in quotes)' if forgotten else ''}")
        word = self.take().text
        if kind.units is not None and first.kind == "word":
            if self.next.kind == "word" and self.next.text.lower() in kind.units:
                word += self.take().text
            if self.next.says("ago"):
                self.take()
                word += " ago"
        if glob and word.count("*") > MOST_STARS:
            raise self.wrong(f"a pattern with at most {MOST_STARS} *", first)
        try:
            return kind.read(word)
        except ValueError:
            raise self.wrong(kind.expected, first) from None


def _flat(kind: type[And] | type[Or], items: list[Query]) -> Query:
    """The items as one: parentheses inside a chain of the same word change nothing."""
    found: list[Query] = []
    for item in items:
        found += item.items if isinstance(item, kind) else [item]
    return kind(tuple(found)) if len(found) > 1 else found[0]


def _speaks_of_one(query: Query) -> bool:
    """Whether it is made of ``replica.X`` by and/or only."""
    match query:
        case Dotted():
            return True
        case And(items) | Or(items):
            return all(map(_speaks_of_one, items))
    return False


def _bare(query: Query) -> Query:
    match query:
        case Dotted(condition):
            return condition
        case And(items):
            return _flat(And, [_bare(item) for item in items])
        case Or(items):
            return _flat(Or, [_bare(item) for item in items])
    return query


def _gathered(query: Query) -> Query:
    """The tree with every ``replica.X`` inside a ``replica(…)``, by rule 4."""
    if _speaks_of_one(query):
        return Replica(_bare(query))
    match query:
        case Not(item):
            return Not(_gathered(item))
        case Or(items):
            return _flat(Or, [_gathered(item) for item in items])
        case And(items):
            mine = [item for item in items if _speaks_of_one(item)]
            one: list[Query] = [Replica(_flat(And, [_bare(item) for item in mine]))] if mine else []
            rest = [_gathered(item) for item in items if not _speaks_of_one(item)]
            return _flat(And, [*rest, *one])
    return query

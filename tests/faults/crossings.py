"""Which part of the program makes each crossing of the seam, and which parts must make one.

A crossing is a commit that changed something, or a call of a storage, a service or a runner. It is known by
its step (the name in ``ddm.flow``), by the function of ``ddm.steps`` that makes it, and by its own name.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import ddm.steps
from ddm import flow
from ddm.testing.crash import When

STEPS_DIR = Path(ddm.steps.__file__).parent
_STEP_OF = {step.__code__: name for name, step in flow.STEPS}
_START = {flow.recover.__code__: "recover", flow._rounds.__code__: "fold"}

PORTS = {
    "prober": ("probe",),
    "stager": ("stage", "poll", "cancel", "release"),
    "copier": ("copy",),
    "remover": ("remove",),
    "service": ("submit", "poll", "cancel"),
    "runner": ("submit", "poll", "find", "cancel"),
    "catalog": ("begin",),
}
"""How the steps call the outside: the name before the dot, and the verbs."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """``number``: from 1. ``function``: ``module.function`` within ddm.steps; empty: not in a step."""

    number: int
    step: str
    function: str
    name: str

    @property
    def kind(self) -> str:
        return f"{self.step}: {self.name}"

    def __str__(self) -> str:
        where = f" by {self.function}" if self.function else ""
        return f"crossing {self.number} ({self.kind}{where})"


class EverySeam:
    """Writes down every crossing, and calls ``then`` on both sides of each."""

    def __init__(self, then: Callable[[Crossing, When], None] = lambda crossing, when: None) -> None:
        self._then = then
        self.crossings: list[Crossing] = []

    @contextmanager
    def crossing(self, name: str) -> Iterator[None]:
        here = Crossing(len(self.crossings) + 1, *_place(sys._getframe(2)), name)
        self.crossings.append(here)
        self._then(here, When.BEFORE)
        yield
        self._then(here, When.AFTER)


def _place(frame: FrameType | None) -> tuple[str, str]:
    """Step and function of the crossing that these frames make."""
    step, function = "", ""
    while frame is not None:
        code = frame.f_code
        path = Path(code.co_filename)
        if path.parent == STEPS_DIR and not function:
            function = f"{path.stem}.{_plain(code.co_qualname)}"
        step = step or _STEP_OF.get(code, "") or _START.get(code, "")
        frame = frame.f_back
    return step or "before the flow", function


def _plain(name: str) -> str:
    """A nested function counts as the one around it."""
    return name.split(".<locals>")[0]


def by_kind(crossings: Iterable[Crossing]) -> dict[str, int]:
    """How many crossings of each kind."""
    return dict(sorted(Counter(crossing.kind for crossing in crossings).items()))


def must_cross() -> set[str]:
    """Every function of ddm.steps that begins a transaction or calls a port, as ``module.function``."""
    return {
        f"{path.stem}.{name}"
        for path in STEPS_DIR.glob("*.py")
        for name, body in _functions(ast.parse(path.read_text()))
        if any(_crosses(node) for node in ast.walk(body))
    }


def _functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield inside + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{inside}{node.name}.")


def _crosses(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=verb, value=ast.Name(id=port) | ast.Attribute(attr=port))):
            return verb in PORTS.get(port, ())
    return False

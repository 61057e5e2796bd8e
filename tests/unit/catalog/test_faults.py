"""Whose fault: every code of the program belongs to one class, and classes end programs in their own ways."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import catalog
from catalog.errors import DataManagementError, ExitCode
from catalog.faults import (
    BY_CODE,
    BY_CODE_AND_SIDE,
    EXIT_CODE,
    WORST_FIRST,
    Fault,
    Side,
    exit_code,
    fault_of,
)
from ddm.exitcodes import EXIT_CODES

ROOT = Path(catalog.__file__).parents[1]
ROOMS = ("catalog", "transfers", "merging", "ddm")


def error_codes() -> dict[str, str]:
    """Every code of the tree of errors, wherever in our packages it is defined."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if "class" in (text := path.read_text()) and "Error" in text and "testing" not in path.parts:
                tree = ast.parse(text)
                if any(
                    isinstance(node, ast.Assign | ast.AnnAssign)
                    and getattr(getattr(node, "target", None) or node.targets[0], "id", "") == "code"
                    for cls in tree.body
                    if isinstance(cls, ast.ClassDef)
                    for node in cls.body
                ):
                    import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found = {}
    classes = [DataManagementError]
    for cls in classes:
        classes += cls.__subclasses__()
        module = cls.__module__.split(".")
        if module[0] in ROOMS and "testing" not in module:  # another test may have loaded those
            found[cls.code] = cls.__name__
    return found


def test_no_code_is_without_a_class():
    codes = error_codes()
    assert len(codes) > 40
    assert {code: name for code, name in codes.items() if code not in BY_CODE} == {}


REPORTED = {  # what reports of worker nodes say beside the errors, as they are written in the sources
    "payload_failed",
    "output_missing",
    "output_unreadable",
    "output_differs",
    "work_directory",
    "work_directory_in_use",
    "worker_error",
    "terminated",
    "scratch_space",
    "inputs_left_out",
    "content_differs",
}


def test_no_row_is_of_a_code_that_nobody_uses():
    assert set(BY_CODE) == {*error_codes(), *REPORTED}
    text = "".join(
        path.read_text() for room in ("ddm/jobs", "transfers") for path in (ROOT / room).rglob("*.py")
    )
    assert {code for code in REPORTED if f'"{code}"' not in text} == set()
    assert {code for code, _ in BY_CODE_AND_SIDE} <= set(BY_CODE)


def test_every_fault_has_an_exit_code_and_a_place_in_the_order():
    assert set(EXIT_CODE) == set(WORST_FIRST) == set(Fault)
    assert len(WORST_FIRST) == len(set(WORST_FIRST))
    assert set(EXIT_CODE.values()) <= set(EXIT_CODES)


def test_the_five_that_a_workflow_service_tells_apart_are_five_codes():
    five = (Fault.PAYLOAD, Fault.SITE, Fault.NETWORK, Fault.STORAGE, Fault.CREDENTIAL)
    codes = [EXIT_CODE[fault] for fault in five]
    assert len(set(codes)) == 5
    assert set(codes).isdisjoint({ExitCode.DONE, ExitCode.FAILED, ExitCode.USAGE, ExitCode.SOME_FAILED})


@pytest.mark.parametrize(
    ("code", "side", "fault"),
    [
        ("quota_exceeded", Side.OUT, Fault.STORAGE),
        ("quota_exceeded", Side.IN, Fault.SITE),
        ("quota_exceeded", None, Fault.STORAGE),
        ("file_missing", Side.IN, Fault.STORAGE),
        ("file_missing", Side.OUT, Fault.PAYLOAD),
        ("endpoint_unreachable", Side.IN, Fault.NETWORK),
        ("credential_expired", Side.OUT, Fault.CREDENTIAL),
        ("payload_failed", None, Fault.PAYLOAD),
        ("never heard of", Side.IN, Fault.UNKNOWN),
    ],
)
def test_the_direction_matters_where_the_same_word_means_another_thing(code, side, fault):
    assert fault_of(code, side) is fault


def test_one_fault_speaks_for_all():
    assert exit_code([]) == 0
    assert exit_code([Fault.NETWORK, Fault.CREDENTIAL, Fault.STORAGE]) == ExitCode.CREDENTIAL
    assert exit_code([Fault.NETWORK, Fault.STOPPED]) == ExitCode.TERMINATED
    assert exit_code([Fault.UNKNOWN]) == ExitCode.FAILED

"""The operating system's errors in our words."""

from __future__ import annotations

import errno

import pytest

from transfers.errormap import ERRNO, error_of, from_oserror, outcome_of
from transfers.errors import ChecksumMismatch, FileMissing, QuotaExceeded, StorageError


def test_an_errno_without_a_row_is_a_plain_storage_error():
    assert error_of(errno.EIO) is StorageError
    assert error_of(None) is StorageError


@pytest.mark.parametrize("number", ERRNO)
def test_every_row_makes_an_outcome_with_the_systems_words(number):
    outcome = from_oserror(OSError(number, "?", "/data/a.raw"))
    assert outcome.code == ERRNO[number].code
    assert outcome.retry is ERRNO[number].retry
    assert outcome.text.startswith("/data/a.raw: ")


def test_only_absence_is_missing():
    missing = {number for number, error in ERRNO.items() if error is FileMissing}
    assert missing == {errno.ENOENT, errno.ENOTDIR}


def test_an_error_without_errno():
    assert from_oserror(OSError("odd")).text == "odd"


def test_outcome_of_a_call():
    def fails(error):
        raise error

    assert outcome_of(int, "7") == 7
    assert outcome_of(fails, ChecksumMismatch("other bytes")).code == "checksum_mismatch"
    assert outcome_of(fails, OSError(errno.ENOSPC, "full")).code == QuotaExceeded.code
    with pytest.raises(ZeroDivisionError):
        outcome_of(fails, ZeroDivisionError())

"""Checksums equal those of zlib and hashlib however the bytes come, and texts keep their leading zeros."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import EMPTY, Adler32, Algorithm, Checksum, Summer, adler32, adler32_of, joined, summed

blocks = st.lists(st.binary(max_size=200), max_size=8)
adlers = st.integers(0, 2**32 - 1).map(Adler32)
checksums = st.one_of(
    st.builds(
        lambda algorithm, data: Checksum(algorithm, data[: algorithm.digits // 2].hex()),
        st.sampled_from(Algorithm),
        st.binary(min_size=32, max_size=32),
    ),
    st.builds(  # with many leading zeros
        lambda algorithm, number: Checksum(algorithm, f"{number:0{algorithm.digits}x}"),
        st.sampled_from(Algorithm),
        st.integers(0, 255),
    ),
)


@given(blocks, st.sampled_from([bytes, bytearray, lambda data: memoryview(bytearray(data))]))
def test_one_pass_gives_what_the_libraries_give(parts, kind):
    whole = b"".join(parts)
    summer = Summer(Algorithm)
    for part in parts:
        summer.update(kind(part))
    values = {algorithm: checksum.value for algorithm, checksum in summer.checksums().items()}
    assert summer.size == len(whole)
    assert values[Algorithm.ADLER32] == f"{zlib.adler32(whole):08x}" == str(summer.adler32())
    assert values[Algorithm.MD5] == hashlib.md5(whole).hexdigest()
    assert values[Algorithm.SHA256] == hashlib.sha256(whole).hexdigest()
    assert adler32(parts) == adler32([whole]) == zlib.adler32(whole)


@given(st.binary(max_size=300))
def test_crc32c_is_the_polynomial_of_castagnoli(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    (checksum,) = summed(io.BytesIO(data), [Algorithm.CRC32C]).checksums().values()
    assert int(checksum.value, 16) == value ^ 0xFFFFFFFF


def test_crc32c_of_the_check_string():  # RFC 3720, appendix B.4, and every catalogue of polynomials
    summer = Summer([Algorithm.CRC32C])
    summer.update(b"123456789")
    assert str(summer.checksums()[Algorithm.CRC32C]) == "crc32c:e3069283"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_adler32_of_two_parts_is_joined_from_theirs(first, second):
    assert joined(zlib.adler32(first), zlib.adler32(second), len(second)) == zlib.adler32(first + second)


def test_joined_parts_larger_than_the_modulus():
    first, second = b"\xff" * 70_000, b"\xfe" * 200_001
    assert joined(zlib.adler32(first), zlib.adler32(second), len(second)) == zlib.adler32(first + second)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_what_is_left_of_a_file_is_summed(data, begin):
    stream = io.BytesIO(data)
    stream.seek(begin)
    assert adler32_of(stream) == (len(data[begin:]), zlib.adler32(data[begin:]))


def test_a_file_of_many_blocks(tmp_path: Path):
    data = bytes(range(251)) * 20_000
    (tmp_path / "f").write_bytes(data)
    with open(tmp_path / "f", "rb", buffering=0) as stream:
        assert adler32_of(stream) == (len(data), zlib.adler32(data))
    assert adler32([]) == EMPTY == adler32_of(io.BytesIO())[1]


@given(checksums)
def test_a_text_keeps_every_digit(checksum):
    text = str(checksum)
    name, _, value = text.partition(":")
    assert len(value) == checksum.algorithm.digits
    for spelling in (text, text.upper(), f"{name} {value}", f" {name}:{value}\n\0", f"{name} 0x{value}"):
        assert Checksum.parse(spelling) == checksum
    assert Checksum.parse(value, checksum.algorithm) == checksum


@given(adlers)
def test_an_adler32_is_equal_however_its_zeros_are_written(value):
    texts = {f"{value:x}", f"{value:08X}", f"adler32:{value:x}", f"ADLER32:{value:08x}", f"adler32={value:x}"}
    for text in texts:
        checksum = Checksum.parse(text, Algorithm.ADLER32)
        assert checksum == Checksum.of(value)
        assert checksum.adler32() == value == Adler32.parse(text)
    assert str(Checksum.of(value)) == f"adler32:{value}"


def test_digests_of_http_are_base64():  # RFC 3230, section 4.3
    assert Checksum.parse("md5=Q2hlY2sgSW50ZWdyaXR5IQ==").value == b"Check Integrity!".hex()
    digest = hashlib.sha256(b"x").hexdigest()
    assert Checksum.parse(f"SHA-256={digest}") == Checksum(Algorithm.SHA256, digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "adler32",
        "adler32:",
        "adler32:123456789",
        "adler32:xyz",
        "adler32:md5:1",
        "adler32:-1",
        "md5:1234",
        "adler32: 1 2",
        "md5=Q2hl",
        "md5=***",
        "crc32:12345678",
        "62cafe",
        f"sha256:{0:063}",
    ],
)
def test_what_is_no_checksum_is_refused(text):
    with pytest.raises(ValueError):
        Checksum.parse(text)


def test_another_algorithm_than_asked_for_is_refused():
    with pytest.raises(ValueError, match="another algorithm"):
        Checksum.parse("md5:" + "0" * 32, Algorithm.ADLER32)
    assert Checksum(Algorithm.MD5, "0" * 32).adler32() is None


def test_without_zlib_ng_zlib_gives_the_same():
    program = (
        "import sys; sys.modules['zlib_ng'] = None\n"
        "from catalog.checksum import library, adler32\n"
        "print(library(), adler32([b'some ', b'events']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["zlib", f"{zlib.adler32(b'some events'):08x}"]

"""HDF5 files: datasets appended along their first axis, everything else the same in all.

The library seeks in what it writes, so the adler32 is read back from the finished file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catalog.errors import DataManagementError
from merging.errors import DifferentSchemas, MergeError, MergeToolFailed, ToolMissing, UnreadableInput
from merging.formats.files import new_file, one_by_one, size_and_adler32
from merging.model import Count, Different, MergeResult, Same, Sameness, Taken
from merging.rootfile import reading, told

_AT_ONCE: Final = 16 << 20
"""Bytes of a dataset that are in memory at a time."""


class Hdf5:
    """Merges HDF5 files of equal layout: the rows of every dataset, one input after the other.

    Groups, datasets, types, the other axes and all attributes must be those of the first input
    (DifferentSchemas); datasets without an axis must hold the same value. Compression and filters are those
    of the first. Links other than plain ones, references and virtual datasets are refused.

    ``events`` names the dataset whose rows are the events; without it they are, where all datasets have the
    same number of rows, that number, and unknown otherwise. ``by_type`` has the rows of every dataset.
    """

    one_by_one = True

    def __init__(self, *, events: str = "") -> None:
        self._events = events.strip("/")

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        h5py = load_h5py()
        taken: list[Taken] = []
        with new_file(output) as temporary:
            with _written(h5py, temporary, output) as out:
                first: tuple[Path, Mapping[str, _Item]] | None = None
                for path in one_by_one(inputs):
                    with _opened(path) as file:
                        items = _items(file, path)
                        if first is None:
                            first = path, items
                            _made(out, file, items)
                        _check_same(*first, items, file, out, path)
                        _append(out, file, items, path)
                        count = self._counted(items, path)
                    taken.append(Taken(str(path), path.stat().st_size, count.n_events, count.by_type))
            result = self.count(temporary)
            size, adler32 = size_and_adler32(temporary)
        return MergeResult(size, adler32, result.n_events, result.by_type, tuple(taken))

    def count(self, path: Path) -> Count:
        with _opened(path) as file:
            return self._counted(_items(file, path), path)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with _opened(merged) as out:
            whole = _items(out, merged)
            rows = dict.fromkeys((name for name, item in whole.items() if item.rows is not None), 0)
            for path in inputs:
                with _opened(path) as file:
                    items = _items(file, path)
                    try:
                        _check_same(merged, whole, items, file, out, path)
                    except DifferentSchemas as error:
                        return Different((str(error),))
                    for name in rows:
                        if difference := _different_rows(file[name], path, out[name], merged, rows[name]):
                            return Different((difference,))
                        rows[name] += items[name].rows or 0
            for name, count in rows.items():
                if whole[name].rows != count:
                    text = f"'{name}' has {whole[name].rows} rows, the inputs have {count}"
                    return Different((f"{merged}: {text}",))
        return Same()

    def _counted(self, items: Mapping[str, _Item], path: Path) -> Count:
        rows = {name: item.rows for name, item in items.items() if item.rows is not None}
        if self._events:
            if self._events not in rows:
                text = f"{path}: has no dataset '{self._events}' to count the events by"
                raise UnreadableInput(text, subject=str(path))
            return Count(rows[self._events], rows)
        numbers = set(rows.values())
        return Count(numbers.pop() if len(numbers) == 1 else None, rows)


@dataclass(frozen=True, slots=True)
class _Item:
    """A group (``dtype`` None) or a dataset. ``rows`` None without an axis; ``rest`` are the other axes.
    ``meaning``: the type with what numpy does not compare."""

    dtype: Any
    rows: int | None
    rest: tuple[int, ...]
    meaning: str = ""

    def __str__(self) -> str:
        if self.dtype is None:
            return "a group"
        return f"{self.meaning}{list(self.rest) if self.rest else ''}" + " single" * (self.rows is None)


def load_h5py() -> Any:
    """The module h5py. Raises ToolMissing, saying what to install."""
    try:
        import h5py
    except ImportError:
        text = "HDF5 files need h5py, which is not installed: pip install 'ddm[hdf5]'"
        raise ToolMissing(text) from None
    return h5py


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    h5py = load_h5py()
    with reading(path):
        file = h5py.File(path, "r")
    with file:
        yield file


@contextmanager
def _written(h5py: Any, path: Path, output: Path) -> Iterator[Any]:
    try:
        with h5py.File(path, "x") as out:
            yield out
    except DataManagementError:
        raise
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        text = f"{output} cannot be written: {told(error)}"
        raise MergeToolFailed(text, subject=str(output)) from error


def _items(file: Any, path: Path) -> dict[str, _Item]:
    """Everything in the file by its path, in order. Raises MergeError for what cannot be merged."""
    found: dict[str, _Item] = {}
    with reading(path):
        _collect(file, "", path, found)
    return found


def _collect(group: Any, prefix: str, path: Path, found: dict[str, _Item]) -> None:
    h5py = load_h5py()
    for name in group:
        here = f"{prefix}{name}"
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise _refusal(path, here, "is a link")
        thing = group[name]
        if isinstance(thing, h5py.Group):
            found[here] = _Item(None, None, ())
            _collect(thing, f"{here}/", path, found)
        elif isinstance(thing, h5py.Dataset):
            found[here] = _item(thing, here, path)
        else:
            raise _refusal(path, here, "is a named type")


def _item(dataset: Any, name: str, path: Path) -> _Item:
    h5py = load_h5py()
    if h5py.check_ref_dtype(dataset.dtype) or dataset.is_virtual or dataset.external:
        raise _refusal(path, name, "holds references, or is kept in other files")
    if dataset.shape is None:
        raise _refusal(path, name, "has no shape")
    rows = int(dataset.shape[0]) if dataset.shape else None
    return _Item(dataset.dtype, rows, tuple(dataset.shape[1:]), _meaning(dataset.dtype))


def _meaning(dtype: Any) -> str:
    """The type in words, with the names of an enumeration's values and what is in strings and lists."""
    h5py = load_h5py()
    if names := h5py.check_enum_dtype(dtype):
        return f"{dtype} {dict(sorted(names.items()))}"
    if text := h5py.check_string_dtype(dtype):
        return f"{dtype} {text}"
    if inner := h5py.check_vlen_dtype(dtype):
        return f"lists of {_meaning(inner)}"
    if dtype.subdtype:
        return f"{_meaning(dtype.subdtype[0])}{list(dtype.subdtype[1])}"
    if dtype.names:
        fields = ", ".join(f"{name}: {_meaning(dtype[name])}" for name in dtype.names)
        return f"{dtype.itemsize} bytes of ({fields})"
    return str(dtype)


def _refusal(path: Path, name: str, text: str) -> MergeError:
    return MergeError(f"{path}: '{name}' {text}, which cannot be merged", subject=str(path))


def _made(out: Any, file: Any, items: Mapping[str, _Item]) -> None:
    """The groups and datasets of the output, without rows, with the attributes of the first input."""
    _copy_attributes(file, out)
    for name, item in items.items():
        if item.dtype is None:
            made = out.create_group(name)
        elif item.rows is None:
            made = out.create_dataset(name, data=file[name][()], dtype=file[name].dtype)
        else:
            source = file[name]
            made = out.create_dataset(
                name,
                shape=(0, *item.rest),
                maxshape=(None, *item.rest),
                dtype=source.dtype,
                chunks=source.chunks or True,
                compression=source.compression,
                compression_opts=source.compression_opts,
                shuffle=source.shuffle,
                fletcher32=source.fletcher32,
                scaleoffset=source.scaleoffset,
                fillvalue=source.fillvalue,
            )
        _copy_attributes(file[name], made)


def _copy_attributes(source: Any, target: Any) -> None:
    for name in source.attrs:
        target.attrs.create(name, source.attrs[name], dtype=source.attrs.get_id(name).dtype)


def _check_same(
    first: Path, expected: Mapping[str, _Item], items: Mapping[str, _Item], file: Any, out: Any, path: Path
) -> None:
    """Raises DifferentSchemas unless the file has what the first one has, rows apart."""

    def differs(text: str) -> DifferentSchemas:
        return DifferentSchemas(f"{path}: {text}", subject=str(path))

    for name in sorted(expected.keys() | items.keys()):
        here, there = items.get(name), expected.get(name)
        if here is None or there is None:
            raise differs(f"'{name}' is {here or 'not there'}, in {first} it is {there or 'not there'}")
        if _kind(here) != _kind(there):
            raise differs(f"'{name}' is {here}, in {first} it is {there}")
    for name in ["/", *items]:
        with reading(path):
            attribute = _different_attribute(file[name], out[name])
            if attribute:
                raise differs(f"attribute '{attribute}' of '{name}' is not as in {first}")
            single = name != "/" and items[name].dtype is not None and items[name].rows is None
            if single and _plain(file[name][()]) != _plain(out[name][()]):
                raise differs(f"'{name}' holds another value than in {first}")


def _kind(item: _Item) -> tuple[object, ...]:
    """What items that are put together have in common."""
    return item.dtype, item.meaning, item.rest, item.rows is None


def _different_attribute(here: Any, there: Any) -> str:
    for name in sorted({*here.attrs, *there.attrs}):
        if name not in here.attrs or name not in there.attrs:
            return str(name)
        if _plain(here.attrs[name]) != _plain(there.attrs[name]):
            return str(name)
    return ""


def _plain(value: Any) -> Any:
    """A value, or an array, that can be compared; NaN equals itself."""
    import numpy

    array = numpy.asarray(value)
    if array.dtype.hasobject:
        return [repr(one.tolist() if isinstance(one, numpy.ndarray) else one) for one in array.ravel()]
    return str(array.dtype), array.shape, array.tobytes()


def _append(out: Any, file: Any, items: Mapping[str, _Item], path: Path) -> None:
    for name, item in items.items():
        if not item.rows:
            continue
        target, source = out[name], file[name]
        at = target.shape[0]
        target.resize(at + item.rows, axis=0)
        for start, stop in _steps(source):
            with reading(path):
                rows = source[start:stop]
            target[at + start : at + stop] = rows


def _steps(dataset: Any) -> Iterator[tuple[int, int]]:
    """Portions of rows, of some MB each, that are whole chunks."""
    rows = int(dataset.shape[0])
    size = int(dataset.dtype.itemsize)
    for axis in dataset.shape[1:]:
        size *= int(axis)
    step = max(1, _AT_ONCE // max(1, size))
    if dataset.chunks:
        step = max(1, step // dataset.chunks[0]) * dataset.chunks[0]
    for start in range(0, rows, step):
        yield start, min(rows, start + step)


def _different_rows(source: Any, path: Path, target: Any, merged: Path, at: int) -> str:
    for start, stop in _steps(source):
        with reading(path):
            here = _plain(source[start:stop])
        with reading(merged):
            there = _plain(target[at + start : at + stop])
        if here != there:
            return f"{merged}: '{source.name}': rows {at + start} to {at + stop} are not those of {path}"
    return ""

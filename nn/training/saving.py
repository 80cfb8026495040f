"""Plain data in one ``.npz`` file: written atomically, read without pickle, and restored bit by bit.

Plain data are nested dicts, lists and tuples of arrays, numbers, strings, ``True``, ``False`` and ``None``, such as a
``state_dict``.  Each array is an entry of the file that ``numpy.load`` can read as well, named by its path:
``optimizer/state/0/M``.  The nesting is stored in the entry ``structure.json``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from io import BytesIO
from itertools import accumulate
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from autograd.files import write
from nn.aliases import Array

__all__ = ["load", "packed", "save"]

_STRUCTURE = "structure.json"
_DEEPEST = 200  # brackets within brackets, well below what Python's parser and this module can follow


def save(data: Any, file: str | PathLike[str]) -> Path:
    """Write plain data.  An existing file stays unchanged until the new one is complete.

    Args:
        data: nested dicts, lists and tuples of arrays, numbers, strings, ``True``, ``False`` and ``None``.
        file: the file, usually ``something.npz``.

    Returns:
        The path of the file.

    Raises:
        TypeError: if the data contain anything else.
        OSError: if the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = save({"weight": np.eye(2), "rates": (0.1, None)}, Path(folder, "state.npz"))
    ...     load(file)["rates"], np.load(file)["weight"].tolist()
    ((0.1, None), [[1.0, 0.0], [0.0, 1.0]])
    """
    return write(file, packed(data))


def packed(data: Any) -> bytes:
    """The content of the file that :func:`save` writes."""
    arrays: dict[str, Array] = {}
    try:
        structure = json.dumps(_described(data, "", arrays), indent=1)
    except RecursionError:
        raise TypeError("the data cannot be saved: they are nested too deeply") from None
    if _depth(structure) > _DEEPEST:
        raise TypeError("the data cannot be saved: they are nested too deeply")
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr(ZipInfo(_STRUCTURE), structure)  # a ZipInfo has a fixed date: same data, same bytes
        for name, array in arrays.items():
            with archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return content.getvalue()


def load(file: str | PathLike[str]) -> Any:
    """The data that :func:`save` wrote.

    Nothing in the file is executed, and no more memory is used than a file of this size can fill.

    Raises:
        ValueError: if the file is damaged or was not written by :func:`save`.
        OSError: if it cannot be read.
    """
    path = Path(file)
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe has no end, and would be waited for
        raise ValueError(f"{str(file)!r} is not a regular file")
    content = path.read_bytes()
    try:
        return _unpacked(content)
    except Exception as error:  # zipfile, json and NumPy raise nearly anything for damaged bytes
        reason = str(error) or type(error).__name__
        raise ValueError(f"{str(file)!r} is damaged or was not written by nn.training.save: {reason}") from None


def _unpacked(content: bytes) -> Any:
    with ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        for entry in entries:
            if entry.compress_type != ZIP_STORED or entry.compress_size != entry.file_size or entry.flag_bits & 1:
                raise ValueError(f"{entry.filename} is compressed or encrypted")
        if sum(entry.file_size for entry in entries) > len(content):
            raise ValueError("its entries are larger than the file")
        structure = archive.read(_STRUCTURE).decode()
        if _depth(structure) > _DEEPEST:
            raise ValueError("it is nested too deeply")
        waiting = {entry.filename for entry in entries}

        def array(name: str) -> Array:
            waiting.remove(f"{name}.npy")  # save writes an entry for each array: none is read twice
            return _array(archive.read(f"{name}.npy"))

        return _restored(json.loads(structure), array)


def _array(content: bytes) -> Array:
    """The array in an entry, whose header must describe just as many bytes as there are."""
    stream = BytesIO(content)
    major, _ = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read_header(stream)
    numbers = memoryview(content)[stream.tell() :]
    if dtype.hasobject or min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(numbers):
        raise ValueError(f"an array of shape {shape} and {dtype} does not fill {len(numbers)} bytes")
    return np.frombuffer(numbers, dtype).reshape(shape, order="F" if is_fortran else "C").copy("K")


def _depth(structure: str) -> int:
    """How deep brackets are nested in JSON."""
    signs = re.sub(r'"(?:[^"\\]|\\.)*"|[^]["{}]', "", structure)
    return max(accumulate(1 if sign in "[{" else -1 for sign in signs), default=0)


def _described(data: Any, place: str, arrays: dict[str, Array]) -> Any:
    """Data as JSON, with ``{"array": name}`` and similar dicts for what JSON cannot represent."""
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        if array.dtype.hasobject:
            raise TypeError(f"an array of {array.dtype} at {place or 'the top'} cannot be saved: only numbers and text")
        name = place or "array"
        while name in arrays:  # {"a/b": ...} and {"a": {"b": ...}}
            name += "'"
        arrays[name] = array
        return {"array" if isinstance(data, np.ndarray) else "number": name}
    if isinstance(data, dict):
        if wrong := [key for key in data if not isinstance(key, (int, str))]:
            raise TypeError(f"the key {wrong[0]!r} at {place or 'the top'} cannot be saved: use text or integers")
        return {"dict": [[key, _described(entry, _joined(place, key), arrays)] for key, entry in data.items()]}
    if isinstance(data, (list, tuple)):
        parts = [_described(entry, _joined(place, i), arrays) for i, entry in enumerate(data)]
        return {"tuple": parts} if isinstance(data, tuple) else parts
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    raise TypeError(f"{type(data).__name__} at {place or 'the top'} cannot be saved: it is not plain data")


def _restored(described: Any, array: Callable[[str], Array]) -> Any:
    if isinstance(described, list):
        return [_restored(part, array) for part in described]
    if not isinstance(described, dict):
        return described
    ((kind, content),) = described.items()
    if kind == "dict":
        return {key: _restored(entry, array) for key, entry in content}
    if kind == "tuple":
        return tuple(_restored(part, array) for part in content)
    if kind not in ("array", "number"):
        raise ValueError(f"{kind!r} is unknown")
    return array(content) if kind == "array" else array(content)[()]


def _joined(place: str, key: Any) -> str:
    return f"{place}/{key}" if place else str(key)

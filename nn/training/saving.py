"""Plain data in one ``.npz`` file: written atomically, read without pickle, and restored bit by bit.

Plain data are nested dicts, lists and tuples of arrays, numbers, strings, ``True``, ``False`` and ``None``, such as a
``state_dict``.  Each array is an entry of the file that ``numpy.load`` can read as well, named by its path:
``optimizer/state/0/M``.  The nesting is stored in the entry ``structure.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from autograd.files import write
from nn.aliases import Array

__all__ = ["load", "save"]


_STRUCTURE = "structure.json"


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
    arrays: dict[str, Array] = {}
    structure = json.dumps(_described(data, "", arrays), indent=1)
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr(ZipInfo(_STRUCTURE), structure)  # a ZipInfo has a fixed date: same data, same bytes
        for name, array in arrays.items():
            with archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return write(file, content.getvalue())


def load(file: str | PathLike[str]) -> Any:
    """The data that :func:`save` wrote.

    Raises:
        ValueError: if the file is damaged or was not written by :func:`save`.
        OSError: if it cannot be read.
    """
    try:
        with ZipFile(file) as archive:

            def array(name: str) -> Array:
                with archive.open(f"{name}.npy") as entry:
                    return np.lib.format.read_array(entry, allow_pickle=False)

            return _restored(json.loads(archive.read(_STRUCTURE)), array)
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{str(file)!r} is damaged or was not written by nn.training.save: {error}") from None


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
    return array(content) if kind == "array" else array(content)[()]


def _joined(place: str, key: Any) -> str:
    return f"{place}/{key}" if place else str(key)

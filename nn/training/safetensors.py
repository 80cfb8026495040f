"""Arrays by name in the format of safetensors, which PyTorch and others share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.aliases import Array

__all__ = ["from_safetensors", "to_safetensors"]

_DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip
"""NumPy's name of each kind of number."""


def to_safetensors(state: Any) -> bytes:
    """The content of a file with these arrays.

    Raises:
        TypeError: if it is anything but a dict of arrays of numbers.
        ImportError: without safetensors.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"a .safetensors file holds a dict of arrays, such as a state_dict, not {type(state).__name__}")
    arrays = {}
    for name, entry in state.items():
        array = np.asarray(entry)
        if not isinstance(name, str) or array.dtype.newbyteorder("<") not in map(np.dtype, _DTYPES.values()):
            raise TypeError(f"a .safetensors file holds arrays of numbers by name, not {array.dtype} under {name!r}")
        # Arrays of another layout would be written as they lie in memory, in a wrong order.
        arrays[name] = np.asarray(array, array.dtype.newbyteorder("="), order="C")
    content: bytes = _library().numpy.save(arrays)
    return content


def from_safetensors(content: bytes) -> dict[str, Array]:
    """The arrays in the content of a file; numbers of the kind bfloat16, which NumPy lacks, become float32.

    Raises:
        ValueError: if the content is damaged, or holds numbers of a kind that NumPy lacks.
        ImportError: without safetensors.
    """
    library = _library()
    try:
        entries = library.deserialize(content)
    except library.SafetensorError as error:
        raise ValueError(str(error)) from None
    return {name: _array(name, entry).reshape(entry["shape"]) for name, entry in entries}


def _array(name: str, entry: Mapping[str, Any]) -> Array:
    kind, numbers = entry["dtype"], entry["data"]
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(numbers, "<u2").astype("<u4") << 16).view("<f4")
    if kind not in _DTYPES:
        raise ValueError(f"{name} holds numbers of the kind {kind}, which NumPy lacks")
    return np.frombuffer(numbers, _DTYPES[kind]).copy()


def _library() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError:
        message = 'a .safetensors file needs safetensors, which is not installed: pip install "pathgrad[safetensors]"'
        raise ImportError(message) from None
    return safetensors

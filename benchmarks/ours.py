"""Our own engine, where what it does depends on how it was built."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from unittest.mock import patch

from autograd.core.config import configuration


def without_kernels() -> AbstractContextManager[object]:
    """What is compiled meanwhile runs with NumPy, as it does where there is no C compiler."""
    return patch("autograd.compiler.native_machine.supports", return_value=False)


MACHINES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "pathgrad compiled": nullcontext,
    "pathgrad NumPy lanes": without_kernels,
}
"""The machines for compiled functions, by the name of their row; a function is compiled at its first call."""


def core() -> str:
    """What of pathgrad is compiled here."""
    state = configuration()
    return ", ".join(f"{part}: {state[part]}" for part in ("compiled core", "compiled lanes"))

"""Our own engine, where what it does depends on how it was built."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from unittest.mock import patch

from autograd.compiler.numpy_machine import NumPyMachine
from autograd.core.config import configuration


def without_kernels() -> AbstractContextManager[object]:
    """Functions compiled in this context run with NumPy, as they do where there is no C compiler."""
    return patch("autograd.compiler.program.MACHINES", (NumPyMachine,))


MACHINES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "pathgrad compiled": nullcontext,
    "pathgrad NumPy lanes": without_kernels,
}
"""The machines for compiled functions, by the name of their row; a function is compiled at its first call."""


def core() -> str:
    """What of pathgrad is compiled here."""
    state = configuration()
    return ", ".join(f"{part}: {state[part]}" for part in ("compiled core", "compiled lanes"))

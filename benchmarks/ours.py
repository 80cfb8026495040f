"""Our own engine: its machines for compiled functions, and how it was built."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from unittest.mock import patch

from autograd.compiler.numpy_machine import NumPyMachine
from autograd.core.config import configuration


def without_native_machine() -> AbstractContextManager[object]:
    """Functions compiled in this context run with NumPy, as they do without a C compiler."""
    return patch("autograd.compiler.program.MACHINES", (NumPyMachine,))


MACHINES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "pathgrad compiled": nullcontext,
    "pathgrad NumPy lanes": without_native_machine,
}
"""The machines for compiled functions, by the name of their row; the first call of a function compiles it."""


def core() -> str:
    """Which parts of pathgrad are compiled here."""
    state = configuration()
    return ", ".join(f"{part}: {state[part]}" for part in ("compiled core", "compiled arrays", "compiled lanes"))

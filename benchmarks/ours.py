"""Our own engine: its machines for compiled functions, and how it was built."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest.mock import patch

import autograd
from autograd.compiler.numpy_machine import NumPyMachine
from autograd.core.config import configuration
from benchmarks import ROOT


def without_native_machine() -> AbstractContextManager[object]:
    """Functions compiled in this context run with NumPy, as they do without a C compiler."""
    return patch("autograd.compiler.program.MACHINES", (NumPyMachine,))


MACHINES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "pathgrad compiled": nullcontext,
    "pathgrad NumPy lanes": without_native_machine,
}
"""The machines for compiled functions, by the name of their row; the first call of a function compiles it."""


def parts() -> dict[str, str]:
    """The state of each part that can be compiled."""
    state = configuration()
    return {part: state[part] for part in ("compiled core", "compiled arrays", "compiled lanes")}


def core() -> str:
    """Which parts of pathgrad are compiled here, and whether they are an installed package or this checkout."""
    place = "checkout" if Path(autograd.__file__).parent.parent == ROOT else "installed"
    return ", ".join([*(f"{part}: {state}" for part, state in parts().items()), place])


def refuse_plain_python() -> None:
    """Raise unless pathgrad is compiled, or plain Python was asked for with ``PATHGRAD_PURE=1``."""
    missing = [f"{part}: {state}" for part, state in parts().items() if state != "yes"]
    if missing and os.environ.get("PATHGRAD_PURE", "0") == "0":
        raise SystemExit(
            f"pathgrad is not compiled here ({', '.join(missing)}): run `pip install -e .` with a C compiler, "
            "or set PATHGRAD_PURE=1 to time plain Python"
        )

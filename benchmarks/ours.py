"""Our own engine, where what it can do depends on how it was built: compiled functions, and the compiled core."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd
import autograd.value


def compilers() -> dict[str, Callable[..., Any]]:
    """What makes compiled functions of scalar code, by the name of its row; empty where there is no such thing.

    A compiled function of one sample, with ``batch=`` the names of the arguments that have an entry for each sample,
    is the mean over all samples; its ``value_and_grad`` gives value and gradient in the first argument.
    """
    compile = getattr(autograd, "compile", None)
    if compile is None:
        return {}
    # The place of "pathgrad, NumPy lanes": autograd.compile, told to do without its compiled kernels.
    return {"pathgrad compiled": compile}


def core() -> str:
    """Whether the core that runs here is compiled."""
    plain = Path(autograd.value.__file__).suffix == ".py"
    return f"pathgrad's core {'in plain Python' if plain else 'compiled'}"

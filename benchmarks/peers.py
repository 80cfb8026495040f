"""Imports of engines that have to be set up: to use only one thread, and to keep nothing from earlier runs."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np


@cache
def torch() -> Any:
    """PyTorch, on one thread."""
    import torch

    torch.set_num_threads(1)
    torch.optim.SGD([torch.zeros(1)], lr=1.0)  # imports its compiler
    return torch


@cache
def jax() -> Any:
    """JAX, with float64, on the calling thread, which takes half the time of waiting for another thread."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    jax.jit(lambda x: x + 1)(1.0)  # starts XLA
    return jax


@cache
def pytensor() -> Any:
    """PyTensor, which would otherwise find functions that an earlier run has compiled."""
    folder = tempfile.mkdtemp(prefix="pytensor-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PYTENSOR_FLAGS"] = f"base_compiledir={folder}"
    import pytensor
    import pytensor.tensor as tensor

    x = tensor.dvector("x")
    pytensor_function([x], [x + 1])(np.zeros(1))  # starts LLVM
    return pytensor


def pytensor_function(inputs: list[Any], outputs: list[Any]) -> Any:
    """A function of PyTensor, in its default mode, which compiles with Numba; it does not check its arguments."""
    import pytensor

    function = pytensor.function(inputs, outputs)
    function.trust_input = True
    return function


@cache
def numba() -> Any:
    """Numba."""
    import numba

    numba.njit(lambda x: x + 1)(1.0)  # starts LLVM
    return numba


READY: dict[str, Callable[[], Any]] = {
    "torch": torch,
    "jax": jax,
    "pytensor": pytensor,
    "numba": numba,
    "casadi": lambda: import_module("casadi"),
    "ddx-ad": lambda: import_module("ddx"),
    "scikit-learn": lambda: import_module("sklearn.neural_network"),
}
"""How an engine is imported and set up, by its distribution, so that its first step does not include that."""

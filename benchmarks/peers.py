"""Imports of engines that have to be set up to use only one thread."""

from __future__ import annotations

from typing import Any


def torch() -> Any:
    """PyTorch, on one thread."""
    import torch

    torch.set_num_threads(1)
    return torch


def jax() -> Any:
    """JAX, with float64, on the calling thread, which takes half the time of waiting for another thread."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    return jax

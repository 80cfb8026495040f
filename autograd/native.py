"""The native machine, which runs straight-line code faster than NumPy does; not there yet."""

from __future__ import annotations

from typing import Any

__all__ = ["Machine", "supports"]


def supports(op: str) -> bool:
    """Whether there is a kernel for an operation."""
    return False


class Machine:
    """Runs code natively."""

    name = "native"

    def __init__(self, code: Any) -> None:
        raise NotImplementedError("there are no kernels")

    def run(self, uniforms: Any, inputs: Any, outputs: Any, samples: int) -> None:
        """Compute; as :meth:`autograd.lanes.NumPyMachine.run`."""

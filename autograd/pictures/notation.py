"""How numbers, arrays, gradients and labels are written in pictures and trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core.aliases import Array
from autograd.core.sweep import Node, is_node
from autograd.pictures.picture import Span

__all__ = ["brief", "gradient", "held", "number", "printable"]

_ROW = 4  # numbers of an array that are written out


def number(x: float) -> str:
    """A number with five significant digits.

    >>> number(2.0), number(-2 / 3), number(1.5e-7), number(-0.0)
    ('2', '-0.66667', '1.5e-7', '0')
    """
    mantissa, e, exponent = f"{x + 0.0:.5g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def brief(x: Any) -> str:
    """A number, or a short row of numbers; of a larger array its shape, and its dtype unless that is float64.

    Args:
        x: a node, a number or an array.

    >>> from autograd import Tensor
    >>> brief(0.25), brief(Tensor([1.0, 0.5])), brief(Tensor(np.zeros((3, 4), np.float32)))
    ('0.25', '[1, 0.5]', '3 × 4 float32')
    """
    array = held(x)
    if array.ndim == 0:
        return number(float(array))
    if array.ndim == 1 and array.size <= _ROW:
        return f"[{', '.join(map(number, array.tolist()))}]"
    shape = " × ".join(map(str, array.shape))
    return shape if array.dtype == float and array.ndim > 1 else f"{shape} {array.dtype}"


def held(x: Any) -> Array:
    """The number or array that a node holds, or a constant, as an array."""
    return np.asarray(x.data if is_node(x) else x)


def gradient(node: Node, swept: bool) -> Span:
    """The gradient of a node, or why it has none; ``swept`` says whether any node of its graph has one."""
    if node.grad is not None:
        return Span(f"grad {brief(node.grad)}", "slope")
    return Span("not reached" if swept else "no grad yet", "quiet")


def printable(text: str, limit: int = 40) -> str:
    r"""Text as one line that every engine can set: control characters are escaped, and long text is cut.

    >>> printable("a\nb"), printable("가 ∂", 2)
    ('a\\nb', '가…')
    """
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"

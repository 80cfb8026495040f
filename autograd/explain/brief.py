"""How numbers, arrays and operations are written where there is little space: in pictures, trees and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.core.aliases import Array
from autograd.core.sweep import Node, is_node

__all__ = ["brief", "held", "number", "operation"]

_ROW = 4  # numbers of an array that are written out
_SHORT = 24  # characters of an operation that is written with its operands
_INFIX = {"+", "-", "*", "/", "**", "%", "//", "@", ">", ">=", "<", "<=", "==", "!="}


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


def operation(node: Node, names: Mapping[Any, str]) -> str:
    """How a node was computed, as a formula of its operands: ``a - b``, ``tanh(z)``; without them if they are long.

    >>> from autograd import Value, tanh
    >>> a, b = Value(1.0), Value(2.0)
    >>> operation(a - b, {a: "a", b: "b"}), operation(tanh(a), {a: "the input of this neuron"})
    ('a - b', 'tanh(…)')
    """
    symbol = node.op.symbol
    operands = [names[x] if is_node(x) else brief(x) for x in node.operands]
    text = _applied(symbol, operands)
    return text if len(text) <= _SHORT else _applied(symbol, ["…"] * min(len(operands), 2))


def _applied(symbol: str, operands: list[str]) -> str:
    if symbol in _INFIX and len(operands) == 2:
        return f" {symbol} ".join(f"({x})" if x.startswith("-") else x for x in operands)
    if symbol[0].isalpha() and "·" not in symbol:
        return f"{symbol}({', '.join(operands)})"
    if len(operands) == 1 and symbol != "=":
        return f"{symbol}{operands[0]}"
    return {"·": "w·x", "=": operands[0]}.get(symbol, symbol)

"""How numbers, arrays, gradients and labels are written in pictures and trees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.core.aliases import Array
from autograd.core.sweep import Node, is_node
from autograd.pictures.picture import Span

__all__ = ["SCRIPT_SIZE", "brief", "gradient", "held", "number", "operation", "scripts"]

SCRIPT_SIZE = 0.75  # of a subscript or superscript, in the size of the text
_ROW = 4  # numbers of an array that are written out
_SHORT = 24  # characters of an operation that is written with its operands
_INFIX = {"+", "-", "*", "/", "**", "%", "//", "@", ">", ">=", "<", "<=", "==", "!="}
_SCRIPTS = re.compile(  # x_1, w[1]_{2,3}, z[1](4)_2 or x(4)_1, with the number of a sample in parentheses
    r"([^\W\d_]+)(?:(\[\w+\](?:\(\d+\))?)(?:_(\d+|[^\W\d_]|\{[^{}]*\}))?|(\(\d+\))?_(\d+|[^\W\d_]|\{[^{}]*\}))(?!\w)"
)


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


def scripts(text: str) -> list[tuple[str, int]]:
    """Text in pieces, each with where it stands: 0 on the line, -1 as a subscript, 1 as a superscript.

    >>> scripts("tanh(z[1]_2)")
    [('tanh(', 0), ('z', 0), ('2', -1), ('[1]', 1), (')', 0)]
    """
    pieces: list[tuple[str, int]] = []
    end = 0
    for found in _SCRIPTS.finditer(text):
        base, layer, unit, sample, other = found.groups()
        below, above = unit or other or "", layer or sample or ""
        pieces += [(text[end : found.start()], 0), (base, 0), (below.strip("{}"), -1), (above, 1)]
        end = found.end()
    return [piece for piece in [*pieces, (text[end:], 0)] if piece[0]]

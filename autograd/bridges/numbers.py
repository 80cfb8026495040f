"""What a traced function of numbers needs to become a graph of Values, whatever library it was written with."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from autograd.checks.directions import entry_names
from autograd.checks.gradients import arguments_by_name
from autograd.core import rules, special
from autograd.core.grad_mode import stop_gradient
from autograd.core.sweep import is_node
from autograd.core.value import Value

__all__ = ["FUNCTIONS", "check_value", "leaves", "refuse"]

_SAME = [
    *("exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("floor", "ceil", "sign", "relu", "sigmoid", "softplus", "maximum", "minimum", "erf", "erfc"),
]
_ROWS = {**vars(special), **vars(rules)}

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _ROWS[name] for name in _SAME if name in _ROWS},
    **{name: _ROWS[f"arc{name[1:]}"] for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    **{
        name: getattr(operator, name)
        for name in ("add", "sub", "mul", "pow", "neg", "gt", "lt", "ge", "le", "eq", "ne")
    },
    "div": operator.truediv,
    "abs": rules.absolute,
    "atan2": rules.arctan2,
    "rsqrt": lambda x: 1 / rules.sqrt(x),
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "logistic": rules.sigmoid,
    "max": rules.maximum,
    "min": rules.minimum,
    "stop_gradient": lambda x: stop_gradient(x) if is_node(x) else x,
}
"""Functions of numbers by the names that both libraries give them."""


def leaves(f: Callable[..., Any], args: Sequence[Any]) -> list[Value]:
    """The arguments as Values; plain numbers get the names of the parameters as labels."""
    names = entry_names(arguments_by_name(f, args))
    return [x if isinstance(x, Value) else Value(x, label=name) for x, name in zip(args, names, strict=True)]


def check_value(found: Any, expected: float, library: str) -> None:
    """Raise ``ArithmeticError`` if the graph does not compute what the library computed."""
    number = float(found.item() if is_node(found) else found)
    if not (math.isclose(number, expected, rel_tol=1e-9, abs_tol=1e-12) or (number != number and expected != expected)):
        raise ArithmeticError(f"the graph computes {number!r}, but {library} {expected!r}")


def refuse(
    bridge: str, operation: str, place: str, why: str = "has no counterpart among functions of numbers here"
) -> NoReturn:
    """Raise ``NotImplementedError`` for an operation that cannot be part of a graph of Values."""
    raise NotImplementedError(f"{bridge} cannot convert {operation}{place}, which {why}")

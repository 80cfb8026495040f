"""The exercises of the notebook 14-a-sweep-of-your-own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from autograd import Value, define, topological_order
from pathgrad.lessons.exercise import close, exercise

SLOPES = {"y": {"b": 1.0, "c": 1.0}, "c": {"a": 6.0, "b": 3.0}, "b": {"a": 2.0}, "a": {}}
"""The local derivatives of y = b + c, c = a*b, b = 2*a at a = 3, by the variable and its parent."""

GRAPHS = {
    "y = sin(exp(a))": "y = sin(b); b = exp(a)",
    "y = a*a": "y = a*a",
    "y = b + c with b = sin(a), c = a*b": "y = b + c; b = sin(a); c = a*b",
    "y = b*c with b = tanh(a), c = exp(b)*b": "y = b*c; b = tanh(a); c = exp(b)*b",
}
"""Graphs for an engine of one's own: a chain, two arrows between the same nodes, and two with shared nodes."""


@exercise("14-break-the-order", "b handed on its gradient before the share that comes through c had arrived")
def break_the_order(answer: Any) -> str | None:
    """An order, the derivative that a sweep in this order finds, and the path that it loses."""
    order, number, path = answer
    names = re.findall(r"\w+", str(order))
    if sorted(names) != sorted(SLOPES) or names[0] != "y":
        return "the order has to begin with y, and to have each of a, b, c and y once"
    found = _swept(names)
    if close(found, 14):
        return "this order gives the right number: b comes after c, when all of its gradient has arrived"
    if close(number, 14):
        return "that is the right derivative; which number does the sweep find in the wrong order?"
    if not close(number, found):
        return "in this order b is visited while it has only what came from y, which is 1"
    if tuple(re.findall(r"\w+", str(path))) != ("a", "b", "c", "y"):
        return "the lost path is the one whose product is the difference of the two numbers, 6 = 2·3·1"
    return None


def _swept(names: Iterable[str]) -> float:
    """The derivative dy/da of a sweep in this order."""
    gradient = dict.fromkeys(SLOPES, 0.0) | {"y": 1.0}
    for name in names:
        for parent, slope in SLOPES[name].items():
            gradient[parent] += gradient[name] * slope
    return gradient["a"]


@exercise("14-new-row", "the engine has the same quotients and the same slopes, 1/y and -x/y²")
def new_row(answer: Any) -> str | None:
    """The row of a quotient: its formula and a function that returns both slopes."""
    formula, slopes = answer
    for a, b in ((3.0, 2.0), (-1.0, 4.0), (0.5, -0.25)):
        x, y = Value(a), Value(b)
        out = x / y
        out.backward()
        if not close(formula(a, b), out.data, 1e-9):
            return f"the formula at x = {a:g}, y = {b:g} is {formula(a, b):g}, and x/y is {out.data:g}"
        found = slopes(a, b, out.data)
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            return "the second function has to return two numbers, as in (1/y, ...)"
        if not close(found[0], x.grad, 1e-9):
            return f"the slope in x at x = {a:g}, y = {b:g} is {x.grad:g}, not {found[0]:g}"
        if close(found[1], -y.grad, 1e-9):
            return "the slope in y has the wrong sign: a larger y makes a positive quotient smaller"
        if not close(found[1], y.grad, 1e-9):
            return f"the slope in y at x = {a:g}, y = {b:g} is {y.grad:g}, not {found[1]:g}"
    return None


@exercise("14-forward", "it finds what the engine's sweep finds, on a chain and on graphs with shared nodes")
def forward(answer: Any) -> str | None:
    """A function of nodes in topological order and of one of them."""
    for name, text in GRAPHS.items():
        graph = define(text, a=0.7)
        a, y = graph["a"], graph["y"]
        nodes = topological_order(y)
        y.backward()
        found = answer(nodes, a)
        if found is None:
            return "the function returns nothing"
        if not close(found, a.grad, 1e-9):
            return f"for {name} at a = 0.7 it returns {found:g}, and the engine finds {a.grad:g}"
    return None if close(answer(nodes, y), 1, 1e-9) else "the derivative of the last node in itself is 1"

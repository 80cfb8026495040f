"""Test primitives and functions of your own: strategies for Hypothesis, and checks that use them.

The strategies tell Hypothesis (``pip install "pathgrad[checks]"``) how to draw points, expressions, graphs and arrays.
The checks compare a row of the table of calculus, or any function of arrays, with measured slopes.  A check runs
Hypothesis by itself, with the effort that the active profile sets, both in pytest and in a plain script.  It returns
nothing if all is well, and otherwise raises an ``AssertionError`` of one line.

``check_torch`` and ``check_jax`` check functions of PyTorch and JAX, step by step.

>>> from autograd import exp, primitive
>>> @primitive(lambda x, out: -x * out)  # a factor 2 is missing
... def bell(x):
...     return exp(-x * x)
>>> check_primitive(bell)
Traceback (most recent call last):
AssertionError: bell: ∂/∂x at (1.0,): declared -0.3678794412, measured -0.735758882 ± ...
"""

from autograd.checks.strategies.arrays import arrays
from autograd.checks.strategies.expressions import Expression, expressions
from autograd.checks.strategies.graphs import Graph, graphs
from autograd.checks.strategies.points import points

# Below the strategies, which say what to install if Hypothesis is missing.
# isort: split
from autograd.bridges.jax_steps import check_jax
from autograd.bridges.torch_steps import check_torch
from autograd.checks.agreement import Agreement, agree
from autograd.checks.array_functions import check_function
from autograd.checks.primitives import check_all_primitives, check_primitive

__all__ = [
    "Agreement",
    "Expression",
    "Graph",
    "agree",
    "arrays",
    "check_all_primitives",
    "check_function",
    "check_jax",
    "check_primitive",
    "check_torch",
    "expressions",
    "graphs",
    "points",
]

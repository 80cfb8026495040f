"""pathgrad's engine: scalar reverse-mode automatic differentiation that shows the chain rule along each path.

>>> from autograd import Value
>>> x, y = Value(2.0, label="x"), Value(3.0, label="y")
>>> z = x * y + x**2
>>> z.backward()
>>> x.grad, y.grad
(7.0, 2.0)
"""

from autograd.dependencies import Dependencies, Edge, dependencies
from autograd.formula import Definition, FormulaError, define, definitions, evaluate_number
from autograd.numerical import (
    DifferenceErrors,
    backward_difference,
    central_difference,
    difference_errors,
    forward_difference,
)
from autograd.paths import Path, Paths, paths
from autograd.primitive import PRIMITIVES, Interval, Primitive, primitive
from autograd.rules import (
    absolute,
    add,
    affine,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    clip,
    cos,
    cosh,
    divide,
    dot,
    elu,
    erf,
    exp,
    expm1,
    floor,
    floor_divide,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    mod,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softplus,
    softsign,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    where,
)
from autograd.rules import absolute as abs
from autograd.rules import total as sum
from autograd.sweep import adjoints, naive_sweep, topological_order
from autograd.value import Value

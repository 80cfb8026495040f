"""pathgrad's engine: scalar reverse-mode automatic differentiation that shows the chain rule along each path.

>>> from autograd import Value
>>> x, y = Value(2.0, label="x"), Value(3.0, label="y")
>>> z = x * y + x**2
>>> z.backward()
>>> x.grad, y.grad
(7.0, 2.0)
"""

from importlib.util import find_spec as _find_spec

if _find_spec("autograd.tracer") is not None:  # a module of HIPS autograd: one was installed over the other
    raise ImportError(
        "pathgrad and HIPS autograd, both of which are imported as autograd, are installed over each other here: keep "
        "them in separate environments (pip uninstall autograd pathgrad, then pip install pathgrad)"
    )


from autograd.checkpoint import checkpoint
from autograd.dependencies import Dependencies, Edge, dependencies
from autograd.draw import Drawing, draw, render, tree
from autograd.engines import EngineError
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
from autograd.rules import total as _total
from autograd.sweep import adjoints, naive_sweep, tangents, topological_order
from autograd.tensor import Tensor, enable_grad, no_grad
from autograd.transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

# NumPy's names for two of them; left out of `from autograd import *`, where they would hide Python's own.
abs = absolute
sum = _total

__all__ = [
    "PRIMITIVES",
    "Definition",
    "Dependencies",
    "DifferenceErrors",
    "Drawing",
    "Edge",
    "EngineError",
    "FormulaError",
    "Interval",
    "Path",
    "Paths",
    "Primitive",
    "Tensor",
    "Value",
    "absolute",
    "add",
    "adjoints",
    "affine",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "backward_difference",
    "cbrt",
    "central_difference",
    "checkpoint",
    "clip",
    "cos",
    "cosh",
    "define",
    "definitions",
    "dependencies",
    "difference_errors",
    "divide",
    "dot",
    "draw",
    "elementwise_grad",
    "elu",
    "enable_grad",
    "erf",
    "evaluate_number",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "forward_difference",
    "gelu",
    "grad",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "jvp",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "naive_sweep",
    "negative",
    "no_grad",
    "paths",
    "positive",
    "power",
    "primitive",
    "reciprocal",
    "relu",
    "render",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tangents",
    "tanh",
    "topological_order",
    "tree",
    "value_and_grad",
    "vjp",
    "where",
]

"""pathgrad's engine: scalar reverse-mode automatic differentiation that shows the chain rule along each path.

>>> from autograd import Value
>>> x, y = Value(2.0, label="x"), Value(3.0, label="y")
>>> z = x * y + x**2
>>> z.backward()
>>> x.grad, y.grad
(7.0, 2.0)

Functions have NumPy's names, and PyTorch's where NumPy has none; they take numbers, arrays, Values and Tensors.
"""

from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _find_spec("autograd.wrap_util") is not None:  # a module of HIPS autograd: one was installed over the other
    raise ImportError(
        "pathgrad and HIPS autograd, both of which are imported as autograd, are installed over each other here: keep "
        "them in separate environments (pip uninstall autograd pathgrad, then pip install pathgrad)"
    )

# First of all, since it decides in which form the core is imported.
from autograd.core.config import PARTS as _PARTS, __version__ as __version__, show_config, state_of as _state_of  # isort: skip

from autograd import linalg, rules
from autograd.arrays import (
    convolution,
    elementwise,
    functions,
    labels,
    linear_maps,
    losses,
    making,
    numpy_protocol,
    operations,
    reductions,
    sequences,
    stacking,
    statistics,
)
from autograd.arrays.array_operation import ARRAY_OPERATIONS, ArrayOperation, array_operation
from autograd.arrays.convolution import *
from autograd.arrays.elementwise import *
from autograd.arrays.functions import *
from autograd.arrays.labels import *
from autograd.arrays.linear_maps import *
from autograd.arrays.losses import *
from autograd.arrays.making import *
from autograd.arrays.operations import *
from autograd.arrays.reductions import *
from autograd.arrays.sequences import *
from autograd.arrays.stacking import *
from autograd.arrays.statistics import *
from autograd.arrays.tensor import Tensor
from autograd.core.errors import (
    DivisionByZeroError,
    DomainError,
    EvaluationError,
    GraphLeftError,
    GraphLeftWarning,
    RangeError,
)
from autograd.core.foreign import refuse_function as _refuse_function
from autograd.core.grad_mode import enable_grad, no_grad, stop_gradient
from autograd.core.hooks import hooks as _hooks
from autograd.core.nested import entries, rebuild
from autograd.core.primitive import PRIMITIVES, Interval, Primitive, primitive
from autograd.core.recomputation import once, recomputing
from autograd.core.rules import *
from autograd.core.special import *
from autograd.core.sweep import adjoints, tangents, topological_order
from autograd.core.value import Value, affine
from autograd.transforms.checkpointing import checkpoint
from autograd.transforms.gradients import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

abs = rules.absolute


def _load_later() -> _ModuleType:
    import autograd.later as later  # not from autograd, which would ask for the name below

    globals().update({name: getattr(later, name) for name in later.__all__})
    return later


def _load_name(name: str) -> object:
    """A name that is loaded when a program asks for it, also one of HIPS autograd; an error for every other name."""
    if name == "testing":  # a module, which needs Hypothesis
        return _import_module("autograd.testing")
    if name in _COMPILER:
        globals()[name] = found = getattr(_import_module(f"autograd.compiler.{_COMPILER[name]}"), name)
        return found
    if name in __all__:
        return getattr(_load_later(), name)
    from autograd.compat import containers, transforms

    found = next((room for room in (transforms, containers) if name in room.__all__), None)
    return _refuse_function(name) if found is None else getattr(found, name)


_COMPILER = {"Compiled": "function", "compile": "function", "Program": "program", "RecordingError": "recording"}
"""The names of the compiler, each with its module; few programs use them."""

_PARTS["compiled lanes"] = lambda: _state_of(_import_module("autograd.compiler.native_machine").is_compiled())


def __dir__() -> list[str]:
    return sorted({*globals(), *_COMPILER, *__all__})


_hooks.load = _load_later
if _TYPE_CHECKING:
    from autograd.compiler.function import Compiled
    from autograd.compiler.function import compile as compile
    from autograd.compiler.program import Program
    from autograd.compiler.recording import RecordingError
    from autograd.later import *
else:  # type checkers would take every name for an attribute
    __getattr__ = _load_name

__all__ = [
    "ARRAY_OPERATIONS",
    "PRIMITIVES",
    "ArrayOperation",
    "Autopsy",
    "BackpropCheck",
    "CheckedLine",
    "Claim",
    "ClaimCheck",
    "Compiled",
    "Definition",
    "Dependencies",
    "DifferenceErrors",
    "DivisionByZeroError",
    "DomainError",
    "Drawing",
    "Edge",
    "EngineError",
    "EvaluationError",
    "Finding",
    "Flows",
    "Fold",
    "FoldedEdge",
    "FormulaError",
    "GradientCheck",
    "GradientError",
    "GraphLeftError",
    "GraphLeftWarning",
    "Group",
    "Groups",
    "Interval",
    "Measured",
    "NonFinite",
    "Page",
    "Path",
    "Paths",
    "Primitive",
    "Program",
    "RangeError",
    "RecordingError",
    "Skin",
    "Step",
    "Steps",
    "Strip",
    "Tensor",
    "Value",
    "WhatIf",
    "adjoints",
    "affine",
    "array_operation",
    "autopsy",
    "backward_difference",
    "central_difference",
    "check_backprop",
    "check_claim",
    "check_gradients",
    "checkpoint",
    "define",
    "definitions",
    "dependencies",
    "difference_errors",
    "draw",
    "draw_steps",
    "elementwise_grad",
    "enable_grad",
    "entries",
    "evaluate_number",
    "flows",
    "forward_difference",
    "from_jax",
    "from_json",
    "from_torch",
    "grad",
    "groups",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "label",
    "linalg",
    "measured_slope",
    "mermaid",
    "naive_sweep",
    "no_grad",
    "once",
    "paths",
    "primitive",
    "rebuild",
    "recomputing",
    "render",
    "show_config",
    "steps",
    "stop_gradient",
    "tangents",
    "to_jax",
    "to_json",
    "to_networkx",
    "to_torch",
    "topological_order",
    "tree",
    "value_and_grad",
    "variables",
    "vjp",
    "what_if",
    "write_html",
    "write_playground",
]
# Type checkers read these statements, and no loop.
__all__ += rules.__all__
__all__ += operations.__all__
__all__ += reductions.__all__
__all__ += functions.__all__
__all__ += elementwise.__all__
__all__ += making.__all__
__all__ += sequences.__all__
__all__ += statistics.__all__
__all__ += stacking.__all__
__all__ += linear_maps.__all__
__all__ += labels.__all__
__all__ += losses.__all__
__all__ += convolution.__all__
# autograd.sum, max, min, round, divmod, abs and compile are there, but a star import would hide Python's own behind
# them.  Type checkers do not read this loop, and so allow them to be imported by name.  where is in two of the lists.
for _name in ("divmod", "max", "min", "round", "sum", "where"):
    __all__.remove(_name)

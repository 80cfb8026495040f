"""Functions carried across: ours into JAX, and those of JAX as graphs of Values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd.bridges.jax_steps import inner_jaxpr, step_name, user_place
from autograd.bridges.libraries import imported
from autograd.bridges.numbers import FUNCTIONS, check_value, leaves, refuse
from autograd.core.aliases import Array, Structure
from autograd.core.display import function_name
from autograd.core.errors import EvaluationError, hidden
from autograd.core.grad_mode import no_grad
from autograd.core.nested import entries, rebuild
from autograd.core.sweep import is_node
from autograd.core.value import Value
from autograd.transforms.gradients import vjp

__all__ = ["from_jax", "to_jax"]

__tracebackhide__ = hidden

_SAMPLES = (1.0, 0.5, 2.0, 10.0, -0.5, -2.0)


def to_jax(f: Callable[..., Structure]) -> Callable[..., Any]:
    """A function of this library, also a primitive, as a function of JAX with derivatives of every order.

    It runs outside of JAX, by ``jax.pure_callback``, also under ``jit`` and ``vmap``.  The shapes of its result must
    follow from those of its arguments: where JAX traces these, ``f`` is called with other numbers.  Its derivatives are
    those of reverse mode, so a Hessian is ``jax.jacrev(jax.jacrev(f))``.  Nodes that ``f`` captures are constants.

    Args:
        f: a function that returns numbers and arrays, also in lists, tuples and dicts.

    Returns:
        A function of the same arguments, with arrays of JAX in place of numbers and arrays, also in lists, tuples and
        dicts.  Those without axes reach ``f`` as Values, others as Tensors.

    Raises:
        ImportError: without JAX, which ``pip install "pathgrad[jax]"`` installs.
    """
    jax = imported("jax", "to_jax")

    @wraps(f, updated=())
    def function(*args: Any) -> Any:
        given = list(entries(args))
        places = [i for i, x in enumerate(given) if _is_array(jax, x)]
        arrays = [jax.numpy.asarray(given[i]) for i in places]
        moving = [i for i, x in zip(places, arrays, strict=True) if jax.numpy.issubdtype(x.dtype, jax.numpy.floating)]
        structure: list[Structure] = []

        def ours(*numbers: Structure) -> Structure:
            fresh = list(given)
            for i, x in zip(places, numbers, strict=True):
                fresh[i] = x
            result = f(*rebuild(args, fresh))
            structure[:] = [result]
            return list(entries(result))

        outputs = _applied(jax, ours, arrays, [i in moving for i in places])
        return rebuild(structure[0], outputs)

    return function


def _is_array(jax: Any, x: Any) -> bool:
    return isinstance(x, (float, np.ndarray, np.generic, jax.Array))


def _applied(jax: Any, f: Callable[..., Any], arrays: Sequence[Any], moving: Sequence[bool]) -> Sequence[Any]:
    """Apply a function of numbers and arrays that returns a list of them, with its own rule for derivatives.

    Args:
        jax: the library.
        f: the function.
        arrays: its arguments.
        moving: which of them are differentiated.
    """
    floats = [x.dtype for x, moves in zip(arrays, moving, strict=True) if moves]
    dtype = jax.numpy.result_type(*floats) if floats else jax.numpy.result_type(float)

    def values(*xs: Any) -> list[Array]:
        with no_grad():
            found = _differentiated(f, moving, [_number(x) for x in xs])[0]
        return [_array(jax, x, dtype) for x in found]

    shapes = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in _sample(jax, values, arrays)]

    @jax.custom_vjp  # type: ignore[untyped-decorator,unused-ignore]
    def function(*xs: Any) -> Any:
        return jax.pure_callback(values, shapes, *xs, vmap_method="sequential")

    def backward(xs: Any, cotangents: Any) -> Any:
        pulled = partial(_pulled, f, moving, len(xs))
        gradients = iter(_applied(jax, pulled, [*xs, *cotangents], [*moving, *[True] * len(cotangents)]))
        none = jax.dtypes.float0
        return tuple(
            next(gradients).astype(x.dtype) if moves else np.zeros(x.shape, none)
            for x, moves in zip(xs, moving, strict=True)
        )

    function.defvjp(lambda *xs: (function(*xs), xs), backward)
    function.__name__ = function_name(f)
    outputs: Sequence[Any] = function(*arrays)
    return outputs


def _sample(jax: Any, values: Callable[..., list[Array]], arrays: Sequence[Any]) -> list[Array]:
    """What a function returns at its arguments, or in place of those that JAX traces, at any numbers in its domain."""
    for number in _SAMPLES:
        try:
            return values(*(np.full(x.shape, number, x.dtype) if _traced(jax, x) else x for x in arrays))
        except EvaluationError as error:
            failure = error
    raise ValueError(f"to_jax found no numbers at which to call the function for the shapes of its result: {failure}")


def _traced(jax: Any, x: Any) -> bool:
    return isinstance(x, jax.core.Tracer)


def _differentiated(f: Callable[..., Any], moving: Sequence[bool], xs: Sequence[Any]) -> tuple[Any, Callable[..., Any]]:
    """The values of a function, and what pulls a cotangent back to those arguments that move."""

    def of_moving(*those: Structure) -> Structure:
        following = iter(those)
        return f(*[next(following) if moves else x for x, moves in zip(xs, moving, strict=True)])

    return vjp(of_moving, *[x for x, moves in zip(xs, moving, strict=True) if moves])


def _pulled(
    f: Callable[..., Any], moving: Sequence[bool], count: int, *xs_and_cotangents: Structure
) -> list[Structure]:
    """The gradients of a function in its arguments, given those of its values."""
    xs, cotangents = xs_and_cotangents[:count], xs_and_cotangents[count:]
    return list(_differentiated(f, moving, xs)[1](list(cotangents)))


def _number(x: Any) -> Any:
    """An array, one without axes as a number."""
    array = np.asarray(x)
    return array if array.ndim else array.item()


def _array(jax: Any, x: Any, dtype: Any) -> Array:
    """A number or array with a dtype that JAX has; a number has the given one."""
    if not isinstance(x, np.ndarray):
        return np.asarray(x, dtype)
    return x.astype(jax.dtypes.canonicalize_dtype(x.dtype))


# ---------------------------------------------------------------------------------------------------------------------
# A function of JAX as a graph of Values
# ---------------------------------------------------------------------------------------------------------------------


def from_jax(f: Callable[..., Any], *args: Value | float) -> Any:
    """The graph of a JAX function of numbers: what it returns, as Values that remember the same operations.

    So the paths, flows and pictures of this library show the chain rule of that function.  Values are passed on as the
    leaves of the graph; plain numbers become leaves named like the parameters.

    Args:
        f: a function of numbers that returns numbers, also in a pytree.
        args: its arguments.

    Raises:
        NotImplementedError: if it contains arrays, a custom rule, or an operation without a counterpart here; the
            message names its line.
        ImportError: without JAX, which ``pip install "pathgrad[jax]"`` installs.
    """
    jax = imported("jax", "from_jax")
    inputs = leaves(f, args)
    with jax.enable_x64(True):
        numbers = [x.item() for x in inputs]
        closed, shape = jax.make_jaxpr(f, return_shape=True)(*numbers)
        outputs = _converted(jax, closed.jaxpr, closed.consts, inputs)
        for found, expected in zip(outputs, jax.tree.leaves(f(*numbers)), strict=True):
            check_value(found, float(expected), "JAX")
        return jax.tree.unflatten(jax.tree.structure(shape), outputs)


def _converted(jax: Any, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    """Evaluate a jaxpr with Values."""
    known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

    def read(variable: Any) -> Any:
        found = variable.val if hasattr(variable, "val") else known[variable]
        return found if is_node(found) else np.asarray(found).item()

    for equation in jaxpr.eqns:
        known.update(zip(equation.outvars, _called(jax, equation, [read(x) for x in equation.invars]), strict=True))
    return [read(x) for x in jaxpr.outvars]


def _called(jax: Any, equation: Any, xs: Sequence[Any]) -> Sequence[Any]:
    """The values of an equation."""
    name, options, place = equation.primitive.name, equation.params, user_place(jax, equation)
    if any(x.aval.shape for x in equation.outvars):
        refuse("from_jax", name, place, "computes an array")
    inner = inner_jaxpr(equation)
    if name == "cond":
        branch = options["branches"][int(np.clip(xs[0], 0, len(options["branches"]) - 1))]
        return _converted(jax, branch.jaxpr, branch.consts, xs[1:])
    if inner is not None:
        return _converted(jax, *inner, xs)
    if name == "integer_pow":
        return [xs[0] ** options["y"]]
    if name == "select_n":
        return [xs[1 + int(xs[0])]]
    if name in ("convert_element_type", "copy", "copy_p"):
        return xs
    if name.startswith("custom_"):
        name = step_name(equation)
        if name not in ("relu", "sigmoid", "softplus"):
            refuse("from_jax", name, place, "has a rule of its own: declare it with autograd.primitive")
    if name not in FUNCTIONS:
        refuse("from_jax", name, place)
    return [FUNCTIONS[name](*xs)]

"""A function of this library as a function of JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd.bridges.libraries import imported
from autograd.core.aliases import Array, Structure
from autograd.core.display import function_name
from autograd.core.errors import hidden
from autograd.core.grad_mode import no_grad
from autograd.core.nested import entries, rebuild
from autograd.transforms.gradients import vjp

__all__ = ["to_jax"]

__tracebackhide__ = hidden


def to_jax(f: Callable[..., Structure]) -> Callable[..., Any]:
    """A function of this library, also a primitive, as a function of JAX with derivatives of every order.

    It runs outside of JAX, by ``jax.pure_callback``, also under ``jit`` and ``vmap``.  The shapes of its result must
    follow from those of its arguments: they are found by a call with ones.  Its derivatives are those of reverse mode,
    so a Hessian is ``jax.jacrev(jax.jacrev(f))``.  Nodes that ``f`` captures are constants.

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

    shapes = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in values(*(np.ones(x.shape, x.dtype) for x in arrays))]

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


def _differentiated(f: Callable[..., Any], moving: Sequence[bool], xs: Sequence[Any]) -> tuple[Any, Callable[..., Any]]:
    """The values of a function, and what pulls a cotangent back to those arguments that move."""

    def of_moving(*those: Structure) -> Structure:
        following = iter(those)
        return f(*[next(following) if moves else x for x, moves in zip(xs, moving, strict=True)])

    return vjp(of_moving, *[x for x, moves in zip(xs, moving, strict=True) if moves])


def _pulled(f: Callable[..., Any], moving: Sequence[bool], count: int, *xs_and_cotangents: Structure) -> list[Structure]:
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

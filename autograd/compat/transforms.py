"""Transforms under the names of HIPS autograd, written with those of :mod:`autograd.transforms`.

Each takes a function and the position of the argument to differentiate with respect to, ``argnum``, and returns a
function of the same arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np

from autograd.arrays.functions import tensordot
from autograd.arrays.operands import as_array
from autograd.arrays.reductions import sum as sum_of
from autograd.core.aliases import Structure
from autograd.core.nested import entries, rebuild
from autograd.transforms.gradients import grad, jacobian, jvp, vjp

__all__ = [
    "deriv",
    "grad_and_aux",
    "grad_named",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "vector_jacobian_product",
]

Function: TypeAlias = Callable[..., Any]
Argnum: TypeAlias = "int | Sequence[int]"


def make_vjp(fun: Function, argnum: Argnum = 0) -> Function:
    """HIPS autograd's ``make_vjp``; in a new program use :func:`autograd.vjp`.

    Returns:
        A function of the arguments of ``fun`` that returns ``(pull, value)``, where ``pull(g)`` is the gradient in the
        argument.

    >>> pull, value = make_vjp(lambda x: x**2)(3.0)
    >>> pull(1.0), value
    (6.0, 9.0)
    """

    def at(*args: Structure, **kwargs: Structure) -> tuple[Function, Any]:
        value, pull = vjp(*_of_one_argument(fun, argnum, args, kwargs))
        return lambda g: pull(g)[0], value

    return at


def make_jvp(fun: Function, argnum: Argnum = 0) -> Function:
    """HIPS autograd's ``make_jvp``; in a new program use :func:`autograd.jvp`.

    Returns:
        A function of the arguments of ``fun`` that returns ``push``, where ``push(v)`` is the value and its rate of
        change along ``v``.

    >>> make_jvp(lambda x: x**2)(3.0)(1.0)
    (9.0, 6.0)
    """

    def at(*args: Structure, **kwargs: Structure) -> Function:
        f, x = _of_one_argument(fun, argnum, args, kwargs)
        return lambda v: jvp(f, (x,), (v,))

    return at


def make_hvp(fun: Function, argnum: Argnum = 0) -> Function:
    """HIPS autograd's ``make_hvp``; in a new program use :func:`autograd.hvp`.

    Returns:
        A function of the arguments of ``fun`` that returns ``(product, gradient)``, where ``product(v)`` is the Hessian
        times ``v``.

    >>> product, gradient = make_hvp(lambda x: x**3)(2.0)
    >>> product(1.0), gradient
    (12.0, 12.0)
    """
    return make_vjp(grad(fun, argnum), argnum)


def hessian_tensor_product(fun: Function, argnum: int = 0) -> Function:
    """HIPS autograd's ``hessian_vector_product``; in a new program use :func:`autograd.hvp`.

    Returns:
        A function of the arguments of ``fun``, followed by a vector in the structure of the argument, that returns the
        Hessian times the vector.

    >>> hessian_vector_product(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """

    def product(*args: Structure, **kwargs: Structure) -> Any:
        slope, x = _of_one_argument(grad(fun, argnum), argnum, args[:-1], kwargs)
        return jvp(slope, (x,), (args[-1],))[1]

    return product


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Function, argnum: int = 0) -> Function:
    """HIPS autograd's ``vector_jacobian_product``; in a new program use :func:`autograd.vjp`.

    Returns:
        A function of the arguments of ``fun``, followed by a vector, that returns the vector times the Jacobian matrix.

    >>> vector_jacobian_product(lambda x: x**2)(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    def product(*args: Structure, **kwargs: Structure) -> Any:
        vector = as_array(args[-1])
        return jacobian(lambda *xs: tensordot(vector, fun(*xs, **kwargs), vector.ndim), argnum)(*args[:-1])

    return product


vector_jacobian_product = tensor_jacobian_product


def deriv(fun: Function, argnum: int = 0) -> Function:
    """HIPS autograd's ``deriv``: the rate of change when every number of the argument changes at the rate 1.

    >>> deriv(lambda x: x**2)(3.0)
    6.0
    """

    def derived(*args: Structure, **kwargs: Structure) -> Any:
        f, x = _of_one_argument(fun, argnum, args, kwargs)
        return jvp(f, (x,), (_filled(x, 1.0),))[1]

    return derived


def grad_named(fun: Function, argname: str) -> Function:
    """HIPS autograd's ``grad_named``; in a new program use ``autograd.grad(fun, "name")``.

    >>> grad_named(lambda x, y: x * y, "y")(3.0, 4.0)
    3.0
    """
    return grad(fun, argname)


def grad_and_aux(fun: Function, argnum: Argnum = 0) -> Function:
    """HIPS autograd's ``grad_and_aux``, for a function that returns a pair.

    Returns:
        A function of the same arguments that returns the gradient of the first result, and the second result.

    >>> grad_and_aux(lambda x: (x**2, x + 1.0))(3.0)
    (6.0, 4.0)
    """

    def derived(*args: Structure, **kwargs: Structure) -> tuple[Any, Any]:
        (value, aux), pull = vjp(*_of_one_argument(fun, argnum, args, kwargs))
        return pull((_filled(value, 1.0), _filled(aux, 0.0)))[0], aux

    return derived


def multigrad_dict(fun: Function) -> Function:
    """HIPS autograd's ``multigrad_dict``: the gradients in all arguments, by name.

    >>> multigrad_dict(lambda x, y=5.0: x * y)(2.0)
    {'x': 5.0, 'y': 2.0}
    """
    signature = inspect.signature(fun)

    def derived(*args: Structure, **kwargs: Structure) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def call(arguments: dict[str, Any]) -> Any:
            bound.arguments.update(arguments)
            return fun(*bound.args, **bound.kwargs)

        found: dict[str, Any] = grad(call)(dict(bound.arguments))
        return found

    return derived


def make_ggnvp(f: Function, g: Function | None = None, f_argnum: int = 0) -> Function:
    """HIPS autograd's ``make_ggnvp``: products with the Gauss-Newton matrix JᵀHJ of ``g(f(x))``.

    Args:
        f: a function with the Jacobian matrix J.
        g: a function of the value of ``f`` with the Hessian H; by default half the sum of squares.
        f_argnum: the argument of ``f``.

    Returns:
        A function of the arguments of ``f`` that returns a function of a vector.

    >>> make_ggnvp(lambda x: x**2)(3.0)(1.0)
    36.0
    """
    outer: Function = g or (lambda x: 0.5 * sum_of(x * x))

    def at(*args: Structure, **kwargs: Structure) -> Function:
        inner, x = _of_one_argument(f, f_argnum, args, kwargs)
        value, pull = vjp(inner, x)
        return lambda v: pull(hessian_vector_product(outer)(value, jvp(inner, (x,), (v,))[1]))[0]

    return at


def holomorphic_grad(fun: Function, argnum: int = 0) -> NoReturn:
    """Raise ``NotImplementedError``: HIPS autograd differentiates complex functions, and this package does not."""
    raise NotImplementedError(
        "holomorphic_grad: derivatives are taken of real numbers only; write the function with its real and imaginary "
        "parts as two real arguments"
    )


def _of_one_argument(fun: Function, argnum: Argnum, args: Any, kwargs: Any) -> tuple[Function, Any]:
    """``fun`` as a function of one argument, and the value of that argument; several as a tuple."""
    places = [argnum] if isinstance(argnum, int) else list(argnum)

    def alone(x: Any) -> Any:
        given = list(args)
        for place, part in zip(places, [x] if isinstance(argnum, int) else x, strict=True):
            given[place] = part
        return fun(*given, **kwargs)

    chosen = tuple([args[place] for place in places])
    return alone, chosen[0] if isinstance(argnum, int) else chosen


def _filled(structure: Structure, number: float) -> Any:
    """The structure with this number in place of all its numbers."""
    return rebuild(structure, [np.full(np.shape(x), number) if np.ndim(x) else number for x in entries(structure)])

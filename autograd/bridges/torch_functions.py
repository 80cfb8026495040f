"""A function of this library as a function of PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd.bridges.libraries import imported
from autograd.core.aliases import Structure
from autograd.core.display import function_name
from autograd.core.errors import hidden
from autograd.core.grad_mode import no_grad
from autograd.core.nested import entries, rebuild
from autograd.transforms.gradients import vjp

__all__ = ["to_torch"]

__tracebackhide__ = hidden


def to_torch(f: Callable[..., Structure]) -> Callable[..., Any]:
    """A function of this library, also a primitive, as a function of PyTorch tensors with derivatives of every order.

    Tensors of floats reach ``f`` as Values if they have no axes, as Tensors otherwise; everything else as it is.  What
    ``f`` returns becomes tensors of the same device.  Nodes that ``f`` captures are constants.

    Args:
        f: a function that returns numbers and arrays, also in lists, tuples and dicts.

    Returns:
        A function of the same arguments, with tensors of ``float32`` or ``float64`` in place of numbers and arrays, also
        in lists, tuples and dicts.

    Raises:
        TypeError: when called, if a tensor has another dtype of floats.
        ImportError: without PyTorch, which ``pip install "pathgrad[torch]"`` installs.
    """
    torch = imported("torch", "to_torch")

    @wraps(f, updated=())
    def function(*args: Any) -> Any:
        given = list(entries(args))
        places = [i for i, x in enumerate(given) if isinstance(x, torch.Tensor) and x.is_floating_point()]
        fixed = [_number(x) if isinstance(x, torch.Tensor) else x for x in given]
        shape: list[Structure] = []

        def ours(*floats: Structure) -> Structure:
            entries_given = list(fixed)
            for i, x in zip(places, floats, strict=True):
                entries_given[i] = x
            result = f(*rebuild(args, entries_given))
            shape[:] = [result]
            return list(entries(result))

        tensors = [given[i] for i in places]
        for tensor in tensors:
            if tensor.dtype not in (torch.float32, torch.float64):
                raise TypeError(f"{function_name(f)} takes tensors of float32 or float64, not of {tensor.dtype}")
        outputs = _applied(torch, ours, tensors)
        return rebuild(shape[0], outputs)

    return function


def _applied(torch: Any, f: Callable[..., Any], tensors: Sequence[Any]) -> Sequence[Any]:
    """Apply a function of numbers and arrays that returns a list of them, as one custom Function."""
    dtype = max((x.dtype for x in tensors), key=lambda dtype: torch.finfo(dtype).bits, default=torch.get_default_dtype())

    device = tensors[0].device if tensors else None

    def tensor(x: Any) -> Any:
        return torch.tensor(x, dtype=None if isinstance(x, np.ndarray) else dtype, device=device)

    def forward(ctx: Any, *xs: Any) -> Any:
        ctx.save_for_backward(*xs)
        with no_grad():
            values, ctx.pull = vjp(f, *map(_number, xs))
        return tuple(map(tensor, values))

    def backward(ctx: Any, *cotangents: Any) -> Any:
        xs = ctx.saved_tensors
        if torch.is_grad_enabled():  # the gradient is differentiated further
            gradients = _applied(torch, partial(_pulled, f, len(xs)), [*xs, *cotangents])
        else:
            with no_grad():
                gradients = [tensor(x) for x in ctx.pull(list(map(_number, cotangents)))]
        return tuple(x.to(like.dtype) for x, like in zip(gradients, xs, strict=True))

    parts = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    function = type(function_name(f), (torch.autograd.Function,), parts)
    outputs: Sequence[Any] = function.apply(*tensors)  # type: ignore[attr-defined]
    return outputs


def _pulled(f: Callable[..., Any], count: int, *xs_and_cotangents: Structure) -> list[Structure]:
    """The gradients of a function in its arguments, given those of its values."""
    xs, cotangents = xs_and_cotangents[:count], xs_and_cotangents[count:]
    return list(vjp(f, *xs)[1](list(cotangents)))


def _number(tensor: Any) -> Any:
    """A tensor as an array, one without axes as a number."""
    array = tensor.detach().cpu().numpy()
    return array if array.ndim else array.item()

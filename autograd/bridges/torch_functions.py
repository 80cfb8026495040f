"""Functions carried across: ours into PyTorch, and those of PyTorch as graphs of Values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd.bridges.libraries import imported
from autograd.bridges.numbers import FUNCTIONS, check_value, leaves, refuse
from autograd.core.aliases import Structure
from autograd.core.display import function_name
from autograd.core.errors import hidden, user_line
from autograd.core.grad_mode import no_grad
from autograd.core.nested import entries, rebuild
from autograd.core.value import Value
from autograd.transforms.gradients import vjp

__all__ = ["from_torch", "to_torch"]

__tracebackhide__ = hidden


def to_torch(f: Callable[..., Structure]) -> Callable[..., Any]:
    """A function of this library, also a primitive, as a function of PyTorch tensors with derivatives of every order.

    Tensors of floats reach ``f`` as Values if they have no axes, as Tensors otherwise; everything else as it is.  What
    ``f`` returns becomes tensors of the same device.  Nodes that ``f`` captures are constants.

    Args:
        f: a function that returns numbers and arrays, also in lists, tuples and dicts.

    Returns:
        A function of the same arguments, with tensors of ``float32`` or ``float64`` in place of numbers and arrays,
        also in lists, tuples and dicts.

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
    dtype = max(
        (x.dtype for x in tensors), key=lambda dtype: torch.finfo(dtype).bits, default=torch.get_default_dtype()
    )

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


# ---------------------------------------------------------------------------------------------------------------------
# A function of PyTorch as a graph of Values
# ---------------------------------------------------------------------------------------------------------------------

_COPIES = {"clone", "alias", "view", "reshape", "_to_copy", "lift_fresh", "sum", "mean", "squeeze"}
"""Operations that change nothing in a single number."""


def from_torch(f: Callable[..., Any], *args: Value | float) -> Any:
    """The graph of a PyTorch function of numbers: what it returns, as Values that remember the same operations.

    So the paths, flows and pictures of this library show the chain rule of that function.  Values are passed on as the
    leaves of the graph; plain numbers become leaves named like the parameters.

    Args:
        f: a function of tensors without axes that returns such tensors, also in lists, tuples and dicts.
        args: its arguments.

    Raises:
        NotImplementedError: if it contains arrays, a custom ``Function``, or an operation without a counterpart here;
            the message names its line.
        ImportError: without PyTorch, which ``pip install "pathgrad[torch]"`` installs.
    """
    torch = imported("torch", "from_torch")
    inputs = leaves(f, args)
    tensors = [torch.tensor(x.item(), dtype=torch.float64, requires_grad=True) for x in inputs]
    known = {id(tensor): (tensor, value) for tensor, value in zip(tensors, inputs, strict=True)}

    def read(x: Any) -> Any:
        if not isinstance(x, torch.Tensor):
            return x
        if hasattr(type(x.grad_fn), "_forward_cls"):
            name = type(x.grad_fn)._forward_cls.__name__
            refuse("from_torch", name, "", "has a backward of its own: declare it with autograd.primitive")
        return known[id(x)][1] if id(x) in known else x.item()

    mode: Any = torch.utils._python_dispatch.TorchDispatchMode

    class Trace(mode):  # type: ignore[misc]
        """Does the same with Values."""

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), options: Any = None) -> Any:
            result = function(*args, **(options or {}))
            name = function.overloadpacket.__name__
            place = user_line(sys._getframe(1), outside="torch")
            if not isinstance(result, torch.Tensor) or result.dim():
                if not any(id(x) in known for x in entries(args)):
                    return result
                refuse("from_torch", name, place, "computes an array")
            known[id(result)] = result, _called(name, place, list(map(read, args)), options or {})
            return result

    with torch.enable_grad(), Trace():
        outputs = f(*tensors)
    found = [read(x) for x in entries(outputs)]
    for ours, theirs in zip(found, entries(outputs), strict=True):
        check_value(ours, theirs.item(), "PyTorch")
    return rebuild(outputs, found)


def _called(name: str, place: str, xs: list[Any], options: Any) -> Any:
    """The value of an operation on numbers."""
    if name in ("add", "sub") and "alpha" in options:
        xs[1] = options["alpha"] * xs[1]
    if name in _COPIES:
        return xs[0]
    if name == "detach":
        return FUNCTIONS["stop_gradient"](xs[0])
    if name == "rsub":
        return xs[1] - xs[0]
    if name == "where":
        return xs[1] if xs[0] else xs[2]
    if name not in FUNCTIONS:
        refuse("from_torch", name, place)
    return FUNCTIONS[name](*xs)

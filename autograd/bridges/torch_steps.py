"""The steps of a PyTorch function: every call of PyTorch and every custom ``autograd.Function``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from autograd.bridges.libraries import imported
from autograd.bridges.steps import EMPTY, Step, check_steps
from autograd.checks.directions import entry_names
from autograd.checks.gradients import GradientCheck, arguments_by_name
from autograd.core.aliases import Array
from autograd.core.display import function_name
from autograd.core.errors import hidden, user_line
from autograd.core.nested import entries, rebuild

__all__ = ["check_torch"]

__tracebackhide__ = hidden


def check_torch(f: Callable[..., Any], *args: Any, tolerance: float = 1e-7) -> GradientCheck:
    """Check the gradient of a PyTorch function at one point, step by step, and name the step at fault.

    Every call of PyTorch in ``f`` and every custom ``autograd.Function`` is repeated by itself, in double precision,
    and its backward, and its ``jvp`` if it has forward mode, are compared with slopes that are measured along random
    directions.  On a kink any slope between those on both sides is right.  Finally the derivatives of ``f`` itself are
    measured, which finds a graph that was left.

    Random numbers are the same at each repetition.  Calls inside of ``forward`` of a custom ``Function`` are not steps:
    its backward stands for them.

    Args:
        f: a function of tensors, such as a model, that returns tensors, also in lists, tuples and dicts.
        args: its arguments: tensors, which keep their dtype; numbers and arrays, which become tensors of ``float64``;
            or lists, tuples and dicts of them.  Those of floats are differentiated.
        tolerance: how far the backward may be from the measured slope, relative to it, beyond the error of the
            measurement.

    Returns:
        A :class:`autograd.GradientCheck`.

    Raises:
        GradientError: if a derivative is wrong or nan.  The message names the steps at fault, as in ``BadCube, argument
            1 (model.py:11): its backward gives -0.111033 along a random direction, measured -0.166550 ± 8e-14``.
        TypeError: if no argument is of floats.
        ImportError: without PyTorch, which ``pip install "pathgrad[torch]"`` installs.
    """
    torch = imported("torch", "check_torch")
    arguments = rebuild(args, [_tensor(torch, entry) for entry in entries(args)])
    if not any(_differentiable(torch, entry) for entry in entries(arguments)):
        raise TypeError("check_torch differentiates arguments of floats, but was given none")
    _load_forward_mode(torch)
    with torch.enable_grad():
        whole = _Call(torch, f, function_name(f), "", arguments, {}, list(entry_names(arguments_by_name(f, arguments))))
        steps = [call.step(double=True) for call in _calls(torch, f, whole.fresh())]
        return check_steps(steps, whole.step(double=False), tolerance)


def _load_forward_mode(torch: Any) -> None:
    """Let PyTorch load what its forward mode needs, which warns of its own code."""
    zero = torch.zeros(())
    with catch_warnings(), torch.autograd.forward_ad.dual_level():
        simplefilter("ignore")
        torch.autograd.forward_ad.make_dual(zero, zero)


def _tensor(torch: Any, entry: Any) -> Any:
    """An argument as a tensor; one of floats is a leaf."""
    if isinstance(entry, (float, np.floating, np.ndarray)):
        array = np.array(entry)
        entry = torch.from_numpy(array.astype(float) if array.dtype.kind == "f" else array)
    if not isinstance(entry, torch.Tensor):
        return entry
    entry = entry.detach().clone()
    return entry.requires_grad_() if entry.is_floating_point() or entry.is_complex() else entry


def _differentiable(torch: Any, entry: Any) -> bool:
    return isinstance(entry, torch.Tensor) and entry.requires_grad


# ---------------------------------------------------------------------------------------------------------------------
# A call that can be repeated
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Call:
    """A function of tensors with its arguments, as they were before the call."""

    torch: Any
    function: Callable[..., Any]
    name: str
    place: str
    args: Sequence[Any]
    options: Mapping[str, Any]
    names: Sequence[str]  # of the entries of the arguments

    def fresh(self) -> Any:
        """New leaves with the same numbers."""
        return rebuild(self.args, [_tensor(self.torch, entry) for entry in entries(self.args)])

    def step(self, *, double: bool) -> Step:
        """The call as a step, whose floats are of double precision on demand."""
        given = [self._constant(entry, double) for entry in entries((self.args, self.options))]
        places = [i for i, entry in enumerate(given) if _differentiable(self.torch, entry)]

        def leaves(operands: Sequence[Array]) -> list[Any]:
            return [_leaf(self.torch, x, given[i]) for i, x in zip(places, operands, strict=True)]

        def run(operands: Sequence[Any]) -> list[Any]:
            return self._run(given, places, operands, every=not double)

        return Step(
            self.name,
            self.place,
            [self.names[i] for i in places],
            [_numbers(self.torch, given[i]) for i in places],
            lambda operands: self._flat(run(leaves(operands))),
            lambda operands, weights: self._pulled(run, leaves(operands), weights),
            lambda operands, place, direction: self._pushed(run, leaves(operands), place, direction),
        )

    def _constant(self, entry: Any, double: bool) -> Any:
        if not isinstance(entry, self.torch.Tensor):
            return entry
        fresh = entry.detach().clone()
        if double and fresh.is_floating_point():
            fresh = fresh.double()
        elif double and fresh.is_complex():
            fresh = fresh.to(self.torch.complex128)
        return fresh.requires_grad_(entry.requires_grad)

    def _run(self, given: Sequence[Any], places: Sequence[int], leaves: Sequence[Any], *, every: bool) -> list[Any]:
        """The outputs of floats for these operands: every one, or those that require a gradient."""
        torch = self.torch
        fresh = [x.detach().clone() if isinstance(x, torch.Tensor) else x for x in given]
        for i, leaf in zip(places, leaves, strict=True):
            fresh[i] = (torch.view_as_complex(leaf) if given[i].is_complex() else leaf).clone()
        args, options = rebuild((self.args, self.options), fresh)
        with torch.enable_grad(), _seeded(torch):
            found = list(entries(self.function(*args, **options)))
        found += [x for x in fresh if isinstance(x, torch.Tensor) and x._version and not any(x is y for y in found)]
        outputs = [x for x in found if isinstance(x, torch.Tensor) and (x.is_floating_point() or x.is_complex())]
        return [torch.view_as_real(x) if x.is_complex() else x for x in outputs if every or x.requires_grad]

    def _flat(self, outputs: Sequence[Any]) -> Array:
        return np.concatenate([EMPTY, *(_numbers(self.torch, x).ravel() for x in outputs)])

    def _pulled(self, run: Callable[..., Any], leaves: Sequence[Any], weights: Array) -> list[Array]:
        outputs = run(leaves)
        parts = np.split(weights, np.cumsum([x.numel() for x in outputs])[:-1])
        pairs = [(x, part) for x, part in zip(outputs, parts, strict=True) if x.requires_grad]
        if not pairs:
            return [np.zeros(x.shape) for x in leaves]
        seeds = [self.torch.as_tensor(part.reshape(x.shape), dtype=x.dtype, device=x.device) for x, part in pairs]
        found = self.torch.autograd.grad([x for x, _ in pairs], leaves, seeds, allow_unused=True)
        return [
            np.zeros(x.shape) if gradient is None else _numbers(self.torch, gradient).astype(float)
            for x, gradient in zip(leaves, found, strict=True)
        ]

    def _pushed(self, run: Callable[..., Any], leaves: list[Any], place: int, direction: Array) -> Array:
        forward = self.torch.autograd.forward_ad
        with forward.dual_level():
            leaf = leaves[place]
            leaves[place] = forward.make_dual(leaf, self.torch.as_tensor(direction).to(leaf))
            try:
                found = [(x, forward.unpack_dual(x).tangent) for x in run(leaves)]
            except Exception as error:
                if self._has_own_jvp:
                    raise
                raise NotImplementedError from error
            return self._flat([self.torch.zeros_like(x) if tangent is None else tangent for x, tangent in found])

    @property
    def _has_own_jvp(self) -> bool:
        """Whether it is a custom Function that defines ``jvp``."""
        base: Any = self.torch.autograd.Function
        kind: Any = getattr(self.function, "__self__", None)
        return isinstance(kind, type(base)) and kind.jvp is not base.jvp


@contextmanager
def _seeded(torch: Any) -> Iterator[None]:
    """The same random numbers each time, and those of the program unchanged."""
    generators = [torch.default_generator, *(torch.cuda.default_generators if torch.cuda.is_initialized() else ())]
    states = [generator.get_state() for generator in generators]
    for generator in generators:
        generator.manual_seed(0)
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def _leaf(torch: Any, array: Array, like: Any) -> Any:
    """A leaf for an operand: real numbers, the parts of a complex one along a last axis."""
    dtype = like.real.dtype if like.is_complex() else like.dtype
    return torch.as_tensor(np.asarray(array), dtype=dtype, device=like.device).clone().requires_grad_()


def _numbers(torch: Any, tensor: Any) -> Array:
    """The numbers of a tensor, of float32 or float64."""
    tensor = tensor.detach()
    tensor = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    wide = tensor if tensor.dtype == torch.float64 else tensor.to(torch.float32)
    return np.asarray(wide.cpu().numpy())


# ---------------------------------------------------------------------------------------------------------------------
# The calls of a function
# ---------------------------------------------------------------------------------------------------------------------


def _calls(torch: Any, f: Callable[..., Any], arguments: Sequence[Any]) -> list[_Call]:
    """What a function calls: functions of PyTorch, the outermost of each, and custom Functions."""
    calls: list[_Call] = []

    def note(function: Callable[..., Any], name: str, frame: FrameType | None, args: Any, options: Any) -> None:
        named = {f"argument {i + 1}": x for i, x in enumerate(args)} | {f"argument {k}": x for k, x in options.items()}
        copies = [
            x.detach().clone().requires_grad_(x.requires_grad) if isinstance(x, torch.Tensor) else x
            for x in entries((args, options))
        ]
        args, options = rebuild((args, options), copies)
        place = user_line(frame, outside="torch")
        calls.append(_Call(torch, function, name, place, args, options, list(entry_names(named))))

    class Calls(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        """Notes what is called with tensors that require a gradient, if the result does, too."""

        def __torch_function__(self, function: Any, types: Any, args: Any = (), options: Any = None) -> Any:
            options = options or {}
            count = len(calls)
            if torch.is_grad_enabled() and any(_differentiable(torch, x) for x in entries((args, options))):
                note(function, _name(torch, function), sys._getframe(1), args, options)
            result = function(*args, **options)
            if function is not torch.Tensor.__setitem__ and not any(
                map(partial(_differentiable, torch), entries(result))
            ):
                del calls[count:]
            return result

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (found := _custom(torch, frame)) is not None:
            function, args = found
            note(function.apply, function.__name__, frame.f_back, args, {})

    before: Any = sys.getprofile()
    sys.setprofile(profile)
    try:
        with Calls(), _seeded(torch):
            f(*arguments)
    finally:
        sys.setprofile(before if callable(before) else None)
        if hasattr(before, "enable"):  # cProfile's, which is not set like a function
            before.enable()
    return calls


def _name(torch: Any, function: Any) -> str:
    """The name of a function of PyTorch: ``mul`` for ``__mul__``, ``T`` for the getter of ``Tensor.T``."""
    name: str = getattr(function, "__name__", "")
    if name in ("__get__", ""):
        name = (torch.overrides.resolve_name(function) or str(function)).removesuffix(".__get__").rpartition(".")[2]
    return name.strip("_")


def _custom(torch: Any, frame: FrameType) -> tuple[Any, Sequence[Any]] | None:
    """The custom Function whose forward begins in a frame, and its arguments.

    ``Function.apply`` is a builtin, which programs keep under names of their own before anyone could replace it.
    """
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount]
    given = [frame.f_locals[name] for name in names]
    if code.co_flags & inspect.CO_VARARGS:
        given += frame.f_locals[code.co_varnames[code.co_argcount + code.co_kwonlyargcount]]
    if not given or not isinstance(given[0], torch.autograd.function.BackwardCFunction):
        return None
    function = type(given[0])._forward_cls
    if getattr(function.forward, "__code__", None) is code:
        return function, given[1:]
    if getattr(function.setup_context, "__code__", None) is code:
        return function, given[1]
    return None

"""The steps of a JAX function: every equation of its jaxpr, also inside of ``jit``, ``scan``, ``while``, ``cond``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd.bridges.libraries import imported
from autograd.bridges.steps import EMPTY, Step, check_steps
from autograd.checks.directions import entry_names
from autograd.checks.gradients import GradientCheck, arguments_by_name
from autograd.core.aliases import Array
from autograd.core.display import function_name
from autograd.core.errors import hidden

__all__ = ["check_jax", "inner_jaxpr", "step_name", "user_place"]

__tracebackhide__ = hidden

_TIMES = 3  # so often each equation of a loop is checked

_CALLS = {"jit", "pjit", "closed_call", "core_call", "checkpoint", "remat", "remat2"}
"""The primitives that call a jaxpr once."""

# The first cuts the graph on purpose; the second takes a matrix and its factors, which do not move by themselves; the
# third leaves the upper half of its result undefined.
_NO_STEPS = {"stop_gradient", "custom_linear_solve", "cholesky"}


def check_jax(f: Callable[..., Any], *args: Any, tolerance: float = 1e-7) -> GradientCheck:
    """Check the gradient of a JAX function at one point, step by step, and name the step at fault.

    Every equation of the jaxpr of ``f`` is repeated by itself, in double precision, and its backward and its jvp are
    compared with slopes that are measured along random directions; also inside of ``jit``, ``cond`` and ``checkpoint``.
    In loops, ``scan`` and ``while_loop``, each equation is checked three times, and in every pass if the derivatives of
    ``f`` are wrong.  A call of ``custom_vjp`` or ``custom_jvp`` is one step, whose rule stands for what it computes.
    On a kink any slope between those on both sides is right.  Finally the derivatives of ``f`` itself are measured,
    which finds a graph that was left.  A ``while_loop`` has forward mode alone, and so has ``f`` then.

    Args:
        f: a function of arrays that returns arrays, also in any pytree.
        args: its arguments: numbers, arrays, or pytrees of them.  Those of floats are differentiated, in double
            precision.
        tolerance: how far the gradient may be from the measured slope, relative to it, beyond the error of the
            measurement.

    Returns:
        A :class:`autograd.GradientCheck`.

    Raises:
        GradientError: if a derivative is wrong or nan.  The message names the steps at fault, as in ``cube, argument 1
            (model.py:11): its backward gives -0.111033 along a random direction, measured -0.166550 ± 8e-14``.
        TypeError: if no argument is of floats.
        ImportError: without JAX, which ``pip install "pathgrad[jax]"`` installs.
    """
    jax = imported("jax", "check_jax")
    with jax.enable_x64(True):
        leaves, tree = jax.tree.flatten(args)
        leaves = [_wide(jax, x) for x in leaves]
        places = [i for i, x in enumerate(leaves) if _differentiable(jax, x)]
        if not places:
            raise TypeError("check_jax differentiates arguments of floats, but was given none")

        def flat(*xs: Any) -> list[Any]:
            return [x for x in jax.tree.leaves(f(*jax.tree.unflatten(tree, xs))) if x is not None]

        names = list(entry_names(arguments_by_name(f, args)))
        if len(names) != len(leaves):  # a pytree of another kind
            names = [f"leaf {i + 1} of the arguments" for i in range(len(leaves))]
        whole = _step(jax, jax.jit(flat), function_name(f), "", leaves, names, [False] * len(leaves))
        closed = jax.make_jaxpr(flat)(*leaves)

        def steps(*, every: bool) -> Iterator[Step]:
            return _Walk(jax, every).steps(closed.jaxpr, closed.consts, leaves)

        return check_steps(steps(every=False), _with_its_modes(whole), tolerance, lambda: steps(every=True))


def _with_its_modes(whole: Step) -> Step:
    """The function without reverse mode, if a ``while_loop`` leaves it forward mode alone."""
    forward = replace(whole, pull=None)
    with suppress(Exception):  # it is raised again when the steps have been checked
        try:
            next(whole.probes(0.0))
        except ValueError as error:
            if "while_loop" in str(error) and next(forward.probes(0.0)).terms:
                return forward
    return whole


def _wide(jax: Any, x: Any) -> Any:
    """An argument in double precision."""
    if not isinstance(x, (int, float, complex, np.ndarray, np.generic, jax.Array)):
        return x
    array = jax.numpy.asarray(x)
    if jax.numpy.issubdtype(array.dtype, jax.numpy.floating):
        return array.astype(np.float64)
    return array.astype(np.complex128) if jax.numpy.issubdtype(array.dtype, np.complexfloating) else array


def _differentiable(jax: Any, x: Any) -> bool:
    return isinstance(x, (jax.Array, np.ndarray)) and jax.numpy.issubdtype(x.dtype, jax.numpy.inexact) and x.size > 0


# ---------------------------------------------------------------------------------------------------------------------
# A function that can be repeated
# ---------------------------------------------------------------------------------------------------------------------


def _step(
    jax: Any,
    function: Callable[..., Any],
    name: str,
    place: str,
    given: Sequence[Any],
    names: Sequence[str],
    fixed: Sequence[bool],
) -> Step:
    """A function that returns a list of arrays, as a step with these arguments, of which some are fixed."""
    places = [i for i, x in enumerate(given) if _differentiable(jax, x) and not fixed[i]]

    def run(*operands: Any) -> list[Any]:
        xs = list(given)
        for i, x in zip(places, operands, strict=True):
            xs[i] = x
        return [y for y in function(*xs) if jax.numpy.issubdtype(y.dtype, jax.numpy.inexact)]

    def arrays(operands: Sequence[Array]) -> list[Any]:
        return [_like(jax, x, given[i]) for i, x in zip(places, operands, strict=True)]

    def values(operands: Sequence[Array]) -> Array:
        return np.concatenate([EMPTY, *(_numbers(y).ravel() for y in run(*arrays(operands)))])

    def gradients(operands: Sequence[Any], seeds: Sequence[Any]) -> Any:
        return jax.vjp(run, *operands)[1](seeds)

    def pull(operands: Sequence[Array], weights: Array) -> list[Array]:
        outputs = run(*arrays(operands))
        parts = np.split(weights, np.cumsum([_numbers(y).size for y in outputs])[:-1])
        seeds = [_like(jax, part, y).conj() for part, y in zip(parts, outputs, strict=True)]
        return [_numbers(x.conj()).astype(float) for x in gradients(arrays(operands), seeds)]

    def push(operands: Sequence[Array], place: int, direction: Array) -> Array:
        primals = arrays(operands)
        tangents = [jax.numpy.zeros_like(x) for x in primals]
        tangents[place] = _like(jax, direction, primals[place])
        try:
            _, pushed = jax.jvp(run, primals, tangents)
        except TypeError as error:
            if "custom_vjp" in str(error):
                raise NotImplementedError from error
            raise
        return np.concatenate([EMPTY, *(_numbers(y).ravel() for y in pushed)])

    operands = [_numbers(given[i]) for i in places]
    return Step(name, place, [names[i] for i in places], operands, values, pull, push)


def _numbers(x: Any) -> Array:
    """The numbers of an array of floats; the parts of complex ones along a last axis."""
    array = np.asarray(x)
    if array.dtype.kind == "c":
        return np.stack([array.real, array.imag], -1)
    return array if array.dtype == np.float64 else array.astype(np.float32)


def _like(jax: Any, numbers: Array, like: Any) -> Any:
    """An array of the shape and dtype of another one."""
    if jax.numpy.issubdtype(like.dtype, jax.numpy.complexfloating):
        parts = np.asarray(numbers).reshape((*like.shape, 2))
        numbers = parts[..., 0] + 1j * parts[..., 1]
    return jax.numpy.asarray(np.reshape(numbers, like.shape), dtype=like.dtype)


# ---------------------------------------------------------------------------------------------------------------------
# The equations of a function
# ---------------------------------------------------------------------------------------------------------------------


Checked: TypeAlias = Callable[[Any], bool]
"""Whether an equation is to be checked when it is evaluated."""


def _always(_: Any) -> bool:
    return True


def _never(_: Any) -> bool:
    return False


def _first_times() -> Checked:
    """The first times of each equation, also of one that only later passes reach."""
    times: Counter[int] = Counter()

    def first(equation: Any) -> bool:
        times[id(equation)] += 1
        return times[id(equation)] <= _TIMES

    return first


@dataclass
class _Walk:
    """Evaluates a jaxpr, equation by equation."""

    jax: Any
    every: bool  # whether all passes of loops are checked

    def steps(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> Iterator[Step]:
        """The steps of a jaxpr."""
        yield from self._run(jaxpr, constants, arguments, "", _always)

    def _run(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any], place: str, checked: Checked) -> Any:
        """Evaluate a jaxpr, and yield its steps that are to be checked; the generator returns the values."""
        known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

        def read(variable: Any) -> Any:
            if hasattr(variable, "val"):
                return self.jax.numpy.asarray(variable.val, dtype=variable.aval.dtype)
            return known[variable]

        for equation in jaxpr.eqns:
            here = user_place(self.jax, equation) or place
            values = yield from self._equation(equation, [read(x) for x in equation.invars], here, checked)
            known.update(zip(equation.outvars, values, strict=True))
        return [read(x) for x in jaxpr.outvars]

    def _equation(self, equation: Any, xs: list[Any], place: str, checked: Checked) -> Any:
        name, options = equation.primitive.name, equation.params
        if name == "scan":
            return (yield from self._scan(options, xs, place, checked))
        if name == "while":
            return (yield from self._while(options, xs, place, checked))
        if name == "cond":
            branch = options["branches"][int(np.clip(xs[0], 0, len(options["branches"]) - 1))]
            return (yield from self._run(branch.jaxpr, branch.consts, xs[1:], place, checked))
        inner = inner_jaxpr(equation)
        if inner is not None:
            return (yield from self._run(*inner, xs, place, checked))
        function = _function(self.jax, equation)
        if name not in _NO_STEPS and checked(equation) and any(_differentiable(self.jax, x) for x in xs):
            yield from self._step(equation, function, xs, place)
        return function(*xs)

    def _step(self, equation: Any, function: Callable[..., Any], xs: Sequence[Any], place: str) -> Iterator[Step]:
        """An equation as a step, if it computes floats."""
        if any(self.jax.numpy.issubdtype(y.aval.dtype, self.jax.numpy.inexact) for y in equation.outvars):
            names = [f"argument {i + 1}" for i in range(len(xs))]
            fixed = [hasattr(x, "val") for x in equation.invars]
            yield _step(self.jax, function, step_name(equation), place, xs, names, fixed)

    def _in_loop(self, checked: Checked) -> Checked:
        """Which equations are checked inside of a loop; a loop in a loop counts on."""
        return _first_times() if checked is _always and not self.every else checked

    def _scan(self, options: Any, xs: list[Any], place: str, checked: Checked) -> Any:
        body, length = options["jaxpr"], options["length"]
        carried = options["num_consts"] + options["num_carry"]
        fixed, carry, rows = xs[: options["num_consts"]], xs[options["num_consts"] : carried], xs[carried:]
        outputs: list[Any] = []
        here = self._in_loop(checked)
        for i in reversed(range(length)) if options["reverse"] else range(length):
            inputs = [*fixed, *carry, *(x[i] for x in rows)]
            found = yield from self._run(body.jaxpr, body.consts, inputs, place, here)
            carry = found[: options["num_carry"]]
            outputs.append(found[options["num_carry"] :])
        if not outputs:
            shapes = [x.aval for x in body.jaxpr.outvars[options["num_carry"] :]]
            return [*carry, *(self.jax.numpy.zeros((0, *x.shape), x.dtype) for x in shapes)]
        columns = zip(*(reversed(outputs) if options["reverse"] else outputs), strict=True)
        return [*carry, *(self.jax.numpy.stack(column) for column in columns)]

    def _while(self, options: Any, xs: list[Any], place: str, checked: Checked) -> Any:
        test, body = options["cond_jaxpr"], options["body_jaxpr"]
        first, second = options["cond_nconsts"], options["cond_nconsts"] + options["body_nconsts"]
        of_test, of_body, state = xs[:first], xs[first:second], xs[second:]
        here = self._in_loop(checked)
        while True:
            (goes_on,) = yield from self._run(test.jaxpr, test.consts, [*of_test, *state], place, _never)
            if not goes_on:
                return state
            state = yield from self._run(body.jaxpr, body.consts, [*of_body, *state], place, here)


def inner_jaxpr(equation: Any) -> tuple[Any, Sequence[Any]] | None:
    """The jaxpr that an equation calls, and its constants; ``None`` for a step, and where a rule stands for it."""
    inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
    if equation.primitive.name not in _CALLS:
        return None
    return (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())


def _function(jax: Any, equation: Any) -> Callable[..., list[Any]]:
    """An equation as a function of its operands, each a variable of its own, that returns the list of its values."""
    given = [jax.ShapeDtypeStruct(x.aval.shape, x.aval.dtype) for x in equation.invars]
    empty = jax.make_jaxpr(lambda *xs: [jax.numpy.zeros(())] * len(equation.outvars))(*given).jaxpr
    single = empty.replace(outvars=equation.outvars, eqns=[equation.replace(invars=empty.invars)])
    return lambda *xs: jax.core.eval_jaxpr(single, (), *xs)


def step_name(equation: Any) -> str:
    """The name of a custom function; of another equation, that of its primitive."""
    inner = equation.params.get("call_jaxpr", equation.params.get("fun_jaxpr"))
    debug = getattr(getattr(inner, "jaxpr", inner), "debug_info", None)
    return str(getattr(debug, "func_name", None) or equation.primitive.name)


def user_place(jax: Any, equation: Any) -> str:
    """The innermost line outside of JAX and of this package that made an equation, as `` (file:line)``."""
    homes = (str(Path(jax.__file__).parent), str(Path(__file__).parent.parent))
    frames = getattr(equation.source_info.traceback, "frames", ())
    for frame in frames:
        if not frame.file_name.startswith(homes):
            return f" ({frame.file_name}:{frame.line_num})"
    return ""

"""Check the derivatives of a function: reverse mode, forward mode and differences must agree.

If they do not, the error names the edge at fault.

>>> from autograd import primitive
>>> @primitive(lambda x, out: 3 * x)
... def cube(x):
...     return x * x * x
>>> check_gradients(lambda x, y: cube(x) + y, 2.0, 1.0)
Traceback (most recent call last):
autograd.GradientError: the derivative in x is 6.0, but measured 12 ± ...; at fault: cube, argument 1, at v1 ...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NoReturn, TypeAlias

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor import Tensor
from autograd.checks.directions import Direction, NumberVector, flat
from autograd.checks.edges import agrees, curvature_faults, slope_faults
from autograd.checks.measurement import Measured, measured_slope
from autograd.checks.nonfinite import nonfinite_gradient, nonfinite_rate, nonfinite_value
from autograd.checks.tracing import TracedGraph
from autograd.core.aliases import Array, Entry, Number, Structure
from autograd.core.display import InNotebook, html_table
from autograd.core.errors import hidden
from autograd.core.grad_mode import enable_grad, no_grad
from autograd.core.nested import entries, rebuild
from autograd.core.value import Value
from autograd.transforms.gradients import jvp, vjp

__all__ = ["GradientCheck", "GradientError", "arguments_by_name", "check_gradients", "joined"]

__tracebackhide__ = hidden

Function: TypeAlias = Callable[..., Structure]

_INPUTS, _OUTPUTS = 32, 16  # up to so many numbers are checked one by one
_SHOWN = 4  # kinks and faults that are listed


class GradientError(AssertionError):
    """A wrong derivative; the message names the edge at fault."""

    __module__ = "autograd"


@dataclass(frozen=True, repr=False)
class GradientCheck(InNotebook):
    """What was checked, and how well it agreed; ``print`` shows it.

    Attributes:
        derivatives: the number of derivatives that were compared, each in three ways.
        deviation: the largest deviation between the sweep and the differences, relative where a derivative exceeds 1.
        error: the largest error of the differences, in the same measure.
        extent: which derivatives these were, in words.
        kinks: where the function is not smooth, in words; there the slope must lie between those on both sides.
        one_sided: the derivatives at an end of the domain, which were measured on one side.
        unmeasured: the derivatives that were not measured.
        modes: the modes in which derivatives were computed; for PyTorch and JAX those that the function supports.
        why: why derivatives were not measured.
    """

    derivatives: int
    deviation: float
    error: float
    extent: str
    kinks: tuple[str, ...]
    one_sided: tuple[str, ...]
    unmeasured: tuple[str, ...]
    modes: tuple[str, ...] = ("reverse", "forward")
    why: str = "in reverse and forward only, since they change too fast"

    def __repr__(self) -> str:
        agree = "derivative agrees" if self.derivatives == 1 else "derivatives agree"
        return f"<GradientCheck: {self.derivatives} {agree}, deviation {self.deviation:.1e}>"

    def __str__(self) -> str:
        measured = self.derivatives - len(self.unmeasured)
        lines = [
            f"{measured} derivative{'s' * (measured != 1)} agree{'s' * (measured == 1)} in "
            f"{', '.join(self.modes)} and measured ({self.extent}): deviation {self.deviation:.1e}, "
            f"and the differences are accurate to {self.error:.1e}"
        ]
        if self.kinks:
            lines.append(f"on a kink, where the slope must lie between those on both sides: {joined(self.kinks)}")
        if self.one_sided:
            lines.append(f"measured on one side, where the domain ends: {joined(self.one_sided)}")
        if self.unmeasured:
            lines.append(f"{self.why}: {joined(self.unmeasured)}")
        return "\n".join(lines)

    def rows(self) -> list[tuple[str, str]]:
        """The check as a table: a head, and a row for each thing that was found."""
        rows = [
            (f"{', '.join(self.modes)} and measured", "agree"),
            ("derivatives", f"{self.derivatives:,}: {self.extent}"),
            ("deviation", f"{self.deviation:.1e}"),
            ("error of the differences", f"{self.error:.1e}"),
            ("on a kink", joined(self.kinks)),
            ("measured on one side", joined(self.one_sided)),
            (self.why, joined(self.unmeasured)),
        ]
        return [row for row in rows if row[1]]

    def _forms(self) -> dict[str, str]:
        return {"html": html_table(self.rows())}


def check_gradients(f: Function, *args: Structure, order: int = 1, tolerance: float = 1e-7) -> GradientCheck:
    """Check the derivatives of a function at one point: reverse mode, forward mode and differences must agree.

    Differences are taken with steps that suit the function, one-sided at the end of its domain.  Up to 32 numbers are
    checked one by one.  If there are more, 8 of them are checked, and 4 random directions, the same on every run.

    Args:
        f: a function that returns a number, an array, or lists, tuples and dicts of them.
        args: its arguments: numbers, arrays, or lists, tuples and dicts of them.
        order: 2 to check the second derivatives as well.
        tolerance: how far the sweeps may be from the differences, relative to the derivative, beyond the error of the
            differences themselves.  For arrays of ``float32`` it is at least 1e-4.

    Returns:
        A :class:`GradientCheck`.

    Raises:
        GradientError: if they do not agree, or a value or derivative is nan.  The message names the edge at fault, as
            in ``multiply, argument 2, at v7 (model.py:31): declared 3.0, measured 2 ± 4e-13``.
        TypeError: if ``f`` returns anything but real numbers and arrays of them.
        ValueError: if the order is neither 1 nor 2, or ``f`` gives different values at the same point.

    >>> from autograd import exp
    >>> check_gradients(lambda x, y: exp(x) * y, 1.0, 2.0, order=2).derivatives
    6
    """
    if order not in (1, 2):
        raise ValueError(f"order is 1 or 2, not {order!r}")
    with enable_grad(), np.errstate(all="ignore"):
        point = _FunctionAtPoint(f, args, tolerance)
        found = [_compare_all(point, _FirstOrder(f, point.outputs))]
        point.kinks = found[0].kinks
        if order == 2:
            for weights in point.outputs.probes(_OUTPUTS):
                found.append(_compare_all(point, _SecondOrder(point.gradient(weights), point.inputs)))
            _check_curvature(point)
    inputs, outputs = point.inputs.extent(_INPUTS, "input"), point.outputs.extent(_OUTPUTS, "output")
    return GradientCheck(
        sum(part.derivatives for part in found),
        max(part.deviation for part in found),
        max(part.error for part in found),
        f"{outputs} by {inputs}" + (", to second order" if order == 2 else ""),
        point.kinks,
        tuple(name for part in found for name in part.one_sided),
        tuple(name for part in found for name in part.unmeasured),
    )


def joined(texts: Sequence[str]) -> str:
    """The first few texts, and how many more there are."""
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _without_nodes(structure: Structure) -> Any:
    """The same structure with numbers and arrays in place of Values and Tensors."""

    def number_or_array(entry: Entry) -> Entry:
        return entry.numpy() if isinstance(entry, Tensor) else entry.data if isinstance(entry, Value) else entry

    return rebuild(structure, map(number_or_array, entries(structure)))


def arguments_by_name(f: Function, args: Sequence[Structure]) -> Mapping[str, Structure]:
    """The arguments by the names of the function's parameters."""
    try:
        return inspect.signature(f).bind(*args).arguments
    except (TypeError, ValueError):
        return {f"argument {i + 1}": x for i, x in enumerate(args)}


# ---------------------------------------------------------------------------------------------------------------------
# A function at a point
# ---------------------------------------------------------------------------------------------------------------------


class _FunctionAtPoint:
    """A function, the point at which it is checked, and its graph there."""

    def __init__(self, f: Function, args: Sequence[Structure], tolerance: float) -> None:
        self.f = f
        self.args = _without_nodes(args)
        with no_grad():  # plain numbers, also if f captures nodes
            value, _ = vjp(f, *self.args)  # raises if f cannot be differentiated
        self.inputs = NumberVector(self.args, arguments_by_name(f, self.args))
        self.outputs = NumberVector(_without_nodes(value), {"output": value})
        kinds = [x.dtype for x in self.inputs.arrays + self.outputs.arrays if x.dtype.kind == "f"]
        self.epsilon = max((float(np.finfo(kind).eps) for kind in kinds), default=2.0**-52)
        self.tolerance = max(tolerance, 1e3 * self.epsilon)
        self.graph = TracedGraph(f, self.leaves(self.inputs.vector), self.inputs.names)
        self.kinks = self.graph.kinks()
        self._check(self.values(f, self.inputs.vector), self.values(f, self.inputs.vector))

    def _check(self, once: Array, again: Array) -> None:
        """Raise if no differences can be taken."""
        if not np.array_equal(once, again, equal_nan=True):
            raise ValueError(f"f gives different values at the same point: {joined([*map(str, (once, again))])}")
        if not np.all(np.isfinite(once)):
            raise GradientError(str(nonfinite_value(self.graph) or "f returned a constant that is not finite"))

    def leaves(self, vector: Array) -> Any:
        """The arguments as nodes, in double precision."""
        return self.inputs.shaped(vector, Value, Tensor)

    def values(self, f: Function, vector: Array) -> Array:
        """The numbers that a function of these arguments returns at a point, in the coarsest precision among them."""
        outputs = [to_numpy(entry) for entry in entries(f(*self.leaves(vector)))]
        single = any(x.dtype == np.float32 for x in outputs)
        return np.concatenate([x.ravel() for x in outputs]).astype(np.float32 if single else np.float64)

    def line(self, f: Function, direction: Direction) -> Callable[[Direction, float], Number]:
        """A weighted sum of the values of a function along a direction, as a function of the weights and the step."""

        @cache
        def values(s: float) -> Array | None:
            try:
                return self.values(f, direction.moved(self.inputs.vector, s))
            except Exception:  # f may raise anything outside of its domain
                return None

        def weighted(weights: Direction, s: float) -> Number:
            found = values(s)
            return np.nan if found is None else weights.along(found)

        return weighted

    def gradient(self, weights: Direction) -> Function:
        """The gradient of the weighted sum of the outputs, as a function."""
        return lambda *args: vjp(self.f, *args)[1](self.outputs.shaped(weights.vector))


# ---------------------------------------------------------------------------------------------------------------------
# Three ways to the same derivative
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _FirstOrder:
    """The first derivatives of a function."""

    f: Function
    outputs: NumberVector
    second = False
    faults = staticmethod(slope_faults)

    def name(self, weights: Direction, direction: Direction) -> str:
        of = f" of {weights.name}" if self.outputs.vector.size > 1 else ""
        return f"the derivative{of} in {direction.name}"


@dataclass(frozen=True)
class _SecondOrder(_FirstOrder):
    """The second derivatives of a function, which are the first derivatives of its gradient."""

    second = True
    faults = staticmethod(curvature_faults)

    def name(self, weights: Direction, direction: Direction) -> str:
        return f"the second derivative in {weights.name} and {direction.name}"


@dataclass(frozen=True)
class _Comparison:
    """One derivative by reverse mode, by forward mode and by differences."""

    name: str
    reverse: float
    forward: float
    measured: Measured
    scale: float  # of the derivatives around it

    def __str__(self) -> str:
        sweeps = f"{self.reverse!r}"
        if not np.isclose(self.reverse, self.forward, rtol=1e-9):
            sweeps += f" in reverse and {self.forward!r} forward"
        return f"{self.name} is {sweeps}, but measured {self.measured}"

    @property
    def diverges(self) -> bool:
        """Whether the measured slope diverges although the sweeps give a finite one."""
        slopes = (self.measured.value, self.measured.left, self.measured.right)
        return bool(np.isfinite(self.reverse) and np.any(np.isinf(slopes)))

    def agrees(self, point: _FunctionAtPoint, scale: float = 0.0) -> bool:
        """Whether all three agree, up to rounding at this scale."""
        near = partial(agrees, tolerance=point.tolerance, epsilon=point.epsilon)
        exact = Measured(self.reverse, 0.0, self.reverse, self.reverse, 0.0)
        return (
            near(self.measured, self.reverse, scale=scale)
            and near(self.measured, self.forward, scale=scale)
            and near(exact, self.forward, scale=self.scale)
        )


@dataclass(frozen=True)
class _Summary:
    """A summary of comparisons that all agree."""

    derivatives: int
    deviation: float
    error: float
    kinks: tuple[str, ...]
    one_sided: tuple[str, ...]
    unmeasured: tuple[str, ...]


def _compare_all(point: _FunctionAtPoint, derivatives: _FirstOrder) -> _Summary:
    """Compare every derivative, and raise :class:`GradientError` at the first that is wrong."""
    found = []
    for comparison in _comparisons(point, derivatives):
        _require_agreement(point, comparison, derivatives)
        found.append(comparison)
    smooth = [c for c in found if np.isfinite(c.measured.value) and not c.measured.kink]
    unmeasured = [c for c in found if np.isnan(c.measured.value)]
    return _Summary(
        len(found),
        max((abs(c.reverse - c.measured.value) / max(1.0, abs(c.reverse)) for c in smooth), default=0.0),
        max((c.measured.error / max(1.0, abs(c.reverse)) for c in smooth), default=0.0),
        point.kinks or tuple(f"{c.name}, {c.measured}" for c in found if c.measured.kink),
        tuple(c.name for c in found if c not in unmeasured and np.isnan(c.measured.left + c.measured.right)),
        tuple(c.name for c in unmeasured),
    )


def _comparisons(point: _FunctionAtPoint, derivatives: _FirstOrder) -> Iterator[_Comparison]:
    f, inputs, outputs = derivatives.f, point.inputs, derivatives.outputs
    with no_grad():
        pull = vjp(f, *point.args)[1]
        along = inputs.random(np.random.default_rng(0)).vector
        weighted = outputs.probes(_OUTPUTS, _sizes([flat(jvp(f, point.args, inputs.shaped(along))[1])]))
        sums = [(weights, flat(pull(outputs.shaped(weights.vector)))) for weights in weighted]
    for direction in inputs.probes(_INPUTS, _sizes([gradient for _, gradient in sums])):
        with no_grad():
            rates = flat(jvp(f, point.args, inputs.shaped(direction.vector))[1])
        line = point.line(f, direction)
        for weights, gradient in sums:
            reverse, forward = float(direction.along(gradient)), float(weights.along(rates))
            if np.isnan(forward) and np.any(np.isinf(gradient)):
                forward = reverse  # 0 times the infinite slope of another input
            measured = measured_slope(partial(line, weights), direction.start(inputs.vector))
            if np.isnan(measured.value) and direction.place is None:
                continue  # most random directions lead out of the domain
            scale = float(np.max(abs(gradient), where=np.isfinite(gradient), initial=0.0))
            yield _Comparison(derivatives.name(weights, direction), reverse, forward, measured, scale)


def _sizes(derivatives: Sequence[Array]) -> Array:
    """How large derivatives are in each number, compared with the largest of each row."""
    rows = [np.where(np.isfinite(row), abs(row), 0.0) for row in derivatives]
    return np.asarray(sum(row / (row.max(initial=0.0) or 1.0) for row in rows))


def _require_agreement(point: _FunctionAtPoint, comparison: _Comparison, derivatives: _FirstOrder) -> None:
    """Raise :class:`GradientError` if a derivative is wrong."""
    if np.isnan(comparison.reverse) or np.isnan(comparison.forward):
        if point.kinks and derivatives.second:
            return  # a slope that is a convention has no slope of its own
        cause = nonfinite_gradient(point.graph) or nonfinite_rate(point.graph)
        raise GradientError(f"{comparison.name} is nan: {cause or 'the derivative of a local derivative is nan'}")
    if np.isnan(comparison.measured.error):
        raise GradientError(f"{comparison.name} cannot be measured: f has no value on either side")
    if comparison.diverges and point.kinks and derivatives.second:
        return  # the derivative jumps on a kink
    diverges = comparison.diverges and not point.kinks
    if diverges or not comparison.agrees(point):
        faults = derivatives.faults(point.graph, point.tolerance)
        if diverges or faults or not comparison.agrees(point, comparison.scale):  # else it is rounded in the sweep
            _raise_fault(point, comparison, faults)


def _raise_fault(point: _FunctionAtPoint, comparison: _Comparison, faults: Sequence[str]) -> NoReturn:
    if faults:
        raise GradientError(f"{comparison}; at fault: {joined(faults)}")
    if point.kinks:
        why = f"but the chain rule need not hold where kinks meet: {joined(point.kinks)}"
    elif comparison.diverges:
        why = "so f seems to jump here, or to have a vertical tangent"
    else:
        why = "so an edge seems to be missing: does f leave the graph, for example with v.data?"
    raise GradientError(f"{comparison}; every local derivative is right, {why}")


def _check_curvature(point: _FunctionAtPoint) -> None:
    """Compare the curvature along one random direction with differences of differences of the values.

    Without it, a gradient that is right at this point only would pass, because its own derivatives agree.
    """
    if point.kinks:
        return
    rng = np.random.default_rng(1)
    direction, weights = point.inputs.random(rng), point.outputs.random(rng)
    step = point.inputs.shaped(direction.vector)
    with no_grad():
        declared = float(direction.along(flat(jvp(point.gradient(weights), point.args, step)[1])))
    value = partial(point.line(point.f, direction), weights)
    measured = measured_slope(lambda s: measured_slope(lambda r: value(s + r), 0.0).value, 0.0)
    if not agrees(measured, declared, max(point.tolerance, 1e-5), epsilon=point.epsilon):
        comparison = _Comparison("the second derivative along a random direction", declared, declared, measured, 1.0)
        _raise_fault(point, comparison, curvature_faults(point.graph, point.tolerance))

"""Checking derivatives: reverse mode, forward mode and differences must agree; if not, the edge at fault is named.

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
from typing import Any, NoReturn

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor import Tensor
from autograd.checks.differences import Measured, measured_slope
from autograd.checks.edges import (
    Recording,
    agrees,
    curvature_faults,
    kinks,
    nan_in_gradient,
    nan_in_values,
    slope_faults,
    triangular,
)
from autograd.core.nested import entries, rebuild
from autograd.core.value import Value
from autograd.transforms.gradients import jvp, vjp

__all__ = ["GradientCheck", "GradientError", "check_gradients"]

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]

_INPUTS, _OUTPUTS = 32, 16  # up to so many numbers, each is checked alone
_SINGLE, _DIRECTIONS = 8, 4  # of more, so many of them, and so many random directions through all
_SHOWN = 4  # kinks and faults that are listed


class GradientError(AssertionError):
    """A derivative that is not what it should be; the message names the edge at fault."""

    __module__ = "autograd"


@dataclass(frozen=True)
class GradientCheck:
    """What was checked, and how well it agreed; print it.

    Attributes:
        derivatives: how many derivatives were compared, each in three ways.
        deviation: the largest deviation between the sweep and the differences, relative where a derivative exceeds 1.
        error: the largest such deviation that the differences may owe themselves.
        extent: which derivatives these were, in words.
        kinks: where the function is not smooth, in words; there the slope only has to lie between those on either side.
        one_sided: the derivatives at an end of the domain, which were measured on one side.
    """

    derivatives: int
    deviation: float
    error: float
    extent: str
    kinks: tuple[str, ...]
    one_sided: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.derivatives} derivative{'s' * (self.derivatives != 1)} agree{'s' * (self.derivatives == 1)} in "
            f"reverse, forward and measured ({self.extent}): deviation {self.deviation:.1e}, "
            f"of which the differences may owe {self.error:.1e}"
        ]
        if self.kinks:
            lines.append(
                f"on a kink, where the slope need only lie between those on either side: {_joined(self.kinks)}"
            )
        if self.one_sided:
            lines.append(f"measured on one side, where the domain ends: {_joined(self.one_sided)}")
        return "\n".join(lines)


def check_gradients(f: Function, *args: Any, order: int = 1, tolerance: float = 1e-6) -> GradientCheck:
    """Check the derivatives of a function at one point: reverse mode, forward mode and differences must agree.

    Differences are taken with steps that suit the function, one-sided at the end of its domain.  Up to 32 numbers are
    each checked alone; of more, 8 of them, and 4 random directions through all, the same on every run.

    Args:
        f: a function that returns a number, an array, or lists, tuples and dicts of them.
        args: its arguments: numbers, arrays, or lists, tuples and dicts of them.
        order: 2 to check the second derivatives as well.
        tolerance: how far the sweeps may be from the differences, relative to the derivative, beyond the error that the
            differences have themselves.  Arrays of ``float32`` are given 1e-4 at least.

    Returns:
        A :class:`GradientCheck`.

    Raises:
        GradientError: if they do not agree, or something is not a number; the message names the edge at fault, as in
            ``multiply, argument 2, at v7 (model.py:31): declared 3.0, measured 2 ± 4e-13``.
        TypeError: if ``f`` returns nothing that was computed from its arguments.
        ValueError: if the order is neither 1 nor 2, or ``f`` gives different values at the same point.

    >>> from autograd import exp
    >>> check_gradients(lambda x, y: exp(x) * y, 1.0, 2.0, order=2).derivatives
    6
    """
    if order not in (1, 2):
        raise ValueError(f"order is 1 or 2, not {order!r}")
    with np.errstate(all="ignore"):
        point = _Point(f, args, tolerance)
        found = [_compare(point, _First(f, point.outputs))]
        point.kinks = found[0].kinks
        if order == 2:
            for weights in point.outputs.probes(_OUTPUTS):
                found.append(_compare(point, _Second(point.gradient(weights), point.inputs)))
            _check_curvature(point)
    inputs, outputs = point.inputs.extent(_INPUTS, "input"), point.outputs.extent(_OUTPUTS, "output")
    return GradientCheck(
        sum(part.derivatives for part in found),
        max(part.deviation for part in found),
        max(part.error for part in found),
        f"{outputs} by {inputs}" + (", to second order" if order == 2 else ""),
        point.kinks,
        tuple(name for part in found for name in part.one_sided),
    )


def _joined(texts: Sequence[str]) -> str:
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


# ---------------------------------------------------------------------------------------------------------------------
# The numbers of a structure, and directions through them
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Direction:
    """A direction through many numbers, or the weights of a sum of them."""

    vector: Array
    name: str
    place: int | None  # of the only number that counts; None in a random direction, in which all do

    def along(self, derivatives: Array) -> Any:
        """The sum of the derivatives, each times its share in the direction."""
        return derivatives.dtype.type(derivatives @ self.vector) if self.place is None else derivatives[self.place]

    def start(self, point: Array) -> float:
        """Where :meth:`moved` leaves the point where it is."""
        return 0.0 if self.place is None else float(point[self.place])

    def moved(self, point: Array, s: float) -> Array:
        """The point with ``s`` for its only number that counts, or ``s`` steps farther in the direction."""
        return point + s * self.vector if self.place is None else np.where(self.vector, s, point)


class _Numbers:
    """The numbers of a structure, one after the other."""

    def __init__(self, structure: Any, named: Mapping[str, Any]) -> None:
        self.structure = structure
        self.arrays = [to_numpy(entry) for entry in entries(structure)]
        self.vector = _flat(structure)
        self.names = list(_paths(named))

    def shaped(
        self, vector: Array, number: Callable[[float], Any] = float, array: Callable[[Any], Any] = np.array
    ) -> Any:
        """The same structure with other numbers."""
        parts = np.split(vector, np.cumsum([x.size for x in self.arrays])[:-1])
        fresh = [
            array(part.reshape(x.shape)) if isinstance(entry, np.ndarray) else number(float(part[0]))
            for entry, x, part in zip(entries(self.structure), self.arrays, parts, strict=True)
        ]
        return rebuild(self.structure, fresh)

    def name(self, i: int) -> str:
        """What the user calls the i-th number, as in ``w[0][2, 1]``."""
        for name, x in zip(self.names, self.arrays, strict=True):
            if i < x.size:
                return name + (f"[{', '.join(str(k) for k in np.unravel_index(i, x.shape))}]" if x.ndim else "")
            i -= x.size
        raise IndexError(i)

    def probes(self, limit: int) -> list[_Direction]:
        """Every number alone; if there are more than so many, some of them, and random directions through all."""
        size, rng = self.vector.size, np.random.default_rng(0)
        few = size <= limit
        places = list(range(size)) if few else sorted(rng.choice(size, _SINGLE, replace=False).tolist())
        alone = [_Direction(np.eye(1, size, i)[0], self.name(i), i) for i in places]
        return alone + [self.random(rng) for _ in range(0 if few else _DIRECTIONS)]

    def random(self, rng: np.random.Generator) -> _Direction:
        """A random direction in which every number counts."""
        size = self.vector.size
        return _Direction(rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size), "a random direction", None)

    def extent(self, limit: int, what: str) -> str:
        """What :meth:`probes` chooses, in words."""
        size = self.vector.size
        if size <= limit:
            return f"{size} {what}{'s' * (size != 1)}"
        return f"{_SINGLE} of {size:,} {what}s and {_DIRECTIONS} random directions"


def _flat(structure: Any) -> Array:
    return np.concatenate([np.zeros(0), *(to_numpy(entry).ravel() for entry in entries(structure))])


def _without_nodes(structure: Any) -> Any:
    """Numbers and arrays in the place of Values and Tensors."""

    def number_or_array(entry: Any) -> Any:
        return entry.numpy() if isinstance(entry, Tensor) else float(entry) if isinstance(entry, Value) else entry

    return rebuild(structure, map(number_or_array, entries(structure)))


def _paths(named: Mapping[str, Any]) -> Iterator[str]:
    """For each entry of structures the expression that reads it."""
    for name, part in named.items():
        if isinstance(part, Mapping):
            yield from _paths({f"{name}[{key!r}]": x for key, x in part.items()})
        elif isinstance(part, (list, tuple)):
            yield from _paths({f"{name}[{i}]": x for i, x in enumerate(part)})
        else:
            yield name


def _arguments(f: Function, args: Sequence[Any]) -> Mapping[str, Any]:
    """The arguments by the names that the function gives them."""
    try:
        return inspect.signature(f).bind(*args).arguments
    except (TypeError, ValueError):
        return {f"argument {i + 1}": x for i, x in enumerate(args)}


# ---------------------------------------------------------------------------------------------------------------------
# A function at a point
# ---------------------------------------------------------------------------------------------------------------------


class _Point:
    """A function, where it is checked, and its graph there."""

    def __init__(self, f: Function, args: Any, tolerance: float) -> None:
        self.f = f
        self.args = _without_nodes(args)
        value, _ = vjp(f, *self.args)  # which refuses what cannot be differentiated
        self.inputs = _Numbers(self.args, _arguments(f, self.args))
        self.outputs = _Numbers(_without_nodes(value), {"output": value})
        kinds = [x.dtype for x in self.inputs.arrays + self.outputs.arrays if x.dtype.kind == "f"]
        self.epsilon = max((float(np.finfo(kind).eps) for kind in kinds), default=2.0**-52)
        self.tolerance = max(tolerance, 1e3 * self.epsilon)
        self.graph = Recording(f, self.leaves(self.inputs.vector), self.inputs.names)
        self.kinks = kinks(self.graph)
        self._refuse(self.values(f, self.inputs.vector), self.values(f, self.inputs.vector))

    def _refuse(self, once: Array, again: Array) -> None:
        """Refuse what no differences can be taken of."""
        if not np.array_equal(once, again, equal_nan=True):
            raise ValueError(f"f gives different values at the same point: {_joined([*map(str, (once, again))])}")
        if not np.all(np.isfinite(once)):
            raise GradientError(nan_in_values(self.graph))

    def leaves(self, vector: Array) -> Any:
        """The arguments as nodes, in double precision."""
        return self.inputs.shaped(vector, Value, Tensor)

    def values(self, f: Function, vector: Array) -> Array:
        """What a function of these arguments gives at a point, in the coarsest precision that occurs in it."""
        outputs = [to_numpy(entry) for entry in entries(f(*self.leaves(vector)))]
        single = any(x.dtype == np.float32 for x in outputs)
        return np.concatenate([x.ravel() for x in outputs]).astype(np.float32 if single else np.float64)

    def line(self, f: Function, direction: _Direction) -> Callable[[_Direction, float], Any]:
        """A weighted sum of the values of a function, along a direction."""

        @cache
        def values(s: float) -> Array | None:
            try:
                return self.values(f, direction.moved(self.inputs.vector, s))
            except Exception:  # whatever is raised beside a point at which there is a value: here is none
                return None

        def weighted(weights: _Direction, s: float) -> Any:
            found = values(s)
            return np.nan if found is None else weights.along(found)

        return weighted

    def gradient(self, weights: _Direction) -> Function:
        """The gradient of the weighted sum of the outputs, as a function."""
        return lambda *args: vjp(self.f, *args)[1](self.outputs.shaped(weights.vector))


# ---------------------------------------------------------------------------------------------------------------------
# Three ways to the same derivative
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _First:
    """The first derivatives of a function."""

    f: Function
    outputs: _Numbers
    second = False
    faults = staticmethod(slope_faults)

    def name(self, weights: _Direction, direction: _Direction) -> str:
        of = f" of {weights.name}" if self.outputs.vector.size > 1 else ""
        return f"the derivative{of} in {direction.name}"


@dataclass(frozen=True)
class _Second(_First):
    """The second derivatives of a function, as the first ones of its gradient."""

    second = True
    faults = staticmethod(curvature_faults)

    def name(self, weights: _Direction, direction: _Direction) -> str:
        return f"the second derivative in {weights.name} and {direction.name}"


@dataclass(frozen=True)
class _Claim:
    """One derivative, as reverse and forward mode have it, and as it was measured."""

    name: str
    reverse: float
    forward: float
    measured: Measured
    scale: float  # of the derivatives around

    def __str__(self) -> str:
        sweeps = f"{self.reverse!r}"
        if not np.isclose(self.reverse, self.forward, rtol=1e-9):
            sweeps += f" in reverse and {self.forward!r} forward"
        return f"{self.name} is {sweeps}, but measured {self.measured}"

    @property
    def leaps(self) -> bool:
        """Whether a slope without end was measured where there is none according to the sweeps."""
        slopes = (self.measured.value, self.measured.left, self.measured.right)
        return bool(np.isfinite(self.reverse) and np.any(np.isinf(slopes)))

    def agrees(self, point: _Point) -> bool:
        """Whether all three are the same."""
        near = partial(agrees, tolerance=point.tolerance, scale=self.scale, epsilon=point.epsilon)
        exact = Measured(self.reverse, 0.0, self.reverse, self.reverse, 0.0)
        return near(self.measured, self.reverse) and near(self.measured, self.forward) and near(exact, self.forward)


@dataclass(frozen=True)
class _Agreement:
    """What a comparison comes to if nothing is wrong."""

    derivatives: int
    deviation: float
    error: float
    kinks: tuple[str, ...]
    one_sided: tuple[str, ...]


def _compare(point: _Point, derivatives: _First) -> _Agreement:
    """Compare every derivative in all three ways."""
    claims = []
    for claim in _claims(point, derivatives):
        _hold(point, claim, derivatives)
        claims.append(claim)
    smooth = [claim for claim in claims if not (claim.measured.kink or np.isinf(claim.measured.value))]
    return _Agreement(
        len(claims),
        max((abs(c.reverse - c.measured.value) / max(1.0, abs(c.reverse)) for c in smooth), default=0.0),
        max((c.measured.error / max(1.0, abs(c.reverse)) for c in smooth), default=0.0),
        point.kinks or tuple(f"{c.name}, {c.measured}" for c in claims if c.measured.kink),
        tuple(c.name for c in claims if np.isnan(c.measured.left) or np.isnan(c.measured.right)),
    )


def _claims(point: _Point, derivatives: _First) -> Iterator[_Claim]:
    f, inputs, outputs = derivatives.f, point.inputs, derivatives.outputs
    pull = vjp(f, *point.args)[1]
    sums = [(weights, _flat(pull(outputs.shaped(weights.vector)))) for weights in outputs.probes(_OUTPUTS)]
    for direction in inputs.probes(_INPUTS):
        rates = _flat(jvp(f, point.args, inputs.shaped(direction.vector))[1])
        line = point.line(f, direction)
        for weights, gradient in sums:
            reverse, forward = float(direction.along(gradient)), float(weights.along(rates))
            if np.isnan(forward) and np.any(np.isinf(gradient)):
                forward = reverse  # 0 times the infinite slope in another input
            measured = measured_slope(partial(line, weights), direction.start(inputs.vector))
            if np.isnan(measured.value) and direction.place is None:
                continue  # at the end of the domain, out of which most random directions lead
            scale = float(np.max(abs(gradient), where=np.isfinite(gradient), initial=0.0))
            yield _Claim(derivatives.name(weights, direction), reverse, forward, measured, scale)


def _hold(point: _Point, claim: _Claim, derivatives: _First) -> None:
    """Raise :class:`GradientError` if a derivative is not what it should be."""
    if np.isnan(claim.reverse) or np.isnan(claim.forward):
        raise GradientError(f"{claim.name} is nan: {nan_in_gradient(point.graph)}")
    if np.isnan(claim.measured.value):
        raise GradientError(f"{claim.name} cannot be measured: f has no value on either side")
    if claim.leaps and point.kinks and derivatives.second:
        return  # the slope on a kink is a jump
    if not claim.agrees(point) or (claim.leaps and not point.kinks):
        _blame(point, claim, derivatives.faults(point.graph, point.tolerance))


def _blame(point: _Point, claim: _Claim, faults: Sequence[str]) -> NoReturn:
    if faults:
        raise GradientError(f"{claim}; at fault: {_joined(faults)}")
    if point.kinks:
        why = f"but where kinks meet, the chain rule need not hold: {_joined(point.kinks)}"
    elif claim.leaps:
        why = "so f seems to jump here, or to have a vertical tangent"
    elif one := triangular(point.graph):
        why = f"but {_joined(one)} reads one triangle alone: make its argument symmetric, as (A + A.T) / 2 is"
    else:
        why = "so an edge seems to be missing: does f read a number past the graph, as float(v) does?"
    raise GradientError(f"{claim}; every local derivative is right by itself, {why}")


def _check_curvature(point: _Point) -> None:
    """Compare the curvature along one random direction with differences of differences of the values themselves.

    The derivatives of a gradient may agree in all ways although the gradient is right at this point alone.
    """
    if point.kinks:
        return
    rng = np.random.default_rng(1)
    direction, weights = point.inputs.random(rng), point.outputs.random(rng)
    step = point.inputs.shaped(direction.vector)
    declared = float(direction.along(_flat(jvp(point.gradient(weights), point.args, step)[1])))
    value = partial(point.line(point.f, direction), weights)
    measured = measured_slope(lambda s: measured_slope(lambda r: value(s + r), 0.0).value, 0.0)
    if not agrees(measured, declared, max(point.tolerance, 1e-5), epsilon=point.epsilon):
        claim = _Claim("the second derivative along a random direction", declared, declared, measured, 1.0)
        _blame(point, claim, curvature_faults(point.graph, point.tolerance))

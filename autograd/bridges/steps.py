"""Check the steps of a function one by one, each against the slope that is measured at its own operands.

A step is checked along random directions of each operand, for a weighted sum of its outputs.  The weights are positive:
a sum of convex functions is convex, so the slope of any piece lies between those on both sides of its kink.  Where
kinks of both kinds meet in one step, that need not be so; a probe that disagrees is therefore divided, and blames the
step only if a part without a kink, or a single derivative, disagrees too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property

import numpy as np

from autograd.checks.directions import NumberVector
from autograd.checks.edges import agrees
from autograd.checks.gradients import GradientCheck, GradientError, joined
from autograd.checks.measurement import Measured, measured_slope
from autograd.core.aliases import Array, Number
from autograd.core.errors import hidden

__all__ = ["EMPTY", "Step", "check_steps"]

__tracebackhide__ = hidden

EMPTY = np.zeros(0, np.float16)
"""No numbers, of a dtype that gives way to every other one."""

_EVENNESS = (1.0, 1e-3)  # along the second direction small derivatives count as much as large ones
_SCALES = (1.0, 2.0**-10, 2.0**-20)  # many kinks close by look like noise from afar
_SYMMETRIC = {"cholesky", "cholesky_ex", "eigh", "eigvalsh"}  # these read one half of a symmetric matrix
_PARTS = 200  # so many parts of a probe are looked at


@dataclass(frozen=True)
class Step:
    """One step of a function, or the function itself, which can be repeated by itself.

    Attributes:
        name: its operation.
        place: the file and line that made it.
        arguments: the names of the operands.
        operands: the arrays of floats in which it is differentiated.
        values: its outputs as one array, as a function of the operands.
        pull: the gradients of a weighted sum of the outputs, as a function of the operands and the weights.
    """

    name: str
    place: str
    arguments: Sequence[str]
    operands: Sequence[Array]
    values: Callable[[Sequence[Array]], Array]
    pull: Callable[[Sequence[Array], Array], Sequence[Array]]

    def probes(self, tolerance: float) -> Iterator[_Probe]:
        """Random directions of each operand."""
        values = self.values(self.operands)
        if not values.size:
            raise TypeError(f"{self.name} returned no floats")
        if not np.all(np.isfinite(values)):
            raise ArithmeticError("its value is not finite")
        rng = np.random.default_rng(0)
        weights = rng.uniform(0.5, 1.5, values.size)
        gradients = self.pull(self.operands, weights)
        for i, (operand, gradient) in enumerate(zip(self.operands, gradients, strict=True)):
            numbers = NumberVector(operand, {self.arguments[i]: operand})
            finite = np.isfinite(operand).ravel()  # masks are often infinite
            scale = np.where(finite, np.maximum(1.0, abs(operand)).ravel(), 0.0)
            sizes = np.where(np.isfinite(gradient), abs(gradient), 0.0).ravel() * scale
            for least in _EVENNESS[: np.count_nonzero(finite)]:
                direction = numbers.random(rng, sizes if least < 1 else None, least).vector * scale
                yield _Probe(self, i, weights, self._possible(operand, direction), tolerance)

    @property
    def symmetric(self) -> bool:
        """Whether its operand is a symmetric matrix, which only changes symmetrically."""
        return self.name.removeprefix("linalg_") in _SYMMETRIC

    def _possible(self, operand: Array, direction: Array) -> Array:
        if not self.symmetric:
            return direction
        matrix = direction.reshape(operand.shape)
        return (matrix + np.swapaxes(matrix, -1, -2)).ravel()


@dataclass(frozen=True)
class _Probe:
    """The derivative of a weighted sum of the outputs of a step along a direction of one operand."""

    step: Step
    operand: int
    weights: Array
    direction: Array
    tolerance: float

    @property
    def name(self) -> str:
        """The step and its operand, as errors name them."""
        return f"{self.step.name}, {self.step.arguments[self.operand]}{self.step.place}"

    @cached_property
    def terms(self) -> Array:
        """What each number of the operand contributes to the declared derivative."""
        used = self.direction != 0
        gradient = self.step.pull(self.step.operands, self.weights)[self.operand].ravel()
        return np.asarray(gradient[used] * self.direction[used])

    @property
    def declared(self) -> float:
        """The derivative by the backward pass."""
        return float(np.sum(self.terms))

    @cached_property
    def measured(self) -> Measured:
        """The derivative by differences."""
        operands = list(self.step.operands)
        start, used = operands[self.operand], self.weights != 0

        def along(s: float) -> Number:
            operands[self.operand] = start + (s * self.direction).reshape(start.shape)
            try:
                values = self.step.values(operands)
            except Exception:  # it may raise anything outside of its domain
                return np.nan
            return values.dtype.type(values[used] @ self.weights[used])  # type: ignore[no-any-return]

        for scale in _SCALES:
            found = measured_slope(lambda s: along(scale * s), 0.0)  # noqa: B023
            if not np.isinf(found.error):
                break
        return Measured(*(number / scale for number in astuple(found)))

    @cached_property
    def agrees(self) -> bool:
        """Whether both agree, up to the tolerance and to rounding."""
        if np.isnan(self.declared):
            return False
        epsilon = float(np.finfo(self.step.values(self.step.operands).dtype).eps)
        scale = float(np.sum(abs(self.terms)))
        return agrees(self.measured, self.declared, max(self.tolerance, 1e3 * epsilon), scale, epsilon)

    @property
    def wrong(self) -> bool:
        """Whether they disagree, and not merely because kinks meet."""
        parts = [] if self.agrees else [self]
        for _ in range(_PARTS):
            if not parts:
                return False
            halves = list(parts.pop().halves())
            disagreeing = [half for half in halves if not half.agrees]
            if not disagreeing and not any(half.measured.kink for half in halves):
                return True
            parts += disagreeing
        return False

    def halves(self) -> Iterator[_Probe]:
        """Probes for half of the outputs each; of a single output, for half of the operand."""
        for name, vector in (("weights", self.weights), ("direction", self.direction)):
            places = np.flatnonzero(vector)
            if places.size > 1 and not (name == "direction" and self.step.symmetric):
                for part in np.array_split(places, 2):
                    half = np.zeros_like(vector)
                    half[part] = vector[part]
                    yield replace(self, weights=half) if name == "weights" else replace(self, direction=half)
                return


def check_steps(steps: Iterable[Step], whole: Step, tolerance: float) -> GradientCheck:
    """Check every step by itself, and then the whole function, which tells whether an edge is missing.

    Raises:
        GradientError: if a derivative is wrong or nan; it names the steps at fault.
        TypeError: if the function returns no floats.
        ValueError: if it gives different values at the same point.
    """
    found: list[_Probe] = []
    unmeasured: list[str] = []
    faults: dict[str, str] = {}
    count = 0
    with np.errstate(all="ignore"):
        for count, step in enumerate(steps, 1):  # noqa: B007
            try:
                for probe in step.probes(tolerance):
                    found.append(probe)
                    if probe.wrong:
                        gives = f"its backward gives {probe.declared:.9g} along a random direction"
                        faults.setdefault(probe.name, f"{probe.name}: {gives}, measured {probe.measured}")
            except Exception as error:  # the step has no finite value, or cannot be repeated by itself
                unmeasured.append(f"{step.name}{step.place}: {str(error).partition(chr(10))[0]}")
        if faults:
            wrong = "1 local derivative is" if len(faults) == 1 else f"{len(faults)} local derivatives are"
            raise GradientError(f"{wrong} wrong; at fault: {joined(list(faults.values()))}")
        kinks = tuple(dict.fromkeys(probe.name for probe in found if probe.measured.kink))
        ends = _probes_of_whole(whole, tolerance, unmeasured)
        for probe in ends:
            _require_agreement(probe, kinks, [*unmeasured, *_too_fast(found)])
    return _summary(found + ends, count, kinks, unmeasured)


def _probes_of_whole(whole: Step, tolerance: float, unmeasured: Sequence[str]) -> list[_Probe]:
    if not np.array_equal(whole.values(whole.operands), whole.values(whole.operands), equal_nan=True):
        raise ValueError(f"{whole.name} gives different values at the same point")
    try:
        return list(whole.probes(tolerance))
    except ArithmeticError:
        cause = f": {unmeasured[0]}" if unmeasured else ""
        raise GradientError(f"{whole.name} returned a value that is not finite{cause}") from None


def _too_fast(found: Sequence[_Probe]) -> list[str]:
    return [f"{probe.name}: it changes too fast" for probe in found if np.isnan(probe.measured.value)]


def _require_agreement(probe: _Probe, kinks: Sequence[str], unmeasured: Sequence[str]) -> None:
    """Raise :class:`GradientError` if the gradient of the whole function is wrong although its steps are right."""
    if not probe.wrong:
        return
    if kinks:
        why = f"but the chain rule need not hold where kinks meet: {joined(kinks)}"
    elif unmeasured:
        why = f"as far as they could be checked, which these could not: {joined(unmeasured)}"
    else:
        why = "so an edge seems to be missing: does f leave the graph, for example with x.detach()?"
    raise GradientError(
        f"the derivative in {probe.step.arguments[probe.operand]} along a random direction is {probe.declared:.9g}, "
        f"but measured {probe.measured}; every local derivative is right, {why}"
    )


def _summary(found: Sequence[_Probe], steps: int, kinks: tuple[str, ...], unmeasured: Sequence[str]) -> GradientCheck:
    smooth = [probe for probe in found if np.isfinite(probe.measured.value) and not probe.measured.kink]
    measured = [probe for probe in found if not np.isnan(probe.measured.value)]
    return GradientCheck(
        len(found) + len(unmeasured),
        max((abs(p.declared - p.measured.value) / max(1.0, abs(p.declared)) for p in smooth), default=0.0),
        max((p.measured.error / max(1.0, abs(p.declared)) for p in smooth), default=0.0),
        f"{steps} step{'s' * (steps != 1)} and the whole, along random directions",
        kinks,
        tuple(dict.fromkeys(p.name for p in measured if np.isnan(p.measured.left + p.measured.right))),
        (*unmeasured, *_too_fast(found)),
        ("reverse",),
    )

"""Check the steps of a function one by one, each against the slope that is measured at its own operands.

A step is checked along random directions of each operand, for a weighted sum of its outputs, in reverse mode and in
forward mode, as far as it has them.  The weights are positive:
a sum of convex functions is convex, so the slope of any piece lies between those on both sides of its kink.  Where
kinks of both kinds meet in one step, that need not be so; a probe that disagrees is therefore divided, and blames the
step only if a part without a kink, or a single derivative, disagrees too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field, replace
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
_MODES = {"backward": "reverse", "jvp": "forward"}


@dataclass(frozen=True)
class Step:
    """One step of a function, or the function itself, which can be repeated by itself.

    Attributes:
        name: its operation.
        place: the file and line that made it.
        arguments: the names of the operands.
        operands: the arrays of floats in which it is differentiated.
        values: its outputs as one array, as a function of the operands.
        pull: the gradients of a weighted sum of the outputs, as a function of the operands and the weights; ``None``
            without reverse mode.
        push: the derivatives of the outputs, as a function of the operands, the place of one of them and a direction of
            that one.  It raises ``NotImplementedError`` without forward mode.
    """

    name: str
    place: str
    arguments: Sequence[str]
    operands: Sequence[Array]
    values: Callable[[Sequence[Array]], Array]
    pull: Callable[[Sequence[Array], Array], Sequence[Array]] | None
    push: Callable[[Sequence[Array], int, Array], Array]

    def probes(self, tolerance: float) -> Iterator[_Probe]:
        """Random directions of each operand."""
        values = self.values(self.operands)
        if not values.size:
            raise TypeError(f"{self.name} returned no floats")
        if not np.all(np.isfinite(values)):
            raise ArithmeticError("its value is not finite")
        rng = np.random.default_rng(0)
        weights = rng.uniform(0.5, 1.5, values.size)
        gradients = self.pull(self.operands, weights) if self.pull else map(np.zeros_like, self.operands)
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
    def terms(self) -> Mapping[str, Array]:
        """What adds up to the declared derivative, for each mode by its name in both libraries."""
        step, found = self.step, dict[str, Array]()
        if step.pull is not None:
            used = self.direction != 0
            gradient = step.pull(step.operands, self.weights)[self.operand].ravel()
            found["backward"] = gradient[used] * self.direction[used]
        with suppress(NotImplementedError):
            direction = self.direction.reshape(step.operands[self.operand].shape)
            pushed, used = step.push(step.operands, self.operand, direction), self.weights != 0
            found["jvp"] = pushed[used] * self.weights[used]
        return found

    @cached_property
    def declared(self) -> Mapping[str, float]:
        """The derivative by each mode."""
        return {mode: float(np.sum(terms)) for mode, terms in self.terms.items()}

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
    def wrong(self) -> Sequence[str]:
        """The modes that disagree with what is measured, and not merely because kinks meet."""
        return [mode for mode in self.terms if self._is_wrong(mode)]

    def _is_wrong(self, mode: str) -> bool:
        parts = [] if self._agrees(mode) else [self]
        for _ in range(_PARTS):
            if not parts:
                return False
            halves = list(parts.pop().halves())
            disagreeing = [half for half in halves if not half._agrees(mode)]
            if not disagreeing and not any(half.measured.kink for half in halves):
                return True
            parts += disagreeing
        return False

    def _agrees(self, mode: str) -> bool:
        """Whether a mode agrees with what is measured, up to the tolerance and to rounding."""
        if np.isnan(self.declared[mode]):
            return False
        epsilon = float(np.finfo(self.step.values(self.step.operands).dtype).eps)
        scale = float(np.sum(abs(self.terms[mode])))
        return agrees(self.measured, self.declared[mode], max(self.tolerance, 1e3 * epsilon), scale, epsilon)

    @property
    def confirmed(self) -> bool:
        """Whether the derivative was measured and is right."""
        return not self.wrong and not np.isnan(self.measured.value)

    @property
    def fault(self) -> str:
        """What is wrong, in words."""
        given = " and ".join(f"its {mode} gives {self.declared[mode]:.9g}" for mode in self.wrong)
        return f"{self.name}: {given} along a random direction, measured {self.measured}"

    @property
    def deviation(self) -> float:
        """The largest deviation from what is measured, relative where a derivative exceeds 1."""
        return max(abs(x - self.measured.value) / max(1.0, abs(x)) for x in self.declared.values())

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


def check_steps(
    steps: Iterable[Step], whole: Step, tolerance: float, every: Callable[[], Iterable[Step]] | None = None
) -> GradientCheck:
    """Check every step by itself, and then the whole function, which tells whether an edge is missing.

    If that is wrong, or cannot be measured, ``every`` gives the steps that are checked instead.

    Raises:
        GradientError: if a derivative is wrong or nan; it names the steps at fault.
        TypeError: if the function returns no floats.
        ValueError: if it gives different values at the same point.
    """
    found = _Found(tolerance)
    with np.errstate(all="ignore"):
        found.add(steps)
        if not np.array_equal(whole.values(whole.operands), whole.values(whole.operands), equal_nan=True):
            raise ValueError(f"{whole.name} gives different values at the same point")
        try:
            ends, finite = list(whole.probes(tolerance)), True
        except ArithmeticError:
            ends, finite = [], False
        if every and not (finite and all(probe.confirmed for probe in ends)):
            found = _Found(tolerance)
            found.add(every())
        if not finite:
            cause = f": {found.unmeasured[0]}" if found.unmeasured else ""
            raise GradientError(f"{whole.name} returned a value that is not finite{cause}")
        for probe in ends:
            _require_agreement(probe, found)
    return _summary(found, ends)


@dataclass
class _Found:
    """What was found in the steps of a function."""

    tolerance: float
    probes: list[_Probe] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, steps: Iterable[Step]) -> None:
        """Check steps; raise :class:`GradientError` if some are wrong."""
        faults: dict[str, str] = {}
        for step in steps:
            self.count += 1
            try:
                for probe in step.probes(self.tolerance):
                    if probe.wrong:
                        faults.setdefault(probe.name, probe.fault)
                    self.probes.append(probe)
            except Exception as error:  # the step has no finite value, or cannot be repeated by itself
                self.failed.append(f"{step.name}{step.place}: {str(error).partition(chr(10))[0]}")
        if faults:
            wrong = "1 local derivative is" if len(faults) == 1 else f"{len(faults)} local derivatives are"
            raise GradientError(f"{wrong} wrong; at fault: {joined(list(faults.values()))}")

    @property
    def kinks(self) -> tuple[str, ...]:
        """The operands at which a step has a kink."""
        return tuple(dict.fromkeys(probe.name for probe in self.probes if probe.measured.kink))

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """What could not be measured, and why."""
        fast = [f"{probe.name}: it changes too fast" for probe in self.probes if np.isnan(probe.measured.value)]
        return (*self.failed, *fast)


def _require_agreement(probe: _Probe, found: _Found) -> None:
    """Raise :class:`GradientError` if the gradient of the whole function is wrong although its steps are right."""
    if not probe.wrong:
        return
    if found.kinks:
        why = f"but the chain rule need not hold where kinks meet: {joined(found.kinks)}"
    elif found.unmeasured:
        why = f"as far as they could be checked, which these could not: {joined(found.unmeasured)}"
    else:
        why = "so an edge seems to be missing: does f leave the graph, for example with x.detach()?"
    by = "" if "backward" in probe.wrong else " by its jvp"
    raise GradientError(
        f"the derivative in {probe.step.arguments[probe.operand]} along a random direction is "
        f"{probe.declared[probe.wrong[0]]:.9g}{by}, but measured {probe.measured}; "
        f"every local derivative is right, {why}"
    )


def _summary(found: _Found, ends: Sequence[_Probe]) -> GradientCheck:
    probes = [*found.probes, *ends]
    smooth = [probe for probe in probes if np.isfinite(probe.measured.value) and not probe.measured.kink]
    measured = [probe for probe in probes if not np.isnan(probe.measured.value)]
    fast = [f"{probe.name}: it changes too fast" for probe in ends if np.isnan(probe.measured.value)]
    modes = [name for mode, name in _MODES.items() if all(mode in probe.terms for probe in ends)]
    return GradientCheck(
        len(probes) + len(found.failed),
        max((probe.deviation for probe in smooth), default=0.0),
        max((p.measured.error / max(1.0, *map(abs, p.declared.values())) for p in smooth), default=0.0),
        f"{found.count} step{'s' * (found.count != 1)} and the whole, along random directions",
        found.kinks,
        tuple(dict.fromkeys(p.name for p in measured if np.isnan(p.measured.left + p.measured.right))),
        (*found.unmeasured, *fast),
        tuple(modes),
        "not measured",
    )

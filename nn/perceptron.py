"""Rosenblatt's perceptron (1958): a linear classifier, its learning rule, and proofs that no line separates points.

The class of a point is ``sign(w·x)``, where ``x = (1, x1, x2, ...)`` starts with a one, so that ``w0`` is the bias.

>>> perceptron = Perceptron([-12, 2, 3])
>>> print(perceptron.learn([[2, 2], [4, 0]], [+1, -1]))
step  misclassified  sample  label  w·x  update                   new w        new w·x
1     {D1}           D1      +1     -2   (-12, 2, 3) + (1, 2, 2)  (-11, 4, 5)  7
2     {D2}           D2      -1     5    (-11, 4, 5) - (1, 4, 0)  (-12, 0, 5)  -12
3     {D1}           D1      +1     -2   (-12, 0, 5) + (1, 2, 2)  (-11, 2, 7)  7
all 2 samples are classified correctly
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd.notebook import bundle, html_table
from nn.aliases import Array, Random
from nn.init import generator

__all__ = ["AND", "NAND", "OR", "XOR", "Perceptron", "Separation", "Step", "Trace", "TwoLayers", "separate", "step"]


def step(s: float) -> int:
    """1 where s >= 0, else 0.

    Raises:
        ValueError: if s is nan.

    >>> step(-0.5), step(0.0)
    (0, 1)
    """
    if math.isnan(s):
        raise ValueError("step: nan is on neither side of 0")
    return int(s >= 0)


class Perceptron:
    """A classifier of two classes by the sign of a weighted sum, ``w0 + w1 x1 + w2 x2 + ...``.

    Args:
        weights: the bias ``w0``, then one weight for each feature.
        name: the name in tables.

    Raises:
        ValueError: if there are fewer than two weights, or they are not finite.

    >>> OR([0, 0]), OR([0, 1])
    (-1, 1)
    >>> print(OR.table())
    x1  x2  OR
    0   0   0 (-2)
    0   1   1 (+1)
    1   0   1 (+1)
    1   1   1 (+4)
    """

    def __init__(self, weights: Iterable[float], name: str = "y") -> None:
        self.weights = np.array(list(weights), float)
        self.name = name
        if self.weights.ndim != 1 or self.weights.size < 2:
            raise ValueError("a perceptron needs a bias and at least one more weight, (w0, w1, ...)")
        if not np.isfinite(self.weights).all():
            raise ValueError(f"the weights of a perceptron must be finite, not {_vector(self.weights)}")

    def score(self, x: Iterable[float]) -> float:
        """The weighted sum ``w·x``, whose sign is the class; ``x`` is a point without the leading 1."""
        return float(self.weights @ _features(x, self.weights.size - 1))

    def __call__(self, x: Iterable[float]) -> int:
        """The class of a point, +1 or -1; 0 on the boundary."""
        return int(np.sign(self.score(x)))

    def bit(self, x: Iterable[float]) -> int:
        """The class as a truth value, 1 or 0; a point on the boundary counts as 1."""
        return step(self.score(x))

    def misclassified(self, points: ArrayLike, labels: ArrayLike) -> list[int]:
        """The indices of the points on the wrong side: those with ``y w·x <= 0``.

        Args:
            points: a row for each point.
            labels: +1 or -1 for each point.

        Raises:
            ValueError: if the shapes do not match, a label is neither +1 nor -1, or a number is not finite.

        >>> AND.misclassified([[0, 1], [1, 0], [1, 1]], [-1, +1, +1])
        [1]
        """
        return self._wrong(*_samples(points, labels, self.weights.size - 1))

    def _wrong(self, x: Array, y: Array) -> list[int]:
        wrong: list[int] = np.flatnonzero(y * (x @ self.weights) <= 0).tolist()
        return wrong

    def learn(self, points: ArrayLike, labels: ArrayLike, rng: Random = None, max_updates: int = 1000) -> Trace:
        """Move the boundary until all points are on their side, by Rosenblatt's rule.

        As long as points are misclassified, choose one of them at random and add ``y x`` to the weights, which
        increases ``y w·x`` by ``|x|²``.  If a line separates the classes, this terminates (Novikoff, 1962).

        Args:
            points: a row for each point.
            labels: +1 or -1 for each point.
            rng: a generator, a seed or ``None``.
            max_updates: the number of updates after which to give up.

        Returns:
            The :class:`Trace` of all updates.

        Raises:
            ValueError: as :meth:`misclassified`.
        """
        rng = generator(rng)
        x, y = _samples(points, labels, self.weights.size - 1)
        steps: list[Step] = []
        while (wrong := self._wrong(x, y)) and len(steps) < max_updates:
            k = int(rng.choice(wrong))
            before, self.weights = self.weights, self.weights + y[k] * x[k]
            steps.append(Step(tuple(wrong), k, x[k], int(y[k]), before, self.weights))
        return Trace(tuple(steps), self.weights, tuple(wrong), len(y))

    @property
    def boundary(self) -> tuple[float, float, float]:
        """The boundary in the plane of two features, as ``(a, b, c)`` of the line ``a x + b y + c = 0``.

        >>> OR.boundary
        (3.0, 3.0, -2.0)
        """
        if self.weights.size != 3:
            raise ValueError(f"the boundary is a line only for 2 features, but there are {self.weights.size - 1}")
        c, a, b = self.weights.tolist()
        return a, b, c

    def boundary_points(self, around: Sequence[float] = (0.0, 0.0), reach: float = 10.0) -> Array:
        """Two points of the boundary, at the distance ``reach`` from its point nearest to ``around``, to draw it.

        >>> Perceptron([-2, 0, 1]).boundary_points(reach=5.0).tolist()
        [[5.0, 2.0], [-5.0, 2.0]]
        """
        a, b, c = self.boundary
        length = math.hypot(a, b)
        if length == 0:
            raise ValueError(f"the weights {_vector(self.weights)} do not define a line: w1 and w2 are both zero")
        normal, along = np.array([a, b]) / length, np.array([-b, a]) / length
        centre = np.asarray(around, float)
        nearest = centre - (normal @ centre + c / length) * normal
        return np.array([nearest - reach * along, nearest + reach * along])

    def columns(self, x: Iterable[float]) -> dict[str, str]:
        """The cell of a truth table at a point, by the name of its column."""
        x = list(x)
        return {self.name: f"{self.bit(x)} ({_number(self.score(x), '+')})"}

    def table(self) -> str:
        """The truth table, with the weighted sums in brackets."""
        return _truth_table(self, self.weights.size - 1)

    def __repr__(self) -> str:
        return f"Perceptron({_vector(self.weights)})"


@dataclass(frozen=True, eq=False)
class Step:
    """One update of a perceptron, ``w' = w + y x``.

    Attributes:
        misclassified: the indices of the samples on the wrong side.
        sample: the index of the sample that was chosen.
        x: the features of this sample, with the leading 1.
        label: the label y of this sample.
        before: the weights w.
        after: the weights w'.
    """

    misclassified: tuple[int, ...]
    sample: int
    x: Array
    label: int
    before: Array
    after: Array

    @property
    def score_before(self) -> float:
        """The sum ``w·x``."""
        return float(self.before @ self.x)

    @property
    def score_after(self) -> float:
        """The sum ``w'·x``, closer to the side of the label by ``|x|²``."""
        return float(self.after @ self.x)


@dataclass(frozen=True, eq=False)
class Trace:
    """The updates of a perceptron, which print as a table.

    Attributes:
        steps: the updates.
        weights: the last weights.
        misclassified: the indices of the samples that are still on the wrong side.
        samples: the number of samples.
    """

    steps: tuple[Step, ...]
    weights: Array
    misclassified: tuple[int, ...]
    samples: int

    @property
    def converged(self) -> bool:
        """Whether all samples are classified correctly."""
        return not self.misclassified

    def rows(self) -> list[list[str]]:
        """The table as cells: a head, and a row for each update."""
        rows = [["step", "misclassified", "sample", "label", "w·x", "update", "new w", "new w·x"]]
        for i, s in enumerate(self.steps, 1):
            update = f"{_vector(s.before)} {'+' if s.label > 0 else '-'} {_vector(s.x)}"
            scores = _number(s.score_before), _number(s.score_after)
            wrong, sample = _set(s.misclassified), f"D{s.sample + 1}"
            rows.append([str(i), wrong, sample, f"{s.label:+}", scores[0], update, _vector(s.after), scores[1]])
        return rows

    def _end(self) -> str:
        if self.converged:
            return f"all {self.samples} samples are classified correctly"
        return f"given up after {len(self.steps)} updates: {_set(self.misclassified)} are still misclassified"

    def __str__(self) -> str:
        return f"{_table(self.rows())}\n{self._end()}" if self.steps else self._end()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        table = html_table(self.rows(), below=self._end())
        return bundle(include, exclude, text=str(self), html=table)


# ---------------------------------------------------------------------------------------------------------------------
# Gates
# ---------------------------------------------------------------------------------------------------------------------


class TwoLayers:
    """A layer of perceptrons, and one more perceptron with their truth values as features.

    >>> print(XOR.table())
    x1  x2  OR      NAND    XOR
    0   0   0 (-2)  1 (+4)  0 (-1)
    0   1   1 (+1)  1 (+1)  1 (+2)
    1   0   1 (+1)  1 (+1)  1 (+2)
    1   1   1 (+4)  0 (-2)  0 (-1)
    """

    def __init__(self, hidden: Sequence[Perceptron], output: Perceptron) -> None:
        self.hidden = tuple(hidden)
        self.output = output

    def __call__(self, x: Iterable[float]) -> int:
        """The class of a point, +1 or -1."""
        return self.output(self._bits(x))

    def bit(self, x: Iterable[float]) -> int:
        """The class as a truth value, 1 or 0."""
        return self.output.bit(self._bits(x))

    def _bits(self, x: Iterable[float]) -> list[int]:
        x = list(x)
        return [perceptron.bit(x) for perceptron in self.hidden]

    def columns(self, x: Iterable[float]) -> dict[str, str]:
        """The cells of a truth table at a point, by the names of the perceptrons."""
        x = list(x)
        cells: dict[str, str] = {}
        for perceptron in self.hidden:
            cells |= perceptron.columns(x)
        return cells | self.output.columns(self._bits(x))

    def table(self) -> str:
        """The truth table, with the weighted sums in brackets."""
        return _truth_table(self, self.hidden[0].weights.size - 1)


OR = Perceptron([-2, 3, 3], "OR")
AND = Perceptron([-4, 3, 3], "AND")
NAND = Perceptron([4, -3, -3], "NAND")
XOR = TwoLayers([OR, NAND], Perceptron(AND.weights, "XOR"))


def _truth_table(gate: Perceptron | TwoLayers, n: int) -> str:
    inputs = list(product([0, 1], repeat=n))
    head = [*[f"x{i}" for i in range(1, n + 1)], *gate.columns(inputs[0])]
    return _table([head, *[[*map(str, x), *gate.columns(x).values()] for x in inputs]])


# ---------------------------------------------------------------------------------------------------------------------
# Linear separability
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Separation:
    """Either weights that separate two classes, or a proof that no weights do, which prints as text.

    Attributes:
        points: the points.
        labels: +1 or -1 for each point.
        weights: ``(w0, w1, ...)`` with ``y w·x > 0`` for all points, or ``None``.
        multipliers: if such weights do not exist, a factor for the condition of each point, with which the conditions
            add up to ``0 > 0``; otherwise ``None``.
    """

    points: tuple[tuple[Fraction, ...], ...]
    labels: tuple[int, ...]
    weights: tuple[Fraction, ...] | None
    multipliers: tuple[int, ...] | None

    def __str__(self) -> str:
        lines = [f"({i}) {self._condition(i)}" for i in range(1, len(self.labels) + 1)]
        if self.multipliers is None:
            return "\n".join([*lines, f"all hold for w = {_vector(self.weights or ())}"])
        lines += [self._total(+1), self._total(-1)]
        return "\n".join([*lines, "which contradict each other: no weights separate these points"])

    def _condition(self, i: int) -> str:
        x, y = self.points[i - 1], self.labels[i - 1]
        return f"{_vector(x)} is {y:+}: {_form((1, *x))} {'>' if y > 0 else '<'} 0"

    def _total(self, label: int) -> str:
        """The sum of the conditions of one class."""
        taken = [(i, m) for i, m in enumerate(self.multipliers or ()) if m and self.labels[i] == label]
        names = " + ".join(f"({i + 1})" if m == 1 else f"{m}·({i + 1})" for i, m in taken)
        rows = [[m * a for a in (Fraction(1), *self.points[i])] for i, m in taken]
        return f"{names}: {_form(map(sum, zip(*rows, strict=True)))} {'>' if label > 0 else '<'} 0"


def separate(points: ArrayLike, labels: ArrayLike, max_updates: int = 100_000) -> Separation:
    """Weights that separate two classes, or a proof that none do, by the learning rule in exact arithmetic.

    The rule starts at zero and always takes the first misclassified point.  If separating weights exist, it terminates.
    Otherwise it runs in a cycle (Block and Levin, 1970): the weights return to an earlier value, so the updates
    ``y x`` in between add up to zero.  This is the proof: each of these updates would have a positive product with
    separating weights, and so would their sum.

    Args:
        points: a row for each point.
        labels: +1 or -1 for each point.
        max_updates: the number of updates after which to give up.

    Raises:
        ValueError: if the shapes do not match, a label is neither +1 nor -1, or a number is not finite.
        RuntimeError: if ``max_updates`` are not enough.

    >>> square = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> print(separate(square, [-1, +1, +1, -1]))
    (1) (0, 0) is -1: w0 < 0
    (2) (0, 1) is +1: w0 + w2 > 0
    (3) (1, 0) is +1: w0 + w1 > 0
    (4) (1, 1) is -1: w0 + w1 + w2 < 0
    (2) + (3): 2·w0 + w1 + w2 > 0
    (1) + (4): 2·w0 + w1 + w2 < 0
    which contradict each other: no weights separate these points
    >>> separate(square, [-1, -1, -1, +1]).weights is not None
    True
    """
    rows, signs = _samples(points, labels)
    y = tuple(map(int, signs))
    x = [tuple(map(Fraction, row)) for row in rows.tolist()]
    features = tuple(row[1:] for row in x)
    w: tuple[Fraction, ...] = (Fraction(0),) * len(x[0])
    chosen: list[int] = []
    seen = {w: 0}
    while len(chosen) < max_updates:
        k = next((i for i, row in enumerate(x) if y[i] * _dot(w, row) <= 0), None)
        if k is None:
            return Separation(features, y, w, None)
        w = tuple(a + y[k] * b for a, b in zip(w, x[k], strict=True))
        chosen.append(k)
        if w in seen:
            cycle = chosen[seen[w] :]
            counts = [cycle.count(i) for i in range(len(y))]
            return Separation(features, y, None, tuple(n // math.gcd(*counts) for n in counts))
        seen[w] = len(chosen)
    raise RuntimeError(f"{max_updates} updates are not enough: raise max_updates, or round the points to fewer digits")


# ---------------------------------------------------------------------------------------------------------------------
# Checks and formatting
# ---------------------------------------------------------------------------------------------------------------------


def _features(x: Iterable[float], n: int) -> Array:
    """A point of n features with the leading 1."""
    point = np.array([1.0, *x], float)
    if point.shape != (n + 1,) or not np.isfinite(point).all():
        raise ValueError(f"a point must be {n} finite numbers, not {x!r}")
    return point


def _samples(points: ArrayLike, labels: ArrayLike, n: int | None = None) -> tuple[Array, Array]:
    """Points with the leading 1, and their labels."""
    x, y = np.asarray(points, float), np.asarray(labels, float)
    if x.ndim != 2 or x.size == 0 or (n is not None and x.shape[1] != n):
        rows = "features" if n is None else f"{n} features"
        raise ValueError(f"points must be rows of {rows}, not an array of shape {x.shape}")
    if y.shape != x.shape[:1]:
        raise ValueError(f"there must be a label for each of the {len(x)} points, not labels of shape {y.shape}")
    if not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError("labels must be +1 or -1: convert 0 and 1 with 2 * y - 1")
    if not np.isfinite(x).all():
        raise ValueError("the points must be finite, but one is nan or infinite")
    return np.column_stack([np.ones(len(x)), x]), y


def _dot(w: Iterable[Fraction], x: Iterable[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(w, x, strict=True)), Fraction(0))


def _number(x: Any, sign: str = "") -> str:
    return format(float(x), f"{sign}.6g")


def _vector(numbers: Iterable[Any]) -> str:
    return f"({', '.join(map(_number, numbers))})"


def _set(samples: Iterable[int]) -> str:
    return f"{{{', '.join(f'D{i + 1}' for i in samples)}}}"


def _form(coefficients: Iterable[Any]) -> str:
    """A linear form in w0, w1, ..., such as ``2·w0 - w1``."""
    text = ""
    for i, c in enumerate(coefficients):
        if c:
            sign = ("- " if c < 0 else "+ ") if text else ("-" if c < 0 else "")
            text += f" {sign}{'' if abs(c) == 1 else _number(abs(c)) + '·'}w{i}"
    return text.strip() or "0"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

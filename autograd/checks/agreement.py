"""Do all ways of computing a derivative agree, with one another and with the truth?

There are many ways to the same number: on Values and on Tensors, in reverse and forward mode, over one another, by
recorded sweeps, compiled, with arguments that are captured.  Each is code of its own, and they must not say different
things.  :func:`agree` computes a function in all of them and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor import Tensor
from autograd.checks.directions import NumberVector, flat
from autograd.checks.measurement import measured_slope
from autograd.checks.tracing import TracedGraph
from autograd.compiler.function import compile
from autograd.compiler.program import machines, running_on
from autograd.compiler.recording import RecordingError
from autograd.core.aliases import Array, Structure
from autograd.core.errors import EvaluationError, hidden
from autograd.core.grad_mode import enable_grad
from autograd.core.nested import entries, rebuild
from autograd.core.sweep import is_node
from autograd.core.value import Value
from autograd.transforms.gradients import grad, hessian, hvp, jvp, vjp

__all__ = ["Agreement", "agree"]

__tracebackhide__ = hidden

Function: TypeAlias = Callable[..., Structure]

_MOST = 12
"""The largest number of inputs, since every second derivative is computed one by one."""


@dataclass(frozen=True)
class Agreement:
    """What all ways agree on, where none of them says nan.

    Attributes:
        ways: the names of the ways that were compared.
        value: the value, or the weighted sum of all numbers of it.
        gradient: its derivative in each input.
        second: its second derivatives, a row for each input; ``None`` if they were not asked for.
    """

    ways: tuple[str, ...]
    value: float
    gradient: Array
    second: Array | None


def agree(
    f: Function,
    *args: Structure,
    order: int = 2,
    tolerance: float = 1e-8,
    truth: bool = True,
    float32: bool = True,
) -> Agreement:
    """Compute the value and the derivatives of a function in every way, and compare them.

    The ways are: reverse and forward mode, reverse over reverse, forward over reverse, ``create_graph``, and functions
    that capture an argument; on Tensors, and on Values if the arguments are numbers; compiled on every machine, called
    with numbers and with nodes, with a constant that changes between calls, and as sparse matrices; in ``float32`` to
    its precision.  Seeds and tangents of zero must give zeros.

    All of them must be equal, except that ``nan`` in one agrees with anything, and so does an error of evaluation that
    a ``Value`` raises where arithmetic on arrays gives infinity or nan.  Off kinks, derivatives are also compared with
    measured slopes.

    Args:
        f: a function of numbers and arrays, and of lists, tuples and dicts of them.
        args: the point: numbers, or arrays of ``float64``.
        order: 1 or 2, the highest derivatives to compare.
        tolerance: the largest relative difference.
        truth: whether to measure slopes.
        float32: whether to compute in ``float32`` too, if it represents the inputs exactly.  Without a bound for the
            rounding errors of ``f``, such as those of sin(exp(x)), this comparison means nothing.

    Returns:
        An :class:`Agreement`.

    Raises:
        AssertionError: if two ways disagree; it names them, and what each says.
        ValueError: if there are more than 12 inputs.

    >>> from autograd import sin
    >>> agree(lambda x, y: x * sin(y), 2.0, 0.0).gradient
    array([0., 2.])
    """
    with np.errstate(all="ignore"):
        point = _Point(f, args)
        found = _Table(point, tolerance)
        for way, results in point.ways(order, float32):
            found.add(way, results)
        found.compare()
        if truth:
            found.measure(order)
    return found.agreement(order)


@dataclass(frozen=True)
class _Results:
    """What one way says: ``None`` for what it does not compute."""

    value: float | None = None
    gradient: Array | None = None
    second: Array | None = None
    single: bool = False  # whether it is computed in float32


class _Point:
    """A function and the point at which it is computed."""

    def __init__(self, f: Function, args: Sequence[Structure]) -> None:
        self.f, self.args = f, args
        self.inputs = NumberVector(args, {f"argument {i + 1}": x for i, x in enumerate(args)})
        self.n = self.inputs.vector.size
        if self.n > _MOST:
            raise ValueError(f"agree computes every second derivative: it takes at most {_MOST} numbers, not {self.n}")
        self.places = range(len(args))
        self.scalars = not any(isinstance(x, np.ndarray) for x in entries(args))
        self.units = [self.inputs.shaped(unit) for unit in np.eye(self.n)]

    def total(self, *args: Structure) -> Any:
        """The sum of all numbers that the function returns, each times its weight; a single number as it is."""
        results = list(entries(self.f(*args)))
        sizes = [prod(_shape(x)) for x in results]
        if sum(sizes) == 1:
            return results[0].sum() if _shape(results[0]) else results[0]
        weights = iter(np.split(np.cos(np.arange(sum(sizes)) + 0.5), np.cumsum(sizes)[:-1]))
        terms = []
        for x in results:
            weight = next(weights).reshape(_shape(x))
            terms.append((x * weight).sum() if weight.ndim else x * weight.item())
        return sum(terms[1:], terms[0])

    # -- the ways -----------------------------------------------------------------------------------------------------

    def ways(self, order: int, float32: bool) -> Iterator[tuple[str, Callable[[], _Results]]]:
        """Every way, by name, as a function that computes it."""
        kinds: list[tuple[str, Sequence[Structure]]] = []
        if self.scalars:
            kinds.append(("Values", self.args))
        arrays = [rebuild(x, map(np.asarray, entries(x))) for x in self.args]
        kinds.append(("Tensors", arrays))
        for kind, args in kinds:
            yield f"{kind}, reverse", partial(self.reverse, args)
            yield f"{kind}, forward", partial(self.forward, args)
            yield f"{kind}, zero seeds", partial(self.zeros, args)
            yield f"{kind}, create_graph", partial(self.create_graph, args, order)
            if order > 1:
                yield f"{kind}, reverse over reverse", partial(self.reverse_over_reverse, args)
                yield f"{kind}, forward over reverse", partial(self.forward_over_reverse, args)
                yield f"{kind}, captured", partial(self.captured, args)
        singles = [rebuild(x, [np.asarray(part, np.float32) for part in entries(x)]) for x in self.args]
        if float32 and np.array_equal(flat(singles), self.inputs.vector):
            yield "float32", partial(self.reverse, singles, single=True)
        for machine in machines() if self.scalars or self.takes_arrays_of_values() else []:
            yield f"compiled, {machine}", partial(self.compiled, machine, order)
            yield f"compiled, {machine}, of nodes", partial(self.compiled_of_nodes, machine, order)
            yield f"compiled, {machine}, as matrices", partial(self.compiled_matrices, machine, order)

    def reverse(self, args: Sequence[Structure], single: bool = False) -> _Results:
        value, pull = vjp(self.total, *args)
        return _Results(_number(value), flat(pull(_like(value, 1.0))), single=single)

    def forward(self, args: Sequence[Structure]) -> _Results:
        pushed = [jvp(self.total, args, unit)[1] for unit in self._units(args)]
        return _Results(gradient=np.array([_number(rate) for rate in pushed]))

    def zeros(self, args: Sequence[Structure]) -> _Results:
        value, pull = vjp(self.total, *args)
        pulled = flat(pull(_like(value, 0.0)))
        pushed = _number(jvp(self.total, args, rebuild(args, [_like(x, 0.0) for x in entries(args)]))[1])
        if np.any(pulled != 0) or pushed != 0:
            raise AssertionError(f"a seed of 0 gives {pulled}, and tangents of 0 give {pushed}")
        return _Results()

    def reverse_over_reverse(self, args: Sequence[Structure]) -> _Results:
        return _Results(second=self._matrix(hessian(self.total, self.places)(*args)))

    def forward_over_reverse(self, args: Sequence[Structure]) -> _Results:
        products = [hvp(self.total, args, unit) for unit in self._units(args)]
        return _Results(second=np.array([flat(product) for product in products]))

    def create_graph(self, args: Sequence[Structure], order: int) -> _Results:
        leaves = [_leaf(x) for x in entries(args)]
        with enable_grad():
            total = self.total(*rebuild(args, leaves))
        if not is_node(total):
            return _Results(_number(total))
        total.backward(create_graph=True)
        gradients = [leaf.grad for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None
        first = np.concatenate([np.ravel(to_numpy(_or_zeros(g, x))) for g, x in zip(gradients, leaves, strict=True)])
        if order == 1:
            return _Results(_number(total), first)
        rows = []
        for gradient, leaf in zip(gradients, leaves, strict=True):
            for unit in np.eye(np.size(to_numpy(leaf))):
                if is_node(gradient):
                    gradient.backward(unit.reshape(gradient.shape) if isinstance(gradient, Tensor) else 1.0)
                rows.append(np.concatenate([np.ravel(to_numpy(_or_zeros(x.grad, x))) for x in leaves]))
                for x in leaves:
                    x.grad = None
        return _Results(_number(total), first, np.array(rows))

    def captured(self, args: Sequence[Structure]) -> _Results:
        """The mixed second derivatives, by a transform in one argument that captures all others."""
        n = [flat(x).size for x in args]
        ends = np.cumsum([0, *n])
        second = np.full((self.n, self.n), np.nan)
        for i in self.places:
            leaves = [rebuild(x, map(_leaf, entries(x))) for x in args]

            def of_one(x: Structure, i: int = i, leaves: Sequence[Structure] = leaves) -> Any:
                return self.total(*leaves[:i], x, *leaves[i + 1 :])

            gradient = grad(of_one)(args[i])
            if n[i] != 1:
                continue
            for number in entries(gradient):
                if is_node(number):
                    number.backward()
            for j in self.places:
                if j != i:
                    row = [np.ravel(to_numpy(_or_zeros(x.grad, x))) for x in entries(leaves[j])]
                    second[ends[i], ends[j] : ends[j + 1]] = np.concatenate(row)
        return _Results(second=second)

    def compiled(self, machine: str, order: int) -> _Results:
        scale = {"by": 2.0}
        with running_on(machine):
            f = compile(lambda *args: self.total(*args) * scale["by"])
            for _ in range(2):  # it is recorded twice before it is replayed
                f(*self.args)
            scale["by"] = 1.0  # the constant must not be replayed as it was
            value, gradient = f.value_and_grad(*self.args, argnums=self.places)
            second = None
            if order > 1:
                second = np.array([flat(f.hvp(self.args, unit)) for unit in self.units])
        return _Results(value, flat(gradient), second)

    def compiled_of_nodes(self, machine: str, order: int) -> _Results:
        with running_on(machine):
            f = compile(self.total)
            gradient = flat(grad(f, self.places)(*self.args))
            second = None
            if order > 1:
                second = self._matrix(hessian(f, self.places)(*self.args))
        return _Results(gradient=gradient, second=second)

    def compiled_matrices(self, machine: str, order: int) -> _Results:
        with running_on(machine):
            f = compile(self.total)
            gradient = flat(f.jacobian(*self.args, argnums=self.places))
            second = self._matrix(f.hessian(*self.args, argnums=self.places)) if order > 1 else None
        return _Results(gradient=gradient, second=second)

    def _units(self, args: Sequence[Structure]) -> list[Any]:
        """A tangent for each input, of arrays where the arguments are arrays."""
        return [
            rebuild(args, [_like(x, np.asarray(part)) for x, part in zip(entries(args), entries(unit), strict=True)])
            for unit in self.units
        ]

    def _matrix(self, blocks: Structure) -> Array:
        """Second derivatives in the structure of the arguments twice over, as a matrix."""
        parts, sizes = list(entries(blocks)), [np.size(x) for x in entries(self.args)]
        rows = [parts[i * len(sizes) : (i + 1) * len(sizes)] for i in range(len(sizes))]
        return np.concatenate(
            [np.concatenate([np.reshape(x, (n, -1)) for x in row], 1) for n, row in zip(sizes, rows, strict=True)]
        )

    def takes_arrays_of_values(self) -> bool:
        """Whether the function can be compiled: it then gets arrays of Values, which not every function takes."""
        box = np.frompyfunc(Value, 1, 1)
        try:
            self.total(*rebuild(self.args, map(box, entries(self.args))))
        except Exception:  # whatever a function raises for what it does not take
            return False
        return True

    # -- the truth ----------------------------------------------------------------------------------------------------

    def has_kinks(self) -> bool:
        """Whether the function is not smooth here, as the table says."""
        leaves = rebuild(self.args, map(_leaf, entries(self.args)))
        try:
            return bool(TracedGraph(self.total, leaves).kinks())
        except EvaluationError:
            return True

    def moved(self, i: int, x: float) -> Sequence[Structure]:
        """The arguments as arrays, with another number as the i-th input."""
        vector = self.inputs.vector.copy()
        vector[i] = x
        shaped: Sequence[Structure] = self.inputs.shaped(vector, np.asarray)
        return shaped

    def value_at(self, i: int, x: float) -> float:
        """The value with another number as the i-th input."""
        return _number(self.total(*[rebuild(part, map(Tensor, entries(part))) for part in self.moved(i, x)]))

    def gradient_at(self, i: int, j: int, x: float) -> float:
        """The j-th derivative with another number as the i-th input."""
        slope: float = flat(grad(self.total, self.places)(*self.moved(i, x)))[j]
        return slope


class _Table:
    """What every way says, quantity by quantity."""

    def __init__(self, point: _Point, tolerance: float) -> None:
        self.point, self.tolerance = point, tolerance
        self.ways: list[str] = []
        self.said: dict[str, list[tuple[str, Array, bool]]] = {"value": [], "gradient": [], "second derivative": []}

    def add(self, way: str, compute: Callable[[], _Results]) -> None:
        """Compute one way, unless it cannot be had for this function at this point."""
        try:
            results = compute()
        except EvaluationError:
            if not way.startswith("Values"):
                raise
            return  # a Value raises an error where arrays give infinity or nan
        except RecordingError:
            return  # a function that branches on a number cannot be compiled
        except AssertionError as error:
            raise AssertionError(f"{self._at()}: {way}: {error}") from None
        self.ways.append(way)
        for name, numbers in zip(self.said, (results.value, results.gradient, results.second), strict=True):
            if numbers is not None:
                self.said[name].append((way, np.asarray(numbers, float), results.single))

    def compare(self) -> None:
        """Raise ``AssertionError`` if two ways disagree."""
        found = np.concatenate([np.ravel(self.agreed(name)) for name in self.said])
        finite = np.isfinite(found)
        scale = float(np.max(abs(found), where=finite, initial=0.0 if finite.all() else 1.0))  # else it is unknown
        for name in self.said:
            agreed = self.agreed(name)
            for way, numbers, single in self.said[name]:
                tolerance = 1e-3 if single else self.tolerance
                near = np.isclose(numbers, agreed, rtol=tolerance, atol=tolerance * scale, equal_nan=True)
                fits = near | np.isnan(numbers) | np.isnan(agreed)
                if single:  # which overflows and underflows early
                    fits |= ~((abs(agreed) < 1e30) & (abs(agreed) > 1e-30)) & (numbers != 0) | (scale > 1e30)
                if not fits.all():
                    self._fail(name, np.argwhere(~fits)[0], way, numbers, agreed)

    def agreed(self, name: str) -> Array:
        """For each number the first that is not nan."""
        said = [numbers for _, numbers, single in self.said[name] if not single]
        if not said:
            return np.zeros(0)
        agreed = said[0].copy()
        for numbers in said[1:]:
            agreed = np.where(np.isnan(agreed), numbers, agreed)
        return agreed

    def measure(self, order: int) -> None:
        """Raise ``AssertionError`` if a derivative that all agree on differs from the measured one."""
        point = self.point
        if not np.isfinite(self.agreed("value")).all() or point.has_kinks():
            return
        for i, x in enumerate(point.inputs.vector.tolist()):
            if not np.isfinite(x):
                continue
            self._measure("gradient", (i,), partial(point.value_at, i), x)
            for j in range(point.n if order > 1 else 0):
                if np.isfinite(self.agreed("gradient")[j]):
                    self._measure("second derivative", (j, i), partial(point.gradient_at, i, j), x)

    def _measure(self, name: str, place: tuple[int, ...], f: Callable[[float], float], x: float) -> None:
        said = float(self.agreed(name)[place])
        if np.isnan(said):
            return
        measured = measured_slope(f, x)
        slack = 1e-5 * max(1.0, abs(said))
        if not (measured.admits(said, slack) or np.isnan(measured.value) or measured.error > slack):
            self._fail(name, np.array(place), "measured", self.agreed(name), self.agreed(name), str(measured))

    def agreement(self, order: int) -> Agreement:
        """What all agree on."""
        second = self.agreed("second derivative") if order > 1 else None
        return Agreement(tuple(self.ways), float(self.agreed("value")), self.agreed("gradient"), second)

    def _at(self) -> str:
        f = getattr(self.point.f, "__name__", None) or str(self.point.f)
        return f"{f} at {', '.join(map(repr, self.point.args))}"

    def _fail(self, name: str, place: Array, way: str, numbers: Array, agreed: Array, shown: str = "") -> None:
        where = tuple(place.tolist())
        inputs = " and ".join(self.point.inputs.name(i) for i in where)
        other = next((w for w, said, _ in self.said[name] if np.array_equal(said[where], agreed[where])), "the others")
        raise AssertionError(
            f"{self._at()}: the {name}{f' in {inputs}' if where else ''} is {agreed[where]} ({other}), but "
            f"{shown or numbers[where]} ({way})"
        )


def _shape(x: Any) -> tuple[int, ...]:
    """The shape of a number, an array or a node, without reading it."""
    shape: tuple[int, ...] = getattr(x, "shape", ())
    return shape


def _leaf(x: Any) -> Any:
    return Tensor(x) if isinstance(x, np.ndarray) else Value(x)


def _like(x: Any, number: Any) -> Any:
    """A number as an array of the shape and dtype of ``x``, if that is one."""
    if isinstance(x, np.ndarray) or (is_node(x) and not isinstance(x, Value)):
        return np.full(x.shape, number, x.dtype)
    return float(number)


def _number(x: Any) -> float:
    return float(to_numpy(x).item())


def _or_zeros(gradient: Any, leaf: Any) -> Any:
    return np.zeros_like(to_numpy(leaf)) if gradient is None else gradient

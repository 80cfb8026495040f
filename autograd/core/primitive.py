"""What a primitive is: a formula, its local partial derivatives, and a door for every kind of operand.

The table itself is in :mod:`autograd.rules`.  This module only says what an entry of that table looks like and how a
call such as ``sin(x)`` finds out what to do: with a float it computes, with a ``Value`` it records, with a SymPy symbol
it writes a formula.  Each such kind of operand is a *dialect*; a module that brings one registers it with
:func:`dialect`, and every rule then speaks it, those that users add included.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from string import Template
from types import MethodType
from typing import Any, TypeVar, overload

import numpy as np

from autograd.core.aliases import Array, Number
from autograd.core.sweep import Node

__all__ = ["PRIMITIVES", "Interval", "Primitive", "dialect", "primitive"]

Partial = Callable[..., Any]
Interpreter = Callable[["Primitive", tuple[Any, ...]], Any]
R = TypeVar("R", bound=Interpreter)
N = TypeVar("N", bound=Node)

PRIMITIVES: dict[str, Primitive] = {}
"""Every primitive by its name, in the order of the table."""


@dataclass(frozen=True)
class Interval:
    """The real numbers from ``low`` to ``high``, as one operand of a primitive may take them.

    ``ends`` says in the usual notation which ends belong to it, ``holes`` which points inside do not, one by one or
    as an interval.  ``whole`` leaves only the whole numbers: such an operand *chooses*, as a condition or an order
    does, and has no derivative.

    >>> str(Interval(0.0)), 0.0 in Interval(0.0), 0.0 in Interval(0.0, ends="[)")
    ('(0, ∞)', False, True)
    """

    low: float = -math.inf
    high: float = math.inf
    ends: str = "()"
    holes: tuple[float, ...] | Interval = ()
    whole: bool = False

    def __contains__(self, x: float) -> bool:
        above = x >= self.low if self.ends[0] == "[" else x > self.low
        below = x <= self.high if self.ends[1] == "]" else x < self.high
        return above and below and x not in self.holes and (not self.whole or x % 1 == 0)

    def __str__(self) -> str:
        low, high = (f"{end:g}".replace("inf", "∞") for end in (self.low, self.high))
        text = "ℝ" if (low, high) == ("-∞", "∞") else f"{self.ends[0]}{low}, {high}{self.ends[1]}"
        if self.whole:
            text = "ℤ" if text == "ℝ" else f"{text} ∩ ℤ"
        holes = [str(self.holes)] if isinstance(self.holes, Interval) else [f"{hole:g}" for hole in self.holes]
        return text + "".join(f" without {hole}" for hole in holes)


REAL = Interval()


class Primitive:
    """One row of the table of calculus.

    Call it like a function: on numbers it computes, on a ``Value`` it records a node, on a SymPy symbol it writes.

    Attributes:
        name: how it is called in code and in ``PRIMITIVES``.
        parameters: the names of its operands, in order; empty for a *variadic* one, which takes any number.
        formula: its value, as a function of plain numbers.
        partials: one function for each operand: its local partial derivative, from all operands and the output ``out``.
        symbol: what a picture writes on the node.
        domain: for each operand the :class:`Interval` in which it may lie.
        kink: a function of the operands that is zero exactly where the primitive is not smooth, or ``None``.
        selects: ``True`` if a partial that is 0 means "locally not used": then nothing flows along that edge, not even
            ``0 * nan``.
    """

    def __init__(
        self,
        name: str,
        formula: Callable[..., Any],
        partials: Sequence[Partial],
        *,
        parameters: Sequence[str] | None,
        array: Callable[..., Any] | None = None,
        sympy: str | Callable[..., Any] | None = None,
        library: bool = False,
        inline: bool = False,
        symbol: str | None = None,
        latex: str | None = None,
        domain: Interval | Sequence[Interval] = REAL,
        kink: Callable[..., Any] | None = None,
        selects: bool = False,
        signature: inspect.Signature | None = None,
        doc: str | None = None,
    ) -> None:
        self.name = name
        self.formula = formula
        self.partials = tuple(partials)
        self.variadic = parameters is None
        self.parameters = () if parameters is None else tuple(parameters)
        self._arity = len(self.parameters)
        self.array = array
        self.sympy = sympy
        self.library = library
        self.inline = inline
        self.symbol = symbol or name
        self.kink = kink
        self.selects = selects
        # Where Python looks for it: so inspect.signature and help work on a row as on a function.
        self.__signature__ = signature or _signature(parameters)
        self.__doc__ = doc
        self.domain = (domain,) * len(self.parameters) if isinstance(domain, Interval) else tuple(domain)
        self._latex = latex
        self._check()

    def _check(self) -> None:
        """Refuse a row that could not be read later: better one sentence now than a puzzle in some sweep."""
        if not self.name.isidentifier():
            raise ValueError(f"a primitive's name must be a Python identifier, not {self.name!r}")
        if not all(map(callable, (self.formula, *self.partials))):
            raise TypeError(f"{self.name}: the formula and every partial derivative must be functions")
        if self.variadic:
            return
        if len(self.partials) != len(self.parameters):
            raise ValueError(
                f"{self.name} takes {len(self.parameters)} operand(s) ({', '.join(self.parameters)}) but declares "
                f"{len(self.partials)} partial derivative(s): give one for each operand, in order"
            )
        if len(self.domain) != len(self.parameters):
            raise ValueError(f"{self.name}: give one interval for all operands, or one for each of {self.parameters}")
        for operand, partial in zip(self.parameters, self.partials, strict=True):
            try:
                inspect.signature(partial).bind(*self.parameters, "out")
            except TypeError as error:
                wanted = ", ".join((*self.parameters, "out"))
                raise TypeError(f"{self.name}: ∂/∂{operand} must be a function of ({wanted})") from error

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.parameters) or '*operands'})>"

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Primitive:
        return self

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As an attribute of a class a primitive is a method, as a function would be: ``v.tanh()`` is ``tanh(v)``."""
        return self if instance is None else MethodType(self, instance)

    # The overloads overlap where all operands are numbers; the first that fits counts.
    @overload
    def __call__(self, *operands: float, **named: float) -> float: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, *operands: N | Number, **named: N | Number) -> N: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, *operands: Array | Number, **named: Array | Number) -> Array: ...

    @overload
    def __call__(self, *operands: Any, **named: Any) -> Any: ...

    def __call__(self, *operands: Any, **named: Any) -> Any:  # noqa: D102 (its doc is the instance's)
        if named or (len(operands) != self._arity and not self.variadic):
            operands = self._bind(operands, named)
        interpret: Interpreter = _compute
        best = 0
        for operand in operands:
            kind = type(operand)
            if kind is not float:
                rank, reader = _known.get(kind) or _reader(kind)
                if rank > best:
                    interpret, best = reader, rank
                elif rank < 0:
                    raise TypeError(f"{self.name} takes numbers and Values, not {kind.__name__} ({operand!r})")
        return interpret(self, operands)

    def _bind(self, operands: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = self.__signature__.bind(*operands, **named)
        except TypeError as error:
            raise TypeError(f"{self.name}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        return bound.args

    def slopes(self, operands: Sequence[Any], out: Any) -> list[Any]:
        """All local partial derivatives at ``operands``, where the value is ``out``.

        >>> PRIMITIVES["multiply"].slopes([2.0, 3.0], 6.0)
        [3.0, 2.0]
        """
        if self.variadic:
            return list(self.partials[0](operands, out))
        return [partial(*operands, out) for partial in self.partials]

    def on_kink(self, operands: Sequence[float]) -> bool:
        """Whether the primitive is not smooth at ``operands``.

        >>> PRIMITIVES["relu"].on_kink([0.0]), PRIMITIVES["relu"].on_kink([0.1])
        (True, False)
        """
        return self.kink is not None and bool(self.kink(*operands) == 0)

    def latex(self, *operands: str) -> str:
        r"""The primitive written in LaTeX, with its operands given in LaTeX.

        >>> PRIMITIVES["divide"].latex("a", "b")
        '\\frac{a}{b}'
        """
        if self._latex is None or self.variadic:
            return rf"\operatorname{{{self.name}}}\left({', '.join(operands)}\right)".replace("_", r"\_")
        return Template(self._latex).substitute(dict(zip(self.parameters, operands, strict=True)))


def _signature(parameters: Sequence[str] | None) -> inspect.Signature:
    if parameters is None:
        return inspect.Signature([inspect.Parameter("operands", inspect.Parameter.VAR_POSITIONAL)])
    return inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in parameters])


def _by_name(name: str) -> Primitive:
    try:
        return PRIMITIVES[name]
    except KeyError:
        raise LookupError(f"no primitive {name!r} is declared here: import the module that declares it first") from None


# ---------------------------------------------------------------------------------------------------------------------
# Dialects: what a call does with each kind of operand
# ---------------------------------------------------------------------------------------------------------------------

_readers: dict[type, tuple[int, Interpreter]] = {}
_known: dict[type, tuple[int, Interpreter]] = {}  # what _reader found so far


def dialect(*kinds: type, rank: int) -> Callable[[R], R]:
    """Register how primitives read operands of these types; in a mixed call the highest ``rank`` reads them all."""

    def register(reader: R) -> R:
        _readers.update(dict.fromkeys(kinds, (rank, reader)))
        _known.clear()
        return reader

    return register


def _reader(kind: type) -> tuple[int, Interpreter]:
    """Who reads operands of a type, and with which rank; less than 0 if nobody does."""
    found = next((_readers[base] for base in kind.__mro__ if base in _readers), (-1, _compute))
    _known[kind] = found
    return found


@dialect(Real, int, float, rank=0)
def _compute(op: Primitive, operands: tuple[Any, ...]) -> Any:
    return op.formula(*operands)


@dialect(np.ndarray, np.generic, rank=1)
def _compute_array(op: Primitive, operands: tuple[Any, ...]) -> Any:
    if any(isinstance(x, np.ndarray) and x.dtype == object for x in operands):
        return one_by_one(op, operands)
    if op.array is not None:
        return op.array(*operands)
    if op.library:  # known to Python's math alone
        return np.vectorize(op.formula, otypes=[float])(*operands)
    return op.formula(*operands)


def one_by_one(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """An array of what the primitive makes of each entry of arrays, as those of Values are."""
    return np.frompyfunc(op, len(operands), 1)(*operands)


# ---------------------------------------------------------------------------------------------------------------------
# The door by which rows enter the table
# ---------------------------------------------------------------------------------------------------------------------


def enter(row: Primitive) -> Primitive:
    """Put a row into the table; a row of the table proper is never replaced."""
    old = PRIMITIVES.get(row.name)
    if old is not None and _home(old) != _home(row):
        raise ValueError(f"the table has a primitive {row.name!r} already: choose another name")
    PRIMITIVES[row.name] = row
    return row


def _home(row: Primitive) -> set[str]:
    """The modules that wrote the row; the formula alone may come from elsewhere, as ``math.cos`` does."""
    return {function.__module__ for function in (row.formula, *row.partials)}


def primitive(
    *partials: Partial,
    name: str | None = None,
    array: Callable[..., Any] | None = None,
    sympy: str | Callable[..., Any] | None = None,
    inline: bool = False,
    symbol: str | None = None,
    latex: str | None = None,
    domain: Interval | Sequence[Interval] = REAL,
    kink: Callable[..., Any] | None = None,
    selects: bool = False,
) -> Callable[[Callable[..., Any]], Primitive]:
    """Declare a new primitive: decorate its formula, and give its local partials in the order of its operands.

    Written with operators and other primitives, formula and partials serve every dialect at once: floats, arrays,
    ``Value`` graphs, SymPy formulas, pictures and the gradient checks.

    Args:
        partials: for each operand a function of all operands and of the output ``out``, which is worth using: it has
            been computed already.
        name: the name in the table; the formula's own name if left out.
        array: the formula for NumPy arrays, if the plain one does not take them.
        sympy: the name of SymPy's function, or a function of ``(sympy, *operands)``; if left out, formulas show the
            primitive by name, as in ``sigmoid(x)``.
        inline: whether formulas write the primitive out instead.
        symbol: what a picture writes on the node; the name if left out.
        latex: a template in which ``$x`` stands for the operand ``x``.
        domain: the :class:`Interval` of each operand, or one for all.
        kink: a function of the operands that is zero exactly where the formula is not smooth.
        selects: whether a partial that is 0 says that the operand is locally not used at all.

    Returns:
        A decorator that turns the formula into a :class:`Primitive`.

    Raises:
        ValueError: if there is not one partial for each operand, or the table has that name already.
        TypeError: if a partial does not take all operands and ``out``.

    >>> from autograd import Value, exp
    >>> @primitive(lambda x, out: -2 * x * out, latex=r"e^{-$x^2}")
    ... def bell(x):
    ...     "The bell curve exp(-x**2)."
    ...     return exp(-x * x)
    >>> x = Value(1.0, label="x")
    >>> y = bell(x)
    >>> y.backward()
    >>> round(float(y), 6), round(x.grad, 6)
    (0.367879, -0.735759)
    """

    def declare(formula: Callable[..., Any]) -> Primitive:
        signature = inspect.signature(formula)
        variadic = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
        return enter(
            Primitive(
                name or formula.__name__,
                formula,
                partials,
                parameters=None if variadic else list(signature.parameters),
                array=array,
                sympy=sympy,
                inline=inline,
                symbol=symbol,
                latex=latex,
                domain=domain,
                kink=kink,
                selects=selects,
                signature=signature,
                doc=inspect.getdoc(formula),
            )
        )

    return declare


def library(
    name: str,
    scalar: Callable[..., Any],
    array: Callable[..., Any] | None,
    partials: Iterable[Partial],
    *,
    sympy: str | Callable[..., Any],
    doc: str,
    **more: Any,
) -> Primitive:
    """A row whose formula Python's ``math``, NumPy and SymPy each bring themselves."""
    partials = tuple(partials)
    parameters = list(inspect.signature(partials[0]).parameters)[:-1]
    return enter(
        Primitive(
            name, scalar, partials, parameters=parameters, array=array, sympy=sympy, library=True, doc=doc, **more
        )
    )

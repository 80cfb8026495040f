"""Primitives: the rows of the table of calculus, and how a call to one is interpreted.

The table itself is :mod:`autograd.core.rules`.  Here are the class of a row (:class:`Primitive`), the dialects, which
decide what a call such as ``sin(x)`` does (:func:`dialect`), and the declaration of a row (:func:`primitive`).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from numbers import Real
from string import Template
from types import MethodType
from typing import Any, TypeAlias, TypeVar, overload

import numpy as np

from autograd.core.aliases import Array, Number
from autograd.core.errors import hidden
from autograd.core.foreign_arrays import foreign_array
from autograd.core.sweep import Node
from autograd.core.travel import declared_by_import, modules_of, received, reduced

__all__ = ["FLAT", "PRIMITIVES", "Interval", "Primitive", "dialect", "primitive"]

__tracebackhide__ = hidden

Formula: TypeAlias = Callable[..., Any]
"""A function of the operands of a primitive."""

Partial: TypeAlias = Callable[..., Any]
"""A function of the operands of a primitive and of its output: a local partial derivative."""

Interpreter: TypeAlias = Callable[["Primitive", tuple[Any, ...]], Any]
"""The function that carries out a call in one dialect, given the primitive and all its operands."""

AnyInterpreter = TypeVar("AnyInterpreter", bound=Interpreter)
N = TypeVar("N", bound=Node)

PRIMITIVES: dict[str, Primitive] = {}
"""Every primitive by its name, in the order of the table."""


@dataclass(frozen=True)
class Interval:
    """The domain of one operand: an interval of the real line.

    Attributes:
        low: the lower end.
        high: the upper end.
        ends: which ends belong to it, in the usual notation: ``"()"``, ``"[)"``, ``"(]"`` or ``"[]"``.
        holes: points inside that do not belong to it, one by one or as an interval.
        whole: whether only its integers belong to it.  Such an operand makes a choice, as a condition or an order
            does, and has no derivative.
        constant: whether the derivative in the operand is not elementary and is not in the table.

    >>> str(Interval(0.0)), 0.0 in Interval(0.0), 0.0 in Interval(0.0, ends="[)")
    ('(0, ∞)', False, True)
    """

    low: float = -math.inf
    high: float = math.inf
    ends: str = "()"
    holes: tuple[float, ...] | Interval = ()
    whole: bool = False
    constant: bool = False

    @property
    def fixed(self) -> bool:
        """Whether the operand has no derivative."""
        return self.whole or self.constant

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

FLAT = 1e-3
"""Below this slope, ``Primitive.quick`` is not used."""


class Primitive:
    """One row of the table of calculus.

    It is called like a function: with numbers it computes, with a ``Value`` it records a node, with a SymPy symbol it
    returns a formula.  :func:`primitive` makes one from a function.

    Attributes:
        name: its name in code and in ``PRIMITIVES``.
        formula: its value, as a function of the operands.
        partials: for each operand the local partial derivative, as a function of all operands and the output ``out``.
            A *variadic* primitive has one function of the list of operands and ``out``, which returns the list of all
            its partial derivatives.
        parameters: the names of its operands, in order; empty if it is variadic.
        variadic: whether it takes any number of operands.
        array: the formula for NumPy arrays, if ``formula`` does not take them.
        sympy: the name of SymPy's function, or a function of ``(sympy, *operands)``; ``None`` if SymPy has none.
        library: whether ``formula`` is a library's function, to be called by its name in code that is written from
            the table; any other formula can be written out.
        inline: whether formulas show what it computes, and not its name.
        symbol: its name in a picture.
        domain: for each operand the :class:`Interval` of the values that it may have.
        kink: a function of the operands that is zero exactly where the primitive is not smooth, or ``None``.
        averages: whether its slopes on the kink belong to none of its smooth pieces, as the mean of two slopes does.
            Such a slope is a convention of first order, whose own derivative is nan.  Otherwise the row is one of its
            pieces there, to every order.
        selects: whether a partial that is 0 means "this operand is not used here", except on a kink.  Then nothing
            flows along that edge, not even ``0 * nan``.
        textbook: the partials as textbooks write them, where that is not how they are computed: functions of the
            operands and of the node's own name.  Only printed formulas use them.
        quick: for a row of one operand, another formula of its partial, which loses digits only where it is less than
            ``FLAT``.  Arrays use it wherever it is greater, because it is faster.
        finite_outside: whether partials may be finite where the value is nan, outside of the domain.  Readers replace
            them by nan there.
        methods: for a type of operand, a method that computes this function of one operand faster.
    """

    def __init__(
        self,
        name: str,
        formula: Formula,
        partials: Sequence[Partial],
        *,
        parameters: Sequence[str] | None,
        array: Formula | None = None,
        sympy: str | Formula | None = None,
        library: bool = False,
        inline: bool = False,
        symbol: str | None = None,
        latex: str | None = None,
        domain: Interval | Sequence[Interval] = REAL,
        kink: Formula | None = None,
        averages: bool = False,
        selects: bool = False,
        nan_slopes: bool = False,
        textbook: Sequence[Partial] = (),
        quick: Sequence[Partial] = (),
        signature: inspect.Signature | None = None,
        doc: str | None = None,
    ) -> None:
        self.name = name
        self.formula = formula
        self.partials = tuple(_of_first_order(partial, kink) for partial in partials) if averages else tuple(partials)
        self.variadic = parameters is None
        self.parameters = () if parameters is None else tuple(parameters)
        self._arity = len(self.parameters)
        self.methods: dict[type, Callable[[Any], Any]] = {}
        self.array = array
        self.sympy = sympy
        self.library = library
        self.inline = inline
        self.symbol = symbol or name
        self._latex = latex
        self.domain = (domain,) * self._arity if isinstance(domain, Interval) else tuple(domain)
        self.finite_outside = not nan_slopes and any(one != REAL and not one.fixed for one in self.domain)
        self.kink = kink
        self.averages = averages
        self.selects = selects
        self.textbook = tuple(textbook)
        self.quick = tuple(quick)
        self._check()
        # For inspect.signature, help and doctest, which treat a row as a function.
        self.__signature__ = signature or _signature(parameters)
        self.__doc__ = doc
        self.__module__ = self.partials[0].__module__
        self.by_import = declared_by_import(self.functions)

    @property
    def is_built_in(self) -> bool:
        """Whether it is a row of the table itself, and not declared by a user."""
        return self.__module__.startswith("autograd.core.")

    @property
    def home(self) -> str:
        """The module in which a row of the table is public, ``rules`` or ``special``."""
        return self.__module__.split(".")[2]

    def _check(self) -> None:
        """Refuse a row that would only fail later, when something reads it."""
        if not self.name.isidentifier():
            raise ValueError(f"the name of a primitive must be a Python identifier, not {self.name!r}")
        if not all(map(callable, (self.formula, *self.partials))):
            raise TypeError(f"{self.name}: the formula and every partial derivative must be functions")
        if self.averages and self.kink is None:
            raise ValueError(f"{self.name} averages on its kink: say where that is with kink=")
        if not self.variadic:
            self._check_operands()
        elif len(self.partials) != 1:
            raise ValueError(
                f"{self.name} takes any number of operands: give one function of (operands, out) that returns the list "
                f"of all partial derivatives, not {len(self.partials)} functions"
            )

    def _check_operands(self) -> None:
        """Refuse a row if its partials or its domain do not fit its operands."""
        if not self.parameters:
            raise ValueError(f"{self.name} takes no operand: a primitive must have at least one")
        if len(self.partials) != len(self.parameters):
            raise ValueError(
                f"{self.name} takes {len(self.parameters)} operand(s) ({', '.join(self.parameters)}) but declares "
                f"{len(self.partials)} partial derivative(s): give one for each operand, in order"
            )
        if len(self.domain) != len(self.parameters):
            raise ValueError(f"{self.name}: give one interval for all operands, or one for each of {self.parameters}")
        if self.textbook and len(self.textbook) != len(self.parameters):
            raise ValueError(f"{self.name}: textbook= takes one function for each of {self.parameters}")
        for operand, partial in zip(self.parameters * 2, self.partials + self.textbook, strict=False):
            try:
                inspect.signature(partial).bind(*self.parameters, "out")
            except TypeError as error:
                wanted = ", ".join((*self.parameters, "out"))
                raise TypeError(f"{self.name}: ∂/∂{operand} must be a function of ({wanted})") from error

    @property
    def functions(self) -> tuple[Any, ...]:
        """The functions in which it is written."""
        return (self.formula, *self.partials)

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.parameters) or '*operands'})>"

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(_by_name, self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Primitive:
        return self

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As an attribute of a class, a primitive is a method, as a function would be: ``v.tanh()`` is ``tanh(v)``."""
        return self if instance is None else MethodType(self, instance)

    # The overloads overlap where all operands are numbers; the first that fits counts.
    @overload
    def __call__(self, *operands: float, **named: float) -> float: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, *operands: Array | Number, **named: Array | Number) -> Array: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, *operands: N | Array | Number, **named: N | Array | Number) -> N: ...

    @overload
    def __call__(self, *operands: Any, **named: Any) -> Any: ...

    def __call__(self, *operands: Any, **named: Any) -> Any:  # noqa: D102 (its doc is the instance's)
        if named or (len(operands) != self._arity and not self.variadic):
            operands = self._bind(operands, named)
        interpret: Interpreter = _compute  # if all operands are floats
        highest = 0
        for operand in operands:
            kind = type(operand)
            if kind is not float:
                if kind in self.methods:  # only a function of one operand has methods
                    return self.methods[kind](operand)
                rank, interpreter = _found.get(kind) or _find(kind)
                if rank > highest:
                    interpret, highest = interpreter, rank
                elif rank < 0:
                    return self(*map(self._known, operands))
        return interpret(self, operands)

    def _known(self, operand: Any) -> Any:
        """An operand of a type that has a dialect: an array of another library as one of NumPy."""
        kind = type(operand)
        if _find(kind)[0] >= 0:
            return operand
        array = foreign_array(operand)
        if array is NotImplemented:
            raise TypeError(f"{self.name} takes numbers and Values, not {kind.__name__} ({operand!r})")
        return array

    def _bind(self, operands: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """All operands in order, with those that are given by name and those that have a default."""
        try:
            bound = self.__signature__.bind(*operands, **named)
        except TypeError as error:
            raise TypeError(f"{self.name}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        return bound.args

    def slopes(self, operands: Sequence[Any], out: Any) -> list[Any]:
        """The local partial derivatives at ``operands``, where the value is ``out``.

        >>> PRIMITIVES["multiply"].slopes([2.0, 3.0], 6.0)
        [3.0, 2.0]
        """
        if self.variadic:
            return list(self.partials[0](operands, out))
        return [partial(*operands, out) for partial in self.partials]

    def on_kink(self, operands: Sequence[float | Array]) -> bool:
        """Whether the primitive is not smooth at ``operands``, in any entry of arrays; not where ``kink`` has no value.

        >>> PRIMITIVES["relu"].on_kink([0.0]), PRIMITIVES["relu"].on_kink([0.1])
        (True, False)
        """
        try:
            kink: Any = 1.0 if self.kink is None else self.kink(*operands)
        except (ArithmeticError, ValueError):
            return False
        return bool(np.any(kink == 0) if isinstance(kink, np.ndarray) else kink == 0)

    def latex(self, *operands: str) -> str:
        r"""The primitive in LaTeX, with its operands given in LaTeX.

        >>> PRIMITIVES["divide"].latex("a", "b")
        '\\frac{a}{b}'
        """
        if self._latex is None or self.variadic:
            return rf"\operatorname{{{self.name}}}\left({', '.join(operands)}\right)".replace("_", r"\_")
        return Template(self._latex).substitute(dict(zip(self.parameters, operands, strict=True)))


def _of_first_order(partial: Partial, kink: Formula | None) -> Partial:
    """A partial derivative whose own derivative is nan on the kink."""

    @wraps(partial)
    def slope(*arguments: Any) -> Any:
        found, out = partial(*arguments), arguments[-1]
        if kink is None or isinstance(out, (float, np.ndarray, np.generic)):  # plain numbers have no derivative
            return found
        return PRIMITIVES["convention"](found, kink(*arguments[:-1]))

    return slope


def _signature(parameters: Sequence[str] | None) -> inspect.Signature:
    """The signature of a function of these parameters, or of any number of operands."""
    if parameters is None:
        return inspect.Signature([inspect.Parameter("operands", inspect.Parameter.VAR_POSITIONAL)])
    return inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in parameters])


def _by_name(name: str, modules: Sequence[str] = (), whole: Any = None) -> Primitive:
    """The primitive of that name in a pickle."""
    row = received(Primitive, PRIMITIVES, name, modules, whole)
    if row is None:
        raise LookupError(
            f"there is no primitive {name!r} yet: import the module that declares it first, or if it is declared in a "
            "function or a script, install cloudpickle where it is pickled"
        )
    return row


# ---------------------------------------------------------------------------------------------------------------------
# Dialects: the meaning of a call, by the types of the operands
# ---------------------------------------------------------------------------------------------------------------------

_dialects: dict[type, tuple[int, Interpreter]] = {}  # the rank and the interpreter of each type that is registered
_found: dict[type, tuple[int, Interpreter]] = {}  # the same for the types of all operands so far, subclasses included


def dialect(*kinds: type, rank: int) -> Callable[[AnyInterpreter], AnyInterpreter]:
    """Register the function that interprets primitives whose operands have these types, or subclasses of them.

    A *dialect* is the meaning of primitives for one kind of operand: floats and arrays are computed, ``Value`` and
    ``Tensor`` record the graph, SymPy's symbols become formulas, and expressions of Python and C become source text.
    If operands are mixed, the dialect of highest rank interprets all of them.

    Args:
        kinds: the types of the operands.
        rank: 0 for numbers, 1 for arrays; higher for types that accept these beside them.

    Returns:
        A decorator for the interpreter, a function of the primitive and the tuple of its operands.
    """

    def register(interpreter: AnyInterpreter) -> AnyInterpreter:
        _dialects.update(dict.fromkeys(kinds, (rank, interpreter)))
        _found.clear()
        return interpreter

    return register


def _find(kind: type) -> tuple[int, Interpreter]:
    """The rank and the interpreter for operands of a type; the rank is negative if there is none."""
    found = next((_dialects[base] for base in kind.__mro__ if base in _dialects), (-1, _compute))
    _found[kind] = found
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
    if op.library:  # a function of single numbers, such as math.erf
        return np.vectorize(op.formula, otypes=[float])(*operands)
    return op.formula(*operands)


def one_by_one(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Call a primitive for each entry of arrays of objects, such as arrays of Values."""
    return np.frompyfunc(op, len(operands), 1)(*operands)


# ---------------------------------------------------------------------------------------------------------------------
# Declaring a row
# ---------------------------------------------------------------------------------------------------------------------


def primitive(
    *partials: Partial,
    name: str | None = None,
    array: Formula | None = None,
    sympy: str | Formula | None = None,
    inline: bool = False,
    symbol: str | None = None,
    latex: str | None = None,
    domain: Interval | Sequence[Interval] = REAL,
    kink: Formula | None = None,
    averages: bool = False,
    selects: bool = False,
    nan_slopes: bool = False,
    textbook: Sequence[Partial] = (),
) -> Callable[[Formula], Primitive]:
    """Declare a new primitive: decorate its formula, and give its local partial derivatives, in the order of operands.

    Written with operators and other primitives, one formula and its partials serve floats, arrays, ``Value`` graphs,
    SymPy formulas, pictures and the gradient checks.

    Args:
        partials: for each operand its partial derivative, a function of all operands and of the output ``out``, which
            is known already and often saves work.  A formula of any number of operands takes one function instead,
            which returns the list of all partials from the list of operands and ``out``.
        name: the name in the table; by default that of the formula.
        array: the formula for NumPy arrays, if the plain one does not take them.
        sympy: the name of SymPy's function, or a function of ``(sympy, *operands)``.  By default formulas show the
            primitive by name, as in ``sigmoid(x)``.
        inline: whether formulas show what the primitive computes, and not its name.
        symbol: the name in pictures; by default ``name``.
        latex: a template in which ``$x`` stands for the operand ``x``.
        domain: the :class:`Interval` of each operand, or one for all.
        kink: a function of the operands that is zero exactly where the formula is not smooth.
        averages: whether the partials on the kink are those of no smooth piece, such as the mean of the slopes on both
            sides.  Their own derivatives are then nan there.
        selects: whether a partial that is 0 means that the operand is not used there at all, except on a kink.
        nan_slopes: whether the partials are never finite outside of the domain.  Those of other rows are replaced by
            nan where the value is nan, which costs time.
        textbook: the partials as textbooks write them, if they compute in another form; ``out`` is then the node's own
            name, as in ``a*(1 - a)``.  Only printed formulas use them.

    Returns:
        A decorator that turns the formula into a :class:`Primitive`.

    Raises:
        ValueError: if the number of partials does not fit the operands, or the table already has that name.
        TypeError: if a partial does not take all operands and ``out``.

    >>> from autograd import Value, exp
    >>> @primitive(lambda x, out: -2 * x * out, latex=r"e^{-$x^2}")
    ... def bell(x):
    ...     "The bell curve exp(-x**2)."
    ...     return exp(-x * x)
    >>> x = Value(1.0, label="x")
    >>> y = bell(x)
    >>> y.backward()
    >>> round(y.data, 6), round(x.grad, 6)
    (0.367879, -0.735759)
    """

    def declare(formula: Formula) -> Primitive:
        signature = inspect.signature(formula)
        variadic = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
        return _enter(
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
                averages=averages,
                selects=selects,
                nan_slopes=nan_slopes,
                textbook=textbook,
                signature=signature,
                doc=inspect.getdoc(formula),
            )
        )

    return declare


def library(
    name: str,
    formula: Formula,
    array: Formula | None,
    partials: Sequence[Partial],
    *,
    sympy: str | Formula,
    doc: str,
    **options: Any,
) -> Primitive:
    """Declare a row whose formula is a library's: one function for floats, one for NumPy arrays, one for SymPy.

    The names of the operands are those of the first partial.  ``options`` are those of :func:`primitive`.
    """
    *parameters, _ = inspect.signature(partials[0]).parameters
    row = Primitive(
        name, formula, partials, parameters=parameters, array=array, sympy=sympy, library=True, doc=doc, **options
    )
    return _enter(row)


def _enter(row: Primitive) -> Primitive:
    """Put a row into the table.

    A declaration may run again, as in a notebook's cell, and then replaces its row.  Two different modules cannot
    declare one name.  All functions of a row are compared, because its formula alone may come from elsewhere, as
    ``math.cos`` does.
    """
    old = PRIMITIVES.get(row.name)
    if old is not None and modules_of(old.functions) != modules_of(row.functions):
        raise ValueError(f"the table already has a primitive {row.name!r}: choose another name")
    PRIMITIVES[row.name] = row
    return row

r"""The table of calculus: every primitive, with its formula and its local partial derivatives.

The calculus of scalars is written here, and for special functions in :mod:`autograd.core.special`, and nowhere else.
A row reads like an entry in a table of derivatives, here d sin(x)/dx = cos(x)::

    sin = library("sin", math.sin, np.sin, [lambda x, out: cos(x)], ...)

It has a name, a formula, and for each operand the partial derivative as a function of the operands and the output
``out``.  A formula that is a library's function is declared with :func:`~autograd.core.primitive.library`; any other is
a Python function, decorated with its partial derivatives::

    @primitive(lambda x, y, out: y, lambda x, y, out: x, ...)
    def multiply(x, y):
        return x * y

Formulas and partials are written with operators and other rows.  So the same line computes with floats and with arrays,
records a graph (and with it derivatives of any order), prints a formula and becomes compiled code.

All rows keep these conventions:

* *Kinks*: where a function is not smooth, ``kink`` is zero, and the row takes the same derivative as PyTorch and JAX:
  relu'(0) = 0, abs'(0) = 0, and each operand of maximum and minimum gets 1/2 at a tie.  Most rows are one of their
  smooth pieces there, to every order: relu is the piece 0.  With ``averages=True``, the slope on the kink belongs to no
  piece, as 1/2 does.  It is a convention of first order, and its own derivative is nan.
* *Selection*: with ``selects=True``, an operand whose partial is 0 is not used there, except on a kink.  Nothing flows
  to it, not even ``0 * nan`` from the branch of ``where`` that was not taken.
* *Stability*: a formula holds for every float in its domain, and overflows only where its value does.
* *Vertical tangents* (sqrt, cbrt and power at 0, arcsin at 1, ...) have the slope ``inf``, as in IEEE arithmetic.
* *Singular points* are tested with ``!=``, so that symbolic formulas describe a generic point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, Interval, library, primitive
from autograd.core.ufuncs import number_by_number, through_scipy

__all__ = [
    "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "convention",
    "cos", "cosh", "divide", "elu", "erf", "erfc", "exp", "expm1", "floor", "floor_divide", "gelu", "hypot",
    "leaky_relu", "log", "log1p", "log2", "log10", "maximum", "minimum", "mod", "multiply", "negative", "positive",
    "power", "reciprocal", "relu", "sech", "sigmoid", "sign", "silu", "sin", "sinh", "softplus", "softsign", "sqrt",
    "square", "subtract", "tan", "tanh", "where",
]  # fmt: skip

POSITIVE = Interval(0.0)
NONNEGATIVE = Interval(0.0, ends="[)")
NONZERO = Interval(holes=(0.0,))
CONDITION = Interval(0.0, 1.0, "[]", whole=True)

# ---------------------------------------------------------------------------------------------------------------------
# Arithmetic
# ---------------------------------------------------------------------------------------------------------------------


@primitive(lambda x, y, out: 1.0, lambda x, y, out: 1.0, inline=True, symbol="+", latex="$x + $y")
def add(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """The sum x + y."""
    return x + y


@primitive(lambda x, y, out: 1.0, lambda x, y, out: -1.0, inline=True, symbol="-", latex="$x - $y")
def subtract(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """The difference x - y."""
    return x - y


@primitive(lambda x, y, out: y, lambda x, y, out: x, inline=True, symbol="*", latex=r"$x \cdot $y")
def multiply(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """The product x y; the slope in each operand is the other operand."""
    return x * y


@primitive(
    lambda x, y, out: 1.0 / y,
    lambda x, y, out: -out / y,
    inline=True,
    symbol="/",
    latex=r"\frac{$x}{$y}",
    domain=(REAL, NONZERO),
    nan_slopes=True,
    textbook=[lambda x, y, out: 1.0 / y, lambda x, y, out: -x / power(y, 2.0)],
)
def divide(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """The quotient x / y; division by zero raises ``ZeroDivisionError``."""
    return x / y


@primitive(lambda x, out: -1.0, inline=True, symbol="-", latex="-$x")
def negative(x: AnyNumber) -> AnyNumber:
    """The opposite number -x."""
    return -x


@primitive(lambda x, out: 1.0, inline=True, symbol="=", latex="$x")
def positive(x: AnyNumber) -> AnyNumber:
    """x itself, as a new node: ``y = +x`` makes a second variable with the same value."""
    return +x


def _slope_in_base(x: AnyNumber, y: AnyNumber, out: AnyNumber) -> AnyNumber:
    """y x^(y - 1).  For y = 0 the power is 1 for every x, so the slope is 0, even at x = 0 where x^-1 has no value.

    At x = 0 this has no derivative in y for y = 0 and y = 1.
    """
    if isinstance(y, float) and y != 0:
        return y * power(x, y - 1.0)
    along_zero = y * out / where(x != 0, x, 1.0)  # 0, with the right derivative in y
    slope = where(y != 0, y * power(x, where(y != 0, y - 1, 1.0)), along_zero)
    return convention(slope, where(x != 0, 1.0, y * (y - 1.0)))


def _slope_in_exponent(x: AnyNumber, y: AnyNumber, out: AnyNumber) -> AnyNumber:
    """x^y log x.  For x = 0 the power is 0 for every y > 0, and infinite for y < 0.

    At x = 0 this has a derivative in x only for y > 1, and none in y for y = 0.
    """
    slope = where(x != 0, out * log(where(x != 0, x, 1.0)), where(y >= 0, 0.0, -out))
    return convention(slope, where(y > 1, 1.0, where(y != 0, x, absolute(x) + absolute(y))))


power = library(
    "power",
    math.pow,
    np.power,
    [_slope_in_base, _slope_in_exponent],
    sympy="Pow",
    symbol="**",
    latex="{$x}^{$y}",
    domain=(POSITIVE, REAL),
    nan_slopes=True,
    textbook=[lambda x, y, out: y * power(x, y - 1.0), lambda x, y, out: out * log(x)],
    doc="""The power x ** y, with the variable in the base, in the exponent or in both.

    A negative base needs an integer as its exponent (anything else raises ``ValueError``).  The slope in that exponent
    is ``nan``, because x ** y is not real for exponents nearby.  At x = 0 the slope in the base is ``inf`` for
    0 < y < 1.
    """,
)


@primitive(
    lambda x, y, out: 1.0,
    lambda x, y, out: -floor_divide(x, y),
    symbol="%",
    latex=r"$x \bmod $y",
    sympy="Mod",
    domain=(REAL, NONZERO),
    kink=lambda x, y: x % y,
)
def mod(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """The remainder x - y floor(x / y), with the sign of y, as in Python; it jumps where x is a multiple of y."""
    return x % y


@primitive(
    lambda x, y, out: 0.0,
    lambda x, y, out: 0.0,
    symbol="//",
    latex=r"\left\lfloor\frac{$x}{$y}\right\rfloor",
    sympy=lambda sympy, x, y: sympy.floor(x / y),
    domain=(REAL, NONZERO),
    kink=lambda x, y: x % y,
    selects=True,
)
def floor_divide(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """The quotient rounded down, floor(x / y): a staircase, whose derivative is 0 between the jumps."""
    return x // y


absolute = library(
    "absolute",
    abs,
    np.absolute,
    [lambda x, out: sign(x)],
    sympy="Abs",
    symbol="abs",
    latex=r"\left|$x\right|",
    kink=lambda x: x,
    averages=True,
    doc="The absolute value |x|; at its kink x = 0 the slope is taken as 0, and has no derivative.",
)


@primitive(lambda x, out: 2.0 * x, inline=True, latex="{$x}^2")
def square(x: AnyNumber) -> AnyNumber:
    """The square of x."""
    return x * x


@primitive(
    lambda x, out: -out * out,
    inline=True,
    symbol="1/",
    latex=r"\frac{1}{$x}",
    domain=NONZERO,
    nan_slopes=True,
    textbook=[lambda x, out: -1.0 / power(x, 2.0)],
)
def reciprocal(x: AnyNumber) -> AnyNumber:
    """One over x; at zero it raises ``ZeroDivisionError``."""
    return 1.0 / x


# ---------------------------------------------------------------------------------------------------------------------
# Roots, exponentials and logarithms
# ---------------------------------------------------------------------------------------------------------------------

sqrt = library(
    "sqrt",
    math.sqrt,
    np.sqrt,
    [lambda x, out: 0.5 / out],
    textbook=[lambda x, out: 0.5 / out],
    sympy="sqrt",
    symbol="√",
    latex=r"\sqrt{$x}",
    domain=NONNEGATIVE,
    nan_slopes=True,
    doc="The square root of x; at 0 the slope is ``inf``.",
)

cbrt = library(
    "cbrt",
    lambda x: float(np.cbrt(x)),
    np.cbrt,
    [lambda x, out: 1.0 / (3.0 * out * out)],
    sympy=lambda sympy, x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
    symbol="∛",
    latex=r"\sqrt[3]{$x}",
    doc="The cube root of x, negative for negative x; at 0 the slope is ``inf``.",
)

exp = library(
    "exp",
    math.exp,
    np.exp,
    [lambda x, out: out],
    textbook=[lambda x, out: out],
    sympy="exp",
    latex="e^{$x}",
    doc="""The exponential e ** x, which is its own slope.

    Above x = 709.78 the value is too large for a float, which raises ``OverflowError``.
    """,
)

expm1 = library(
    "expm1",
    math.expm1,
    np.expm1,
    [lambda x, out: exp(x)],
    sympy=lambda sympy, x: sympy.exp(x) - 1,
    latex="e^{$x} - 1",
    doc="e ** x - 1, accurate even for tiny x.",
)

log = library(
    "log",
    math.log,
    np.log,
    [lambda x, out: 1.0 / x],
    sympy="log",
    latex=r"\ln\left($x\right)",
    domain=POSITIVE,
    doc="The natural logarithm of x > 0; any other x raises ``ValueError``.",
)

log1p = library(
    "log1p",
    math.log1p,
    np.log1p,
    [lambda x, out: 1.0 / (1.0 + x)],
    sympy=lambda sympy, x: sympy.log(1 + x),
    latex=r"\ln\left(1 + $x\right)",
    domain=Interval(-1.0),
    doc="log(1 + x), accurate even for tiny x.",
)

log2 = library(
    "log2",
    math.log2,
    np.log2,
    [lambda x, out: 1.0 / (x * log(2.0))],
    sympy=lambda sympy, x: sympy.log(x) / sympy.log(2),
    latex=r"\log_2\left($x\right)",
    domain=POSITIVE,
    doc="The logarithm of x to base 2.",
)

log10 = library(
    "log10",
    math.log10,
    np.log10,
    [lambda x, out: 1.0 / (x * log(10.0))],
    sympy=lambda sympy, x: sympy.log(x) / sympy.log(10),
    latex=r"\log_{10}\left($x\right)",
    domain=POSITIVE,
    doc="The logarithm of x to base 10.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Circular and hyperbolic functions
# ---------------------------------------------------------------------------------------------------------------------

sin = library(
    "sin",
    math.sin,
    np.sin,
    [lambda x, out: cos(x)],
    sympy="sin",
    latex=r"\sin\left($x\right)",
    doc="""The sine of x radians.

    >>> from autograd import Value
    >>> x = Value(0.0, label="x")
    >>> sin(x).backward()
    >>> x.grad
    1.0
    """,
)

cos = library(
    "cos",
    math.cos,
    np.cos,
    [lambda x, out: -sin(x)],
    sympy="cos",
    latex=r"\cos\left($x\right)",
    doc="The cosine of x radians.",
)

tan = library(
    "tan",
    math.tan,
    np.tan,
    [lambda x, out: 1.0 + out * out],
    textbook=[lambda x, out: 1.0 + power(out, 2.0)],
    sympy="tan",
    latex=r"\tan\left($x\right)",
    doc="The tangent of x radians.",
)


@primitive(lambda x, out: -2.0 * x, name="one_minus_square", inline=True, latex="1 - {$x}^2")
def _one_minus_square(x: AnyNumber) -> AnyNumber:
    """1 - x², accurate near ±1; a row of its own because the product rule would cancel near 0."""
    return (1.0 - x) * (1.0 + x)


arcsin = library(
    "arcsin",
    math.asin,
    np.arcsin,
    [lambda x, out: 1.0 / sqrt(_one_minus_square(x))],
    textbook=[lambda x, out: 1.0 / sqrt(1.0 - power(x, 2.0))],
    sympy="asin",
    latex=r"\arcsin\left($x\right)",
    domain=Interval(-1.0, 1.0, "[]"),
    nan_slopes=True,
    doc="The angle in [-π/2, π/2] whose sine is x; at x = ±1 the slope is ``inf``.",
)

arccos = library(
    "arccos",
    math.acos,
    np.arccos,
    [lambda x, out: -1.0 / sqrt(_one_minus_square(x))],
    textbook=[lambda x, out: -1.0 / sqrt(1.0 - power(x, 2.0))],
    sympy="acos",
    latex=r"\arccos\left($x\right)",
    domain=Interval(-1.0, 1.0, "[]"),
    nan_slopes=True,
    doc="The angle in [0, π] whose cosine is x; at x = ±1 the slope is ``-inf``.",
)

arctan = library(
    "arctan",
    math.atan,
    np.arctan,
    [lambda x, out: 1.0 / (1.0 + x * x)],
    sympy="atan",
    latex=r"\arctan\left($x\right)",
    doc="The angle in (-π/2, π/2) whose tangent is x.",
)

arctan2 = library(
    "arctan2",
    math.atan2,
    np.arctan2,
    [
        lambda y, x, out: x / hypot(x, y) / hypot(x, y),
        lambda y, x, out: -y / hypot(x, y) / hypot(x, y),
    ],
    textbook=[
        lambda y, x, out: x / (power(x, 2.0) + power(y, 2.0)),
        lambda y, x, out: -y / (power(x, 2.0) + power(y, 2.0)),
    ],
    sympy="atan2",
    latex=r"\operatorname{atan2}\left($y, $x\right)",
    kink=lambda y, x: where(x > 0, 1.0, y),  # the branch cut: on the negative x axis the angle jumps from π to -π
    doc="The angle of the point (x, y), from -π to π; y comes first.  At the origin the slopes are nan.",
)

sinh = library(
    "sinh",
    math.sinh,
    np.sinh,
    [lambda x, out: cosh(x)],
    sympy="sinh",
    latex=r"\sinh\left($x\right)",
    doc="The hyperbolic sine, (e^x - e^-x) / 2.",
)

cosh = library(
    "cosh",
    math.cosh,
    np.cosh,
    [lambda x, out: sinh(x)],
    sympy="cosh",
    latex=r"\cosh\left($x\right)",
    doc="The hyperbolic cosine, (e^x + e^-x) / 2.",
)

tanh = library(
    "tanh",
    math.tanh,
    np.tanh,
    [lambda x, out: square(sech(x))],  # 1 - tanh(x)^2 rounds to 0 from x = 19 on, where the true value is 1e-16
    quick=[lambda x, out: 1.0 - out * out],
    textbook=[lambda x, out: 1.0 - power(out, 2.0)],
    sympy="tanh",
    latex=r"\tanh\left($x\right)",
    doc="The hyperbolic tangent, (e^x - e^-x) / (e^x + e^-x); its slope is 1 - tanh(x)^2 = sech(x)^2.",
)


@primitive(lambda x, out: -out * tanh(x), sympy="sech", latex=r"\operatorname{sech}\left($x\right)")
def sech(x: AnyNumber) -> AnyNumber:
    """The hyperbolic secant 1 / cosh(x), also for x so large that cosh(x) overflows."""
    e = exp(-absolute(x))
    return 2.0 * e / (1.0 + e * e)


arcsinh = library(
    "arcsinh",
    math.asinh,
    np.arcsinh,
    [lambda x, out: 1.0 / hypot(x, 1.0)],
    textbook=[lambda x, out: 1.0 / sqrt(1.0 + power(x, 2.0))],
    sympy="asinh",
    latex=r"\operatorname{arsinh}\left($x\right)",
    doc="The number whose hyperbolic sine is x.",
)

arccosh = library(
    "arccosh",
    math.acosh,
    np.arccosh,
    [lambda x, out: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))],
    textbook=[lambda x, out: 1.0 / sqrt(power(x, 2.0) - 1.0)],
    sympy="acosh",
    latex=r"\operatorname{arcosh}\left($x\right)",
    domain=Interval(1.0, ends="[)"),
    nan_slopes=True,
    doc="The number y >= 0 whose hyperbolic cosine is x; at x = 1 the slope is ``inf``.",
)

arctanh = library(
    "arctanh",
    math.atanh,
    np.arctanh,
    [lambda x, out: 1.0 / _one_minus_square(x)],
    textbook=[lambda x, out: 1.0 / (1.0 - power(x, 2.0))],
    sympy="atanh",
    latex=r"\operatorname{artanh}\left($x\right)",
    domain=Interval(-1.0, 1.0),
    doc="The number whose hyperbolic tangent is x.",
)

hypot = library(
    "hypot",
    math.hypot,
    np.hypot,
    [
        lambda x, y, out: where(out != 0, x / where(out != 0, out, 1.0), 0.0),
        lambda x, y, out: where(out != 0, y / where(out != 0, out, 1.0), 0.0),
    ],
    textbook=[lambda x, y, out: x / out, lambda x, y, out: y / out],
    sympy=lambda sympy, x, y: sympy.sqrt(x**2 + y**2),
    latex=r"\sqrt{{$x}^2 + {$y}^2}",
    kink=lambda x, y: absolute(x) + absolute(y),
    averages=True,
    doc="The length √(x² + y²), without overflow; at the origin, a cone's tip, slopes are 0, and have no derivative.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Choosing and rounding
# ---------------------------------------------------------------------------------------------------------------------


def _maximum(x: float, y: float) -> float:
    """The larger number, or nan if one of them is nan, as in NumPy."""
    return x if x > y or x != x else y


def _minimum(x: float, y: float) -> float:
    """The smaller number, or nan if one of them is nan, as in NumPy."""
    return x if x < y or x != x else y


maximum = library(
    "maximum",
    _maximum,
    np.maximum,
    [
        lambda x, y, out: where(x > y, 1.0, where(x < y, 0.0, 0.5)),
        lambda x, y, out: where(x < y, 1.0, where(x > y, 0.0, 0.5)),
    ],
    sympy="Max",
    symbol="max",
    latex=r"\max\left($x, $y\right)",
    kink=lambda x, y: x - y,
    averages=True,
    selects=True,
    doc="The larger of x and y; at a tie both slopes are 1/2, and have no derivative.",
)

minimum = library(
    "minimum",
    _minimum,
    np.minimum,
    [
        lambda x, y, out: where(x < y, 1.0, where(x > y, 0.0, 0.5)),
        lambda x, y, out: where(x > y, 1.0, where(x < y, 0.0, 0.5)),
    ],
    sympy="Min",
    symbol="min",
    latex=r"\min\left($x, $y\right)",
    kink=lambda x, y: x - y,
    averages=True,
    selects=True,
    doc="The smaller of x and y; at a tie both slopes are 1/2, and have no derivative.",
)

where = library(
    "where",
    lambda condition, x, y: x if condition else y,
    np.where,
    [
        lambda condition, x, y, out: 0.0,
        lambda condition, x, y, out: where(condition, 1.0, 0.0),
        lambda condition, x, y, out: where(condition, 0.0, 1.0),
    ],
    sympy=lambda sympy, condition, x, y: sympy.Piecewise(
        (x, condition if condition.is_Boolean or condition.is_Relational else sympy.Ne(condition, 0)), (y, True)
    ),
    latex=r"\begin{cases} $x & $condition \\ $y & \text{otherwise} \end{cases}",
    domain=(CONDITION, REAL, REAL),
    selects=True,
    doc="""x where the condition holds (is not zero), else y.

    The branch that is not taken contributes nothing to a gradient, even if it is ``nan`` or ``inf``.
    """,
)


@primitive(
    lambda slope, at, out: 1.0,
    lambda slope, at, out: where(absolute(at) > 0, 0.0, math.nan * at),
    array=lambda slope, at: slope if np.shape(slope) == np.shape(at) else slope + np.zeros_like(at),
    sympy=lambda sympy, slope, at: slope,
    latex="$slope",
    domain=(REAL, NONZERO),
    nan_slopes=True,
    selects=True,
)
def convention(slope: AnyNumber, at: AnyNumber) -> AnyNumber:
    """``slope``, for a partial derivative that is a convention where ``at`` is 0: its own derivative is nan there.

    Anywhere else it is ``slope`` to every order.  The partials of rows that average are written with it.

    >>> from autograd import Value
    >>> x = Value(0.0)
    >>> slope = convention(sign(x), x)
    >>> slope.backward()
    >>> slope.data, x.grad
    (0.0, nan)
    """
    return slope


def _clip_array(x: AnyNumber, low: AnyNumber, high: AnyNumber) -> AnyNumber:
    """The same of arrays: at a bound NumPy's clip may keep x, which shows where one is 0.0 and the other -0.0."""
    single = np.ndim(low) == np.ndim(high) == 0
    return np.clip(x, low, high) if single and low != 0 and high != 0 else np.minimum(np.maximum(x, low), high)


@primitive(
    lambda x, low, high, out: where(x - low <= 0, 0.0, where(x - high >= 0, 0.0, 1.0)),
    lambda x, low, high, out: where(x - low <= 0, where(low > high, 0.0, 1.0), 0.0),
    lambda x, low, high, out: where(x - low <= 0, where(low > high, 1.0, 0.0), where(x - high >= 0, 1.0, 0.0)),
    array=_clip_array,
    sympy=lambda sympy, x, low, high: sympy.Min(sympy.Max(x, low), high),
    latex=r"\min\left(\max\left($x, $low\right), $high\right)",
    kink=lambda x, low, high: where(x < low, low - high, minimum(x - low, high - x)),
    selects=True,
)
def clip(x: AnyNumber, low: AnyNumber, high: AnyNumber) -> AnyNumber:
    """x, but at least ``low`` and at most ``high``; at a bound it is the bound, with the slope 0 in x.

    An infinite bound is none, for x = inf as well: inf - inf is nan, so it is not at it.
    """
    return minimum(maximum(x, low), high)


sign = library(
    "sign",
    lambda x: math.copysign(1.0, x) if x > 0 or x < 0 else 0.0 * abs(x),
    np.sign,
    [lambda x, out: 0.0],
    sympy="sign",
    latex=r"\operatorname{sign}\left($x\right)",
    kink=lambda x: x,
    selects=True,
    doc="The sign of x: -1, 0 or 1.  Its derivative is 0 wherever it exists, so no gradient passes through it.",
)

floor = library(
    "floor",
    lambda x: float(np.floor(x)),
    np.floor,
    [lambda x, out: 0.0],
    sympy="floor",
    latex=r"\left\lfloor $x \right\rfloor",
    kink=lambda x: x - floor(x),
    selects=True,
    doc="The largest integer that is not above x: a staircase, whose derivative is 0 between the jumps.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------


@primitive(
    lambda x, out: _sigmoid_slope(x),
    symbol="σ",
    latex=r"\sigma\left($x\right)",
    textbook=[lambda x, out: out * (1.0 - out)],
)
def sigmoid(x: AnyNumber) -> AnyNumber:
    """The logistic function 1 / (1 + e^-x); its slope σ(x)(1 - σ(x)) = σ(x) σ(-x) is at most 1/4.

    >>> from autograd import Value
    >>> z = Value(0.0, label="z")
    >>> a = sigmoid(z)
    >>> a.backward()
    >>> a.data, z.grad
    (0.5, 0.25)
    """
    e = exp(-absolute(x))
    return where(x >= 0, 1.0, e) / (1.0 + e)


@primitive(
    lambda x, out: -out * tanh(0.5 * x),
    name="sigmoid_slope",
    sympy=lambda sympy, x: sigmoid(x) * sigmoid(-x),
    symbol="σ'",
    latex=r"\sigma'\left($x\right)",
    textbook=[lambda x, out: out * (1.0 - 2.0 * sigmoid(x))],
)
def _sigmoid_slope(x: AnyNumber) -> AnyNumber:
    """The slope of the sigmoid, σ(x) σ(-x); a row of its own because the product rule would cancel near 0."""
    e = exp(-absolute(x))
    return e / square(1.0 + e)


@primitive(lambda x, out: sigmoid(x), latex=r"\operatorname{softplus}\left($x\right)")
def softplus(x: AnyNumber) -> AnyNumber:
    """log(1 + e^x), a smooth relu; its slope is the sigmoid (Dugas et al., 2001)."""
    return where(x > 0, x, 0.0) + log1p(exp(-absolute(x)))


def _heaviside(x: AnyNumber) -> AnyNumber:
    """1 where x > 0, else 0.

    For arrays it is an array of booleans, which is faster by a tenth of a whole sweep through a relu.
    """
    return x > 0 if isinstance(x, np.ndarray) else where(x > 0, 1.0, 0.0)


@primitive(
    lambda x, out: _heaviside(x),
    latex=r"\operatorname{relu}\left($x\right)",
    kink=lambda x: x,
    selects=True,
)
def relu(x: AnyNumber) -> AnyNumber:
    """max(0, x), the rectified linear unit; at its kink x = 0 the slope is taken as 0 (Nair and Hinton, 2010)."""
    return maximum(x, 0.0)


@primitive(
    lambda x, slope, out: where(x > 0, 1.0, slope),
    lambda x, slope, out: where(x > 0, 0.0, x),
    symbol="leaky relu",
    latex=r"\operatorname{leaky\,relu}_{$slope}\left($x\right)",
    kink=lambda x, slope: x,
)
def leaky_relu(x: AnyNumber, slope: AnyNumber = 0.01) -> AnyNumber:
    """x for x > 0, else ``slope`` times x; at the kink x = 0 the slope is ``slope`` (Maas et al., 2013)."""
    return where(x > 0, x, slope * x)


def _below_zero(x: AnyNumber) -> AnyNumber:
    """x where it is not positive, else 0, so that no exponential overflows; at 0 it is the piece x."""
    return minimum(x, 0.0) if isinstance(x, np.ndarray) else where(x > 0, 0.0, x)


@primitive(
    lambda x, alpha, out: where(x > 0, 1.0, alpha * exp(_below_zero(x))),
    lambda x, alpha, out: expm1(_below_zero(x)),
    latex=r"\operatorname{elu}_{$alpha}\left($x\right)",
    kink=lambda x, alpha: x,
)
def elu(x: AnyNumber, alpha: AnyNumber = 1.0) -> AnyNumber:
    """x for x > 0, else alpha (e^x - 1), the exponential linear unit (Clevert et al., 2015).

    At 0 it is the piece for negative x, with slope alpha; for alpha = 1 the slope does not jump.
    """
    return where(x > 0, x, alpha * expm1(minimum(x, 0.0)))


@primitive(
    lambda x, out: square(1.0 / (1.0 + absolute(x))),
    latex=r"\operatorname{softsign}\left($x\right)",
    kink=lambda x: x,
    averages=True,
)
def softsign(x: AnyNumber) -> AnyNumber:
    """x / (1 + |x|), which saturates more slowly than tanh (Bergstra et al., 2009).

    At 0 the slope is 1, and has no derivative.
    """
    return x / (1.0 + absolute(x))


@primitive(lambda x, out: sigmoid(x) + out * sigmoid(-x), latex=r"\operatorname{silu}\left($x\right)")
def silu(x: AnyNumber) -> AnyNumber:
    """x σ(x), also called swish (Ramachandran et al., 2017)."""
    return x * sigmoid(x)


erf = library(
    "erf",
    math.erf,
    through_scipy("erf", number_by_number(math.erf), lambda x: x == x),
    [lambda x, out: 2.0 / sqrt(math.pi) * exp(-x * x)],
    sympy="erf",
    latex=r"\operatorname{erf}\left($x\right)",
    doc="The error function, 2/√π times the integral of e^(-t²) from 0 to x.",
)

erfc = library(
    "erfc",
    math.erfc,
    None,
    [lambda x, out: -2.0 / sqrt(math.pi) * exp(-x * x)],
    sympy="erfc",
    latex=r"\operatorname{erfc}\left($x\right)",
    doc="1 - erf(x), accurate even for large x, where the difference is tiny (DLMF 7.2.2).",
)


@primitive(
    lambda x, out: 0.5 * erfc(-x / sqrt(2.0)) + x * exp(-0.5 * x * x) / sqrt(2.0 * math.pi),
    latex=r"\operatorname{gelu}\left($x\right)",
)
def gelu(x: AnyNumber) -> AnyNumber:
    """x Φ(x), where Φ is the normal distribution function: the Gaussian error linear unit.

    This is the exact form (Hendrycks and Gimpel, 2016); some libraries approximate it with a tanh.
    """
    return 0.5 * x * erfc(-x / sqrt(2.0))


# ---------------------------------------------------------------------------------------------------------------------
# Sums of any number of operands: one node, where a chain of + and * would make two for each term
# ---------------------------------------------------------------------------------------------------------------------


def _halves(factors: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """The first and the second half of an even number of factors."""
    middle, odd = divmod(len(factors), 2)
    if odd:
        raise ValueError(f"the factors must form pairs, but there are {len(factors)}")
    return factors[:middle], factors[middle:]


@primitive(lambda terms, out: [1.0] * len(terms), name="sum", inline=True, symbol="Σ")
def sum_terms(*terms: AnyNumber) -> AnyNumber:
    """The sum of all terms."""
    total = 0.0
    for term in terms:
        total = total + term
    return total


@primitive(
    lambda factors, out: [*factors[len(factors) // 2 :], *factors[: len(factors) // 2]],
    name="dot",
    inline=True,
    symbol="·",
)
def dot_product(*factors: AnyNumber) -> AnyNumber:
    """The inner product of the first half of the operands with the second."""
    total = 0.0
    for x, y in zip(*_halves(factors), strict=True):
        total = total + x * y
    return total


@primitive(
    lambda operands, out: [*operands[len(operands) // 2 : -1], *operands[: len(operands) // 2], 1.0],
    name="affine",
    inline=True,
    symbol="w·x + b",
)
def affine_map(*operands: AnyNumber) -> AnyNumber:
    """The inner product of the first half of the operands with the second, plus the last one."""
    *factors, bias = operands
    total = bias
    for w, x in zip(*_halves(factors), strict=True):
        total = total + w * x
    return total

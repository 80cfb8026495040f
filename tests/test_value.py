"""``Value`` as a number: what it computes with, what it refuses, what it says of itself, and how it is copied."""

from __future__ import annotations

import builtins
import copy
import math
import operator
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd as ag
from autograd import PRIMITIVES, Tensor, Value, affine, dot, exp, log, maximum, sigmoid, sqrt, sum, tanh, where
from autograd.core.sweep import topological_order
from autograd.testing import Graph, graphs

OPERATORS = {
    operator.add: "add",
    operator.sub: "subtract",
    operator.mul: "multiply",
    operator.truediv: "divide",
    operator.pow: "power",
    operator.mod: "mod",
    operator.floordiv: "floor_divide",
}
NUMBERS = [
    2,
    2.0,
    True,
    Fraction(5, 2),
    np.float64(2.5),
    np.float32(2.5),
    np.float16(2.5),
    np.int64(2),
    np.uint8(2),
    np.bool_(True),
    np.array(2.5),
    np.array(2),
]
ARRAYS = [np.array([1.0, 2.0]), np.array([[1]]), np.array([]), np.array([Value(1.0)])]
NO_NUMBERS = ["2", np.array("2"), None, [2.0], (2.0,), 2j, np.complex128(2), Decimal(2), {2.0}, object()]

every_operator = pytest.mark.parametrize("apply", OPERATORS, ids=OPERATORS.get)
every_number = pytest.mark.parametrize("number", NUMBERS, ids=lambda x: type(x).__name__)


# ---------------------------------------------------------------------------------------------------------------------
# Arithmetic with everything that is a real number
# ---------------------------------------------------------------------------------------------------------------------


@every_operator
def test_two_values(apply: Any) -> None:
    x, y = Value(3.0), Value(2.5)
    z = apply(x, y)
    assert z.data == apply(3.0, 2.5)
    assert z.op is PRIMITIVES[OPERATORS[apply]]
    assert z.parents[0] is x
    assert z.parents[1] is y
    assert z.slopes == z.partials == pytest.approx(z.op.slopes([3.0, 2.5], z.data))


@every_operator
@every_number
def test_a_value_and_a_number(apply: Any, number: Any) -> None:
    v = Value(3.0)
    z = apply(v, number)
    assert type(z) is Value
    assert type(z.data) is float
    assert z.data == apply(3.0, float(number))
    assert_one_parent(z, v, constant=1, like=apply(Value(3.0), Value(number)))


@every_operator
@every_number
def test_a_number_and_a_value(apply: Any, number: Any) -> None:
    v = Value(3.0)
    z = apply(number, v)
    assert type(z) is Value
    assert type(z.data) is float
    assert z.data == apply(float(number), 3.0)
    assert_one_parent(z, v, constant=0, like=apply(Value(number), Value(3.0)))


def assert_one_parent(z: Value, parent: Value, constant: int, like: Value) -> None:
    """A constant stands on the edge as a float: it is an operand with slope 0, and no parent."""
    assert z.parents == (parent,)
    assert z.operands[1 - constant] is parent
    assert type(z.operands[constant]) is float
    assert z.slopes[constant] == 0.0
    assert z.partials == (like.partials[1 - constant],)


def test_unary_operators() -> None:
    v = Value(-3.0)
    for z, data, slope in (-v, 3.0, -1.0), (+v, -3.0, 1.0), (abs(v), 3.0, -1.0):
        assert type(z) is Value
        assert (z.data, z.partials) == (data, (slope,))
        assert z.parents == (v,)


def test_in_place_operators_make_a_new_node() -> None:
    v = w = Value(3.0)
    w += 1
    w *= w
    assert (v.data, w.data) == (3.0, 16.0)
    assert v.op is None


def test_the_same_operand_twice_is_two_edges() -> None:
    a = Value(3.0)
    square = a * a
    assert len(square.parents) == 2
    assert square.partials == (3.0, 3.0)
    square.backward()
    assert a.grad == 6.0


def test_builtin_sum_and_powers_work() -> None:
    a = Value(2.0)
    y = a + a
    assert math.prod([a, a, 3]).item() == 12.0
    assert builtins.sum([y, a, 1]).data == 7.0


@every_operator
@pytest.mark.parametrize("array", [array for array in ARRAYS if array.dtype != object], ids=repr)
def test_with_an_array_it_makes_a_tensor(apply: Any, array: Any) -> None:
    v = Value(3.0)
    for (left, right), expected in ((v, array), apply(3.0, array)), ((array, v), apply(array, 3.0)):
        y = apply(left, right)
        assert isinstance(y, Tensor)
        assert y.parents == (v,)
        np.testing.assert_array_equal(y.data, expected)


@every_operator
def test_an_array_of_values_computes_one_by_one_on_both_sides(apply: Any) -> None:
    v, numbers = Value(3.0), [2.0, 0.5]
    array = np.array([Value(x) for x in numbers])
    for results, expected in (
        (apply(v, array), [apply(3.0, x) for x in numbers]),
        (apply(array, v), [apply(x, 3.0) for x in numbers]),
    ):
        assert results.dtype == object
        assert [y.data for y in results] == expected
        assert all(v in y.parents for y in results)


@every_operator
@pytest.mark.parametrize("other", NO_NUMBERS, ids=lambda x: type(x).__name__)
def test_what_is_no_real_number_is_refused_on_both_sides(apply: Any, other: Any) -> None:
    for left, right in (Value(3.0), other), (other, Value(3.0)):
        if isinstance(left, str) and apply is operator.mod:
            continue  # "2" % v is formatting, and none of our business
        with pytest.raises(TypeError):
            apply(left, right)


def test_division_by_zero_names_the_node_and_the_line() -> None:
    x, y = Value(1.0, label="x"), Value(0.0, label="velocity")
    with pytest.raises(ZeroDivisionError) as caught:
        x / y
    line = caught.traceback[0].lineno + 1
    assert str(caught.value) == f"divide: division by zero at x = 1.0, velocity = 0.0 ({__file__}:{line})"


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (lambda x, y: 1.0 / x, "divide: division by zero in 1.0 / x at x = 0.0"),
        (lambda x, y: x / x, "divide: division by zero at x = 0.0"),
        (lambda x, y: Value(1.0) / x, "divide: division by zero in 1.0 / x at x = 0.0"),
        (lambda x, y: y / Value(0.0), "divide: division by zero at rate = -1.0, y = 0.0"),
        (lambda x, y: Value(1.0) / Value(0.0), "divide: division by zero at x = 1.0, y = 0.0"),
        (lambda x, y: y**0.5, "power: math domain error in rate ** 0.5 at rate = -1.0"),
        (lambda x, y: ag.xlogy(1.0, y), "xlogy: math domain error in xlogy(1.0, rate) at rate = -1.0"),
        (lambda x, y: ag.log(y), "log: math domain error at rate = -1.0"),
    ],
)
def test_an_error_names_the_operands_as_the_user_does(refused, reason) -> None:
    with pytest.raises(ag.EvaluationError) as caught:
        refused(Value(0.0, label="x"), Value(-1.0, label="rate"))
    assert caught.value.reason == reason


# ---------------------------------------------------------------------------------------------------------------------
# Reading the number
# ---------------------------------------------------------------------------------------------------------------------


@every_number
def test_comparisons_read_the_number(number: Any) -> None:
    v = Value(2.25)
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for result, expected in (
            (compare(v, number), compare(2.25, float(number))),
            (compare(number, v), compare(float(number), 2.25)),
            (compare(v, Value(number)), compare(2.25, float(number))),
        ):
            assert type(result) is bool
            assert result == expected


def test_comparison_with_something_else() -> None:
    v = Value(2.0)
    assert v != "2"
    assert v != None  # noqa: E711
    with pytest.raises(TypeError):
        v < "2"  # noqa: B015
    assert (v < np.array([1.0, 3.0])).tolist() == (np.array([1.0, 3.0]) > v).tolist() == [False, True]


def test_nan_equals_nothing() -> None:
    assert Value(math.nan) != Value(math.nan)
    assert Value(math.nan) != math.nan


def test_equal_values_are_different_keys() -> None:
    a, b = Value(2.0), Value(2.0)
    assert a == b
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[b] == "b"
    assert a in {a}
    assert Value(2.0) not in {a, b}
    assert Value(2.0) in [a]  # a list asks for equality


def test_conversions() -> None:
    v = Value(2.75)
    assert (float(v), int(v), bool(v), bool(Value(0.0))) == (2.75, 2, True, False)
    assert (round(v), type(round(v)), round(v, 1)) == (3, int, 2.8)
    assert f"{v:.1f} {v:8.3e}" == "2.8 2.750e+00"
    assert f"{v}" == str(v) == repr(v) == "Value(2.75)"
    assert math.sin(v) == math.sin(2.75)
    assert np.array([v, v], dtype=float).tolist() == [2.75, 2.75]


def test_repr_says_what_is_known() -> None:
    x = Value(2, label="x")
    y = x * 3
    assert (repr(x), repr(y)) == ("Value(2.0, label='x')", "Value(6.0, op=multiply)")
    y.backward()
    assert (repr(x), repr(y)) == ("Value(2.0, label='x', grad=3.0)", "Value(6.0, op=multiply, grad=1.0)")
    y.label = "y"
    assert repr(y) == "Value(6.0, label='y', op=multiply, grad=1.0)"
    y.label = ""
    assert y.label is None


# ---------------------------------------------------------------------------------------------------------------------
# NumPy's functions
# ---------------------------------------------------------------------------------------------------------------------


def ufuncs(nin: int) -> list[str]:
    named = {name: getattr(np, name, None) for name in PRIMITIVES}
    return [name for name, f in named.items() if isinstance(f, np.ufunc) and f.nin == nin]


@pytest.mark.parametrize("name", ufuncs(1))
def test_numpy_functions_of_one_operand_record(name: str) -> None:
    v = Value(1.25) if name == "arccosh" else Value(0.25)
    for y in getattr(np, name)(v), PRIMITIVES[name](v):
        assert y.op is PRIMITIVES[name]
        assert y.parents == (v,)
        assert y.data == pytest.approx(float(getattr(np, name)(v.data)))


@pytest.mark.parametrize("name", ufuncs(2))
def test_numpy_functions_of_two_operands_record(name: str) -> None:
    v = Value(0.25)
    y, z = getattr(np, name)(v, 2), getattr(np, name)(np.float64(2), v)
    assert y.op is z.op is PRIMITIVES[name]
    assert y.parents == z.parents == (v,)
    assert (y.data, z.data) == (getattr(np, name)(0.25, 2), getattr(np, name)(2, 0.25))


def test_most_of_the_table_is_known_to_numpy() -> None:
    assert {"sin", "exp", "tanh", "absolute", "floor"} < set(ufuncs(1))
    assert {"add", "maximum", "arctan2", "hypot", "power", "mod"} < {*ufuncs(2), "mod"}


def test_numpy_functions_with_another_name() -> None:
    v = Value(2.0)
    assert np.remainder(v, 1.5).op is np.mod(v, 1.5).op is PRIMITIVES["mod"]
    assert np.true_divide(v, 2).op is PRIMITIVES["divide"]
    assert np.float_power(v, 2).op is PRIMITIVES["power"]
    assert np.fabs(v).op is np.abs(v).op is PRIMITIVES["absolute"]


def test_numpy_clip_and_where() -> None:
    v = Value(2.0)
    assert np.clip(v, 0.0, 1.0).op is PRIMITIVES["clip"]
    assert np.where(v > 1, v, 0.0).op is PRIMITIVES["where"]


def test_numpy_predicates_read_the_number() -> None:
    assert np.isfinite(Value(1.0)) is True
    assert np.isnan(Value(1.0)) is False


def test_what_the_table_lacks_is_named() -> None:
    v = Value(1.0)
    with pytest.raises(NotImplementedError, match=r"np\.nextafter is not in the table.*autograd\.primitive"):
        np.nextafter(v, 1.0)
    with pytest.raises(NotImplementedError, match=r"np\.roots does not support Tensors and Values"):
        np.roots([v])
    with pytest.raises(NotImplementedError, match=r"np\.spacing"):
        np.spacing(v)


def test_numpy_options_are_refused() -> None:
    v = Value(1.0)
    with pytest.raises(TypeError, match=r"np\.add with .*out"):
        np.add(v, 1.0, out=np.zeros(()))
    with pytest.raises(TypeError, match=r"np\.add\.outer does not support Values"):
        np.add.outer(v, 1.0)


# ---------------------------------------------------------------------------------------------------------------------
# Functions and methods
# ---------------------------------------------------------------------------------------------------------------------


FUNCTIONS = [name for name, op in PRIMITIVES.items() if len(op.parameters) == 1 and hasattr(ag.rules, name)]


@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - {"negative", "positive", "absolute"}))  # those are operators
def test_functions_of_one_operand_are_methods(name: str) -> None:
    v = Value(1.25) if name == "arccosh" else Value(0.25)
    y = getattr(v, name)()
    assert y.op is PRIMITIVES[name]
    assert y.data == PRIMITIVES[name](v).data


def test_methods_take_more_operands() -> None:
    v = Value(-2.0)
    assert v.clip(-1, 1).data == -1.0
    assert v.leaky_relu(0.5).data == -1.0
    assert v.elu(alpha=2.0).data == 2 * math.expm1(-2)


def test_functions_of_plain_numbers_stay_plain() -> None:
    assert type(tanh(0.5)) is float
    assert sum([1, 2.0]) == 3.0
    assert dot([], []) == 0.0


def test_n_ary_nodes() -> None:
    a, b = Value(2.0), Value(3.0)
    total = sum([a, 1.0, b, a])
    assert (total.data, total.slopes, total.partials) == (8.0, (1, 0, 1, 1), (1, 1, 1))
    assert total.parents == (a, b, a)
    neuron = affine([a, b], [5.0, 7.0], 1.0)
    assert (neuron.data, neuron.slopes, neuron.partials) == (32.0, (5, 7, 0, 0, 0), (5, 7))
    assert affine([], [], b).data == sum([b]).data == 3.0
    with pytest.raises(ValueError, match="dot needs two sequences of equal length, but got 2 and 1"):
        dot([a, b], [1.0])
    with pytest.raises(ValueError, match="affine needs two sequences"):
        affine([a, b], [1.0], 0.0)


def test_values_and_arrays_in_a_function() -> None:
    v = Value(1.5)
    maximum(v, np.array([1.0, 2.0, 1.5])).sum().backward()
    assert v.grad == 1.5  # selected, not selected, and half of a tie


# ---------------------------------------------------------------------------------------------------------------------
# What may be put into it
# ---------------------------------------------------------------------------------------------------------------------


@every_number
def test_it_holds_any_real_number_as_a_float(number: Any) -> None:
    v = Value(number)
    assert type(v.data) is float
    assert v.data == float(number)


@pytest.mark.parametrize("bad", [*NO_NUMBERS, *ARRAYS, Value(1.0)], ids=lambda x: type(x).__name__)
def test_nonsense_is_refused_and_changes_nothing(bad: Any) -> None:
    v = Value(2.0, label="v")
    v.grad = 3.0
    with pytest.raises(TypeError):
        Value(bad)
    with pytest.raises(TypeError):
        v.data = bad
    if bad is not None:
        with pytest.raises(TypeError):
            v.grad = bad
    if not (bad is None or isinstance(bad, str)):
        with pytest.raises(TypeError, match="a label is text"):
            v.label = bad
    assert repr(v) == "Value(2.0, label='v', grad=3.0)"


def test_an_array_is_told_of_tensor_and_a_value_of_itself() -> None:
    with pytest.raises(TypeError, match=r"not an array of shape \(2,\): use a Tensor for arrays"):
        Value(np.zeros(2))
    with pytest.raises(TypeError, match="not another Value"):
        Value(Value(1.0))


def test_there_is_nothing_else_to_set() -> None:
    v = Value(2.0) * 3
    for name in ("op", "operands", "parents", "partials", "slopes", "colour"):
        with pytest.raises(AttributeError):
            setattr(v, name, None)


def test_editing_data_changes_no_recorded_derivative() -> None:
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert x.grad == 6.0


# ---------------------------------------------------------------------------------------------------------------------
# refresh
# ---------------------------------------------------------------------------------------------------------------------


@given(graphs())
def test_refresh_recomputes_the_recorded_graph(graph: Graph) -> None:
    leaves = [Value(x) for x in graph.leaves.values()]
    y = graph(*leaves)
    moved = [leaf.data + 0.375 for leaf in leaves]
    for leaf, x in zip(leaves, moved, strict=True):
        leaf.data = x
    again = graph(*map(Value, moved))
    assert y.refresh() is y
    for old, new in zip(topological_order(y), topological_order(again), strict=True):
        assert (old.data, old.slopes) == (new.data, new.slopes)


def test_refresh_is_all_or_nothing() -> None:
    x = Value(4.0, label="x")
    y = x * 2
    z = log(y) + 1
    before = repr((y, z)), z.slopes
    x.data = -1.0
    with pytest.raises(ValueError, match=r"log: math domain error at x = -2\.0"):
        z.refresh()
    assert (repr((y, z)), z.slopes) == before


# ---------------------------------------------------------------------------------------------------------------------
# Copies and pickles
# ---------------------------------------------------------------------------------------------------------------------


def example() -> tuple[Value, Value]:
    x = Value(0.5, label="x")
    y = sigmoid(x * 3 + 1) + affine([x, x], [2.0, x], 1.0) + where(x > 0, x, 2.0) - sqrt(x)
    y.label = "y"
    y.backward()
    return x, y


def described(y: Value) -> list[Any]:
    place = {node: i for i, node in enumerate(topological_order(y))}
    wiring = [[place[x] if isinstance(x, Value) else (x,) for x in node.operands] for node in place]
    return [(repr(node), node.slopes, operands) for node, operands in zip(place, wiring, strict=True)]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_keeps_everything(protocol: int) -> None:
    x, y = example()
    again = pickle.loads(pickle.dumps(y, protocol))
    assert described(again) == described(y)
    assert not set(topological_order(again)) & set(topological_order(y))
    again.backward()
    leaf = topological_order(again)[0]
    assert leaf.grad == 2 * x.grad


def test_deepcopy_keeps_everything() -> None:
    _, y = example()
    again = copy.deepcopy(y)
    assert described(again) == described(y)
    assert not set(topological_order(again)) & set(topological_order(y))


def test_a_deep_copy_of_several_outputs_shares_what_they_share() -> None:
    x = Value(2.0)
    h = x * 3
    y, z = h + 1, exp(h)
    x2, h2, y2, z2 = copy.deepcopy([x, h, y, z])
    assert y2.parents[0] is z2.parents[0] is h2
    assert h2.parents[0] is x2
    assert x2 is not x


def test_a_shallow_copy_is_another_node_with_the_same_parents() -> None:
    x, y = example()
    again = copy.copy(y)
    assert again is not y
    assert repr(again) == repr(y)
    assert [a is b for a, b in zip(again.operands, y.operands, strict=True)] == [True, True]
    leaf = copy.copy(x)
    leaf.data = 100.0
    assert x.data == 0.5


def test_leaves_pickled_together_stay_shared() -> None:
    w = Value(2.0, label="w")
    w2, y2, z2 = pickle.loads(pickle.dumps([w, w * 3, exp(w)]))
    assert y2.parents[0] is z2.parents[0] is w2


def test_a_pickled_constant_is_not_mistaken_for_a_place() -> None:
    x = Value(2.0)
    again = pickle.loads(pickle.dumps(1 * x + 0.0))
    assert [type(operand) for operand in again.operands] == [Value, float]
    assert again.refresh().data == 2.0


def test_functions_take_arrays_of_values_one_by_one() -> None:
    v = Value(2.0)
    row = np.array([Value(-1.0), Value(3.0)])
    for results, expected in [
        (maximum(row, v), [2.0, 3.0]),
        (where(row > 0, row, 0.5), [0.5, 3.0]),
        (np.hypot(row, v), [math.hypot(1.0, 2.0), math.hypot(3.0, 2.0)]),
    ]:
        assert [y.item() for y in results] == expected
    (row * v).sum().backward()
    assert v.grad == 2.0


@pytest.mark.parametrize(
    ("refused", "kind", "builtin", "reason"),
    [
        (lambda x: ag.log(x - 2.0), ag.DomainError, ValueError, "log: math domain error at x = -1.0"),
        (
            lambda x: 1.0 / (x - 1.0),
            ag.DivisionByZeroError,
            ZeroDivisionError,
            "divide: division by zero in 1.0 / y at y = 0.0",
        ),
        (lambda x: ag.exp(1000.0 * x), ag.RangeError, OverflowError, "exp: overflow at x = 1000.0"),
    ],
)
def test_an_error_of_evaluation_is_pythons_own_with_a_reason_and_a_line(refused, kind, builtin, reason) -> None:
    with pytest.raises(builtin) as caught:
        refused(Value(1.0))
    error = caught.value
    assert type(error) is kind
    assert isinstance(error, ag.EvaluationError)
    assert error.reason == reason
    assert error.line.startswith(f" ({__file__}:")
    assert str(error) == reason + error.line
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))

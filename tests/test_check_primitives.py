"""autograd.testing: strategies draw what they promise, and checks find and name what is wrong."""

from __future__ import annotations

import inspect
import math
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, find, given, settings
from hypothesis import strategies as st
from oracles import fewer

from autograd import (
    PRIMITIVES,
    Interval,
    Primitive,
    Tensor,
    Value,
    absolute,
    clip,
    define,
    divide,
    exp,
    floor,
    grad,
    log,
    power,
    primitive,
    sin,
    tanh,
    topological_order,
    where,
)
from autograd.arrays.array_operation import array_operation
from autograd.dialects.symbolic import expand
from autograd.testing import (
    Expression,
    Graph,
    arrays,
    check_all_primitives,
    check_function,
    check_primitive,
    expressions,
    graphs,
    points,
)

every_row = pytest.mark.parametrize("op", list(PRIMITIVES.values()), ids=str)
at_the_end = {"ive", "ive_derivative"}  # the kink of these is the end of their domain
kinked = [op for op in PRIMITIVES.values() if op.kink is not None and op.name not in at_the_end]
every_kinked_row = pytest.mark.parametrize("op", kinked, ids=str)

# ---------------------------------------------------------------------------------------------------------------------
# Points
# ---------------------------------------------------------------------------------------------------------------------


def declared(op: Primitive, domain: Any, kink: Any = None) -> Primitive:
    """The same row with another domain and another kink, outside the table."""
    return Primitive(op.name, op.formula, op.partials, parameters=op.parameters, domain=domain, kink=kink)


@every_row
@pytest.mark.parametrize("lattice", [True, False])
@fewer
@given(data=st.data())
def test_points_are_inside_the_domain(op: Primitive, lattice: bool, data: Any) -> None:
    point = data.draw(points(op, lattice=lattice, reach=6.0))
    assert op.variadic or len(point) == len(op.parameters)
    for x, interval in zip(point, op.domain or [Interval()] * len(point), strict=True):
        assert type(x) is float
        assert x in interval
        assert abs(x) <= 6.0
        assert x not in (interval.low, interval.high) or interval.whole
        assert (8 * x).is_integer() or not lattice


@every_row
@fewer
@given(data=st.data())
def test_points_that_avoid_kinks_have_finite_slopes(op: Primitive, data: Any) -> None:
    point = data.draw(points(op, kinks=False, lattice=True))
    assert not op.on_kink(point)
    slopes = zip(op.slopes(point, op(*point)), op.domain or [Interval()] * len(point), strict=True)
    assert all(math.isfinite(slope) for slope, interval in slopes if not interval.constant)  # that has no derivative


@every_kinked_row
@fewer
@given(data=st.data())
def test_points_that_aim_at_kinks_hit_them(op: Primitive, data: Any) -> None:
    assert op.on_kink(data.draw(points(op, kinks=True)))


@pytest.mark.parametrize("c", [0.3, -17.7, 31.0])
def test_a_kink_is_found_anywhere(c: float) -> None:
    bent = declared(absolute, Interval(), lambda x: x - c)
    assert find(points(bent, kinks=True), lambda point: True) == (c,)


def test_kinks_asked_of_a_smooth_row() -> None:
    with pytest.raises(ValueError, match="sin declares no kink: give kink= where it is declared"):
        points(sin, kinks=True)


@pytest.mark.parametrize("interval", [Interval(0.0, 0.1), Interval(5.0, 10.0), Interval(high=-10.0), Interval(1e6)])
@pytest.mark.parametrize("lattice", [True, False])
@given(data=st.data())
def test_domains_that_are_narrow_or_far_away(interval: Interval, lattice: bool, data: Any) -> None:
    (x,) = data.draw(points(declared(sin, interval), lattice=lattice))
    assert x in interval


def test_holes_that_are_an_interval() -> None:
    gamma = declared(sin, Interval(holes=Interval(high=0.0, ends="(]", whole=True)))
    found = {find(points(gamma, lattice=True), lambda point, k=k: point[0] < k)[0] for k in (0, -1, -2)}
    assert not any(map(float.is_integer, found))
    assert [math.floor(x) for x in sorted(found)] == [-3, -2, -1]


def test_an_nary_row_gets_as_many_operands_as_it_takes() -> None:
    lengths: dict[str, set[int]] = {"sum": set(), "dot": set(), "affine": set()}

    @settings(max_examples=1000)  # enough to draw each length
    @given(st.data())
    def draw(data: Any) -> None:
        for name, met in lengths.items():
            met.add(len(data.draw(points(PRIMITIVES[name]))))

    draw()
    assert lengths["sum"] > {0, 1, 2, 3}
    assert lengths["dot"] > {0, 2, 4}
    assert lengths["affine"] > {1, 3, 5}
    assert not any(n % 2 for n in lengths["dot"])
    assert all(n % 2 for n in lengths["affine"])


# ---------------------------------------------------------------------------------------------------------------------
# Expressions
# ---------------------------------------------------------------------------------------------------------------------

NAMESPACE: dict[str, Any] = {}
exec("from autograd import *", NAMESPACE)


@given(expressions(), st.tuples(*[st.integers(-8, 8).map(lambda k: k / 4)] * 2))
def test_an_expression_is_what_it_prints(f: Expression, xs: tuple[float, float]) -> None:
    assert eval(repr(f), dict(NAMESPACE))(*xs) == pytest.approx(f(*xs), rel=0, abs=0, nan_ok=True)
    assert list(inspect.signature(f).parameters) == ["x", "y"]
    assert f(xs[0], y=xs[1]) == f(*xs)


@given(expressions(kinks=False), st.tuples(*[st.integers(-8, 8).map(lambda k: k / 4)] * 2))
def test_an_expression_takes_every_kind_of_number(f: Expression, xs: tuple[float, float]) -> None:
    expected = pytest.approx(f(*xs), rel=1e-12, abs=1e-12)
    assert f(*map(Value, xs)).data == expected
    assert f(*map(np.array, xs)) == expected
    assert f(Tensor([xs[0]]), Tensor([[xs[1]]])).numpy().ravel() == expected
    exact = f(*map(sympy.Rational, xs))
    assert float(expand(exact).evalf(30)) == expected


@given(expressions(), st.tuples(*[st.integers(-8, 8).map(lambda k: k / 4)] * 2))
def test_an_expression_is_a_formula_to_define(f: Expression, xs: tuple[float, float]) -> None:
    assume("PRIMITIVES" not in str(f))  # the n-ary rows
    values = {name: x for name, x in zip("xy", xs, strict=True) if re.search(rf"\b{name}\b", str(f))}
    assert define(f"out = {f}", values)["out"].data == f(*xs)


def test_expressions_are_differentiated_by_name() -> None:
    f = Expression(("x", "y"), (sin, (PRIMITIVES["multiply"], "x", "y")))
    assert grad(f, "y")(2.0, 0.0) == 2.0
    with pytest.raises(TypeError, match="missing a required argument: 'y'"):
        f(1.0)


@given(expressions(("a",), [tanh, divide]))
def test_expressions_of_chosen_rows_and_names(f: Expression) -> None:
    assert f.variables == ("a",)
    assert set(str(f)) <= set("tanh(a)/ .0123456789-e")


def test_expressions_shrink_to_the_shortest() -> None:
    assert repr(find(expressions(), lambda f: True)) == "lambda x, y: x"
    assert str(find(expressions(), lambda f: re.findall(r"\w+", str(f)).count("y") == 2)) in ("y + y", "y * y")
    assert repr(find(expressions(("t",)), lambda f: "tanh" in str(f))) == "lambda t: tanh(t)"


# ---------------------------------------------------------------------------------------------------------------------
# Arrays and graphs
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(data=st.data())
def test_arrays_broadcast(dtype: Any, data: Any) -> None:
    group = data.draw(arrays(3, dtype=dtype, min_dims=1, max_dims=2, max_side=4))
    assert len(np.broadcast_shapes(*[x.shape for x in group])) in (1, 2)
    for x in group:
        assert x.dtype == dtype
        assert x.ndim in (1, 2)
        assert max(x.shape) <= 4
        assert np.all(np.abs(x) <= 2)


def test_arrays_of_every_kind_are_drawn() -> None:
    met: set[str] = set()

    @settings(max_examples=2000)
    @given(arrays(2, min_side=0))
    def draw(group: Any) -> None:
        a, b = group
        kinds = {
            "the same shape": a.shape == b.shape and a.size > 1,
            "one row": a.ndim == 2 and b.ndim == 2 and 1 == b.shape[0] < a.shape[0] and b.size > 1,
            "one column": a.ndim == 2 and b.ndim == 2 and 1 == b.shape[1] < a.shape[1] and b.size > 1,
            "fewer axes": 0 < b.ndim < a.ndim and b.size > 1,
            "a single number": b.shape == () != a.shape,
            "empty": a.size == 0,
        }
        met.update(kind for kind, is_met in kinds.items() if is_met)

    draw()
    assert met == {"the same shape", "one row", "one column", "fewer axes", "a single number", "empty"}


def test_arrays_of_chosen_numbers() -> None:
    (x,) = find(arrays(elements=st.floats(7.0, 8.0)), lambda group: group[0].size > 1)
    assert np.all(x == 7.0)


def structure(nodes: dict[str, Any]) -> list[Any]:
    """Everything that defines a graph: rows, numbers and operands."""
    place = {id(node): name for name, node in nodes.items()}
    return [
        [name, node.op, repr(node), *[place[id(x)] if id(x) in place else float(x) for x in node.operands]]
        for name, node in nodes.items()
    ]


@pytest.mark.parametrize(
    "drawn",
    [
        graphs(),
        graphs(Tensor),
        graphs(Tensor, dtype=np.float32),
        graphs(Value, [power, divide, log, dot_product := PRIMITIVES["dot"]]),
    ],
    ids=["Value", "float64", "float32", "chosen rows"],
)
@given(data=st.data())
def test_a_graph_is_rebuilt_from_what_it_prints(drawn: Any, data: Any) -> None:
    graph = data.draw(drawn)
    for text in (repr(graph), str(graph)):
        pasted: dict[str, Any] = {}
        exec("from autograd import *\n" + text, pasted)
        built = graph.build()
        assert structure({name: pasted[name] for name in built}) == structure(built)


@given(graphs())
def test_every_result_of_a_graph_counts(graph: Graph) -> None:
    nodes = graph.build()
    *_, output = nodes.values()
    assert set(topological_order(output)) == set(nodes.values())
    assert graph(*graph.leaves.values()) == output.data
    assert graph.run()[f"v{len(graph.steps)}"] == output.data
    assert all(abs(node.data) <= 50 for node in nodes.values())


@given(graphs(Tensor, kinks=False, max_steps=3))
def test_graphs_of_tensors_have_one_dtype_and_shapes_that_fit(graph: Graph) -> None:
    nodes = graph.build()
    assert len(graph.steps) <= 3
    assert {node.dtype for node in nodes.values()} == {np.dtype(float)}
    assert np.broadcast_shapes(*[node.shape for node in nodes.values()]) == nodes[f"v{len(graph.steps)}"].shape
    assert not any(node.op.selects for node in nodes.values() if node.op is not None)


def test_graphs_shrink_to_the_smallest() -> None:
    def repeated(graph: Graph) -> bool:
        return any(node.op is sin and node.parents[0].op is sin for node in graph.build().values())

    assert repr(find(graphs(), repeated)) == "x = Value(0.0); v1 = sin(x); v2 = sin(v1)"
    shared = find(graphs(Tensor), lambda graph: any(len({*x.parents}) < len(x.parents) for x in graph.build().values()))
    assert repr(shared) == "x = Tensor(0.0); v1 = x + x"
    assert str(find(graphs(), lambda graph: len(graph.leaves) == 2)).splitlines()[:2] == [
        "x = Value(0.0)",
        "y = Value(0.0)",
    ]


def test_a_failing_example_shows_a_graph_to_paste() -> None:
    @settings(database=None)
    @given(graphs())
    def wrong(graph: Graph) -> None:
        assert PRIMITIVES["sin"] not in [row for row, _ in graph.steps.values()]

    with pytest.raises(AssertionError) as caught:
        wrong()
    assert any("graph=x = Value(0.0); v1 = sin(x)," in note for note in caught.value.__notes__)


# ---------------------------------------------------------------------------------------------------------------------
# check_primitive finds what is wrong
# ---------------------------------------------------------------------------------------------------------------------


def bell(x: Any) -> Any:
    return exp(-x * x)


def product(x: Any, y: Any) -> Any:
    return x * y


def bent(x: Any) -> Any:
    return absolute(x - 0.3)


def ramp(x: Any) -> Any:
    return where(x > 0, 3.0 * x, -1.0 * x)


def squared(x: Any) -> Any:
    return x * x


def twice_x(x: Any, out: Any) -> Any:
    return 2.0 * x


def gap(x: Any) -> Any:
    if abs(x - 0.3) < 1e-3:
        raise ValueError("not there")
    return log(absolute(x - 0.3))


def one_over(x: Any, out: Any) -> Any:
    return 1.0 / x


def nothing(x: Any, out: Any) -> Any:
    return 0.0


def itself(x: Any) -> Any:
    return x


def ramp_slope(at_zero: float) -> Any:
    return lambda x, out: where(x > 0, 3.0, where(x < 0, -1.0, at_zero))


def wrong(message: str, formula: Any, *partials: Any, **options: Any) -> Any:
    return pytest.param(formula, partials, options, message, id=message[:50])


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(
    ("formula", "partials", "options", "message"),
    [
        # a partial
        wrong("bell: ∂/∂x at (1.0,): declared -0.3678794412, measured -0.735758882 ± ", bell, lambda x, out: -x * out),
        wrong("bell: ∂/∂x at (1.0,): declared -0.7358324582, measured", bell, lambda x, out: -2.0002 * x * out),
        wrong("bell: ∂/∂x at (1.0,): declared -0.735758955", bell, lambda x, out: -2.0000002 * x * out),
        wrong("bell: ∂/∂x at (0.0,): declared nan, measured 0", bell, lambda x, out: math.nan),
        wrong("product: ∂/∂y at ", product, lambda x, y, out: y, lambda x, y, out: y),
        wrong("product: ∂/∂x at ", product, lambda x, y, out: x, lambda x, y, out: y),
        wrong("prod: ∂/∂x0 at ", lambda *xs: math.prod(xs), lambda xs, out: [out for _ in xs], name="prod"),
        wrong(
            "root: ∂/∂x at (1.0,): declared inf, measured 0.5",
            lambda x: np.sqrt(np.abs(x)),
            lambda x, out: math.inf,
            name="root",
            domain=Interval(0.0),
        ),
        # a kink
        wrong("bent: ∂/∂x at (0.3", bent, lambda x, out: where(x > 0.3, 1.0, -1.0)),
        wrong("ramp: ∂/∂x at (0.0,): a kink that is not declared: the slope is -1 on the left", ramp, ramp_slope(0.0)),
        wrong("ramp: ∂/∂x at (0.0,): declared 7, but around this kink it is -1", ramp, ramp_slope(7.0), kink=itself),
        wrong("ramp: ∂/∂x at (0.0,): declared nan, but around", ramp, ramp_slope(math.nan), kink=itself),
        wrong("ramp at (0.0,): on a kink, and so is every nearby point", ramp, ramp_slope(0.0), kink=lambda x: 0.0),
        wrong("stair: the value at ", lambda x: floor(3 * x + 0.1), nothing, name="stair"),
        # a partial that cannot be differentiated again
        wrong("used: ∂/∂x at (0.0,): its ∂/∂x is 0, measured 2", squared, twice_x, name="used", selects=True),
        wrong(
            "cut: ∂/∂x at ",
            squared,
            lambda x, out: 2 * (x.data if isinstance(x, Value) else x),
            name="cut",
            array=np.square,
        ),
        # a value
        wrong("gap at (", gap, lambda x, out: 1 / (x - 0.3), name="gap"),
        wrong("ln at (0.0,): no value, though it is in the domain: ln: ", lambda x: log(x), one_over, name="ln"),
        wrong("ln at (0.0,): the value is -inf: say with domain=", lambda x: np.log(x), one_over, name="ln"),
        wrong("step at (0.0,): its formula takes no arrays (", math.floor, nothing, name="step", kink=itself),
        wrong("sq at (2.0,): the value is 4, but in an array 2", squared, twice_x, name="sq", array=np.abs),
        wrong("sq at (0.0,): the value is 0, by SymPy it is 1", squared, twice_x, name="sq", sympy="exp"),
    ],
)
def test_mistakes_are_found_and_named(formula: Any, partials: Any, options: Any, message: str) -> None:
    op = primitive(*partials, **options)(formula)
    with pytest.raises(AssertionError, match=f"^{re.escape(message)}") as caught:
        check_primitive(op)
    assert "\n" not in str(caught.value)
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(
    ("formula", "partials", "options"),
    [
        (bell, [lambda x, out: -2 * x * out], {}),
        (bell, [lambda x, out: -2 * x * out], {"domain": Interval(5.0, 5.1)}),
        (product, [lambda x, y, out: y, lambda x, y, out: x], {}),
        (bent, [lambda x, out: where(x > 0.3, 1.0, -1.0)], {"kink": lambda x: x - 0.3}),
        (ramp, [ramp_slope(3.0)], {"kink": itself}),
        (ramp, [ramp_slope(0.5)], {"kink": itself}),
        (
            lambda x: clip(x, 0.0, 6.0),
            [lambda x, out: where(x < 0, 0.0, where(x > 6, 0.0, 1.0))],
            {"name": "relu6", "kink": lambda x: x * (x - 6), "selects": True},
        ),
        (lambda x: log(x), [lambda x, out: 1 / x], {"name": "ln", "domain": Interval(0.0)}),
        (lambda x: exp(exp(x)), [lambda x, out: exp(x) * out], {"name": "tower"}),
        (
            lambda x: power(x * x, 0.25),
            [lambda x, out: 0.5 * out / x],
            {"name": "root", "domain": Interval(holes=(0.0,))},
        ),
        (
            lambda *xs: math.prod(xs),
            [lambda xs, out: [math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]],
            {"name": "prod"},
        ),
    ],
)
def test_correct_rows_pass_silently(formula: Any, partials: Any, options: Any, capfd: Any) -> None:
    check_primitive(primitive(*partials, **options)(formula))
    assert capfd.readouterr() == ("", "")


def test_points_may_be_given() -> None:
    op = primitive(lambda x, out: where(x > 100, 0.0, -2 * x * out))(bell)
    check_primitive(op)
    met = primitive(lambda x, out: where(x > 100, 7.0, 2 * x), name="far")(lambda x: x * x)
    check_primitive(met, [(1.0,), (2.0,)])
    for where_to_look in ([(1.0,), (128.0,)], [1.0, 128.0], st.tuples(st.just(128.0))):
        with pytest.raises(AssertionError, match=r"^far: ∂/∂x at \(128.0,\): declared 7, measured 256 ± "):
            check_primitive(met, where_to_look)


def test_a_formula_for_single_numbers_only() -> None:
    op = primitive(lambda x, out: out, name="mexp")(lambda x: math.exp(x))
    check_primitive(op, takes_arrays=False)
    with pytest.raises(AssertionError, match=r"mexp at .*its formula takes no arrays .*write it with"):
        check_primitive(op)


def test_no_point_at_all() -> None:
    op = primitive(lambda x, out: out, name="huge")(lambda x: exp(x + 1000.0))  # overflows everywhere
    with pytest.raises(AssertionError, match=r"^huge: no point was found to check it at"):
        check_primitive(op)


def test_objects_that_are_not_rows_are_refused() -> None:
    with pytest.raises(TypeError, match=r"takes a row of the table, not <function bell.*use check_function"):
        check_primitive(bell)  # type: ignore[arg-type]


def test_the_active_profile_is_honoured() -> None:
    met = []

    def counted(x: Any) -> Any:
        met.append(x)
        return x * x

    op = primitive(lambda x, out: 2 * x, name="counted")(counted)
    numbers = []
    settings.register_profile("few", settings(), max_examples=3)
    before = settings.get_current_profile_name() if hasattr(settings, "get_current_profile_name") else "ci"
    for profile in ("few", before):
        settings.load_profile(profile)
        met.clear()
        check_primitive(op)
        numbers.append(len(met))
    assert numbers[0] * 10 < numbers[1]


def test_check_all_primitives_names_every_row_that_is_wrong(table: dict[str, Any]) -> None:
    for name in {*table} - {"sin", "relu"}:
        del table[name]
    check_all_primitives()
    primitive(lambda x, out: -x * out)(bell)
    primitive(lambda x, y, out: y, lambda x, y, out: 3 * x)(product)
    with pytest.raises(AssertionError) as caught:
        check_all_primitives()
    first, second = str(caught.value).splitlines()
    assert first.startswith("bell: ∂/∂x at (1.0,): declared -0.3")
    assert second.startswith("product: ∂/∂y at ")
    with pytest.raises(AssertionError, match=r"^product: "):
        check_all_primitives([table["product"], table["sin"]])


# ---------------------------------------------------------------------------------------------------------------------
# check_function
# ---------------------------------------------------------------------------------------------------------------------

A = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])


def test_functions_of_arrays_that_are_right() -> None:
    check_function(lambda x: sin(x) * x, A)
    check_function(lambda x, y: tanh(x @ y), A, A.T)
    check_function(lambda x, y: x * y + x, arrays(2))
    check_function(lambda x: Tensor(np.ones(3)), A)


def twice(x: Any) -> Any:
    return 2.0 * x


@pytest.mark.parametrize(
    ("vjp", "jvps", "message"),
    [
        (lambda g, out, x: g, None, "twice at .*: backward .*, measured "),
        (lambda g, out, x: twice(g), [lambda t, out, x: t], "twice at .*: forward .*, measured "),
        (
            lambda g, out, x: twice(g) + 0.0 * x.sum(),
            [lambda t, out, x: 2.0 * t + 1e-4],
            "twice at .*: forward .*, measured ",
        ),
    ],
)
def test_operations_that_are_wrong(vjp: Any, jvps: Any, message: str, table: Any) -> None:
    op = array_operation(vjp, jvps=jvps)(twice)
    for where_to_look in (A, arrays(min_dims=1)):
        with pytest.raises(AssertionError, match=f"^{message}") as caught:
            check_function(op, where_to_look)
        assert "\n" not in str(caught.value)


def test_a_function_that_does_not_return_a_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^<lambda> returned ndarray, not a Tensor: compute it with"):
        check_function(lambda x: x.numpy(), A)


def test_a_wrong_second_derivative() -> None:
    def data(x: Any) -> Any:
        return x.data if isinstance(x, Tensor) else x

    cut = array_operation(lambda g, out, x: 2.0 * g * data(x), jvps=[lambda t, out, x: 2.0 * t * x], name="square")(
        squared
    )
    check_function(cut, A, second=False)
    with pytest.raises(AssertionError, match=r"^square at .*: second order, backward .*, measured "):
        check_function(cut, A)


# ---------------------------------------------------------------------------------------------------------------------
# In a plain script
# ---------------------------------------------------------------------------------------------------------------------

SCRIPT = """
from autograd import exp, primitive
from autograd.testing import check_primitive

@primitive(lambda x, out: {slope} * x * out)
def bell(x):
    return exp(-x * x)

check_primitive(bell)
"""


def run(script: str, tmp_path: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)


def test_a_plain_script_says_nothing_or_what_is_wrong(tmp_path: Any) -> None:
    right = run(SCRIPT.format(slope=-2), tmp_path)
    assert (right.returncode, right.stdout, right.stderr) == (0, "", "")
    wrong = run(SCRIPT.format(slope=-1), tmp_path)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.splitlines()[-1].startswith("AssertionError: bell: ∂/∂x at (1.0,): declared -0.36")


def test_without_hypothesis_one_sentence_says_what_to_install(tmp_path: Any) -> None:
    absent = run("import sys; sys.modules['hypothesis'] = None; import autograd.testing", tmp_path)
    assert absent.stderr.splitlines()[-1] == (
        'ImportError: strategies and checks need hypothesis, which is not installed: pip install "pathgrad[checks]"'
    )


def test_a_kink_close_to_another_singularity_is_checked_closely() -> None:
    check_primitive(PRIMITIVES["arctan2"], [(0.0, -1e-5), (0.0, -1e-6), (0.0, -30.0)])  # the cut ends at the origin


def test_a_check_inside_of_given_says_where_to_call_it():
    @given(st.floats(1.0, 2.0))
    def inside(x):
        check_primitive(PRIMITIVES["exp"])

    with pytest.raises(RuntimeError, match=r"^exp is checked at points of its own: call the check outside of @given"):
        inside()


def test_what_is_not_declared_is_said_with_its_declaration():
    kinked = Primitive("bent", abs, [lambda x, out: math.copysign(1.0, x)], parameters=["x"])
    with pytest.raises(AssertionError, match=r"a kink that is not declared.*; declare it with kink=, a function of"):
        check_primitive(kinked)
    halved = Primitive("halved", lambda x: math.log(x), [lambda x, out: 1.0 / x], parameters=["x"])
    with pytest.raises(AssertionError, match=r"no value, though it is in the domain.*as in domain=Interval\(0.0\)"):
        check_primitive(halved)


def test_arrays_with_numbers_that_their_type_does_not_have():
    with pytest.raises(ValueError, match=r"elements drew 1e\+39, which is infinite in float32: stay within ±3.4e\+38"):
        find(arrays(dtype=np.float32, elements=st.just(1e39)), lambda group: True)
    with pytest.raises(TypeError, match=r"count is the number of arrays, not .*: write a type as dtype=…"):
        arrays(np.float32)


def test_a_second_derivative_beyond_the_floats_is_no_fault() -> None:
    check_primitive(
        primitive(lambda x, out: exp(x) * out, name="tower", domain=Interval(6.54, 6.55))(lambda x: exp(exp(x)))
    )

"""The gradient as a flow: conserved at every node and every cut, for graphs of the notes and random ones."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Flows, Tensor, Value, define, exp, flows, label, maximum, paths, relu, sigmoid, sqrt, where
from autograd.testing import graphs
from nn import MLP

FOUR_PATHS = "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)"


def shares(flow: Flows) -> dict[str, float]:
    return {f"{flow.names[edge.parent]} → {flow.names[edge.child]}": share for edge, share in flow.items()}


def assert_conserved(flow: Flows) -> None:
    """What enters a node leaves it, and each cut in the order of the nodes carries the derivative."""
    into = dict.fromkeys(flow.graph.nodes, 0.0)
    out = dict.fromkeys(flow.graph.nodes, 0.0)
    size = sum(map(abs, flow.values())) + abs(flow.gradient)
    for edge, share in flow.items():
        into[edge.child] += share
        out[edge.parent] += share
    crossing = 0.0
    for node in flow.graph.nodes:
        if node not in (flow.input, flow.output):
            assert into[node] == pytest.approx(out[node], rel=1e-9, abs=1e-12 * size)
        crossing += out[node] - into[node]
        if node in flow.through and node is not flow.output:
            assert crossing == pytest.approx(flow.gradient, rel=1e-9, abs=1e-12 * size)
            assert flow.through[node] == pytest.approx(out[node], rel=1e-9, abs=1e-12 * size)


def test_the_four_paths_of_the_notes():
    flow = flows(define(FOUR_PATHS, w=0)["y"], "w")
    assert shares(flow) == pytest.approx(
        {
            "w → v": -2 + math.pi,
            "w → x": -1,
            "w → t": math.pi,
            "v → x": -2,
            "v → t": math.pi,
            "x → y": -3,
            "t → y": 2 * math.pi,
        }
    )
    assert_conserved(flow)


def test_the_share_of_an_edge_is_the_sum_of_the_paths_along_it():
    y = define(FOUR_PATHS, w=0.3)["y"]
    flow = flows(y, "w", named=False)
    products = dict.fromkeys(((edge.parent, edge.child, edge.operand) for edge in flow), 0.0)
    for path in paths(y, "w", named=False):
        for edge in path.edges:
            products[edge.parent, edge.child, edge.operand] += path.product
    assert {(edge.parent, edge.child, edge.operand): share for edge, share in flow.items()} == pytest.approx(products)


@given(graphs(kinks=None), st.data())
def test_random_graphs_conserve_the_flow(graph, data):
    nodes = graph.build()
    output = list(nodes.values())[-1]
    some = data.draw(st.lists(st.sampled_from(sorted(nodes)), unique=True))
    label(**{name: nodes[name] for name in some})
    for input in nodes.values():
        for named in (False, True):
            assert_conserved(flows(output, input, named=named))


def test_two_to_the_sixty_paths():
    z = x = Value(0.5, label="x")
    for _ in range(60):
        z = z * 0.5 + z * 0.75
    flow = flows(z, x)
    assert_conserved(flow)
    assert flow.gradient == pytest.approx(1.25**60)
    assert len(flow) == 4 * 60


def test_three_thousand_nodes():
    net = MLP([2, 16, 16, 1], rng=0)
    total = sum((net([0.1 * i, 1 - 0.1 * i]) - 1) ** 2 for i in range(36))
    for named in (False, True):
        assert_conserved(flows(total, net.layers[0].neurons[0].weights[0], named=named))


def test_an_input_can_lie_in_the_middle():
    graph = define(FOUR_PATHS, w=0)
    assert shares(flows(graph["y"], graph["v"])) == pytest.approx(
        {"v → x": -2, "v → t": math.pi, "x → y": -2, "t → y": math.pi}
    )


def test_the_output_itself_and_a_node_outside():
    x, other = Value(1.0, label="x"), Value(2.0, label="z")
    assert (dict(flows(x, x)), flows(x, x).gradient) == ({}, 1.0)
    nothing = flows(exp(x), other)
    assert (dict(nothing), nothing.gradient) == ({}, 0.0)
    assert str(nothing) == "dv1/dz = 0: no path leads from z to v1"


def test_a_pair_of_nodes_stands_for_all_edges_between_them():
    x = Value(3.0, label="x")
    flow = flows(x * x, x)
    assert list(flow.values()) == [3.0, 3.0]
    assert flow[x, flow.output] == 6.0
    with pytest.raises(KeyError):
        flow[flow.output, x]


# ---------------------------------------------------------------------------------------------------------------------
# Zeros, infinities and nan
# ---------------------------------------------------------------------------------------------------------------------


def test_an_edge_that_is_not_selected_carries_exactly_nothing():
    x = Value(0.0, label="x")
    y = where(x >= 0, x * 2, sqrt(x) * math.inf)
    flow = flows(y, x)
    assert [share for share in flow.values() if share] == [2.0, 2.0]
    assert all(share == 0 and math.copysign(1, share) == 1 for share in flow.values() if share != 2)
    assert flow.gradient == 2.0


def test_a_computed_zero_times_an_infinity_is_nan():
    x = Value(0.0, label="x")
    flow = flows(sqrt(x) * 0.0, x)
    assert [math.isnan(share) for share in flow.values()] == [True, True]
    assert math.isnan(flow.gradient)


def test_opposite_infinities_are_nan_where_they_meet():
    x = Value(0.0, label="x")
    flow = flows(sqrt(x) - sqrt(x), x)
    assert sorted(map(str, flow.values())) == ["-inf", "-inf", "inf", "inf"]
    assert math.isnan(flow.gradient)


@pytest.mark.parametrize(
    ("factors", "node"),
    [((1e-200, 1e-200, 1e200), "v2"), ((1e200, 1e200, 1e-300), "v2"), ((1e200, 1e200, 1e-300, 1e-100), "v2")],
)
def test_what_floats_cannot_hold_is_an_error(factors, node):
    y = x = Value(1.0, label="x")
    for factor in factors:
        y = y * factor
    with pytest.raises(ArithmeticError, match=f"at {node} are too small or too large for floats"):
        flows(y, x)


def test_infinities_of_both_signs_that_leave_one_node():
    x = Value(0.0, label="x")
    root = sqrt(x)
    flow = flows(root * 0.5 - root, x)
    assert (flow.gradient, flow.through[root]) == (-math.inf, -math.inf)
    assert sorted(flow.values()) == [-math.inf, -math.inf, math.inf, math.inf]


def test_a_share_does_not_overflow_on_the_way():
    x = Value(1.0, label="x")
    y = x * 1e-200 * 1e250 * 1e-100
    assert list(flows(y, x).values()) == pytest.approx([1e-50] * 3)


def test_saturated_units_are_no_error():
    x = Value(700.0, label="x")
    flow = flows(sigmoid(x) * sigmoid(-x) + x, x)
    assert_conserved(flow)
    assert flow.gradient == 1.0


def test_kinks_and_ties_conserve_the_flow():
    x = Value(0.0, label="x")
    for y in (relu(x) + abs(x), maximum(x, x * 2) * 3, relu(-x) + maximum(x, -x)):
        assert_conserved(flows(y, x))


# ---------------------------------------------------------------------------------------------------------------------
# How it shows itself, and what it refuses
# ---------------------------------------------------------------------------------------------------------------------


def test_the_table_has_the_largest_share_first_with_its_sign():
    flow = flows(define("y = x - t; x = 3*w; t = w", w=2)["y"], "w")
    assert repr(flow) == "<the flow of dy/dw = 2.0 along 4 edges>"
    assert str(flow) == (
        "dy/dw = 2\n\n"
        "edge   share\n"
        "w → x  3      +150 %\n"
        "x → y  3      +150 %\n"
        "w → t  -1     -50 %\n"
        "t → y  -1     -50 %"
    )
    assert flow.table(3).splitlines()[-1] == "… and 1 more edge"
    assert flow.table(2).splitlines()[-1] == "… and 2 more edges"


def test_a_long_table_shows_twenty_edges_and_counts_the_others():
    x = Value(1.0, label="x")
    y = sum(k * x for k in range(1, 26))
    found = flows(y, x, named=False)
    assert len(found.rows()) == len(found.rows(20)) == 21
    assert found.table().endswith(f"… and {len(found) - 20} more edges")
    assert found.table(len(found) - 1).endswith("… and 1 more edge")
    assert "more" not in found.table(None)
    assert f"… and {len(found) - 20} more edges" in found._repr_mimebundle_()["text/html"]
    assert len(found.rows(None)) == len(found) + 1


def test_no_share_is_a_negative_zero():
    x = Value(0.0, label="x")
    y = -(x * x)
    shares = [float(share) for *_, share in flows(y, x, named=False).as_json()["edges"]]
    assert [math.copysign(1.0, share) for share in shares if share == 0.0] != []
    assert all(math.copysign(1.0, share) > 0 for share in shares if share == 0.0)


def test_a_derivative_of_zero_has_no_percentages():
    x = Value(1.0, label="x")
    flow = flows(x - x, x)
    assert list(flow.values()) == [1.0, -1.0]
    assert "%" not in str(flow)
    assert math.isnan(flow.percentage(1.0))


def test_plain_data():
    x, c = Value(3.0, label="x"), Value(2.0, label="c")
    y = c * x
    assert flows(y, x, named=False).as_json() == {
        "nodes": ["c", "x", "v2"],
        "input": 1,
        "output": 2,
        "named": False,
        "gradient": 2.0,
        "through": [0.0, 2.0, 2.0],
        "edges": [[1, 2, 1, 2.0]],
    }
    unbounded = flows(sqrt(Value(0.0, label="x")), "x").as_json()
    assert unbounded["edges"] == [[0, 1, 0, "inf"]]
    json.dumps(unbounded, allow_nan=False)


@pytest.mark.parametrize(
    ("output", "input", "error", "message"),
    [
        (3.0, Value(1.0), TypeError, "flows start at a Value, not at float"),
        (Value(1.0), 3.0, TypeError, "flows lead to a Value or a label, not to float"),
        (Value(1.0), "x", LookupError, "no nodes in this graph have the label 'x'"),
        (Tensor([1.0]).sum(), Value(1.0), TypeError, "flows need a graph of Values"),
        (define("y = 2*x", letters=True)["y"], "x", ValueError, "this graph is in letters"),
    ],
)
def test_what_has_no_flow_is_refused(output, input, error, message):
    with pytest.raises(error, match=message):
        flows(output, input)

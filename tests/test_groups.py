"""Nested groups of a graph: every node in exactly one, and whatever is open, the folded graph has no circle."""

import json
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Group, Groups, Tensor, Value, affine, flows, groups, sin, topological_order
from autograd.testing import graphs
from nn import MLP

LABELS = ["a", "b", "a[1]_1", "a[1]_2", "z[1]_1", "z[2]_1", "w[1]_{2,1}", "x(1)_1", "x(2)_1", "x(1)_2", "odd [", "]("]
NAMES = st.sampled_from("abc")


def assert_sound(found: Groups, opened=()) -> None:
    """What holds for all groups, and for the graph that is folded with some of them open."""
    fold = found.fold(opened)
    inside = [part.nodes if isinstance(part, Group) else (part,) for part in fold.parts]
    assert Counter(chain.from_iterable(inside)) == Counter(found.nodes)  # every node once
    place = {part: i for i, part in enumerate(fold.parts)}
    assert all(place[edge.tail] < place[edge.head] for edge in fold.edges)  # no circle
    part_of = {node: i for i, nodes in enumerate(inside) for node in nodes}
    crossing = Counter((part_of[parent], part_of[node]) for node in found.nodes for parent in node.parents)
    crossing = {ends: count for ends, count in crossing.items() if ends[0] != ends[1]}
    assert crossing == {(place[edge.tail], place[edge.head]): edge.count for edge in fold.edges}
    for group in found:
        nodes = [part.nodes if isinstance(part, Group) else (part,) for part in group.parts]
        assert tuple(chain.from_iterable(nodes)) == group.nodes
        assert 2 <= len(group.parts) <= 20


def network(sizes, samples, named=True):
    """A network's loss over a batch, as a sum that is written with +, and its first weight."""
    net = MLP(sizes, rng=0, named=named)
    total = 0.0
    for k in range(1, samples + 1):
        inputs = [Value(0.1 * k - 0.3 * j, label=f"x({k})_{j}") for j in range(1, sizes[0] + 1)]
        total = total + (net(inputs) - 1.0) ** 2
    total.label = "E"
    return total, net.layers[0].neurons[0].weights[0]


# ---------------------------------------------------------------------------------------------------------------------
# Any graph
# ---------------------------------------------------------------------------------------------------------------------


@given(graphs(max_steps=12), st.data())
def test_random_graphs_with_random_labels(graph, data):
    nodes = list(graph.build().values())
    for node in nodes:
        node.label = data.draw(st.none() | st.sampled_from(LABELS))
    found = groups(nodes[-1])
    assert_sound(found, data.draw(st.sets(st.sampled_from(list(found)))) if list(found) else ())


@given(graphs(max_steps=12), st.data())
def test_random_graphs_with_random_groups_of_the_user(graph, data):
    nodes = list(graph.build().values())
    paths = {node: data.draw(st.none() | st.lists(NAMES, max_size=3).map(tuple)) for node in nodes}
    found = groups(nodes[-1], paths.__getitem__)
    opened = data.draw(st.sets(st.sampled_from(list(found)))) if list(found) else set()
    assert_sound(found, opened)
    flow = flows(nodes[-1], nodes[0], named=False)
    fold = found.fold(opened, flow)
    for part in fold.parts:
        inside = part.nodes if isinstance(part, Group) else (part,)
        if flow.input not in inside and flow.output not in inside:
            into = sum(edge.share or 0.0 for edge in fold.edges if edge.head is part)
            out = sum(edge.share or 0.0 for edge in fold.edges if edge.tail is part)
            assert into == pytest.approx(out, rel=1e-9, abs=1e-9 * sum(map(abs, flow.values())))


@pytest.mark.parametrize("named", [True, False])
def test_three_thousand_nodes(named):
    y, weight = network([2, 16, 16, 1], 38, named)
    found = groups(y)
    for limit in (10, 40, 100, 10**6):
        opened = found.opened(limit)
        assert len(found.fold(opened).parts) <= max(limit, len(found.parts))
        assert_sound(found, opened)
    flow = flows(y, weight, named=False)
    fold = found.fold(flow=flow)
    if named:  # else the weight is in the last part
        arriving = sum(edge.share or 0.0 for edge in fold.edges if edge.head is fold.parts[-1])
        assert arriving == pytest.approx(flow.gradient, rel=1e-12)


def test_a_long_chain_is_divided():
    y = Value(0.3)
    for _ in range(1500):
        y = sin(y) * 1.01
    found = groups(y)
    assert len(found.parts) <= 20
    assert_sound(found, found.opened(300))


# ---------------------------------------------------------------------------------------------------------------------
# Networks
# ---------------------------------------------------------------------------------------------------------------------


def test_layers_and_neurons_with_their_samples():
    found = groups(network([2, 3, 1], 4)[0])
    assert [found.described(part) for part in found.parts] == [
        "x: 8 nodes, 4 samples",
        "layer 1: 33 nodes, 4 samples",
        "layer 2: 8 nodes, 4 samples",
        "E: 12 nodes",
    ]
    layer = found.parts[1]
    assert [part.name for part in layer.parts] == [f"neuron {j} of layer 1" for j in (1, 2, 3)]
    neuron = layer.parts[0]
    assert {found.described(part) for part in neuron.parts} == {
        "w[1]_{1,1}",
        "w[1]_{1,2}",
        "b[1]_1",
        "z[1]_1: 4 nodes, 4 samples",
        "a[1]_1: 4 nodes, 4 samples",
    }
    assert found.around(neuron.parts[0]) == (layer, neuron)
    assert [(edge.tail.name, edge.head.name, edge.count) for edge in found.fold().edges] == [
        ("x", "layer 1", 24),
        ("layer 1", "layer 2", 12),
        ("layer 2", "E", 4),
    ]


def test_a_chain_of_additions_is_a_group():
    found = groups(network([2, 3, 1], 4)[0])
    assert "sum of 5 terms" in [part.name for part in found.parts[-1].parts if isinstance(part, Group)]
    x = Value(2.0)
    product = x.sin() * x.cos() * x.exp() * x.tanh()
    assert [group.name for group in groups(product)] == ["product of 4 factors"]


def test_groups_in_a_circle_become_one():
    """A recurrent network: each neuron feeds the other in the next step."""
    h = g = Value(0.1)
    for _ in range(3):
        h, g = affine([h, g], [0.5, 0.2], 0.0), affine([h, g], [0.1, 0.3], 0.0)
        h.label, g.label = "h[1]_1", "h[1]_2"
    y = h + g
    found = groups(y)
    assert_sound(found)
    (layer,) = (part for part in found.parts if isinstance(part, Group))
    assert (layer.name, len(layer.nodes), layer.samples) == ("layer 1", 7, 3)


def test_merged_groups_are_named_after_all():
    x = Value(2.0, label="x")
    u = x * 2
    v = sin(u)
    w = v * u
    y = w.exp()
    found = groups(y, {x: (), u: ("one",), v: ("two",), w: ("one",), y: ()}.__getitem__)
    assert [(group.name, group.kind) for group in found] == [("one and two", "merged")]


# ---------------------------------------------------------------------------------------------------------------------
# The user's groups, plain data, and what is refused
# ---------------------------------------------------------------------------------------------------------------------


def test_a_function_of_the_users():
    x = Value(2.0, label="x")
    u = x * 3
    v = sin(u)
    y = v + x
    found = groups(y, lambda node: "wave" if node is v else None if node.op else ())
    assert [(group.name, group.nodes) for group in found] == [("wave", (u, v))]
    assert [found.described(part) for part in found.fold().parts] == ["x", "wave: 2 nodes", "v3"]
    assert len(found.fold(["wave"]).parts) == 4


def test_tensors_are_grouped_too():
    t = Tensor([1.0, 2.0], label="t")
    assert_sound(groups((t * 2).sum() + t.sum()))


def test_plain_data():
    y, _ = network([2, 2, 1], 3)
    found = groups(y)
    plain = json.loads(json.dumps(found.as_json()))
    assert plain["nodes"] == list(found.names.values())
    assert plain["parts"][0] == ["group", 0]
    assert plain["groups"][0] == {
        "name": "x",
        "kind": "variable",
        "samples": 3,
        "group": None,
        "parts": [["group", 1], ["group", 2]],
    }
    listed = [place for group in plain["groups"] for kind, place in group["parts"] if kind == "node"]
    listed += [place for kind, place in plain["parts"] if kind == "node"]
    assert sorted(listed) == list(range(len(topological_order(y))))


def test_representations():
    y, _ = network([2, 2, 1], 3)
    found = groups(y)
    assert repr(found) == "<Groups of E: 39 nodes in 4 parts>"
    assert repr(found.parts[1]) == "<Group layer 1: 18 nodes in 2 parts, 3 samples>"
    assert repr(found.fold()) == "<Fold of 39 nodes: 4 parts, 3 edges>"
    assert str(found).splitlines()[:3] == ["E: 39 nodes", "  x: 6 nodes, 3 samples", "    x_1: 3 nodes, 3 samples"]


def test_what_cannot_be_grouped_is_refused():
    with pytest.raises(TypeError, match="groups are made of the graph of a Value or a Tensor, not of float"):
        groups(2.0)
    with pytest.raises(TypeError, match="returns a tuple of names, the outermost first, or None, not 3"):
        groups(Value(1.0), lambda node: 3)
    y, weight = network([2, 2, 1], 3)
    with pytest.raises(ValueError, match="the flow through all of its nodes"):
        groups(y).fold(flow=flows(y, weight, named=True))

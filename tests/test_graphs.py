"""Random graphs with sharing: three roads to every gradient, and what the sweep may and may not change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from mpmath import mp, mpf
from oracles import DIGITS, fewer, oracle

from autograd import Value, adjoints, topological_order
from autograd.testing import Graph, graphs


def record(graph: Graph) -> list[Value]:
    """The leaves and everything that is computed from them."""
    return list(graph.build().values())


def path_products(node: Value, source: Value) -> Iterator[float]:
    """For every path from ``source`` to ``node``, the product of its local derivatives: the definition itself."""
    if node is source:
        yield 1.0
    for parent, partial in zip(node.parents, node.partials, strict=True):
        for product in path_products(parent, source):
            yield partial * product


@given(graphs())
def test_the_gradient_is_the_sum_over_paths_of_products(graph: Graph) -> None:
    output = record(graph)[-1]
    output.backward()
    for node in topological_order(output):
        products = list(path_products(output, node))
        assert node.grad == pytest.approx(sum(products), rel=0, abs=1e-13 * sum(map(abs, products)))


@fewer
@given(graphs(kinks=False))
def test_the_gradient_is_what_differences_say(graph: Graph) -> None:
    results = record(graph)
    results[-1].backward()
    point = tuple(map(mpf, graph.leaves.values()))

    def function(*xs: Any) -> Any:
        results = graph.run(xs, lambda op, operands: oracle(op, len(operands))(*operands))
        return list(results.values())[-1]

    for place, leaf in enumerate(results[: len(point)]):
        order = tuple(int(i == place) for i in range(len(point)))
        with mp.workdps(DIGITS):
            expected = mp.diff(function, point, order)
        scale = sum(map(abs, path_products(results[-1], leaf)))
        assert (leaf.grad or 0.0) == pytest.approx(float(expected), rel=0, abs=1e-9 * (1 + scale))


@given(graphs())
def test_a_second_sweep_doubles_leaves_and_nothing_else(graph: Graph) -> None:
    output = record(graph)[-1]
    output.backward()
    nodes = topological_order(output)
    first = [node.grad for node in nodes]
    output.backward()
    for node, grad in zip(nodes, first, strict=True):
        assert node.grad == (2 * grad if node.op is None else grad)


@given(graphs())
def test_sweeps_from_two_outputs_add_up(graph: Graph) -> None:
    *_, other, one = record(graph)
    alone = [adjoints(topological_order(y)) for y in (one, other)]
    one.backward()
    other.backward()
    for node in topological_order(one, other):
        if node.op is None:
            assert node.grad == sum(gradients.get(node) or 0.0 for gradients in alone)


@given(graphs())
def test_the_seed_is_a_factor(graph: Graph) -> None:
    order = topological_order(record(graph)[-1])
    for node, grad in adjoints(order, seed=-4.0).items():  # a power of two costs no rounding
        true = adjoints(order)[node]
        assert grad == (None if true is None else -4.0 * true)


@given(graphs())
def test_adjoints_leave_the_graph_as_it_is(graph: Graph) -> None:
    order = topological_order(record(graph)[-1])
    adjoints(order)
    assert all(node.grad is None for node in order)


@given(graphs())
def test_parents_stand_before_children_and_every_node_once(graph: Graph) -> None:
    results = record(graph)
    order = topological_order(*results)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert set(results) <= set(order)
    for node in order:
        assert all(place[parent] < place[node] for parent in node.parents)


@given(graphs())
def test_the_same_graph_is_walked_the_same_way(graph: Graph) -> None:
    def walk() -> list[Any]:
        order = topological_order(record(graph)[-1])
        place = {node: i for i, node in enumerate(order)}
        return [(node.op, node.data, [place[parent] for parent in node.parents]) for node in order]

    assert walk() == walk()

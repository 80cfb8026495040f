"""Recorded gradients, which refer to their own leaves: freed when nothing else refers to them, and not before."""

from __future__ import annotations

import gc
import random
from typing import Any

import pytest

from autograd import Value, affine
from autograd.core import config, value
from autograd.core.sweep import is_node

pytestmark = pytest.mark.skipif(
    config.configuration()["compiled core"] != "yes", reason="Python's collector sees Values of Python"
)


def grown(rng: random.Random) -> list[Value]:
    """The nodes of a graph whose leaves have recorded gradients."""
    nodes = [Value(rng.uniform(0.5, 1.5)) for _ in range(4)]
    for _ in range(10):
        a, b, c = rng.choices(nodes, k=3)
        nodes.append(rng.choice([a * b, a + b, affine([a, b], [b, c], c), a.exp() * 0.1, a - 1.0]))
    nodes[-1].backward(create_graph=True)
    return nodes


def reached(held: list[Value]) -> set[Value]:
    """The leaves with recorded gradients that some nodes lead to."""
    seen, waiting = set[Value](), list[Any](held)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [x for x in (*node.parents, node.grad) if is_node(x)]
    return {node for node in seen if node.op is None and is_node(node.grad)}


def test_what_nothing_refers_to_is_freed_and_nothing_else() -> None:
    gc.collect()
    rng = random.Random(0)
    freed = 0
    for _ in range(300):
        nodes = grown(rng)
        held = rng.sample(nodes, rng.choice([0, 0, 1, 2]))
        held += [x.grad for x in rng.sample(nodes, rng.choice([0, 1])) if is_node(x.grad)]
        leaves = [x for x in nodes if x.op is None and is_node(x.grad)]
        wanted = len(leaves) - len(reached(held))
        del nodes, leaves
        kept = {leaf: leaf.grad.data for leaf in reached(held)}
        assert value.free_cycles() == wanted
        freed += wanted
        assert {leaf: leaf.grad.data for leaf in reached(held)} == kept
        for leaf in kept:
            leaf.grad = None
    assert freed > 300


def test_many_small_steps_leave_nothing_behind() -> None:
    def step() -> None:
        x = Value(2.0)
        (x * x * x).backward(create_graph=True)

    gc.collect()
    for _ in range(5000):
        step()
    assert value.free_cycles() <= 1001


def test_the_collector_frees_them_too() -> None:
    x = Value(2.0)
    (x * x * x).backward(create_graph=True)
    del x
    gc.collect()
    assert value.free_cycles() == 0

"""Copies and pickles of graphs of every shape, and what they are made of."""

from __future__ import annotations

import contextlib
import copy
import pickle
import pickletools
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, affine, exp, maximum, relu, sqrt, where
from autograd.core.sweep import topological_order


class Named(Value):
    """A kind of Value that a user made."""

    __slots__ = ()


@st.composite
def nodes(draw: st.DrawFn, kinds: tuple[Callable[[float], Any], ...] = (Value,)) -> list[Any]:
    """The nodes of a graph in the order in which they were made, some of them with labels and gradients."""
    shared = draw(st.floats(-3, 3))  # a constant that many nodes have in common
    made = [draw(st.sampled_from(kinds))(draw(st.floats(-2, 2))) for _ in range(draw(st.integers(1, 3)))]
    steps: list[Callable[[Any, Any], Any]] = [
        lambda x, y: x + y,
        lambda x, y: x * shared,
        lambda x, y: shared - x,
        lambda x, y: x * draw(st.floats(-2, 2)),
        lambda x, y: maximum(x, y),
        lambda x, y: relu(x),
        lambda x, y: where(x > 0.5, x, y),
        lambda x, y: sqrt(x * 0.0),  # an infinite slope
        lambda x, y: exp(-x * x),
        lambda x, y: affine([x, y, 0.5], [shared, x, y], 1.0),
    ]
    for _ in range(draw(st.integers(1, 10))):
        x, y = draw(st.sampled_from(made)), draw(st.sampled_from(made))
        made.append(draw(st.sampled_from(steps))(x, y))
    for i, node in enumerate(made):
        node.label = draw(st.none() | st.just(f"n{i}") | st.just("twice"))
        if draw(st.integers(0, 4)) == 0 and isinstance(node, Value):
            node.backward()
    return made


def described(output: Any, identity: bool = True) -> list[Any]:
    """Everything that a graph holds, also which of its nodes, and with ``identity`` constants, are the same."""
    order = topological_order(output)
    place: dict[Any, Any] = {node: i for i, node in enumerate(order)}
    constants: dict[int, int] = {}

    def operand(x: Any) -> Any:
        return place[x] if x in place else (repr(x), identity and constants.setdefault(id(x), len(constants)))

    return [
        (type(node), repr(node), getattr(node, "slopes", None), [operand(x) for x in node.operands], node.op)
        for node in order
    ]


CLONES = [copy.deepcopy, *[lambda y, p=p: pickle.loads(pickle.dumps(y, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)]]
IDS = ["copy", *[f"protocol {p}" for p in range(pickle.HIGHEST_PROTOCOL + 1)]]


@pytest.mark.parametrize("clone", CLONES, ids=IDS)
@given(graph=nodes())
def test_a_copy_of_a_graph_is_the_same_graph(clone: Callable[[Any], Any], graph: list[Any]) -> None:
    y = graph[-1]
    twin = clone(y)
    assert described(twin) == described(y)
    assert not set(topological_order(twin)) & set(topological_order(y))
    for one in (y, twin):
        one.refresh()
        one.backward()
    assert described(twin) == described(y)


def number_of_an_array(data: float) -> Value:
    return Tensor([data, 1.0], label="t").sum().value()


@pytest.mark.parametrize("clone", CLONES[::5], ids=IDS[::5])
@given(graph=nodes((Value, Named, number_of_an_array)))
def test_so_is_one_of_several_kinds_of_nodes(clone: Callable[[Any], Any], graph: list[Any]) -> None:
    y = graph[-1]
    twin = clone(y)
    kinds = {Named: Value} if clone is not copy.deepcopy else {}  # a pickle makes a Value of a leaf
    assert described(twin, False) == [(kinds.get(kind, kind), *rest) for kind, *rest in described(y, False)]
    assert not set(topological_order(twin)) & set(topological_order(y))


@given(nodes((Value, number_of_an_array)))
def test_copies_of_several_nodes_share_what_they_share(graph: list[Any]) -> None:
    twins = copy.deepcopy(graph)
    assert [twins.index(x) for x in twins] == [graph.index(x) for x in graph]
    twin = {id(node): other for node, other in zip(graph, twins, strict=True)}
    for node, other in zip(graph, twins, strict=True):
        below = {id(a): b for a, b in zip(topological_order(node), topological_order(other), strict=True)}
        assert all(below[key] is twin[key] for key in below.keys() & twin.keys())


def test_a_memo_says_what_is_copied_already() -> None:
    x = Value(2.0)
    h = x * 3
    other = Value(7.0)
    twin = copy.deepcopy(h * h, {id(h): other})
    assert twin.parents == (other, other)
    assert all(parent is other for parent in twin.parents)


def chain(length: int) -> Value:
    x = Value(1.0)
    for _ in range(length):
        x = x * 0.5 + 1.0
    return x


def test_the_pickle_of_a_long_graph_has_no_more_objects_than_that_of_a_short_one() -> None:
    def objects(length: int) -> int:
        return sum(code.name != "FRAME" for code, *_ in pickletools.genops(pickle.dumps(chain(length), 4)))

    assert objects(1000) == objects(10) < 200
    assert len(pickle.dumps(chain(1000), 4)) < 100 * 2000


@given(st.data())
def test_a_damaged_pickle_is_refused_or_makes_a_graph(data: st.DataObject) -> None:
    y = data.draw(nodes())[-1]
    if y.op is None:
        return
    restore, (leaves, ops, labels, *columns) = y.__reduce__()
    damaged = data.draw(st.integers(0, len(columns) - 1))
    column = columns[damaged][:]
    if column.typecode == "d":
        columns[damaged] = column[1:]
    else:
        near = st.integers(-4, 40) if column.typecode == "i" else st.integers(-128, 127)
        far = near if column.typecode == "b" else st.sampled_from([-(2**31), -100_000, 100_000, 2**31 - 1])
        for i in data.draw(st.lists(st.integers(0, max(len(column) - 1, 0)), min_size=1, max_size=3)):
            if column:
                column[i] = data.draw(near | far)
        columns[damaged] = column
    with contextlib.suppress(ValueError):
        twin = restore(leaves, ops, labels, *columns)
        twin.backward()
        assert repr(topological_order(twin))


@pytest.mark.parametrize(
    "damage",
    [
        lambda leaves, ops, labels, *columns: (leaves[1:], ops, labels, *columns),
        lambda leaves, ops, labels, *columns: ([*leaves, leaves[0]], ops, labels, *columns),
        lambda leaves, ops, labels, *columns: ([1.0], ops, labels, *columns),
        lambda leaves, ops, labels, *columns: (leaves, ["multiply"], labels, *columns),
        lambda leaves, ops, labels, *columns: (leaves, ops, {7: "x"}, *columns),
        lambda leaves, ops, labels, *columns: (leaves, ops, labels, list(columns[0]), *columns[1:]),
        lambda leaves, ops, labels, *columns: (leaves, ops, labels, array("d", columns[0]), *columns[1:]),
        lambda leaves, ops, labels, *columns: (leaves, ops, labels, *columns[:-1]),
        lambda leaves, ops, labels, *columns: ([], ops, labels, *[column[:0] for column in columns]),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(damage: Callable[..., Any]) -> None:
    restore, columns = (Value(2.0) * 3.0).__reduce__()
    with pytest.raises(ValueError, match="the pickle of a graph is damaged"):
        restore(*damage(*columns))

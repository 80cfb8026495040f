"""A third kind of node: whatever implements the protocol is swept, copied, drawn and explained."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from copy import deepcopy
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from autograd import PRIMITIVES, Primitive, Tensor, Value, dependencies, draw, naive_sweep, paths, render, tree
from autograd.core import display
from autograd.core.copies import copied, pickled
from autograd.core.sweep import Node, adjoints, backward, is_node, node_names, refresh, tangents, topological_order
from autograd.pictures.from_graph import picture
from autograd.pictures.svg import svg


class Exact:
    """A rational number that remembers how it was made; its operands may be nodes of any kind that holds a number."""

    def __init__(self, data: Any, label: str | None = None, op: Primitive | None = None, operands: Any = ()) -> None:
        self.data, self.label, self.op, self.operands = Fraction(data), label, op, operands
        self.grad: Any = None
        self.slopes: tuple[Fraction, ...] = ()

    @classmethod
    def of(cls, name: str, *operands: Any) -> Exact:
        node = cls(0, None, PRIMITIVES[name], operands)
        node.renew(*node.recompute({x: x.data for x in node.parents}))
        return node

    @property
    def parents(self) -> tuple[Any, ...]:
        return tuple(x for x in self.operands if is_node(x))

    def pull(self, gradient: Any, careful: bool = False) -> Iterator[tuple[Any, Any]]:
        for x, slope in zip(self.operands, self.slopes, strict=True):
            if is_node(x):
                yield x, gradient * slope if isinstance(x, Exact) else float(gradient * slope)

    def push(self, tangents: Mapping[Any, Any], careful: bool = False) -> Any:
        rates = [(tangents.get(x), slope) for x, slope in zip(self.operands, self.slopes, strict=True) if is_node(x)]
        terms = [rate * slope for rate, slope in rates if rate is not None]
        return sum(terms) if terms else None

    def received(self, gradient: Any, taken: set[int]) -> tuple[Any, str, Any]:
        return self, "grad", (gradient or 0) + (self.grad or 0 if self.op is None else 0)

    def recompute(self, fresh: Mapping[Any, Any]) -> tuple[Fraction, Any]:
        if self.op is None:
            return self.data, ()
        numbers = [Fraction(fresh[x] if is_node(x) else x) for x in self.operands]
        data = self.op.formula(*numbers)
        return data, tuple(map(Fraction, self.op.slopes(numbers, data)))

    def renew(self, data: Fraction, slopes: tuple[Fraction, ...]) -> None:
        self.data, self.slopes = data, slopes

    def __copy__(self) -> Exact:
        return Exact.from_fields(self.fields(), self.operands)

    def replace_operands(self, substitutes: Mapping[Any, Any]) -> None:
        self.operands = tuple(substitutes[x] if is_node(x) else x for x in self.operands)

    def fields(self) -> tuple[Any, ...]:
        return self.data, self.label, self.op, self.slopes, self.grad

    @classmethod
    def from_fields(cls, fields: tuple[Any, ...], operands: Any) -> Exact:
        node = cls(*fields[:3], tuple(operands))
        node.slopes, node.grad = fields[3:]
        return node

    def __reduce__(self) -> tuple[Any, ...]:
        return pickled(self) if self.op else (Exact.from_fields, (self.fields(), ()))

    __deepcopy__, tree, render, _repr_mimebundle_ = copied, display.tree, display.render, display.mimebundle


def as_node(x: Node) -> Node:
    """The type checker agrees that it is a node."""
    return x


def mixed() -> tuple[Exact, Exact, Value, Tensor]:
    """z = q (q w + (x₁ + x₂)) with q = 1/3, w = 0.5 and x = (1, 2): rational, a float, and an array."""
    q, w, x = Exact(Fraction(1, 3), "q"), Value(0.5, "w"), Tensor([1.0, 2.0], "x")
    inner = Exact.of("add", Exact.of("multiply", q, w), x.sum().value())
    z = Exact.of("multiply", q, inner)
    z.label = "z"
    return z, q, w, x


def numbers() -> tuple[Exact, Exact, Value]:
    """z = s² − 2 with s = q w, q = 1/3 and w = 0.5."""
    q, w = Exact(Fraction(1, 3), "q"), Value(0.5, "w")
    s = Exact.of("multiply", q, w)
    z = Exact.of("subtract", Exact.of("multiply", s, s), 2)
    s.label, z.label = "s", "z"
    return z, q, w


def test_it_is_a_node() -> None:
    z, *_ = mixed()
    assert as_node(z) is z
    assert is_node(z)


def test_it_is_swept_among_values_and_tensors() -> None:
    z, q, w, x = mixed()
    assert z.data == Fraction(19, 18)
    backward(z, Fraction(1))
    assert q.grad == Fraction(10, 3)  # 2 q w + x₁ + x₂, exactly
    assert (w.grad, x.grad.tolist()) == (pytest.approx(1 / 9), pytest.approx([1 / 3, 1 / 3]))
    backward(z, Fraction(1))
    assert q.grad == Fraction(20, 3)  # leaves accumulate
    order = topological_order(z)
    assert adjoints(order, Fraction(1))[q] == Fraction(10, 3)
    assert tangents(order, {q: Fraction(1)})[z] == Fraction(10, 3)
    assert tangents(order, {x: [1.0, 0.0]})[z] == pytest.approx(1 / 3)


def test_it_is_refreshed() -> None:
    z, q, w, x = mixed()
    q.data, w.data, x.data = Fraction(1, 2), 4.0, [1.0, 1.0]
    assert refresh(z).data == 2
    backward(z, Fraction(1))
    assert q.grad == 6


@pytest.mark.parametrize("duplicate", [deepcopy, lambda z: pickle.loads(pickle.dumps(z))], ids=["copy", "pickle"])
def test_it_is_copied_with_its_graph(duplicate: Any) -> None:
    z, *_ = mixed()
    backward(z, Fraction(1))
    other = duplicate(z)
    assert tree(other) == tree(z)
    assert not set(topological_order(other)) & set(topological_order(z))
    assert [type(node) for node in topological_order(other)] == [type(node) for node in topological_order(z)]
    backward(other, Fraction(1))
    assert {node.label: node.grad for node in topological_order(other)}["q"] == Fraction(20, 3)


def test_it_is_named_and_written_as_text() -> None:
    z, *_ = mixed()
    assert list(node_names(topological_order(z)).values()) == ["q", "w", "v2", "x", "v4", "v5", "v6", "z"]
    backward(z, 1.0)
    assert z.tree().splitlines() == [
        "z = 1.0556  [*]  grad 1",
        "├─ 3.1667 ─ q = 0.33333  grad 3.3333",
        "└─ 0.33333 ─ v6 = 3.1667  [+]  grad 0.33333",
        "   ├─ 1 ─ v2 = 0.16667  [*]  grad 0.33333",
        "   │  ├─ 0.5 ─ (see q)",
        "   │  └─ 0.33333 ─ w = 0.5  grad 0.11111",
        "   └─ 1 ─ v5 = 3  [value]  grad 0.33333",
        "      └─ 1 ─ v4 = 3  [sum]  grad 0.33333",
        "         └─ x = [1, 2]  grad [0.33333, 0.33333]",
    ]


def test_it_is_drawn(tmp_path: Any) -> None:
    z, q, *_ = mixed()
    backward(z, 1.0)
    source = draw(z, highlight=(q, z)).source
    assert all(text in source for text in ("1.0556", "grad 3.3333", '" 3.1667 "'))
    texts = "".join(ET.fromstring(svg(picture(z))).itertext())
    assert all(text in texts for text in ("1.0556", "grad 3.3333", "3.1667"))
    assert render(z, tmp_path / "z.dot").read_text() == draw(z).source
    assert set(z._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}


def test_a_kink_is_seen() -> None:
    q = Exact(0, "q")
    assert "on a kink" in draw(Exact.of("absolute", q)).source


def test_its_paths_are_listed() -> None:
    z, q, w = numbers()
    found = paths(z, w)
    assert [(str(path), path.product) for path in found] == [("w → s → z", pytest.approx(1 / 9))]
    assert [path.product for path in paths(z, q, named=False)] == [pytest.approx(1 / 12)] * 2
    assert [edge.formula for edge in dependencies(z).edges] == [None] * 3
    assert "w → s → z  ∂z/∂s  0.333333" in str(found)
    arrows = picture(z, named=True, highlight=next(iter(found))).arrows
    assert [(arrow.label, arrow.mood) for arrow in arrows] == [
        (("0.5",), "plain"),
        (("0.33333",), "highlighted"),
        (("0.33333",), "highlighted"),
    ]
    assert naive_sweep(z).true[q] == pytest.approx(1 / 6)

"""Random derivations: graphs of named variables, with the derivative written out in random equivalent forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import Path, define, dependencies, paths, sigmoid

sympy = pytest.importorskip("sympy")

from autograd.dialects import symbolic  # noqa: E402

TEMPLATES = [
    "{a}*{b}", "{a}*{b} + {c}", "{a}*{b} + {b}*{c}", "sigmoid({a})", "tanh({a})", "sigmoid({a}*{b})", "sin({a})",
    "{a}**2", "{a} + {b}", "{a}/({b}**2 + 1)", "log({a}**2 + 1)", "({a} - {b})**2/2", "exp(-{a}**2)", "relu({a})",
    "max({a}, {b})", "abs({a}) + {b}", "3*{a} - {b}",
]  # fmt: skip


def random_definitions(random: Random) -> str:
    """Three to six definitions, the last of which is the output y; most of the others lead to it."""
    names = ["a", "b", "w"]
    lines = []
    for k in range(random.randint(3, 6)):
        near = names[-3:] if k else names
        used = random.sample(near, 3)
        name = f"v{k + 1}"
        lines.append(f"{name} = " + random.choice(TEMPLATES).format(a=names[-1], b=used[0], c=used[1]))
        names.append(name)
    return "; ".join(lines).replace(f"{names[-1]} =", "y =")


@dataclass
class Derivation:
    """The derivative of y in w: the definitions, the paths, and the product of each path as factors in SymPy."""

    text: str
    paths: list[Path]
    factors: list[list[Any]]
    hidden: dict[str, str]
    made: dict[Any, Any]

    def write(self, products: list[list[Any]], random: Random) -> str:
        """A sum of products in a random form."""
        form = random.choice(["terms", "terms", "expand", "factor", "simplify", "inner", "collect"])
        total = sum(sympy.Mul(*product) for product in products)
        if form == "terms" or total == 0:
            text = " + ".join("*".join(f"({symbolic.text(f)})" for f in product) or "1" for product in products) or "0"
            return self.readable(text)
        if form == "inner":
            names = sorted(total.free_symbols & self.made.keys(), key=str)
            if names:
                name = random.choice(names)
                total = total.xreplace({name: self.made[name]})
        elif form == "collect":
            total = sympy.collect(sympy.expand(total), random.choice(sorted(total.free_symbols, key=str) or [1]))
        elif form == "simplify" and total.count_ops() < 40:
            total = sympy.simplify(total)
        elif form in ("expand", "factor"):
            total = getattr(sympy, form)(total)
        return self.readable(symbolic.text(total))

    def readable(self, text: str) -> str:
        """SymPy's text with the names of functions that formulas use, and the derivatives that it cannot write."""
        for name, written in self.hidden.items():
            text = re.sub(rf"\b{name}\b", written, text)
        return text.replace("Abs(", "abs(")


def random_derivation(random: Random) -> Derivation:
    """A derivation with at most eight paths."""
    while True:
        text = random_definitions(random)
        graph = define(text, {n: random.uniform(0.3, 0.9) for n in "abw" if re.search(rf"\b{n}\b", text)})
        if "w" not in graph:
            continue
        found = list(paths(graph["y"], graph["w"]))
        if 0 < len(found) <= 8:
            break
    hidden: dict[str, str] = {}

    def factor(edge: Any) -> Any:
        expression = edge.expression
        if expression.has(sympy.Piecewise, sympy.Max, sympy.Min, sympy.sign, sympy.Heaviside, sympy.Abs):
            name = f"D_{edge.child.label}_{edge.parent.label}"
            hidden[name] = f"∂{edge.child.label}/∂{edge.parent.label}"
            return symbolic.symbol(name)
        return expression

    names = {node: name for name, node in graph.items()}
    made = {symbolic.symbol(name): symbolic.expression(node, names) for name, node in graph.items() if node.op}
    made = {name: f for name, f in made.items() if not f.has(sympy.Piecewise, sympy.Max, sympy.Abs)
            and not re.search("relu|max", str(f))}  # fmt: skip
    return Derivation(text, found, [[factor(edge) for edge in path.edges] for path in found], hidden, made)


KINDS = ["sign", "constant", "factor missing", "factor doubled", "factor inverted", "factor exchanged", "wrong node",
         "path missing", "path twice"]  # fmt: skip


def mutated(derivation: Derivation, random: Random) -> tuple[str, str, list[list[Any]]] | None:
    """The products with one mistake in one of them, its kind and path; ``None`` if it changes nothing."""
    kind = random.choice(KINDS)
    place = random.randrange(len(derivation.paths))
    products = [list(product) for product in derivation.factors]
    product = products[place]
    k = random.randrange(len(product))
    old = product[k]
    others = [symbolic.symbol(name) for name in ["a", "b", "w", "y", *map(str, derivation.made)]
              if re.search(rf"\b{name}\b", derivation.text)]  # fmt: skip
    if kind == "sign":
        product[k] = -old
    elif kind == "constant":
        product.append(sympy.Rational(random.choice(["2", "1/2", "3", "1/3"])))
    elif kind == "factor missing":
        del product[k]
    elif kind == "factor doubled":
        product.append(old)
    elif kind == "factor inverted":
        product[k] = 1 / old
    elif kind == "factor exchanged":
        product[k] = random.choice(others)
    elif kind == "wrong node":
        inner = sorted(old.free_symbols - {symbolic.symbol(name) for name in derivation.hidden}, key=str)
        if not inner:
            return None
        product[k] = old.xreplace({random.choice(inner): random.choice(others)})
    elif kind == "path missing":
        del products[place]
    else:
        products.append(product)
    change = sum(sympy.Mul(*p) for p in products) - sum(sympy.Mul(*p) for p in derivation.factors)
    return (kind, str(derivation.paths[place]), products) if is_visible(change, derivation, random) else None


def is_visible(change: Any, derivation: Derivation, random: Random) -> bool:
    """Whether an expression is not zero at some of many points; a slope such as that of relu is its own square."""
    if change.has(sympy.zoo, sympy.nan):
        return False
    symbols = sorted(change.free_symbols, key=str)
    function = sympy.lambdify(symbols, change, ["numpy", {"sech": lambda x: 1 / np.cosh(x), "sigmoid": sigmoid}])
    leaves = [n for n in "abw" if re.search(rf"\b{n}\b", derivation.text)]
    for _ in range(30):
        graph = define(derivation.text, {n: random.uniform(-2, 2) for n in leaves})
        edges = {f"D_{e.child.label}_{e.parent.label}": e.partial for e in dependencies(graph["y"]).edges}
        numbers = [np.float64(edges[s.name] if s.name in edges else graph[s.name].data) for s in symbols]
        with np.errstate(all="ignore"):
            if 1e-6 < abs(function(*numbers)) < np.inf:
                return True
    return False


def kinds_of(derivation: Derivation, kind: str, path: str, products: list[list[Any]]) -> set[str]:
    """The names under which a mistake may be reported: a factor that is a constant is missing as a wrong constant."""
    if kind == "path twice":
        return {"path twice", "constant"}
    kinds = {kind, *({"wrong node", "factor exchanged"} if kind in ("wrong node", "factor exchanged") else ())}
    place = [str(found) for found in derivation.paths].index(path)
    if kind != "path missing":
        ratio = sympy.simplify(sympy.Mul(*products[place]) / sympy.Mul(*derivation.factors[place]))
        if ratio.is_number:
            kinds |= {"constant", "sign", "path twice"}
    return kinds

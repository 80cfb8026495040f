"""Random formulas in named variables."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autograd.checks.strategies.rows import call_in_python, numbers, operand_counts, rows
from autograd.core.primitive import Primitive
from autograd.dialects.python import Source

__all__ = ["Expression", "expressions"]


@dataclass(frozen=True, repr=False)
class Expression:
    """A formula that can be called with floats, Values, Tensors or SymPy's symbols, by position or by name.

    ``str`` gives Python source, and ``repr`` a function to paste.

    Attributes:
        variables: the names of its arguments.
        tree: the name of a variable, a constant, or a tuple of a row of the table and one tree for each operand.

    >>> from autograd import rules
    >>> f = Expression(("x", "y"), (rules.add, (rules.sin, (rules.multiply, "x", "y")), "x"))
    >>> f
    lambda x, y: sin(x * y) + x
    >>> f(0.0, y=2.0)
    0.0
    """

    variables: tuple[str, ...]
    tree: Any

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in self.variables])

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The value of the formula.

        Raises:
            TypeError: unless there is one argument for each variable.
        """
        return _evaluate_tree(self.tree, self.__signature__.bind(*args, **named).arguments)

    def __str__(self) -> str:
        names = {name: Source(name) for name in self.variables}
        return str(_evaluate_tree(self.tree, names, lambda row, xs: call_in_python(row, list(map(Source.lift, xs)))))

    def __repr__(self) -> str:
        return f"lambda {', '.join(self.variables)}: {self}"


def _evaluate_tree(
    tree: Any, values: Mapping[str, Any], call: Callable[[Primitive, list[Any]], Any] | None = None
) -> Any:
    if isinstance(tree, str):
        return values[tree]
    if not isinstance(tree, tuple):
        return tree
    row, *operands = tree
    computed = [_evaluate_tree(operand, values, call) for operand in operands]
    return row(*computed) if call is None else call(row, computed)


def expressions(
    variables: Sequence[str] = ("x", "y"),
    primitives: Iterable[Primitive] | None = None,
    *,
    kinks: bool | None = None,
    max_leaves: int = 8,
) -> SearchStrategy[Expression]:
    """Random formulas in named variables, which shrink to the shortest that fails.

    Args:
        variables: the names of the variables; a formula contains at least one of them, not always all.
        primitives: the rows to build from; by default, some that have a value everywhere, none of them large.
        kinks: ``False`` leaves out rows that are not smooth.
        max_leaves: the largest number of variables and constants in a formula, approximately.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: "sin" in str(f) and "y" in str(f))
    lambda x, y: sin(y)
    """
    chosen = rows(primitives, kinks)

    def extended(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
        @st.composite
        def applied(draw: st.DrawFn) -> Any:
            row = draw(st.sampled_from(chosen))
            others = [draw(inner | numbers) for _ in range(draw(operand_counts(row)) - 1)]
            others.insert(draw(st.integers(0, len(others))), draw(inner))
            return (row, *others)

        return applied()

    names = tuple(variables)
    trees = st.recursive(st.sampled_from(names), extended, max_leaves=max_leaves)
    return trees.map(lambda tree: Expression(names, tree))

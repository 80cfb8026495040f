"""A derivative predicts what a small change does: the prediction, path by path, beside the actual change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from autograd.core.display import InNotebook, json_number
from autograd.core.sweep import Node, topological_order
from autograd.explain.paths import Paths, paths
from autograd.explain.tables import Row, aligned, number_text

__all__ = ["WhatIf", "what_if"]


@dataclass(frozen=True, eq=False, repr=False)
class WhatIf(InNotebook):
    """What a change of one variable does to the output; print it.

    Attributes:
        paths: the :class:`Paths` from the variable to the output.
        change: the change of the variable.
        before: the output as it is.
        after: the output with the changed variable.
        predicted: the change of the output that the gradient predicts.
        actual: the change of the output.
    """

    paths: Paths
    change: float
    before: float
    after: float

    @property
    def predicted(self) -> float:
        """The gradient times the change."""
        return self.paths.gradient * self.change

    @property
    def actual(self) -> float:
        """The change of the output."""
        return self.after - self.before

    def __repr__(self) -> str:
        return f"<what if {self._names()[1]} changes by {self.change:g}: {self._summary()}>"

    def _names(self) -> tuple[str, str]:
        return self.paths.name(self.paths.output), self.paths.name(self.paths.input)

    def _summary(self) -> str:
        return f"{self.predicted:g} predicted, {self.actual:g} found"

    def table(self, limit: int = 20) -> str:
        """The predicted change of each path, their sum and the actual change.

        Args:
            limit: how many paths to list.
        """
        output, input = self._names()
        number = self.paths.input.data
        rows: list[Row] = [("path", "product", f"times {self.change:g}")]
        for path in islice(self.paths, limit):
            rows.append((str(path), number_text(path.product), number_text(path.product * self.change)))
        more = [f"… {self.paths.count - limit:,} more paths"] * (self.paths.count > limit)
        title = f"{input} = {number:.10g} becomes {number + self.change:.10g}"
        listed = aligned(rows) if len(rows) > 1 else [f"no path leads from {input} to {output}"]
        ends: list[Row] = [
            ("", "", ""),
            ("predicted", f"{self.predicted:+.10g}", ""),
            ("actual", f"{self.actual:+.10g}", f"{output} goes from {self.before:.10g} to {self.after:.10g}"),
            ("difference", f"{self.actual - self.predicted:+.3g}", ""),
        ]
        return "\n".join([title, "", *listed, *more, *aligned(ends)])

    __str__ = table

    def as_json(self) -> dict[str, Any]:
        """The numbers as plain data; those that JSON lacks are strings."""
        output, input = self._names()
        return {
            "output": output,
            "input": input,
            "change": json_number(self.change),
            "before": json_number(self.before),
            "after": json_number(self.after),
            "predicted": json_number(self.predicted),
            "actual": json_number(self.actual),
        }


def what_if(output: Node, input: Node | str, change: float, *, named: bool | None = None) -> WhatIf:
    """What the output becomes if one variable changes, and what the gradient predicts.

    The recorded graph is computed again with the changed variable, and is itself left as it is.  A variable that was
    computed is changed alone: what it depends on stays.

    Args:
        output: the node to look at.
        input: the variable, or its label.
        change: what is added to it.
        named: as for :func:`autograd.paths`.

    Raises:
        LookupError: if no node, or more than one, has that label.
        TypeError: if ``output`` or ``input`` is not a node, or the graph contains Tensors.
        EvaluationError: if the output has no value there.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> y = x * x; y.label = "y"
    >>> print(what_if(y, x, 0.5))
    x = 3 becomes 3.5
    <BLANKLINE>
    path   product  times 0.5
    x → y  3        1.5
    x → y  3        1.5
    <BLANKLINE>
    predicted   +3
    actual      +3.25  y goes from 9 to 12.25
    difference  +0.25
    """
    found = paths(output, input, named=named)
    fresh: dict[Node, Any] = {}
    for node in topological_order(output):
        fresh[node] = node.data + change if node is found.input else node.recompute(fresh)[0]
    return WhatIf(found, change, output.data, fresh[output])

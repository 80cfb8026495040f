"""How gradients and labels are written in pictures and trees."""

from __future__ import annotations

import re

from autograd.core.sweep import Node
from autograd.explain.brief import brief
from autograd.pictures.picture import Span

__all__ = ["SCRIPT_SIZE", "gradient", "scripts"]

SCRIPT_SIZE = 0.75  # of a subscript or superscript, in the size of the text
_SCRIPTS = re.compile(  # x_1, w[1]_{2,3}, z[1](4)_2 or x(4)_1, with the number of a sample in parentheses
    r"([^\W\d_]+)(?:(\[\w+\](?:\(\d+\))?)(?:_(\d+|[^\W\d_]|\{[^{}]*\}))?|(\(\d+\))?_(\d+|[^\W\d_]|\{[^{}]*\}))(?!\w)"
)


def gradient(node: Node, swept: bool) -> Span:
    """The gradient of a node, or why it has none; ``swept`` says whether any node of its graph has one."""
    if node.grad is not None:
        return Span(f"grad {brief(node.grad)}", "slope")
    return Span("not reached" if swept else "no grad yet", "quiet")


def scripts(text: str) -> list[tuple[str, int]]:
    """Text in pieces, each with where it stands: 0 on the line, -1 as a subscript, 1 as a superscript.

    >>> scripts("tanh(z[1]_2)")
    [('tanh(', 0), ('z', 0), ('2', -1), ('[1]', 1), (')', 0)]
    """
    pieces: list[tuple[str, int]] = []
    end = 0
    for found in _SCRIPTS.finditer(text):
        base, layer, unit, sample, other = found.groups()
        below, above = unit or other or "", layer or sample or ""
        pieces += [(text[end : found.start()], 0), (base, 0), (below.strip("{}"), -1), (above, 1)]
        end = found.end()
    return [piece for piece in [*pieces, (text[end:], 0)] if piece[0]]

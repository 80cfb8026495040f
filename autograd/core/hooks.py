"""Functions that the core calls and a higher package provides.

The core imports nothing from the packages above it.  The packages for pictures and for arrays assign their functions to
:data:`hooks` when they are imported.  ``import autograd`` imports those for arrays; those for pictures are loaded when
they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd.core.sweep import Node

__all__ = ["Hooks", "hooks"]


class Hooks:
    """The functions, by name.

    Attributes:
        load: imports the packages that assign the functions that are missing.
        tree: the graph of a node as text.
        render: draws the graph of a node into a file.
        mermaid: the graph of a node in Mermaid's language.
        explore: a page to explore the graph of a number, for a notebook.
        diagram: boxes and arrows as SVG.
        chart: curves as SVG.
        mimebundle: the MIME bundle of a node for a notebook, with types to include and to exclude.
        array_ufunc: a NumPy ufunc of operands that include Values and arrays: ``(ufunc, method, inputs, options)``.
        array_function: a NumPy function of arrays, called with a Value: ``(function, args, options)``.
        elementwise: records a primitive with Values and arrays among its operands: ``(primitive, operands)``.
        transposed: the rate of change of an array operation, derived from its vjp: ``(operation, place, tangent, out,
            operands, options)``.
    """

    load: Callable[[], object]
    tree: Callable[..., str]
    render: Callable[..., Path]
    mermaid: Callable[..., str]
    explore: Callable[..., Any]
    diagram: Callable[..., str]
    chart: Callable[..., str]
    mimebundle: Callable[[Node, Iterable[str] | None, Iterable[str] | None], dict[str, str]]
    array_ufunc: Callable[[np.ufunc, str, Sequence[Any], dict[str, Any]], Any]
    array_function: Callable[[Any, Sequence[Any], dict[str, Any]], Any]
    elementwise: Callable[[Any, tuple[Any, ...]], Any]
    transposed: Callable[[Any, int, Any, Any, Sequence[Any], dict[str, Any]], Any]

    def __getattr__(self, name: str) -> Any:
        """A function that has not been assigned yet."""
        if name not in Hooks.__annotations__:
            raise AttributeError(f"there is no hook {name}")
        self.load()
        return vars(self)[name]


hooks = Hooks()

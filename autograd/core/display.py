"""Methods by which a node of any kind shows itself, which packages above the core implement; and its signature."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import Parameter, Signature
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.core.hooks import hooks
from autograd.core.sweep import Node

__all__ = ["Arguments", "chosen", "explore", "function_name", "mermaid", "mimebundle", "render", "tree"]


def tree(self: Node, *, limit: int | None = 200) -> str:
    """The graph as text for the terminal; see :func:`autograd.tree`."""
    return hooks.tree(self, limit=limit)


def render(
    self: Node,
    file: str | PathLike[str],
    *,
    named: bool = False,
    highlight: Any = None,
    rankdir: str = "LR",
    fold: Any = None,
    wrt: Any = None,
    flow: Any = None,
    skin: Any = None,
    timeout: float | None = 60.0,
    letters: bool = False,
) -> Path:
    """Draw the graph into a ``.png``, ``.svg``, ``.pdf`` or ``.dot`` file; see :func:`autograd.render`."""
    return hooks.render(
        self,
        file,
        named=named,
        highlight=highlight,
        rankdir=rankdir,
        fold=fold,
        wrt=wrt,
        flow=flow,
        skin=skin,
        timeout=timeout,
        letters=letters,
    )


def mermaid(
    self: Node,
    *,
    named: bool = False,
    highlight: Any = None,
    rankdir: str = "LR",
    fold: Any = None,
    wrt: Any = None,
    flow: Any = None,
    skin: Any = None,
    letters: bool = False,
) -> str:
    """The graph as a flowchart that GitHub draws in Markdown; see :func:`autograd.mermaid`."""
    return hooks.mermaid(
        self,
        named=named,
        highlight=highlight,
        rankdir=rankdir,
        fold=fold,
        wrt=wrt,
        flow=flow,
        skin=skin,
        letters=letters,
    )


def explore(self: Node, *, by: Any = None, title: str | None = None, language: str | None = None) -> Any:
    """A page to explore the graph: paths, inputs, the sweep step by step; see :func:`autograd.write_html`."""
    return hooks.explore(self, by=by, title=title, language=language)


def mimebundle(
    self: Node, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, str]:
    """The MIME bundle for a notebook; see :func:`autograd.pictures.draw.mimebundle`."""
    return hooks.mimebundle(self, include, exclude)


def chosen(bundle: dict[str, str], include: Iterable[str] | None, exclude: Iterable[str] | None) -> dict[str, str]:
    """The part of a MIME bundle that a notebook asks for."""
    kept = set(bundle if include is None else include) - set(exclude or ())
    return {kind: content for kind, content in bundle.items() if kind in kept}


def function_name(f: Any) -> str:
    """What a function, a row of the table or any other callable object is called, without an address."""
    return str(getattr(f, "__name__", None) or getattr(f, "name", None) or type(f).__name__)


class Arguments:
    """The signature of a class, for ``inspect.signature`` and ``help``, which cannot read it off a compiled class.

    Args:
        defaults: the arguments, in order, each with its default, or ``Parameter.empty`` if it has none.
    """

    def __init__(self, **defaults: Any) -> None:
        self.signature = Signature(
            [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=x) for name, x in defaults.items()]
        )

    def __get__(self, instance: object, owner: Any) -> Signature:
        holder = next(kind for kind in owner.__mro__ if vars(kind).get("__signature__") is self)
        if owner.__init__ is not holder.__init__:
            raise AttributeError("a subclass with an __init__ of its own has its own signature")
        return self.signature

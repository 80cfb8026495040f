"""Drawings of a graph: the local derivative on every edge, value and gradient in every node.

:func:`draw` returns the Graphviz graph, :func:`render` writes a file.  They show the *elementary* graph, node by node
with its constants; or, with ``named=True``, the graph of the named variables, where the edge u → z carries ∂z/∂u with
the other named variables held fixed.

The four states of a gradient look different: ``grad 0`` is zero, *no grad yet* means that no sweep has run, *not
reached* that sweeps ran in this graph but not through this node, and a constant is a small grey box without a gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import graphviz

from autograd.core import files
from autograd.core.display import bundle
from autograd.core.hooks import hooks
from autograd.core.sweep import Node
from autograd.explain.labels import labelled
from autograd.pictures import engines
from autograd.pictures.dot import digraph
from autograd.pictures.folding import Folding
from autograd.pictures.from_graph import Highlight, picture
from autograd.pictures.layout import in_rows
from autograd.pictures.picture import Picture, on_wires
from autograd.pictures.skins import DEFAULT, Skin, chosen_skin
from autograd.pictures.svg import described, svg
from autograd.pictures.wrapping import Layout

__all__ = ["Drawing", "draw", "mimebundle", "render"]

_NOTEBOOK_LIMIT = 10_000  # nodes; a notebook does not draw a larger graph by itself
_SHARP = 400  # nodes and edges up to which a PNG has twice the usual resolution
_TEXT = ("dot", "gv")
_FORMATS = ("png", "svg", "pdf", *_TEXT)


class Drawing(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A Graphviz graph that is drawn by the engines of :func:`autograd.render`, with or without Graphviz.

    ``render``, ``pipe``, ``save`` and ``view`` replace those of ``graphviz.Digraph``.

    Attributes:
        picture: the boxes and arrows that it was drawn from.
        skin: how they look.
    """

    picture: Picture | None = None
    skin: Skin = DEFAULT

    def __repr__(self) -> str:
        shown = self.picture
        size = f"{len(shown.boxes)} boxes and {len(shown.arrows)} arrows" if shown else f"{len(self.body)} lines of DOT"
        return f"<Drawing of {size}>"

    def svg(self, timeout: float | None = 60.0) -> str:
        """The drawing as SVG; without an engine, or if it takes too long, by :mod:`autograd.pictures.svg`.

        So is a strip that is much wider than a screen: no engine breaks it into rows.
        """
        rows = self._in_rows()
        if self.picture is not None and rows is not None:
            return svg(self.picture, self.skin, rows)
        try:
            drawn = engines.convert(self.source, "svg", timeout).decode()
        except engines.EngineError:
            if self.picture is None:
                raise
            return svg(self.picture, self.skin)
        return drawn if self.picture is None else described(drawn, self.picture)

    def _in_rows(self) -> Layout | None:
        """Where everything is in a strip of rows; ``None`` for other pictures, and for one that was changed."""
        if self.picture is None or self.body != digraph(self.picture, self.skin).body:
            return None
        return in_rows(self.picture, self.skin)

    def pipe(self, format: str | None = None, *, encoding: str | None = None, timeout: float | None = 60.0) -> Any:
        """The drawing as bytes, or as text if there is an ``encoding``.

        Args:
            format: ``"svg"``, the default, ``"png"``, ``"pdf"`` or ``"dot"``.
            encoding: the encoding of the text.
            timeout: how many seconds the engines may take; ``None`` for no limit.

        Raises:
            EngineError: if no engine could draw it.
        """
        format = format or self.format
        if format in _TEXT:
            drawn = self.source.encode()
        elif format == "svg":
            drawn = self.svg(timeout).encode()
        else:
            rows = self._in_rows()
            in_place = self if self.picture is None or rows is None else digraph(self.picture, self.skin, plan=rows)
            drawn = _converted(in_place, format, timeout, sharp=len(self.body) <= _SHARP)
        return drawn.decode(encoding) if encoding else drawn

    def render(
        self,
        filename: str | PathLike[str] | None = None,
        directory: str | PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = True,
        format: str | None = None,
        *,
        outfile: str | PathLike[str] | None = None,
        timeout: float | None = 60.0,
    ) -> str:
        """Draw into a file; see :func:`autograd.render`.

        Args:
            filename: the file.  Its suffix is the format; a name without a suffix gets that of ``format``.
            directory: the folder.
            view: whether to open the file afterwards.
            cleanup: no effect: the DOT is not written besides the picture.
            format: ``"svg"``, the default, ``"png"``, ``"pdf"`` or ``"dot"``.
            outfile: another name for ``filename``.
            timeout: how many seconds the engines may take; ``None`` for no limit.

        Returns:
            The path of the file.
        """
        path = Path(directory or "", outfile or filename or Path(self.filename).stem)
        if _format(path) not in ((format,) if format else _FORMATS):
            path = path.with_name(f"{path.name}.{format or self.format}")
        _write(self, path, timeout)
        if view:
            graphviz.view(path)
        return str(path)

    def save(self, filename: str | PathLike[str] | None = None, directory: str | PathLike[str] | None = None) -> str:
        """Write the DOT into a file; a picture, if the suffix of the file is that of a picture."""
        path = Path(directory or "", filename or self.filename)
        return self.render(path) if _format(path) in _FORMATS else str(files.write(path, self.source.encode()))

    def view(self, filename: str | PathLike[str] | None = None, directory: str | PathLike[str] | None = None) -> str:
        """Draw into a file, as :meth:`render`, and open it."""
        return self.render(filename, directory, view=True)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        return bundle(include, exclude, svg=self.svg())


def _converted(graph: graphviz.Digraph, format: str, timeout: float | None, sharp: bool) -> bytes:
    """A graph as PNG or PDF; a PNG has twice the usual resolution if that is asked for and possible."""
    if format == "png" and sharp:
        finer = graph.copy()
        finer.attr(dpi="192")
        try:
            return engines.convert(finer.source, format, timeout)
        except engines.SizeError:
            pass
    return engines.convert(graph.source, format, timeout)


def draw(
    output: Node,
    *,
    named: bool = False,
    highlight: Highlight | None = None,
    rankdir: str = "LR",
    fold: Folding = None,
    wrt: Node | str | None = None,
    flow: Node | str | None = None,
    skin: Skin | str | None = None,
    letters: bool = False,
    names: Mapping[str, Any] | None = None,
) -> Drawing:
    """The graph of a node as a Graphviz graph, which a notebook shows and :func:`render` writes to a file.

    In the default skin inputs are blue, operations white, the output is yellow, constants are small and grey, gradients
    are red and local derivatives blue.  A node that stands on a kink is marked; what no sweep has reached has a dashed
    frame, and an operand that was not selected a dashed edge.  A double frame is a group of nodes.
    Nodes are called by their label, else by their place in the topological order; the same graph gives the same text.

    Args:
        output: the node to draw, with everything that it was computed from.
        named: draw the labelled nodes only, as lecture notes do.  Edges then show formulas too.
        highlight: a path, such as those of :func:`autograd.paths`, or a pair (from, to) of nodes: then every edge on
            any path from the one to the other.
        rankdir: the direction of the arrows: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
        fold: whether to draw a part of the nodes in groups, see :func:`autograd.groups`: by default if there are more
            than 40 boxes, never if ``False``.  Names of groups open these; a function, or a :class:`Groups`, makes
            groups of your own.  ``"network"`` shows a network of :mod:`nn` as textbooks do: a box for each neuron, and
            the weights on the arrows; ``["network", "neuron 2 of layer 1"]`` opens a neuron of it, and
            of a large network shows nothing but what this neuron is connected to.
        wrt: a node or its label: draw only what depends on it.
        flow: a node or its label: draw every edge as wide as its share of the derivative with respect to it, see
            :func:`autograd.flows`.
        skin: how it looks: a :class:`Skin`, ``"dark"``, ``"cs231n"`` or ``"micrograd"``; the default skin if left out.
        letters: show formulas without numbers.
        names: variables by their names, such as ``locals()``: here, a node without a label has the name of the variable
            that is this very node.  :func:`autograd.label` labels nodes for good.

    Returns:
        A ``graphviz.Digraph``; its ``source`` is the DOT text.

    Raises:
        TypeError: if ``output`` is not a node, or ``named`` is set and the graph contains Tensors.
        LookupError: if no node, or more than one, has the label.
        ValueError: if ``rankdir``, a skin or a group is unknown, or there is nothing to draw or to highlight.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b
    >>> [line.split(" color")[0].strip() for line in draw(y).source.splitlines() if "->" in line]
    ['n0 -> n2 [label=" -3 "', 'n1 -> n2 [label=" 2 "']
    """
    drawing = Drawing(format="svg")
    with labelled(names):
        drawing.picture = picture(
            output, named=named, highlight=highlight, rankdir=rankdir, fold=fold, wrt=wrt, flow=flow, letters=letters
        )
    drawing.skin = chosen_skin(skin)
    if drawing.skin.wires:
        drawing.picture = on_wires(drawing.picture)
    digraph(drawing.picture, drawing.skin, drawing)
    return drawing


def render(
    output: Node,
    file: str | PathLike[str],
    *,
    named: bool = False,
    highlight: Highlight | None = None,
    rankdir: str = "LR",
    fold: Folding = None,
    wrt: Node | str | None = None,
    flow: Node | str | None = None,
    skin: Skin | str | None = None,
    timeout: float | None = 60.0,
    letters: bool = False,
    names: Mapping[str, Any] | None = None,
) -> Path:
    """Draw the graph of a node into a file; it is written whole or not at all.

    SVG and DOT can always be written; PNG and PDF need Graphviz's ``dot`` or ``pip install "pathgrad[draw]"``.

    Args:
        output: the node to draw.
        file: the file to write; its suffix is ``.png``, ``.svg``, ``.pdf``, ``.dot`` or ``.gv``.
        named: as in :func:`draw`.
        highlight: as in :func:`draw`.
        rankdir: as in :func:`draw`.
        fold: as in :func:`draw`, but a DOT file is not folded unless that is asked for.
        wrt: as in :func:`draw`.
        flow: as in :func:`draw`.
        skin: as in :func:`draw`.
        timeout: how many seconds the engines may take; ``None`` for no limit.
        letters: as in :func:`draw`.
        names: as in :func:`draw`.

    Returns:
        The path of the file.

    Raises:
        ValueError: if the suffix is unknown, and as :func:`draw`.
        FileNotFoundError: if the folder does not exist.
        EngineError: if no engine could make the PNG or PDF; the DOT is then written beside the file asked for.

    >>> import tempfile
    >>> from autograd import Value
    >>> x = Value(2.0, label="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     render(x * x, f"{folder}/square.svg").name
    'square.svg'
    """
    path = Path(file)
    _check(path)
    if fold is None and _format(path) in _TEXT:
        fold = False
    drawing = draw(
        output,
        named=named,
        highlight=highlight,
        rankdir=rankdir,
        fold=fold,
        wrt=wrt,
        flow=flow,
        skin=skin,
        letters=letters,
        names=names,
    )
    return _write(drawing, path, timeout)


def _format(path: Path) -> str:
    """The format that the suffix of a file stands for."""
    return path.suffix.lower().removeprefix(".")


def _check(path: Path) -> None:
    """Raise an error if a picture cannot be written to this path, before anything is drawn."""
    if _format(path) not in _FORMATS:
        raise ValueError(f"a picture is a .png, .svg, .pdf, .dot or .gv file, and {path.name!r} is none of them")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {str(path.parent)!r} does not exist: make it before drawing {path.name!r}")


def _write(drawing: Drawing, path: Path, timeout: float | None) -> Path:
    """Write a drawing in the format of the suffix; without an engine for it the DOT, beside the path, and an error."""
    _check(path)
    try:
        return files.write(path, drawing.pipe(_format(path), timeout=timeout))
    except engines.EngineError as error:
        beside = files.write(path.with_suffix(".dot"), drawing.source.encode())
        raise engines.EngineError(f"{error}; the graph itself is in {str(beside)!r}") from None


def mimebundle(
    node: Node, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, str]:
    """The MIME bundle of a node for a notebook: its ``repr``, and a picture if the graph has 2 to 10,000 nodes.

    Args:
        node: the node to show.
        include: MIME types to show, all if ``None``.
        exclude: MIME types not to show.

    >>> from autograd import Value
    >>> mimebundle(Value(2.0))
    {'text/plain': 'Value(2.0)'}
    """
    drawn = draw(node).svg() if node.parents and not _larger(node, _NOTEBOOK_LIMIT) else ""
    return bundle(include, exclude, text=repr(node), svg=drawn)


def _larger(output: Node, limit: int) -> bool:
    """Whether a graph has more nodes than ``limit``; stops soon after the limit."""
    seen = {output}
    stack = [output]
    while stack and len(seen) <= limit:
        fresh = [parent for parent in dict.fromkeys(stack.pop().parents) if parent not in seen]
        seen.update(fresh)
        stack += fresh
    return len(seen) > limit


hooks.render, hooks.mimebundle = render, mimebundle

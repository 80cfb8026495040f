"""New axes in a uniform style, and files.

Figures are created as objects, without ``matplotlib.pyplot``: nothing stays open, nothing is shown automatically, and
no setting of Matplotlib is changed.  In a notebook, ``axes.figure`` shows the figure; elsewhere, :func:`save` writes
it to a file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd import Tensor, Value
from autograd.files import write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "AMBER",
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "PURPLE",
    "RED",
    "SERIES",
    "Grid",
    "contours",
    "draw_path",
    "dress",
    "numbers",
    "panels",
    "save",
    "series",
]

Grid: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""An array of axes, or of numbers."""

BLUE, RED, GREEN, AMBER, PURPLE = SERIES = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7")
"""Colours of Okabe and Ito, safe for colour-blind readers; lines also differ in dashes or markers."""
INK, GREY = "#222222", "#8C8C8C"

_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}
"""The kinds of files, and the metadata to leave out so that the same figure gives the same bytes."""


def panels(rows: int = 1, columns: int = 1, size: tuple[float, float] = (4.6, 3.4), **options: Any) -> Grid:
    """The axes of a new figure.

    Args:
        rows: the number of rows.
        columns: the number of columns.
        size: the width and height of each panel, in inches.
        options: options of Matplotlib's ``Figure.subplots``, such as ``sharey=True``.

    Returns:
        An array of axes, of shape ``(rows, columns)``.

    Raises:
        ImportError: if Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError('figures need Matplotlib, which is not installed: pip install "pathgrad[plot]"') from None
    figure = Figure(figsize=(columns * size[0], rows * size[1]), layout="constrained")
    figure._repr_png_ = partial(_shown, figure)  # type: ignore[attr-defined]  # by a notebook
    axes: Grid = figure.subplots(rows, columns, squeeze=False, **options)
    return axes


def series(n: int, columns: int | None = None, size: tuple[float, float] = (4.6, 3.4), **options: Any) -> Grid:
    """The axes of a new figure as a one-dimensional array: n panels in rows of ``columns``, by default in one row.

    Other arguments are those of :func:`panels`.
    """
    columns = min(n, columns or n)
    axes: Grid = panels(-(-n // columns), columns, size, **options).ravel()
    for ax in axes[n:]:
        ax.remove()
    return axes[:n]


def dress(ax: Axes, title: str, x: str, y: str, legend: Any = "best") -> Axes:
    """Add a title, axis labels, a light grid and, if lines have labels, a legend at the given location."""
    ax.set_title(title, fontsize=11)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    if legend and ax.get_legend_handles_labels()[1]:
        ax.legend(loc=legend, fontsize=8.5, framealpha=0.9)
    return ax


def numbers(y: Any) -> Grid:
    """Numbers, arrays, Values or Tensors as an array of plain floats.

    >>> numbers(Value(2.0)), numbers([1, 2])
    (array(2.), array([1., 2.]))
    """
    return np.asarray(y.data if isinstance(y, (Tensor, Value)) else y, float)


def draw_path(ax: Axes, x: Grid, y: Grid) -> None:
    """Points in order, with the first and the last marked, up to the first point outside of the frame."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    outside = np.flatnonzero((x < left) | (x > right) | (y < bottom) | (y > top))
    end = outside[0] if len(outside) else len(x) - 1
    ax.plot(x[: end + 1], y[: end + 1], "o-", color=BLUE, markersize=3, linewidth=1.0)
    ax.plot(x[0], y[0], "s", color=GREEN, markersize=7, label="start")
    label = f"leaves at step {end}" if len(outside) else f"after {end} steps"
    ax.plot(x[end], y[end], "D", color=RED, markersize=6, label=label)


def contours(ax: Axes, f: Callable[[Any, Any], Any], window: tuple[float, float, float, float]) -> None:
    """Contours of a function of two numbers, closer together near its lowest value."""
    x, y = np.meshgrid(np.linspace(*window[:2], 201), np.linspace(*window[2:], 201))
    heights = numbers(f(x, y))
    lowest, highest = heights.min(), heights.max()
    ax.contour(
        x, y, heights, lowest + (highest - lowest) * np.linspace(0.02, 0.98, 14) ** 2, colors=GREY, linewidths=0.6
    )
    ax.set_xlim(*window[:2])
    ax.set_ylim(*window[2:])


def save(axes: Axes | Grid, file: str | PathLike[str], dpi: float = 150) -> Path:
    """Write a figure to a file, atomically; the same figure gives the same bytes.

    Args:
        axes: axes of the figure, as returned by the functions of this package.
        file: the file, which ends in .png, .svg or .pdf.
        dpi: pixels per inch, for PNG.

    Returns:
        The path of the file.

    Raises:
        ValueError: if the file has another ending.
        OSError: if the file cannot be written.
    """
    kind = Path(file).suffix[1:].lower()
    if kind not in _METADATA:
        raise ValueError(f"a figure file must end in .png, .svg or .pdf, not {str(file)!r}")
    return write(file, _drawn(np.ravel(np.asarray(axes, dtype=object))[0].figure, kind, dpi))


def _shown(figure: Figure) -> bytes:
    """A small PNG, so that a notebook can hold several: 128 colours take a quarter of the bytes of all."""
    from PIL import Image  # which Matplotlib needs as well

    picture, small = Image.open(BytesIO(_drawn(figure, "png", dpi=72))), BytesIO()
    colours = picture.convert("RGB").quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    colours.save(small, "png", optimize=True)
    return small.getvalue()


def _drawn(figure: Figure, kind: str, dpi: float) -> bytes:
    """The content of a file of this kind; the same figure gives the same bytes."""
    import matplotlib

    content = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "pathgrad"}):
        figure.savefig(content, format=kind, dpi=dpi, metadata=_METADATA[kind])
    return content.getvalue()

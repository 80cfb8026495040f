"""The figure of growing costs, as an SVG that is readable on light and on dark pages; matplotlib draws it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import ceil, log10
from typing import Any

INK, GRID, PAPER = "#1f2328", "#d1d9e0", "#ffffff"
DARK = {INK: "#e6edf3", GRID: "#3d444d", PAPER: "#0d1117"}
"""The colours of text, grid and paper, and those on a dark page.  Lines have a contrast of 3 on both."""

LINES = {
    "pathgrad": ("#e5484d", "o"),
    "micrograd": ("#3b82f6", "s"),
    "PyTorch": ("#d9730d", "^"),
    "XAD": ("#2e9e5b", "D"),
    "CasADi": ("#a855f7", "v"),
    "ddx": ("#12908e", "P"),
    "JAX": ("#808890", "X"),
}
"""The colour and the marker of each engine."""

STYLE = {
    "svg.fonttype": "none",  # text, not outlines
    "svg.hashsalt": "pathgrad",  # the same names in each file
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "axes.facecolor": PAPER,
    "axes.titlelocation": "left",
    "figure.facecolor": PAPER,
    "grid.color": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
}

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Curves = Mapping[str, Mapping[str, Sequence[tuple[int, float]]]]


def growth(found: Curves) -> str:
    """The figure: a panel for each cost, a curve for each engine; empty if matplotlib is not installed."""
    if not find_spec("matplotlib"):
        return ""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        drawing: Any = Figure(figsize=(8, 2.9 * ceil(len(found) / 2)), layout="constrained")
        panels = drawing.subplots(ceil(len(found) / 2), 2)
        for axes, (title, curves) in zip(panels.flat, found.items(), strict=False):
            for engine, points in curves.items():
                color, marker = LINES[engine]
                axes.loglog(*zip(*points, strict=True), color=color, marker=marker, label=engine)
            axes.set_title(title)
            axes.set_xlabel(f"{title.rpartition(' ')[2]}s".replace("entrys", "entries"))
            axes.minorticks_off()
            axes.grid()
            axes.xaxis.set_major_formatter(lambda size, _: f"10{str(round(log10(size))).translate(RAISED)}")
            axes.yaxis.set_major_formatter(lambda cost, _: f"{cost:,.9g}")
        handles = {
            name: line for axes in panels.flat for line, name in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        drawing.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=len(handles), frameon=False)
        file = io.StringIO()
        drawing.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return for_both_pages(file.getvalue())


def for_both_pages(svg: str) -> str:
    """The drawing with rules for pages that are dark, without comments and the space that sets lines in."""
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    _, start, rest = svg.partition("<svg ")
    attributes, _, body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|(?<=\n) +", "", rest, flags=re.DOTALL).partition(
        ">"
    )
    title = "Costs that grow with the size of a graph, of pathgrad and other engines"
    style = f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"
    return f'{start}role="img" aria-label="{title}" {attributes}>\n<title>{title}</title>\n{style}{body}'

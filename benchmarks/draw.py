"""From a graph to its picture: DOT, and from DOT to SVG and PNG with every engine that is installed.

The graphs are networks with one hidden layer in scalar code, after a sweep, so that the pictures show values, local
derivatives and gradients.  The results are not compared, because engines draw different pictures.

* **DOT**: :func:`autograd.draw`; and ``make_dot`` of torchviz for the same network in PyTorch, with one tensor for each
  number, which shows neither values nor derivatives.
* **dot** of Graphviz, **pygraphviz** and **graphviz-pure**: each in its own process, as
  :mod:`autograd.pictures.engines` runs them; the time includes the start of the process.
* **our own layout**: :mod:`autograd.pictures.svg`, which needs no other program.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from operator import methodcaller
from pathlib import Path
from typing import Any, TypeAlias

import autograd
from autograd.core.sweep import topological_order
from autograd.pictures.from_graph import picture
from autograd.pictures.svg import svg
from benchmarks.measure import Options
from benchmarks.report import Report, duration, table
from benchmarks.training import Training, score

HIDDEN = (2, 27, 90)
"""The numbers of hidden neurons, for graphs of about 20, 300 and 1000 nodes."""

PATIENCE = 60.0
"""The seconds after which drawing a picture is stopped."""

SLOW = 10.0
"""The seconds in total after which a picture is not drawn again."""

PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


def network(hidden: int, leaf: Callable[[float], Any]) -> Any:
    """The output of a network with 2 inputs and one output; ``leaf`` makes its parameters."""
    task = Training(1, (2, hidden, 1))
    return score(task.layers([leaf(p) for p in task.parameters]), task.points[0], methodcaller("relu"))


def commands(format: str) -> Iterator[tuple[str, list[str]]]:
    """The engines that are installed, and the command with which each reads DOT and writes a picture."""
    dot, pure = shutil.which("dot"), shutil.which("graphviz-pure", path=str(Path(sys.executable).parent))
    if dot:
        yield "dot", [dot, f"-T{format}"]
    if find_spec("pygraphviz"):
        yield "pygraphviz", [sys.executable, "-c", PYGRAPHVIZ, format]
    if pure:
        yield "graphviz-pure", [pure, f"-T{format}"]


Jobs: TypeAlias = dict[tuple[str, str], Callable[[], Any]]
"""The pictures to make of one graph, by format and engine."""


def jobs(hidden: int) -> Jobs:
    """Every picture of a network that can be made on this machine."""
    y = network(hidden, autograd.Value)
    y.backward()
    source = autograd.draw(y, fold=False).source
    found: Jobs = {("DOT", "pathgrad"): lambda: autograd.draw(y, fold=False).source}
    if find_spec("torchviz"):
        found["DOT", "torchviz"] = torchviz(hidden)
    for format in ("svg", "png"):
        for engine, command in commands(format):
            found[format.upper(), engine] = partial(drawn, command, source)
    return {**found, ("SVG", "our own layout"): lambda: svg(picture(y, fold=False))}


def torchviz(hidden: int) -> Callable[[], Any]:
    """The same network in PyTorch, drawn by torchviz."""
    import torch
    from torchviz import make_dot

    y = network(hidden, partial(torch.tensor, requires_grad=True))
    return lambda: make_dot(y).source


def drawn(command: list[str], source: str) -> bytes:
    """Draw a picture with one engine."""
    return subprocess.run(command, input=source.encode(), capture_output=True, check=True, timeout=PATIENCE).stdout


def times(jobs: Jobs, repeat: int) -> dict[tuple[str, str], list[float]]:
    """The seconds that each job took in each round; slow jobs are not repeated in all rounds."""
    seconds: dict[tuple[str, str], list[float]] = {job: [] for job in jobs}
    for _ in range(repeat):
        for job, do in jobs.items():
            if sum(seconds[job]) < SLOW:
                start = time.perf_counter()
                with suppress(subprocess.TimeoutExpired):
                    do()
                seconds[job].append(time.perf_counter() - start)
    return seconds


def measure(options: Options) -> Report:
    """One row for each format and engine, one column for each graph."""
    hidden = HIDDEN[: 1 if options.quick else None]
    nodes = [len(topological_order(network(h, autograd.Value))) for h in hidden]
    found = [times(jobs(h), options.repeat) for h in hidden]
    rows = [[*job, *(duration(statistics.median(seconds[job])) for seconds in found)] for job in sorted(found[0])]
    lines = table(["picture", "made by", *(f"{n:,} nodes" for n in nodes)], rows)
    results = [
        {"nodes": n, "format": format, "engine": engine, "seconds": taken}
        for n, seconds in zip(nodes, found, strict=True)
        for (format, engine), taken in seconds.items()
    ]
    missing = [name for name in ("pygraphviz", "torchviz") if not find_spec(name)]
    return Report(lines, results, missing=missing)

"""How costs grow with the size of a graph, from a thousand nodes to ten million: curves, and a figure of them.

* **Build** and **sweep**: the chain of :mod:`benchmarks.scale`, one node for each operation.
* **First call**: Rosenbrock's function from its code to its first value and gradient; engines that compile scalar code.
* **Jacobian**: the residuals of Rosenbrock's function, with three entries in two rows that can be other than 0; the
  function has been compiled before.

Each curve of an engine is measured in a new process, which ends when a size takes too long.  If nothing grew faster
than its work, all curves would be level.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import autograd
from benchmarks import ROOT, figure, functions, matrices, peers
from benchmarks.compiled import one_result
from benchmarks.measure import Answer, Local, Options, Run, clock, compare, installed, with_programs
from benchmarks.report import Report, number, table
from benchmarks.scale import chain

SIZES = [round(10 ** (half / 2)) for half in range(6, 15)]
"""A thousand to ten million, two in each decade."""

PATIENCE = 6.0
"""The seconds that a size may take if a larger one is to be tried."""

AT_LEAST = 0.3
"""The seconds for which a size is repeated."""

Costs: TypeAlias = tuple[list[float], Callable[[], Answer]]
"""The seconds of each part of the work, and its answer."""


# ---------------------------------------------------------------------------------------------------------------------
# What is measured
# ---------------------------------------------------------------------------------------------------------------------


def eager(leaf: Callable[[float], Any], nodes: int) -> Costs:
    """The seconds to build and to sweep a graph."""
    x = leaf(1.0)
    start = clock()
    y = chain(x, nodes)
    built = clock()
    y.backward()
    swept = clock()
    found = [float(y.data), float(x.grad)]
    return [built - start, swept - built], lambda: np.array(found)


def pathgrad(nodes: int) -> Costs:
    """Our Value."""
    return eager(autograd.Value, nodes)


def micrograd(nodes: int) -> Costs:
    """Micrograd's Value, whose sweep is recursive."""
    from micrograd.engine import Value

    sys.setrecursionlimit(10**9)
    return eager(Value, nodes)


def pytorch(nodes: int) -> Costs:
    """One tensor for each number."""
    torch = peers.torch()
    return eager(lambda number: torch.tensor(number, dtype=torch.float64, requires_grad=True), nodes)


def xad(nodes: int) -> Costs:
    """XAD's Real."""
    from xad.adj_1st import Real, Tape

    x = Real(1.0)
    with Tape() as tape:
        tape.registerInput(x)
        tape.newRecording()
        start = clock()
        y = chain(x, nodes)
        built = clock()
        tape.registerOutput(y)
        y.derivative = 1.0
        tape.computeAdjoints()
        swept = clock()
        found = [y.value, x.derivative]
    return [built - start, swept - built], lambda: np.array(found)


def once(task: functions.Formula) -> Run:
    """Our compiled function, which is called for the first time."""
    names = functions.Namespace(autograd.exp, autograd.log, autograd.sin, autograd.sum)
    write = task.write
    compiled = autograd.compile(lambda x: write(x, names))
    return Local(lambda: compiled.value_and_grad(task.x), one_result)


def first_call(build: Callable[[functions.Formula], Run]) -> Callable[[int], Costs]:
    """The seconds from the code of a function to its first gradient."""

    def cost(operations: int) -> Costs:
        task = functions.Formula(functions.rosenbrock, np.linspace(-1, 1, operations // 8 + 1))
        start = with_programs()
        found = build(task).answer()
        return [with_programs() - start], lambda: found

    return cost


def jacobian(build: Callable[[Any], Run]) -> Callable[[int], Costs]:
    """The seconds of a Jacobian, for a number of entries that can be other than 0."""
    built: dict[int, Run] = {}

    def cost(entries: int) -> Costs:
        run = built.get(entries) or build(np.linspace(-1, 1, entries // 3 + 1))
        built.clear()
        built[entries] = run
        return [run.seconds(max(1, 100_000 // entries))], run.answer

    return cost


@dataclass(frozen=True)
class Subject:
    """What the engines of some panels do.

    Attributes:
        panels: the titles of the panels, one for each part of the work.
        unit: what the time is divided by.
        engines: the engines, with their packages and their work; they return the costs for a size.
    """

    panels: tuple[str, ...]
    unit: str
    engines: dict[str, tuple[str, Callable[[int], Costs]]]


SUBJECTS = {
    "eager": Subject(
        ("build", "sweep"),
        "node",
        {
            "pathgrad": ("pathgrad", pathgrad),
            "micrograd": ("micrograd", micrograd),
            "PyTorch": ("torch", pytorch),
            "XAD": ("xad", xad),
        },
    ),
    "compile": Subject(
        ("first call",),
        "operation",
        {
            "pathgrad": ("pathgrad", first_call(once)),
            "CasADi": ("casadi", first_call(functions.casadi_sx)),
            "ddx": ("ddx-ad", first_call(functions.ddx)),
        },
    ),
    "jacobian": Subject(
        ("Jacobian",),
        "entry",
        {
            "pathgrad": ("pathgrad", jacobian(matrices.pathgrad("jacobian", sparse=True))),
            "CasADi": ("casadi", jacobian(matrices.casadi("jacobian"))),
            "JAX": ("jax", jacobian(matrices.jax("jacobian"))),
        },
    ),
}


# ---------------------------------------------------------------------------------------------------------------------
# The measurement
# ---------------------------------------------------------------------------------------------------------------------

Points: TypeAlias = list[tuple[int, list[float]]]
"""Sizes, and the nanoseconds of one unit of each part of the work."""


def curve(cost: Callable[[int], Costs], sizes: list[int]) -> Points:
    """One engine, until a size takes too long; each size is printed at once, in case the process is ended."""
    points: Points = []
    for size in sizes:
        rounds: list[list[float]] = []
        taken = 0.0
        while taken < AT_LEAST and len(rounds) < 100:
            start = with_programs()
            rounds.append(cost(size)[0])
            taken += (last := with_programs() - start)
        points.append((size, [statistics.median(part) / size * 1e9 for part in zip(*rounds, strict=True)]))
        print(json.dumps(points[-1]), flush=True)
        if last > PATIENCE:
            break
    return points


def in_new_process(subject: str, engine: str, sizes: list[int]) -> Points:
    """The same in a new process."""
    command = [sys.executable, "-m", "benchmarks.growth", subject, engine, *map(str, sizes)]
    try:
        printed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=20 * PATIENCE).stdout
    except subprocess.TimeoutExpired as late:
        printed = late.stdout or b""
    return [(size, costs) for size, costs in map(json.loads, printed.splitlines())]


def measure(options: Options) -> Report:
    """A table and a figure with a panel for each part of the work."""
    sizes = SIZES[:1] if options.quick else SIZES
    found: dict[str, dict[str, list[tuple[int, float]]]] = {}
    missing: list[str] = []
    for name, subject in SUBJECTS.items():
        engines = {engine: cost for engine, (package, cost) in subject.engines.items() if installed(package)}
        missing += [package for package, _ in subject.engines.values() if not installed(package)]
        compare(name, {engine: cost(SIZES[0])[1]() for engine, cost in engines.items()}, 1e-10)
        for engine in engines:
            points = in_new_process(name, engine, sizes)
            for part, panel in enumerate(subject.panels):
                curves = found.setdefault(f"{panel}, ns per {subject.unit}", {})
                curves[engine] = [(size, costs[part]) for size, costs in points]
    drawn = figure.growth(found)
    missing = [*dict.fromkeys(missing), *([] if drawn else ["matplotlib, which draws the figure"])]
    return Report(growth_table(found, sizes), found, missing=missing, files={"docs/growth.svg": drawn} if drawn else {})


def growth_table(found: dict[str, dict[str, list[tuple[int, float]]]], sizes: list[int]) -> list[str]:
    """A row for each curve, with a column for each power of ten."""
    shown = [size for size in sizes if size in (10**3, 10**4, 10**5, 10**6, 10**7)]
    rows = [
        [panel, engine, *(number(costs[size]) if size in costs else "" for size in shown)]
        for panel, curves in found.items()
        for engine, points in curves.items()
        if (costs := dict(points)) is not None
    ]
    return table(["cost", "engine", *(f"{size:,}" for size in shown)], rows)


if __name__ == "__main__":
    _, kind, name, *numbers = sys.argv
    curve(SUBJECTS[kind].engines[name][1], list(map(int, numbers)))

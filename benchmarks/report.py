"""The results of a group: tables in Markdown, goals, and all numbers as JSON."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import ours
from benchmarks.measure import Race


@dataclass(frozen=True)
class Goal:
    """A ratio that this project aims at; it is printed beside the measured ratio, and never asserted."""

    race: Race
    slow: str
    fast: str
    times: float

    def __str__(self) -> str:
        ratio = self.race.ratio(self.slow, self.fast)
        met = ratio is not None and ratio >= self.times
        measured = "not measured here" if ratio is None else number(ratio)
        return f"- [{'x' if met else ' '}] {self.race.task}, {self.slow} / {self.fast}: {measured}, goal {self.times:g}"

    def as_json(self) -> dict[str, Any]:
        """The goal and the measured ratio, as JSON."""
        ratio = self.race.ratio(self.slow, self.fast)
        return {"task": self.race.task, "slow": self.slow, "fast": self.fast, "goal": self.times, "ratio": ratio}


@dataclass(frozen=True)
class Report:
    """The results of a group.

    Attributes:
        lines: tables in Markdown, with a few sentences between them.
        results: all numbers, as JSON.
        goals: the ratios that this project aims at.
        missing: the packages of engines that are not installed.
        races: the races of which the summary may show a row.
        files: figures, by the path of their file in the checkout.
    """

    lines: list[str]
    results: Any
    goals: list[Goal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    races: list[Race] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def markdown(self) -> str:
        """The tables, and the engines that are missing in them."""
        absent = [f"Not installed, and therefore not in the table: {', '.join(self.missing)}."] if self.missing else []
        return "\n".join([*self.lines, *([""] if absent else []), *absent])

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON."""
        return {"results": self.results, "goals": [g.as_json() for g in self.goals], "missing": self.missing}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown, with text aligned left and numbers aligned right."""
    rows = list(rows)
    right = [all(re.fullmatch(r"([\d,.]+( [µmn]?s)?)?", row[i]) for row in rows) for i in range(len(head))]
    rule = ["---:" if numbers else "---" for numbers in right]
    return [f"| {' | '.join(cells)} |" for cells in [head, rule, *rows]]


def race_table(race: Race, first: bool = False) -> list[str]:
    """One row for each engine: the time of one step, and its multiple of the first engine's time.

    Args:
        race: the result of a race.
        first: whether to show how long the first step took, for engines that compile.
    """
    unit = next(iter(race.seconds))
    head = [race.task, "version", *(["first step"] if first else []), "one step", f"multiple of {unit}"]
    rows = [
        [
            engine,
            race.versions[engine],
            *([duration(race.first[engine])] if first else []),
            duration(race.median(engine)),
            number(race.median(engine) / race.median(unit)),
        ]
        for engine in race.seconds
    ]
    return table(head, rows)


SUMMARY = {
    ("compiled training step", "pathgrad compiled"): "pathgrad, `compile`",
    ("compiled training step", "JAX"): "JAX, `jit`, arrays",
    ("compiled training step", "NumPy by hand"): "NumPy, derivatives by hand",
    ("compiled training step", "PyTorch"): "PyTorch, arrays",
    ("eager training step", "pathgrad nn.MLP"): "pathgrad, one node per neuron",
    ("eager training step", "pathgrad"): "pathgrad, one node per operation",
    ("eager training step", "PyTorch"): "PyTorch, one tensor per number",
    ("eager training step", "micrograd"): "micrograd, one node per operation",
}
"""The rows of the summary: a task, an engine, and how the summary calls it."""


def summary(races: Sequence[Race]) -> list[str]:
    """The training step by the engines that most readers know; no lines unless all its tasks were measured."""
    medians = {(race.task, engine): race.median(engine) for race in races for engine in race.seconds}
    if not {task for task, _ in SUMMARY} <= {race.task for race in races}:
        return []
    seconds = {name: medians[key] for key, name in SUMMARY.items() if key in medians}
    unit = next(iter(seconds.values()))
    rows = [(name, duration(time), number(time / unit)) for name, time in seconds.items()]
    return table(["one training step", "time", "multiple"], rows)


def duration(seconds: float) -> str:
    """A time with three digits.

    >>> duration(0.0123456), duration(12.3), duration(4.5e-7)
    ('12.3 ms', '12.3 s', '450 ns')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds * 1e9)} ns"


def number(x: float) -> str:
    """A number with three digits, or with all digits before the decimal point.

    >>> number(0.04567), number(1.0), number(45.678), number(12345.6)
    ('0.0457', '1.00', '45.7', '12,346')
    """
    return f"{x:,.0f}" if abs(x) >= 99.95 else f"{x:#.3g}".rstrip(".")


def machine() -> str:
    """The machine, Python, NumPy and the build that everything ran on, in one line."""
    numpy = f"NumPy {version('numpy')}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{processor()}, {os.cpu_count()} cores, {platform.system()}, {python}, {numpy}, {ours.core()}"


def processor() -> str:
    """The name of the processor."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:  # not Linux
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()

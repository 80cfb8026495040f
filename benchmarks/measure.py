"""A race: all engines do one task, must agree on the answer, and are then timed in turns.

The speed of a machine varies from second to second.  So each round times every engine once, the median over the rounds
is reported, and the ratio of two medians counts.  Times are processor times, which leave out other programs on a busy
machine.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from benchmarks.peers import READY

Answer: TypeAlias = NDArray[np.float64]

clock = time.process_time if time.get_clock_info("process_time").resolution < 1e-6 else time.perf_counter
"""The processor time in seconds, or the wall time where processor time is not known to the microsecond."""


def with_programs() -> float:
    """The processor time in seconds of this program and those that it ran, such as a C compiler."""
    children = os.times()
    return clock() + children.children_user + children.children_system


def plain(loss: Any) -> float:
    """The loss of any engine as a plain number."""
    return float(loss.item() if hasattr(loss, "item") else loss)


@dataclass(frozen=True)
class Options:
    """The options of the command.

    Attributes:
        repeat: the least number of rounds.
        hips: the Python of an environment with HIPS autograd.
        quick: run only the smallest task of each group, to see that everything works.
    """

    repeat: int = 7
    hips: str | None = None
    quick: bool = False


class Run(Protocol):
    """An engine that is ready to do a task."""

    def answer(self) -> Answer:
        """The loss and then all gradients of one step."""

    def seconds(self, steps: int) -> float:
        """The seconds that one step takes, averaged over ``steps`` steps in a row."""

    def close(self) -> None:
        """End the run after the race."""


@dataclass(frozen=True)
class Local:
    """A run in this process.

    Attributes:
        step: one step, which is timed; it returns its results in the form in which users of the engine get them.
        read: the loss and all gradients in these results, in the order of the task.
        collector: whether Python's collector of cyclic garbage is on during the step, as it is for users.
    """

    step: Callable[[], Any]
    read: Callable[[Any], Iterable[float]]
    collector: bool = True

    def answer(self) -> Answer:
        """The loss and all gradients of one step."""
        return np.fromiter(self.read(self.step()), float)

    def seconds(self, steps: int) -> float:
        """The time of one step among many in a row, which includes freeing the garbage of the step before."""
        gc.collect()
        self.step()
        if not self.collector:
            gc.disable()
        try:
            start = clock()
            for _ in range(steps):
                self.step()
            return (clock() - start) / steps
        finally:
            gc.enable()

    def close(self) -> None:
        """Do nothing: the run holds no resources."""


@dataclass(frozen=True)
class Engine:
    """An entry for a race.

    Attributes:
        name: its name in the table.
        package: the distribution that must be installed, such as ``"ddx-ad"``.
        build: prepares it for a task.
        elsewhere: the version of the package, if it is installed in another environment.
    """

    name: str
    package: str
    build: Callable[[Any], Run]
    elsewhere: str | None = None

    @property
    def version(self) -> str | None:
        """The version of its package, or ``None`` if that is not installed."""
        return self.elsewhere or installed(self.package)


def installed(package: str) -> str | None:
    """The version of a package, or ``None`` if it is not installed; ours may be imported without being installed."""
    if package == "pathgrad":
        return autograd.__version__
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Race:
    """The result of a race.

    Attributes:
        task: the name of the task.
        seconds: the time of one step in each round, by engine; the first engine is the unit of all ratios.
        versions: the versions of the engines' packages.
        missing: the packages of engines that are not installed.
        first: the seconds until an engine has done its first step, with all that it prepares and compiles for the task.
    """

    task: str
    seconds: dict[str, list[float]]
    versions: dict[str, str]
    missing: list[str]
    first: dict[str, float] = field(default_factory=dict)

    def median(self, engine: str) -> float:
        """The median time of one step, in seconds."""
        return statistics.median(self.seconds[engine])

    def ratio(self, slow: str, fast: str) -> float | None:
        """How many times faster one engine is than another, or ``None`` unless both took part."""
        if slow not in self.seconds or fast not in self.seconds:
            return None
        return self.median(slow) / self.median(fast)

    def as_json(self) -> dict[str, Any]:
        """The result, as JSON."""
        medians = {engine: self.median(engine) for engine in self.seconds}
        return {**vars(self), "medians": medians}


class Disagreement(SystemExit):
    """Two engines found different gradients; the message says which, and no engine was timed."""


def race(name: str, engines: Sequence[Engine], task: Any, options: Options, tolerance: float = 1e-10) -> Race:
    """Compare the answers of all installed engines at one task, then time them in turns.

    Args:
        name: the name of the task.
        engines: the engines; all must agree with the first one that is installed.
        task: the task, which is passed to the ``build`` of each engine.
        options: the options of the command.
        tolerance: the largest deviation of an answer, relative to the largest number in it.

    Returns:
        The times of all engines.

    Raises:
        Disagreement: if an engine finds a different loss or different gradients.
    """
    runs: dict[str, Run] = {}
    answers: dict[str, Answer] = {}
    first: dict[str, float] = {}
    installed = [engine for engine in engines if engine.version is not None]
    try:
        for engine in installed:
            READY.get(engine.package, bool)()
            start = with_programs()
            runs[engine.name] = engine.build(task)
            answers[engine.name] = runs[engine.name].answer()
            first[engine.name] = with_programs() - start
        compare(name, answers, tolerance)
        seconds = in_turns(runs, options.repeat, lasting=0.0 if options.quick else 3.0)
        versions = {engine.name: engine.version or "" for engine in installed}
        return Race(name, seconds, versions, absent(engines), first)
    finally:
        for run in runs.values():
            run.close()


def absent(engines: Iterable[Engine]) -> list[str]:
    """The packages of engines that are not installed."""
    return list(dict.fromkeys(engine.package for engine in engines if engine.version is None))


def compare(task: str, answers: Mapping[str, Answer], tolerance: float) -> None:
    """Raise :class:`Disagreement` unless all answers agree with the first."""
    (reference, expected), *others = answers.items()
    scale = np.max(np.abs(expected))
    for engine, answer in others:
        if answer.shape != expected.shape:
            found = f"{answer.size} numbers, not {expected.size}"
        elif not np.max(np.abs(answer - expected)) <= tolerance * scale:  # nan is a disagreement as well
            found = f"a loss or gradients off by {np.max(np.abs(answer - expected)) / scale:.1g}, relative"
        else:
            continue
        raise Disagreement(f"{task}: {engine} disagrees with {reference}, it finds {found}; nothing was timed")


def in_turns(runs: Mapping[str, Run], repeat: int, least: float = 0.02, lasting: float = 0.0) -> dict[str, list[float]]:
    """The time of one step of each run, in each round.

    Args:
        runs: the runs, by the name of their engine.
        repeat: the least number of rounds.
        least: the least number of seconds of a turn; quick steps are repeated.
        lasting: the least number of seconds of all turns together; quick turns get more rounds, so that the race
            outlasts short disturbances of the machine.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    taken, rounds = 0.0, 0
    with young_heap():
        steps = {name: enough(run, least) for name, run in runs.items()}
        while rounds < repeat or taken < lasting:
            for name, run in runs.items():
                seconds[name].append(run.seconds(steps[name]))
                taken += seconds[name][-1] * steps[name]
            rounds += 1
    return seconds


def enough(run: Run, least: float) -> int:
    """The number of steps that take at least so many seconds together."""
    steps = 1
    while (taken := run.seconds(steps) * steps) < least:
        steps = max(2 * steps, min(100 * steps, int(steps * least / max(taken, 1e-9))))
    return steps


@contextmanager
def young_heap() -> Iterator[None]:
    """Hide all living objects from the collector of cyclic garbage.

    Otherwise each collection would visit everything that the other engines keep after being imported, and the number of
    collections would depend on it.  Engines with cyclic garbage would then be faster or slower than in a program of
    their own.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # resets the counters of the collector
    try:
        yield
    finally:
        gc.unfreeze()

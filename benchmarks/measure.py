"""How engines race: all of them at one task, none of them timed before all agree, and then in turns.

A machine is never as fast as it was a second ago.  So each round times every engine once, what is reported is the
median over the rounds, and what counts is the ratio of two medians.  The time is the processor's, which for one thread
on an idle machine is that on the wall, and on a busy one does not count what others do.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Answer = NDArray[np.float64]

clock = time.process_time if time.get_clock_info("process_time").resolution < 1e-6 else time.perf_counter
"""The processor's time in seconds, where that is known to the microsecond."""


@dataclass(frozen=True)
class Options:
    """What the command was told.

    Attributes:
        repeat: the number of rounds; quick tasks have more.
        hips: the Python of an environment with HIPS autograd.
        quick: take the smallest task of each group, to see that all is well.
    """

    repeat: int = 7
    hips: str | None = None
    quick: bool = False


class Run(Protocol):
    """An engine at its task, ready to go."""

    def answer(self) -> Answer:
        """The loss, and then all gradients, of one step."""

    def seconds(self, steps: int) -> float:
        """How long one step takes, when so many are done one after the other."""

    def close(self) -> None:
        """The race is over."""


@dataclass(frozen=True)
class Local:
    """A run in this process.

    Attributes:
        step: one step, which is what is timed; it leaves its results as users of the engine would have them.
        read: the loss and all gradients in these results, in the order of the task.
        collector: whether Python's collector of cyclic garbage runs meanwhile, as it does for users.
    """

    step: Callable[[], Any]
    read: Callable[[Any], Iterable[float]]
    collector: bool = True

    def answer(self) -> Answer:
        """What one step finds."""
        return np.fromiter(self.read(self.step()), float)

    def seconds(self, steps: int) -> float:
        """The time of one step in a long row of them: it pays for the garbage of the step before, not for others'."""
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
        """There is nothing to close."""


@dataclass(frozen=True)
class Engine:
    """An entry for a race.

    Attributes:
        name: what it is called in the table.
        package: the distribution that must be installed, such as ``"ddx-ad"``.
        build: makes it ready for a task.
        elsewhere: the version of the package, if that is installed in another environment.
    """

    name: str
    package: str
    build: Callable[[Any], Run]
    elsewhere: str | None = None

    @property
    def version(self) -> str | None:
        """The version of its package, ``None`` if that is not installed."""
        if self.elsewhere is not None:
            return self.elsewhere
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


@dataclass(frozen=True)
class Race:
    """What came out of a race.

    Attributes:
        task: what was to be done.
        seconds: for each engine the time of one step, a number for each round; the first is the unit of all ratios.
        versions: of the engines' packages.
        missing: the packages of engines that are not installed, and so did not take part.
    """

    task: str
    seconds: dict[str, list[float]]
    versions: dict[str, str]
    missing: list[str]

    def median(self, engine: str) -> float:
        """The median time of one step, in seconds."""
        return statistics.median(self.seconds[engine])

    def ratio(self, slow: str, fast: str) -> float | None:
        """How many times faster one engine is than another; ``None`` unless both took part."""
        if slow not in self.seconds or fast not in self.seconds:
            return None
        return self.median(slow) / self.median(fast)

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        medians = {engine: self.median(engine) for engine in self.seconds}
        return {**vars(self), "medians": medians}


class Disagreement(SystemExit):
    """Two engines found different gradients; the sentence says which, and nothing has been timed."""


def race(name: str, engines: Sequence[Engine], task: Any, options: Options, tolerance: float = 1e-10) -> Race:
    """Let all engines that are installed do one task: compare their answers, then time them in turns.

    Args:
        name: what the task is called.
        engines: the entries; with the first of them that is installed all others must agree.
        task: what each of them is built for.
        options: how often, and so on.
        tolerance: how far an answer may be off, relative to the largest number in it.

    Raises:
        Disagreement: if an engine finds another loss or other gradients.
    """
    runs: dict[str, Run] = {}
    versions: dict[str, str] = {}
    missing: list[str] = []
    try:
        for engine in engines:
            if engine.version is None:
                missing.append(engine.package)
            else:
                versions[engine.name] = engine.version
                runs[engine.name] = engine.build(task)
        compare(name, {engine: run.answer() for engine, run in runs.items()}, tolerance)
        seconds = in_turns(runs, options.repeat, lasting=0.0 if options.quick else 3.0)
        return Race(name, seconds, versions, list(dict.fromkeys(missing)))
    finally:
        for run in runs.values():
            run.close()


def compare(task: str, answers: Mapping[str, Answer], tolerance: float) -> None:
    """Stop unless all answers are the first one's."""
    (reference, expected), *others = answers.items()
    scale = np.max(np.abs(expected))
    for engine, answer in others:
        if answer.shape != expected.shape:
            found = f"{answer.size} numbers, not {expected.size}"
        elif not np.max(np.abs(answer - expected)) <= tolerance * scale:  # nan is a disagreement, too
            found = f"a loss or gradients off by {np.max(np.abs(answer - expected)) / scale:.1g}, relative"
        else:
            continue
        raise Disagreement(f"{task}: {engine} disagrees with {reference}, it finds {found}; nothing was timed")


def in_turns(runs: Mapping[str, Run], repeat: int, least: float = 0.02, lasting: float = 0.0) -> dict[str, list[float]]:
    """The time of one step of each, for each round.

    Args:
        runs: who takes part.
        repeat: the number of rounds.
        least: how many seconds a turn lasts at least; quick steps are repeated.
        lasting: how many seconds all turns last at least; there are more rounds if these are quick, so that they
            outlast what else the machine has to do for a moment.
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
    """How many steps last so many seconds together."""
    steps = 1
    while (taken := run.seconds(steps) * steps) < least:
        steps = max(2 * steps, min(100 * steps, int(steps * least / max(taken, 1e-9))))
    return steps


@contextmanager
def young_heap() -> Iterator[None]:
    """Hide all that is alive from the collector of cyclic garbage.

    What the peers hold merely by being imported would be walked at each collection, and how often there is one depends
    on it: engines with cyclic garbage would look slower, or faster, than in a program of their own.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # now the collector counts from nothing
    try:
        yield
    finally:
        gc.unfreeze()

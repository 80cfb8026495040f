"""Instructions of the hot paths, counted by valgrind: ``python -m benchmarks.instructions``.

A count does not depend on what else the machine is doing, so it shows a change of a few percent that a clock would
miss.  One program does all jobs.  Before and after each it calls :func:`mark`, at which valgrind writes down what it
counted.  Only instructions of Python and of our own libraries count: the C library and BLAS choose other code on other
processors.

The counts are kept in ``instructions.json``, with the versions of everything that decides about them.  With ``--check``
the command fails if a count has grown by more than 5 %, and says so if it cannot compare.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import autograd
import nn
from benchmarks import ONE_THREAD, ROOT, compiled, fit, functions, matrices, ours, scalar, tensor
from benchmarks.measure import Local, Run
from benchmarks.report import table
from benchmarks.scale import graph
from benchmarks.training import Training

MODULE = "benchmarks.instructions"
KEPT = Path(__file__).with_name("instructions.json")
"""The counts to compare with."""

TOLERANCE = 0.05
"""By how much a count may grow; counts of the same code differ by less than 1 %."""

NODES = 1000
"""The number of nodes of a graph that is built, freed or swept."""

alive: list[Any] = []

Step = Callable[[], object]


@dataclass(frozen=True)
class Job:
    """Work whose instructions are counted.

    Attributes:
        name: what one unit of the work is.
        prepare: returns a function that does the work once.
        times: how often it is done.
        units: the number of units that are done at once.
    """

    name: str
    prepare: Callable[[], Step]
    times: int
    units: int = 1


def build() -> Step:
    """Build a graph and keep it."""
    return lambda: alive.append(graph(NODES))


def build_and_free() -> Step:
    """Build a graph and free it."""
    return lambda: graph(NODES) and None


def sweep() -> Step:
    """Sweep a graph."""
    return graph(NODES).backward


def neuron() -> Step:
    """Build the two nodes of a neuron of 16 inputs and its activation."""
    unit, x = nn.Neuron(16, "relu", named=False), [autograd.Value(0.5) for _ in range(16)]
    return lambda: unit(x)


def first_call() -> Step:
    """Compile a function, whose steps are alike or not."""
    x, write = np.linspace(0.1, 1.0, 20), functions.random_graph(100)
    names = functions.Namespace(autograd.exp, autograd.log, autograd.sin, autograd.sum)
    return lambda: autograd.compile(lambda x: write(x, names) + autograd.sum(x**2)).value_and_grad(x)


def of(build: Callable[[Any], Run], task: Any) -> Callable[[], Step]:
    """The step of a benchmark."""

    def prepare() -> Step:
        run = build(task)
        assert isinstance(run, Local)
        return run.step

    return prepare


SMALL: dict[str, functions.Formula] = {
    "Rosenbrock": functions.Formula(functions.rosenbrock, np.linspace(-1, 1, 40)),
    "log-sum-exp": functions.Formula(functions.logsumexp, np.linspace(-1, 1, 100)),
    "potential": functions.Formula(functions.potential(5), np.linspace(-1, 1, 15) ** 3),
    "Lorenz": functions.Formula(functions.lorenz(3), np.array([1.0, 2.0, 20.0, 10.0, 28.0, 8 / 3])),
    "chain": functions.Formula(functions.chain(60), np.array([0.5, 1.5])),
    "random graph": functions.Formula(functions.random_graph(80), np.linspace(0.1, 1, 20)),
}
"""The functions of the benchmarks, of fewer variables: valgrind is slow, and would compile them for minutes."""

JOBS = [
    Job("node built", build, 10, NODES),
    Job("node built and freed", build_and_free, 10, NODES),
    Job("node swept", sweep, 10, NODES),
    Job("neuron of 16 inputs built and freed", neuron, 300),
    Job("eager training step", of(scalar.pathgrad, Training(2)), 3),
    Job("eager training step, nn.MLP", of(scalar.network, Training(2)), 3),
    *[Job(f"network of arrays, {net}", of(tensor.pathgrad, net), 10) for net in tensor.NETS[:2]],
    *[Job(f"training step, {name}", of(compiled.pathgrad(name), Training(16)), 5) for name in ours.MACHINES],
    Job("training step, samples in a loop", of(compiled.pathgrad_loop, Training(4, (2, 4, 1))), 10),
    *[Job(name, of(functions.pathgrad("pathgrad compiled"), task), 20) for name, task in SMALL.items()],
    *[Job(f"{kind} of Rosenbrock", of(matrices.pathgrad(kind, False), np.ones(20)), 20) for kind in matrices.KINDS],
    Job("first call of a compiled function", first_call, 1),
    Job("fit of numbers", of(fit.numbers, fit.Descent(steps=20)), 1),
    Job("fit of arrays", of(fit.arrays, fit.Descent(steps=20)), 1),
]


# ---------------------------------------------------------------------------------------------------------------------
# The program that valgrind runs
# ---------------------------------------------------------------------------------------------------------------------


def mark() -> None:
    """Make valgrind write down what it counted, by calling a function of the C library that nothing else calls."""
    os.getpriority(os.PRIO_PROCESS, 0)


def do() -> None:
    """Print what decides about the counts, and do all jobs."""
    print(json.dumps(conditions()), flush=True)
    gc.disable()  # the moment when it runs depends on everything else
    for job in JOBS:
        step = job.prepare()
        step()
        mark()
        for _ in range(job.times):
            step()
        mark()
        alive.clear()
    os._exit(0)


def conditions() -> dict[str, str]:
    """What decides about the number of instructions, beside the source."""
    features = import_module("numpy._core._multiarray_umath").__cpu_features__

    compilers = {
        name for file in libraries() for name in re.findall(rb"GCC: \([^)]*\) [\d.]+|clang version [\d.]+", file)
    }
    return {
        "Python": f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}",
        "options of Python": " ".join(
            re.findall(r"--(?:enable|with)[\w-]+", sysconfig.get_config_var("CONFIG_ARGS") or "")
        ),
        "NumPy": version("numpy"),
        "compiler": ", ".join(sorted(name.decode() for name in compilers)),
        "C library": " ".join(platform.libc_ver()),
        "processor": f"{platform.machine()} {' '.join(name for name, has in features.items() if has)}",
    }


def libraries() -> Iterator[bytes]:
    """The contents of our libraries."""
    folder = Path(autograd.__file__).parent
    return (file.read_bytes() for file in folder.rglob("*.so"))


# ---------------------------------------------------------------------------------------------------------------------
# Counting
# ---------------------------------------------------------------------------------------------------------------------


def valgrind() -> str:
    """The program; an error if it is not installed."""
    found = shutil.which("valgrind")
    if found is None:
        raise SystemExit("valgrind counts the instructions, and is not on PATH: install it (apt install valgrind)")
    return found


def counted(valgrind: str) -> tuple[dict[str, str], dict[str, float]]:
    """What decides about the counts, and the instructions of one unit of each job."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0"}
    with tempfile.TemporaryDirectory() as folder:
        options = [f"--callgrind-out-file={folder}/counts", "--dump-before=getpriority", "--compress-strings=no"]
        command = [valgrind, "--tool=callgrind", *options, sys.executable, "-m", MODULE, "--do"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        parts = [Path(folder, f"counts.{number}") for number in range(1, 2 * len(JOBS) + 1)]
        if done.returncode or not all(part.exists() for part in parts):
            raise SystemExit(f"valgrind ended with exit code {done.returncode}: {done.stderr.strip().splitlines()[-1]}")
        counts = {
            job.name: of_ours(part) / (job.times * job.units) for job, part in zip(JOBS, parts[1::2], strict=True)
        }
    return json.loads(done.stdout), counts


def of_ours(part: Path) -> int:
    """The instructions of Python and of our libraries, in what valgrind wrote down at one mark."""
    python, folders = os.path.realpath(sys.executable), (str(Path(autograd.__file__).parent), python_libraries())
    total, is_ours, is_call = 0, False, False
    with open(part, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("ob="):
                library = line[3:].strip()
                is_ours = library == python or library.startswith(folders) or "/libpython" in library
            elif line.startswith("calls="):
                is_call = True  # the next line is what the called function did
            elif line[0] in "0123456789+-*":
                total += int(line.split()[1]) if is_ours and not is_call else 0
                is_call = False
    return total


def python_libraries() -> str:
    """The folder of Python's own libraries."""
    return str(sysconfig.get_config_var("DESTSHARED"))


# ---------------------------------------------------------------------------------------------------------------------
# The command
# ---------------------------------------------------------------------------------------------------------------------


def changes(counts: Mapping[str, float], before: Mapping[str, float]) -> Iterator[list[str]]:
    """The rows of the table, with the change since the counts that were kept."""
    for name, count in counts.items():
        yield [name, f"{count:,.0f}", f"{count / before[name] - 1:+.1%}" if name in before else ""]


def grown(counts: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """What is wrong with the counts, compared with those that were kept: a sentence for each."""
    more = [name for name in counts if name in before and counts[name] > (1 + TOLERANCE) * before[name]]
    return [
        *(f"{name} takes {counts[name] / before[name] - 1:.1%} more instructions than were kept" for name in more),
        *(f"{name} was never counted: keep its count with --write" for name in counts if name not in before),
        *(f"{name} is not counted any more: drop its count with --write" for name in before if name not in counts),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Count instructions and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description="Instructions, by valgrind.")
    limit = f"fail if a count has grown by more than {TOLERANCE:.0%}%"  # argparse reads %% as %
    parser.add_argument("--check", action="store_true", help=limit)
    parser.add_argument("--write", action="store_true", help=f"keep the counts in {KEPT.name}")
    parser.add_argument("--do", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.do:
        do()
    try:
        ours.refuse_plain_python()
        program = valgrind()
    except SystemExit as missing:
        if not options.check:
            raise
        print(f"Instructions are not compared: {missing}")
        return
    here, counts = counted(program)
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    there, before = kept["conditions"], kept["instructions"]
    print(*table(["one", "instructions", "change"], changes(counts, before)), sep="\n")
    if options.write:
        text = json.dumps({"conditions": here, "instructions": counts}, indent=1)
        KEPT.write_text(text + "\n", encoding="utf-8")
    if options.check:
        other = [f"{what} was {there.get(what)}, is {now}" for what, now in here.items() if there.get(what) != now]
        if other:
            print(f"Instructions are not compared, because they were counted elsewhere: {'; '.join(other)}")
        elif wrong := grown(counts, before):
            raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()

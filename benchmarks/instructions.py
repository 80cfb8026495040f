"""Instructions of the hot path, counted by valgrind: ``python -m benchmarks.instructions``.

A count does not depend on what else the machine is doing, so it shows a change of a few percent that a clock would
miss.  One program does all jobs a few times.  Then one program for each job does that job more often, and the
difference belongs to the job.  Python's collector is off, because the moment when it runs depends on everything else.
Valgrind's processor has AVX2 but not AVX-512, so compiled kernels are counted as they are for AVX2.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nn
from autograd import Value
from benchmarks import ONE_THREAD, compiled, ours, tensor
from benchmarks.report import machine, table
from benchmarks.scale import graph
from benchmarks.training import Training

NODES = 3000
"""The number of nodes of the graph that is swept."""

MODULE = "benchmarks.instructions"
FOLDER = Path(__file__).parent.parent

alive: list[Any] = []


@dataclass(frozen=True)
class Job:
    """Work whose instructions are counted.

    Attributes:
        name: what one unit of the work is.
        work: a function that does the work a number of times.
        few: how often it is done in every program.
        more: how often it is done in the program that counts it.
        units: the number of units that are done at once.
    """

    name: str
    work: Callable[[int], None]
    few: int
    more: int
    units: int = 1


def build(nodes: int) -> None:
    """Build a graph and keep it."""
    alive.append(graph(nodes))


def build_and_free(nodes: int) -> None:
    """Build a graph and free it."""
    graph(nodes)


def sweep(times: int) -> None:
    """Sweep a graph several times."""
    y = graph(NODES)
    for _ in range(times):
        y.backward()


def neuron(times: int) -> None:
    """Build the two nodes of a neuron of 16 inputs and its activation."""
    unit, x = nn.Neuron(16, "relu", named=False), [Value(0.5) for _ in range(16)]
    for _ in range(times):
        unit(x)


def tensor_step(times: int) -> None:
    """Compute value and gradient of the smallest network of arrays."""
    step = tensor.pathgrad(tensor.NETS[0]).step
    for _ in range(times):
        step()


def replay(machine: str, times: int) -> None:
    """Compute value and gradient of the compiled training step, on one of our machines."""
    step = compiled.pathgrad(machine)(Training()).step
    for _ in range(times):
        step()


JOBS = [
    Job("node built", build, 1000, 11_000),
    Job("node built and freed", build_and_free, 1000, 11_000),
    Job("node swept", sweep, 1, 4, NODES),
    Job("neuron of 16 inputs built and freed", neuron, 100, 600),
    Job(f"step of a network of arrays, {tensor.NETS[0]}", tensor_step, 2, 22),
    *[Job(f"training step, {machine}", partial(replay, machine), 2, 22) for machine in ours.MACHINES],
]


def do(chosen: str) -> None:
    """Do all jobs, and the chosen one more often: this is the program that valgrind runs."""
    gc.disable()
    for job in JOBS:
        job.work(job.more if job.name == chosen else job.few)
    sys.stdout.flush()
    os._exit(0)  # without freeing the living objects


def counted(chosen: str) -> int:
    """The instructions of this program."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise SystemExit("valgrind counts the instructions, and is not on PATH: install it (apt install valgrind)")
    command = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m", MODULE]
    environment = {**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0"}
    done = subprocess.run([*command, "--do", chosen], cwd=FOLDER, env=environment, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"valgrind ended with exit code {done.returncode}: {done.stderr.strip().splitlines()[-1]}")
    return int(found[1])


def instructions() -> dict[str, float]:
    """The instructions of one unit of each job."""
    base = counted("")
    return {job.name: (counted(job.name) - base) / ((job.more - job.few) * job.units) for job in JOBS}


def rows(counts: Mapping[str, float], before: Mapping[str, float]) -> Iterator[list[str]]:
    """The rows of the table, with the change since an earlier count."""
    for name, count in counts.items():
        change = f"{count / before[name] - 1:+.1%}" if name in before else ""
        yield [name, f"{count:,.0f}", *([change] if before else [])]


def main(arguments: Sequence[str] | None = None) -> None:
    """Count instructions and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description="Instructions, by valgrind.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the counts to this file")
    parser.add_argument("--against", type=Path, metavar="FILE", help="show the change since this file was written")
    parser.add_argument("--do", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.do is not None:
        do(options.do)
    before = json.loads(options.against.read_text(encoding="utf-8"))["instructions"] if options.against else {}
    counts = instructions()
    head = ["one", "instructions", *(["change"] if before else [])]
    print(machine(), "", *table(head, rows(counts, before)), sep="\n")
    if options.json:
        found = {"machine": machine(), "instructions": counts}
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""What a node costs, from a thousand nodes to a million: time to build it and to sweep it, and its memory."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import dataclass

from autograd import Value


@dataclass(frozen=True)
class Cost:
    """The cost of one node in a graph of ``nodes``: nanoseconds to build and to sweep, bytes to hold."""

    nodes: int
    build: float
    sweep: float
    bytes: float


def graph(nodes: int) -> Value:
    """A graph of that many nodes: multiplications and additions, with sharing."""
    y = Value(1.0)
    for _ in range(nodes // 3):
        y = (y * 0.999 + y) * 0.5
    return y


def cost(nodes: int) -> Cost:
    """Build and sweep a graph of that many nodes, then build it again to weigh it."""
    start = time.perf_counter()
    y = graph(nodes)
    built = time.perf_counter()
    y.backward()
    swept = time.perf_counter()
    del y
    tracemalloc.start()
    held = graph(nodes)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return Cost(nodes, (built - start) / nodes * 1e9, (swept - built) / nodes * 1e9, size / nodes)

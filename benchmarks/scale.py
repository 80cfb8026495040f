"""The cost of a node, in graphs of a thousand to ten million nodes: time to build, sweep and free it, and its memory.

The graph is a chain of multiplications and additions with sharing.  Small graphs are built many times, and the medians
are shown.  Each size runs in a new process.  Memory is measured twice: as the growth of the resident set, which counts
everything, and with ``tracemalloc``, which counts the memory from Python's allocator.  Sizes for which the machine has
too little memory are left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

from autograd import Value
from benchmarks.measure import Options, clock
from benchmarks.report import Report, number, table

AT_LEAST = 300_000
"""The least number of nodes that are built, swept and freed in all, so that clocks are accurate enough."""

COLUMNS = {
    "build": "build, ns",
    "sweep": "sweep, ns",
    "free": "free, ns",
    "resident": "bytes, resident",
    "traced": "bytes, traced",
    "peak": "bytes at the peak of a sweep",
}


def measure(options: Options) -> Report:
    """One row for each size."""
    costs: list[dict[str, float | None]] = []
    left_out: list[str] = []
    for nodes in [1000] if options.quick else [10**power for power in range(3, 8)]:
        needed = 1.2 * nodes * max((cost["peak"] or 500 for cost in costs), default=0)
        if needed > (memory("MemAvailable", "/proc/meminfo") or 4e9):
            left_out.append(f"{nodes:,} nodes, which would need {needed / 1e9:.0f} GB")
        else:
            costs.append(cost_in_new_process(nodes))
    rows = [[f"{c['nodes']:,}", *("?" if (x := c[column]) is None else number(x) for column in COLUMNS)] for c in costs]
    lines = table(["nodes", *COLUMNS.values()], rows)
    if left_out:
        lines += ["", f"Left out for lack of memory: {', '.join(left_out)}."]
    return Report(lines, costs)


def cost_in_new_process(nodes: int) -> dict[str, float | None]:
    """The cost of one node, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.scale", str(nodes)]
    folder = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float | None] = json.loads(done.stdout)
    return found


def cost(nodes: int) -> dict[str, float | None]:
    """The nanoseconds to build, sweep and free a node, and its bytes, in graphs of this size."""
    times = -(-AT_LEAST // nodes)
    graph(1000).backward()  # so that nothing is set up during the measurement
    found = resident_bytes(nodes, times)
    times_taken = [timed(nodes) for _ in range(times)]
    for name, seconds in zip(("build", "sweep", "free"), zip(*times_taken, strict=True), strict=True):
        found[name] = statistics.median(seconds) / nodes * 1e9
    return {"nodes": nodes, **found, "traced": traced_bytes(min(nodes, AT_LEAST))}


def resident_bytes(nodes: int, times: int) -> dict[str, float | None]:
    """The bytes of a node in the resident set: after building, and at the peak of a sweep."""
    before = memory("VmRSS")
    held = [graph(nodes) for _ in range(times)]
    built = memory("VmRSS")
    for y in held:
        y.backward()
    peak = memory("VmHWM")
    if before is None or built is None or peak is None:
        return {"resident": None, "peak": None}
    return {"resident": (built - before) / (nodes * times), "peak": (peak - before) / (nodes * times)}


def timed(nodes: int) -> tuple[float, float, float]:
    """The seconds to build, sweep and free a graph."""
    start = clock()
    y = graph(nodes)
    built = clock()
    y.backward()
    swept = clock()
    del y
    return built - start, swept - built, clock() - swept


def graph(nodes: int) -> Value:
    """A graph of about this many nodes."""
    y: Value = chain(Value(1.0), nodes)
    return y


def chain(y: Any, nodes: int) -> Any:
    """Multiplications and additions with sharing, for the nodes of any engine."""
    for _ in range(nodes // 3):
        y = (y * 0.999 + y) * 0.5
    return y


def traced_bytes(nodes: int) -> float:
    """The bytes of a node from Python's allocator."""
    tracemalloc.start()
    held = graph(nodes)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return size / nodes


def memory(line: str, file: str = "/proc/self/status") -> int | None:
    """A number of bytes that Linux reports, by the name of its line; ``None`` on other systems."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next(1024 * int(text.split()[1]) for text in lines if text.startswith(f"{line}:"))


if __name__ == "__main__":
    print(json.dumps(cost(int(sys.argv[1]))))

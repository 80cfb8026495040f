"""``python -m benchmarks [scalar|scale]``: print a table, in Markdown."""

from __future__ import annotations

import argparse
import platform
import statistics
import time

from benchmarks import scalar, scale


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="?", choices=["scalar", "scale"], help="both if left out")
    parser.add_argument("--repeat", type=int, default=5, help="interleaved repetitions, of which the median counts")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, medians of {options.repeat}")
    for which in [options.which] if options.which else ["scalar", "scale"]:
        print()
        print("\n".join(scalar_table(options.repeat) if which == "scalar" else scale_table()))


def scalar_table(repeat: int) -> list[str]:
    """The training step in every engine that is installed, interleaved, as multiples of ours."""
    steps = {name: scalar.step(value) for name, value in scalar.engines().items()}
    ours = next(iter(steps.values()))()
    for name, step in steps.items():
        if not scalar.agree(ours, step()):
            raise SystemExit(f"{name} finds other gradients: nothing is timed")
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(repeat):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    best = next(iter(medians.values()))
    rows = [f"| {name} | {1e3 * seconds:.0f} ms | {seconds / best:.1f} |" for name, seconds in medians.items()]
    return ["| engine | one training step | multiple of ours |", "|---|---|---|", *rows]


def scale_table() -> list[str]:
    """What a node costs in graphs of growing size."""
    costs = [scale.cost(10**power) for power in range(3, 7)]
    rows = [f"| {c.nodes:,} | {c.build:.0f} | {c.sweep:.0f} | {c.bytes:.0f} |" for c in costs]
    return ["| nodes | build, ns a node | sweep, ns a node | bytes a node |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    main()

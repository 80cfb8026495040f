"""Attacks on what is promised: kill it anywhere, interrupt it anywhere, hand it anything.

``make attack`` runs them for about an hour, ``.ci/run`` for half a minute.  The same seed makes the same attacks,
except for the moments at which processes are killed.  The exit code is 1 if anything was lost, crashed, executed or
half changed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable

from tests.attack import files, formulas, interrupts, kills, labels

ATTACKS: dict[str, tuple[Callable[[int, int], Counter[str]], int]] = {
    "trainings killed": (kills.attack, 2_000),
    "formulas": (formulas.attack, 1_000_000),
    "damaged files": (files.attack, 50_000),
    "labels": (labels.attack, 10_000),
    "interrupts": (interrupts.attack, 50_000),
}
"""For each attack its function of a number of attempts and a seed, and the number of attempts of a full run."""


def main() -> int:
    """Run the attacks and print what they counted; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="the share of a full run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=ATTACKS, action="append", help="an attack; all of them by default")
    options = parser.parse_args()
    failed = 0
    for name in options.only or ATTACKS:
        attack, full = ATTACKS[name]
        start = time.perf_counter()
        counts = attack(max(1, round(full * options.scale)), options.seed)
        failed += sum(count for kind, count in counts.items() if kind in FAILURES)
        found = ", ".join(f"{counts[kind]:,} {kind}" for kind in (*FAILURES, *(counts.keys() - set(FAILURES))))
        print(f"{name}: {found} ({time.perf_counter() - start:.0f} s)", flush=True)
    return 1 if failed else 0


FAILURES = ("lost", "crashed", "executed", "half changed")

if __name__ == "__main__":
    sys.exit(main())

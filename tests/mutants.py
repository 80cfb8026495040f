"""Mutants: would a test notice if a sign, an operator or a number in the calculus were another one?

``make mutants`` changes one place at a time in the modules that hold calculus, and runs the tests that guard the
module, until one fails.  Cosmic Ray makes the changes.  A mutant that no test fails on has *survived*: a test is
missing, or the mutant computes the same.  The latter are listed, with the reason, in ``mutants.json`` beside this file.
The same seed takes the same sample.  The exit code is 1 if more than 5 % survive without a reason.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parent.parent

TABLE = "test_rules test_special test_primitive test_check_primitives test_agree test_zeros test_classics"
ARRAYS = "test_arrays test_transforms_arrays test_numpy_functions test_agree test_liveness test_zeros"
NETS = "test_functional test_layers test_array_losses test_losses test_notes_networks"
GUARDS = {
    "autograd/core/rules.py": TABLE,
    "autograd/core/special.py": TABLE,
    "autograd/core/sweep.py": "test_sweep test_core test_value test_third_node test_arrays test_graphs test_transforms",
    "autograd/core/liveness.py": "test_liveness test_zeros test_agree",
    "autograd/arrays/operations.py": ARRAYS,
    "autograd/arrays/losses.py": NETS,
    "autograd/explain/paths.py": "test_paths test_flows test_claims test_cli",
    "autograd/explain/flows.py": "test_flows test_groups",
    "nn/optimizers.py": "test_optim test_train test_notes",
    "nn/adaptive.py": "test_optim",
    "nn/losses.py": NETS,
}
"""The modules that hold calculus, and for each the tests that must notice a change."""

MEANINGFUL = (
    "NumberReplacer",
    "AddNot",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceUnaryOperator_Delete_",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_Pow_Mul",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
)
"""The operators that we use: those of the others that differ, such as ``*`` for ``>>``, raise on the first call."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Attributes:
        module: the file.
        source: the whole module with the change.
        before: the lines that are changed.
        after: the lines in their place.
        line: the number of the first of them.
    """

    module: str
    source: str
    before: str
    after: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line}\n    - {self.before}\n    + {self.after}"


def sampled(module: str, count: int | None, seed: int) -> Iterator[Mutant]:
    """Mutants of a module, each with another change: all of them in a random order, or the first ``count``."""
    source = (ROOT / module).read_text(encoding="utf-8")
    nodes = list(ast_nodes(get_ast(source)))
    changes = [
        (name, place)
        for name in operator_names()
        if name.partition("/")[2].startswith(MEANINGFUL)
        for place in range(sum(len(list(get_operator(name)().mutation_positions(node))) for node in nodes))
    ]
    random.Random(f"{seed} {module}").shuffle(changes)
    for name, place in changes[:count]:
        mutated = mutate_code(source, get_operator(name)(), place)
        if mutated not in (None, source):
            yield compared(module, source, mutated)


def compared(module: str, source: str, mutated: str) -> Mutant:
    """The mutant, with the lines in which it differs from the source."""
    old, new = source.splitlines(), mutated.splitlines()
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    _, first, last, first_new, last_new = next(change for change in changes if change[0] != "equal")
    before, after = (" ".join(map(str.strip, lines)) for lines in (old[first:last], new[first_new:last_new]))
    return Mutant(module, mutated, before, after, first + 1)


# ---------------------------------------------------------------------------------------------------------------------
# Running the tests
# ---------------------------------------------------------------------------------------------------------------------


class Copies:
    """Copies of the repository in which the tests run as plain Python, one for each worker."""

    def __init__(self, folder: Path, count: int) -> None:
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        self.free: SimpleQueue[Path] = SimpleQueue()
        for number in range(count):
            copy = folder / str(number)
            for name in filter(None, tracked.stdout.split("\0")):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
            self.free.put(copy)

    def passes(self, module: str, source: str, limit: float | None = None) -> bool:
        """Whether the tests of a module pass with this source; running out of time is a failure."""
        copy = self.free.get()
        original = (copy / module).read_text(encoding="utf-8")
        try:
            (copy / module).write_text(source, encoding="utf-8")
            tests = [f"tests/{name}.py" for name in GUARDS[module].split()]
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-k",
                "not current",
                *tests,
            ]
            environment = {**os.environ, "PATHGRAD_PURE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
            run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            return False
        else:
            return run.returncode == 0
        finally:
            (copy / module).write_text(original, encoding="utf-8")
            self.free.put(copy)


def main() -> int:
    """Try the mutants and print those that survive; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, default=40, help="how many mutants of each module; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", choices=GUARDS, action="append", help="a module; all of them by default")
    options = parser.parse_args()
    tried, unexplained = 0, 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        copies = Copies(Path(folder), options.jobs)
        for module in options.only or GUARDS:
            source = (ROOT / module).read_text(encoding="utf-8")
            start = time.perf_counter()
            if not copies.passes(module, source):
                raise SystemExit(f"the tests of {module} fail on the module as it is")
            limit = 30 + 3 * (time.perf_counter() - start)
            found = list(sampled(module, options.sample or None, options.seed))
            passes = partial(copies.passes, module, limit=limit)
            passed = list(pool.map(passes, [mutant.source for mutant in found]))
            survivors = [mutant for mutant, survives in zip(found, passed, strict=True) if survives]
            print(f"{module}: {len(found) - len(survivors)} of {len(found)} killed", flush=True)
            for mutant in survivors:
                reason = EQUIVALENT.get((mutant.module, mutant.before, mutant.after))
                unexplained += reason is None
                print(f"  {mutant}\n    {reason or 'no test notices this'}", flush=True)
            tried += len(found)
    print(f"{tried - unexplained} of {tried} killed or equivalent ({1 - unexplained / tried:.1%})")
    return 1 if unexplained > 0.05 * tried else 0


EQUIVALENT = {
    (known["module"], known["before"], known["after"]): known["reason"]
    for known in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
}
"""Why a mutant that survives computes the same, by its module and its lines."""

if __name__ == "__main__":
    sys.exit(main())

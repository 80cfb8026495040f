"""Mutants: would a test notice if a sign, an operator or a number in the calculus were another one?

``make mutants`` changes one place at a time in the modules that hold calculus, and runs the tests that guard the
module, until one fails.  Cosmic Ray makes the changes.  A mutant that no test fails on has *survived*: a test is
missing, or the mutant computes the same.  The latter are listed, with the reason, in ``mutants.json`` beside this file;
an entry without ``after`` speaks of every change of its line.  They take longest, because every test passes, and are
tried with ``--known`` alone.  The same seed takes the same sample.  The exit code is 1 if more than 5 % survive without
a reason.
"""

from __future__ import annotations

import argparse
import ast
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
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parent.parent

TABLE = "test_rules test_special test_written test_zeros test_primitive test_classics test_agree"
ARRAYS = "test_arrays test_liveness test_zeros test_transforms_arrays test_numpy_functions test_agree"
SPECIAL = "logarithms normal_distribution cardinal_sine gamma_functions incomplete_functions bessel_functions"
GUARDS = {
    "autograd/core/rules.py": TABLE,
    **{f"autograd/core/special/{name}.py": TABLE for name in SPECIAL.split()},
    "autograd/core/sweep.py": "test_sweep test_third_node test_liveness test_core test_graphs",
    "autograd/core/liveness.py": "test_liveness test_zeros test_agree",
    "autograd/arrays/operations.py": ARRAYS,
    "autograd/arrays/losses.py": "test_array_losses test_losses",
    "autograd/explain/paths.py": "test_paths test_neuron test_flows",
    "autograd/explain/flows.py": "test_flows",
    "nn/optimizers.py": "test_optim_rules test_optim",
    "nn/adaptive.py": "test_optim_rules test_optim",
    "nn/losses.py": "test_losses test_array_losses test_functional",
}
"""The modules that hold calculus, and for each the tests that must notice a change, the first to notice first."""

EXCEPT = "not current and not check_of_primitives and not gradients_in_both_operands"
"""Tests that compare generated files with the table, and slow ones that notice nothing more than the others."""

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
        names: of the functions that it concerns, in the words of pytest's ``-k``; empty if there are none.
    """

    module: str
    source: str
    before: str
    after: str
    line: int
    names: str

    def reason(self) -> str | None:
        """Why it computes the same, if that is known."""
        line = self.module, self.before
        return EQUIVALENT.get((*line, self.after)) or EQUIVALENT.get((*line, None))

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
    return Mutant(module, mutated, before, after, first + 1, concerned(first + 1, source))


def concerned(line: int, source: str) -> str:
    """The functions that a change of this line concerns, in pytest's words; those that use it if it is a helper."""
    statements = {defined(node): node for node in ast.parse(source).body}
    names, public = [name for name, node in statements.items() if name and line in lines_of(node)], dict[str, None]()
    for name in names:  # which grow
        if name.startswith("_") or name.isupper():
            users = [user for user, node in statements.items() if user not in names and mentions(node, name)]
            names += filter(None, users)
        else:
            public[name.partition("_of_")[0]] = None
    return " or ".join(public)


def defined(node: ast.stmt) -> str:
    """The name that a statement gives to what it makes; empty if there is none."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node
    return target.id if isinstance(target, ast.Name) else getattr(target, "name", "")


def lines_of(node: ast.stmt) -> range:
    """The lines of a statement, with its decorators."""
    first = min(x.lineno for x in [node, *getattr(node, "decorator_list", [])])
    return range(first, (node.end_lineno or first) + 1)


def mentions(node: ast.stmt, name: str) -> bool:
    """Whether a statement uses a name."""
    return any(isinstance(x, ast.Name) and x.id == name for x in ast.walk(node))


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

    def passes(self, module: str, source: str, names: str = "", limit: float | None = None) -> bool:
        """Whether the tests of a module pass with this source, first those that bear one of the names.

        Running out of time is a failure.
        """
        copy = self.free.get()
        original = (copy / module).read_text(encoding="utf-8")
        try:
            (copy / module).write_text(source, encoding="utf-8")
            return all(self._passes(copy, module, chosen, limit) for chosen in dict.fromkeys([names, ""]))
        except subprocess.TimeoutExpired:
            return False
        finally:
            (copy / module).write_text(original, encoding="utf-8")
            self.free.put(copy)

    def _passes(self, copy: Path, module: str, chosen: str, limit: float | None) -> bool:
        """Whether the tests pass that ``chosen`` selects, all if it is empty; so does no test at all.

        The first run leaves the bytecode of everything but the module, which is changed too quickly for its date.
        """
        Path(cache_from_source(str(copy / module))).unlink(missing_ok=True)
        tests = [*(f"tests/{name}.py" for name in GUARDS[module].split()), module]
        options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=quick", "-k"]
        options.append(f"({chosen}) and {EXCEPT}" if chosen else EXCEPT)
        command = [sys.executable, "-m", "pytest", *options, *tests]
        environment = {**os.environ, "PATHGRAD_PURE": "1"} | ({"PYTHONDONTWRITEBYTECODE": "1"} if limit else {})
        run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=limit, check=False)
        return run.returncode in (0, pytest.ExitCode.NO_TESTS_COLLECTED)


def survivors(module: str, found: list[Mutant], known: bool, copies: Copies, pool: ThreadPoolExecutor) -> list[Mutant]:
    """Those that no test fails on; unless ``known``, they include without a trial those known to compute the same."""
    source = (ROOT / module).read_text(encoding="utf-8")
    start = time.perf_counter()
    if not copies.passes(module, source):
        raise SystemExit(f"the tests of {module} fail on the module as it is")
    limit = 30 + 3 * (time.perf_counter() - start)

    def survives(mutant: Mutant) -> bool:
        is_known = not known and mutant.reason() is not None
        return is_known or copies.passes(module, mutant.source, mutant.names, limit)

    return [mutant for mutant, survived in zip(found, pool.map(survives, found), strict=True) if survived]


def main() -> int:
    """Try the mutants and print those that survive; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, default=40, help="how many mutants of each module; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--known", action="store_true", help="try those that are known to compute the same, too")
    parser.add_argument("--only", choices=GUARDS, action="append", help="a module; all of them by default")
    options = parser.parse_args()
    tried, unexplained = 0, 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        copies = Copies(Path(folder), options.jobs)
        for module in options.only or GUARDS:
            found = list(sampled(module, options.sample or None, options.seed))
            survived = survivors(module, found, options.known, copies, pool)
            print(f"{module}: {len(found) - len(survived)} of {len(found)} killed", flush=True)
            for mutant in survived:
                print(f"  {mutant}\n    {mutant.reason() or 'no test notices this'}", flush=True)
            tried += len(found)
            unexplained += sum(mutant.reason() is None for mutant in survived)
    print(f"{tried - unexplained} of {tried} killed or equivalent ({1 - unexplained / tried:.1%})")
    return 1 if unexplained > 0.05 * tried else 0


EQUIVALENT = {
    (known["module"], known["before"], known.get("after")): known["reason"]
    for known in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
}
"""Why a mutant that survives computes the same, by its module and its lines."""

if __name__ == "__main__":
    sys.exit(main())

"""The command: ``python -m benchmarks [GROUP] [--repeat N] [--hips PYTHON] [--json FILE] [--readme]``."""

from __future__ import annotations

import argparse
import importlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import ROOT
from benchmarks.measure import Options
from benchmarks.report import Report, machine, summary

GROUPS = {
    "scalar": "the eager training step, number by number",
    "compiled": "the compiled training step",
    "functions": "functions of many variables, without a batch",
    "matrices": "Jacobians and Hessians",
    "tensor": "networks of arrays",
    "fit": "training with fit",
    "scale": "what a node costs",
    "growth": "costs that grow with the size of a graph",
    "draw": "pictures",
    "page": "the page that explores a graph",
}

FILES = [ROOT / "README.md", ROOT / "docs/speed.md"]
"""The files that show tables, between marks with the name of a group; the summary of all is for the README."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen groups, print their tables, and write them to the chosen files."""
    parsed = parser().parse_args(arguments)
    options = Options(parsed.repeat, parsed.hips, parsed.quick)
    conditions = f"{machine()}; processor time of one thread, medians of {options.repeat} interleaved rounds or more."
    print(conditions)
    reports: dict[str, Report] = {}
    for group in [parsed.group] if parsed.group else GROUPS:
        report = importlib.import_module(f"benchmarks.{group}").measure(options)
        reports[group] = report
        print(f"\n## {group}: {GROUPS[group]}\n\n{report.markdown()}", flush=True)
        if report.goals:
            print("\nGoals:\n", *report.goals, sep="\n", flush=True)
    if parsed.json:
        found = {"machine": conditions, "groups": {group: report.as_json() for group, report in reports.items()}}
        parsed.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if parsed.readme:
        tables = {group: report.markdown() for group, report in reports.items()}
        if overview := summary([race for report in reports.values() for race in report.races]):
            tables["summary"] = "\n".join(overview)
        for file in FILES:
            text = file.read_text(encoding="utf-8")
            for name, table in tables.items():
                text = rewritten(text, name, f"{table}\n\n{conditions}")
            file.write_text(text, encoding="utf-8")
        for name, figure in [entry for report in reports.values() for entry in report.files.items()]:
            (ROOT / name).write_text(figure, encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast every engine is, as ratios.")
    parser.add_argument("group", nargs="?", choices=GROUPS, help="the group to run; all groups by default")
    parser.add_argument(
        "--repeat", type=positive, default=7, metavar="N", help="the least number of rounds, of which the median counts"
    )
    parser.add_argument(
        "--hips",
        metavar="PYTHON",
        default=os.environ.get("HIPS_PYTHON"),
        help="the Python of an environment with HIPS autograd (or set HIPS_PYTHON)",
    )
    parser.add_argument("--quick", action="store_true", help="run only the smallest tasks, as a test")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all numbers to this file")
    parser.add_argument(
        "--readme", action="store_true", help="also write tables and figures for README.md and docs/speed.md"
    )
    return parser


def positive(text: str) -> int:
    """Parse a number of rounds."""
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"the number of rounds must be at least 1, not {text!r}")
    return int(text)


def rewritten(text: str, name: str, tables: str) -> str:
    """The text with new tables between the marks of that name; unchanged if it has no such marks."""
    start, end = f"<!-- benchmarks {name} -->\n", f"<!-- end of benchmarks {name} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    return f"{before}{start}{tables}\n{end}{after}" if found and closed else text

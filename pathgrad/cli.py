"""The command ``pathgrad``: explain a derivative along each path, check the notes' examples, train, draw figures.

A command computes everything before it writes anything, so that a failed command leaves nothing behind.  Errors that
the user can fix are one sentence on standard error, with exit code 2.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from autograd import (
    Definition,
    FormulaError,
    Paths,
    Value,
    check_claim,
    define,
    definitions,
    evaluate_number,
    paths,
    render,
)

__all__ = ["main"]

_JSON_LIMIT = 1000
_TEXT_LIMIT = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the words after ``pathgrad``; by default those of the command line.

    Returns:
        The exit code: 0 for success, 1 if a claim is wrong or an example of the notes is not reproduced, 2 for an error
        that the user can fix, 130 if Ctrl-C ended a training.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # print a question mark if the terminal lacks ∂
            stream.reconfigure(errors="replace")
    try:
        return int(options.run(options))
    except (FormulaError, LookupError, ImportError, OSError, RuntimeError, ValueError, FloatingPointError) as error:
        message = error.args[0] if isinstance(error, LookupError) and error.args else error
        print(f"pathgrad: {message}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pathgrad", description="The gradient as a sum over paths of products of local derivatives."
    )
    parser.add_argument("--version", action="version", version=f"pathgrad {version('pathgrad')}")
    commands = parser.add_subparsers(required=True, metavar="command")

    explain = commands.add_parser(
        "explain",
        help="show a derivative along each path",
        description="Differentiate formulas along each path of their dependency graph.",
        epilog='example: pathgrad explain "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)" --at w=0',
    )
    explain.add_argument("formulas", help='definitions in any order, such as "y = x**2; x = exp(w)"')
    explain.add_argument(
        "--at",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="values of the variables, as in --at w=0 v=pi/2",
    )
    explain.add_argument(
        "--wrt",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="differentiate with respect to these variables only",
    )
    explain.add_argument(
        "--claim",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=FORMULA",
        help='check derivatives found by hand, as in --claim "w = -1/x**2 * 2*v * v"; values are not needed',
    )
    explain.add_argument("--png", metavar="FILE", help="draw the graph of the named variables (also .svg, .pdf, .dot)")
    style = explain.add_mutually_exclusive_group()
    style.add_argument("--latex", action="store_true", help="print LaTeX")
    style.add_argument("--json", action="store_true", help="print JSON")
    explain.add_argument("--limit", type=int, metavar="N", help="list at most N paths for each derivative")
    explain.set_defaults(run=_explain)

    notes = commands.add_parser(
        "notes",
        help="recompute the worked examples of the lecture notes",
        description="Recompute worked examples of the lecture notes, and compare them with what is printed there.",
    )
    notes.add_argument("ids", nargs="*", metavar="ID", help="the examples; by default all of them")
    notes.add_argument("--json", action="store_true", help="print JSON")
    notes.set_defaults(run=_notes)

    train = commands.add_parser(
        "train",
        help="train a network on digits or on points in the plane",
        description="Train a multilayer perceptron, and measure its accuracy on held-out samples.",
        epilog="example: pathgrad train moons --hidden 16,16 --activation relu --save moons.npz",
    )
    train.add_argument("task", nargs="?", metavar="TASK", help="the task; without it, all tasks are listed")
    train.add_argument("--epochs", type=int, metavar="N", help="the number of passes over all samples")
    train.add_argument("--hidden", metavar="N,N,...", help="the sizes of the hidden layers, as in --hidden 32,32")
    train.add_argument("--activation", metavar="NAME", help="tanh, relu, sigmoid, ...")
    train.add_argument("--optimizer", metavar="NAME", help="adam, adamw, sgd, rmsprop or adagrad", default="adam")
    train.add_argument("--lr", type=float, metavar="RATE", help="the learning rate at the start")
    train.add_argument("--batch", type=int, metavar="N", help="the number of samples for each step")
    train.add_argument("--seed", type=int, metavar="N", help="the seed of all randomness; by default 0", default=0)
    train.add_argument("--scalar", action="store_true", help="use a network of single numbers instead of arrays")
    train.add_argument("--checkpoint", metavar="FILE", help="write this file after each epoch; resume if it exists")
    train.add_argument("--save", metavar="FILE", help="write the weights to a .npz file")
    curve = train.add_mutually_exclusive_group()
    curve.add_argument("--plot", metavar="FILE", help="draw the losses (.png, .svg, .pdf); by default TASK-loss.png")
    curve.add_argument("--no-plot", action="store_true", help="draw nothing")
    train.set_defaults(run=_train)

    figure = commands.add_parser(
        "figure",
        help="draw a figure of the lecture notes",
        description="Draw a figure of the lecture notes, computed by the engine.",
    )
    figure.add_argument("name", nargs="?", metavar="NAME", help="the figure; without it, all figures are listed")
    figure.add_argument("file", nargs="?", metavar="FILE", help=".png, .svg or .pdf; by default NAME.png")
    figure.set_defaults(run=_figure)
    return parser


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad explain
# ---------------------------------------------------------------------------------------------------------------------


def _explain(options: argparse.Namespace) -> int:
    if options.limit is not None and options.limit < 1:
        raise ValueError(f"--limit must be positive, not {options.limit}")
    if options.claim:
        return _claims(options)
    graph = define(options.formulas, dict(map(_assignment, options.at)))
    ordered = definitions(options.formulas)
    outputs = _outputs(ordered, graph)
    inputs = [_named(graph, name) for name in options.wrt] or [node for node in graph.values() if node.op is None]
    found = {output: [paths(output, input) for input in inputs] for output in outputs}
    if options.json:
        limit = options.limit or _JSON_LIMIT
        records = [_record(output, derivatives, limit) for output, derivatives in found.items()]
        text = json.dumps(records[0] if len(records) == 1 else records, indent=2, ensure_ascii=False, allow_nan=False)
    elif options.latex:
        text = "\n".join(p.latex(options.limit or _TEXT_LIMIT) for derivatives in found.values() for p in derivatives)
    else:
        text = _text(ordered, graph, found, options.limit or _TEXT_LIMIT)
    files = _draw(outputs, graph, Path(options.png)) if options.png else []
    print(text)
    if files and not (options.json or options.latex):
        print("\nThe graph of the named variables is drawn in", *files)
    return 0


def _claims(options: argparse.Namespace) -> int:
    """Check the claims; the exit code is 1 if one is wrong."""
    if options.wrt or options.png or options.latex or options.limit:
        raise ValueError("--claim goes with --at and --json alone")
    ordered = definitions(options.formulas)
    used = {name for definition in ordered for name in definition.uses}
    outputs = [definition.name for definition in ordered if definition.name not in used]
    if len(outputs) > 1 and not all("/" in claim.partition("=")[0] for claim in options.claim):
        raise ValueError(f"the formulas have several outputs ({', '.join(outputs)}): claim as in --claim "
                         f'"d{outputs[0]}/dx = …"')  # fmt: skip
    checked = check_claim(options.formulas, outputs[0], options.claim, dict(map(_assignment, options.at)))
    print(json.dumps(checked.as_json(), indent=2, ensure_ascii=False) if options.json else checked)
    return 0 if checked else 1


def _draw(outputs: list[Value], graph: dict[str, Value], file: Path) -> list[Path]:
    """Draw the graph of each output; if there are several, each into a file with its name."""
    files = [file] if len(outputs) == 1 else [file.with_stem(f"{file.stem}-{output.label}") for output in outputs]
    for output, target in zip(outputs, files, strict=True):
        for node in graph.values():
            node.grad = None
        output.backward()
        render(output, target, named=True)
    return files


def _assignment(text: str) -> tuple[str, float]:
    name, equals, number = text.partition("=")
    if not equals:
        raise FormulaError(f'--at takes NAME=VALUE, not "{text}"')
    return name.strip(), evaluate_number(number)


def _named(graph: dict[str, Value], name: str) -> Value:
    if name not in graph:
        raise LookupError(f"--wrt {name}: unknown variable; the variables are {', '.join(graph)}")
    return graph[name]


def _outputs(ordered: list[Definition], graph: dict[str, Value]) -> list[Value]:
    """The variables that no other definition uses, in the order of their definitions."""
    used = {name for definition in ordered for name in definition.uses}
    return [graph[definition.name] for definition in ordered if definition.name not in used]


def _text(ordered: list[Definition], graph: dict[str, Value], found: dict[Value, list[Paths]], limit: int) -> str:
    text = {definition.name: definition.text for definition in ordered}
    lines = [f"{name} = {text[name]} = {node.data:.10g}" if name in text else f"{name} = {node.data:.10g}"
             for name, node in graph.items()]  # fmt: skip
    tables = [p.table(limit) for derivatives in found.values() for p in derivatives]
    return "\n\n".join(["\n".join(lines), *tables])


def _record(output: Value, derivatives: list[Paths], limit: int) -> dict[str, Any]:
    listed = [path for found in derivatives for path in islice(found, limit)]
    return {
        "output": output.label,
        "value": _json_number(output.data),
        "gradients": {found.input.label: _json_number(found.gradient) for found in derivatives},
        "paths": [
            {
                "nodes": list(path.names),
                "partials": [_json_number(partial) for partial in path.partials],
                "formulas": [edge.formula for edge in path.edges],
                "product": _json_number(path.product),
            }
            for path in listed
        ],
        "count": sum(found.count for found in derivatives),
        "sum": _json_number(sum(found.sum for found in derivatives)),
    }


def _json_number(x: float) -> float | str:
    """A number for JSON, which lacks infinity and NaN: they become strings."""
    return x + 0.0 if math.isfinite(x) else str(x)


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad notes
# ---------------------------------------------------------------------------------------------------------------------


def _notes(options: argparse.Namespace) -> int:
    from pathgrad.notes import report, run

    results = run(options.ids or None)
    if options.json:
        print(json.dumps([result.as_json() for result in results], indent=2, ensure_ascii=False))
    else:
        print(report(results))
    return 0 if all(result.ok for result in results) else 1


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad train, pathgrad figure
# ---------------------------------------------------------------------------------------------------------------------


def _train(options: argparse.Namespace) -> int:
    from pathgrad.training import list_tasks, train

    return train(options) if options.task else list_tasks()


def _figure(options: argparse.Namespace) -> int:
    from pathgrad.figures import FIGURES, save

    if options.name is None:
        for name, draw in FIGURES.items():
            about = (draw.__doc__ or "").strip().splitlines()[0].partition(" (notes:")[0].rstrip(".")
            print(f"{name:{max(map(len, FIGURES))}}  {about}")
        return 0
    if options.name not in FIGURES:
        raise LookupError(f"there is no figure {options.name!r}; the figures are {', '.join(FIGURES)}")
    print("drawn in", save(FIGURES[options.name](), options.file or f"{options.name}.png"))
    return 0

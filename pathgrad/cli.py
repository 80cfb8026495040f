"""The command ``pathgrad``: explain derivatives, step through sweeps, check backward passes and the notes, train.

A command computes everything before it writes anything, so that a failed command leaves nothing behind.  Errors that
the user can fix are one sentence on standard error, with exit code 2.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
import warnings
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import (
    Definition,
    EngineError,
    FormulaError,
    Paths,
    Value,
    check_backprop,
    check_claim,
    define,
    definitions,
    draw_steps,
    evaluate_number,
    mermaid,
    paths,
    render,
    steps,
    tree,
    variables,
    write_html,
    write_playground,
)
from autograd.notebook import json_number
from autograd.safety import printable
from pathgrad import __version__
from pathgrad.names import chosen

if TYPE_CHECKING:
    from pathgrad.exercises import Exercise

__all__ = ["main"]

_JSON_LIMIT = 1000
_TEXT_LIMIT = 20
_TREE_LIMIT = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the words after ``pathgrad``; by default those of the command line.

    Returns:
        The exit code: 0 for success, 1 if a claim, an answer or a gradient is wrong or an example of the notes is not
        reproduced, 2 for an error that the user can fix, 130 after Ctrl-C, 141 if the output was no longer read.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # print a question mark if the terminal lacks ∂
            stream.reconfigure(errors="replace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: print(f"pathgrad: {message}", file=sys.stderr)
            code = int(options.run(options))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("pathgrad: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # as in pathgrad notes | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where Python flushes the rest at its exit
        return 141
    except (FormulaError, LookupError, ImportError, OSError, RuntimeError, ValueError, FloatingPointError) as error:
        print(f"pathgrad: {_message(error)}", file=sys.stderr)
        return 2


def _message(error: Exception) -> str:
    """The sentence of an error, and the place in a formula that it is about."""
    message = error.args[0] if isinstance(error, LookupError) and error.args else error
    text = "\n".join([str(message), *getattr(error, "__notes__", ())])
    return "\n".join(printable(line, None) for line in text.split("\n"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pathgrad", description="The gradient as a sum over paths of products of local derivatives."
    )
    parser.add_argument("--version", action="version", version=f"pathgrad {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    explain = commands.add_parser(
        "explain",
        help="show a derivative along each path",
        description="Differentiate formulas along each path of their dependency graph; without values, in letters.",
        epilog='example: pathgrad explain "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)" --at w=0',
    )
    _add_formulas(explain)
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
    style.add_argument("--mermaid", action="store_true", help="print the graph in Mermaid, for Markdown")
    style.add_argument("--tree", action="store_true", help="print the graph as a tree, with the local derivatives")
    explain.add_argument("--limit", type=int, metavar="N", help="list at most N paths, or N lines of a tree")
    explain.set_defaults(run=_explain)

    step = commands.add_parser(
        "step",
        help="walk through the backward sweep",
        description="Walk through the backward sweep from the output, edge by edge. In a terminal, Enter goes on.",
        epilog='example: pathgrad step "y = x*z; z = x + 1" --at x=2',
    )
    _add_formulas(step)
    step.add_argument("--elementary", action="store_true", help="step through every operation, not only the variables")
    step.add_argument("--svg", metavar="FILE", help="draw a picture of each step into one file")
    step.add_argument("--json", action="store_true", help="print JSON")
    step.set_defaults(run=_step, wrt=[], claim=[])

    explore = commands.add_parser(
        "explore",
        help="write an HTML page to explore a graph",
        description="Write one HTML file in which a reader follows paths, moves inputs and steps the backward sweep.",
        epilog='example: pathgrad explore "y = 1/x; x = exp(w)" --at w=0 --html page.html',
    )
    _add_formulas(explore)
    explore.add_argument("--html", metavar="FILE", required=True, help="the file to write")
    explore.add_argument("--playground", action="store_true", help="add a box in which the formulas can be changed")
    explore.add_argument("--language", choices=("en", "ko"), help="by default that of the browser")
    explore.set_defaults(run=_explore, wrt=[], claim=[])

    backprop = commands.add_parser(
        "check-backprop",
        help="check a backward pass written by hand, line by line",
        description="Check a backward pass that was written by hand in NumPy, line by line. This runs the code in the "
        "file, with all that it does: check only files that you would run yourself.",
        epilog="example: pathgrad check-backprop homework.py --run",
    )
    backprop.add_argument("file", metavar="FILE", help="Python code with a forward and a backward pass")
    backprop.add_argument("--run", dest="agreed", action="store_true", help="agree that the code in the file is run")
    backprop.add_argument("--loss", metavar="NAME", help="the name of the loss; by default loss, cost, J, E, L or C")
    backprop.add_argument("--inputs", metavar="FILE", help="a .npz file with arrays that the code uses by their names")
    backprop.add_argument("--json", action="store_true", help="print JSON")
    backprop.set_defaults(run=_check_backprop)

    notes = commands.add_parser(
        "notes",
        help="recompute the worked examples of the lecture notes",
        description="Recompute worked examples of the lecture notes, and compare them with what is printed there.",
    )
    notes.add_argument("ids", nargs="*", metavar="ID", help='examples, or patterns such as "gd-*"; by default all')
    notes.add_argument("--chapter", type=int, choices=range(5), metavar="N", help="only those of the notes 0 to 4")
    notes.add_argument("--errata", action="store_true", help="only those where the notes err")
    shape = notes.add_mutually_exclusive_group()
    shape.add_argument("--list", action="store_true", help="list them by title, and compute nothing")
    shape.add_argument("--json", action="store_true", help="print JSON")
    notes.set_defaults(run=_notes)

    exercise = commands.add_parser(
        "exercise",
        help="practise the chain rule",
        description="Pose a problem on the chain rule, check the answer, and show the solution along each path.",
        epilog="example: pathgrad exercise --sheet 10 --latex > sheet.tex",
    )
    exercise.add_argument("--seed", type=int, metavar="N", help="the number of the exercise; by default a random one")
    exercise.add_argument("--level", type=int, choices=(1, 2, 3), default=2, help="from polynomials to longer graphs")
    exercise.add_argument("--paths", type=int, metavar="K", help="the number of paths, from 1 to 8")
    exercise.add_argument("--answer", metavar="CLAIM", help="check this number or formula instead of asking for one")
    exercise.add_argument("--sheet", type=int, metavar="N", help="print N exercises, then their solutions")
    exercise.add_argument("--latex", action="store_true", help="print the sheet as a LaTeX document")
    exercise.set_defaults(run=_exercise)

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
    train.add_argument(
        "--resume-anyway", action="store_true", help="resume with another task, seed, learning rate or batch size"
    )
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


def _add_formulas(parser: argparse.ArgumentParser) -> None:
    """The arguments of a command that takes formulas and the values of their variables."""
    parser.add_argument(
        "formulas",
        nargs="?",
        help='definitions in any order, such as "y = x**2; x = exp(w)", or a file of them, or - for standard input',
    )
    parser.add_argument(
        "--at",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="values of the variables, as in --at w=0 v=pi/2",
    )


def _width() -> int | None:
    """The width of the terminal; ``None`` in a pipe, unless the variable COLUMNS gives one."""
    return shutil.get_terminal_size(fallback=(0, 0)).columns or None


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad explain
# ---------------------------------------------------------------------------------------------------------------------


def _explain(options: argparse.Namespace) -> int:
    if options.limit is not None and options.limit < 1:
        raise ValueError(f"--limit must be positive, not {options.limit}")
    options.formulas = _formulas(options)
    if options.claim:
        return _claims(options)
    ordered = definitions(options.formulas)
    graph, letters = _graph(options, ordered)
    if letters and options.tree:
        raise FormulaError("--tree shows numbers: give every variable a value, as in --at w=1")
    outputs = _outputs(ordered, graph)
    inputs = _chosen(options.wrt, graph) or [node for node in graph.values() if node.op is None]
    found = {output: [paths(output, input, named=True, letters=letters) for input in inputs] for output in outputs}
    if options.json:
        limit = options.limit or _JSON_LIMIT
        records = [_record(output, derivatives, limit) for output, derivatives in found.items()]
        text = json.dumps(records[0] if len(records) == 1 else records, indent=2, ensure_ascii=False, allow_nan=False)
    elif options.mermaid:
        text = "".join(mermaid(_swept(graph, output), named=True, letters=letters) for output in outputs).rstrip()
    elif options.tree:
        text = "\n\n".join(tree(_swept(graph, output), limit=options.limit or _TREE_LIMIT) for output in outputs)
    elif options.latex:
        text = "\n".join(p.latex(options.limit or _TEXT_LIMIT) for derivatives in found.values() for p in derivatives)
    else:
        text = _text(ordered, graph, found, options.limit or _TEXT_LIMIT)
    try:
        files = _draw(outputs, graph, Path(options.png), letters) if options.png else []
    except EngineError:
        print(text)  # right without the picture, too
        raise
    print(text)
    if files:
        apart = options.json or options.latex or options.mermaid or options.tree
        print(
            "" if apart else "\n", "drawn in ", ", ".join(map(str, files)), sep="", file=sys.stderr if apart else None
        )
    return 0


def _explore(options: argparse.Namespace) -> int:
    text = _formulas(options)
    if options.playground:
        at = ", ".join(f"{name}={value!r}" for name, value in _assignments(options.at).items())
        file = write_playground(options.html, text, at, language=options.language)
    else:
        graph = define(text, _assignments(options.at))
        outputs = _outputs(definitions(text), graph)
        if len(outputs) > 1:
            names = ", ".join(str(output.label) for output in outputs)
            raise ValueError(f"the formulas have several outputs ({names}): a page shows one")
        file = write_html(outputs[0], options.html, language=options.language)
    print("written to", file)
    return 0


def _formulas(options: argparse.Namespace) -> str:
    """The text of the formulas, which may be in a file or come from standard input."""
    text = options.formulas or _swallowed(options)
    if text == "-":
        return sys.stdin.read()
    is_file = "=" not in text and os.path.isfile(text)  # unlike Path.is_file, this takes text of any length
    return Path(text).read_text(encoding="utf-8") if is_file else text


def _swallowed(options: argparse.Namespace) -> str:
    """The formulas that argparse took for one more word of the option before them, as in ``--at w=0 "y = w**2"``."""
    for words, belongs in ((options.at, _is_assignment), (options.wrt, str.isidentifier)):
        for word in words:
            if not belongs(word):
                words.remove(word)
                return str(word)
    return options.claim.pop() if len(options.claim) > 1 else ""


def _is_assignment(text: str) -> bool:
    try:
        return bool(_assignments([text]))
    except FormulaError:
        return False


def _graph(options: argparse.Namespace, ordered: list[Definition]) -> tuple[dict[str, Value], bool]:
    """The graph, and whether it is one of letters: no variable has a value, though the formulas need some."""
    values = _assignments(options.at)
    free = variables(ordered)
    if free and not values:
        return define(options.formulas, letters=True), True
    try:
        return define(options.formulas, values), False
    except FormulaError as error:
        if values and set(values) < set(free):
            raise FormulaError(f"{error}: give every variable a value, or none for an answer in letters") from None
        raise


def _claims(options: argparse.Namespace) -> int:
    """Check the claims; the exit code is 1 if one is wrong."""
    if options.wrt or options.png or options.latex or options.mermaid or options.tree or options.limit:
        raise ValueError("--claim goes with --at and --json alone")
    ordered = definitions(options.formulas)
    used = {name for definition in ordered for name in definition.uses}
    outputs = [definition.name for definition in ordered if definition.name not in used]
    if len(outputs) > 1 and not all("/" in claim.partition("=")[0] for claim in options.claim):
        raise ValueError(f"the formulas have several outputs ({', '.join(outputs)}): claim as in --claim "
                         f'"d{outputs[0]}/dx = …"')  # fmt: skip
    checked = check_claim(options.formulas, outputs[0], options.claim, _assignments(options.at))
    print(json.dumps(checked.as_json(), indent=2, ensure_ascii=False) if options.json else checked)
    return 0 if checked else 1


def _draw(outputs: list[Value], graph: dict[str, Value], file: Path, letters: bool) -> list[Path]:
    """Draw the graph of each output; if there are several, each into a file with its name."""
    files = _files(file, outputs)
    for output, target in zip(outputs, files, strict=True):
        render(_swept(graph, output), target, named=True, letters=letters)
    return files


def _files(file: Path, outputs: list[Value]) -> list[Path]:
    """A file for each output: if there are several, each has its name."""
    return [file] if len(outputs) == 1 else [file.with_stem(f"{file.stem}-{output.label}") for output in outputs]


def _swept(graph: dict[str, Value], output: Value) -> Value:
    """The output, after a backward sweep from it and from no other."""
    for node in graph.values():
        node.grad = None
    output.backward()
    return output


def _assignments(words: Sequence[str]) -> dict[str, float]:
    """The values of ``--at``; a comma or semicolon may separate them, as in ``--at w=0,v=1``."""
    values: dict[str, float] = {}
    for text in [part for word in words for part in re.split("[,;](?=[^,;=]*=)", word)]:
        name, equals, number = (part.strip() for part in text.partition("="))
        if not equals:
            raise FormulaError(f'--at takes NAME=VALUE, not "{text}"')
        if not number:
            raise FormulaError(f"--at {name}= lacks the value: write one such as {name}=1")
        if name in values:
            raise FormulaError(f"--at gives {name} twice: as {values[name]:g} and as {number}")
        values[name] = evaluate_number(number)
    return values


def _chosen(names: Sequence[str], graph: dict[str, Value]) -> list[Value]:
    """The variables of ``--wrt``."""
    for name in names:
        if name not in graph:
            raise LookupError(f"--wrt {name}: unknown variable; the variables are {', '.join(graph)}")
        if names.count(name) > 1:
            raise ValueError(f"--wrt names {name} twice")
    return [graph[name] for name in names]


def _outputs(ordered: list[Definition], graph: dict[str, Value]) -> list[Value]:
    """The variables that no other definition uses, in the order of their definitions."""
    used = {name for definition in ordered for name in definition.uses}
    return [graph[definition.name] for definition in ordered if definition.name not in used]


def _text(ordered: list[Definition], graph: dict[str, Value], found: dict[Value, list[Paths]], limit: int) -> str:
    letters = next(iter(found.values()))[0].graph.letters
    tables = [p.table(limit, _width()) for derivatives in found.values() for p in derivatives]
    return "\n\n".join([_variables(ordered, graph, letters), *tables])


def _variables(ordered: list[Definition], graph: dict[str, Value], letters: bool) -> str:
    """A line for each variable, with its formula and its number."""
    text = {definition.name: definition.text for definition in ordered}
    lines = []
    for name, node in graph.items():
        parts = [name, *([text[name]] if name in text else []), *([] if letters else [f"{node.data:.10g}"])]
        lines += [" = ".join(parts)] * (len(parts) > 1)
    return "\n".join(lines)


def _record(output: Value, derivatives: list[Paths], limit: int) -> dict[str, Any]:
    listed = [path for found in derivatives for path in islice(found, limit)]
    if derivatives[0].graph.letters:
        return {
            "output": output.label,
            "paths": [
                {
                    "nodes": list(path.names),
                    "formulas": [edge.formula for edge in path.edges],
                    "product": path.formula,
                }
                for path in listed
            ],
            "count": sum(found.count for found in derivatives),
        }
    return {
        "output": output.label,
        "value": json_number(output.data),
        "gradients": {found.input.label: json_number(found.gradient) for found in derivatives},
        "paths": [
            {
                "nodes": list(path.names),
                "partials": [json_number(partial) for partial in path.partials],
                "formulas": [edge.formula for edge in path.edges],
                "product": json_number(path.product),
            }
            for path in listed
        ],
        "count": sum(found.count for found in derivatives),
        "sum": json_number(sum(found.sum for found in derivatives)),
    }


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad step
# ---------------------------------------------------------------------------------------------------------------------


def _step(options: argparse.Namespace) -> int:
    options.formulas = _formulas(options)
    ordered = definitions(options.formulas)
    graph, letters = _graph(options, ordered)
    if letters:
        raise FormulaError(f"a sweep needs numbers: give {', '.join(variables(ordered))} values with --at")
    outputs = _outputs(ordered, graph)
    sweeps = [steps(output, named=not options.elementary) for output in outputs]
    if options.svg:
        apart = sys.stderr if options.json else sys.stdout
        for output, file in zip(outputs, _files(Path(options.svg), outputs), strict=True):
            print("drawn in", draw_steps(output, named=not options.elementary).write(file), file=apart)
    if options.json:
        records = [[step.as_json() for step in sweep] for sweep in sweeps]
        print(json.dumps(records[0] if len(records) == 1 else records, indent=2, ensure_ascii=False, allow_nan=False))
        return 0
    print(_variables(ordered, graph, letters))
    for sweep in sweeps:
        print()
        if sys.stdin.isatty() and sys.stdout.isatty():
            _walk(sweep.table(limit=len(sweep)))
        else:
            print(sweep.table(limit=len(sweep), width=_width()))
    return 0


def _walk(table: str) -> None:
    """Print a table of steps, and wait for Enter after each of them."""
    *head, columns, rows = table.split("\n", 3)
    print(*head, columns, sep="\n")
    for row in rows.splitlines():
        try:
            input(f"{row} ")
        except EOFError:
            print()
            return


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad check-backprop
# ---------------------------------------------------------------------------------------------------------------------


def _check_backprop(options: argparse.Namespace) -> int:
    file = Path(options.file)
    source = file.read_text(encoding="utf-8")
    if not options.agreed:
        raise ValueError(f"checking {file} runs the code in it: look at it first, then add --run")
    inputs = {}
    if options.inputs:
        with np.load(options.inputs, allow_pickle=False) as archive:
            inputs = dict(archive)
    sys.path.insert(0, str(file.resolve().parent))  # where the code finds its own modules, as if it were run alone
    try:
        check = check_backprop(source, loss=options.loss, **inputs)
    finally:
        sys.path.pop(0)
    print(json.dumps(check.as_json(), indent=2, ensure_ascii=False) if options.json else check)
    return 0 if check else 1


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad notes
# ---------------------------------------------------------------------------------------------------------------------


def _notes(options: argparse.Namespace) -> int:
    from pathgrad.notes import listing, report, select

    examples = [
        example
        for example in select(options.ids or None)
        if (options.chapter is None or options.chapter in example.chapters)
        and (not options.errata or example.verdict == "the notes err")
    ]
    if options.list:
        print(listing(examples, _width() or 120))
        return 0
    results = [example.run() for example in examples]
    if options.json:
        print(json.dumps([result.as_json() for result in results], indent=2, ensure_ascii=False))
    else:
        print(report(results, _width() or 120))
    return 0 if all(result.ok for result in results) else 1


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad exercise
# ---------------------------------------------------------------------------------------------------------------------


def _exercise(options: argparse.Namespace) -> int:
    from pathgrad.exercises import exercise, judge, latex_sheet, text_sheet

    if options.sheet is not None and options.sheet < 1:
        raise ValueError(f"--sheet must be positive, not {options.sheet}")
    first = random.randrange(10_000) if options.seed is None else options.seed
    seeds = range(first, first + (options.sheet or 1))
    tasks = [exercise(seed, level=options.level, paths=options.paths) for seed in seeds]
    if options.sheet or options.latex:
        print(latex_sheet(tasks) if options.latex else text_sheet(tasks))
        return 0
    [task] = tasks
    print(f"Exercise {task.seed}, level {options.level}\n\n{task.question}\n")
    if options.answer is not None:
        right, verdict = judge(task, options.answer)
        print(f"{verdict}\n\n{task.solution}")
        return 0 if right else 1
    _ask(task)
    print(f"\n{task.solution}")
    return 0


def _ask(task: Exercise) -> None:
    """Ask for the answer until it is right, or until an empty line or the end of the input."""
    from pathgrad.exercises import judge

    right = False
    print("An empty line shows the solution.")
    while not right:
        try:
            claim = input("dy/dw = ").strip()
        except EOFError:
            print()
            return
        if not claim:
            return
        try:
            right, verdict = judge(task, claim)
        except FormulaError as error:
            verdict = _message(error)
        print(verdict)


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
    name = chosen("figure", options.name, FIGURES)
    print("drawn in", save(FIGURES[name](), options.file or f"{name}.png"))
    return 0

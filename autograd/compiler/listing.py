"""A program as text: its straight-line code, and terms as expressions, for people to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from autograd.compiler.expressions import OPERATIONS, Term
from autograd.compiler.program import Program, Step
from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import Primitive
from autograd.dialects.infix import ORDER
from autograd.dialects.python import Source

__all__ = ["expression", "listing"]


def expression(term: Term) -> Source:
    """A term with all that it is made of.

    >>> from autograd.compiler.expressions import Terms
    >>> x = Terms().input("x")
    >>> print(expression((x + 1.0) * x))
    (x + 1.0) * x
    """
    return _written(term, expression)


def listing(program: Program) -> str:
    """The code of a program, a line for each instruction: what is done once, for each sample, and once more."""
    names: dict[int, str] = {}
    taken = {x.name for x in program.inputs}
    fresh = (f"v{i}" for i in count(1) if f"v{i}" not in taken)
    lines = []
    for title, steps in zip(("once:", "for each sample:", "once:"), program.phases, strict=True):
        lines += [title, *_lines(program, steps, names, fresh)] if steps else []
    once, each = (", ".join(str(_named(x, names)) for x in outputs) for outputs in (program.once, program.each))
    returned = " and for each sample ".join(filter(None, [once, each]))
    return "\n".join([*lines, f"return {returned}"])


def _lines(program: Program, steps: Sequence[Step], names: dict[int, str], fresh: Iterator[str]) -> Iterator[str]:
    backward = False
    for step in steps:
        if not backward and step.out.place not in program.forward:
            backward = True
            yield "    # backward"
        line = _text(step, program.rows, names)
        names[step.out.place] = next(fresh)
        yield f"    {names[step.out.place]} = {line}"


def _text(step: Step, rows: Mapping[str, Primitive], names: Mapping[int, str]) -> str:
    """The right-hand side of an instruction."""
    operands = [_named(x, names) for x in step.operands]
    if step.op in ("sum", "dot", "affine"):
        half = len(operands) // 2 if step.op != "sum" else 0
        products = [str(a * b) for a, b in zip(operands[:half], operands[half : 2 * half], strict=True)]
        return " + ".join([*map(str, operands[2 * half :]), *products])
    if step.op in ("total", "total_dot"):
        return f"total({operands[0] * operands[1] if len(operands) > 1 else operands[0]})"
    return str(_spelled(rows.get(step.op) or OPERATIONS[step.op], operands))


def _named(term: Term, names: Mapping[int, str]) -> Source:
    return Source(names[term.place]) if term.place in names else _written(term, lambda x: _named(x, names))


def _written(term: Term, operand: Callable[[Term], Source]) -> Source:
    """A term as Python source, with its operands written by ``operand``: operators as such, all else as a call."""
    if term.number is not None:
        return Source.lift(term.number)
    if term.op is None:
        return Source(term.name)
    return _spelled(term.op, [operand(x) for x in term.operands])


def _spelled(op: Primitive, operands: Sequence[Source]) -> Source:
    """A primitive as Python source: operators as such, all else as a call."""
    if op.name in COMPARISONS:
        x, y = operands
        return x.infix(op.symbol, y, ORDER)
    if op.inline:
        return Source.lift(op.formula(*operands))
    return Source(f"{op.name}({', '.join(map(str, operands))})")

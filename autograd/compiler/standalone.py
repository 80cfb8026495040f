"""A program as a function in Python or in C, which runs without this package.

The text has a line for each assignment, values first and then derivatives, as the program itself; what the program does
for each sample stands in a loop.  Arithmetic is that of IEEE, also in Python, where ``math`` raises errors.  Sums are
added from left to right, so results may differ from those of the program in their last digits.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.arguments import EntrySpec
from autograd.compiler.expressions import Expression
from autograd.compiler.lowering import Assignment, Lowered
from autograd.compiler.operations import OPERATIONS, SUMS, TOTALS, split_sum
from autograd.core.comparisons import COMPARISONS
from autograd.core.escaping import printable
from autograd.core.primitive import Primitive
from autograd.core.value import Value, number_of
from autograd.dialects.c import C, functions_of
from autograd.dialects.standalone import Plain, definitions

__all__ = ["Interface", "c_source", "python_source"]

_WIDE = 100  # characters of a line
_LOCAL = re.compile(r"v\d+")


class Interface(NamedTuple):
    """How a program is called as a function.

    Attributes:
        name: the name of the function.
        arguments: the names of its arguments.
        entries: the numbers and arrays in the arguments.
        captured: Values from outside, whose numbers become constants of the text.
        results: the numbers and arrays that it returns: of the value, then of the derivatives.
    """

    name: str
    arguments: Sequence[str]
    entries: Sequence[EntrySpec]
    captured: Sequence[Value]
    results: Sequence[EntrySpec]


def python_source(lowered: Lowered, interface: Interface, limit: int | None) -> str:
    """The text of a function in Python; see :meth:`autograd.Program.python`."""
    return _Python(lowered, interface, limit).text()


def c_source(lowered: Lowered, interface: Interface, limit: int | None) -> str:
    """The text of a function in C; see :meth:`autograd.Program.c`."""
    return _C(lowered, interface, limit).text()


class _Writer:
    """What both languages have in common: which expression has which name, and the right-hand sides.

    Args:
        lowered: what the program computes.
        interface: how it is called.
        limit: the most lines that the text may have.

    Raises:
        ValueError: if the text would have more lines.
    """

    kind: Any  # of expressions: the dialect

    def __init__(self, lowered: Lowered, interface: Interface, limit: int | None) -> None:
        lines = sum(1 + len(step.operands) // 8 for step in chain(*lowered.phases))
        if limit is not None and lines > limit:
            raise ValueError(
                f"the text would have about {lines:,} lines, more than anyone reads: write down the program of fewer "
                f"numbers, or set limit=None"
            )
        self.lowered, self.interface = lowered, interface
        taken = {*interface.arguments, *(entry.name for entry in interface.entries)}
        self.fresh = (name for i in count(1) if (name := f"v{i}") not in taken)
        self.names: dict[int, Any] = {}

    def name_inputs(self, place: Any) -> list[tuple[str, Value]]:
        """Name all inputs; returns the captured Values with their names.

        Args:
            place: what an entry's number at an index is called.
        """
        samples, *uniform = self.lowered.uniform
        sources = {False: iter(uniform), True: iter(self.lowered.varying)}
        for entry in self.interface.entries:
            for i, index in enumerate(np.ndindex(entry.shape or ())):
                self.names[next(sources[entry.varying]).index] = place(entry, i, index)
        self.names[samples.index] = "samples"
        constants = []
        for value in self.interface.captured:
            self.names[next(sources[False]).index] = name = next(self.fresh)
            constants.append((name, value))
        return constants

    def results(self) -> Iterator[tuple[EntrySpec, list[Expression]]]:
        """The entries that are returned, each with its expressions."""
        once, each = iter(self.lowered.once), iter(self.lowered.each)
        for entry in self.interface.results:
            yield entry, [next(each if entry.varying else once) for _ in range(entry.size)]

    def operand(self, x: Expression) -> Any:
        """An expression, as one of the dialect."""
        return self.kind.lift(x.number) if x.number is not None else self.kind(self.names[x.index])

    def right_hand_side(self, step: Assignment) -> Any:
        operands = [self.operand(x) for x in step.operands]
        if step.op in TOTALS:
            return operands[0] * operands[1] if len(operands) > 1 else operands[0]
        if step.op in SUMS:
            products, addends = split_sum(step.op, operands)
            first, *others = [*addends, *[_product(x, y) for x, y in products]]
            for term in others:
                first = first + term
            return first
        if step.op in self.lowered.primitives:
            raise NotImplementedError(
                f"{step.op} computes with numbers alone, so it cannot be written down: give it a formula of the "
                f"functions of autograd"
            )
        return self.called(OPERATIONS[step.op], operands)

    def called(self, op: Primitive, operands: Sequence[Any]) -> Any:
        """A row of the table with these operands."""
        return op(*operands)

    @property
    def samples(self) -> EntrySpec | None:
        """An entry that differs from sample to sample, if there is one."""
        return next((entry for entry in self.interface.entries if entry.varying), None)


def _product(x: Any, y: Any) -> Any:
    """The product of two expressions; a factor of 1 is left out."""
    return y if str(x) == "1.0" else x if str(y) == "1.0" else x * y


# ---------------------------------------------------------------------------------------------------------------------
# Python
# ---------------------------------------------------------------------------------------------------------------------


class _Python(_Writer):
    kind = Plain

    def text(self) -> str:
        """The functions that are needed, and the function itself."""
        self.called_functions: frozenset[Primitive | str] = frozenset()
        name = _identifier(self.interface.name)
        names = {argument: f"{argument}{'_' * _is_used(argument)}" for argument in self.interface.arguments}
        loop = next(free for i in count() if (free := f"i{i or ''}") not in names.values())

        def place(entry: EntrySpec, i: int, index: tuple[int, ...]) -> str:
            argument, bracket, path = entry.name.partition("[")
            return f"{names[argument]}{bracket}{path}{f'[{loop}]' * entry.varying}{''.join(f'[{k}]' for k in index)}"

        constants = self.name_inputs(place)
        each = self.samples
        before, lanes, after = self.lowered.phases
        lines = [f"{name} = {Plain.lift(number_of(value))}  # {_label(value)}" for name, value in constants]
        lines += [] if each is None else [f"samples = len({place(each._replace(varying=False), 0, ())})"]
        lines += self.assignments(before)
        lists = [(entry, found, next(self.fresh)) for entry, found in self.results() if entry.varying]
        inside = list(self.assignments(lanes))
        lines += [f"{self.names[step.target.index]} = 0.0" for step in lanes if step.op in TOTALS]
        lines += [f"{name} = []" for _, _, name in lists]
        inside += [f"{name}.append({self.nested(entry.shape, found)})" for entry, found, name in lists]
        if inside:
            lines += [f"for {loop} in range(samples):", *[textwrap.indent(line, "    ") for line in inside]]
        lines += self.assignments(after)
        fresh = {id(entry): name for entry, _, name in lists}
        returned = [fresh.get(id(entry)) or self.nested(entry.shape, found) for entry, found in self.results()]
        lines += _wrapped("return ", f"{', '.join(returned)}")
        body = "\n".join(textwrap.indent(line, "    ") for line in lines)
        function = f"def {name}({', '.join(names.values())}):\n{body}\n"
        return "\n\n".join(["import math\n", *definitions(self.called_functions), function])

    def assignments(self, steps: Sequence[Any]) -> Iterator[str]:
        for step in steps:
            found = Plain.lift(self.right_hand_side(step))
            self.called_functions |= found.called
            text = f"1.0 if {found.text} else 0.0" if step.op in COMPARISONS else found.text
            self.names[step.target.index] = name = next(self.fresh)
            yield from _wrapped(f"{name} {'+' * (step.op in TOTALS)}= ", text)

    def nested(self, shape: tuple[int, ...] | None, found: Sequence[Expression]) -> str:
        """Numbers as a number, or in lists of this shape."""
        texts: list[str] = [self.operand(x).text for x in found]
        for length in reversed(shape or ()):
            starts = range(0, len(texts), length or 1)
            texts = [f"[{', '.join(texts[start : start + length])}]" for start in starts] or ["[]"]
        return texts[0]


def _wrapped(start: str, text: str) -> list[str]:
    """A line of Python; a long one in parentheses, broken."""
    if len(start) + len(text) <= _WIDE:
        return [f"{start}{text}"]
    return [f"{start}(\n{_broken(text)}\n)"]


def _broken(text: str) -> str:
    return textwrap.fill(text, _WIDE, initial_indent="    ", subsequent_indent="    ", break_long_words=False,
                         break_on_hyphens=False)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# C
# ---------------------------------------------------------------------------------------------------------------------

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        auto break case char const continue default do double else enum extern float for goto if inline int long main
        register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
        NAN INFINITY size_t samples sample larger smaller sign floored_remainder floored_quotient
        acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma
        fmax fmin fmod frexp gamma hypot ilogb j0 j1 jn ldexp lgamma llrint llround log log10 log1p log2 logb lrint
        lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalb scalbln scalbn signgam
        significand sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn
        """,
    )
)
"""Words of C and names of ``math.h``, some of which are those of POSIX."""


class _C(_Writer):
    kind = C

    def text(self) -> str:
        """The functions that are needed, and the function itself."""
        self.used: dict[str, None] = {}
        taken = set(_RESERVED)
        name = _c_name(_identifier(self.interface.name), taken)
        entries = {entry.name: _c_name(entry.name, taken) for entry in self.interface.entries}
        constants = self.name_inputs(lambda entry, i, index: _element(entries[entry.name], entry, i))
        before, lanes, after = self.lowered.phases
        lines = [f"const double {name} = {C.lift(number_of(x))}; /* {_label(x)} */" for name, x in constants]
        lines += self.assignments(before)
        inside = list(self.assignments(lanes))
        lines += [f"double {self.names[step.target.index]} = 0.0;" for step in lanes if step.op in TOTALS]
        results = [(entry, found, _c_name(entry.name, taken)) for entry, found in self.results()]
        for entry, found, place in results:
            inside += self.stored(entry, found, place) if entry.varying else []
        if inside:
            lines += ["for (size_t sample = 0; sample < samples; sample++) {"]
            lines += [*[textwrap.indent(line, "    ") for line in inside], "}"]
        lines += self.assignments(after)
        value, *others = results
        is_number = value[0].shape is None and not value[0].varying and value[0].name == "value"
        for entry, found, place in others if is_number else results:
            lines += self.stored(entry, found, place) if not entry.varying else []
        lines += [f"return {self.operand(value[1][0])};"] * is_number
        parameters = ["size_t samples"] * (self.samples is not None)
        parameters += [_parameter(entry, entries[entry.name]) for entry in self.interface.entries]
        parameters += [f"double *{place}" for _, _, place in (others if is_number else results)]
        body = "\n".join(textwrap.indent(line, "    ") for line in lines)
        together = ", ".join(parameter.replace(" ", "\0") for parameter in parameters)
        signature = textwrap.fill(together or "void", _WIDE, subsequent_indent="    ").replace("\0", " ")
        function = f"{'double' if is_number else 'void'} {name}({signature})\n{{\n{body}\n}}\n"
        return "\n".join(["#include <math.h>\n#include <stddef.h>\n", *functions_of(self.used), function])

    def called(self, op: Primitive, operands: Sequence[Any]) -> Any:
        if op.inline or op.library or op.name in COMPARISONS:
            return super().called(op, operands)
        op(*map(C, op.parameters))  # whether C can express it
        self.used[op.name] = None
        return C(f"{op.name}_({', '.join(['{}'] * len(operands))})", *((C.lift(x), 0) for x in operands))

    def assignments(self, steps: Sequence[Any]) -> Iterator[str]:
        for step in steps:
            text = str(C.lift(self.right_hand_side(step)))
            for helper in re.findall(r"\b(?:larger|smaller|sign|floored_\w+)(?=\()", text):
                self.used[helper] = None
            self.names[step.target.index] = name = next(self.fresh)
            start = f"{name} += " if step.op in TOTALS else f"const double {name} = "
            yield f"{start}{text};" if len(start) + len(text) <= _WIDE else f"{start.rstrip()}\n{_broken(text)};"

    def stored(self, entry: EntrySpec, found: Sequence[Expression], place: str) -> Iterator[str]:
        """What writes the numbers of an entry to where a pointer points."""
        for i, x in enumerate(found):
            target = f"*{place}" if entry.shape is None and not entry.varying else _element(place, entry, i)
            yield f"{target} = {self.operand(x)};"


def _element(name: str, entry: EntrySpec, i: int) -> str:
    """The number at this place of an entry, whose numbers lie side by side, those of a sample together."""
    if not entry.varying:
        return name if entry.shape is None else f"{name}[{i}]"
    return f"{name}[sample]" if entry.size == 1 else f"{name}[{entry.size} * sample + {i}]"


def _parameter(entry: EntrySpec, name: str) -> str:
    return f"double {name}" if entry.shape is None and not entry.varying else f"const double *{name}"


def _c_name(name: str, taken: set[str]) -> str:
    """A name as an identifier of C, other than those that are taken; it is taken then."""
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "x"
    found = f"x{found}" if found[0].isdigit() else found
    while found in taken or _LOCAL.fullmatch(found):
        found += "_"
    taken.add(found)
    return found


def _identifier(name: str) -> str:
    """The name of a function, or ``f`` if it has none that Python accepts."""
    return name if name.isidentifier() and not keyword.iskeyword(name) and not _is_used(name) else "f"


def _is_used(name: str) -> bool:
    """Whether texts in Python use this name themselves."""
    return name.startswith("_") or name in ("abs", "float", "len", "math", "range", "samples")


def _label(value: Value) -> str:
    """The label of a captured Value for a comment, which it cannot end."""
    return printable(value.label or "captured").replace("*/", "* /").replace("/*", "/ *")

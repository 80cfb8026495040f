"""The native machine: straight-line code over lanes, run by compiled C.

Code is checked and encoded here, once; ``lanes.c`` runs it.  Where that is not compiled, this module can be imported
all the same, and :func:`supports` says no to everything.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from autograd.compiler.numpy_machine import Code, Instruction
from autograd.core import config

try:
    from autograd.compiler import _lanes
except ImportError:
    _lanes = None  # type: ignore[assignment]

__all__ = ["Machine", "supports"]


_SUMS = {"sum", "dot", "affine"}
_TOTALS = {"total": 1, "total_dot": 2}


def supports(op: str) -> bool:
    """Whether the machine can run an operation, by name: a row of the table, a comparison, a sum or a total.

    >>> supports("no such operation")
    False
    """
    return _lanes is not None and (op in _lanes.KERNELS or op in _SUMS or op in _TOTALS)


config.PARTS["compiled lanes"] = lambda: config.state_of(_lanes is not None)


class Machine:
    """Runs code natively.

    Args:
        code: what to run; it is checked and encoded here, once.
        level: the instruction set, one of ``_lanes.LEVELS``; the best that this processor has if left out.

    Attributes:
        n_uniforms: how many numbers the array of uniform registers must have: the code's, and some that the machine
            writes for itself behind them.

    Raises:
        ValueError: if the code names registers or operations that there are not, or reads what nothing has written.
        RuntimeError: if the machine has not been compiled.
    """

    name = "native"

    def __init__(self, code: Code, level: str | None = None) -> None:
        if _lanes is None:
            raise RuntimeError(
                "the native machine is not compiled here: reinstall pathgrad where there is a C compiler"
            )
        lanes = _Lanes(code)
        self.n_uniforms = code.n_uniforms + len(_CONSTANTS)
        self._program = _lanes.Program(
            before=_bytes(_encode_uniforms("before", code.before, code)),
            lanes=_bytes(lanes.encoded),
            after=_bytes(_encode_uniforms("after", code.after, code)),
            constants=array("d", _CONSTANTS).tobytes(),
            totals=_bytes(lanes.totals),
            outputs=_bytes(code.outputs),
            uniforms=code.n_uniforms,
            registers=lanes.ones,
            inputs=code.n_inputs,
            level=len(_lanes.LEVELS) - 1 if level is None else _lanes.LEVELS.index(level),
        )

    def run(self, uniforms: Any, inputs: Any, outputs: Any, samples: int) -> None:
        """Compute.

        Args:
            uniforms: the uniform registers, ``n_uniforms`` float64 numbers; results are left in them.
            inputs: a row for each input, with a float64 number for each sample.
            outputs: a row for each output, to be filled.
            samples: how many there are.

        Raises:
            ValueError: if an array has another shape or another kind of numbers.
        """
        self._program.run(uniforms, inputs, outputs, samples)


# ---------------------------------------------------------------------------------------------------------------------
# Encoding: a list of int32, each instruction its number and what it needs, with nothing left to check
# ---------------------------------------------------------------------------------------------------------------------


def _bytes(numbers: Iterable[int]) -> bytes:
    return array("i", numbers).tobytes()


def _check(instruction: Instruction, code: Code, phase: str) -> None:
    """Refuse what the machine could not run."""
    op, out, operands = instruction
    total = op in _TOTALS
    wanted = _lanes.KERNELS.get(op) or _TOTALS.get(op)
    registers = range(-code.n_uniforms, code.n_registers if phase == "lanes" else 0)
    if not supports(op) or (total and phase != "lanes"):
        problem = "there is no such operation here"
    elif wanted not in (None, len(operands)) or len(operands) % 2 != {"dot": 0, "affine": 1}.get(op, len(operands) % 2):
        problem = "the number of operands is wrong"
    elif not all(register in registers for register in (out, *operands)):
        problem = "there is no such register here"
    elif phase == "lanes" and ((out < 0) != total or (total and min(operands) < 0)):
        problem = "totals are of lane registers and go into uniform ones, everything else goes into lane registers"
    else:
        return
    raise ValueError(f"cannot run {instruction} as code.{phase} has it: {problem}")


def _pairs(operands: Sequence[int]) -> list[tuple[int, int]]:
    """The products that a dot or an affine map adds up."""
    middle = len(operands) // 2
    return list(zip(operands[:middle], operands[middle : 2 * middle], strict=True))


# ---------------------------------------------------------------------------------------------------------------------
# Uniform registers
# ---------------------------------------------------------------------------------------------------------------------

_CONSTANTS = (1.0, -1.0, 0.0, -0.0)
_SHORT = 2  # products: a sum of more is faster as an instruction of its own


_MANY = 8  # calls of one function: as many are faster together, as lanes


def _encode_uniforms(phase: str, instructions: Sequence[Instruction], code: Code) -> list[int]:
    """Multiply-adds wherever that is possible, as many as follow one another in one instruction; likewise functions."""
    constants = range(code.n_uniforms, code.n_uniforms + len(_CONSTANTS))
    encoded: list[int] = []
    steps: list[int] = []

    def append(*instruction: int) -> None:
        if steps:
            encoded.extend((_lanes.NUMBERS["multiply_adds"], len(steps) // 4, *steps))
            steps.clear()
        encoded.extend(instruction)

    place = 0
    while place < len(instructions):
        instruction = instructions[place]
        alike = _alike(instructions, place)
        place += len(alike)
        for each in alike:
            _check(each, code, phase)
        op, out, operands = instruction.op, ~instruction.out, [~register for register in instruction.operands]
        if op in _SUMS:
            start, products = _products(op, operands, constants)
            if 0 < len(products) <= _SHORT and out not in operands:
                for x, y in products:
                    steps += out, x, y, start
                    start = out
            else:
                append(_lanes.NUMBERS["affine"], out, len(products), start, *chain(*products))
        elif len(alike) > 1:
            registers = [~x.out for x in alike] + [~x.operands[0] for x in alike]
            append(_lanes.NUMBERS["together"], len(alike), _lanes.NUMBERS[op], *registers)
        elif step := _multiply_add(op, operands, constants):
            steps += out, *step
        else:
            append(_lanes.NUMBERS[op], out, *operands)
    append(_lanes.NUMBERS["end"])
    return encoded


def _alike(instructions: Sequence[Instruction], place: int) -> Sequence[Instruction]:
    """The instructions from here on that call one function, of numbers that none of them writes; if few, only one."""
    op, written, end = instructions[place].op, set[int](), place
    if _lanes.KERNELS.get(op) == 1 and op not in ("square", "negative", "positive"):
        while end < len(instructions) and instructions[end].op == op and written.isdisjoint(instructions[end].operands):
            written.add(instructions[end].out)
            end += 1
    return instructions[place:end] if end - place >= _MANY else instructions[place : place + 1]


def _multiply_add(op: str, operands: Sequence[int], constants: Sequence[int]) -> tuple[int, int, int] | None:
    """Arithmetic as a b + c, which is exact here; -0 is what adds nothing, not even to -0."""
    one, minus_one, _, nothing = constants
    match op, operands:
        case "add", [x, y]:
            return x, one, y
        case "subtract", [x, y]:
            return y, minus_one, x
        case "multiply", [x, y]:
            return x, y, nothing
        case "square", [x]:
            return x, x, nothing
        case "negative", [x]:
            return x, minus_one, nothing
        case "positive", [x]:
            return x, one, nothing
    return None


def _products(op: str, operands: Sequence[int], constants: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
    """Any kind of sum as an affine map: what it starts with, and the products that are added."""
    one, _, zero, _ = constants
    if op == "sum":
        return zero, [(x, one) for x in operands]
    return operands[-1] if op == "affine" else zero, _pairs(operands)


# ---------------------------------------------------------------------------------------------------------------------
# Lanes
# ---------------------------------------------------------------------------------------------------------------------


class _Lanes:
    """The code of the lanes, encoded.

    Totals wait until one of their operands is about to be overwritten, so that those which share an operand can be
    computed together.

    Attributes:
        encoded: the code.
        totals: the uniform registers that it sums up.
        ones: the register after all others: it holds 1 in each lane.
    """

    def __init__(self, code: Code) -> None:
        self.encoded: list[int] = []
        self.totals: list[int] = []
        self._code = code
        self._written = set(range(code.n_inputs))
        self._clear: set[int] = set()  # registers with zeros in the padding beyond the last lane, which totals need
        self._waiting: dict[int, tuple[int, int]] = {}  # operands by the uniform register into which the total goes
        self._readers: defaultdict[int, list[int]] = defaultdict(list)  # for each lane register the totals that read it
        uniforms = {r for _, _, operands in code.lanes for r in operands if r < 0}
        totals = [instruction.out for instruction in code.lanes if instruction.op in _TOTALS]
        self.ones = code.n_registers
        if not 0 <= code.n_inputs <= code.n_registers:
            raise ValueError(f"{code.n_inputs} inputs do not fit into {code.n_registers} lane registers")
        if len(set(totals)) < len(totals) or uniforms & set(totals):
            raise ValueError("a total is written once and read after the lanes only")
        for instruction in code.lanes:
            self._encode(instruction)
        self._encode_totals(list(self._waiting))
        self.encoded.append(_lanes.NUMBERS["end"])
        if not self._written.issuperset(code.outputs):
            raise ValueError(f"the outputs {code.outputs} are not all lane registers that something has written")

    def _encode(self, instruction: Instruction) -> None:
        _check(instruction, self._code, "lanes")
        op, out, operands = instruction
        if not self._written.issuperset(r for r in operands if r >= 0):
            raise ValueError(f"{instruction} reads a lane register that nothing has written")
        if op in _TOTALS:
            self._wait(~out, operands[0], operands[1] if op == "total_dot" else self.ones)
            return
        self._encode_totals([total for total in self._readers.pop(out, ()) if total in self._waiting])
        self._written.add(out)
        self._clear.discard(out)
        if op in _SUMS:
            self._encode_sum(op, out, operands)
        else:
            self.encoded += [_lanes.NUMBERS[op], out, *operands]

    def _encode_sum(self, op: str, out: int, operands: tuple[int, ...]) -> None:
        """A sum of constants, of products of two, of lanes, of lanes times constants, and of products of lanes."""
        alone = operands if op == "sum" else operands[len(operands) // 2 * 2 :]
        constants = [(~x,) for x in alone if x < 0]
        terms = [(x,) for x in alone if x >= 0]
        pairs = [] if op == "sum" else [(min(pair), max(pair)) for pair in _pairs(operands)]
        scaled_constants = [(~x, ~y) for x, y in pairs if y < 0]
        scaled = [(~x, y) for x, y in pairs if x < 0 <= y]
        products = [(x, y) for x, y in pairs if x >= 0]
        kinds: list[Sequence[tuple[int, ...]]] = [constants, scaled_constants, terms, scaled, products]
        self.encoded += [_lanes.NUMBERS["combine"], out, op == "affine", *map(len, kinds)]
        self.encoded += chain(*chain(*kinds))

    def _wait(self, total: int, x: int, y: int) -> None:
        self.totals.append(total)
        self._waiting[total] = x, y
        for register in {x, y}:
            self._readers[register].append(total)

    def _encode_totals(self, totals: Sequence[int]) -> None:
        """Up to eight at a time, which have one operand in common."""
        operands = {total: self._waiting.pop(total) for total in totals}
        uses = Counter(chain(*operands.values()))
        sharing: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for total, (x, y) in operands.items():
            shared, other = (x, y) if uses[x] >= uses[y] else (y, x)
            sharing[shared].append((total, other))
        for register in uses.keys() - self._clear - {self.ones}:
            self._clear.add(register)
            self.encoded += _lanes.NUMBERS["clear"], register
        for shared, others in sharing.items():
            while others:
                count = next(count for count in (8, 4, 2, 1) if count <= len(others))
                self.encoded += _lanes.NUMBERS[f"totals_{count}"], shared, *chain(*others[-count:])
                del others[-count:]

"""The native machine: runs straight-line code over lanes as :class:`autograd.lanes.NumPyMachine` does, but compiled.

Code is checked and encoded here, once; ``lanes.c`` runs it.  Where that is not compiled, this module can be imported
all the same, and :func:`supports` says no to everything.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from autograd.lanes import Code, Instruction

try:
    from autograd import _lanes
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


def _encode_uniforms(phase: str, instructions: Sequence[Instruction], code: Code) -> list[int]:
    """Arithmetic as multiply-adds, as many as follow one another in one instruction; everything else as it is."""
    encoded: list[int] = []
    arithmetic: list[int] = []

    def flush() -> None:
        if arithmetic:
            encoded.extend([_lanes.NUMBERS["multiply_adds"], len(arithmetic) // 4, *arithmetic])
            arithmetic.clear()

    for instruction in instructions:
        _check(instruction, code, phase)
        op, out, operands = instruction.op, ~instruction.out, [~register for register in instruction.operands]
        steps = _multiply_adds(op, out, operands, code.n_uniforms)
        if steps:
            arithmetic += [register for step in steps for register in (out, *step)]
        else:
            flush()
            if op in ("dot", "affine"):
                bias = operands[len(operands) // 2 * 2 :]
                encoded += [_lanes.NUMBERS[op], out, len(operands) // 2, *bias, *chain(*_pairs(operands))]
            else:
                encoded += [_lanes.NUMBERS[op], out, *([len(operands)] if op == "sum" else []), *operands]
    flush()
    return [*encoded, _lanes.NUMBERS["end"]]


_CONSTANTS = (1.0, -1.0, 0.0, -0.0)
_SHORT = 4  # terms


def _multiply_adds(op: str, out: int, operands: list[int], constants: int) -> list[tuple[int, int, int]]:
    """Arithmetic as multiply-adds a b + c one after the other, which are exact; nothing if it is no arithmetic.

    The constants stand in uniform registers, from that number on.  -0 adds nothing, not even to -0.
    """
    one, minus_one, zero, nothing = range(constants, constants + len(_CONSTANTS))
    match op, operands:
        case "add", [x, y]:
            return [(x, one, y)]
        case "subtract", [x, y]:
            return [(y, minus_one, x)]
        case "multiply", [x, y]:
            return [(x, y, nothing)]
        case "square", [x]:
            return [(x, x, nothing)]
        case "negative", [x]:
            return [(x, minus_one, nothing)]
        case "positive", [x]:
            return [(x, one, nothing)]
    if op in _SUMS and len(operands) <= 2 * _SHORT and out not in operands:
        pairs = [(x, one) for x in operands] if op == "sum" else _pairs(operands)
        starts = [operands[-1] if op == "affine" else zero, *[out] * len(pairs)]
        return [(x, y, start) for (x, y), start in zip(pairs, starts, strict=False)]
    return []


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
        self._waiting: list[tuple[int, int, int]] = []
        uniforms = {r for _, _, operands in code.lanes for r in operands if r < 0}
        totals = [instruction.out for instruction in code.lanes if instruction.op in _TOTALS]
        self.ones = code.n_registers
        if not 0 <= code.n_inputs <= code.n_registers:
            raise ValueError(f"{code.n_inputs} inputs do not fit into {code.n_registers} lane registers")
        if len(set(totals)) < len(totals) or uniforms & set(totals):
            raise ValueError("a total is written once and read after the lanes only")
        for instruction in code.lanes:
            self._encode(instruction)
        self._encode_totals(self._waiting)
        self.encoded.append(_lanes.NUMBERS["end"])
        if not self._written.issuperset(code.outputs):
            raise ValueError(f"the outputs {code.outputs} are not all lane registers that something has written")

    def _encode(self, instruction: Instruction) -> None:
        _check(instruction, self._code, "lanes")
        op, out, operands = instruction
        if not self._written.issuperset(r for r in operands if r >= 0):
            raise ValueError(f"{instruction} reads a lane register that nothing has written")
        if op in _TOTALS:
            self.totals.append(~out)
            self._waiting.append((~out, operands[0], self.ones if op == "total" else operands[1]))
            return
        overwritten = [total for total in self._waiting if out in total[1:]]
        if overwritten:
            self._waiting = [total for total in self._waiting if out not in total[1:]]
            self._encode_totals(overwritten)
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
        self.encoded += [register for kind in kinds for term in kind for register in term]

    def _encode_totals(self, totals: Sequence[tuple[int, int, int]]) -> None:
        """Up to eight at a time, which have one operand in common."""
        uses = Counter(register for _, *operands in totals for register in operands)
        sharing: dict[int, list[tuple[int, int]]] = {}
        for out, x, y in totals:
            shared, other = (x, y) if uses[x] >= uses[y] else (y, x)
            sharing.setdefault(shared, []).append((out, other))
        for register in uses:
            if register not in self._clear and register != self.ones:
                self._clear.add(register)
                self.encoded += [_lanes.NUMBERS["clear"], register]
        for shared, others in sharing.items():
            while others:
                count = next(count for count in (8, 4, 2, 1) if count <= len(others))
                self.encoded += [_lanes.NUMBERS[f"totals_{count}"], shared]
                self.encoded += [register for total in others[:count] for register in total]
                others = others[count:]

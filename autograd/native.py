"""The native machine: straight-line code, checked and encoded for ``lanes.c``, which runs it on all samples at once.

:mod:`autograd.lanes` says what the code is.

Without the compiled machine everything here can be imported, and :func:`supports` says no to everything.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
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
    """A machine that runs one piece of code.

    Args:
        code: what to run; it is checked and encoded here, once.
        level: the instruction set, one of ``_lanes.LEVELS``; the best that this processor has if left out.

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
        self._program = _lanes.Program(
            before=_bytes(_encode_uniforms("before", code.before, code)),
            lanes=_bytes(lanes.encoded),
            after=_bytes(_encode_uniforms("after", code.after, code)),
            totals=_bytes(lanes.totals),
            outputs=_bytes(code.outputs),
            uniforms=code.n_uniforms,
            registers=lanes.ones,
            inputs=code.n_inputs,
            level=len(_lanes.LEVELS) - 1 if level is None else _lanes.LEVELS.index(level),
        )

    def run(self, uniforms: Any, inputs: Any, outputs: Any) -> None:
        """Run the code once.

        Args:
            uniforms: the uniform registers, an array of float64; read, and written in place.
            inputs: an array of float64 with a contiguous row for each input and a column for each lane.
            outputs: the same for the outputs, which are written into it.

        Raises:
            ValueError: if an array has another shape or another kind of numbers.
        """
        self._program.run(uniforms, inputs, outputs)


# ---------------------------------------------------------------------------------------------------------------------
# Encoding: a list of int32, each instruction its number and what it needs, with nothing left to check
# ---------------------------------------------------------------------------------------------------------------------


def _bytes(numbers: Iterable[int]) -> bytes:
    return array("i", numbers).tobytes()


def _check(instruction: Instruction, code: Code, phase: str) -> None:
    """Refuse what the machine could not run."""
    op, out, operands = instruction
    where = f"in {instruction} of the code {phase}"
    if not supports(op) or (op in _TOTALS and phase != "lanes"):
        raise ValueError(f"{where}: there is no such operation here")
    wanted = _lanes.KERNELS.get(op) or _TOTALS.get(op)
    if (
        wanted not in (None, len(operands))
        or (op == "dot" and len(operands) % 2)
        or (op == "affine" and len(operands) % 2 == 0)
    ):
        raise ValueError(f"{where}: the number of operands is wrong")
    lanes = code.n_registers if phase == "lanes" else 0
    for register in (out, *operands):
        if not -code.n_uniforms <= register < lanes:
            raise ValueError(f"{where}: there is no register {register} here")
    if phase == "lanes" and (out < 0) != (op in _TOTALS):
        raise ValueError(f"{where}: totals write uniform registers, all others lane registers")


def _pairs(op: str, operands: Sequence[int]) -> list[tuple[int, int]]:
    """The products that a dot or an affine map adds up."""
    middle = len(operands) // 2
    return list(zip(operands[:middle], operands[middle : 2 * middle], strict=True)) if op != "sum" else []


def _encode_uniforms(phase: str, instructions: Sequence[Instruction], code: Code) -> list[int]:
    encoded: list[int] = []
    for instruction in instructions:
        _check(instruction, code, phase)
        op, out, operands = instruction
        encoded += [_lanes.NUMBERS[op], ~out]
        if op in _SUMS:
            encoded.append(len(operands) if op == "sum" else len(operands) // 2)
            alone = operands if op == "sum" else operands[len(operands) // 2 * 2 :]
            encoded += [~register for register in alone]
            encoded += [~register for pair in _pairs(op, operands) for register in pair]
        else:
            encoded += [~register for register in operands]
    return [*encoded, _lanes.NUMBERS["end"]]


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
        self._copies: dict[int, int] = {}  # uniform registers that totals read, as lane registers
        uniforms = {r for _, _, operands in code.lanes for r in operands if r < 0}
        totals = [instruction.out for instruction in code.lanes if instruction.op in _TOTALS]
        total_uniforms = {r for op, _, operands in code.lanes if op in _TOTALS for r in operands if r < 0}
        self.ones = code.n_registers + len(total_uniforms)
        if not 0 <= code.n_inputs <= code.n_registers:
            raise ValueError(f"{code.n_inputs} inputs do not fit into {code.n_registers} lane registers")
        if len(set(totals)) < len(totals) or uniforms & set(totals):
            raise ValueError("a total is written once and read after the lanes only")
        for instruction in code.lanes:
            self._encode(instruction)
        self._encode_totals(self._waiting)
        self.encoded.append(_lanes.NUMBERS["end"])
        self._check_read(code.outputs, "the outputs")

    def _check_read(self, registers: Iterable[int], where: str) -> None:
        for register in registers:
            if register >= 0 and register not in self._written:
                raise ValueError(f"{where}: nothing has written lane register {register}")

    def _encode(self, instruction: Instruction) -> None:
        _check(instruction, self._code, "lanes")
        op, out, operands = instruction
        self._check_read(operands, f"in {instruction}")
        if op in _TOTALS:
            self.totals.append(~out)
            x, y = (self._lane(r) for r in operands) if op == "total_dot" else (self._lane(operands[0]), self.ones)
            self._waiting.append((~out, x, y))
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
        pairs = [(min(pair), max(pair)) for pair in _pairs(op, operands)]
        scaled_constants = [(~x, ~y) for x, y in pairs if y < 0]
        scaled = [(~x, y) for x, y in pairs if x < 0 <= y]
        products = [(x, y) for x, y in pairs if x >= 0]
        kinds: list[Sequence[tuple[int, ...]]] = [constants, scaled_constants, terms, scaled, products]
        self.encoded += [_lanes.NUMBERS["combine"], out, op == "affine", *map(len, kinds)]
        self.encoded += [register for kind in kinds for term in kind for register in term]

    def _lane(self, register: int) -> int:
        """The register, or a lane register that holds the same number in each lane."""
        if register >= 0:
            return register
        if register not in self._copies:
            self._copies[register] = copy = self._code.n_registers + len(self._copies)
            self.encoded += [_lanes.NUMBERS["positive"], copy, register]
        return self._copies[register]

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

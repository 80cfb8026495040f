"""The native machine: straight-line code, run by compiled C.

Code is checked and encoded here once; ``native/lanes.c`` runs it.  Where that has not been compiled, this module can
still be imported, and the machine supports no code.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import chain, groupby, pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

from autograd.compiler.machine import Code, Instruction, Row
from autograd.compiler.operations import ARITHMETIC, SUMS, TOTALS, split_sum
from autograd.compiler.threads import shared
from autograd.core.aliases import Array

try:
    from autograd.compiler import _lanes
except ImportError:
    _lanes = None  # type: ignore[assignment]

__all__ = ["NativeMachine", "is_compiled", "knows"]


def is_compiled() -> bool:
    """Whether the C code has been compiled here."""
    return _lanes is not None


def knows(op: str) -> bool:
    """Whether the machine can run an operation, by name: a row of the table, a comparison, a sum or a total.

    >>> knows("no such operation")
    False
    """
    return is_compiled() and (op in _lanes.KERNELS or op in SUMS or op in TOTALS)


_NOTHING = np.empty((0, 1))

# What a batch costs, in numbers of code times samples.
_CALL = 200  # the cost of a function that is not arithmetic
_WORTH_SHARING = 1 << 24  # from here on it pays to share a batch among threads


class NativeMachine:
    """A machine that runs code in C, with vector instructions.

    Args:
        code: the code to run; it is checked and encoded here, once.
        level: the instruction set, one of ``_lanes.LEVELS``; by default the best one that this processor has.

    Attributes:
        n_uniforms: the length of the array of uniform registers: those of the code, and some that the machine fills
            with constants of its own.
        threads: how many threads share a batch that is large enough to gain from it.

    Raises:
        ValueError: if the code uses unknown registers or operations, or reads a register that has not been written.
        RuntimeError: if the machine has not been compiled.
    """

    name: ClassVar[str] = "native"

    @classmethod
    def supports(cls, code: Code) -> bool:
        """Whether there is a kernel for every instruction; code without instructions is left to other machines."""
        operations = {instruction.op for instruction in code}
        return bool(operations) and all(map(knows, operations))

    def __init__(self, code: Code, level: str | None = None) -> None:
        if not is_compiled():
            raise RuntimeError(
                "the native machine is not compiled here: reinstall pathgrad where there is a C compiler"
            )
        constants = range(code.n_uniforms, code.n_uniforms + len(_CONSTANTS))
        lanes = _LaneEncoder(code, constants)
        before, after = (_UniformEncoder(phase, code, constants) for phase in ("before", "after"))
        self.n_uniforms = constants.stop + _lanes.SPARE
        self._encoded: dict[str, Any] = {
            "before": _bytes(before.encoded),
            "lanes": _bytes(lanes.encoded),
            "after": _bytes(after.encoded),
            "constants": array("d", _CONSTANTS).tobytes(),
            "totals": _bytes(lanes.totals),
            "outputs": _bytes(code.outputs),
            "uniforms": code.n_uniforms,
            "registers": lanes.ones,
            "inputs": code.n_inputs,
            "level": len(_lanes.LEVELS) - 1 if level is None else _lanes.LEVELS.index(level),
            "widest": max(before.widest, after.widest),
            "numbers": before.numbers + after.numbers,
        }
        self._program = _lanes.Program(**self._encoded)
        self.threads = 1
        work = len(lanes.encoded) + _CALL * sum([x.op not in ARITHMETIC and x.op not in TOTALS for x in code.lanes])
        self._least = max(2 * _lanes.PART, _WORTH_SHARING // work)

    def run(self, uniforms: Array, inputs: Array, outputs: Array, samples: int) -> None:
        """Run the code for a batch; see :class:`~autograd.compiler.machine.Machine`.

        Raises:
            ValueError: if an array has another shape or dtype.
        """
        if self._is_shared(samples):
            self._in_parts.run(uniforms, inputs, outputs, samples, self.threads)
        else:
            self._program.run(uniforms, inputs, outputs, samples)

    def _is_shared(self, samples: int) -> bool:
        return self.threads > 1 and samples >= self._least

    @cached_property
    def _in_parts(self) -> _InParts:
        return _InParts(self._encoded)

    def call(
        self,
        start: Array,
        outputs: Sequence[int],
        arguments: Sequence[tuple[bool, tuple[int, ...] | None]],
        wanted: Sequence[int],
        *,
        guarded: bool,
        single: bool,
    ) -> Callable[..., Any]:
        """The program as a function of plain arguments, which takes no detour through Python.

        Args:
            start: the first uniform registers before a call: the number of samples, the inputs, the constants.
            outputs: the uniform registers of the value and of the gradients.
            arguments: for each argument whether it is varying, and the shape of the array for one sample, or ``None``
                for a float.
            wanted: for each gradient the position of its argument, which is not varying.
            guarded: whether a nan may be due to a branch that was not taken.
            single: whether the gradient does not stand in a tuple.

        Returns:
            A function that returns the value, or with gradients a pair.  The value is an array with a row for each
            output for each sample, if there are any.  The function returns ``None`` if it cannot compute: because of
            an argument of another type or shape, a nan for which guards are needed, or a batch that threads share.
        """
        starts = [i for i, r in enumerate(outputs) if i == 0 or r != outputs[i - 1] + 1]
        runs = [(outputs[i], j - i) for i, j in pairwise([*starts, len(outputs)])]
        call = _lanes.Call(
            program=self._program,
            start=start.tobytes(),
            outputs=_bytes(chain(*runs)),
            arguments=tuple(arguments),
            wanted=_bytes(wanted),
            guarded=guarded,
            single=single,
        )
        varying = [place for place, (varies, _) in enumerate(arguments) if varies]
        return self._of_small_batches(call, varying[0]) if self.threads > 1 and varying else call

    def _of_small_batches(self, call: Callable[..., Any], place: int) -> Callable[..., Any]:
        """The same function, which returns ``None`` for a batch that threads share; the argument at ``place`` tells."""

        def of_small_batch(*arguments: Any) -> Any:
            batch = arguments[place] if place < len(arguments) else None
            if isinstance(batch, np.ndarray) and batch.ndim and self._is_shared(len(batch)):
                return None
            return call(*arguments)

        return of_small_batch


class _InParts:
    """Encoded code, run in several threads, each of which takes some parts of the batch.

    The totals of the parts are added up in their order, as a single thread does it too.
    """

    def __init__(self, encoded: Mapping[str, Any]) -> None:
        nothing = _bytes([_lanes.NUMBERS["end"]])
        once = {**encoded, "lanes": nothing, "totals": b"", "outputs": b"", "inputs": 0}
        self._before = _lanes.Program(**{**once, "after": nothing})
        self._after = _lanes.Program(**{**once, "before": nothing})
        self._lanes = {**encoded, "before": nothing, "after": nothing}
        self._of_threads: list[Any] = []  # a program for each of them, since each keeps some memory
        self._totals = np.frombuffer(encoded["totals"], np.int32)

    def run(self, uniforms: Array, inputs: Array, outputs: Array, samples: int, threads: int) -> None:
        """See :meth:`NativeMachine.run`."""
        parts = [slice(start, min(start + _lanes.PART, samples)) for start in range(0, samples, _lanes.PART)]
        threads = min(threads, len(parts))
        programs, totals = self._of_threads, np.empty((len(parts), len(self._totals)))
        programs += [_lanes.Program(**self._lanes) for _ in range(threads - len(programs))]

        def job(first: int) -> None:
            own = uniforms.copy()
            for i in range(first, len(parts), threads):
                part = parts[i]
                programs[first].run(own, inputs[:, part], outputs[:, part], part.stop - part.start)
                totals[i] = own[self._totals]

        self._before.run(uniforms, _NOTHING, _NOTHING, 1)
        shared(job, threads)
        uniforms[self._totals] = reduce(np.add, totals)
        self._after.run(uniforms, _NOTHING, _NOTHING, 1)


# ---------------------------------------------------------------------------------------------------------------------
# Encoding: a list of int32, for each instruction its number and its registers, which need no further checks
# ---------------------------------------------------------------------------------------------------------------------


def _bytes(numbers: Iterable[int]) -> bytes:
    return array("i", numbers).tobytes()


def _check(instruction: Instruction, code: Code, phase: str) -> None:
    """Refuse an instruction that the machine cannot run."""
    problem = _problem(instruction, code, phase)
    if problem is not None:
        raise ValueError(f"cannot run {instruction} of code.{phase}: {problem}")


def _problem(instruction: Instruction, code: Code, phase: str) -> str | None:
    op, out, operands = instruction
    registers = out, *operands
    if not knows(op) or (op in TOTALS and phase != "lanes"):
        return "unknown operation"
    if not _takes(op, len(operands)):
        return "the number of operands is wrong"
    if min(registers) < -code.n_uniforms or max(registers) >= (code.n_registers if phase == "lanes" else 0):
        return "unknown register"
    if phase != "lanes":
        return None
    if op in TOTALS and (out >= 0 or min(operands) < 0):
        return "a total reads lane registers and writes a uniform register"
    if op not in TOTALS and out < 0:
        return "only totals write uniform registers"
    return None


def _takes(op: str, n: int) -> bool:
    """Whether an operation takes ``n`` operands."""
    if op in SUMS:
        return op == "sum" or n % 2 == (op == "affine")
    wanted: int = TOTALS[op] if op in TOTALS else _lanes.KERNELS[op]
    return n == wanted


# ---------------------------------------------------------------------------------------------------------------------
# Uniform registers
# ---------------------------------------------------------------------------------------------------------------------

_CONSTANTS = (1.0, -1.0, 0.0, -0.0)  # which every program has in its last uniform registers

_SHORT = 2  # products; a longer sum is faster as an instruction of its own
_MANY = 8  # calls of one function; this many or more are faster together, as lanes


class _UniformEncoder:
    """Encodes the instructions and rows of one phase on uniform registers.

    Arithmetic becomes multiply-adds, with consecutive ones in one instruction; calls of one function are encoded
    together.  A row is encoded as an instruction for lanes, whose rows of lanes lie among the uniform registers.

    Attributes:
        encoded: the encoded instructions.
        numbers: how many numbers the rows compute or add up.
        widest: the length of the longest row.
    """

    def __init__(self, phase: str, code: Code, constants: Sequence[int]) -> None:
        self.encoded: list[int] = []
        self.numbers = self.widest = 0
        self._phase, self._code, self._constants = phase, code, constants
        self._multiply_adds: list[int] = []
        self._sums: list[_SumAlong] = []  # run after the multiply-adds
        self._held: set[int] = set()  # the single registers that those sums use
        steps: Sequence[Instruction | Row] = getattr(code, phase)
        for is_row, part in groupby(steps, key=lambda step: isinstance(step, Row)):
            if is_row:
                for row in part:
                    self._row(row)  # type: ignore[arg-type]
            else:
                self._singles(list(part))  # type: ignore[arg-type]
        self._append(_lanes.NUMBERS["end"])

    def _append(self, *encoded: int) -> None:
        """Add an instruction after all that is waiting."""
        if self._multiply_adds:
            self.encoded += _arithmetic(self._multiply_adds, minus_zero=self._constants[3])
            self._multiply_adds.clear()
        self._encode_sums()
        self.encoded += encoded

    def _singles(self, instructions: Sequence[Instruction]) -> None:
        if self._sums:
            self._append()
        place = 0
        while place < len(instructions):
            alike = _alike(instructions, place)
            self._single(alike)
            place += len(alike)

    def _single(self, alike: Sequence[Instruction]) -> None:
        """Add an instruction, or several calls of one function."""
        for instruction in alike:
            _check(instruction, self._code, self._phase)
        instruction = alike[0]
        op, out, operands = instruction.op, ~instruction.out, [~register for register in instruction.operands]
        if op in SUMS:
            self._sum(out, *_as_affine(op, operands, self._constants))
        elif len(alike) > 1:
            registers = [~x.out for x in alike] + [~x.operands[0] for x in alike]
            self._append(_lanes.NUMBERS["together"], len(alike), _lanes.NUMBERS[op], *registers)
        elif multiply_add := _as_multiply_add(op, operands, self._constants):
            self._multiply_adds += out, *multiply_add
        else:
            self._append(_lanes.NUMBERS[op], out, *operands)

    def _sum(self, out: int, start: int, products: Sequence[tuple[int, int]]) -> None:
        if 0 < len(products) <= _SHORT and out not in (start, *chain(*products)):
            for x, y in products:
                self._multiply_adds += out, x, y, start
                start = out
        else:
            self._append(_lanes.NUMBERS["affine"], out, len(products), start, *chain(*products))

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _row(self, row: Row) -> None:
        """Add a row; its operands are encoded by their first registers, or as ``~r`` if a register counts for all."""
        _check_row(row, self._code, self._phase)
        out, operands = ~row.out[0], [x if isinstance(x, int) else ~x[0] for x in row.operands]
        if len(row.out) == 1:
            self._sum_along(out, row)
            return
        self.numbers += len(row.out)
        self.widest = max(self.widest, len(row.out))
        if isinstance(row.operands[0], tuple):
            self._append(_lanes.NUMBERS["gather"], len(row.out), out, *[~register for register in row.operands[0]])
            return
        code = _code_of_lanes(row.op, out, operands, self._constants)
        self._append(_lanes.NUMBERS["row"], len(row.out), len(code) + 4, *code, _lanes.NUMBERS["end"])

    # -- sums along rows -----------------------------------------------------------------------------------------------

    def _sum_along(self, out: int, row: Row) -> None:
        """Start with the sum of single numbers; what lies in rows is added later, together with other sums."""
        one, _, zero, _ = self._constants
        pairs, addends = split_sum(row.op, row.operands)
        start = zero
        if row.op == "affine":
            start, addends = ~addends[0], ()  # type: ignore[operator]  # a single number, as _check_row has seen
        pairs = [*pairs, *[(x, ~one) for x in addends]]
        products = [(~x, ~y) for x, y in pairs if isinstance(x, int) and isinstance(y, int)]
        if not self._held.isdisjoint((out, start, *chain(*products))):
            self._append()
        self._sum(out, start, products or [(one, self._constants[3])])
        self._held |= {out}
        for x, y in pairs:
            if isinstance(x, int):
                x, y = y, x
            if not isinstance(x, int):
                self.numbers += len(x)
                self._held |= {~y} if isinstance(y, int) else set()
                self._sums.append(_SumAlong(len(x), out, ~x[0], y if isinstance(y, int) else ~y[0]))

    def _encode_sums(self) -> None:
        """Encode the sums that wait, and those of rows with a common factor together."""
        uses = Counter(chain(*[(x, y) for _, _, x, y in self._sums]))
        sharing: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for length, out, x, y in self._sums:
            shared, other = (x, y) if y < 0 or uses[x] >= uses[y] else (y, x)
            sharing[length, shared].append((out, other))
        for (length, shared), others in sharing.items():
            for out, other in others:
                if other < 0:
                    self.encoded += _lanes.NUMBERS["sum_along"], length, out, shared, ~other
            rows = [pair for pair in others if pair[1] >= 0]
            if rows:
                self.encoded += _lanes.NUMBERS["dots_along"], length, shared, len(rows), *chain(*rows)
        self._sums.clear()
        self._held.clear()


class _SumAlong(NamedTuple):
    """A sum along a row: its length, the register to add to, the first register of the row, and a factor."""

    length: int
    out: int
    row: int
    factor: int


def _check_row(row: Row, code: Code, phase: str) -> None:
    """Refuse a row that the machine cannot run."""
    problem = _problem_of_row(row, code)
    if problem is not None:
        raise ValueError(f"cannot run {row} of code.{phase}: {problem}")


def _problem_of_row(row: Row, code: Code) -> str | None:
    op, out, operands = row
    registers = range(-code.n_uniforms, 0)
    rows = [x for x in operands if not isinstance(x, int)]
    if not knows(op) or op in TOTALS:
        return "unknown operation"
    if not _takes(op, len(operands)):
        return "the number of operands is wrong"
    if not all(map(len, (out, *rows))) or not all(r in registers for r in (*out, *row.read())):
        return "unknown register"
    if any(x.step != -1 for x in (out, *rows) if isinstance(x, range)):
        return "registers of a row lie side by side"
    if op != "positive" and any(isinstance(x, tuple) for x in rows):
        return "only copies read registers that do not lie side by side"
    if len(out) > 1:
        return None if all(len(x) == len(out) for x in rows) else "the rows differ in length"
    pairs, addends = split_sum(op, operands)
    if op not in SUMS or (op == "affine" and not isinstance(addends[0], int)):
        return "only sums run along rows"
    lengths = [[len(x) for x in pair if not isinstance(x, int)] for pair in pairs]
    return None if all(len(set(pair)) <= 1 for pair in lengths) else "the rows differ in length"


def _alike(instructions: Sequence[Instruction], place: int) -> Sequence[Instruction]:
    """The independent instructions from ``place`` on that call one function; only the first if they are few."""
    op, written, end = instructions[place].op, set[int](), place
    if _lanes.KERNELS.get(op) == 1 and op not in ("square", "negative", "positive"):
        while end < len(instructions) and instructions[end].op == op and written.isdisjoint(instructions[end].operands):
            written.add(instructions[end].out)
            end += 1
    return instructions[place:end] if end - place >= _MANY else instructions[place : place + 1]


def _as_multiply_add(op: str, operands: Sequence[int], constants: Sequence[int]) -> tuple[int, int, int] | None:
    """Arithmetic as x y + z, which is exact here; adding -0 changes nothing, not even -0."""
    one, minus_one, _, minus_zero = constants
    match op, operands:
        case "add", [x, y]:
            return x, one, y
        case "subtract", [x, y]:
            return y, minus_one, x
        case "multiply", [x, y]:
            return x, y, minus_zero
        case "square", [x]:
            return x, x, minus_zero
        case "negative", [x]:
            return x, minus_one, minus_zero
        case "positive", [x]:
            return x, one, minus_zero
    return None


def _arithmetic(multiply_adds: Sequence[int], minus_zero: int) -> Sequence[int]:
    """The code of consecutive arithmetic; of products alone, which need not wait for additions."""
    if all(addend == minus_zero for addend in multiply_adds[3::4]):
        products = chain(*zip(multiply_adds[::4], multiply_adds[1::4], multiply_adds[2::4], strict=True))
        return [_lanes.NUMBERS["products"], len(multiply_adds) // 4, *products]
    return [_lanes.NUMBERS["multiply_adds"], len(multiply_adds) // 4, *multiply_adds]


def _code_of_lanes(op: str, out: int, operands: Sequence[int], constants: Sequence[int]) -> Sequence[int]:
    """An instruction for lanes; arithmetic with a single number as a x + b c, which reads that number only once."""
    one, minus_one, _, minus_zero = constants
    linear = _lanes.NUMBERS["linear"], out
    match op, operands:
        case ("add", [x, y]) | ("add", [y, x]) if x < 0 <= y:
            return *linear, one, y, ~x, one
        case ("multiply", [x, y]) | ("multiply", [y, x]) if x < 0 <= y:
            return *linear, ~x, y, minus_zero, one
        case "subtract", [x, y] if x < 0 <= y:
            return *linear, minus_one, y, ~x, one
        case "subtract", [y, x] if x < 0 <= y:
            return *linear, one, y, ~x, minus_one
    return _combined(op, out, operands) if op in SUMS else (_lanes.NUMBERS[op], out, *operands)


def _combined(op: str, out: int, operands: Sequence[int]) -> Sequence[int]:
    """A sum for lanes: single numbers come first, then their products, rows, scaled rows and products of rows."""
    pairs, addends = split_sum(op, operands)
    ordered = [(min(pair), max(pair)) for pair in pairs]
    kinds: list[list[tuple[int, ...]]] = [
        [(~x,) for x in addends if x < 0],
        [(~x, ~y) for x, y in ordered if y < 0],
        [(x,) for x in addends if x >= 0],
        [(~x, y) for x, y in ordered if x < 0 <= y],
        [(x, y) for x, y in ordered if x >= 0],
    ]
    starts_with_minus_zero = op == "affine"
    return _lanes.NUMBERS["combine"], out, starts_with_minus_zero, *map(len, kinds), *chain(*chain(*kinds))


def _as_affine(op: str, operands: Sequence[int], constants: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
    """Any sum as an affine map: the number that it starts with, and the products that are added."""
    one, _, zero, _ = constants
    if op == "sum":
        return zero, [(x, one) for x in operands]
    products, addends = split_sum(op, operands)
    return addends[0] if addends else zero, products


# ---------------------------------------------------------------------------------------------------------------------
# Lanes
# ---------------------------------------------------------------------------------------------------------------------


class _LaneEncoder:
    """Encodes the instructions for lanes.

    A total waits until one of its operands is about to be overwritten, so that totals with a common operand can be
    computed together.

    Attributes:
        encoded: the encoded instructions.
        totals: the uniform registers that totals are added to.
        ones: the register after all others, which holds 1 in each lane.
    """

    def __init__(self, code: Code, constants: Sequence[int]) -> None:
        self.encoded: list[int] = []
        self.totals: list[int] = []
        self.ones = code.n_registers
        self._code, self._constants = code, constants
        self._written = set(range(code.n_inputs))
        self._clear: set[int] = set()  # registers with zeros in the padding after the last lane, as totals need
        self._waiting: dict[int, tuple[int, int]] = {}  # operands of totals, by the uniform register that is written
        self._readers: defaultdict[int, list[int]] = defaultdict(list)  # for each lane register the totals that read it
        self._check_registers()
        for instruction in code.lanes:
            self._encode(instruction)
        self._encode_totals(list(self._waiting))
        self.encoded.append(_lanes.NUMBERS["end"])
        if not self._written.issuperset(code.outputs):
            raise ValueError(f"the outputs {code.outputs} must be lane registers that have been written")

    def _check_registers(self) -> None:
        code = self._code
        read = {r for _, _, operands in code.lanes for r in operands if r < 0}
        totals = [instruction.out for instruction in code.lanes if instruction.op in TOTALS]
        if not 0 <= code.n_inputs <= code.n_registers:
            raise ValueError(f"{code.n_inputs} inputs do not fit into {code.n_registers} lane registers")
        if len(set(totals)) < len(totals) or read & set(totals):
            raise ValueError("a total must be written once, and read only after the lanes")

    def _encode(self, instruction: Instruction) -> None:
        _check(instruction, self._code, "lanes")
        op, out, operands = instruction
        if not self._written.issuperset(r for r in operands if r >= 0):
            raise ValueError(f"{instruction} reads a lane register that has not been written")
        if op in TOTALS:
            self._wait(~out, operands[0], operands[1] if op == "total_dot" else self.ones)
            return
        self._encode_totals([total for total in self._readers.pop(out, ()) if total in self._waiting])
        self._written.add(out)
        self._clear.discard(out)
        self.encoded += _code_of_lanes(op, out, operands, self._constants)

    def _wait(self, total: int, x: int, y: int) -> None:
        self.totals.append(total)
        self._waiting[total] = x, y
        for register in {x, y}:
            self._readers[register].append(total)

    def _encode_totals(self, totals: Sequence[int]) -> None:
        """Encode waiting totals, up to eight with a common operand in one instruction."""
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

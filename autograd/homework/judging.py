"""The backward pass, judged: each gradient is compared with the engine's, and the code goes on from the right value.

A gradient may be written in several statements.  It is judged when the next statement reads it, or at the end of its
function.  If it is wrong, its statements are run again with one of them changed, until a change makes it right.
"""

from __future__ import annotations

import ast
import copy
import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from itertools import islice
from types import ModuleType
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from autograd.core.aliases import Array
from autograd.homework.edits import Edit, edits
from autograd.homework.interpreter import Finished, Frame, Interpreter, UserError
from autograd.homework.names import looks_like_gradient, reads, targets, variables_of
from autograd.homework.recording import Recorder
from autograd.homework.variables import Variable, Variables
from autograd.homework.verdicts import CheckedLine

__all__ = ["Convention", "Judge"]

_TOLERANCE = 1e-6  # relative to the largest entry of the gradient
_REPLAYS = 20_000  # statements that are run in search of one mistake
_EVENTS = 500  # executions of statements that are kept for one gradient
_COUNTS = ("m", "N", "n", "B", "batch_size", "num_train", "num_examples", "n_samples", "num_samples", "nb_samples")


Convention: TypeAlias = Literal["mean", "summed", "strict"]

_ACTIVATIONS = (("maximum",), ("tanh",), ("where",), ("divide", "add", "exp", "negative"))


class _Event(NamedTuple):
    """A statement that wrote a part of a gradient, the names that it found, and the place that it wrote to."""

    statement: ast.stmt
    names: dict[str, Any]
    place: ast.expr
    text: str


@dataclass
class _Pending:
    """A gradient that is being written."""

    variable: Variable
    place: ast.expr
    frame: Frame
    events: list[_Event] = field(default_factory=list)
    error: UserError | None = None
    failed: _Event | None = None


class _Match(NamedTuple):
    gradient: Array
    factor: float


class Judge(Interpreter):
    """Runs the code with plain arrays, and compares its gradients with those of the recordings.

    Args:
        known: every name in the code.
        recordings: one or two recordings of the same code; a gradient is right if it agrees with one of them.
        source: the lines of the code, by number.
        convention: whether a wrong gradient was meant for the mean or the summed loss, if the lines before it do not
            say; ``"strict"`` if even a right one for the summed loss is a mistake.

    Attributes:
        lines: the verdicts, by number of the line.
        variables: the forward variables that were bound so far.
        undecided: whether the convention made a difference.
    """

    def __init__(
        self, known: set[str], recordings: list[Recorder], source: dict[int, str], *, convention: Convention
    ) -> None:
        super().__init__(known)
        self.undecided, self._convention = False, convention
        self.lines: dict[int, CheckedLine] = {}
        self._recordings, self._source = recordings, source
        self.variables = Variables(recordings, self.look)
        self._pending: dict[tuple[int, str], _Pending] = {}
        self._settled: dict[int, tuple[Any, Variable]] = {}
        self._modified: dict[int, tuple[Any, list[_Event]]] = {}
        self._summed: dict[str, int] = {}
        self._averaged = self._muted = False

    @property
    def summed(self) -> bool:
        """Whether a gradient is one of the summed loss."""
        return bool(self._summed)

    @property
    def mistakes(self) -> int:
        """The number of wrong lines."""
        return sum(line.ok is False for line in self.lines.values())

    # -- running -------------------------------------------------------------------------------------------------------

    def enter(self, definition: ast.FunctionDef, frame: Frame, given: dict[str, Any]) -> None:
        """Note which variables the arguments of a function are."""
        if self._muted:
            return
        key = self.key(definition)
        frame.definition = definition.lineno
        for name, value in given.items():
            self.variables.register((*key, name), name, value, frame)
            if isinstance(value, np.ndarray):
                self._settled.setdefault(id(value), (value, Variable(name, ())))

    def leave(self, frame: Frame) -> None:
        """Judge what a function has left."""
        self.settle_all(frame)

    def bound(self, statement: ast.stmt, frame: Frame) -> None:
        """Note which variables a loop has bound."""
        if not self._muted:
            self._bind(statement, targets(statement), frame)

    def _bind(self, statement: ast.stmt, places: list[ast.expr], frame: Frame, key: Any = None) -> None:
        key = self.key(statement) if key is None else key
        for number, place in enumerate(places):
            self.variables.register((*key, number), self.claim(place, frame)[0], self.look(place, frame), frame)
            self.variables.note_series(place)

    def reading(self, expression: ast.AST, frame: Frame) -> None:
        """Judge the gradients that an expression reads."""
        if not self._muted:
            self._settle_read(expression, frame, set(), set())

    def leaf(self, statement: ast.stmt, frame: Frame) -> None:
        """Run a simple statement, and note which gradient it writes."""
        if self._muted:
            self.perform(statement, frame)
            return
        key = self.key(statement)
        if key == self._recordings[0].end:
            raise Finished
        places = [self.place(target, frame) for target in targets(statement)]
        written = {ast.unparse(place) for place in places}
        claims = [(place, *self._claimed(place, frame)) for place in places]
        claimed = [claim for claim in claims if claim[1] is not None]
        same = {claim[1].identity for claim in claimed if claim[1] is not None}
        folded = self._settle_read(statement, frame, written, same)
        before = self._changed_in_place(statement, places, frame)
        names = self._snapshot(statement, frame) if claimed or before else {}
        error = None
        try:
            self.perform(statement, frame)
        except UserError as raised:
            if not claimed:
                raise
            error = raised
        if before:
            event = _Event(statement, names, places[0], ast.unparse(places[0]))
            value = self.look(places[0], frame)
            self._modified.setdefault(id(value), (value, []))[1].append(event)
            return
        if error is None and not claimed:
            self._bind(statement, places, frame, key)
        for place, variable, looks in claims:
            if variable is not None:
                self._write(_Event(statement, names, place, ast.unparse(place)), variable, frame, folded, error)
            elif looks and error is None and id(self.look(place, frame)) not in self._settled:
                self._unknown(statement, self.claim(place, frame)[0])

    def _claimed(self, place: ast.expr, frame: Frame) -> tuple[Variable | None, bool]:
        """The variable whose gradient a place holds, and whether its name looks like that of a gradient."""
        name, names = self.claim(place, frame)
        if name in frame.nodes and not isinstance(place, ast.Subscript) and not looks_like_gradient(name):
            return None, False
        return self.variables.lookup(names, frame), looks_like_gradient(name)

    def _changed_in_place(self, statement: ast.stmt, places: list[ast.expr], frame: Frame) -> bool:
        """Whether a statement changes a gradient that is finished, into that of another variable."""
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], (ast.Name, ast.Tuple, ast.Attribute)):
            return False
        if len(places) != 1 or (id(frame), ast.unparse(places[0])) in self._pending:
            return False
        try:
            value = self.look(places[0], frame)
        except UserError:
            return False
        held = self._settled.get(id(value))
        return isinstance(value, np.ndarray) and held is not None and held[0] is value

    def _write(
        self, event: _Event, variable: Variable, frame: Frame, folded: list[_Event], error: UserError | None
    ) -> None:
        key = (id(frame), event.text)
        pending = self._pending.get(key)
        if error is None and pending is None:
            value = self.look(event.place, frame)
            if not isinstance(value, (int, float, np.number, np.ndarray)):
                return  # such as self.dW = None
            held = self._settled.get(id(value))
            modified = self._modified.get(id(value))
            if modified is not None and modified[0] is value:
                folded = [*modified[1], *folded]
            elif held is not None and held[0] is value and held[1].identity == variable.identity:
                return  # judged already, under another name
        if pending is None or pending.variable.identity != variable.identity:
            pending = self._pending[key] = _Pending(variable, event.place, frame)
        pending.events += [*folded, event] if len(pending.events) < _EVENTS else []
        if error is not None and pending.error is None:
            pending.error, pending.failed = error, event
        if error is not None:  # later statements may write to it, too
            self.assign(event.place, np.full(variable.shape, np.nan), frame)

    def _snapshot(self, statement: ast.stmt, frame: Frame) -> dict[str, Any]:
        """The names in a frame, with copies of what the statement uses."""
        names = dict(frame.names)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in names and not isinstance(names[node.id], ModuleType):
                try:
                    names[node.id] = copy.deepcopy(names[node.id])
                except Exception:  # something that cannot be copied is hardly an array
                    continue
        return names

    # -- judging -------------------------------------------------------------------------------------------------------

    def _settle_read(self, node: ast.AST, frame: Frame, written: set[str], same: set[int]) -> list[_Event]:
        """Judge the gradients that are read here; those of the ``same`` variables are continued, and returned."""
        if not self._pending or _prints(node):
            return []
        texts, whole = reads(node), reads(node, whole=True)
        folded: list[_Event] = []
        for key, pending in list(self._pending.items()):
            text = key[1]
            inside = isinstance(pending.place, ast.Subscript) and ast.unparse(pending.place.value) in whole
            if pending.frame is not frame or text in written or not (text in texts or inside):
                continue
            if pending.variable.identity in same and pending.error is None:
                folded += self._pending.pop(key).events
            else:
                self._settle(key)
        return folded

    def settle_all(self, frame: Frame | None = None) -> None:
        """Judge every gradient that is left, in one frame or in all."""
        for key, pending in list(self._pending.items()):
            if frame is None or pending.frame is frame:
                self._settle(key)

    def _settle(self, key: tuple[int, str]) -> None:
        pending = self._pending.pop(key)
        candidates = list(self._candidates(pending.variable, pending.frame))
        if not candidates:
            self._unknown(pending.events[-1].statement, key[1], f"the loss has no gradient for {pending.variable.name}")
            return
        value = None if pending.error else self.look(pending.place, pending.frame)
        match = None if value is None else self._match(value, candidates, pending)
        if match is not None:
            self._right(pending, key[1], match)
        else:
            match = self._wrong(pending, key[1], value, candidates)
            value = np.array(match.gradient * match.factor)
            value = value if value.ndim else value[()]
            self.assign(pending.place, value, pending.frame)
        if isinstance(value, np.ndarray):
            self._settled[id(value)] = (value, pending.variable)
        if match.factor == 1 and not self.undecided and not self.variables.is_parameter(pending.variable):
            self._averaged = True
        if match.factor != 1:
            self._summed[key[1]] = pending.events[-1].statement.lineno

    def _candidates(self, variable: Variable, frame: Frame) -> Iterator[Array]:
        """The gradient of a variable, of what it is an activation of, and of what the name was in other rounds."""
        yield from variable.gradients()
        for node in variable.nodes:
            for chain in _ACTIVATIONS:
                operand = _operand(node, chain)
                if operand is not None:
                    yield from Variable("", (operand,)).gradients()
        for other in self.variables.in_other_rounds(variable, frame):
            yield from other.gradients()

    def _match(self, value: Any, candidates: list[Array], pending: _Pending) -> _Match | None:
        try:
            array = np.asarray(value, float)
        except (TypeError, ValueError):
            return None
        factors = [1.0]
        if not self.variables.is_parameter(pending.variable):
            factors += self._samples(pending)
        for gradient in candidates:
            if gradient.shape != array.shape:
                continue
            allowed = _TOLERANCE * max(float(np.abs(gradient).max(initial=0.0)), 1e-12)
            for factor in factors:
                if (np.abs(array - factor * gradient) <= allowed * factor).all():
                    return _Match(gradient, factor)
        return None

    def _samples(self, pending: _Pending) -> list[float]:
        """How many samples there may be: the length of an axis that a variable has in common with the data."""
        shape, data = pending.variable.shape, self.variables.data_shapes()
        lengths = {own[axis] for own in data for axis in (0, -1) if shape and own and own[axis] == shape[axis]}
        named = {x for name, x in self._counts(pending.frame).items() if name in _COUNTS}
        if not self._recordings[0].given and self._convention != "strict":
            return sorted(float(x) for x in (lengths & named or lengths or (set() if data else named)) if x > 1)
        return []

    def _counts(self, frame: Frame) -> dict[str, int]:
        """Expressions for the number of samples: names of whole numbers, and lengths of the data."""
        if self._recordings[0].given:  # there is no mean
            return {}
        lengths = {length for shape in self.variables.data_shapes() for length in shape}
        found = {
            name: int(x)
            for name, x in frame.names.items()
            if isinstance(x, (int, np.integer)) and not isinstance(x, bool) and (name in _COUNTS or x in lengths)
        }
        found = {name: x for name, x in found.items() if x > 1 and not name.startswith("__")}
        found = dict(sorted(found.items(), key=lambda item: item[0] not in _COUNTS))
        return found | {
            str(length): length for length in sorted(lengths) if length > 1 and length not in found.values()
        }

    def _right(self, pending: _Pending, text: str, match: _Match) -> None:
        kind, words = "right", ""
        if match.factor != 1:
            m = next((name for name, x in self._counts(pending.frame).items() if x == match.factor), "m")
            kind, words = "summed", f"right for the summed loss: {m} times the gradient of the mean"
        for event in pending.events:
            self._say(event.statement, pending.variable.name, kind, words)

    def _wrong(self, pending: _Pending, text: str, value: Any, candidates: list[Array]) -> _Match:
        name = pending.variable.name
        found = self._search(pending, candidates)
        true = candidates[0]
        words = [] if value is None else _shapes(value, true, name)
        kind = "shape" if words else "wrong"
        if pending.error is not None:
            kind, words = "raises", [str(pending.error.error)]
        if found is None:
            nearest = _nearest(value, candidates) if len(pending.events) > 1 else candidates[0]
            if kind == "wrong":
                words = [_deviation(value, nearest, name)]
            lines = sorted({event.statement.lineno for event in pending.events})
            m = self._missing_count(value, nearest, pending)
            if m is not None:
                statement = pending.events[-1].statement
                fix = f"{ast.unparse(statement)}; {text} /= {m}"
                self._say(statement, name, "factor", f"1/{m} is missing", fix)
                return _Match(nearest, 1.0)
            if len(lines) > 1 and pending.failed is None:
                words.append(f"it is written in lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}")
            self._say((pending.failed or pending.events[-1]).statement, name, kind, "; ".join(words))
            return _Match(nearest, self._likely_factor(pending))
        edit, event, match = found
        hint = edit.text
        if edit.kind == "factor" and "missing" in hint:
            summed = [x for x in self._summed if x in reads(event.statement)]
            if summed:
                hint += f", here or in {summed[0]} (line {self._summed[summed[0]]})"
        fix = "" if isinstance(edit.statement, ast.Pass) else ast.unparse(edit.statement)
        for other in pending.events:
            if other.statement is not event.statement:
                self._say(other.statement, name, "right", "")
        self._say(event.statement, name, edit.kind, "; ".join([*words, hint]), fix or None)
        return match

    def _missing_count(self, value: Any, true: Array, pending: _Pending) -> str | None:
        """The number of samples by which a gradient is too large."""
        if pending.error is not None or np.shape(value) != true.shape:
            return None
        counts = self._counts(pending.frame).items()
        return next((name for name, m in counts if np.allclose(value, m * true, rtol=_TOLERANCE, atol=0)), None)

    def _likely_factor(self, pending: _Pending) -> float:
        """Whether a wrong gradient was meant for the summed loss, as those before it were."""
        samples = self._samples(pending)
        if self.variables.is_parameter(pending.variable) or not samples:
            return 1.0
        if self._summed:
            return samples[0]
        if self._averaged:
            return 1.0
        self.undecided = True
        return samples[0] if self._convention == "summed" else 1.0

    def _search(self, pending: _Pending, candidates: list[Array]) -> tuple[Edit, _Event, _Match] | None:
        """The first change of one statement that makes the gradient right, without a factor if there is such a one."""
        counts = list(self._counts(pending.frame))
        statements = {id(event.statement): event for event in reversed(pending.events)}.values()
        tiers = [
            edits(event.statement, event.text, _array_names(event.names, pending.frame.owner), counts)
            for event in statements
        ]
        trials = (
            (event, edit)
            for same in zip(*tiers, strict=True)
            for event, tier in zip(statements, same, strict=True)
            for edit in tier
        )
        summed = None
        for event, edit in islice(trials, _REPLAYS // len(pending.events)):
            value = self._replay(pending.events, event.statement, edit.statement, ast.unparse(pending.place))
            match = None if value is None else self._match(value, candidates, pending)
            if match is None:
                continue
            if match.factor == 1 or self._summed:
                return edit, event, match
            if edit.kind != "factor":
                summed = summed or (edit, event, match)
        if summed is None or self._averaged:
            return None
        self.undecided = True
        return summed if self._convention == "summed" else None

    def _replay(self, events: list[_Event], old: ast.stmt, new: ast.stmt, text: str) -> Any:
        """The gradient that the statements give when one of them is changed; ``None`` if that fails."""
        current: dict[str, Any] = {}
        self._muted = True
        try:
            code = compile(ast.fix_missing_locations(ast.Module([new], [])), "<change>", "exec")
            with redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
                for event in events:
                    names = dict(event.names)
                    root = event.text.partition("[")[0].partition(".")[0]
                    if root in names:  # the statement may write into it
                        names[root] = copy.deepcopy(names[root])
                    for place, names["__value__"] in current.items():
                        exec(f"{place} = __value__", names)
                    exec(code if event.statement is old else self._code(event.statement, "exec"), names)
                    current[event.text] = np.array(eval(event.text, names))
        except Exception:  # a change that makes no sense
            return None
        finally:
            self._muted = False
        return current.get(text)

    # -- saying --------------------------------------------------------------------------------------------------------

    def _unknown(self, statement: ast.stmt, name: str, text: str | None = None) -> None:
        of = next(iter(variables_of(name)), name)
        self._say(statement, name, "unknown", text or f"there is no variable {of}: name it in the forward pass")

    def _say(self, statement: ast.stmt, variable: str, kind: str, text: str, fix: str | None = None) -> None:
        """Note a verdict; the first mistake of a line stays."""
        number = statement.lineno
        old = self.lines.get(number)
        if old is None or (old.ok is not False and kind not in ("right", "summed", "unknown")):
            self.lines[number] = CheckedLine(number, self._source.get(number, ""), variable, kind, text, fix)


def _operand(node: Any, chain: tuple[str, ...]) -> Any:
    """What an activation was applied to, if the node was computed by this chain of operations of one operand each."""
    for name in chain:
        if node.op is None or node.op.name != name or len(node.parents) != 1:
            return None
        (node,) = node.parents
    return node


def _prints(node: ast.AST) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def _array_names(names: dict[str, Any], owner: Any) -> list[str]:
    """Expressions for the arrays that a statement can use."""
    found = []
    for name, value in names.items():
        if isinstance(value, np.ndarray) and value.dtype.kind in "fb":
            found.append(name)
        elif isinstance(value, dict) and not name.startswith("__"):
            found += [f"{name}[{k!r}]" for k, x in value.items() if isinstance(k, str) and isinstance(x, np.ndarray)]
    if owner is not None and hasattr(owner, "__dict__"):
        found += [f"self.{name}" for name, x in vars(owner).items() if isinstance(x, np.ndarray)]
    return found


def _shapes(value: Any, true: Array, name: str) -> list[str]:
    shape = np.shape(value)
    return [] if shape == true.shape else [f"its shape is {shape}, but {name} has {true.shape}"]


def _nearest(value: Any, candidates: list[Array]) -> Array:
    """The gradient that a wrong one resembles most, by the angle between them."""

    def resemblance(gradient: Array) -> float:
        if np.shape(value) != gradient.shape or not np.isfinite(value).all():
            return 0.0
        lengths = float(np.linalg.norm(value) * np.linalg.norm(gradient))
        return abs(float(np.sum(value * gradient))) / lengths if lengths else 0.0

    return max(candidates, key=resemblance)


def _deviation(value: Any, true: Array, name: str) -> str:
    """The entry that is most wrong, in words."""
    gap = np.abs(np.asarray(value, float) - true)
    place = np.unravel_index(int(np.argmax(np.nan_to_num(gap, nan=np.inf))), gap.shape)
    at = f" at [{', '.join(map(str, place))}]" if gap.ndim else ""
    return f"this is not the gradient of {name}: {np.asarray(value)[place]:.6g} instead of {true[place]:.6g}{at}"

"""The forward pass on the engine: the code is run with Tensors, and one sweep gives the gradient of every variable.

What the code does to plain arrays it cannot do to Tensors: write into them, copy them, make a float of them.  Such
statements are rewritten here into functions that keep the graph.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.arrays import operations
from autograd.arrays.tensor import Tensor
from autograd.core import rules
from autograd.core.value import Value
from autograd.homework.interpreter import Finished, Frame, Interpreter, Key, UserError
from autograd.homework.names import is_loss, looks_like_gradient, reads, targets, variables_of

__all__ = ["Recorder", "leaves"]

_DEPTH = 3  # containers in containers that are searched for arrays
_LENGTH = 1000  # entries of a container that are searched
_SMALL = 1e-5  # a constant in a logarithm that only keeps it finite


class Recorder(Interpreter):
    """Runs code with Tensors in place of its arrays of floats.

    Attributes:
        nodes: for each binding, the nodes in what was bound; by the place in the code, or the argument.
        loss: the node of the loss.
        given: whether the gradient to start from was given, in place of a loss.
        end: the statement at which a second iteration of the training begins, and where all runs stop.
    """

    def __init__(self, known: set[str], loss_name: str | None, *, exact_logarithms: bool = False) -> None:
        super().__init__(known)
        self.nodes: dict[Any, dict[tuple[Any, ...], Any]] = {}
        self.names: dict[str, list[Any]] = {}
        self.loss: Any = None
        self.given = False
        self.end: Key | None = None
        self._loss_name, self._exact = loss_name, exact_logarithms
        self._graded = False
        self._scalars = {variable for name in known for variable in variables_of(name)}
        self._made: dict[int, tuple[Any, Tensor]] = {}

    def record(self, key: Any, name: str, value: Any) -> Any:
        """The value with a Tensor for every array of floats in it; its nodes are kept."""
        value = self._wrapped(value, name, 0)
        self.nodes[key] = dict(leaves(value))
        for path, node in self.nodes[key].items():
            self.names.setdefault(str(path[-1]) if path else name, []).append(node)
        return value

    def leaf(self, statement: ast.stmt, frame: Frame) -> None:
        """Run a statement; one that writes a gradient may fail, since only the judge looks at it."""
        key = self.key(statement)
        try:
            written = [(target, self.place(target, frame)) for target in targets(statement)]
            claimed = [place for _, place in written if self._is_gradient(place, frame)]
        except UserError:
            written, claimed = [], []
        try:
            if not self.guarded(statement, lambda: self._write(statement, frame)):
                self.perform(statement, frame)
        except UserError as error:
            if not claimed:
                if self.loss is not None and self._graded:
                    self.end = key
                    raise Finished from error
                raise
            for target, _ in written:
                if not isinstance(target, ast.Subscript):
                    self.assign(target, 0.0, frame)
        for number, (_, place) in enumerate(written):
            self._bind(key, number, place, place in claimed, statement, frame)
        self._graded = self._graded or bool(claimed)

    def _bind(self, key: Key, number: int, place: ast.expr, claimed: bool, statement: ast.stmt, frame: Frame) -> None:
        try:
            value, name = self.look(place, frame), self.claim(place, frame)[0]
        except UserError:
            return
        new = _detached(value) if claimed else self.record((*key, number), name, value)
        if new is not value:
            self.assign(place, new, frame)
        computed = isinstance(new, (Tensor, Value)) and new.op is not None and np.size(new.data) == 1
        if computed and is_loss(name, self._loss_name):
            self._found(new, key, statement)

    def _found(self, node: Any, key: Key, statement: ast.stmt) -> None:
        continued = isinstance(statement, ast.AugAssign) or any(
            is_loss(name, self._loss_name) for name in reads(statement)
        )
        if self.loss is not None and node is not self.loss and self._graded and not continued:
            self.end = key
            raise Finished
        self.loss = node

    def bound(self, statement: ast.stmt, frame: Frame) -> None:
        """Keep the nodes that a loop has bound."""
        key = self.key(statement)
        for number, place in enumerate(targets(statement)):
            self._bind(key, number, place, False, statement, frame)

    def enter(self, definition: ast.FunctionDef, frame: Frame, given: dict[str, Any]) -> None:
        """Keep the nodes among the arguments of a function."""
        key = self.key(definition)
        for name, value in given.items():
            frame.names[name] = self.record((*key, name), name, value)

    def prepare(self, node: ast.AST) -> ast.AST:
        """Calls that a Tensor does not support, as calls of the functions below."""
        ready: ast.AST = _Rewritten(self._exact).visit(copy.deepcopy(node))
        return ready

    def finish(self) -> None:
        """Sweep back from the loss, so that every node has its gradient.

        Raises:
            ValueError: if there is no loss, or no gradient to check.
        """
        if not self._graded:
            raise ValueError(
                "no gradient was found: the code has to compute one, such as dW for the variable W or grads['W'], and "
                "if it only defines functions, it has to call them"
            )
        if self.loss is None:
            self.loss = self._product_with_given()
            self.given = self.loss is not None
        if self.loss is None:
            if self._loss_name is not None:
                raise ValueError(f"no variable {self._loss_name} is a single number that depends on the inputs")
            raise ValueError(
                "no loss was found: compute it as a single number in a variable named loss, cost or J, or name the "
                "variable with loss="
            )
        self.loss.backward()

    def _product_with_given(self) -> Any:
        """The loss whose gradient is the one that was given as an input, such as ``dout``."""
        for name, given in self.names.items():
            for variable in variables_of(name):
                for node in reversed(self.names.get(variable, [])):
                    if node.op is not None and given[0].op is None and np.shape(node.data) == np.shape(given[0].data):
                        return operations.sum(node * given[0].data)
        return None

    def _is_gradient(self, place: ast.expr, frame: Frame) -> bool:
        name, variables = self.claim(place, frame)
        return looks_like_gradient(name) or any(variable in self.known for variable in variables)

    def _wrapped(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, np.ndarray) and value.dtype in (np.float64, np.float32):
            kept = self._made.get(id(value))
            if kept is None:
                kept = self._made[id(value)] = (value, Tensor(value))
            return kept[1]
        if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
            count = isinstance(value, (int, np.integer)) and value != 0  # rather a size than a variable
            variable = name in self._scalars and not count and not is_loss(name, self._loss_name)
            return Tensor(float(value)) if variable else value
        if depth < _DEPTH and type(value) in (dict, list, tuple) and len(value) <= _LENGTH:
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            new = {k: self._wrapped(x, k if isinstance(k, str) else "", depth + 1) for k, x in entries}
            if isinstance(value, tuple):
                same = all(x is y for x, y in zip(new.values(), value, strict=True))
                return value if same else tuple(new.values())
            for k, x in new.items():
                value[k] = x
        return value

    def _write(self, statement: ast.stmt, frame: Frame) -> bool:
        """Perform ``x[index] = value`` and ``x[index] += value`` where a Tensor is concerned; whether it was one."""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
        elif isinstance(statement, ast.AugAssign):
            target = statement.target
        else:
            return False
        if not isinstance(target, ast.Subscript):
            return False
        base = self.value(target.value, frame)
        if not isinstance(base, (Tensor, np.ndarray)):
            return False
        value = self.value(statement.value, frame)
        if not isinstance(base, Tensor) and not isinstance(value, (Tensor, Value)):
            return False
        index = (
            _read(self.value(target.slice, frame)) if not _sliced(target.slice) else _index(self, target.slice, frame)
        )
        if isinstance(statement, ast.AugAssign):
            frame.names |= {"__old__": (base if isinstance(base, Tensor) else Tensor(base))[index], "__new__": value}
            operation = ast.BinOp(ast.Name("__old__", ast.Load()), statement.op, ast.Name("__new__", ast.Load()))
            value = eval(compile(ast.fix_missing_locations(ast.Expression(operation)), "<code>", "eval"), frame.names)
        new = _written(base, index, value)
        for name, other in list(frame.names.items()):
            if other is base:  # the same array under another name
                frame.names[name] = new
        self.assign(target.value, new, frame)
        return True


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The arrays and nodes in nested containers, each with the path that leads to it."""
    if isinstance(value, (Tensor, Value, np.ndarray)):
        yield path, value
    elif len(path) < _DEPTH and type(value) in (dict, list, tuple) and len(value) <= _LENGTH:
        for k, x in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(x, (*path, k))


def _read(x: Any) -> Any:
    """Numbers in place of nodes."""
    if isinstance(x, tuple):
        return tuple(map(_read, x))
    return x.data if isinstance(x, (Tensor, Value)) else x


def _detached(value: Any) -> Any:
    if isinstance(value, (Tensor, Value)):
        return np.array(value.data)
    if type(value) is dict:
        for k, x in value.items():
            value[k] = _detached(x)
    elif type(value) in (list, tuple):
        return type(value)(map(_detached, value))
    return value


def _sliced(index: ast.expr) -> bool:
    return any(isinstance(node, ast.Slice) for node in ast.walk(index))


def _index(interpreter: Interpreter, index: ast.expr, frame: Frame) -> Any:
    """The index in brackets, slices included."""
    call = ast.Subscript(ast.Name("__index__", ast.Load()), index, ast.Load())
    frame.names["__index__"] = np.s_
    return _read(eval(compile(ast.fix_missing_locations(ast.Expression(call)), "<code>", "eval"), frame.names))


def _written(base: Any, index: Any, value: Any) -> Any:
    """The array after ``base[index] = value``, as a function of both."""
    base = base if isinstance(base, Tensor) else Tensor(base)
    mask, source = np.zeros(base.shape, bool), np.zeros(base.shape, int)
    mask[index] = True
    source[index] = np.arange(np.size(_read(value))).reshape(np.shape(_read(value)))
    if isinstance(value, Value):
        value = value + Tensor(np.zeros(()))
    flat = operations.reshape(value if isinstance(value, Tensor) else Tensor(np.asarray(value, float)), -1)
    return rules.where(mask, flat[source], base)


def _copied(x: Any, *args: Any, **options: Any) -> Any:
    if isinstance(x, (Tensor, Value)):
        return x + 0.0
    if isinstance(x, (list, tuple)) and any(isinstance(node, (Tensor, Value)) for _, node in leaves(x)):
        return np.stack(x)
    return np.array(x, *args, **options)


def _number(x: Any) -> Any:
    return x if isinstance(x, (Tensor, Value)) else float(x)


def _argmax(x: Any, *args: Any, **options: Any) -> Any:
    return x.data.argmax(*args, **options) if isinstance(x, Tensor) else x.argmax(*args, **options)


def _item(x: Any) -> Any:
    return x if isinstance(x, (Tensor, Value)) else x.item()


def _method_copy(x: Any, *args: Any) -> Any:
    return x + 0.0 if isinstance(x, (Tensor, Value)) else x.copy(*args)


def _dot(x: Any, y: Any) -> Any:
    return np.dot(x, y) if isinstance(x, np.ndarray) else x.dot(y)


HELPERS = {
    "__dot__": _dot,
    "__copied__": _copied,
    "__number__": _number,
    "__argmax__": _argmax,
    "__item__": _item,
    "__method_copy__": _method_copy,
}
"""What the rewritten statements call."""


_METHODS = {"copy": "__method_copy__", "argmax": "__argmax__", "item": "__item__", "dot": "__dot__"}


class _Rewritten(ast.NodeTransformer):
    """Calls that a Tensor does not support, rewritten; with ``exact``, ``log(x + 1e-7)`` becomes ``log(x)``."""

    def __init__(self, exact: bool) -> None:
        self._exact = exact

    def visit_Call(self, call: ast.Call) -> ast.AST:
        self.generic_visit(call)
        function = call.func
        if isinstance(function, ast.Name) and function.id == "float":
            return _call("__number__", call)
        if not isinstance(function, ast.Attribute):
            return call
        of_numpy = isinstance(function.value, ast.Name) and function.value.id in ("np", "numpy")
        if of_numpy and function.attr in ("copy", "array", "asarray"):
            return _call("__copied__", call)
        if not of_numpy and function.attr in _METHODS:
            return _call(_METHODS[function.attr], call, function.value)
        if self._exact and function.attr == "log" and len(call.args) == 1:
            call.args[0] = _without_small(call.args[0])
        return call


def _call(helper: str, call: ast.Call, *before: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(helper, ast.Load()), [*before, *call.args], call.keywords)


def _without_small(x: ast.expr) -> ast.expr:
    """``x`` for ``x + 1e-7`` and ``x + eps``."""
    if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Add):
        for small, rest in ((x.right, x.left), (x.left, x.right)):
            if isinstance(small, ast.Constant) and isinstance(small.value, float) and 0 < small.value <= _SMALL:
                return rest
            if isinstance(small, ast.Name) and small.id in ("eps", "epsilon", "delta"):
                return rest
    return x

"""Code, run statement by statement, so that something can be done before and after each of them.

Simple statements are executed by Python itself.  Only what contains statements is interpreted here: branches, loops,
functions and classes.  A frame is a dict, in which a function finds a copy of the names around it.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from types import CodeType
from typing import Any, TypeAlias

from autograd.homework.names import text_of, variables_of

__all__ = ["Finished", "Frame", "Interpreter", "Key", "UserError"]

Key: TypeAlias = tuple[int, int, int]  # line and column of a statement, and how often it ran before

_NATIVE = (ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Match)


class Finished(Exception):  # noqa: N818 (it is a signal)
    """All the code that is checked has been run."""


class UserError(ValueError):
    """An exception in the code that is checked, with its line."""

    def __init__(self, error: BaseException, line: int, source: str) -> None:
        text = " ".join(str(error).split())
        super().__init__(f"line {line}: {type(error).__name__}: {text}, in {source!r}")
        self.error = error


class Frame:
    """The names of a module, a function or a class while it runs.

    Attributes:
        names: the names and their values.
        nodes: for names of forward variables, the node that :mod:`~autograd.homework.recording` made.
        owner: the object whose method runs, or ``None``.
        around: the frame in which the function was defined; ``None`` for a module.
        outer: the frame of the module; ``None`` for the module itself.
        shared: names declared as ``global``.
        definition: the line where its function is defined; 0 for a module.
    """

    def __init__(self, names: dict[str, Any], around: Frame | None = None, owner: Any = None) -> None:
        self.names, self.around, self.owner = names, around, owner
        self.outer: Frame | None = around and (around.outer or around)
        self.nodes: dict[str, Any] = {}
        self.shared: set[str] = set()
        self.definition = 0


class _Return:
    def __init__(self, value: Any) -> None:
        self.value = value


_BREAK, _CONTINUE = object(), object()


class Interpreter:
    """Runs code; subclasses say what happens at each simple statement.

    Args:
        known: every name in the code.
    """

    def __init__(self, known: set[str]) -> None:
        self.known = known
        self._codes: dict[int, tuple[ast.AST, CodeType]] = {}
        self._loaded: dict[str, ast.expr] = {}
        self._times: Counter[tuple[int, int]] = Counter()

    # -- what subclasses define ----------------------------------------------------------------------------------------

    def leaf(self, statement: ast.stmt, frame: Frame) -> None:
        """Run a simple statement."""
        self.perform(statement, frame)

    def reading(self, expression: ast.AST, frame: Frame) -> None:
        """Called before an expression outside of a simple statement is evaluated."""

    def bound(self, statement: ast.stmt, frame: Frame) -> None:
        """Called after the target of a loop has been bound."""

    def enter(self, definition: ast.FunctionDef, frame: Frame, given: dict[str, Any]) -> None:
        """Called when a function of the code begins."""

    def leave(self, frame: Frame) -> None:
        """Called when a function of the code ends without an exception."""

    def prepare(self, node: ast.AST) -> ast.AST:
        """The statement or expression in the form in which it is compiled."""
        return node

    # -- tools ---------------------------------------------------------------------------------------------------------

    def key(self, statement: ast.AST) -> Key:
        """A name for this execution of a statement, the same whenever the code is run."""
        place = (getattr(statement, "lineno", 0), getattr(statement, "col_offset", 0))
        self._times[place] += 1
        return (*place, self._times[place])

    def perform(self, statement: ast.stmt, frame: Frame) -> None:
        """Execute a simple statement in a frame."""
        self.guarded(statement, lambda: exec(self._code(statement, "exec"), frame.names))
        for name in frame.shared & frame.names.keys():
            module = frame.outer or frame
            module.names[name] = frame.names[name]

    def value(self, expression: ast.expr, frame: Frame) -> Any:
        """The value of an expression in a frame."""
        return self.guarded(expression, lambda: eval(self._code(expression, "eval"), frame.names))

    def look(self, place: ast.expr, frame: Frame) -> Any:
        """The value of something that was written to."""
        text = ast.unparse(place)
        if text not in self._loaded:
            self._loaded[text] = ast.parse(text, mode="eval").body
        return self.value(self._loaded[text], frame)

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """Bind a target to a value."""
        frame.names["__value__"] = value
        self.guarded(target, lambda: exec(f"{ast.unparse(target)} = __value__", frame.names))
        del frame.names["__value__"]

    def place(self, target: ast.expr, frame: Frame) -> ast.expr:
        """The variable that a target belongs to: ``dW`` for ``dW[:, j]``, but ``g['W2']`` for ``g["W" + k]``."""
        while isinstance(target, ast.Subscript):
            if isinstance(self.value(target.value, frame), (dict, list)):
                key = self.value(target.slice, frame)
                return ast.Subscript(target.value, ast.Constant(key), ast.Store()) if isinstance(key, str) else target
            target = target.value
        return target

    def claim(self, place: ast.expr, frame: Frame) -> tuple[str, list[str]]:
        """The name of a place, and the names of the variables whose gradient it may hold, from its name alone."""
        if isinstance(place, ast.Subscript):
            name = place.slice.value if isinstance(place.slice, ast.Constant) else None
            if not isinstance(name, str):
                return "", []
            container = ast.unparse(place.value).lower()
            return name, variables_of(name) + ([name] if "grad" in container else [])
        name = text_of(place)
        return name, variables_of(name)

    def guarded(self, node: ast.AST, run: Callable[[], Any]) -> Any:
        """The result of ``run``; an exception in it becomes one that names the line of the node."""
        try:
            return run()
        except (Finished, UserError):
            raise
        except (Exception, SystemExit) as error:
            raise UserError(error, getattr(node, "lineno", 0), ast.unparse(node).partition("\n")[0]) from error

    def _code(self, node: ast.AST, mode: str) -> CodeType:
        found = self._codes.get(id(node))
        if found is None:
            ready: Any = self.prepare(node)
            tree = ast.fix_missing_locations(ast.Expression(ready) if mode == "eval" else ast.Module([ready], []))
            code = compile(tree, "<code>", mode)
            found = self._codes[id(node)] = (node, code)  # the node is kept, so that its id stays its own
        return found[1]

    # -- statements that contain statements ----------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> Any:
        """Run statements in order; returns the signal by which a function or a loop is left, or ``None``."""
        for statement in body:
            signal = self._statement(statement, frame)
            if signal is not None:
                return signal
        return None

    def _statement(self, statement: ast.stmt, frame: Frame) -> Any:
        run = getattr(self, f"_{type(statement).__name__.lower()}", None)
        if run is not None and not isinstance(statement, _NATIVE):
            return run(statement, frame)
        self.leaf(statement, frame)
        return None

    def _asked(self, expression: ast.expr, frame: Frame) -> Any:
        self.reading(expression, frame)
        return self.value(expression, frame)

    def _assert(self, statement: ast.Assert, frame: Frame) -> None:
        """Assertions about gradients are not needed: every gradient is checked, and its shape first."""

    def _pass(self, statement: ast.Pass, frame: Frame) -> None:
        pass

    def _global(self, statement: ast.Global, frame: Frame) -> None:
        frame.shared |= set(statement.names)

    def _break(self, statement: ast.Break, frame: Frame) -> Any:
        return _BREAK

    def _continue(self, statement: ast.Continue, frame: Frame) -> Any:
        return _CONTINUE

    def _return(self, statement: ast.Return, frame: Frame) -> Any:
        return _Return(None if statement.value is None else self._asked(statement.value, frame))

    def _if(self, statement: ast.If, frame: Frame) -> Any:
        chosen = self._asked(statement.test, frame)
        return self.block(statement.body if chosen else statement.orelse, frame)

    def _for(self, statement: ast.For, frame: Frame) -> Any:
        def rounds() -> Iterator[None]:
            for item in self._asked(statement.iter, frame):
                self.assign(statement.target, item, frame)
                self.bound(statement, frame)
                yield

        return self._loop(statement, rounds(), frame)

    def _while(self, statement: ast.While, frame: Frame) -> Any:
        return self._loop(statement, iter(lambda: bool(self._asked(statement.test, frame)), False), frame)

    def _loop(self, statement: ast.For | ast.While, rounds: Iterable[Any], frame: Frame) -> Any:
        """Run the body in each round, and then ``else``, unless the loop is left before."""
        for _ in rounds:
            signal = self.block(statement.body, frame)
            if signal is _BREAK:
                return None
            if isinstance(signal, _Return):
                return signal
        return self.block(statement.orelse, frame)

    def _with(self, statement: ast.With, frame: Frame) -> Any:
        with ExitStack() as stack:
            for item in statement.items:
                value = stack.enter_context(self._asked(item.context_expr, frame))
                if item.optional_vars is not None:
                    self.assign(item.optional_vars, value, frame)
            return self.block(statement.body, frame)
        return None

    def _try(self, statement: ast.Try, frame: Frame) -> Any:
        try:
            signal = self.block(statement.body, frame)
        except UserError as failure:
            for handler in statement.handlers:
                if handler.type is None or isinstance(failure.error, self.value(handler.type, frame)):
                    if handler.name:
                        frame.names[handler.name] = failure.error
                    return self.block(handler.body, frame)
            raise
        else:
            return signal if signal is not None else self.block(statement.orelse, frame)
        finally:
            self.block(statement.finalbody, frame)

    def _functiondef(self, definition: ast.FunctionDef, frame: Frame) -> None:
        frame.names[definition.name] = self._function(definition, frame, frame)

    def _function(self, definition: ast.FunctionDef, frame: Frame, around: Frame, made: Sequence[type] = ()) -> Any:
        """A function that runs the body in a new frame, in which it finds the names ``around`` it.

        For a method, ``made`` holds the class as soon as it exists, so that ``super()`` knows it.
        """
        head = ast.FunctionDef(definition.name, definition.args, [ast.Pass()], [], None)
        if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(definition)):
            head.body = definition.body  # a generator is run by Python itself
        names = frame.names.copy()
        exec(compile(ast.fix_missing_locations(ast.Module([head], [])), "<code>", "exec"), names)
        stub = names[definition.name]
        if head.body is definition.body:
            return stub
        signature = inspect.signature(stub)

        @functools.wraps(stub)
        def call(*args: Any, **options: Any) -> Any:
            given = signature.bind(*args, **options)
            given.apply_defaults()
            owner = args[0] if args and "self" in signature.parameters else None
            inner = Frame({**around.names, **given.arguments}, around, owner)
            if made:
                inner.names["super"] = lambda *of: super(*(of or (made[0], owner)))
            self.enter(definition, inner, given.arguments)
            signal = self.block(definition.body, inner)
            self.leave(inner)
            return signal.value if isinstance(signal, _Return) else None

        for decorator in reversed(definition.decorator_list):
            call = self.value(decorator, frame)(call)
        return call

    def _classdef(self, definition: ast.ClassDef, frame: Frame) -> None:
        bases = tuple(self.value(base, frame) for base in definition.bases)
        inner = Frame({**frame.names}, frame)
        before = inner.names.copy()
        methods, classes = {}, list[type]()
        for statement in definition.body:
            if isinstance(statement, ast.FunctionDef):
                methods[statement.name] = inner.names[statement.name] = self._function(statement, inner, frame, classes)
            else:
                self._statement(statement, inner)
        body = {name: x for name, x in inner.names.items() if name not in before or x is not before[name]}
        body |= methods | {"__module__": frame.names.get("__name__", "__main__")}
        made: Any = type(definition.name, bases, {k: x for k, x in body.items() if k != "__builtins__"})
        classes.append(made)
        for decorator in reversed(definition.decorator_list):
            made = self.value(decorator, frame)(made)
        frame.names[definition.name] = made

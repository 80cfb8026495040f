"""``check_backprop``: a backward pass that was written by hand, checked line by line."""

from __future__ import annotations

import ast
import copy
import inspect
import io
import random
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from types import FunctionType
from typing import Any

import numpy as np

from autograd.homework.interpreter import Finished, Frame, Interpreter, UserError
from autograd.homework.judging import Convention, Judge
from autograd.homework.names import names_in, variables_of
from autograd.homework.recording import HELPERS, Recorder
from autograd.homework.verdicts import BackpropCheck

__all__ = ["check_backprop"]


def check_backprop(source: str | Callable[..., Any], /, *, loss: str | None = None, **inputs: Any) -> BackpropCheck:
    """Check a backward pass that was written by hand in NumPy, line by line.

    **This runs the code**, several times, with all that it does: give it only code that you would run yourself.

    The forward pass is run on the engine, which finds the gradient of the loss with respect to every variable.  Then
    the code is run as it stands.  Each gradient is compared when it is complete, and the code goes on from the right
    value, so that every line is judged by itself.  A wrong gradient is explained by the one change that makes it right,
    if there is one.

    A gradient is recognised by its name: ``dW1``, ``dL_dW1``, ``W1_grad``, ``grads["dW1"]``, ``grads["W1"]`` and
    ``self.dW`` belong to the variables ``W1`` and ``W``.  Functions, classes with ``forward`` and ``backward``, and
    loops over layers with caches are followed.  Of a training loop, the first iteration is checked.  What the code
    prints is not shown, and its assertions are skipped.

    The gradient of a variable that each sample has its own part of, such as ``dZ2 = A2 - Y``, may be that of the
    loss summed over the samples: its line is right, and the later lines have to divide by their number.

    The lines are checked at these inputs only: a mistake that makes no difference there is not found.

    Args:
        source: code, or a function, which is called with the inputs.
        loss: the name of the loss; by default ``loss``, ``cost``, ``J``, ``E``, ``L`` or ``C``.  If the code has no
            loss, one of the inputs must be a gradient to start from, such as ``dout``.
        inputs: the variables that the code uses, or the arguments of the function.  They are not changed.

    Returns:
        The verdicts, which print as a table, and are true if no line is wrong.

    Raises:
        ValueError: if the code cannot be read or run, has no loss, or computes no gradient.  The message names the
            line.

    >>> import numpy as np
    >>> code = '''
    ... Z = w @ X + b
    ... J = np.mean((Z - Y)**2) / 2
    ... dZ = Z - Y
    ... dw = dZ @ X.T
    ... db = 1/m * np.sum(dZ)
    ... '''
    >>> X, Y = np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, 0.0, 2.0]])
    >>> check = check_backprop(code, X=X, Y=Y, w=np.array([[0.5]]), b=0.25, m=3)
    >>> print(check)
    line 4 ✓ dZ = Z - Y             right for the summed loss: m times the gradient of the mean
    line 5 ✗ dw = dZ @ X.T          1/m is missing, here or in dZ (line 4)
             write dw = dZ @ X.T / m
    line 6 ✓ db = 1/m * np.sum(dZ)
    2 of 3 lines are right
    >>> bool(check), [line.kind for line in check.mistakes]
    (False, ['factor'])
    """
    program = _Program(source, inputs)
    recordings = [program.record(loss, exact=False)]
    if "log" in program.known:
        with suppress(ValueError):  # the logarithm of 0, which the small constant is there for
            recordings.append(program.record(loss, exact=True))
    judge = _fewest_mistakes(program, recordings)
    lines = tuple(line for _, line in sorted(judge.lines.items()))
    if all(line.ok is None for line in lines):
        why = f": line {lines[0].line}: {lines[0].text}" if lines else ""
        raise ValueError(f"no gradient could be checked{why}")
    return BackpropCheck(lines, float(np.asarray(recordings[0].loss.data).item()))


def _fewest_mistakes(program: _Program, recordings: list[Recorder]) -> Judge:
    """The verdicts, in the reading of the code under which the fewest lines are wrong.

    If dZ is m times the gradient and several later lines lack the factor 1/m, then dZ is the line that is wrong.
    """
    judges = [program.judge(recordings, "mean")]
    if judges[0].undecided:
        judges.append(program.judge(recordings, "summed"))
    if any(judge.summed and judge.mistakes > 1 for judge in judges):
        judges.append(program.judge(recordings, "strict"))
    return min(judges, key=lambda judge: judge.mistakes)


class _Program:
    """The code to check, and what it is run with.

    Attributes:
        known: every name in the code.
        lines: its lines by number, for a function those of its file.
    """

    def __init__(self, source: str | Callable[..., Any], inputs: dict[str, Any]) -> None:
        self._around: dict[str, Any] = {"np": np, "numpy": np, "__name__": "__main__"}
        self._function: Callable[..., Any] | None = None
        self.lines: dict[int, str] = {}
        if isinstance(source, str):
            self._body = self._read(textwrap.dedent(source), 1)
        elif isinstance(source, FunctionType):
            self._function = source
            captured = inspect.getclosurevars(source).nonlocals
            self._around |= {**source.__globals__, **captured}
            self._body = self._with_helpers(source, set())
        else:
            raise TypeError(f"source must be code or a function, not {type(source).__name__}")
        self.known = names_in(ast.Module(self._body, [])) | inputs.keys()
        variables = {variable for name in self.known for variable in variables_of(name)}
        self._inputs = {name: _real(x) if name in variables else x for name, x in inputs.items()}

    def _read(self, text: str, first: int) -> list[ast.stmt]:
        """The statements of a text that begins in line ``first``."""
        try:
            tree = ast.parse(text)
            compile(text, "<code>", "exec")  # finds more mistakes, such as a return outside of a function
        except SyntaxError as error:
            raise ValueError(f"line {(error.lineno or 1) + first - 1}: the code cannot be read: {error.msg}") from None
        self.lines |= {number: line.strip() for number, line in enumerate(text.splitlines(), first)}
        ast.increment_lineno(tree, first - 1)
        return tree.body

    def _with_helpers(self, source: Any, done: set[str]) -> list[ast.stmt]:
        """The definition of a function, after those in the same file that it uses."""
        done.add(source.__name__)
        try:
            text, first = inspect.getsourcelines(source)
            file = inspect.getsourcefile(source)
        except OSError:
            raise ValueError(f"the source of {source.__name__} was not found: give the code as text") from None
        own = self._read(textwrap.dedent("".join(text)), first)
        body = []
        for name in sorted(names_in(ast.Module(own, [])) - done):
            other = self._around.get(name)
            if isinstance(other, (FunctionType, type)) and getattr(other, "__name__", "") == name and name not in done:
                with suppress(TypeError):  # a class without a file
                    if inspect.getsourcefile(other) == file:
                        body += self._with_helpers(other, done)
        return [*body, *own]

    def record(self, loss: str | None, *, exact: bool) -> Recorder:
        """Run the code on the engine."""
        recorder = Recorder(self.known, loss, exact_logarithms=exact)
        self._around |= HELPERS

        def keep(name: str, value: Any, frame: Frame) -> None:
            frame.names[name] = recorder.record(("input", name), name, value)

        self.run(recorder, keep)
        recorder.finish()
        return recorder

    def judge(self, recordings: list[Recorder], convention: Convention) -> Judge:
        """Run the code as it stands, and judge its gradients."""
        judge = Judge(self.known, recordings, self.lines, convention=convention)
        self.run(judge, lambda name, value, frame: judge.variables.register(("input", name), name, value, frame))
        judge.settle_all()
        return judge

    def run(self, interpreter: Interpreter, keep: Callable[[str, Any, Frame], None]) -> None:
        """Run the code with fresh copies of the inputs, and the same random numbers each time."""
        inputs = copy.deepcopy(self._inputs)
        frame = Frame({**self._around, **inputs})
        for name, value in inputs.items():
            keep(name, value, frame)
        with _quiet():
            try:
                interpreter.block(self._body, frame)
                if self._function is not None:
                    function = frame.names[self._function.__name__]
                    given = inspect.signature(self._function).parameters
                    try:
                        inspect.signature(self._function).bind(**{k: None for k in inputs if k in given})
                    except TypeError as error:
                        raise ValueError(f"{self._function.__name__}: {error}") from None
                    function(**{name: frame.names[name] for name in inputs if name in given})
            except Finished:
                pass
            except UserError as error:
                raise ValueError(str(error)) from error.error


def _real(x: Any) -> Any:
    """A variable whose gradient is computed, as floats."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "i":
        return x.astype(float)
    return float(x) if isinstance(x, int) and not isinstance(x, bool) else x


@contextmanager
def _quiet() -> Iterator[None]:
    """Show nothing, and draw the same random numbers in each run."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(of_numpy)
        random.setstate(of_python)

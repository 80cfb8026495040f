"""Which array, and which name, is which variable of the forward pass."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from autograd.core.aliases import Array
from autograd.homework.interpreter import Frame, UserError
from autograd.homework.names import text_of
from autograd.homework.recording import Recorder, leaves

__all__ = ["Variable", "Variables"]

_DATA = ("X", "x", "A", "a", "h", "inp", "data", "img", "feature")


class Variable(NamedTuple):
    """A forward variable: its nodes in the recordings."""

    name: str
    nodes: tuple[Any, ...]

    @property
    def identity(self) -> int:
        """The same for the same variable under any name."""
        return id(self.nodes[0]) if self.nodes else 0

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its data."""
        return np.shape(self.nodes[0].data)

    def under(self, name: str) -> Variable:
        """The same variable under another name."""
        return self if self.name == name else Variable(name, self.nodes)

    def gradients(self) -> Iterator[Array]:
        """Its gradient in each recording, where it is finite."""
        for node in self.nodes:
            grad = node.grad
            if grad is None and node.op is None:
                grad = np.zeros(np.shape(node.data))
            if grad is not None and np.isfinite(grad).all():
                yield np.asarray(grad)


class Variables:
    """The variables that were bound while code ran with plain arrays.

    Args:
        recordings: recordings of the same code, whose nodes the variables are.
        look: gives the value of an expression in a frame.
    """

    def __init__(self, recordings: Sequence[Recorder], look: Callable[[ast.expr, Frame], Any]) -> None:
        self._recordings, self._look = recordings, look
        self._arrays: dict[int, tuple[Array, Variable]] = {}
        self._owners: dict[int, dict[str, Variable]] = {}
        self._named: dict[str, list[Variable]] = {}
        self._series: dict[str, ast.expr] = {}  # hs[t] for h
        self._bound: dict[tuple[int, str], list[Variable]] = {}

    def register(self, key: Any, name: str, value: Any, frame: Frame) -> None:
        """Note which variables were bound to a name; the key is that of the binding in the recordings."""
        recorded = [recording.nodes.get(key, {}) for recording in self._recordings]
        found = None
        for path, array in [*leaves(value)] or [((), value)]:
            nodes = tuple(nodes[path] for nodes in recorded if path in nodes)
            own = str(path[-1]) if path else name
            variable = Variable(own, nodes) if nodes else None
            if isinstance(array, np.ndarray):
                if variable is None:
                    variable = self._at(array)
                else:
                    self._arrays[id(array)] = (array, variable)
            if variable is not None:
                self._named.setdefault(own, []).append(variable.under(own))
                self._bound.setdefault((_scope(frame), own), []).append(variable)
                if not path:
                    found = variable
        if found is None:
            frame.nodes.pop(name, None)
            return
        frame.nodes[name] = found
        if frame.owner is not None:
            self._owners.setdefault(id(frame.owner), {})[name] = found

    def note_series(self, place: ast.expr) -> None:
        """Note a place such as ``hs[t]``, where a variable ``h`` may be found."""
        if isinstance(place, ast.Subscript) and text_of(place.value).endswith("s"):
            self._series[text_of(place.value)[:-1]] = place

    def lookup(self, names: list[str], frame: Frame) -> Variable | None:
        """The variable of one of these names that a statement in this frame means."""
        for name in names:
            found = frame.nodes.get(name)
            if found is None and frame.owner is not None:
                found = self._at(getattr(frame.owner, name, None))
                found = found or self._owners.get(id(frame.owner), {}).get(name)
            if found is None and name in self._series:
                with suppress(UserError):  # such as an index that is not there
                    found = self._at(self._look(self._series[name], frame))
            around = frame.around
            while found is None and around is not None:
                found, around = around.nodes.get(name), around.around
            if found is None:
                all_of_it = {variable.identity: variable for variable in self._named.get(name, ())}
                found = next(iter(all_of_it.values())) if len(all_of_it) == 1 else None
            if found is not None:
                return found.under(name)
        return None

    def in_other_rounds(self, variable: Variable, frame: Frame) -> Iterator[Variable]:
        """The other variables that the name was bound to, such as in other rounds of a loop."""
        for other in self._bound.get((_scope(frame), variable.name), ()):
            if other.identity != variable.identity:
                yield other

    def is_parameter(self, variable: Variable) -> bool:
        """Whether it is an input, and no name of it says that it is data."""
        names = {name for name, all_of_it in self._named.items() for x in all_of_it if x.identity == variable.identity}
        return variable.nodes[0].op is None and not any(name.startswith(_DATA) for name in names)

    def data_shapes(self) -> list[tuple[int, ...]]:
        """The shapes of what is called X or x."""
        return [variable.shape for name in ("X", "x") for variable in self._named.get(name, ())]

    def _at(self, array: Any) -> Variable | None:
        found = self._arrays.get(id(array))
        return found[1] if found is not None and found[0] is array else None


def _scope(frame: Frame) -> int:
    return id(frame.owner) if frame.owner is not None else frame.definition

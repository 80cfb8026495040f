"""``Module``: an object with parameters that is called like a function; the base class of neurons and layers.

A module finds its parameters by looking at its attributes, so nothing has to be registered:

* a *parameter* is a leaf, a ``Value`` or a ``Tensor``, in an attribute or in a list, tuple or dict there;
* a *buffer* is a NumPy array that is saved but not trained; the class lists the attribute in :attr:`Module.buffers`;
* a *child* is another module, found in the same places as a parameter.

Names are paths of attributes, as in PyTorch: ``layers.0.weight``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from textwrap import indent
from typing import Any, ClassVar, TypeVar

import numpy as np

from autograd import Tensor, Value
from autograd.notebook import bundle, diagram, html_table
from autograd.safety import hand_over
from nn.aliases import Array, Parameter

__all__ = ["Module", "count", "in_a_row"]

_ENDS = 11  # modules of a long row that a picture has of both ends
_WRITTEN = 4  # parameters of a layer whose shapes a table has

Self = TypeVar("Self", bound="Module")


class Module:
    """The base class of everything with parameters.  A subclass defines :meth:`forward`.

    >>> from autograd import Value
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.a, self.b = Value(2.0), Value(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.a * x + self.b
    >>> line = Line()
    >>> line(3.0).backward()
    >>> [(name, p.data, p.grad) for name, p in line.named_parameters()]
    [('a', 2.0, 3.0), ('b', 1.0, 1.0)]
    """

    buffers: ClassVar[tuple[str, ...]] = ()
    """The attributes that hold buffers."""

    training: bool = True
    """Whether the module is in training mode; layers such as dropout act only then."""

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; called by ``module(...)``."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method: define one that computes the output")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Return what :meth:`forward` computes."""
        return self.forward(*inputs, **options)

    # -- parameters, buffers and children -----------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children, each with its name."""
        return ((name, thing) for name, thing in _held(self) if isinstance(thing, Module))

    def children(self) -> Iterator[Module]:
        """The direct children."""
        return (module for _, module in self.named_children())

    def modules(self) -> Iterator[Module]:
        """The module itself and all its descendants, each once."""
        return (module for _, module in self.named_modules())

    def apply(self: Self, function: Callable[[Module], object]) -> Self:
        """Call a function with every descendant, then with the module itself, as in PyTorch; returns the module.

        >>> pair = Module()
        >>> pair.layers = [Module(), Module()]
        >>> visited = []
        >>> pair.apply(visited.append) is pair, len(visited), visited[-1] is pair
        (True, 3, True)
        """
        for _, child in self.named_children():
            child.apply(function)
        function(self)
        return self

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """The module itself, under the name ``""``, and all its descendants, each once.

        >>> pair = Module()
        >>> pair.layers = [Module(), Module()]
        >>> [name for name, module in pair.named_modules()]
        ['', 'layers.0', 'layers.1']
        """
        seen: set[int] = set()
        pending: list[tuple[str, Module]] = [("", self)]
        while pending:
            name, module = pending.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module
                children = [(_joined(name, child), thing) for child, thing in module.named_children()]
                pending += reversed(children)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """The parameters of the module, then those of its descendants, each once and with its name."""
        return ((name, thing) for name, thing in self._state() if not isinstance(thing, np.ndarray))

    def parameters(self) -> list[Parameter]:
        """The parameters of the module and of its descendants, each once."""
        return [parameter for _, parameter in self.named_parameters()]

    def _state(self) -> Iterator[tuple[str, Parameter | Array]]:
        """Parameters and buffers, each once and with its name."""
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            for name, thing in _held(module):
                if not isinstance(thing, Module) and id(thing) not in seen:
                    seen.add(id(thing))
                    yield _joined(prefix, name), thing

    # -- training -----------------------------------------------------------------------------------------------------

    def train(self: Self, mode: bool = True) -> Self:
        """Put the module and its descendants into training mode, or into evaluation mode; returns the module."""
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self: Self) -> Self:
        """Put the module and its descendants into evaluation mode; returns the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the ``.grad`` of every parameter to ``None``."""
        for parameter in self.parameters():
            parameter.grad = None

    # -- saving and loading -------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers as arrays, by name; a ``Value`` becomes an array of shape ``()``.

        >>> from autograd import Tensor
        >>> module = Module()
        >>> module.weight = Tensor([1.0, 2.0])
        >>> module.state_dict()
        {'weight': array([1., 2.])}
        """
        return {name: np.array(_data(thing)) for name, thing in self._state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set parameters and buffers from a :meth:`state_dict`.  On an error, nothing is changed.

        Args:
            state: numbers and arrays by name.

        Raises:
            ValueError: if names are missing or unexpected, or shapes differ.
            TypeError: if an entry is not an array of real numbers.

        >>> from autograd import Tensor
        >>> module = Module()
        >>> module.weight = Tensor([1.0, 2.0])
        >>> module.load_state_dict({"weight": [[3.0]], "bias": [4.0]})
        Traceback (most recent call last):
        ValueError: the state does not fit Module: unexpected bias; weight has shape (1, 1), not (2,)
        """
        hand_over(self.loading(state))

    def loading(self, state: Any) -> Iterator[object]:
        """The changes that :meth:`load_state_dict` makes, after all checks, for :func:`autograd.safety.hand_over`."""
        if not isinstance(state, Mapping):
            raise ValueError(f"the state of {type(self).__name__} must be a dict, not {type(state).__name__}")
        places = dict(self._state())
        arrays = {name: _numbers(name, state[name]) for name in places if name in state}
        missing = [name for name in places if name not in state]
        unexpected = [name for name in state if name not in places]
        faults = [f"missing {', '.join(missing)}"] if missing else []
        faults += [f"unexpected {', '.join(unexpected)}"] if unexpected else []
        for name, array in arrays.items():
            shape = np.shape(_data(places[name]))
            if array.shape != shape:
                faults.append(f"{name} has shape {array.shape}, not {shape}")
        if faults:
            raise ValueError(f"the state does not fit {type(self).__name__}: {'; '.join(faults)}")
        changes: list[Iterator[object]] = []
        for name, array in arrays.items():
            place = places[name]
            if isinstance(place, np.ndarray):
                changes.append(map(np.ndarray.__setitem__, [place], [...], [array.astype(place.dtype)]))
            else:
                changes.append(place.assigning([place], [array if isinstance(place, Tensor) else float(array)]))
        return chain.from_iterable(changes)

    # -- repr ---------------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """The text between the brackets of the ``repr``, such as ``in_features=2, out_features=3``."""
        return ""

    def __repr__(self) -> str:
        children = [f"({name}): {child!r}" for name, child in self.named_children()]
        if not children:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [self.extra_repr()] if self.extra_repr() else []
        return f"{type(self).__name__}(\n{indent(chr(10).join(lines + children), '  ')}\n)"

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        """For a notebook, a table of the children: their kinds, their parameters, and how many numbers these are.

        Below it is a picture, if it is known how the children are connected.
        """
        rows = [("layer", "kind", "parameters", "numbers")]
        for name, child in [*self.named_children()] or [("", self)]:
            arrays = [(key, entry.shape) for key, entry in child.named_parameters() if isinstance(entry, Tensor)]
            shapes = ", ".join(f"{key} {' × '.join(map(str, shape))}" for key, shape in arrays)
            kind = repr(child)
            kind = kind if "\n" not in kind else f"{type(child).__name__}({child.extra_repr()})"
            rows.append((name, kind, shapes if len(arrays) <= _WRITTEN else "", f"{count(child):,}"))
        table = html_table([*rows, ("", "", "sum", f"{count(self):,}")], type(self).__name__)
        drawn = self._drawn()
        return bundle(include, exclude, text=str(self), html=f"{table}\n{drawn}".strip(), svg=drawn)

    def _drawn(self) -> str:
        """A picture of the network as SVG; an empty text, unless a subclass knows how its children are connected."""
        return ""


def in_a_row(boxes: Mapping[str, Sequence[str]], title: str) -> str:
    """Boxes in a row as SVG, each with an arrow to the next; of a long row the middle is left out."""
    keys = list(boxes)
    if len(keys) > 2 * _ENDS + 1:
        left_out = {"…": ["…", f"{len(keys) - 2 * _ENDS:,} more"]}
        boxes = {key: boxes[key] for key in keys[:_ENDS]} | left_out | {key: boxes[key] for key in keys[-_ENDS:]}
    columns = [[key] for key in boxes]
    return diagram(boxes, [(tail, head, "") for tail, head in pairwise(boxes)], columns, title) if boxes else ""


def count(module: Module) -> int:
    """How many numbers the parameters of a module hold."""
    return sum(np.size(_data(parameter)) for parameter in module.parameters())


def _held(module: Module) -> Iterator[tuple[str, Parameter | Array | Module]]:
    """The parameters, buffers and modules in the attributes of a module."""
    for name, thing in vars(module).items():
        if isinstance(thing, np.ndarray) and name in module.buffers:
            yield name, thing
        else:
            yield from _unpacked(name, thing)


def _unpacked(name: str, thing: Any) -> Iterator[tuple[str, Parameter | Module]]:
    """The parameters and modules in an attribute, which may be a container of them."""
    if isinstance(thing, Module) or (isinstance(thing, (Value, Tensor)) and thing.op is None):
        yield name, thing
    elif isinstance(thing, (list, tuple, dict)):
        for key, entry in thing.items() if isinstance(thing, dict) else enumerate(thing):
            yield from _unpacked(f"{name}.{key}", entry)


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _data(thing: Parameter | Array) -> float | Array:
    """The numbers in a parameter or buffer."""
    if isinstance(thing, Tensor):
        return thing.numpy()
    return thing.data if isinstance(thing, Value) else thing


def _numbers(name: str, entry: Any) -> Array:
    data = _data(entry)
    if hasattr(data, "detach"):  # a tensor of PyTorch, which NumPy reads only apart from its graph, and not as bfloat16
        data = data.detach().cpu()
        data = data.float() if str(data.dtype) == "torch.bfloat16" else data
    array = np.asarray(data)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} in the state must hold real numbers, not {array.dtype}")
    return array

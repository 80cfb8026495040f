"""Names that nodes have in other libraries and not here: reading or assigning one says what to write instead."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

__all__ = ["FOREIGN_FUNCTIONS", "FOREIGN_NAMES", "ForeignNames", "refuse_function"]

_STATE = "nodes take no further attributes; keep what belongs to one in a dict, as in state[p] = 0.0"
_PARENTS = "write x.parents for the nodes that it was computed from; autograd.draw(x) draws the graph"
_GRADIENT = "every node has a gradient; write x.detach() to cut one off, and give the optimizer only what it may change"
_DEVICE = "everything is computed on the CPU, so leave it out"
_IN_PLACE = "nothing computes in place; assign to x.data to change a leaf, as in p.data = p.data - lr * p.grad"
_CREATE = "make the array with NumPy, as in autograd.Tensor(numpy.zeros(3))"

FOREIGN_NAMES = {
    # micrograd
    "_prev": _PARENTS,
    "_children": _PARENTS,
    "_op": "write x.op for the operation, and x.op.symbol for its sign",
    "draw_dot": "write autograd.draw(x)",
    "trace": "write autograd.topological_order(x) for the nodes; autograd.draw(x) draws the graph",
    # PyTorch
    "requires_grad": _GRADIENT,
    "requires_grad_": _GRADIENT,
    "grad_fn": "write x.op for the operation that computed it, and x.parents for its operands",
    "is_leaf": "write x.op is None",
    "retain_grad": "leave it out, since after backward() every node has its .grad",
    "zero_grad": "write x.grad = None",
    "clone": "write x.copy()",
    "permute": "write x.transpose(1, 0), with the axes in their new order",
    "double": "write x.astype(float)",
    "float": "write x.astype(numpy.float32)",
    "cpu": _DEVICE,
    "cuda": _DEVICE,
    "to": _DEVICE,
    "device": _DEVICE,
    "contiguous": "leave it out, since every operation takes any layout",
    "abs": "write abs(x)",
    "pow": "write x ** 2",
    "add": "write x + y",
    "sub": "write x - y",
    "mul": "write x * y",
    "div": "write x / y",
    "matmul": "write x @ y",
    "mm": "write x @ y",
    "mv": "write x @ y",
    "norm": "write autograd.linalg.norm(x)",
    "clamp": "write x.clip(low, high)",
    "masked_fill": "write autograd.where(mask, value, x)",
    **dict.fromkeys(["index_add", "scatter_add"], "write x.at[index].add(values)"),
    **dict.fromkeys(["index_copy", "index_fill", "scatter"], "write x.at[index].set(values)"),
    "scatter_reduce": "write x.at[index].add(values), or multiply, max or min",
    "expand": "write autograd.broadcast_to(x, shape)",
    **dict.fromkeys(["add_", "sub_", "mul_", "div_", "clamp_", "copy_", "fill_", "zero_", "normal_"], _IN_PLACE),
    # attributes that programs add, for names and for the state of an optimizer
    "name": "write x.label",
    **dict.fromkeys(["m", "v", "M", "V", "G", "velocity", "momentum", "exp_avg", "state", "cache"], _STATE),
}
"""Names, and for each a sentence that says what to write instead."""

FOREIGN_FUNCTIONS = {
    "draw_dot": "write autograd.draw(y)",
    "tensor": "write autograd.Tensor(...), for a single number autograd.Value(...)",
    "Variable": "write autograd.Tensor(...), for a single number autograd.Value(...)",
    "backward": "write y.backward()",
    "cat": "write autograd.concatenate",
    "manual_seed": "give a layer or an initialiser a seed, as in nn.Linear(2, 1, rng=0)",
    **dict.fromkeys(["arange", "eye", "from_numpy", "ones", "rand", "randn", "zeros"], _CREATE),
}
"""The same for names that are looked for in the module ``autograd``."""


class _Foreign:
    """An attribute that cannot be read or assigned."""

    def __init__(self, name: str, sentence: str) -> None:
        self._name, self.__doc__ = name, f"Not an attribute here: {sentence}."

    def __get__(self, node: object, owner: type | None = None) -> Any:
        return self if node is None else self._refuse(node)

    def __set__(self, node: object, value: object) -> NoReturn:
        self._refuse(node)

    def _refuse(self, node: object) -> NoReturn:
        raise AttributeError(f"a {type(node).__name__} has no {self._name}: {FOREIGN_NAMES[self._name]}")


class ForeignNames:
    """The last base class of both kinds of node, so that their own attributes come first.

    A ``__getattr__`` would do the same, but would make reading every attribute slower.
    """

    __slots__ = ()

    __pandas_priority__ = 5000  # above those of pandas, so that series * node is left to the node

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in FOREIGN_NAMES or hasattr(self, name)]


for _name, _sentence in FOREIGN_NAMES.items():
    setattr(ForeignNames, _name, _Foreign(_name, _sentence))


def refuse_function(name: str) -> NoReturn:
    """Raise ``AttributeError`` for a name that the module ``autograd`` does not have."""
    sentence = f": {FOREIGN_FUNCTIONS[name]}" if name in FOREIGN_FUNCTIONS else ""
    raise AttributeError(
        f"module 'autograd' has no attribute {name!r}{sentence}", name=name, obj=sys.modules["autograd"]
    )

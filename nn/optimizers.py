"""Optimizers: how gradients change parameters.  Class and argument names are PyTorch's, and so are the results.

Each rule is written once, for numbers and arrays alike, in the ``update`` of its class.  Its state for a parameter is a
dict with the usual symbols as keys: ``optimizer.state[p]["v"]``, ``"G"``, ``"M"``, ``"V"``, and ``"n"``, the number of
steps.  In the formulas, x is a parameter, g its gradient and α the learning rate ``lr``.

>>> from autograd import Tensor, Value
>>> w, b = Tensor([1.0, -2.0], label="w"), Value(0.75, label="b")
>>> optimizer = SGD([w, b], lr=0.25)
>>> ((w**2).sum() + 2 * b).backward()
>>> optimizer.step()
>>> w.data, b.data
(array([ 0.5, -1. ]), 0.25)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from inspect import signature
from itertools import chain
from numbers import Real
from operator import is_
from types import SimpleNamespace
from typing import Any, TypeAlias, TypeVar

import numpy as np

from autograd import Tensor, Value
from autograd.safety import data_of, gradients_of, hand_over, setting, with_gradient
from nn.aliases import Array, Parameter
from nn.blocks import Block, Data, State, all_plain, assigning, states_of
from nn.clipping import check_finite, clip_grad_norm_, clip_grad_value_, is_finite, listed, name_of

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Data",
    "Optimizer",
    "RMSprop",
    "State",
    "clip_grad_norm_",
    "clip_grad_value_",
    "trajectory",
]

Group: TypeAlias = dict[str, Any]
"""Parameters under ``"params"``, and their options by name."""

Params: TypeAlias = Iterable[Parameter] | Iterable[Group]

_LIMITS = dict.fromkeys(("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"), math.inf)
_LIMITS |= dict.fromkeys(("momentum_decay", "lambd", "t0"), math.inf)
_LIMITS |= dict.fromkeys(("momentum", "dampening", "alpha", "betas", "rho"), 1.0)
"""Upper bounds of numeric options, which must be at least 0 and less than the bound."""


F = TypeVar("F", bound=Callable[..., Any])


def entrywise(rule: F) -> F:
    """Declare that a rule treats every entry of its arrays alone, so that many numbers can be one array."""
    rule.is_entrywise = True  # type: ignore[attr-defined]
    return rule


class Optimizer:
    """The base class of all optimizers.  A subclass defines ``update``.

    Args:
        params: the leaves to change, Values and Tensors in any mixture; or groups of them with options of their own,
            ``[{"params": [w], "lr": 0.1}, {"params": [b]}]``.
        options: the default options of all groups, such as ``lr``.  ``maximize`` (ascend instead of descend) and
            ``weight_decay`` (λ: add the gradient of λ/2 x² to g) are handled in this class.

    Attributes:
        param_groups: a list of dicts of parameters and options.  Options may be changed at any time, as in
            ``optimizer.param_groups[0]["lr"] = 0.01``; every step checks them, and makes NumPy's numbers Python's.
        state: a dict from each parameter to its :class:`State`.

    Raises:
        TypeError: if a parameter is neither a Value nor a Tensor.
        ValueError: if there are no parameters, one occurs twice or is not a leaf, or an option is unknown or wrong.

    >>> class SignSGD(Optimizer):
    ...     def update(self, x, g, s, o):
    ...         return x - o.lr * np.sign(g)
    >>> trajectory(lambda x: x**2, 1.0, SignSGD, 3, lr=0.25)
    array([1.  , 0.75, 0.5 , 0.25])
    """

    def __init__(self, params: Params, **options: Any) -> None:
        if isinstance(params, (Value, Tensor, dict)):
            raise TypeError("an optimizer takes a list of parameters: write [parameter] for a single one")
        self._defaults = {"weight_decay": 0.0, "maximize": False} | options
        self.param_groups: list[Group] = []
        self._state: dict[Parameter, State] = {}
        self._blocks: list[Block] = []  # those of the last step, whose state is newer
        self._given: list[list[Parameter]] = []  # their parameters
        self._is_shared = False  # whether the state has been given away
        self._known: dict[int, Group] = {}  # the groups as they were checked
        entries: list[Any] = list(params)
        grouped = entries and isinstance(entries[0], dict)
        for group in entries if grouped else [{"params": entries}]:
            self.add_param_group(group)

    def __repr__(self) -> str:
        """The number of parameters, and of each group the learning rate and what differs from the usual options."""
        usual = {name: p.default for name, p in signature(type(self)).parameters.items()}
        usual = {"weight_decay": 0.0, "maximize": False} | usual | {"lr": None}
        groups = [
            ", ".join(f"{name}={x!r}" for name, x in group.items() if name != "params" and x != usual.get(name))
            for group in self.param_groups
        ]
        count = f"{len(self._state)} parameter{'s' * (len(self._state) != 1)}"
        return f"{type(self).__name__}({count}: {'; '.join(groups)})"

    @property
    def state(self) -> dict[Parameter, State]:
        """The state of each parameter, kept up to date from the first time that it is asked for."""
        self._is_shared = True
        return self._up_to_date()

    @state.setter
    def state(self, state: dict[Parameter, State]) -> None:
        self._state, self._blocks = state, []

    def _up_to_date(self) -> dict[Parameter, State]:
        hand_over(map(self._state.update, [states_of(self._blocks)]), setting([self], "_blocks", [[]]))
        return self._state

    def add_param_group(self, group: Group) -> None:
        """Add a group: a dict of ``params`` and of the options that differ from the defaults."""
        params = listed(group.get("params", ()))
        if not params:
            raise ValueError(f"{type(self).__name__} got no parameters")
        state = dict(self._up_to_date())
        for p in params:
            if not isinstance(p, (Value, Tensor)):
                raise TypeError(f"a parameter must be a Value or a Tensor, not {type(p).__name__} ({p!r})")
            if p.op is not None:
                raise ValueError(f"only leaves can be optimized, but {p!r} was computed")
            if p in state:
                raise ValueError(f"a parameter is listed twice: {p!r}")
            state[p] = State()
        self.param_groups.append(self._checked(self._defaults | group | {"params": params}))
        self._state.update(state)

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if an option is unknown or out of range."""
        if group.keys() != self._defaults.keys() | {"params"}:
            unknown, known = sorted(group.keys() - self._defaults.keys() - {"params"}), ", ".join(self._defaults)
            raise ValueError(f"{type(self).__name__} does not have the option {', '.join(unknown)}: it takes {known}")
        for name in group.keys() & _LIMITS.keys():
            limit = _LIMITS[name]
            for number in group[name] if name == "betas" else [group[name]]:
                if not (isinstance(number, Real) and 0 <= float(number) < limit):
                    wanted = "finite" if limit == math.inf else f"below {limit:g}"
                    raise ValueError(f"{name} must be at least 0 and {wanted}, not {group[name]!r}")

    def _checked(self, group: Group) -> Group:
        """The group, checked, with Python's numbers in place of NumPy's, which would turn float32 into float64."""
        group = {name: option if name == "params" else _python(name, option) for name, option in group.items()}
        self.check(group)
        return group

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to ``None``."""
        for p in self._state:
            p.grad = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.  On an error, nothing is changed.

        Args:
            closure: a function that sets the gradients to ``None``, computes the loss, calls ``backward`` and returns
                the loss; it is called first.

        Returns:
            The loss that the closure returned, ``None`` without one.

        Raises:
            RuntimeError: if no parameter has a gradient.
            FloatingPointError: if a gradient is nan or infinite, or the step would make a parameter nan or infinite.
                PyTorch takes such a step silently, and the parameter never recovers.
        """
        loss = None if closure is None else closure()
        self._step()
        return loss

    @np.errstate(all="ignore")
    def _step(self) -> None:
        blocks = self._blocks_to_update()
        if not blocks:
            raise RuntimeError("no parameter has a gradient: call backward() on the loss before step()")
        gradients = [block.gathered(all_plain(gradients_of(block.params))) for block in blocks]
        self._check_finite(blocks, gradients, "the gradient of {} is nan or infinite")
        options = [self._options(place) for place in range(len(self.param_groups))]
        updated = [Block(block.place, block.params, State(block.state)) for block in blocks]
        data: list[Data] = []
        for block, g in zip(updated, gradients, strict=True):
            o, s = options[block.place], block.state
            x, g = block.gathered(data_of(block.params)), -g if o.maximize else g
            s["n"] += 1
            if o.weight_decay:
                x, g = self.decay(x, g, o)
            data.append(self.update(x, g, s, o))
        self._check_finite(blocks, data, "this step would make {} nan or infinite")
        for symbol in "GV":  # mean squares of gradients; an infinite one would make this step and all later ones 0
            if any(symbol in block.state for block in updated):
                squares = [block.state.get(symbol, 0.0) for block in updated]
                self._check_finite(blocks, squares, f"{symbol} of {{}} overflows, because the gradient is too large")
        changes: list[Iterator[object]] = list(assigning(blocks, data))
        if self._is_shared:
            changes.append(map(self._state.update, [states_of(updated)]))
        hand_over(*changes, setting([self], "_blocks", [[] if self._is_shared else updated]))

    def _blocks_to_update(self) -> list[Block]:
        """The parameters that have a gradient, in blocks; those of the last step if they are the same."""
        given = [with_gradient(group["params"]) for group in self.param_groups]
        if self._blocks and len(given) == len(self._given) and all(map(_identical, given, self._given)):
            return self._blocks
        entrywise = all(getattr(rule, "is_entrywise", False) for rule in (self.update, self.decay))
        state, blocks = self._up_to_date(), dict[Any, Block]()
        for place, params in enumerate(given):
            for p in params:
                together = entrywise and isinstance(p, Value)
                key = (place, state[p]["n"], *state[p]) if together else id(p)
                blocks.setdefault(key, Block(place, [], State())).params.append(p)
        for block in blocks.values():
            for symbol in state[block.params[0]]:
                numbers = [state[p][symbol] for p in block.params]
                block.state[symbol] = numbers[0] if symbol == "n" else block.gathered(numbers)
        self._given = given
        return list(blocks.values())

    def _options(self, place: int) -> SimpleNamespace:
        """The options of a group, which are checked if they have changed."""
        group, known = self.param_groups[place], self._known.get(place, {})
        if group.keys() != known.keys() or not _identical(group.values(), known.values()):
            group |= self._checked(group)
            self._known[place] = dict(group)
        return SimpleNamespace(**group)

    def _check_finite(self, blocks: Sequence[Block], numbers: Sequence[Data], message: str) -> None:
        if not all(map(is_finite, numbers)):
            found = [
                zip(block.params, block.scattered(x), strict=True) for block, x in zip(blocks, numbers, strict=True)
            ]
            check_finite(self._state, dict(chain(*found)), message)

    @entrywise
    def decay(self, x: Data, g: Data, o: SimpleNamespace) -> tuple[Data, Data]:
        """The parameter and its gradient after weight decay: g ← g + λx."""
        return x, g + o.weight_decay * x

    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """The new x, computed from x, its gradient g, its state ``s`` and the options ``o``."""
        raise NotImplementedError(f"{type(self).__name__} does not define update")

    def fits(self, p: Parameter, entry: Any) -> bool:
        """Whether an entry of a state can belong to a parameter: it is a number, or has the parameter's shape."""
        return np.shape(entry) in ((), getattr(p, "shape", ()))

    def state_dict(self) -> dict[str, Any]:
        """The state and the options as plain data, in PyTorch's layout: parameters are replaced by their numbers."""
        numbers = {p: number for number, p in enumerate(self._state)}
        groups = [group | {"params": [numbers[p] for p in group["params"]]} for group in self.param_groups]
        state = {numbers[p]: dict(entries) for p, entries in self._up_to_date().items() if entries}
        return deepcopy({"state": state, "param_groups": groups})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a :meth:`state_dict`, to the same bits.  On an error, nothing is changed.

        Raises:
            ValueError: if the state belongs to another kind of optimizer or to other parameters.
        """
        hand_over(self.loading(state_dict))

    def loading(self, state_dict: Any) -> Iterator[object]:
        """The changes that :meth:`load_state_dict` makes, after all checks, for :func:`autograd.safety.hand_over`."""
        if not isinstance(state_dict, Mapping) or state_dict.keys() != {"state", "param_groups"}:
            found = ", ".join(map(str, state_dict)) if isinstance(state_dict, Mapping) else repr(state_dict)
            raise ValueError(f"an optimizer's state_dict must have state and param_groups, not {found}")
        saved, own = state_dict["param_groups"], self.state_dict()["param_groups"]
        if not _are_groups(saved) or [list(group["params"]) for group in saved] != [group["params"] for group in own]:
            raise ValueError("the parameter groups of the state_dict differ from those of this optimizer")
        for group in saved:
            if missing := self._defaults.keys() - group.keys():
                raise ValueError(f"the state_dict lacks {', '.join(sorted(missing))}: is it from another optimizer?")
        saved = [self._checked(group) for group in saved]
        state = self._restored(state_dict["state"])
        groups = [
            group | deepcopy(fresh) | {"params": group["params"]}
            for group, fresh in zip(self.param_groups, saved, strict=True)
        ]
        return chain(
            map(self._state.update, [state]),
            setting([self], "_blocks", [[]]),
            map(dict.update, self.param_groups, groups),
        )

    def _restored(self, saved: Any) -> dict[Parameter, State]:
        """The state of each parameter from that of a ``state_dict``, checked."""
        params = list(self._state)
        state = {p: State() for p in params}
        if not isinstance(saved, Mapping):
            raise ValueError(f"the state of the state_dict must be a dict, not {saved!r}")
        for number, entries in saved.items():
            if number not in range(len(params)):
                raise ValueError(f"the state_dict has a parameter {number}, but there are only {len(params)}")
            p = params[number]
            if not isinstance(entries, Mapping):
                raise ValueError(f"the state of {name_of(p, number)} in the state_dict must be a dict, not {entries!r}")
            for symbol, entry in entries.items():
                if np.asarray(entry).dtype.kind not in "biuf":
                    raise ValueError(f"{symbol} of {name_of(p, number)} in the state_dict must hold numbers")
                if not self.fits(p, entry):
                    raise ValueError(f"{symbol} of {name_of(p, number)} has shape {np.shape(entry)} in the state_dict")
            state[p] = State(deepcopy(dict(entries)))
        return state


def _are_groups(saved: Any) -> bool:
    return isinstance(saved, (list, tuple)) and all(
        isinstance(group, Mapping) and isinstance(group.get("params"), (list, tuple)) for group in saved
    )


class SGD(Optimizer):
    """Gradient descent: x ← x - αg.

    With ``momentum`` μ: v ← g at first, then v ← μv + (1 - ``dampening``) g, and x ← x - αv; with ``nesterov``
    x ← x - α(g + μv).

    ``velocity=True`` is the lecture notes' form, where v is the step itself, like that of a ball rolling downhill:
    v ← μv - αg from v = 0, and x ← x + v; with ``nesterov`` x ← x + μv - αg.  The points are the same as long as α is
    constant.

    >>> trajectory(lambda x: x**2, 2.0, SGD, 3, lr=0.4).round(3)
    array([2.   , 0.4  , 0.08 , 0.016])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        velocity: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
            velocity=velocity,
        )

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown, out of range or contradict each other."""
        super().check(group)
        if group["nesterov"] and (not group["momentum"] or group["dampening"]):
            raise ValueError("nesterov needs a momentum and dampening=0")
        if group["velocity"] and group["dampening"]:
            raise ValueError("velocity=True cannot be combined with dampening")

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the negative gradient, or along the velocity if there is momentum."""
        if o.velocity:
            s["v"] = o.momentum * s["v"] - o.lr * g
            return x + (o.momentum * s["v"] - o.lr * g if o.nesterov else s["v"])
        if o.momentum:
            s["v"] = o.momentum * s["v"] + (1 - o.dampening) * g if "v" in s else +g  # + copies an array
            g = g + o.momentum * s["v"] if o.nesterov else s["v"]
        return x - o.lr * g


class Adagrad(Optimizer):
    """Smaller steps where gradients were large: G ← G + g², x ← x - α/(√G + ε) g.

    G starts at ``initial_accumulator_value``; α is ``lr`` / (1 + (n - 1) ``lr_decay``) in step n.
    ``eps_inside=True`` divides by √(G + ε).

    >>> trajectory(lambda x, y: x**2 / 20 + y**2, (-7, 2), Adagrad, 1, lr=0.95).round(6)
    array([[-7.  ,  2.  ],
           [-6.05,  1.05]])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        eps_inside: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
            eps_inside=eps_inside,
        )

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the negative gradient, with a step size for each coordinate."""
        s["G"] = s.get("G", o.initial_accumulator_value) + g * g
        return x - o.lr / (1 + (s["n"] - 1) * o.lr_decay) * g / _root(s["G"], o)


class RMSprop(Optimizer):
    """Adagrad with decay: G ← γG + (1 - γ) g², x ← x - α/(√G + ε) g, where γ is the argument ``alpha``.

    ``centered`` keeps the mean M ← γM + (1 - γ) g too, and takes G - M² (at least 0) for G.  With ``momentum`` μ:
    v ← μv + g/(√G + ε), x ← x - αv.  ``eps_inside=True``, the lecture notes' form, divides by √(G + ε).

    >>> path = trajectory(lambda x: x**2, 1.0, RMSprop, 1, lr=0.1, alpha=0.75)
    >>> path.round(6)  # the first step is α/√(1 - γ)
    array([1. , 0.8])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
        eps_inside: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
            eps_inside=eps_inside,
        )

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the negative gradient, scaled by recent gradients for each coordinate."""
        square = s["G"] = o.alpha * s["G"] + (1 - o.alpha) * g * g
        if o.centered:
            s["M"] = o.alpha * s["M"] + (1 - o.alpha) * g
            square = np.maximum(square - s["M"] * s["M"], 0.0)  # rounding can make it negative
        scaled = g / _root(square, o)
        if o.momentum:
            scaled = s["v"] = o.momentum * s["v"] + scaled
        return x - o.lr * scaled


class Adam(Optimizer):
    """Momentum, scaled by recent gradients, with both means corrected for their start at 0.

    M ← β₁M + (1 - β₁) g and V ← β₂V + (1 - β₂) g²; in step n M̂ = M/(1 - β₁ⁿ), V̂ = V/(1 - β₂ⁿ), and
    x ← x - α/(√V̂ + ε) M̂.  With ``amsgrad``, V̂ is computed from ``V_max``, the largest V so far.

    ``eps_inside=True``, the lecture notes' form, divides by √(V̂ + ε).  ``bias_correction`` says how M̂ and V̂ are
    computed: ``"corrected"`` is the formula above; ``"printed"`` uses M and V from before this step, a misprint in the
    notes that makes the first step 0; ``"none"`` uses M and V uncorrected.

    >>> x = Value(1.0)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (3 * x).backward()
    >>> optimizer.step()
    >>> {symbol: round(number, 6) for symbol, number in optimizer.state[x].items()}
    {'n': 1, 'M': 0.3, 'V': 0.009, 'M_hat': 3.0, 'V_hat': 9.0}
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        eps_inside: bool = False,
        bias_correction: str = "corrected",
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            eps_inside=eps_inside,
            bias_correction=bias_correction,
        )

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown or out of range."""
        if np.shape(group["betas"]) != (2,):
            raise ValueError(f"betas must be two numbers, not {group['betas']!r}")
        if group["bias_correction"] not in ("corrected", "printed", "none"):
            raise ValueError(f"bias_correction must be corrected, printed or none, not {group['bias_correction']!r}")
        super().check(group)

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the mean of recent gradients, scaled by the root of their mean square."""
        (beta1, beta2), n = o.betas, s["n"]
        before = s["M"], s["V_max" if o.amsgrad else "V"]
        mean = s["M"] = beta1 * s["M"] + (1 - beta1) * g
        square = s["V"] = beta2 * s["V"] + (1 - beta2) * g * g
        if o.amsgrad:
            square = s["V_max"] = np.maximum(s["V_max"], square)
        if o.bias_correction == "printed":
            mean, square = before
        elif o.bias_correction == "none":
            n = math.inf  # so that βⁿ = 0
        s["M_hat"], s["V_hat"] = mean / (1 - beta1**n), square / (1 - beta2**n)
        return x - o.lr * s["M_hat"] / _root(s["V_hat"], o)


class AdamW(Adam):
    """Adam with decoupled weight decay: x ← (1 - αλ) x, then Adam's step.

    >>> w = Value(1.0)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (0 * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.95
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        eps_inside: bool = False,
        bias_correction: str = "corrected",
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            eps_inside=eps_inside,
            bias_correction=bias_correction,
        )

    @entrywise
    def decay(self, x: Data, g: Data, o: SimpleNamespace) -> tuple[Data, Data]:
        """The parameter and its gradient after weight decay: x ← (1 - αλ) x."""
        return x * (1 - o.lr * o.weight_decay), g


def _python(name: str, option: Any) -> Any:
    """Real numbers of any kind, also in a tuple, as Python's; anything else as it is."""
    if type(option) in (float, bool):  # as usual
        return option
    if isinstance(option, np.generic) or (isinstance(option, np.ndarray) and (name in _LIMITS or option.ndim == 0)):
        option = option.tolist()
    if isinstance(option, (tuple, list)):
        return tuple([_python(name, number) for number in option])
    return float(option) if isinstance(option, Real) and not isinstance(option, int) else option


def _root(square: Data, o: SimpleNamespace) -> Any:
    return np.sqrt(square + o.eps) if o.eps_inside else np.sqrt(square) + o.eps


def trajectory(
    f: Callable[..., Any],
    start: float | Sequence[float],
    optimizer: Callable[..., Optimizer],
    steps: int,
    *,
    until: Callable[..., bool] | None = None,
    **options: Any,
) -> Array:
    """The points that an optimizer visits while it minimises a function of numbers.

    Args:
        f: a function of as many numbers as ``start`` has.
        start: a number, or a sequence of numbers.
        optimizer: the class, or a function that makes an optimizer from a list of parameters and the options.
        steps: the number of steps.
        until: a function of as many numbers; the first point at which it is true is the last one.  It may take fewer
            than ``steps`` steps, never more.
        options: the options of the optimizer.

    Returns:
        An array of ``steps + 1`` points, starting with ``start``: numbers if ``start`` is a number, else a row each.
        With ``until`` there may be fewer.

    Raises:
        TypeError: if ``f`` does not return a node.

    >>> trajectory(lambda x, y: x**2 / 20 + y**2, (-7, 2), SGD, 2, lr=0.5)
    array([[-7.    ,  2.    ],
           [-6.65  ,  0.    ],
           [-6.3175,  0.    ]])
    >>> len(trajectory(lambda x: x**2, 2.0, SGD, 100, until=lambda x: abs(x) < 1e-3, lr=0.4))
    6
    """
    point = [Value(float(x)) for x in np.ravel(start)]
    descent = optimizer(point, **options)
    visited = [[x.data for x in point]]
    for _ in range(steps):
        if until is not None and until(*visited[-1]):
            break
        descent.zero_grad()
        height = f(*point)
        if not isinstance(height, (Value, Tensor)):
            raise TypeError(f"f must compute with its arguments and return a node, but it returned {height!r}")
        height.backward()
        descent.step()
        visited.append([x.data for x in point])
    return np.reshape(visited, (-1, *np.shape(start)))


def _identical(some: Collection[Any], others: Collection[Any]) -> bool:
    """Whether two collections hold the same objects in the same order."""
    return len(some) == len(others) and all(map(is_, some, others))

"""Which parts of a graph a picture or a tree shows: groups that are closed, and nodes that are not in them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import islice
from typing import Any, TypeAlias

from autograd.core.sweep import Node
from autograd.explain.groups import Group, Groups, Part, groups

__all__ = ["Folding", "is_network", "parts_of"]

_READABLE = 24  # parts of a folded graph that are shown at once

Folding: TypeAlias = "bool | str | Groups | Callable[[Node], Any] | Collection[str] | None"
"""What to fold: see :func:`autograd.draw`."""


def is_network(fold: Folding) -> bool:
    """Whether a network is shown with a box for each neuron."""
    return "network" in _names(fold)


def _names(fold: Folding) -> set[str]:
    """The names among what is to be shown."""
    if isinstance(fold, str):
        return {fold}
    return set(fold) if isinstance(fold, Collection) and not isinstance(fold, Groups) else set()


def parts_of(output: Node, fold: bool | Groups | Callable[[Node], Any] | Collection[str]) -> list[Part] | None:
    """The parts of a folded graph; ``None`` if it is not folded."""
    if fold is False:
        return None
    found = fold if isinstance(fold, Groups) else groups(output, fold if callable(fold) else None)
    if isinstance(fold, bool) or callable(fold) or isinstance(fold, Groups):
        return list(found.fold(found.opened(_READABLE)).parts)
    names = _names(fold)
    opened: set[Group | str] = set(names)
    if is_network(fold):
        opened |= {*_networks_opened(found)}
        names.discard("network")
    missing = names - {group.name for group in found}
    if missing:
        known = ", ".join(repr(group.name) for group in islice(found, 10))
        raise ValueError(f"there is no group {sorted(missing)[0]!r} to open in this graph, but {known or 'none'}")
    return list(found.fold(opened).parts)


def _networks_opened(found: Groups) -> list[Group]:
    """The groups to open so that every neuron stands for itself: layers of neurons, their parts, and what is around.

    A layer that has only one neuron stands for it.
    """
    if not any(group.kind == "layer" for group in found):
        raise ValueError("there is no layer of neurons in this graph: the nodes need labels as those of nn.MLP, z[1]_2")
    opened = [
        group
        for group in found
        if group.kind in ("layer", "band")
        and any(isinstance(part, Group) and part.kind in ("neuron", "band") for part in group.parts)
        and (group.kind == "layer" or any(outer.kind == "layer" for outer in found.around(group)))
        and not any(outer.kind == "neuron" for outer in found.around(group))
    ]
    layers = (group for group in found if group.kind == "layer")
    return [*opened, *(outer for layer in layers for outer in found.around(layer))]

"""Which parts of pathgrad run compiled, and for the others why not.

``core/value.py`` and ``core/columns.py`` are Python source that can also be compiled to C, as libraries beside them,
which Python imports in their place.  This module is imported first, and makes Python import the sources all the same if
a library was compiled from an older source, or if the environment variable ``PATHGRAD_PURE`` is set, as in
``PATHGRAD_PURE=1 python ...``.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["PARTS", "__version__", "configuration", "show_config", "state_of"]

__version__ = "0.1.0"
"""The version of the three packages, ``__version__`` in each of them."""

_PURE = "PATHGRAD_PURE is set"
_NO_COMPILER = "it was installed without a C compiler"

PARTS: dict[str, Callable[[], str]] = {}
"""The optional compiled parts of other packages, each with a function that returns its state."""

_SOURCES = {f"autograd.core.{name}": Path(__file__).with_name(f"{name}.py") for name in ("columns", "value")}
_LIBRARIES = {"autograd.arrays._nodes", "autograd.compiler._lanes", "autograd.compiler._holds"}


def configuration() -> dict[str, str]:
    """The versions and the state of each compiled part, by name.

    >>> list(configuration())
    ['pathgrad', 'Python', 'NumPy', 'compiled core', 'compiled arrays', 'vector functions', 'compiled lanes']
    """
    from importlib.metadata import version  # here, because it takes as long to import as the whole core

    return {
        "pathgrad": __version__,
        "Python": f"{platform.python_version()} ({platform.system()}, {platform.machine()})",
        "NumPy": version("numpy"),
        "compiled core": f"no: {_why_source}" if _why_source else "yes",
        **{name: state() for name, state in PARTS.items()},
    }


def show_config() -> None:
    """Print the versions of pathgrad, Python and NumPy, and which parts run compiled, or why they do not.

    ``autograd.core.config.configuration()`` returns the same as a dict.
    """
    for name, state in configuration().items():
        print(f"{name + ':':<18}{state}")


def state_of(compiled: bool) -> str:
    """The state of an optional part, for :func:`configuration`: "yes", or why it does not run compiled."""
    return "yes" if compiled else f"no: {_PURE if _is_pure() else _NO_COMPILER}"


# ---------------------------------------------------------------------------------------------------------------------
# Source or library
# ---------------------------------------------------------------------------------------------------------------------


def _is_pure() -> bool:
    return os.environ.get("PATHGRAD_PURE", "0") != "0"


def _reason_for_source(source: Path) -> str:
    """Why the source is imported and not the library compiled from it; empty if the library is imported."""
    if _is_pure():
        return _PURE
    libraries = [source.with_name(source.stem + suffix) for suffix in EXTENSION_SUFFIXES]
    found = next((library for library in libraries if library.exists()), None)
    if found is None:
        return _NO_COMPILER
    digest = hashlib.sha256(source.read_bytes()).hexdigest()  # setup.py writes it into the library
    if digest.encode() not in found.read_bytes():
        return f"{source.name} was edited after {found.name} was compiled: recompile it with pip install -e ."
    return ""


class _FindSource:
    """An import hook: it finds the sources of the core in place of libraries, and in pure mode no library at all."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where to import a module from; ``None`` for all modules that this hook leaves to Python."""
        if name in _LIBRARIES and _is_pure():
            raise ModuleNotFoundError(f"{name}: {_PURE}", name=name)
        return spec_from_file_location(name, _SOURCES[name]) if name in _SOURCES else None


_why_source = next(filter(None, map(_reason_for_source, _SOURCES.values())), "")
if _why_source:
    sys.meta_path.insert(0, _FindSource)
    if _why_source not in (_PURE, _NO_COMPILER):
        warnings.warn(f"pathgrad runs more slowly than it could: {_why_source}", RuntimeWarning, stacklevel=3)

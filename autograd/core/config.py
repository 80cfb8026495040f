"""How pathgrad computes here: what of it runs compiled, and what does not and why.

The core is ``autograd.core.value``, one Python source that also compiles to C.  Python imports the compiled form where
it lies beside the source.  This module, imported before, sees to it that the source runs instead if it is newer than
what was compiled of it, or if the environment variable ``PATHGRAD_PURE`` asks for it, as ``PATHGRAD_PURE=1 python
...``.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.metadata import version
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["PARTS", "configuration", "show_config", "state_of"]

_ASKED = "PATHGRAD_PURE is set"
_NO_COMPILER = "it was installed without a C compiler"
PARTS: dict[str, Callable[[], str]] = {}
"""The optional compiled parts of higher packages, each with a function that gives its state."""

_CORE, _LANES = "autograd.core.value", "autograd.compiler._lanes"
_SOURCE = Path(__file__).with_name("value.py")


def configuration() -> dict[str, str]:
    """What :func:`show_config` prints, by name.

    >>> list(configuration())
    ['pathgrad', 'Python', 'NumPy', 'compiled core', 'compiled lanes']
    """
    return {
        "pathgrad": version("pathgrad"),
        "Python": f"{platform.python_version()} ({platform.system()}, {platform.machine()})",
        "NumPy": version("numpy"),
        "compiled core": f"no: {_why_source}" if _why_source else "yes",
        **{name: state() for name, state in PARTS.items()},
    }


def show_config() -> None:
    """Print the versions that matter, and what runs compiled, or else why not.

    ``autograd.core.config.configuration()`` gives the same as a dict.
    """
    for name, state in configuration().items():
        print(f"{name + ':':<16}{state}")


def state_of(compiled: bool) -> str:
    """What :func:`configuration` says of an optional part: "yes", or why it does not run compiled."""
    return "yes" if compiled else f"no: {_ASKED if _asked_for_source() else _NO_COMPILER}"


# ---------------------------------------------------------------------------------------------------------------------
# Source or library
# ---------------------------------------------------------------------------------------------------------------------


def _asked_for_source() -> bool:
    return os.environ.get("PATHGRAD_PURE", "0") != "0"


def _reason_for_source(source: Path) -> str:
    """Why the source runs and not what was compiled of it; nothing if the compiled form runs."""
    if _asked_for_source():
        return _ASKED
    libraries = [source.with_name(source.stem + suffix) for suffix in EXTENSION_SUFFIXES]
    found = next((library for library in libraries if library.exists()), None)
    if found is None:
        return _NO_COMPILER
    mark = hashlib.sha256(source.read_bytes()).hexdigest()
    if mark.encode() not in found.read_bytes():
        return f"{source.name} was edited since {found.name} was compiled: pip install -e . compiles it anew"
    return ""


class _FindSource:
    """Has Python import the core's source, although there is a library of that name, and if asked for, no library."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The source of the core; nothing for any other module."""
        if name == _LANES and _asked_for_source():
            raise ModuleNotFoundError(f"{name}: {_ASKED}", name=name)
        return spec_from_file_location(name, _SOURCE) if name == _CORE else None


_why_source = _reason_for_source(_SOURCE)
if _why_source:
    sys.meta_path.insert(0, _FindSource)
    if "edited" in _why_source:
        warnings.warn(f"pathgrad runs more slowly than it could: {_why_source}", RuntimeWarning, stacklevel=3)

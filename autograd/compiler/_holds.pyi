"""The C part of the environment, native/holds.c."""

from collections.abc import Iterable
from typing import Any

def hold(containers: tuple[Iterable[Any], ...], expected: tuple[tuple[Any, ...], ...], /) -> bool: ...

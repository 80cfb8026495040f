"""The C part of the native machine, native/lanes.c."""

from collections.abc import Sequence
from typing import Any

from autograd.core.aliases import Array

NUMBERS: dict[str, int]
KERNELS: dict[str, int]
LEVELS: list[str]
PART: int
SPARE: int

class Program:
    def __new__(
        cls,
        *,
        before: bytes,
        lanes: bytes,
        after: bytes,
        constants: bytes,
        totals: bytes,
        outputs: bytes,
        uniforms: int,
        registers: int,
        inputs: int,
        level: int,
        widest: int,
        numbers: int,
    ) -> Program: ...
    def run(self, uniforms: Array, inputs: Array, outputs: Array, samples: int, /) -> None: ...

class Call:
    def __new__(
        cls,
        *,
        program: Program,
        start: bytes,
        outputs: bytes,
        arguments: tuple[tuple[bool, Sequence[int] | None], ...],
        wanted: bytes,
        guarded: bool,
        single: bool,
    ) -> Call: ...
    def __call__(self, *arguments: Any) -> Any: ...

"""The compiled machine, lanes.c."""

from typing import Any

NUMBERS: dict[str, int]
KERNELS: dict[str, int]
LEVELS: list[str]

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
    ) -> Program: ...
    def run(self, uniforms: Any, inputs: Any, outputs: Any, samples: int, /) -> None: ...

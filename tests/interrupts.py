"""Interrupts before every instruction: what Ctrl-C could do at any moment."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["interrupted", "moments"]


def interrupted(action: Callable[[], object], at: int) -> bool:
    """Run an action, and raise ``KeyboardInterrupt`` before its instruction of this number; whether it came so far."""
    return _run(action, at) >= at


def moments(action: Callable[[], object], count: int, seed: int = 0) -> list[int]:
    """The numbers of all instructions of an action, which is run once; or ``count`` of them, drawn at random."""
    total = range(1, _run(action, 0) + 1)
    return list(total) if len(total) <= count else sorted(random.Random(seed).sample(total, count))


def _run(action: Callable[[], object], at: int) -> int:
    """The number of instructions of Python that an action executes, up to the interrupt before number ``at``."""
    executed = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal executed
        frame.f_trace_opcodes = True
        if event == "opcode":
            executed += 1
            if executed == at:
                raise KeyboardInterrupt  # Python then stops tracing: there is one interrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return executed

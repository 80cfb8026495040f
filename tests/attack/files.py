"""Damaged files: each is read as plain data or refused with ``ValueError``; a state is taken whole or not at all."""

from __future__ import annotations

import random
from collections import Counter
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nn.training.saving import load, packed
from tests.test_files import HARMFUL, training

_WRONG: list[Any] = [None, 3, -1, "abc", [], {}, [1.0], float("nan"), 10**400, {"x": 1}, (), True]


def _damaged(content: bytes, rng: random.Random) -> bytes:
    """A file with a few bytes changed, cut out, doubled or appended."""
    found = bytearray(content)
    for _ in range(rng.randint(1, 5)):
        place, length = rng.randrange(len(found) or 1), rng.randint(1, 40)
        kind = rng.randrange(5)
        if kind == 0:
            found[place : place + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del found[place : place + length]
        elif kind == 2:
            found[place:place] = found[place : place + length]
        elif kind == 3:
            found[place:] = b""
        else:
            found[place : place + 4] = rng.choice([b"\xff" * 4, b"\0" * 4, b"PK\1\2", b"PK\3\4"])
    return bytes(found)


def _replaced(state: Any, rng: random.Random) -> Any:
    """A state in which one part, however deep, is something else or missing."""
    if isinstance(state, dict) and state and rng.random() < 0.85:
        name = rng.choice(list(state))
        if rng.random() < 0.1:
            return {key: entry for key, entry in state.items() if key != name}
        return state | {name: _replaced(state[name], rng)}
    if isinstance(state, list) and state and rng.random() < 0.85:
        place = rng.randrange(len(state))
        return [*state[:place], _replaced(state[place], rng), *state[place + 1 :]]
    return deepcopy(rng.choice(_WRONG))


def attack(count: int, seed: int) -> Counter[str]:
    """Read so many damaged files, and take over as many states with one wrong part as a tenth of that."""
    rng = random.Random(seed)
    counts = Counter({"tried": count, "read": 0})
    now, state = training(0), training(1).state_dict()
    whole = [packed(state), packed([1, "x", None]), *HARMFUL.values()]
    with TemporaryDirectory() as folder:
        file = Path(folder, "run.npz")
        for i in range(count):
            file.write_bytes(_damaged(rng.choice(whole), rng))
            try:
                load(file)
                counts["read"] += 1
            except ValueError:
                pass
            except Exception as error:
                counts["crashed"] += 1
                print(f"file: {type(error).__name__}: {error}")
            if i % 10 == 0:
                _take(now, _replaced(state, rng), counts)
        counts["executed"] += len(list(Path(folder).iterdir())) - 1
    return counts


def _take(now: Any, wrong: Any, counts: Counter[str]) -> None:
    before = repr(now.state_dict())
    try:
        now.load_state_dict(wrong)
        counts["states taken"] += 1
    except ValueError:
        counts["half changed"] += repr(now.state_dict()) != before
    except Exception as error:
        counts["crashed"] += 1
        print(f"state: {type(error).__name__}: {error}")

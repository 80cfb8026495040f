"""Trainings that are killed at any moment: the checkpoint is that of a finished epoch, and the end is the same."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from nn import MLP, functional, optim
from nn.training import Training, fit

_EPOCHS = 40


def _train(file: Path, callback: Callable[[Training], object]) -> None:
    net = MLP([2, 4, 2], rng=0).vectorize()
    x = np.random.default_rng(0).normal(size=(12, 2))
    data = x, (x[:, 0] > 0).astype(int)
    adam = optim.Adam(net.parameters(), lr=0.1)
    kinds: dict[str, Any] = {"validation": data, "metrics": ["accuracy"], "schedule": optim.StepLR(adam, 3)}
    fit(
        net, data, functional.cross_entropy, adam, _EPOCHS, batch_size=5, rng=0, checkpoint=file, resume=True,
        callbacks=[callback], progress=False, **kinds,
    )  # fmt: skip


def attack(count: int, seed: int) -> Counter[str]:
    """Kill trainings until so many have been killed; each goes on from where the last one was."""
    rng = random.Random(seed)
    counts = Counter({"killed": 0})
    with TemporaryDirectory() as folder:
        file = Path(folder, "run.npz")
        allowed: list[bytes] = []
        start = time.perf_counter()
        _train(file, lambda training: allowed.append(file.read_bytes() if file.exists() else b""))
        epoch = (time.perf_counter() - start) / _EPOCHS
        allowed.append(file.read_bytes())
        file.unlink()
        while counts["killed"] < count:
            child = os.fork()
            if child == 0:
                try:
                    _train(file, lambda training: None)
                finally:
                    os._exit(0)
            time.sleep(rng.uniform(0.0, 4 * epoch))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                counts["killed"] += 1
            present = file.read_bytes() if file.exists() else b""
            counts["lost"] += present not in allowed
            if present == allowed[-1]:
                counts["finished to the same bits"] += 1
                file.unlink()
        _clean(Path(folder), counts)
    return counts


def _clean(folder: Path, counts: Counter[str]) -> None:
    """The temporary files of the dead are removed by the next run, once they are old."""
    for temporary in folder.glob(".pathgrad-*.tmp"):
        os.utime(temporary, (0, 0))
    _train(folder / "last.npz", lambda training: None)
    counts["lost"] += len(list(folder.glob(".pathgrad-*.tmp")))

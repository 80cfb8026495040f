"""HIPS autograd at the task of :mod:`benchmarks.tensor`, run by the Python of an environment that has it.

It is imported as ``autograd``, as ours is, so this program imports nothing of ours.  It reads the task from a file and
prints the loss and all gradients.  Then it reads numbers of steps, and prints the seconds that one step took.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from itertools import chain
from typing import Any

import autograd.numpy as np  # HIPS autograd's
from autograd import value_and_grad


def main(activation: str, file: str) -> None:
    """Print the answer, then time as many steps as each line of standard input says."""
    with np.load(file) as task:
        x, labels, *parameters = [task[name] for name in task.files]
    rows = np.arange(len(x))

    def loss(parameters: list[Any]) -> Any:
        h = x
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            z = np.dot(h, weight.T) + bias
            h = np.maximum(z, 0) if activation == "relu" else np.tanh(z)
        z = np.dot(h, parameters[-2].T) + parameters[-1]
        z = z - np.max(z, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[rows, labels])

    step = value_and_grad(loss)
    value, gradients = step(parameters)
    answer(list(chain([float(value)], *(gradient.ravel().tolist() for gradient in gradients))))
    for line in sys.stdin:
        gc.collect()
        step(parameters)
        steps = int(line)
        start = time.process_time()
        for _ in range(steps):
            step(parameters)
        answer((time.process_time() - start) / steps)


def answer(found: float | list[float]) -> None:
    """Print one line of JSON."""
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Networks of arrays: value and gradient of the softmax cross-entropy of a batch, compared with hand-written NumPy.

The layers are affine maps with a weight of shape (out, in) and a bias, with tanh or relu between them.  All engines use
one thread.  Gradients must agree to 1e-10 of the largest, or to 1e-4 in float32.

* **NumPy by hand**: forward and backward as on paper, in place where that saves an array.
* **pathgrad**: Tensors, ``linear``, ``nn.functional.cross_entropy`` and a sweep.
* **PyTorch**: eager, ``linear``, ``cross_entropy`` and ``torch.autograd.grad``.
* **JAX**: ``jit(value_and_grad)``, on the calling thread; see :mod:`benchmarks.peers`.
* **MyGrad**: tensors, without its memory guard, as its manual advises for speed.
* **HIPS autograd**: ``value_and_grad``, in a process with its own environment; see :mod:`benchmarks.hips`.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from benchmarks import peers
from benchmarks.measure import Answer, Engine, Local, Options, Race, Run, plain, race
from benchmarks.report import Report, duration, number, table
from nn.functional import cross_entropy


@dataclass(frozen=True)
class Net:
    """A network and a batch.

    Attributes:
        sizes: the number of inputs, then the number of neurons in each layer.
        activation: ``"relu"`` or ``"tanh"``, for all layers but the last.
        batch: the number of samples.
        dtype: ``"float32"`` or ``"float64"``.
    """

    sizes: tuple[int, ...]
    activation: str
    batch: int
    dtype: str

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))} {self.activation}, {self.batch}, {self.dtype}"

    @property
    def tolerance(self) -> float:
        """The largest deviation of gradients, relative to the largest gradient."""
        return 1e-4 if self.dtype == "float32" else 1e-10

    def data(self) -> tuple[Any, Any, list[Any]]:
        """Samples, their classes, and the parameters: the weight and the bias of each layer in turn."""
        draw = np.random.default_rng(0)
        x = draw.normal(size=(self.batch, self.sizes[0])).astype(self.dtype)
        labels = draw.integers(0, self.sizes[-1], self.batch)
        parameters = []
        for n, m in pairwise(self.sizes):
            parameters += [draw.normal(size=(m, n)) / n**0.5, draw.normal(size=m) * 0.1]
        return x, labels, [p.astype(self.dtype) for p in parameters]


NETS = [
    Net((2, 16, 16, 2), "tanh", 100, "float64"),
    Net((64, 32, 10), "relu", 64, "float64"),
    Net((784, 128, 10), "relu", 64, "float32"),
    Net((784, 128, 10), "relu", 100, "float64"),
    Net((784, 512, 256, 10), "relu", 256, "float32"),
]


def flat(result: tuple[Any, Iterable[Any]]) -> Iterator[float]:
    """A loss and gradients as one sequence of numbers."""
    loss, gradients = result
    return chain([plain(loss)], *(np.asarray(gradient).ravel().tolist() for gradient in gradients))


def in_layers(parameters: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pairs of weight and bias, one for each layer."""
    return list(zip(parameters[::2], parameters[1::2], strict=True))


def numpy_by_hand(net: Net) -> Run:
    """Forward and backward as on paper."""
    x, labels, parameters = net.data()
    layers, rows = in_layers(parameters), np.arange(net.batch)

    def step() -> tuple[Any, list[Any]]:
        inputs = [x]
        for weight, bias in layers:
            z = inputs[-1] @ weight.T
            z += bias
            if weight is not layers[-1][0]:
                z = np.maximum(z, 0, out=z) if net.activation == "relu" else np.tanh(z, out=z)
            inputs.append(z)
        logits = inputs.pop()
        logits -= logits.max(1, keepdims=True)
        chosen = logits[rows, labels]
        gradient = np.exp(logits, out=logits)
        totals = gradient.sum(1)
        loss = np.mean(np.log(totals) - chosen)
        gradient /= totals[:, None]
        gradient[rows, labels] -= 1
        gradient /= net.batch

        gradients = []
        for weight, _ in reversed(layers):
            below = inputs.pop()
            gradients += [gradient.sum(0), gradient.T @ below]
            if inputs:
                gradient = gradient @ weight
                gradient *= below > 0 if net.activation == "relu" else 1 - below * below
        return loss, gradients[::-1]

    return Local(step, flat)


def pathgrad(net: Net) -> Local:
    """Our Tensors."""
    x, labels, parameters = net.data()
    leaves = [autograd.Tensor(p) for p in parameters]
    layers = in_layers(leaves)
    activation = getattr(autograd, net.activation)

    def step() -> tuple[Any, list[Any]]:
        h = x
        for weight, bias in layers[:-1]:
            h = activation(autograd.linear(h, weight, bias))
        loss = cross_entropy(autograd.linear(h, *layers[-1]), labels)
        for p in leaves:
            p.grad = None
        loss.backward()
        return loss, [p.grad for p in leaves]

    return Local(step, flat)


def pytorch(net: Net) -> Run:
    """Eager PyTorch."""
    torch = peers.torch()
    functional = torch.nn.functional
    x, labels, *parameters = [torch.from_numpy(array) for array in (*net.data()[:2], *net.data()[2])]
    layers = in_layers([p.requires_grad_() for p in parameters])
    activation = getattr(torch, net.activation)

    def step() -> tuple[Any, Any]:
        h = x
        for weight, bias in layers[:-1]:
            h = activation(functional.linear(h, weight, bias))
        loss = functional.cross_entropy(functional.linear(h, *layers[-1]), labels)
        return loss, torch.autograd.grad(loss, parameters)

    return Local(step, lambda result: flat((result[0].detach(), result[1])))


def jax(net: Net) -> Run:
    """Compiled by XLA."""
    jax = peers.jax()
    jnp = jax.numpy
    samples, classes, numbers = net.data()
    x, labels, parameters = jnp.asarray(samples), jnp.asarray(classes), [jnp.asarray(p) for p in numbers]
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[net.activation]

    def loss(parameters: list[Any]) -> Any:
        *layers, last = in_layers(parameters)
        h = x
        for weight, bias in layers:
            h = activation(h @ weight.T + bias)
        scores = jax.nn.log_softmax(h @ last[0].T + last[1])
        return -jnp.mean(jnp.take_along_axis(scores, labels[:, None], axis=1))

    compiled = jax.jit(jax.value_and_grad(loss))
    return Local(lambda: jax.block_until_ready(compiled(parameters)), flat)


def mygrad(net: Net) -> Run:
    """MyGrad's tensors."""
    import mygrad
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    mygrad.turn_memory_guarding_off()
    x, labels, parameters = net.data()
    leaves = [mygrad.tensor(p) for p in parameters]
    layers = in_layers(leaves)
    activation: Callable[[Any], Any] = {"relu": relu, "tanh": mygrad.tanh}[net.activation]

    def step() -> tuple[Any, list[Any]]:
        h = x
        for weight, bias in layers[:-1]:
            h = activation(h @ weight.T + bias)
        weight, bias = layers[-1]
        loss = softmax_crossentropy(h @ weight.T + bias, labels)
        loss.backward()
        return loss, [p.grad for p in leaves]

    return Local(step, flat)


class OtherPython:
    """A run of :mod:`benchmarks.hips`, which measures its own time."""

    def __init__(self, python: str, net: Net) -> None:
        x, labels, parameters = net.data()
        self.python = python
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name, "task.npz")
        np.savez(file, x, labels, *parameters)
        command = [python, "-I", str(Path(__file__).with_name("hips.py")), net.activation, str(file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = np.array(self.asked())

    def asked(self, question: str = "") -> Any:
        """Send a line, and read the next line of the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(question)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise SystemExit(f"--hips {self.python}: HIPS autograd ended early; its error message is above")
        return json.loads(line)

    def answer(self) -> Answer:
        """The loss and all gradients, which it prints first."""
        return self.first

    def seconds(self, steps: int) -> float:
        """The time of one step, by its own clock."""
        return float(self.asked(f"{steps}\n"))

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
        self.folder.cleanup()


def hips(python: str) -> Engine:
    """HIPS autograd as an engine, with the version that its Python finds."""
    question = "from importlib.metadata import version; print(version('autograd'))"
    try:
        asked = subprocess.run([python, "-I", "-c", question], capture_output=True, text=True)
    except OSError as error:
        raise SystemExit(f"--hips {python}: {error.strerror}") from None
    if asked.returncode:
        raise SystemExit(f"--hips {python}: HIPS autograd is not installed: {python} -m pip install autograd")
    return Engine("HIPS autograd", "autograd", lambda net: OtherPython(python, net), asked.stdout.strip())


# ---------------------------------------------------------------------------------------------------------------------
# The group
# ---------------------------------------------------------------------------------------------------------------------


def measure(options: Options) -> Report:
    """Time all engines, net by net."""
    engines = [
        Engine("NumPy by hand", "numpy", numpy_by_hand),
        Engine("pathgrad", "pathgrad", pathgrad),
        Engine("PyTorch", "torch", pytorch),
        Engine("JAX", "jax", jax),
        Engine("MyGrad", "mygrad", mygrad),
    ]
    if options.hips:
        engines.append(hips(options.hips))
    races = [race(str(net), engines, net, options, net.tolerance) for net in NETS[: 1 if options.quick else None]]
    missing = races[0].missing + ([] if options.hips else ["HIPS autograd (--hips PYTHON)"])
    return Report(net_table(races), [result.as_json() for result in races], [], missing)


def net_table(races: Sequence[Race]) -> list[str]:
    """One row for each net: the time of the first engine, and its multiples for the others."""
    unit, *others = races[0].seconds
    head = ["net, batch, type", unit, *(f"{engine} {races[0].versions[engine]}" for engine in others)]
    rows = [
        [result.task, duration(result.median(unit)), *(number(result.median(o) / result.median(unit)) for o in others)]
        for result in races
    ]
    return table(head, rows)

"""Batches in shards: each is learnt by itself, in whichever process joblib chooses, and their gradients are added.

The sum is that of a fixed tree, and every shard is computed by one thread.  So the numbers depend on the size of the
shards, but not on the number of workers, nor on where they run, nor on which of them died.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from pickle import Unpickler
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor, Value, no_grad
from nn.activations import number, plain
from nn.aliases import Array, Parameter
from nn.data.checks import check_count
from nn.data.sampling import batches, joined
from nn.training.learner import Learner, Outcome

__all__ = ["Sharded"]

Terms: TypeAlias = "list[float | Array | None]"
"""The loss and the gradient of each parameter; ``None`` where a parameter is not used."""

_DEATHS = {"BrokenProcessPool", "FutureCancelledError", "KilledWorker", "TerminatedWorkerError"}
"""The errors by which loky and Dask say that a worker died."""

_TRIES = 3


@dataclass(frozen=True, eq=False)
class Sharded(Learner):
    """A learner that learns a batch in shards.

    Attributes:
        size: the number of samples in a shard; the last one of a batch may be smaller.
        parallel: joblib's function that runs tasks.
        packed: the learner without the numbers of its parameters.
    """

    size: int = 1
    parallel: Any = None
    packed: bytes = b""
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def out_of(cls, learner: Learner, size: int, n_jobs: int | None) -> Sharded:
        """The same learner in shards.

        Raises:
            ValueError: if the model has layers that compare samples or draw numbers.
            ImportError: without joblib, cloudpickle or threadpoolctl.
        """
        try:
            import cloudpickle
            import joblib
            import threadpoolctl  # noqa: F401
        except ImportError as error:
            raise ImportError(
                f'shard_size needs {error.name}, which is not installed: pip install "pathgrad[cores]"'
            ) from None
        if learner.buffers or learner.generators:
            kinds = {type(module).__name__: None for module, _ in learner.buffers}
            raise ValueError(
                f"shard_size needs a model that treats every sample alone, without {' and '.join(kinds) or 'Dropout'}: "
                "such a layer looks at the whole batch or draws numbers for it"
            )
        given = {one.name: getattr(learner, one.name) for one in fields(learner)}
        content = BytesIO()
        places = {id(p): place for place, p in enumerate(learner.parameters)}

        class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
            def persistent_id(self, thing: Any) -> int | None:
                return places.get(id(thing))

        Pickler(content).dump(replace(learner, _models={}, _samples={}))
        size = check_count("shard_size", size)
        return cls(**given, size=size, parallel=joblib.Parallel(n_jobs), packed=content.getvalue())

    def backward(self, x: Any, y: Any) -> Outcome:
        """The outputs and the loss of a batch, and its gradient in the parameters."""
        parts = batches(x, y, self.size, shuffle=False)
        shares = [min(self.size, parts.samples - i * self.size) / parts.samples for i in range(len(parts))]
        numbers = [p.data for p in self.parameters]
        kinds = [(np.shape(data), str(getattr(data, "dtype", ""))) for data in numbers]  # not in what is packed
        key = sha256(self.packed + repr(kinds).encode()).digest()
        tasks = [Task(key, self.packed, numbers, *part, share) for part, share in zip(parts, shares, strict=True)]
        outcomes, terms = zip(*self._run(tasks), strict=True)
        loss, *gradients = tree_sum(terms)
        outputs = None if outcomes[0] is None else joined(outcomes)
        if outputs is not None:
            self._check(x, y, outputs, number(loss))
        for p, gradient in zip(self.parameters, gradients, strict=True):
            p.grad = gradient
        return Outcome(outputs, y, number(loss))

    def _run(self, tasks: Sequence[Task]) -> list[tuple[Any, Terms]]:
        """Run the tasks; all of them again if a worker dies, because nothing has changed yet."""
        from joblib import delayed

        for tries_left in reversed(range(_TRIES)):
            try:
                return list(self.parallel(delayed(learn)(task) for task in tasks))
            except BaseException as error:  # the cancellation of asyncio is not an Exception
                if type(error).__name__ not in _DEATHS or not tries_left:
                    raise
        raise AssertionError

    def _check(self, x: Any, y: Any, outputs: Any, loss: float) -> None:
        """Check that the batch as a whole has this loss, and in the first step that it has these outputs."""
        with no_grad():
            whole = number(self.loss(outputs, y))
            if not np.isclose(loss, whole, rtol=1e-4, atol=1e-7):
                raise ValueError(
                    f"shard_size needs a loss that is a mean over samples: it is {whole:g}, and the mean of the shards "
                    f"{loss:g}"
                )
            if not self._seen:
                self._seen.add("outputs")
                if not np.allclose(plain(self.outputs(x)), plain(outputs), rtol=1e-3, atol=1e-5):
                    raise ValueError(
                        "shard_size needs a model that treats every sample alone: the outputs of a shard are not those "
                        "of the same samples in the whole batch"
                    )


# ---------------------------------------------------------------------------------------------------------------------
# In a worker
# ---------------------------------------------------------------------------------------------------------------------

_learners: dict[bytes, Learner] = {}  # the learner of the last task, by its key
_limits: list[Callable[[], Any]] = []  # the function that limits the threads of this process


@dataclass(frozen=True, eq=False)
class Task:
    """A shard to learn, in one object: arguments of their own would be sent ahead, and joblib waits for them forever
    if the worker that was to keep them dies.

    Attributes:
        key: a key of the learner, which stays in memory for the next task.
        packed: the learner without the numbers of its parameters.
        numbers: these numbers.
        x: samples.
        y: targets.
        share: the factor of the loss.
    """

    key: bytes
    packed: bytes
    numbers: Sequence[Any]
    x: Any
    y: Any
    share: float


def learn(task: Task) -> tuple[Any, Terms]:
    """The outputs of a shard, and its share of the loss and of every gradient."""
    learner = _learners.get(task.key)
    if learner is None:
        learner = _unpacked(task.packed, task.numbers)
        _learners.clear()
        _learners[task.key] = learner
    for p, data in zip(learner.parameters, task.numbers, strict=True):
        p.data, p.grad = data, None
    with _one_thread():
        outcome = learner.backward(task.x, task.y)
        gradients = [None if p.grad is None else task.share * p.grad for p in learner.parameters]
    return outcome.outputs, [task.share * number(outcome.loss), *gradients]


def _unpacked(packed: bytes, numbers: Sequence[Any]) -> Learner:
    parameters: list[Parameter] = [Value(data) if isinstance(data, float) else Tensor(data) for data in numbers]

    class Reader(Unpickler):
        def persistent_load(self, place: int) -> Parameter:
            return parameters[place]

    learner: Learner = Reader(BytesIO(packed)).load()
    learner.model.train()
    return learner


def _one_thread() -> Any:
    """A block in which products of matrices are computed by one thread: their last bits depend on how many."""
    if not _limits:
        from threadpoolctl import ThreadpoolController

        _limits.append(partial(ThreadpoolController().limit, limits=1, user_api="blas"))
    return _limits[0]()


def tree_sum(terms: Sequence[Terms]) -> Terms:
    """The sum of several lists, entry by entry, in pairs: its order depends only on how many there are.

    >>> tree_sum([[1.0, None], [2.0, None], [4.0, 5.0]])
    [7.0, 5.0]
    """
    while len(terms) > 1:
        pairs = [list(map(_added, *terms[i : i + 2])) for i in range(0, len(terms) - 1, 2)]
        terms = [*pairs, *terms[2 * len(pairs) :]]
    return list(terms[0])


def _added(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b

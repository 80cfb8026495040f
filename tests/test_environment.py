"""What a compiled function reads from outside: whatever changes is found at the next call, and nothing else costs."""

from __future__ import annotations

import builtins
import functools
import sys
import threading
import types
from collections import ChainMap, OrderedDict, UserDict, UserList, deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, compile, grad, primitive
from autograd.compiler import environment
from autograd.compiler.environment import Environment
from nn import MLP, Module, fit, functional, optim

K = 2.0
TABLE = {"k": 2.0}


def scaled(x: Any) -> Any:
    return K * x


def looked_up(x: Any) -> Any:
    return TABLE["k"] * x


def with_default(x: Any, k: Any = [2.0]) -> Any:  # noqa: B006
    return k[0] * x


def with_keyword(x: Any, *, k: Any = 2.0) -> Any:
    return k * x


class Plain:
    k = 2.0

    def __init__(self) -> None:
        self.a = 2.0

    def times(self, x: Any) -> Any:
        return self.k * x

    @property
    def from_global(self) -> Any:
        return K

    @staticmethod
    def static(x: Any) -> Any:
        return scaled(x)

    @classmethod
    def of_class(cls, x: Any) -> Any:
        return cls.k * x

    def __call__(self, x: Any) -> Any:
        return self.a * x

    def __getitem__(self, i: Any) -> Any:
        return self.a


class Derived(Plain):
    pass


class Slotted:
    __slots__ = ("k", "unset")

    def __init__(self) -> None:
        self.k = 2.0


@dataclass
class Config:
    k: float = 2.0
    inner: dict[str, Any] = field(default_factory=lambda: {"k": [2.0]})


class Hidden:
    """An object whose attributes come from elsewhere."""

    def __init__(self) -> None:
        object.__setattr__(self, "held", {"k": 2.0})

    def __getattr__(self, name: str) -> Any:
        try:
            return self.held[name]
        except KeyError:
            raise AttributeError(name) from None


def closure(k: float) -> tuple[Callable[[Any], Any], Callable[[float], None]]:
    def inner(x: Any) -> Any:
        return k * x

    def assign(fresh: float) -> None:
        nonlocal k
        k = fresh

    return inner, assign


def set_item(holder: Any, key: Any) -> Callable[[float], None]:
    return lambda k: holder.__setitem__(key, k)


def set_attribute(holder: Any, name: str) -> Callable[[float], None]:
    return lambda k: setattr(holder, name, k)


Case = tuple[Callable[[Any], Any], Callable[[float], object]]
CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """A function that multiplies by 2, and one that makes it multiply by another number."""
    CASES[make.__name__.replace("_", " ").strip()] = make
    return make


@case
def a_dict() -> Case:
    cfg = {"k": 2.0}
    return lambda x: cfg["k"] * x, set_item(cfg, "k")


@case
def a_list() -> Case:
    ks = [1.0, 2.0]
    return lambda x: ks[1] * x, set_item(ks, 1)


@case
def a_list_that_grows() -> Case:
    ks = [2.0]
    return lambda x: sum(ks) * x, lambda k: ks.append(k - 2.0)


@case
def nested_containers() -> Case:
    held: Any = {"a": [({"b": deque([2.0])},)]}
    return lambda x: held["a"][0][0]["b"][0] * x, lambda k: held["a"][0][0]["b"].__setitem__(0, k)


@case
def a_set() -> Case:
    ks = {2.0}
    return lambda x: sum(ks) * x, lambda k: ks.add(k - 2.0)


@case
def a_dict_of_another_class() -> Case:
    ks = OrderedDict(k=2.0)
    return lambda x: ks["k"] * x, set_item(ks, "k")


@case
def keys_of_a_dict() -> Case:
    ks = {2.0: None}
    return lambda x: next(iter(ks)) * x, lambda k: (ks.clear(), ks.update({k: None}))


@case
def collections_of_python() -> Case:
    held: Any = UserDict(k=ChainMap({"k": UserList([2.0])}))
    return lambda x: held["k"]["k"][0] * x, lambda k: held["k"]["k"].__setitem__(0, k)


@case
def a_view_of_a_dict() -> Case:
    ks = {"k": 2.0}
    values, proxy = ks.values(), types.MappingProxyType(ks)
    return lambda x: (next(iter(values)) + proxy["k"]) / 2.0 * x, set_item(ks, "k")


@case
def a_context_variable() -> Case:
    variable = ContextVar("variable", default=2.0)
    return lambda x: variable.get() * x, variable.set


@case
def a_memoryview() -> Case:
    ks = np.array([2.0])
    view = memoryview(ks)
    return lambda x: view[0] * x, set_item(ks, 0)


@case
def an_attribute_of_a_metaclass() -> Case:
    class Meta(type):
        k = 2.0

    class Fresh(metaclass=Meta):
        pass

    return lambda x: Fresh.k * x, set_attribute(Meta, "k")


@case
def an_attribute_in_a_format() -> Case:
    it = types.SimpleNamespace(k=2.0)
    return lambda x: float("{0.k}".format(it)) * x, set_attribute(it, "k")  # noqa: UP030, UP032


@case
def an_array() -> Case:
    ks = np.array([2.0, 1.0])
    return lambda x: ks[0] * x, set_item(ks, 0)


@case
def a_view_of_an_array() -> Case:
    ks = np.arange(12.0).reshape(3, 4)
    return lambda x: ks.T[2, 0] * x, lambda k: ks.__setitem__(slice(None), k)


@case
def an_array_of_objects() -> Case:
    ks = np.array([None, 2.0], object)
    return lambda x: ks[1] * x, set_item(ks, 1)


@case
def the_data_of_a_tensor() -> Case:
    ks = Tensor([2.0])
    return lambda x: ks.numpy()[0] * x, lambda k: ks.data.__setitem__(0, k)


@case
def a_bytearray() -> Case:
    ks = bytearray([2])
    return lambda x: float(ks[0]) * x, lambda k: ks.__setitem__(0, int(k))


@case
def an_attribute() -> Case:
    it = types.SimpleNamespace(k=2.0)
    return lambda x: it.k * x, set_attribute(it, "k")


@case
def an_attribute_of_an_attribute() -> Case:
    it = types.SimpleNamespace(a=types.SimpleNamespace(k=2.0))
    return lambda x: it.a.k * x, set_attribute(it.a, "k")


@case
def a_class_attribute() -> Case:
    class Fresh(Plain):
        k = 2.0

    it = Fresh()
    return lambda x: it.times(x), set_attribute(Fresh, "k")


@case
def an_attribute_that_hides_that_of_the_class() -> Case:
    it = Derived()
    return lambda x: it.times(x), set_attribute(it, "k")


@case
def an_attribute_of_a_base_class() -> Case:
    class Base:
        k = 2.0

    class Lower(Base):
        pass

    return lambda x: Lower.k * x, set_attribute(Base, "k")


@case
def slots() -> Case:
    it = Slotted()
    return lambda x: it.k * x, set_attribute(it, "k")


@case
def a_dataclass() -> Case:
    it = Config()
    return lambda x: it.inner["k"][0] * x, set_item(it.inner["k"], 0)


@case
def getattr_with_a_name() -> Case:
    it = Config()
    return lambda x: getattr(it, "k") * x, set_attribute(it, "k")  # noqa: B009


@case
def getattr_with_a_computed_name() -> Case:
    it = Config()
    return lambda x: getattr(it, "".join(["", chr(107)])) * x, set_attribute(it, "k")


@case
def vars_of_an_object() -> Case:
    it = Config()
    return lambda x: next(iter(vars(it).values())) * x, set_attribute(it, "k")


@case
def a_hidden_attribute() -> Case:
    it = Hidden()
    return lambda x: it.k * x, set_item(it.held, "k")


@case
def an_object_that_is_called() -> Case:
    it = Plain()
    return it, set_attribute(it, "a")


@case
def an_object_that_is_indexed() -> Case:
    it = Plain()
    return lambda x: it[0] * x, set_attribute(it, "a")


@case
def a_method() -> Case:
    it = Derived()
    return it.times, set_attribute(it, "k")


@case
def the_variable_of_an_inner_function() -> Case:
    inner, assign = closure(2.0)
    return lambda x: inner(x) + 0.0, assign


@case
def a_partial_function() -> Case:
    f = functools.partial(with_keyword, k=2.0)
    return lambda x: f(x), set_item(f.keywords, "k")


@case
def a_partial_function_itself() -> Case:
    f = functools.partial(with_keyword, k=2.0)
    return f, set_item(f.keywords, "k")


@case
def other_defaults_of_the_function_itself() -> Case:
    def f(x: Any, k: Any = 2.0) -> Any:
        return k * x

    return f, lambda k: setattr(f, "__defaults__", (k,))


@case
def the_entry_of_a_partial_argument() -> Case:
    ks = [2.0]
    return functools.partial(lambda ks, x: ks[0] * x, ks), set_item(ks, 0)


@case
def the_entry_of_a_default() -> Case:
    held = [2.0]

    def f(x: Any, ks: Any = held) -> Any:
        return ks[0] * x

    return lambda x: f(x), set_item(held, 0)


@case
def other_defaults() -> Case:
    def f(x: Any, k: Any = 2.0) -> Any:
        return k * x

    return lambda x: f(x), lambda k: setattr(f, "__defaults__", (k,))


@case
def a_default_by_keyword() -> Case:
    def f(x: Any, *, k: Any = 2.0) -> Any:
        return k * x

    return lambda x: f(x), set_item(f.__kwdefaults__, "k")


@case
def a_function_in_a_list() -> Case:
    fs: list[Any] = [lambda x: 2.0 * x]
    return lambda x: fs[0](x), lambda k: fs.__setitem__(0, lambda x: k * x)


@case
def a_function_with_an_attribute() -> Case:
    def f(x: Any) -> Any:
        return f.k * x  # type: ignore[attr-defined]

    f.k = 2.0  # type: ignore[attr-defined]
    return lambda x: f(x), set_attribute(f, "k")


@case
def a_wrapped_function() -> Case:
    ks = [2.0]

    @functools.lru_cache
    def f(x: Any) -> Any:
        return ks[0] * x

    return lambda x: f.__wrapped__(x), set_item(ks, 0)


@case
def a_compiled_function() -> Case:
    ks = [2.0]
    f = compile(lambda x: ks[0] * x)
    return lambda x: f(x), set_item(ks, 0)


@case
def a_transform() -> Case:
    ks = [2.0]
    f = grad(lambda x: ks[0] * x * x / 2.0)
    return lambda x: f(x), set_item(ks, 0)


@case
def a_primitive_of_the_user() -> Case:
    ks = [2.0]
    row = primitive(lambda x, out: ks[0], name="row")(lambda x: ks[0] * x)
    return lambda x: row(x), set_item(ks, 0)


@pytest.mark.parametrize("name", CASES)
def test_what_changes_is_found(name: str) -> None:
    """The value and the gradient, at once and when the old number comes back."""
    f, change = CASES[name]()
    g = compile(f)
    for _ in range(3):
        assert g.value_and_grad(3.0) == (6.0, 2.0)
    change(5.0)
    for x in (3.0, 4.0):
        assert g.value_and_grad(x) == (5.0 * x, 5.0)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda x: scaled(x) + 0.0, "K"),
        (lambda x: Plain.static(x), "K"),
        (lambda x: Plain().from_global * x, "K"),
        (lambda x: sum([scaled(t) for t in [x]]), "K"),
        (lambda x: (lambda t: scaled(t))(x), "K"),
        (scaled, "K"),
    ],
)
def test_globals_of_called_functions(f: Callable[[Any], Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    g = compile(f)
    assert g.value_and_grad(3.0) == (6.0, 2.0)
    monkeypatch.setitem(globals(), name, 5.0)
    assert g.value_and_grad(3.0) == (15.0, 5.0)
    monkeypatch.setitem(globals(), "scaled", lambda x: 7.0 * x)
    if name in f.__code__.co_names or f is scaled:
        return
    assert g.value_and_grad(3.0) in [(21.0, 7.0), (15.0, 5.0)]


def test_an_entry_of_a_global(monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(lambda x: looked_up(x) + 0.0)
    assert f(3.0) == 6.0
    monkeypatch.setitem(TABLE, "k", 5.0)
    assert f(3.0) == 15.0


def test_a_global_that_is_defined_later() -> None:
    scope: dict[str, Any] = {}
    exec("def g(x):\n    return later * x\ndef f(x):\n    return g(x) + 0.0", scope)
    f = compile(scope["f"])
    with pytest.raises(NameError, match="later"):
        f(3.0)
    for k in (2.0, 5.0):
        scope["later"] = k
        assert f(3.0) == 3.0 * k
    scope["g"] = lambda x: 7.0 * x
    assert f(3.0) == 21.0


@pytest.fixture
def settings() -> Iterator[types.ModuleType]:
    """A module of the user."""
    module = types.ModuleType("settings_of_the_user")
    module.k, module.unused, module.f = 2.0, 1.0, scaled  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_names_of_modules(settings: Any) -> None:
    def imported(x: Any) -> Any:
        import settings_of_the_user

        return settings_of_the_user.k * x

    def imported_from(x: Any) -> Any:
        from settings_of_the_user import k

        return k * x

    fs = [compile(f) for f in (lambda x: settings.k * x, imported, imported_from)]
    assert [f(3.0) for f in fs] == [6.0] * 3
    settings.k = 5.0
    assert [f(3.0) for f in fs] == [15.0] * 3


def test_an_installed_package_is_entered_by_its_own_functions_alone(tmp_path: Any) -> None:
    source = "k = 2.0\ndef scaled(x):\n    return k * x\ndef f(x):\n    return scaled(x) + 0.0\n"
    file = tmp_path / "site-packages" / "package" / "module.py"
    module = types.ModuleType("package.module")
    exec(builtins.compile(source, str(file), "exec"), vars(module))
    inside, outside = compile(module.f), Environment(lambda x: module.f(x))
    assert inside(3.0) == 6.0
    outside.version()
    assert len(outside._snapshot.held.found) < 4  # type: ignore[union-attr]
    module.k = 5.0  # type: ignore[attr-defined]
    assert inside(3.0) == 15.0


def test_constants_of_the_same_size_are_told_apart() -> None:
    held: list[Any] = [1]
    f = compile(lambda x: x * 7.0 if type(held[0]) is bool else x / held[0])
    assert f(3.0) == 3.0
    held[0] = True
    assert f(3.0) == 21.0
    held[0] = -0.0
    with np.errstate(all="ignore"):
        assert f(3.0) == -np.inf
    held[0] = 0.0
    assert f(3.0) == np.inf


def test_values_are_read_at_each_call_and_may_be_replaced() -> None:
    held = [Value(2.0)]
    f = compile(lambda x: held[0] * x)
    assert f(3.0).data == 6.0
    held[0].data = 3.0
    assert f(3.0).data == 9.0
    held[0] = Value(3.0)
    f(5.0).backward()
    assert held[0].grad == 5.0


# ---------------------------------------------------------------------------------------------------------------------
# Networks
# ---------------------------------------------------------------------------------------------------------------------


class Tilted(Module):
    """A network that reads a list, a dict, a global and an attribute of its own."""

    def __init__(self) -> None:
        self.a, self.b = [Value(1.0)], Value(0.0)
        self.scales, self.offset = {"k": 1.0}, 0.0

    def forward(self, x: Any) -> Any:
        return self.tilt(self.a[0] * x[0] * self.scales["k"] + self.b + self.offset)

    def tilt(self, z: Any) -> Any:
        return K * z


CALLBACKS: dict[str, Callable[[Any], None]] = {
    "a dict": lambda net: net.scales.update(k=3.0),
    "an attribute": lambda net: setattr(net, "offset", 1.0),
    "a parameter in a list": lambda net: net.a.__setitem__(0, Value(-1.0)),
    "a global": lambda net: globals().update(K=4.0),
    "a method": lambda net: setattr(net, "tilt", lambda z: -z),
}


@pytest.mark.parametrize("name", CALLBACKS)
def test_a_callback_changes_what_the_model_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training goes on as without compilation: the same numbers as if the change had been there from a fresh start."""
    data = [[0.5], [2.0]], [1.0, -1.0]

    def learn(epochs: int, callbacks: Any, prepare: Callable[[Any], None] = lambda net: None) -> list[float]:
        monkeypatch.setitem(globals(), "K", 2.0)
        net = Tilted()
        optimizer = optim.SGD(net.parameters(), lr=0.01)
        fit(net, data, functional.mse_loss, optimizer, 1)
        prepare(net)
        fit(net, data, functional.mse_loss, optimizer, epochs, callbacks=callbacks)
        return [net.a[0].data, net.b.data]

    changed = learn(2, [lambda training: CALLBACKS[name](training.model) if training.epoch == 1 else None])
    by_hand = Tilted()
    monkeypatch.setitem(globals(), "K", 2.0)
    optimizer = optim.SGD(by_hand.parameters(), lr=0.01)
    for epoch in range(3):
        if epoch == 2:
            CALLBACKS[name](by_hand)
        optimizer.zero_grad()
        losses = [(by_hand([x]) - t) ** 2 for (x,), t in zip(*data, strict=True)]
        (sum(losses) / 2.0).backward()
        optimizer.step()
    assert changed == pytest.approx([by_hand.a[0].data, by_hand.b.data], rel=1e-12)


def test_a_parameter_of_a_net_is_replaced() -> None:
    net = MLP([2, 3, 1], rng=0)
    f = compile(lambda x: net(x), batch=True)
    x = np.array([[1.0, 2.0], [0.5, -1.0]])
    f.backward(x)
    fresh = net.layers[1].neurons[0].weights[1] = Value(5.0)
    assert f(x).data == pytest.approx(sum(net(row).data for row in x.tolist()) / 2.0)
    f.backward(x)
    assert fresh.grad is not None


# ---------------------------------------------------------------------------------------------------------------------
# What does not matter, and what must not break
# ---------------------------------------------------------------------------------------------------------------------


def recordings(f: Callable[[Any], Any]) -> Callable[[], int]:
    """How often a function has been recorded."""
    compiled = compile(f)
    return lambda: (compiled(2.0), len(compiled._specializations))[1]


def test_what_the_code_does_not_mention_may_change() -> None:
    it = types.SimpleNamespace(k=2.0, steps=0, log=[])
    count = recordings(lambda x: it.k * x)
    count()
    for step in range(5):
        it.steps = step
        it.log.append(step)
        it.fresh = step
    assert count() == 1


def test_numbers_that_come_back_are_known() -> None:
    held = [2.0]
    count = recordings(lambda x: held[0] * x)
    for k in (2.0, 3.0, 2.0, 3.0, 2.0):
        held[0] = k
        found = count()
    assert found == 2


def test_a_number_that_changes_at_each_call_does_not_pile_up() -> None:
    held = [0.0]
    f = compile(lambda x: held[0] * x)
    for k in range(200):
        held[0] = float(k)
        assert f(2.0) == 2.0 * k
    assert len(f._specializations) <= 64
    assert len(f._environment._versions) <= 64


class Hostile:
    """An object that answers no question, and compares equal to everything."""

    k = 2.0

    def __getattribute__(self, name: str) -> Any:
        if name == "k":
            return 2.0
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    def __hash__(self) -> int:
        raise RuntimeError("hashed")

    def __len__(self) -> int:
        raise RuntimeError("measured")

    def __iter__(self) -> Any:
        raise RuntimeError("iterated")

    def __repr__(self) -> str:
        raise RuntimeError("shown")


class Lying(list[Any]):
    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_hostile_objects() -> None:
    held: Any = [Hostile(), Lying([2.0])]
    f = compile(lambda x: held[0].k * x * held[1][0])
    assert (f(3.0), f(3.0)) == (12.0, 12.0)
    held[1][0] = 5.0
    assert f(3.0) == 30.0


def test_cycles_and_deep_structures() -> None:
    ring: list[Any] = [2.0]
    ring.append(ring)
    deep: list[Any] = ring
    for _ in range(20_000):
        deep = [deep]
    f = compile(lambda x: ring[1][1][0] * x + 0.0 * len(deep))
    assert f(3.0) == 6.0
    ring[0] = 5.0
    assert f(3.0) == 15.0


def test_large_structures() -> None:
    numbers, array = list(range(100_000)), np.zeros(1_000_000)
    f = compile(lambda x: numbers[-1] * x + array[-1])
    assert f(2.0) == 199_998.0
    numbers[-1], array[-1] = 1, 3.0
    assert f(2.0) == 5.0


def test_a_dict_that_another_thread_changes() -> None:
    table = {i: float(i) for i in range(500)}
    f = compile(lambda x: table[1] * x)
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            table[1000] = 0.0
            del table[1000]

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        assert [f(3.0) for _ in range(300)] == [3.0] * 300
    finally:
        stop.set()
        thread.join(20)


def test_recursive_functions_and_unassigned_variables() -> None:
    def power(x: Any, n: int) -> Any:
        return x * power(x, n - 1) if n else k

    f = compile(lambda x: power(x, 3))
    with pytest.raises(NameError):
        f(2.0)
    k = 1.0
    assert f(2.0) == 8.0
    k = 3.0
    assert f(2.0) == 24.0


def test_libraries_are_not_entered() -> None:
    version = Environment(lambda x: np.linalg.norm(autograd.sin(x)) + sum(map(abs, [x])))
    version.version()
    assert len(version._snapshot.held.found) < 10  # type: ignore[union-attr]
    assert not version._snapshot.held.containers  # type: ignore[union-attr]


def test_the_comparison_in_c_and_in_python() -> None:
    if environment._holds is None:
        pytest.skip("not compiled here")
    a, b, c = object(), object(), object()

    class Owner:
        x = a

    def cell(content: Any) -> Any:
        return (lambda: content).__closure__[0]  # type: ignore[index]

    def shifted(x: float = 1.0, *, by: float = 2.0) -> float:
        return x + by

    nothing: tuple[Any, ...] = ((),) * 9
    for unchanged in (environment._holds.unchanged, environment._unchanged_in_python):
        assert unchanged(*nothing)
        mappings = ({"x": a}, {}, vars(Owner))
        assert unchanged(mappings, ("x", "x", "x"), (a, None, a), *nothing[3:])
        assert not unchanged(mappings, ("x", "x", "x"), (a, None, b), *nothing[3:])
        assert not unchanged(mappings, ("x", "x", "x"), (a, b, a), *nothing[3:])
        assert not unchanged(mappings, ("y", "x", "x"), (a, None, a), *nothing[3:])
        assert unchanged(*nothing[:3], (cell(a),), (a,), *nothing[5:])
        assert not unchanged(*nothing[:3], (cell(a),), (b,), *nothing[5:])
        assert unchanged(*nothing[:7], mappings[:2], (1, 0))
        assert not unchanged(*nothing[:7], mappings[:2], (1, 1))
        containers: Any = ([a, b], {"a": c}, deque([b]), shifted, cell)
        defaults = shifted.__defaults__, shifted.__kwdefaults__
        assert unchanged(*nothing[:5], containers, ((a, b), ("a", c), (b,), defaults, (None, None)), *nothing[7:])
        for containers, held in [
            (([a, b],), ((a,),)),
            (([a],), ((a, b),)),
            (([a],), ((b,),)),
            (({"a": b},), (("a", c),)),
            (({"a": b},), (("b", b),)),
            (({},), (("a", b),)),
            ((deque([a, b]),), ((a,),)),
            ((deque([a]),), ((a, b),)),
            ((shifted,), ((a, defaults[1]),)),
            ((shifted,), ((defaults[0], None),)),
            ((cell,), ((None,),)),
        ]:
            assert not unchanged(*nothing[:5], containers, held, *nothing[7:])
    for wrong in ((), nothing[1:], (*nothing[:5], ([a],), (), (), ()), (*nothing[:5], ([a],), ([a],), (), ())):
        with pytest.raises(TypeError):
            environment._holds.unchanged(*wrong)

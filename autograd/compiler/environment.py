"""The environment of a function: everything outside of it that it reads, and whether that has changed.

A recording holds the numbers that a function found outside: global names, variables of enclosing functions, entries of
lists, dicts and arrays, attributes, and whatever the functions and methods that it calls read.  Before a recording is
replayed, they must be the same as when it was made.

Two steps find that out.  A *walk* goes through everything that can be reached, and describes it by a key: numbers and
text by what they are, other objects by identity.  The walk is slow.  It also notes which objects it found in which
containers, so that the next calls only have to see whether each of them still holds the very same objects.

What a walk enters:

* lists, tuples, dicts, sets and other containers of Python; arrays and Tensors, whose contents are compared;
* functions that are not part of this package, of Python's library or of an installed package: their global names,
  defaults and enclosing variables; of other functions the defaults and enclosing variables;
* attributes of objects and modules, as far as their names occur in the code of these functions; and the methods.

An installed package that the function itself belongs to is entered as well.  What is read from files, environment
variables, weak references, the clock or a generator of random numbers is not noticed here; much of it shows when the
function is run a second time.
"""

from __future__ import annotations

import dis
import re
import sys
from array import array
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, partial
from itertools import chain, count
from operator import attrgetter, is_
from pathlib import Path
from threading import RLock
from types import CellType, CodeType, FunctionType, MappingProxyType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.arrays.tensor_data import TensorData
from autograd.compiler.operations import is_builtin
from autograd.core.primitive import Primitive
from autograd.core.value import Value

try:
    from autograd.compiler import _holds
except ImportError:
    _holds = None  # type: ignore[assignment]

__all__ = ["Environment"]

_MAX_VERSIONS = 64  # of one function; the oldest is forgotten, in case something changes at every call
_MAX_SIZE = 1_000_000  # of all versions together


Container: TypeAlias = Iterable[Any] | FunctionType
"""What holds objects: whatever can be iterated over again and again; or a function, which holds defaults."""


class Environment:
    """What a function reads from outside, and how often it has changed.

    >>> settings = {"shift": 1.0}
    >>> environment = Environment(lambda x: x + settings["shift"])
    >>> first = environment.version()
    >>> settings["shift"] = 2.0
    >>> environment.version() == first
    False
    >>> settings["shift"] = 1.0
    >>> environment.version() == first
    True
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._snapshot: Snapshot | None = None
        self._names: set[str] = set()
        self._versions: dict[Hashable, int] = {}
        self._fresh = count()
        self._lock = RLock()

    def version(self) -> int:
        """A number that is the same as long as the environment is, and again when it is the same as before."""
        return self.snapshot().version

    def snapshot(self) -> Snapshot:
        """What the function reads from outside now."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.has_changed():
            with self._lock:
                self._snapshot = snapshot = self._walk()
        return snapshot

    def _walk(self) -> Snapshot:
        """Walk until no further names turn up in the code that is reached."""
        while True:
            walk = _Walk(self._function, self._names)
            if walk.names <= self._names:
                break
            self._names = self._names | walk.names
        key = tuple(walk.key)
        version = self._versions.setdefault(key, next(self._fresh))
        if len(self._versions) > min(_MAX_VERSIONS, 1 + _MAX_SIZE // len(key)):
            del self._versions[next(iter(self._versions))]
        return walk.snapshot(version)


# ---------------------------------------------------------------------------------------------------------------------
# A snapshot, which is compared at each call
# ---------------------------------------------------------------------------------------------------------------------


class _Held(NamedTuple):
    """What mappings, cells and containers hold.

    Attributes:
        mappings: for each entry that was read, the dict or the attributes of a class that have it.
        names: the names of the entries.
        found: the objects there; ``None`` for an entry that is not there.
        cells: variables of enclosing functions.
        contents: what is assigned to them.
        containers: lists, dicts and others.
        held: for each of them the objects that it holds, as :func:`_objects` finds them.
        sized: dicts of which some entries were read.
        lengths: their lengths, since a name may be defined later.
    """

    mappings: tuple[Mapping[str, Any], ...]
    names: tuple[str, ...]
    found: tuple[Any, ...]
    cells: tuple[CellType, ...]
    contents: tuple[Any, ...]
    containers: tuple[Container, ...]
    held: tuple[tuple[Any, ...], ...]
    sized: tuple[Mapping[str, Any], ...]
    lengths: tuple[int, ...]


class Snapshot(NamedTuple):
    """Which objects a walk found, and where.

    Attributes:
        version: the version of the environment.
        held: the objects, where each of them was found.
        arrays: arrays and the like, each with its contents.
    """

    version: int
    held: _Held
    arrays: list[tuple[Any, bytes]]

    def has_changed(self) -> bool:
        """Whether a container holds anything else than before."""
        _, held, arrays = self
        try:
            return not (_unchanged(*held) and (not arrays or all(_bytes(x) == before for x, before in arrays)))
        except Exception:  # a container was changed by another thread, or a variable is no longer defined
            return True

    def comparison(self) -> Callable[[], bool]:
        """A function that tells whether nothing has changed; it may raise if something has."""
        return (lambda: not self.has_changed()) if self.arrays else partial(_unchanged, *self.held)


def _unchanged_in_python(*compared: Any) -> bool:
    """Whether mappings, cells and containers still hold exactly the given objects; see :class:`_Held`."""
    mappings, names, found, cells, contents, containers, held, sized, lengths = compared
    return (
        all(mapping.get(name) is x for mapping, name, x in zip(mappings, names, found, strict=True))
        and all(map(is_, map(_get_content, cells), contents))
        and tuple(map(len, sized)) == lengths
        and all(map(_holds_exactly, containers, held))
    )


def _holds_exactly(container: Container, expected: tuple[Any, ...]) -> bool:
    found = _objects(container)
    return len(found) == len(expected) and all(map(is_, found, expected))


_unchanged = _unchanged_in_python if _holds is None else _holds.unchanged


def _objects(container: Container) -> tuple[Any, ...]:
    """What a container holds: of a dict its keys and values in turn, of a function its defaults."""
    if type(container) is FunctionType:
        return container.__defaults__, container.__kwdefaults__
    return tuple(chain.from_iterable(container.items()) if type(container) is dict else container)


_get_content = attrgetter("cell_contents")


class _Items:
    """What a container holds, whatever its own ``__iter__`` says."""

    def __init__(self, iterate: Callable[[Any], Iterator[Any]], container: Any) -> None:
        self.iterate, self.container = iterate, container

    def __iter__(self) -> Iterator[Any]:
        return self.iterate(self.container)


def _bytes(x: Any) -> bytes:
    """The contents of an array or of something like it."""
    if isinstance(x, np.ndarray):
        return x.tobytes() if x.ndim == 1 else repr((x.shape, x.dtype)).encode() + x.tobytes()
    return bytes(x) if isinstance(x, (bytearray, memoryview, array)) else to_numpy(x).tobytes()


class _Identity:
    """Compares an object by identity, whatever its own ``__eq__`` says."""

    def __init__(self, it: Any) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)


# ---------------------------------------------------------------------------------------------------------------------
# A walk through everything that can be reached
# ---------------------------------------------------------------------------------------------------------------------

_COMPARED_BY_VALUE = frozenset({bool, int, float, complex, str, bytes, Fraction, Decimal, type(None)})
_CONTAINERS: tuple[Any, ...] = (list, tuple, deque, set, frozenset)


class _Walk:
    """One walk through everything that a function reaches.

    Args:
        function: where it begins.
        wanted: the names of attributes to enter.

    Attributes:
        key: what was found.
        names: the names of attributes in the code that was reached.
    """

    def __init__(self, function: Callable[..., Any], wanted: set[str]) -> None:
        self.key: list[Hashable] = []
        self.names: set[str] = set()
        self._wanted = wanted
        self._everything = not _READS_ANY_NAME.isdisjoint(wanted)
        self._seen: dict[int, tuple[int, Any]] = {}  # the place and the object, by its id
        self._entries: dict[tuple[int, str], tuple[Mapping[str, Any], str, Any]] = {}  # with the objects there
        self._classes: set[type] = set()  # the classes of objects
        self._origins: dict[type, set[str]] = {}  # where the bases of a class are from
        self._cells: list[CellType] = []
        self._containers: list[Container] = []
        self._held: list[tuple[Any, ...]] = []
        self._dicts: dict[int, Mapping[str, Any]] = {}
        self._contents: list[tuple[Any, bytes]] = []

        self._home = _package(getattr(getattr(function, "__code__", None), "co_filename", ""))
        self._ahead = [function]
        while self._ahead:
            self._describe(self._ahead.pop())

    def snapshot(self, version: int) -> Snapshot:
        """What was found, to be compared later."""
        mappings, names, found = zip(*self._entries.values(), strict=True) if self._entries else ((), (), ())
        cells, dicts = tuple(self._cells), tuple(self._dicts.values())
        contents = tuple(map(_content, cells))
        containers, held = tuple(self._containers), tuple(self._held)
        lengths = tuple(map(len, dicts))
        compared = _Held(mappings, names, found, cells, contents, containers, held, dicts, lengths)
        return Snapshot(version, compared, self._contents)

    def _watch(self, container: Container) -> tuple[Any, ...]:
        """Compare what a container holds from now on; returns what it holds now."""
        held = _objects(container)
        self._containers.append(container)
        self._held.append(held)
        return held

    def _watch_entries(self, held: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
        """The same for some entries of a dict, or of the attributes of a class; ``None`` for those that it lacks."""
        found = [held.get(name) for name in names]
        self._entries.update({(id(held), name): (held, name, x) for name, x in zip(names, found, strict=True)})
        return found

    def _describe(self, x: Any) -> None:
        """Add an object to the key, and what it holds to what lies ahead."""
        kind = type(x)
        if kind in _COMPARED_BY_VALUE or issubclass(kind, (np.number, np.bool_)):
            self.key.append((kind, repr(x)))
        elif kind is Value:  # it is read at each call
            self.key.append(_Identity(x))
        elif kind is tuple and _COMPARED_BY_VALUE.issuperset(map(type, x)):
            self.key.append((kind, repr(x)))
        elif id(x) in self._seen:
            self.key.append(("seen", self._seen[id(x)][0]))
        else:
            self._seen[id(x)] = len(self._seen), x
            self.key.append(cast("Hashable", kind) if kind in _CONTAINERS else _Identity(x))
            enter = next((_ENTER[base] for base in kind.__mro__ if base in _ENTER), _Walk._enter_object)
            enter(self, x)

    def _visit(self, objects: Sequence[Any]) -> None:
        self.key.append(len(objects))
        self._ahead += reversed(objects)

    # -- containers ----------------------------------------------------------------------------------------------------

    def _enter_items(self, x: Any) -> None:
        kind: Any = next(base for base in type(x).__mro__ if base in _CONTAINERS)
        if kind in (tuple, frozenset):  # these cannot change
            self._visit(list(kind.__iter__(x)))
        else:
            self._visit(self._watch(x if type(x) is kind else _Items(kind.__iter__, x)))
        if type(x) is not kind:
            self._enter_object(x)

    def _enter_dict(self, x: dict[Any, Any]) -> None:
        if type(x) is dict:
            self._visit(self._watch(x))
        else:
            self._visit(self._watch(_Items(lambda x: chain.from_iterable(dict.items(x)), x)))
            self._enter_object(x)

    def _enter_view(self, x: Any) -> None:
        self._visit(self._watch(x))

    def _enter_proxy(self, x: Any) -> None:
        self._visit(self._watch(_Items(lambda x: chain.from_iterable(x.items()), x)))

    def _enter_variable(self, x: ContextVar[Any]) -> None:
        self._visit(self._watch(_Items(lambda x: iter((x.get(None),)), x)))

    def _enter_array(self, x: Any) -> None:
        if isinstance(x, np.ndarray) and x.dtype.hasobject:
            self._visit(self._watch(_Items(lambda x: iter(x.ravel().tolist()), x)))
            return
        contents = _bytes(x)
        self.key.append(contents)
        self._contents.append((x, contents))

    # -- functions -----------------------------------------------------------------------------------------------------

    def _enter_function(self, x: FunctionType) -> None:
        cells = x.__closure__ or ()
        self._cells += cells
        self._visit([*[_content(cell) for cell in cells], x.__defaults__, x.__kwdefaults__])
        if x.__defaults__:  # they may be replaced
            self._watch(x)
        if _origin(x.__code__.co_filename, self._home) != "user":
            return
        code = _read_by(x.__code__)
        self.names |= code.names
        wanted = x.__globals__ if _ALL_GLOBALS & code.names else code.globals
        names = [name for name in wanted if name in x.__globals__]  # others are built in, or not defined yet
        self._dicts[id(x.__globals__)] = x.__globals__
        self._visit([*self._watch_entries(x.__globals__, names), *map(sys.modules.get, code.imports)])
        if vars(x):
            self._enter_attributes(vars(x))

    def _enter_method(self, x: MethodType) -> None:
        self._visit([x.__func__, x.__self__])

    def _enter_partial(self, x: partial[Any]) -> None:
        self._visit([x.func, x.args, x.keywords])

    def _enter_wrapper(self, x: Any) -> None:
        """A property, a static method and the like: the functions that it holds."""
        parts = [getattr(x, name, None) for name in ("fget", "fset", "func", "__func__")]
        self._visit([part for part in parts if part is not None])

    def _enter_primitive(self, x: Primitive) -> None:
        if not is_builtin(x):
            self._visit([x.formula, x.partials, x.array])

    # -- modules, classes and objects ----------------------------------------------------------------------------------

    def _enter_module(self, x: ModuleType) -> None:
        if _origin(_file_of(x), self._home) in ("user", "installed"):
            self._enter_attributes(vars(x))

    def _enter_class(self, x: type, constructors: bool = True) -> None:
        self._classes.add(x)
        if self._origin(type(x)) == "user":
            self._visit([type(x)])
        whole = any(self._origin(base) in _READ_AS_A_WHOLE for base in x.__mro__)
        constructors = constructors or not _CLASS_OF.isdisjoint(self._wanted)
        for base in x.__mro__:
            if self._origin(base) == "user":
                held = vars(base)
                methods = [name for name, part in held.items() if name[:2] == "__" and type(part) is FunctionType]
                if not constructors:
                    methods = [name for name in methods if name not in _CONSTRUCTORS]
                self._enter_attributes(held, whole, methods)

    def _enter_object(self, x: Any) -> None:
        held, kinds = _attributes(x), type(x).__mro__
        origins = self._origins.get(type(x))
        if origins is None:
            origins = self._origins[type(x)] = set(map(self._origin, kinds))
        if "user" in origins:
            if type(x) not in self._classes:
                self._enter_class(type(x), constructors=False)
        elif "__wrapped__" in held:  # it stands for another function
            self._visit([held["__wrapped__"]])
            return
        if "autograd" in origins:
            return
        whole = not origins.isdisjoint(_READ_AS_A_WHOLE) or not _COLLECTIONS.isdisjoint(kinds)
        if held:
            self._enter_attributes(held, whole)
        if "user" in origins:
            self._enter_slots(x, whole)
        if "installed" in origins and hasattr(type(x), "__array__"):
            with suppress(Exception):
                self._enter_array(x)

    def _enter_slots(self, x: Any, whole: bool) -> None:
        parts = [part for kind in type(x).__mro__ if self._origin(kind) == "user" for part in vars(kind).values()]
        slots = [part for part in parts if isinstance(part, MemberDescriptorType) and self._wants(part.__name__, whole)]
        if slots:
            self._visit(self._watch(_Items(lambda x: (_slot(x, slot) for slot in slots), x)))

    def _enter_attributes(self, held: Mapping[str, Any], whole: bool = False, more: Sequence[str] = ()) -> None:
        """The attributes that the code reads by name; all of them if it may read any, or if other code reads them."""
        names = [*[name for name in held if self._wants(name, whole)], *more]
        self.key.append(tuple(names))
        self._dicts[id(held)] = held
        at_once = type(held) is dict and len(names) == len(held) > 1
        self._visit(self._watch(held) if at_once else self._watch_entries(held, names))

    def _origin(self, kind: type) -> str:
        """Where a class is from."""
        module = sys.modules.get(kind.__module__) if isinstance(kind.__module__, str) else None
        if module is None or kind.__module__ == "__main__":
            return "user"
        return _origin(_file_of(module), self._home)

    def _wants(self, name: str, whole: bool) -> bool:
        return name in self._wanted or ((whole or self._everything) and name[:2] != "__")


_ENTER: dict[type, Callable[[_Walk, Any], None]] = {
    **dict.fromkeys(_CONTAINERS, _Walk._enter_items),
    dict: _Walk._enter_dict,
    **dict.fromkeys([type({}.keys()), type({}.values())], _Walk._enter_view),
    MappingProxyType: _Walk._enter_proxy,
    ContextVar: _Walk._enter_variable,
    **dict.fromkeys([np.ndarray, bytearray, memoryview, array, TensorData], _Walk._enter_array),
    FunctionType: _Walk._enter_function,
    MethodType: _Walk._enter_method,
    partial: _Walk._enter_partial,
    **dict.fromkeys([property, staticmethod, classmethod, cached_property], _Walk._enter_wrapper),
    Primitive: _Walk._enter_primitive,
    ModuleType: _Walk._enter_module,
    type: _Walk._enter_class,
    Value: lambda walk, x: None,
}
"""How to enter an object, by its class or a base of it; any other object has attributes."""

_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__del__"})
_CLASS_OF = frozenset({"type", "__class__"})  # with these a method may make an object of its class


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing has been assigned to the variable yet
        return None


def _slot(x: Any, slot: MemberDescriptorType) -> Any:
    try:
        return slot.__get__(x)
    except AttributeError:  # nothing has been assigned to it yet
        return None


def _attributes(x: Any) -> dict[str, Any]:
    """The attributes of an object, without asking the object itself."""
    try:
        held = object.__getattribute__(x, "__dict__")
    except Exception:
        return {}
    return held if type(held) is dict else {}


# ---------------------------------------------------------------------------------------------------------------------
# Code: what it reads, and where it is from
# ---------------------------------------------------------------------------------------------------------------------


class _Names(NamedTuple):
    """The names in a code object and in the functions and comprehensions inside it.

    Attributes:
        globals: those that it looks up in its module.
        names: all names, and text that may be one.
        imports: the modules that it imports.
    """

    globals: list[str]
    names: frozenset[str]
    imports: list[str]


_ALL_GLOBALS = frozenset({"globals", "eval", "exec"})
_READS_ANY_NAME = _ALL_GLOBALS.union(
    ("getattr", "__getattribute__", "__dict__", "__slots__", "vars", "dir"),
    ("attrgetter", "asdict", "astuple", "fields"),
)
"""Functions that may read an attribute whose name the code does not contain."""


@cache
def _read_by(code: CodeType) -> _Names:
    read: dict[str, None] = {}
    imports: dict[str, None] = {}
    names = set(code.co_names)
    for instruction in dis.get_instructions(code):
        if "GLOBAL" in instruction.opname or instruction.opname == "LOAD_NAME":
            read[instruction.argval] = None
        elif instruction.opname == "IMPORT_NAME":
            imports[instruction.argval] = None
    for constant in _constants(code.co_consts):
        if isinstance(constant, CodeType):
            inner = _read_by(constant)
            read.update(dict.fromkeys(inner.globals))
            imports.update(dict.fromkeys(inner.imports))
            names |= inner.names
        elif isinstance(constant, str):
            names.update(re.findall(r"\w+", constant) if "{" in constant else [constant])
    return _Names(list(read), frozenset(names), list(imports))


def _constants(constants: Iterable[Any]) -> Iterator[Any]:
    for constant in constants:
        if isinstance(constant, (tuple, frozenset)):
            yield from _constants(constant)
        else:
            yield constant


_COLLECTIONS = frozenset({Mapping, Sequence, Set})  # whose methods read attributes of other names
_READ_AS_A_WHOLE = frozenset({"nn", "installed"})
"""Where classes are from whose code may read any attribute, but is not entered."""

_OURS = Path(__file__).parent.parent


@cache
def _python() -> tuple[str, ...]:
    """The folders of Python's own library."""
    import sysconfig  # here, because it reads a large file

    return tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib")})


@cache
def _origin(file: str | None, home: str) -> str:
    """Where a file of code is from: "autograd", "nn", "python" with NumPy and SciPy, "installed" or "user".

    The user's code is also an installed package of the name ``home``.
    """
    if file is None or file.startswith("<frozen"):
        return "python"
    for ours in (_OURS, _OURS.with_name("nn")):
        if ours in Path(file).parents:
            return ours.name
    package = _package(file)
    if package:
        return "user" if package == home else "python" if package in ("numpy", "scipy") else "installed"
    return "python" if file.startswith(_python()) else "user"


def _package(file: str) -> str:
    """The installed package that a file belongs to; empty if there is none."""
    folders = re.split(r"[\\/](?:site|dist)-packages[\\/]", file)
    return re.split(r"[\\/]", folders[-1])[0] if len(folders) > 1 else ""


def _file_of(module: ModuleType) -> str | None:
    """The file of a module; ``None`` if it is a part of Python."""
    file = vars(module).get("__file__")
    if isinstance(file, str):
        return file
    return None if module.__name__ in sys.builtin_module_names else "<unknown>"

"""docs/notes.md: every call, file, command and example named there exists, and none of the examples is missing."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pathgrad.notes import EXAMPLES, NOTES
from pathgrad.notes.outline import places

pytest.importorskip("matplotlib")

from pathgrad.figures import FIGURES
from pathgrad.training import TASKS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "notes.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## Notes (\d): (.*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
ROWS = [
    (int(notes), *row)
    for notes, _, table in SECTIONS
    for row in re.findall(r"^\| ([\d-]+) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
]
SHOWN = sorted({name for _, _, _, shown in ROWS for name in re.findall(r"`(.+?)`", shown)})


def resolve(dotted: str) -> Any:
    """The object with this name, an attribute of the longest module that there is."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[n:]:
            found = getattr(found, attribute)
        return found
    raise AssertionError(dotted)


def exists(name: str) -> bool:
    match name.split():
        case ["pathgrad", "figure", figure]:
            return figure in FIGURES
        case ["pathgrad", "train", task]:
            return task in TASKS
        case ["pathgrad", "explain" | "exercise" | "notes"]:
            return True
    if name.endswith(".ipynb"):
        return (ROOT / "notebooks" / name).exists()
    return name in EXAMPLES or resolve(name) is not None


@pytest.mark.parametrize("name", SHOWN)
def test_what_the_table_names_exists(name: str) -> None:
    assert exists(name)


@pytest.mark.parametrize("name", ["pathgrad figure no-such", "pathgrad train no-such", "no-such.ipynb"])
def test_a_name_of_nothing_is_noticed(name: str) -> None:
    assert not exists(name)


@pytest.mark.parametrize("name", ["autograd.no_such", "nn.no_such.at_all", "no-such-example"])
def test_a_call_of_nothing_is_noticed(name: str) -> None:
    with pytest.raises((AttributeError, AssertionError)):
        exists(name)


def test_every_item_is_shown_or_is_background() -> None:
    assert len(ROWS) == len(re.findall(r"^\| \d", TEXT, re.MULTILINE)) > 250
    for *where, shown in ROWS:
        names = r"(`[^`]+`)(, `[^`]+`)*"
        assert re.fullmatch(rf"{names}|background|mentioned", shown), where


def test_every_example_and_every_figure_stands_in_the_table() -> None:
    assert EXAMPLES.keys() - set(SHOWN) == set()
    assert {f"pathgrad figure {name}" for name in FIGURES} - set(SHOWN) == set()


def test_the_titles_are_those_of_the_notes() -> None:
    assert [(int(number), title) for number, title, _ in SECTIONS] == [
        (number, notes.title) for number, notes in enumerate(NOTES)
    ]


def test_the_items_are_in_the_order_of_the_notes() -> None:
    ends = [(notes, int(lines.partition("-")[2] or lines)) for notes, lines, *_ in ROWS]
    assert [notes for notes, _ in ends] == sorted(notes for notes, _ in ends)
    for before, after in pairwise(ROWS):
        if before[0] == after[0]:
            assert int(before[1].partition("-")[0]) <= int(after[1].partition("-")[2] or after[1])


def test_an_example_stands_beside_lines_of_its_source() -> None:
    """At least one row that names an example covers the place that its source names."""
    for id, known in EXAMPLES.items():
        spans = [
            (notes, int(lines.partition("-")[0]), int(lines.partition("-")[2] or lines))
            for notes, lines, _, shown in ROWS
            if f"`{id}`" in shown
        ]
        ranges = [
            (int(notes), int(first), int(last or first))
            for notes, text in re.findall(r"notes (\d), lines? ([\d, -]+)", known.source)
            for first, last in re.findall(r"(\d+)(?:-(\d+))?", text)
        ]
        assert places(known.source)
        assert any(n == m and a <= d and c <= b for n, a, b in spans for m, c, d in ranges), id

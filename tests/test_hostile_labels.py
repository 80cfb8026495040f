"""Labels that would be markup, code or an escape sequence, through every output."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import graphviz
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import EvaluationError, Value, exp, log
from autograd.core.escaping import latex_text, printable
from autograd.pictures.from_graph import picture
from autograd.pictures.svg import svg
from nn import optim
from nn.training import History

HOSTILE = [
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "a\nb", "a\r\x1b[2Kb", "\u202eabc", "\udc80", "\x00", "50%", "x&y", "#1",
    r"\input{/etc/passwd}", r"\write18{rm}", "$x$", "{", "}", "\\", "a^b_c", "~", r"}\end{aligned}", "<b>x</b>",
    "</script><script>alert(1)</script>", "<!--", "]]>", "&lt;", '"onload="x', "`x`", "|x|", r"\N", "w_{\\input}", "$$",
    "z[1]_{%}", "alpha_%", "_", "__", "^", "x_{1}\\x",
]  # fmt: skip

LABELS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(), min_size=1, max_size=12),
    st.lists(st.sampled_from([*HOSTILE, "x", "_", "1", "[", "]"]), min_size=1, max_size=4).map("".join),
)


def graph(label: str) -> tuple[Value, Value]:
    """An output and a variable, between them two paths and a product of two nodes of the same label."""
    w = Value(0.5, label)
    v = exp(w)
    v.label = f"v{label}"
    y = v * v + w
    y.label = f"{label}y"
    return y, w


def fails(action: Callable[[], object], *kinds: type[Exception]) -> str:
    with pytest.raises(kinds) as caught:
        action()
    return str(caught.value)


def terminal(label: str) -> Iterator[str]:
    """Everything that is printed."""
    y, w = graph(label)
    found = autograd.paths(y, w)
    yield from (repr(w), repr(y), repr(found), found.table(), autograd.paths(y, w, named=False).table())
    yield from (autograd.tree(y), str(autograd.naive_sweep(y)), repr(autograd.naive_sweep(y)))
    yield from (str(autograd.flows(y, w)), repr(autograd.dependencies(y)), str(autograd.groups(y)))
    yield from (str(autograd.steps(y)), str(autograd.what_if(y, w, 0.5)))
    yield fails(lambda: autograd.paths(y, f"no{label}"), LookupError)
    yield fails(lambda: log(Value(-1.0, label)), EvaluationError)
    yield fails(lambda: autograd.check_claim("y = v**2; v = sin(w)", f"y{label}", {"w": label}), Exception)
    yield fails(lambda: autograd.define(f"y = ) {label}"), Exception)
    x = Value(1.0, label)
    x.grad = float("inf")
    yield fails(optim.SGD([x]).step, FloatingPointError)
    yield fails(lambda: autograd.compile(lambda a: a if w.detach(label) * a > 0 else -a)(1.0), autograd.RecordingError)
    yield str(History({"loss": [0.5], label: [1.0]}))


@given(LABELS)
@example("\x1b[31m")
def test_nothing_that_is_printed_has_a_control_character(label: str) -> None:
    for text in terminal(label):
        assert all(line.isprintable() for line in text.split("\n")), ascii(text)
        assert "a\nb" not in text


@given(LABELS)
def test_names_are_one_printable_line_and_differ(label: str) -> None:
    nodes = [Value(1.0, text) for text in (label, label, printable(label, None))]
    names = list(autograd.core.sweep.node_names(nodes).values())
    assert len(set(names)) == 3
    assert all(name.isprintable() for name in names)


COMMANDS = {
    *("begin", "end", "frac", "partial", "left", "right", "cdot", "mathrm", "cdots", "displaystyle", "operatorname"),
    *("backslash", "wedge", "sim", "log", "exp", "quad", "text", "times"),
}


def check_latex(text: str) -> None:
    """Only our commands, balanced braces, and nothing that TeX takes for a comment, a column or a parameter."""
    from sympy.printing.latex import greek_letters_set, other_symbols, tex_greek_dictionary

    letters = greek_letters_set | other_symbols | tex_greek_dictionary.keys()
    letters |= {letter.capitalize() for letter in letters}
    for command in re.findall(r"\\([a-zA-Z]+)", text):
        assert command in COMMANDS | letters or f"\\{command}" in tex_greek_dictionary.values(), (command, text)
    rest = re.sub(r"\\(?:[a-zA-Z]+|.)", " ", text.replace(r"\\" + "\n", "\n"))
    depth = 0
    for letter in rest:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0, text
    assert depth == 0, text
    assert not set("%#$~") & set(rest), text
    assert all(line.count("&") <= 1 for line in rest.split("\n")), text


@given(LABELS)
def test_latex_shows_labels_as_they_are(label: str) -> None:
    pytest.importorskip("sympy")
    y, w = graph(label)
    for named in (True, False):
        check_latex(autograd.paths(y, w, named=named).latex())
    for edge in autograd.dependencies(y).edges:
        check_latex(edge.latex or "")
    check_latex(latex_text(label))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, attrs))

    handle_startendtag = handle_starttag


def tags(text: str) -> list[tuple[str, Any]]:
    found = _Tags()
    found.feed(text)
    found.close()
    return found.tags


@given(LABELS)
def test_no_label_adds_to_html_svg_or_json(label: str) -> None:
    y, w = graph(label)
    plain, v = graph("x")
    found, wanted = (autograd.paths(a, b)._repr_mimebundle_()["text/html"] for a, b in ((y, w), (plain, v)))
    assert tags(found) == tags(wanted)
    assert all(line.isprintable() for line in found.split("\n"))
    drawn = [element.tag for element in ET.fromstring(svg(picture(y))).iter()]
    assert set(drawn) == {element.tag for element in ET.fromstring(svg(picture(plain))).iter()}
    text = autograd.to_json(y)
    assert text.isprintable()
    assert json.loads(text)["nodes"][0]["name"] == printable(label, None)


@given(LABELS)
def test_no_label_adds_to_the_page(label: str) -> None:
    page = y_page(label)
    page.encode()
    assert [tag for tag, _ in tags(page)] == [tag for tag, _ in tags(y_page("x"))]


def y_page(label: str) -> str:
    return graph(label)[0].explore().html


@given(LABELS)
def test_no_label_is_markup_in_dot(label: str) -> None:
    source = autograd.draw(graph(label)[0]).source
    source.encode()
    assert "\x1b" not in source
    quoted = re.sub(r'"(?:\\.|[^"\\])*"', '""', source, flags=re.DOTALL)
    plain = re.sub(r'"(?:\\.|[^"\\])*"', '""', autograd.draw(graph("x")[0]).source, flags=re.DOTALL)
    if "label=<" not in source:
        assert quoted == plain
    assert graphviz.Source(source).source

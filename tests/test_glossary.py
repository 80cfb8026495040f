"""docs/glossary.md: every Korean term of the notebooks stands there, with the notebooks that use it."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.same_in_both_modes

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| ([^|]*[가-힣][^|]*) \| ([^|]+) \| [^|]+\. \| ([\d, ]+) \|$", re.MULTILINE)


def words(text):
    """The Korean words and phrases in a text, without what is quoted in italics."""
    return set(re.findall(r"[가-힣]+(?: [가-힣]+)*", re.sub(r"\*[가-힣 ]+\*", "", text)))


def text_of(notebook):
    return "\n".join("".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"])


ROWS = [
    (words(korean), english, where.split(", "))
    for korean, english, where in ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
]
USED = {file.stem[:2]: words(text_of(file)) for file in sorted((ROOT / "notebooks").glob("*.ipynb"))}


@pytest.mark.parametrize("notebook", USED)
def test_every_term_of_a_notebook_stands_in_the_glossary(notebook):
    known = {term for terms, _, where in ROWS if notebook in where for term in terms}
    assert sorted(USED[notebook] - known) == []


def test_the_glossary_names_no_notebook_that_does_without_the_term():
    assert [(english, n) for terms, english, where in ROWS for n in where if terms.isdisjoint(USED[n])] == []


def test_the_glossary_is_in_the_order_of_the_english_terms():
    terms = [english.lower() for _, english, _ in ROWS]
    assert terms == sorted(set(terms)) != []

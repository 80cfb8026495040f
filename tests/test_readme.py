"""The README and the pages in docs/: every example runs and prints what is shown, every link leads somewhere."""

import doctest
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from pathgrad.cli import main
from pathgrad.notes import EXAMPLES

pytest.importorskip("sympy")

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language, text=TEXT):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def name_of(page):
    return str(page.relative_to(ROOT))


def test_the_readme_is_short():
    assert len(TEXT.split()) < 2500


def test_the_first_screen_says_what_it_is_and_shows_it():
    first, _, _ = TEXT.partition("```bash")
    assert first.index("# pathgrad\n") < first.index("![") < first.index("```python")
    assert len(first.splitlines()) < 32


def test_no_block_is_left_out():
    assert TEXT.count("```") == 2 * len(BLOCKS)
    assert {language for language, _ in BLOCKS} == {"python", "console", "bash"}


def test_python_blocks():
    parsed = doctest.DocTestParser().get_doctest("\n".join(blocks("python")), {}, "README", str(README), 0)
    failures, attempted = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed)
    assert attempted > 30
    assert failures == 0


@pytest.mark.parametrize("page", PAGES[1:], ids=name_of)
def test_python_blocks_of_the_pages(page):
    text = "\n".join(blocks("python", page.read_text(encoding="utf-8")))
    parsed = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed).failed == 0


@pytest.mark.parametrize(
    "block", [one for page in PAGES for one in blocks("console", page.read_text(encoding="utf-8"))]
)
def test_console_blocks(block, capsys):
    command, _, shown = block.partition("\n")
    dollar, program, *arguments = shlex.split(command)
    assert (dollar, program) == ("$", "pathgrad")
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS), printed


@pytest.mark.parametrize("line", [line for block in blocks("bash") for line in block.splitlines()])
def test_bash_lines_name_targets_of_the_makefile(line):
    make, target, *_ = shlex.split(line, comments=True)
    assert make == "make"
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_every_command_in_the_text_exists(capsys):
    for command in set(re.findall(r"`pathgrad ([\w-]+)", TEXT)):
        with pytest.raises(SystemExit, match="0"):
            main([command, "--help"])
        assert f"pathgrad {command}" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_exist(page):
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_readme_leads_to_every_page():
    pages = [page.name for page in PAGES[1:] if page.parent == ROOT / "docs"]
    assert [page for page in pages if f"](docs/{page})" not in TEXT] == []


def test_no_page_of_the_site_has_a_block_that_is_not_run():
    """Blocks of a language that no test runs are in older pages alone, which other tests read."""
    for page in PAGES[1:]:
        if page.parent != ROOT / "docs":
            languages = set(re.findall(r"^```(\S.*)$", page.read_text(encoding="utf-8"), re.MULTILINE))
            assert {one for one in languages if not one.startswith("{")} <= {"python", "console"}, page


def test_the_readme_leads_to_the_notebooks():
    assert "](notebooks/00-tour.ipynb)" in TEXT


def test_the_readme_counts_the_examples():
    assert f"all {len(EXAMPLES)} worked examples" in TEXT


def test_the_map_of_the_house_is_complete():
    """A line of the map starts with files or folders, in the folder of the nearest line above that is indented less."""
    text = (ROOT / "docs/house.md").read_text(encoding="utf-8")
    [house] = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    folders, named = {-2: ROOT}, set()
    for indent, names in re.findall(r"^( *)((?:[\w.]+(?:/|\.py) ?)+)", house, re.MULTILINE):
        for name in names.split():
            path = folders[len(indent) - 2] / name
            folders[len(indent)] = path
            named.add(path)
    assert [str(path.relative_to(ROOT)) for path in named if not path.exists()] == []
    files = {*(ROOT / "autograd").rglob("*.py"), *(ROOT / "nn").glob("*.py"), *(ROOT / "pathgrad").glob("*.py")}
    modules = {file for file in files if not file.name.startswith("__") and file.parent.name != "strategies"}
    assert sorted(str(file.relative_to(ROOT)) for file in modules - named) == []

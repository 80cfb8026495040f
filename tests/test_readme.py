"""Every code block of the README is executed, and prints what the README shows."""

import doctest
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from pathgrad.cli import main

pytest.importorskip("sympy")

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def blocks(language):
    return [block for name, block in BLOCKS if name == language]


def test_no_block_is_left_out():
    assert {language for language, _ in BLOCKS} == {"python", "console", "bash"}


def test_python_blocks():
    parsed = doctest.DocTestParser().get_doctest("\n".join(blocks("python")), {}, "README", str(README), 0)
    failures, attempted = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed)
    assert attempted > 30
    assert failures == 0


@pytest.mark.parametrize("block", blocks("console"))
def test_console_blocks(block, capsys):
    command, _, shown = block.partition("\n")
    dollar, program, *arguments = shlex.split(command)
    assert (dollar, program) == ("$", "pathgrad")
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS), printed


@pytest.mark.parametrize("line", [line for block in blocks("bash") for line in block.splitlines()])
def test_bash_lines_name_what_make_knows(line):
    make, target, *_ = shlex.split(line, comments=True)
    assert make == "make"
    subprocess.run(["make", "--dry-run", target], cwd=README.parent, check=True, capture_output=True)


def test_links_and_pictures_exist():
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []

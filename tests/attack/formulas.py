"""Formulas at random: each is computed or refused with an error of ours, and none is executed as Python."""

from __future__ import annotations

import os
import random
from collections import Counter
from tempfile import TemporaryDirectory

import autograd
from autograd import EvaluationError, FormulaError

_PIECES = [
    "x", "y", "w", "1", "2.5", "0", "1e308", "1e-400", ".", "e", "pi", "π", "∞", "+", "-", "*", "/", "**", "^", "²",
    "⁻",
    "(", ")", "[", "]", "{", "}", ",", ";", "=", "sin", "exp", "log", "sqrt", "max", "softmax", "where", "<", ">", "==",
    "!", "|", "'", '"', "\\frac", "\\sin", "\\cdot", "\\left(", "\\right)", "_1", "_{2}", "dy/dx", "∂", "√", " ", "\n",
    "\t", "\x00", "\x1b[31m", "\udc80", "𝑥", "É", "٣", "lambda", "__import__('os').mkdir('executed')", "y = ", "%s",
]  # fmt: skip


def _sane(rng: random.Random, depth: int) -> str:
    """A formula that can be read, though it need not have a value."""
    if not depth:
        return rng.choice(["x", "w", "0", "1e308", "-1", "2.5", "pi", "0.1"])
    one, other = _sane(rng, depth - 1), _sane(rng, rng.randrange(depth))
    return rng.choice(
        ["({} + {})", "{} * {}", "{} / ({})", "({})**({})", "maximum({}, {})", "sin({}) - log({})"]
    ).format(one, other)


def _formula(rng: random.Random) -> str:
    if rng.random() < 0.01:
        return rng.choice(["(", "-", "sin(", "2**", "{", "\\frac{"]) * rng.randint(100, 3000)
    if rng.random() < 0.4:
        return f"y = {_sane(rng, rng.randint(0, 5))}"
    text = "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 12)))
    if rng.random() < 0.7:
        text = "y = " + text.replace("=", "")
    if rng.random() < 0.1:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + chr(rng.randrange(0x110000)) + text[place:]
    return text


def attack(count: int, seed: int) -> Counter[str]:
    """Read, compute and differentiate so many formulas."""
    rng = random.Random(seed)
    counts = Counter({"tried": count, "computed": 0})
    here = os.getcwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for _ in range(count):
                text = _formula(rng)
                try:
                    names = autograd.variables(autograd.definitions(text))
                    found = autograd.define(text, {name: rng.choice([0.0, 1.0, -0.5, 1e300]) for name in names})
                    list(found.values())[-1].backward()
                    counts["computed"] += 1
                except (FormulaError, EvaluationError):
                    pass
                except BaseException as error:
                    counts["crashed"] += 1
                    print(f"formula {text!r}: {type(error).__name__}: {error}")
                    if isinstance(error, KeyboardInterrupt):
                        raise
            counts["executed"] += len(os.listdir(folder))
        finally:
            os.chdir(here)
    return counts

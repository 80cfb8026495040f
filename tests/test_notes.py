"""The worked examples of the lecture notes: reproduced, judged, and sensitive to every rule they rest on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autograd import ARRAY_OPERATIONS, PRIMITIVES, Primitive, Value
from autograd.core.config import configuration
from autograd.core.rules import affine_map
from nn import optim
from pathgrad.notes import EXAMPLES, NOTES, VERDICTS, Example, report, run, select
from pathgrad.notes.example import example, number
from pathgrad.notes.outline import places
from pathgrad.notes.reporting import agreement

TABLES = [id for id, known in EXAMPLES.items() if "x0" in known.inputs and "n" in known.inputs]


@pytest.mark.parametrize("id", EXAMPLES)
def test_the_engine_reproduces(id: str) -> None:
    [result] = run([id])
    assert result.differing == ()
    assert result.ok


@pytest.mark.parametrize(
    ("id", "key", "by_hand"),
    [
        ("chain-rule-single-path", "dy/dw", -2.0),  # y = e^-2w
        ("chain-rule-two-paths", "dy/dv", -1.0),
        ("chain-rule-four-paths", "dy/dw", 2 * math.pi - 3),
        ("bce-sigmoid-dz", "dL/dz", 1 / (1 + math.exp(-1))),
        ("momentum-magnitude-feature", "grad", [1 / 3, 2 / 3, 2 / 3]),
        ("gradient-quadratic-bowl", "grad", [-0.7, 4.0]),
        ("double-well-critical-points", "x", [(-7 - math.sqrt(41)) / 4, (-7 + math.sqrt(41)) / 4, 2.0]),
        ("gd-quadratic-0.4", "x", [2 * 0.2**n for n in range(21)]),
        ("bowl-gd-0.95", "X_40", [-7 * 0.905**40, 2 * 0.9**40]),
        ("bowl-gd-1.5", "X_40", [-7 * 0.85**40, 2 * 2.0**40]),
        ("adagrad-accumulator", "steps / alpha", [-3 / 3, 4 / 5, -12 / 13]),
        ("rmsprop-accumulator", "g", [0.9, 0.81 + 1.6, 0.729 + 1.44 + 14.4]),
        ("batch-norm", "dgamma", 8 / math.sqrt(3.5)),  # 1·(-2) + 2·(-1) + 3·0 + 4·3, over the deviation
        ("line-fit-mse", "gradient at (0, 0)", [-11.0, -5.5]),
        ("cost-two-samples-mean", "dJ/dw1", (-1 / (1 + math.exp(-1)) + 3 / (1 + math.exp(-2))) / 2),
    ],
)
def test_what_is_computed_is_what_is_derived_by_hand(id: str, key: str, by_hand: Any) -> None:
    [result] = run([id])
    assert result.computed[key] == pytest.approx(by_hand, rel=1e-12)


def test_the_paths_are_those_of_the_notes() -> None:
    [result] = run(["chain-rule-four-paths"])
    assert result.products == pytest.approx(
        {"w → x → y": -1, "w → v → x → y": -2, "w → v → t → y": math.pi, "w → t → y": math.pi}
    )


# ---------------------------------------------------------------------------------------------------------------------
# The verdict notices what is wrong
# ---------------------------------------------------------------------------------------------------------------------


def leaves(facts: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Every single fact with its container and its key there."""
    for key, fact in list(facts.items() if isinstance(facts, dict) else enumerate(facts)):
        if isinstance(fact, (dict, list)):
            yield from leaves(fact)
        else:
            yield facts, key, fact


def altered(text: str) -> str:
    value = number(text)
    return f"{text}?" if value is None else repr(value * 1.001 or 1e-9)


@pytest.mark.parametrize("id", EXAMPLES)
def test_an_altered_truth_is_noticed(id: str) -> None:
    known = EXAMPLES[id]
    true, paths = json.loads(json.dumps([known.true, known.paths]))
    facts = [fact for fact in leaves([true, paths]) if fact[1] != "path"]
    step = max(1, len(facts) // 12)  # of a long table, a dozen facts and the last
    for container, key, fact in [*facts[::step], facts[-1]]:
        if known.tolerance and "at_most" in known.tolerance and number(fact) is not None:
            continue  # there a bound is true, not a number
        container[key] = altered(fact)
        assert not replace(known, true=true, paths=paths).run().ok, (key, fact)
        container[key] = fact
    assert replace(known, true=true, paths=paths).run().ok


def test_a_fact_or_a_path_too_few_or_too_many_is_noticed() -> None:
    known = EXAMPLES["chain-rule-two-paths"]
    for change in (
        {"true": {**known.true, "dy/dz": "0"}},
        {"true": {key: known.true[key] for key in ("t", "x", "y")}},
        {"paths": known.paths[:1]},
        {"paths": [*known.paths, {**known.paths[0], "path": "v → u → y"}]},
    ):
        assert not replace(known, **change).run().ok


def test_a_computation_that_breaks_off_is_not_reproduced() -> None:
    known = EXAMPLES["gd-double-well-0.045"]
    result = replace(known, inputs={**known.inputs, "alpha": 10.0}).run()
    assert not result.ok
    assert "NOT REPRODUCED: it stops with RangeError: power: overflow in" in report([result])


def test_nan_is_never_right() -> None:
    known = replace(EXAMPLES["gradient-quadratic-bowl"], inputs={"x": math.nan, "y": 2})
    assert not known.run().ok


def test_the_bound_on_the_random_net_can_be_missed() -> None:
    known = replace(EXAMPLES["backprop-general-formulas"], tolerance={"at_most": "1e-16", "why": "tried"})
    assert not known.run().ok


RESTS_ON = {
    "sin": {"chain-rule-four-paths"},
    "exp": {
        *("chain-rule-single-path", "chain-rule-two-paths", "chain-rule-four-paths"),
        *("activation-sigmoid", "activation-tanh"),
    },
    "sigmoid": {
        *("activation-saturation", "sigmoid-max-slope", "sigmoid-derivative-wrt-weight", "vanishing-quarter-power"),
        *("vanishing-chain-depth", "nn-diamond-gradients", "bce-sigmoid-dz", "single-neuron-logistic-gradients"),
        *("backprop-general-formulas", "zero-init-symmetry", "cost-two-samples-mean", "two-sample-gradient-sum"),
        *("delta-recursion", "two-layer-vectorised-backprop", "logistic-likelihood-loss", "logistic-regression-table"),
        *("simple-nn-step-1", "simple-nn-step-2", "simple-nn-trajectory", "simple-nn-relu-classification"),
    },
    "tanh": {"activation-saturation", "two-layer-vectorised-backprop"},
    "relu": {
        *("activation-relu", "relu-basis-six", "vanishing-chain-depth"),
        *("simple-nn-relu-regression", "simple-nn-relu-classification"),
    },
    "leaky_relu": {"activation-leaky-relu-0.1", "activation-leaky-relu-0.01"},
    "elu": {"activation-elu"},
    "maximum": {"activation-maxout", "digit-probabilities"},
    "affine": {
        *("activation-maxout", "zero-init-symmetry", "cost-two-samples-mean"),
        *("delta-recursion", "two-layer-vectorised-backprop"),
    },
    "log": {
        *("bce-sigmoid-dz", "single-neuron-logistic-gradients"),
        *("zero-init-symmetry", "cost-two-samples-mean", "digit-probabilities"),
        *("logistic-likelihood-loss", "likelihood-two-apples", "loss-cross-entropy", "loss-bce", "cross-entropy-sign"),
        *("two-layer-vectorised-backprop", "simple-nn-relu-classification"),
    },
    "sqrt": {"momentum-magnitude-feature"},
    "dot": {"linear-model-gradient", "backprop-general-formulas"},
    "sum": {
        *("linear-model-gradient", "backprop-general-formulas", "zero-init-symmetry", "weight-decay-l1"),
        *("weight-decay-l2", "line-fit-mse", "cost-two-samples-mean", "two-sample-gradient-sum"),
        *("delta-recursion", "two-layer-vectorised-backprop", "logistic-likelihood-loss", "likelihood-two-apples"),
        *("loss-l1", "loss-l2", "loss-cross-entropy", "loss-bce"),
    },
    "square": {
        *("weight-decay-l2", "line-fit-mse", "two-sample-gradient-sum", "linear-regression-table", "loss-l2"),
        *("delta-recursion", "simple-nn-step-1", "simple-nn-step-2", "simple-nn-trajectory"),
        "simple-nn-relu-regression",
    },
    "absolute": {"weight-decay-l1", "loss-l1"},
    "multiply": {  # of arrays, and in derivatives of derivatives; Value has its own operators
        *("dropout-inverted", "batch-norm", "two-layer-vectorised-backprop"),
        *("linear-regression-table", "logistic-regression-table", "likelihood-two-apples"),
    },
}
"""The examples whose derivatives pass through a primitive, read off the formulas of the notes."""


def stretched(rule: Primitive) -> list[Callable[..., Any]]:
    """The partial derivatives of a primitive, all half as large again."""
    if rule.variadic:
        [slopes] = rule.partials
        return [lambda operands, out: [1.5 * d for d in slopes(operands, out)]]
    return [lambda *operands, partial=partial: 1.5 * partial(*operands) for partial in rule.partials]


@pytest.mark.parametrize("name", RESTS_ON)
def test_a_wrong_rule_is_noticed_by_the_examples_that_rest_on_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PRIMITIVES[name], "partials", tuple(stretched(PRIMITIVES[name])))
    monkeypatch.setattr(PRIMITIVES[name], "methods", {})  # the generated methods have the right rule,
    monkeypatch.setattr("autograd.arrays.tensor.nodes", None)  # and so have the kernels
    for module in ("nn.neuron", "pathgrad.notes.activations"):
        monkeypatch.setattr(f"{module}.affine", lambda weights, inputs, bias: affine_map(*weights, *inputs, bias))
    assert {result.example.id for result in run() if not result.ok} == RESTS_ON[name]


@pytest.mark.parametrize(
    ("name", "noticed"),
    [
        ("matmul", {"polynomial-overfitting-table", "linear-regression-table", "logistic-regression-table"}),
        ("linear", {"linear-collapse-matrix", "two-layer-vectorised-backprop"}),
    ],
)
def test_a_wrong_rule_for_matrices_is_noticed(name: str, noticed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [lambda *arguments, vjp=vjp: 1.5 * vjp(*arguments) for vjp in ARRAY_OPERATIONS[name].vjps]
    monkeypatch.setattr(ARRAY_OPERATIONS[name], "vjps", tuple(wrong))
    monkeypatch.setattr("autograd.arrays.tensor.nodes", None)  # whose kernels have the right rule
    assert {result.example.id for result in run() if not result.ok} == noticed


WITHOUT_DERIVATIVE = {
    *("activation-centre", "xavier-he-std", "hoeffding-bound", "curse-of-dimensionality", "epoch-arithmetic"),
    *("gd-update-rule-2", "random-init-0.01"),  # whatever the derivative: what is equal, and what is not
    "gd-print-statement-bug",  # a line of text
    *("log-properties", "bernoulli", "bayes-sigmoid", "bayes-softmax", "matrix-shapes"),
    *("mark1-photocells", "or-gate-perceptron", "and-gate-perceptron", "activation-role-table"),
    *("xor-two-layer", "xor-not-separable", "perceptron-misclassified-set", "perceptron-final-boundary"),
    *("perceptron-update-1", "perceptron-update-2", "perceptron-update-3"),
    *("polynomial-overfitting-table", "linear-collapse-matrix"),  # rest on those of matrices
}


@pytest.mark.skipif(
    configuration()["compiled core"] == "yes", reason="nobody replaces operators in C; PATHGRAD_PURE=1 runs this test"
)
def test_every_example_with_a_derivative_notices_some_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(name: str) -> Primitive:
        rule = PRIMITIVES[name]
        return Primitive(name, rule.formula, stretched(rule), parameters=rule.parameters)

    product, power = wrong("multiply"), wrong("power")
    monkeypatch.setattr(Value, "__mul__", lambda x, y: product(x, y))
    monkeypatch.setattr(Value, "__rmul__", lambda y, x: product(x, y))
    monkeypatch.setattr(Value, "__pow__", lambda x, y: power(x, y))
    noticed = {result.example.id for result in run() if not result.ok}.union(*RESTS_ON.values())
    assert EXAMPLES.keys() - noticed == WITHOUT_DERIVATIVE


TAKES_STEPS_OF = {
    optim.Adagrad: {"optimizer-first-steps", "bowl-adagrad", "adagrad-accumulator"},
    optim.RMSprop: {"bowl-rmsprop"},
    optim.Adam: {"bowl-adam"},
}
"""The examples that show where an optimizer goes, by the beginnings of their names."""


@pytest.mark.parametrize("kind", TAKES_STEPS_OF)
def test_a_step_too_long_is_noticed(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    update = kind.update
    monkeypatch.setattr(kind, "update", lambda self, x, *rest: x + (1 + 1e-7) * (update(self, x, *rest) - x))
    noticed = {result.example.id for result in run() if not result.ok}
    assert noticed == {id for id in EXAMPLES if id.startswith(tuple(TAKES_STEPS_OF[kind]))}


# ---------------------------------------------------------------------------------------------------------------------
# The printed tables, digit by digit
# ---------------------------------------------------------------------------------------------------------------------


def as_listed(id: str) -> list[str]:
    """What the notes' own listing prints, with the derivative as its author wrote it."""
    inputs = EXAMPLES[id].inputs
    xp, v = inputs["x0"], 0

    def diff_f(x: float) -> float:
        return 2 * x if "quadratic" in id else 2 * (x - 2) * (1 + x * (7 + 2 * x))

    lines = [f"{xp}"]
    for _ in range(inputs["n"]):
        if "beta" in inputs:
            v = inputs["beta"] * v - inputs["alpha"] * diff_f(xp)
            xp = xp + v
        else:
            xp = xp - inputs["alpha"] * diff_f(xp)
        lines.append(f"{xp}")
    return lines


def rows_in(reason: str | None) -> set[int]:
    """The rows that a sentence names: rows 2-13, 16, 19 and 20."""
    found = re.search(r"rows? (\d[\d, and-]*)", reason or "")
    spans = re.findall(r"(\d+)(?:-(\d+))?", found[1]) if found else []
    return {row for first, last in spans for row in range(int(first), int(last or first) + 1)}


def lost_digits(scanned: str, whole: str) -> bool:
    """Whether one is the other with digits of a run left out."""
    letters = iter(whole)
    return len(scanned) < len(whole) and all(letter in letters for letter in scanned)


@pytest.mark.parametrize("id", TABLES)
def test_the_listing_of_the_notes_prints_their_table(id: str) -> None:
    printed, whole = EXAMPLES[id].printed["x"], as_listed(id)
    assert len(printed) == len(whole)
    damaged = {row for row, (scanned, line) in enumerate(zip(printed, whole, strict=True)) if scanned != line}
    assert damaged == rows_in(EXAMPLES[id].reason)
    assert EXAMPLES[id].verdict == ("the scan is damaged" if damaged else "agrees")
    assert all(lost_digits(printed[row], whole[row]) for row in damaged)


@pytest.mark.parametrize("id", [id for id in TABLES if "quadratic" in id or "0.02" in id])
def test_the_engine_prints_the_same_digits_where_rounding_allows(id: str) -> None:
    [result] = run([id])
    assert [repr(x) for x in result.computed["x"][1:]] == as_listed(id)[1:]


def test_chaos_needs_the_growing_tolerance_and_it_is_no_blank_cheque() -> None:
    known = EXAMPLES["gd-double-well-0.045"]
    assert not replace(known, tolerance=None).run().ok
    assert not replace(known, inputs={**known.inputs, "alpha": 0.045 * (1 + 1e-14)}).run().ok


def test_momentum_is_stable() -> None:
    [result] = run(["momentum-double-well"])
    assert result.computed["x"] == pytest.approx([float(x) for x in result.example.printed["x"]], abs=5e-15)


# ---------------------------------------------------------------------------------------------------------------------
# Verdicts
# ---------------------------------------------------------------------------------------------------------------------


def printed_number(text: str) -> tuple[float, float] | None:
    """What the notes print and half a unit in its last digit; ``None`` if it is no number."""
    text = text.rpartition("=")[2].strip().replace("^", "**")
    try:
        value = float(eval(text, {"__builtins__": {}}, {"e": math.e, "pi": math.pi}))
    except (SyntaxError, NameError, TypeError):
        return None
    decimals = re.fullmatch(r"-?\d+\.(\d+)", text)
    return value, 0.5 * 10.0 ** -len(decimals[1]) if decimals else 0.0


def singles(facts: Any) -> list[str]:
    """The facts in a table one after the other; a fact alone is the only one."""
    return [fact for _, _, fact in leaves([facts])]


def contradictions(known: Example) -> list[str]:
    """The facts that are printed as another number than the true one, beyond rounding for display."""
    growth = {key: float(x) for key, x in (known.tolerance or {}).items() if key in ("absolute", "growth")}
    found = []
    for key in [key for key in known.printed if key in known.true]:
        printed, true = singles(known.printed[key]), singles(known.true[key])
        if len(printed) != len(true):
            if isinstance(known.printed[key], list):  # a table; one formula may stand for many numbers
                found.append(f"{key}: {len(printed)} for {len(true)}")
            continue
        for row, (p, t) in enumerate(zip(printed, true, strict=True)):
            shown, value = printed_number(p), number(t)
            if shown is not None and value is not None:
                bound = growth["absolute"] * growth["growth"] ** row if growth else 1e-12 * abs(value)
                if abs(shown[0] - value) > max(shown[1] * (1 + 1e-9), bound):
                    found.append(f"{key} {row}: {p}")
    return found


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_printed_number_that_is_not_true_has_a_reason(id: str) -> None:
    assert EXAMPLES[id].reason or not contradictions(EXAMPLES[id])


def every_one_of(id: str) -> list[str]:
    """All that is printed."""
    return [f"{key} 0: {printed}" for key, printed in EXAMPLES[id].printed.items()]


def test_verdicts_that_show_in_the_numbers_are_found_there() -> None:
    assert {id: found for id in EXAMPLES if (found := contradictions(EXAMPLES[id]))} == {
        "chain-rule-single-path": ["dy/dw 0: -1/1^2 * 2 * 1 * e = -e"],
        "gd-quadratic-0.001": ["x 14: 1.944722079042557"],
        "gd-double-well-0.02-reprint": [
            *("x 10: 1.999999982890437", "x 11: 1.999999998631235"),
            *("x 12: 1.999999999890499", "x 13: 1.99999999999124"),
        ],
        "polynomial-overfitting-table": [
            "M=6: 4 for 7",
            *("M=9 4: -231639.30", "M=9 5: 640042.26", "M=9 6: -1061800.52"),
            *("M=9 7: 1042400.18", "M=9 8: -557682.99", "M=9 9: 125201.43"),
        ],
        "simple-nn-step-1": ["E 0: 0.343^2/2"],
        "simple-nn-step-2": ["new w2 0: 1.0384"],
        "simple-nn-trajectory": ["2 1: 1.0384"],
        "linear-regression-table": every_one_of("linear-regression-table"),
        "logistic-regression-table": every_one_of("logistic-regression-table"),
    }


RIGHT = {
    "the notes err": {
        "minimise-log-of-minus-product": "minimize -log(prod P)",
        "hoeffding-bound": "2*N_hypothesis*e^(-2 eps^2 N)",
        "and-gate-perceptron": "sign[3x1 + 3x2 - 4]",
        "xor-two-layer": "+1",
        "xor-not-separable": "it takes two layers",
        "tangent-approximation": "f'(x0)(x - x0)",
        "bowl-rmsprop-0.3-gamma0.9": "gamma*G_{n-1} + (1-gamma)*grad^2",
        "adam-bias-correction": "M_n and V_n",
        "polynomial-overfitting-table": "that of M = 3",
        "dropout-inverted": "dA = alpha dA'",
        "linear-regression-table": "R2 = 0.205",
        "logistic-regression-table": "the best line of all has 2 wrong",
        "cross-entropy-sign": "The minus is missing",
        "simple-nn-step-1": "0.269^2/2 = 0.0362",
        "simple-nn-step-2": "1.0383, not 1.0384",
        "activation-role-table": "off by 0.5",
        "sigmoid-derivative-wrt-weight": "|x|/4",
        "random-init-0.01": "np.random.randn(2,2)*0.01",
    },
    "the scan is damaged": {
        "log-properties": "the probability 1 whose logarithm is 0",
        "affine-collapse-000": "a × 3 + 2 = b",
        "curse-of-dimensionality": "d^(-n) = (1/d)^n",
        "gd-quadratic-0.4": "rows 2-13, 16, 19 and 20",
        "gd-quadratic-0.001": "1.9447222079042557",
        "gd-double-well-0.02": "rows 15 and 16",
        "gd-double-well-0.02-reprint": "rows 10-16",
        "gd-print-statement-bug": 'print("x_%i = %s" %(0, xp))',
        "linear-model-gradient": "-2*(t-y)*x_i",
        "chain-rule-single-path": "(-1)(2)(1) = -2",
        "two-layer-vectorised-backprop": "dZ^[2] = A^[2] - Y",
        "bce-sigmoid-dz": "dz * x",
    },
    "a convention": {
        "activation-relu": "any value in [0, 1]",
        "activation-leaky-relu-0.01": "the notes take 1, the engine the other slope",
        "loss-cross-entropy": "N is the last class",
        "loss-bce": "reach over both terms",
        "bernoulli": "independent of each other",
        "optimizer-first-steps": "Both are usual",
    },
    "agrees": {"simple-nn-trajectory": "the slip of simple-nn-step-2"},
}
"""What each verdict rests on, and what it says is right."""


def test_verdicts_are_sentences_that_say_what_is_right() -> None:
    assert list(RIGHT) == ["the notes err", "the scan is damaged", "a convention", "agrees"]
    reasons = {id: known for id, known in EXAMPLES.items() if known.reason}
    assert {id: known.verdict for id, known in reasons.items()} == {
        id: verdict for verdict, right in RIGHT.items() for id in right
    }
    assert {known.verdict for id, known in EXAMPLES.items() if id not in reasons} == {"agrees"}
    for id, known in reasons.items():
        assert re.fullmatch(r"[^\n]{40,}\.", known.reason or "")
        assert RIGHT[known.verdict][id] in (known.reason or "")


def test_decayed_weights_keep_a_product_of_layers_from_exploding() -> None:
    [result] = run(["weight-decay-l2"])
    assert result.computed["growth through the layers"] == pytest.approx([1.5**30, 0.9**30], rel=1e-12)
    assert "1.5^30 = 191,751" in (result.example.remark or "")


def test_the_line_that_was_scanned_cannot_have_printed_what_the_notes_show() -> None:
    first = EXAMPLES["gd-double-well-0.02"].printed["x"][0]
    scanned, elsewhere = "x_0 = %s", "x_%i = %s"
    with pytest.raises(TypeError):
        scanned % (0, int(first))
    assert elsewhere % (0, int(first)) == "x_0 = 3"


def test_what_the_notes_print_is_quoted() -> None:
    words = json.dumps([known.printed for known in EXAMPLES.values()])
    assert not re.search(r"as stated|both lines|OCR|lost|not reproducible", words)


# ---------------------------------------------------------------------------------------------------------------------
# Asking for examples
# ---------------------------------------------------------------------------------------------------------------------


def test_run_keeps_the_order_asked_for() -> None:
    ids = ["momentum-double-well", "activation-elu"]
    assert [result.example.id for result in run(ids)] == ids
    assert [result.example.id for result in run()] == list(EXAMPLES)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("chain-rule-singel-path", "chain-rule-single-path"),
        ("double-well", "gd-double-well-0.02"),
        ("gd-cubic-*", "gd-"),
        ("zzz", "bce-sigmoid-dz"),
        ("", "xor-two-layer"),
    ],
)
def test_an_unknown_example_names_the_three_that_are_closest(asked: str, named: str) -> None:
    with pytest.raises(ValueError, match=f"no example '{re.escape(asked)}'; did you mean .*{named}") as found:
        run([asked])
    suggested = re.findall(r"[\w.-]+", str(found.value).partition("you mean")[2])
    assert len([word for word in suggested if word in EXAMPLES]) == 3


def test_patterns_choose_in_the_order_of_the_notes_and_each_once() -> None:
    ids = [known.id for known in select(["gd-quadratic-*", "gd-*", "gd-quadratic-0.4"])]
    assert ids == [
        *("gd-quadratic-1.5", "gd-quadratic-0.4", "gd-quadratic-0.001", "gd-double-well-0.02"),
        *("gd-print-statement-bug", "gd-double-well-0.045", "gd-double-well-0.02-reprint", "gd-update-rule-2"),
    ]


def test_the_order_is_that_of_the_notes() -> None:
    first = [places(known.source)[0] for known in EXAMPLES.values()]
    assert first == sorted(first)


def test_a_result_is_plain_data() -> None:
    for result in run():
        record = result.as_json()
        assert list(record) == [
            *("id", "title", "source", "heading", "statement", "inputs"),
            *("printed", "computed", "true", "ok", "verdict", "reason"),
        ]
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert record["verdict"] in VERDICTS


def test_the_report_gives_the_verdicts() -> None:
    text = report(run(["chain-rule-single-path", "chain-rule-two-paths", "and-gate-perceptron", "loss-bce"]))
    assert "verdict     the scan is damaged: As scanned, line 338 ends in e = -e. But e^w at w = 0 is e^0 = 1" in text
    assert "verdict     agrees" in text
    assert "verdict     the notes err: The formula is sign[3x1 + 3x2 - 4]" in text
    assert "verdict     a convention: The sum" in text
    assert "w → v → x → y: -2" in text
    assert text.endswith("\n\n4 ok: 1 agrees, 1 where the notes err, 1 damaged in the scan, 1 with a convention")
    assert all(len(line) <= 120 for line in text.splitlines())


def test_the_report_shows_each_example_and_describes_the_notes_once() -> None:
    text = report(run())
    for notes in NOTES:
        assert text.count(f": {notes.title}\n  {notes.about}\n") == 1
    assert text.count("\n  statement   ") == len(EXAMPLES)
    assert text.count("\n  source      ") == len(EXAMPLES)
    assert "\n  inputs      t = 2; u = 3\n" in text
    assert text.splitlines()[-1].startswith("108 ok: 72 agree, 18 where the notes err, ")
    assert all(len(line) <= 120 for line in text.splitlines())


def test_long_tables_stand_side_by_side_with_the_digits_that_agree() -> None:
    lines = report(run(["gd-quadratic-0.001", "polynomial-overfitting-table", "simple-nn-step-1"])).splitlines()
    cells = [re.split(r" {2,}", line.strip()) for line in lines]
    assert ["x", "the notes", "computed", "digits that agree"] in cells
    assert ["13", "1.9486194467978513", "1.9486194467978513", "all"] in cells
    assert ["14", "1.944722079042557", "1.9447222079042557", "7 of 16"] in cells
    assert ["4", "-231639.30", "-231639.311", "7 of 8"] in cells
    assert ["dE/dw1", "-0.053", "-0.05287709", "all"] in cells


@pytest.mark.parametrize(
    ("printed", "computed", "agreeing", "digits"),
    [
        ("2", 2.0, 1, 1),
        ("0.747", 0.7466, 3, 3),
        ("0.747", 0.7464, 2, 3),
        ("-1", 0.0067, 0, 1),
        ("2.097151999999988e-14", 2.0971519999999988e-14, 14, 16),
    ],
)
def test_digits_that_agree(printed: str, computed: float, agreeing: int, digits: int) -> None:
    assert agreement(printed, computed) == (agreeing, digits)


def test_numbers_are_written_as_by_hand() -> None:
    text = report(run(["sigmoid-max-slope", "chain-rule-four-paths", "vanishing-quarter-power", "loss-l2"]))
    assert "at x = 0\n" in text
    assert "t = 0; x = 1; y = 1; dy/dw = 3.283185\n" in text
    assert "at 10: 9.536743 × 10^-7" in text
    assert "grad = [-0.2, 0.1333333, 0.06666667]" in text


def test_small_errors_are_shown_with_the_digits_that_they_need() -> None:
    text = report(run(["numerical-differences-cubic", "optimizer-first-steps"]))
    assert "26.00000004" in text
    assert "AdaGrad's step, eps inside the root = [0.9499999903," in text


def test_what_is_only_drawn_is_not_said_to_agree_in_numbers() -> None:
    text = report(run(["bowl-adam-0.3"]))
    assert "the notes   (a picture, without numbers)\n" in text
    assert "verdict     agrees: There is nothing printed to compare with.\n" in text


def test_the_report_says_what_was_not_reproduced() -> None:
    known = EXAMPLES["chain-rule-two-paths"]
    text = report([replace(known, true={**known.true, "dy/dv": "1"}).run()])
    assert "NOT REPRODUCED: dy/dv is -1.0, not 1" in text
    assert text.endswith("\n\n0 ok; 1 not ok")


def test_the_notes_name_a_wrong_local_derivative_by_its_symbol() -> None:
    known = EXAMPLES["chain-rule-four-paths"]
    wrong = [{**path, "local": {**path["local"], "dx/dw": "3"}} if "dx/dw" in path["local"] else path
             for path in known.paths]  # fmt: skip
    assert replace(known, paths=wrong).run().differing == ("path w → x → y local ∂x/∂w is 1.0, not 3",)


def test_every_record_is_complete() -> None:
    assert len({known.id for known in EXAMPLES.values()}) == len(EXAMPLES)
    for id, known in EXAMPLES.items():
        assert id == known.id
        assert known.title
        assert known.statement
        assert known.heading
        assert re.fullmatch(r"notes [0-4], lines? [\d, -]+(; notes [0-4], lines? [\d, -]+)*", known.source)
        assert known.tolerance is None or known.tolerance["why"]


@pytest.mark.parametrize(("id", "said"), [("no-such", "not in examples.json"), ("activation-elu", "computed twice")])
def test_an_example_is_registered_once_and_has_a_record(id: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        example(id)(lambda inputs: {})

"""A derivation made by hand, checked: which term of it is which path, and what is wrong with the others.

Claims and paths are compared at points that are drawn from the domain of the definitions.  A claim that is right there
is then proved by SymPy, if that ends soon.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from autograd.core.display import InNotebook
from autograd.core.errors import hidden
from autograd.explain.extras import symbolic
from autograd.explain.mistakes import Change, Changes, EdgeName, Steps, same
from autograd.explain.parser import FormulaError, compute
from autograd.explain.paths import paths
from autograd.explain.proof import is_zero
from autograd.explain.samples import Samples
from autograd.explain.spelling import canonical, meant, quoted
from autograd.explain.terms import Reading, Symbol, Term, name_in, parts_of, readings, steps_of

__all__ = ["Claim", "ClaimCheck", "Finding", "check_claim"]

__tracebackhide__ = hidden

_LISTED = 200  # so many paths are compared one by one
_DEEP = 3  # so many factors that are sums are multiplied out
_LOOKS = 2000  # so many products are compared with the paths
_TOLERANCE = 1e-12
_UNDERFLOW = 1e-280
_VISIBLE = 1e3  # a path that is smaller than so many tolerances cannot be judged by numbers

_PROOFS = {
    True: "proved by SymPy",
    False: "SymPy found no proof within a second",
    None: "not proved, since SymPy is not installed",
}


@dataclass(frozen=True)
class Finding:
    """What was found about one term of a claim, or about a path that is missing.

    Attributes:
        right: whether the term is right.
        kind: ``"path"``, ``"together"``, ``"sign"``, ``"constant"``, ``"factor missing"``, ``"factor doubled"``,
            ``"factor inverted"``, ``"factor exchanged"``, ``"wrong node"``, ``"path missing"``, ``"path twice"``,
            ``"no value"``, ``"undecided"`` or ``"unexplained"``.
        term: the term as it was written; empty for a missing path.
        paths: the paths that it is about.
        message: what was found, in words.
    """

    right: bool
    kind: str
    term: str
    paths: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Claim:
    """A claimed derivative and what was found about it.

    Attributes:
        derivative: what is claimed, as dE/dw1, or ∂y/∂x for a local derivative.
        text: the claimed formula.
        right: whether it is right.
        findings: one for each term and each missing path.
        proof: whether SymPy proved it; empty if it is wrong or was compared at given values only.
        points: the number of points at which it was compared.
    """

    derivative: str
    text: str
    right: bool
    findings: tuple[Finding, ...]
    proof: str
    points: int

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        where = "the given values" if self.points == 1 else f"{self.points} points"
        proof = f"; {self.proof}" if self.proof else ""
        lines = [f"{self.derivative}: right at {where}{proof}" if self.right else f"{self.derivative}: wrong"]
        width = min(60, max((len(finding.term) for finding in self.findings), default=0))
        for finding in self.findings:
            term = f"{finding.term:{width}}  " if finding.term else ""
            lines.append(f"{'✓' if finding.right else '✗'} {term}{finding.message}")
        return "\n".join(lines)


@dataclass(frozen=True)
class ClaimCheck(InNotebook):
    """The claims that were checked: print it, use it as a condition, or iterate over its :class:`Claim` objects.

    Attributes:
        claims: one for each claimed formula.
    """

    claims: tuple[Claim, ...]

    def __bool__(self) -> bool:
        return all(self.claims)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.claims))

    def __repr__(self) -> str:
        wrong = sum(not claim for claim in self.claims)
        return f"<{len(self.claims)} claims, {wrong or 'none'} of them wrong>"

    def as_json(self) -> list[dict[str, Any]]:
        """The claims and findings as plain data for JSON."""
        return [asdict(claim) for claim in self.claims]


def check_claim(
    text: str,
    output: str,
    claims: Mapping[str, str | float] | str | Iterable[str],
    values: Mapping[str, float] | None = None,
    /,
    **more: float,
) -> ClaimCheck:
    r"""Check derivatives that were found by hand, and say of each term which path it is or what is wrong with it.

    A claim may have any form: factored or expanded, in the leaves or in other named variables, with derivatives such as
    ``dE/dy * dy/dw`` or ``∂y/∂x`` in it, or LaTeX as :meth:`Paths.latex` writes it.  Several steps may be joined by
    ``=``; each of them is checked.

    Claims are compared at points drawn from the domain, and at the given values.  If all variables are given, a decimal
    number of at least three digits may be rounded.

    Args:
        text: definitions as for :func:`define`.
        output: the variable that is differentiated.
        claims: formulas or numbers by what they are claimed for: ``"w1"`` for the derivative of the output in w1, which
            may also be an inner variable; ``"dh/dw1"`` for another output; ``"∂h/∂s"`` for a single edge.  Or the same
            as text, ``"w1 = …"``, or several such texts.
        values: the values of variables that are not free.
        more: further values, as keywords.

    Returns:
        A :class:`ClaimCheck`, which is true if every claim is right.

    Raises:
        FormulaError: if a formula cannot be read, a name is unknown, the output is not defined, or it does not depend
            on a variable that a derivative is claimed for.

    >>> net = "y = 1/x; x = v**2; v = exp(w)"
    >>> print(check_claim(net, "y", {"w": "-1/x**2 * v * v", "v": -2}, w=0))
    dy/dw: wrong
    ✗ -1/x**2 * v * v  on the path w → v → x → y: a factor of 1/2 too much
    <BLANKLINE>
    dy/dv: right at the given values
    ✓ -2  is the path v → x → y
    >>> bool(check_claim(net, "y", {"w": "-2/v**2", "∂y/∂x": "-1/x**2"}))
    True
    """
    given = {canonical(name): x for name, x in {**(values or {}), **more}.items()}
    samples = Samples(text, given)
    general = _free(text) if given and samples.count == 1 else None
    output = canonical(output)
    if output not in samples.definitions:
        raise FormulaError(f"{output} is not defined{meant(output, samples.definitions)}")
    checked: list[Claim] = []
    for name, claim in _equations(claims):
        derivative = _derivative(name, output, samples)
        question = _Question(samples, *derivative)
        beside = None if general is None else _Question(general, *derivative)
        try:
            checked += [_check(question, beside, step) for step in _claimed(claim, question)]
        except RecursionError:
            raise FormulaError(f"the claim for {question.symbol} is nested too deeply: split it") from None
    return ClaimCheck(tuple(checked))


def _equations(claims: Mapping[str, str | float] | str | Iterable[str]) -> Iterator[tuple[str, str | float]]:
    """What is claimed, and the formula or number that is claimed for it."""
    if isinstance(claims, Mapping):
        yield from claims.items()
        return
    for claim in [claims] if isinstance(claims, str) else claims:
        name, *formulas = steps_of(claim)
        if not formulas:
            raise FormulaError(f"{quoted(claim)} is not a claim: write it as name = formula")
        yield name, " = ".join(formulas)


def _free(text: str) -> Samples | None:
    """Samples in which all variables are free: one point alone cannot tell one mistake from another."""
    try:
        return Samples(text, {})
    except FormulaError:
        return None


def _derivative(name: str, output: str, samples: Samples) -> tuple[str, str, bool]:
    """The variables of the derivative that is claimed, and whether it is the local one."""
    symbol = name_in(name, samples)
    sign, top, bottom = parts_of(symbol) if symbol and "/" in symbol else ("d", output, symbol or name)
    for variable in top, bottom:
        if variable not in samples.names:
            hint = meant(variable, samples.names)
            raise FormulaError(f"{name} is claimed, but {variable} is not a variable of the definitions{hint}")
    return top, bottom, sign == "∂"


def _claimed(claim: str | float, question: _Question) -> list[str]:
    """The formulas of a claim: those of a chain of equations, without the symbol of the derivative itself."""
    if not isinstance(claim, str):
        if not math.isfinite(claim):
            raise FormulaError(f"{question.symbol} is claimed to be {claim!r}, which is not a finite number")
        return [str(int(claim)) if claim == int(claim) else repr(float(claim))]
    steps = steps_of(claim)
    others = [step for step in steps if name_in(step, question.samples) != question.symbol] if len(steps) > 1 else []
    return others or steps


class _Question:
    """What a derivative is: its paths, with the local derivatives along them at every point."""

    def __init__(self, samples: Samples, output: str, input: str, local: bool) -> None:
        self.samples = samples
        self.derivative: Symbol = (output, input, local)
        self.symbol = f"{'∂' if local else 'd'}{output}/{'∂' if local else 'd'}{input}"
        listed = paths(samples.graph[output], samples.graph[input], named=True)
        self.edges = {(str(edge.parent.label), str(edge.child.label)): edge for edge in listed.graph.edges}
        chains: list[tuple[EdgeName, ...]] = []
        if local:
            chains = [((input, output),)] if (input, output) in samples.partials else []
        elif listed.count <= _LISTED:
            chains = [tuple(zip(path.names, path.names[1:], strict=False)) for path in listed]
        self.count = len(chains) if local else listed.count
        if not self.count:
            how = f"no edge leads from {input} to {output}" if local else f"{output} does not depend on {input}"
            raise FormulaError(f"{how}, so that {self.symbol} is 0")
        self.chains = {" → ".join([chain[0][0], *(child for _, child in chain)]) if chain else input: chain
                       for chain in chains}  # fmt: skip
        self.steps = {name: Steps.along(chain, samples) for name, chain in self.chains.items()}
        self.gradient = (
            np.sum([steps.product for steps in self.steps.values()], axis=0)
            if self.steps
            else samples.flows(input)[output]
        )
        self.changes = Changes(samples, self.edges)

    @cached_property
    def groups(self) -> dict[tuple[str, ...], Steps]:
        """Every set of several paths that share the same edges, as a factored formula writes them."""
        through: dict[EdgeName, frozenset[str]] = {
            edge: frozenset(name for name, chain in self.chains.items() if edge in chain) for edge in self.edges
        }
        sets = {one & other for one, other in combinations_with_replacement(through.values(), 2)}
        sets.add(frozenset(self.chains))
        chosen = [tuple(name for name in self.chains if name in names) for names in sets if len(names) > 1]
        return {names: Steps.together([self.steps[name] for name in names])
                for names in sorted(chosen, key=lambda names: (-len(names), names))}  # fmt: skip


def _check(question: _Question, general: _Question | None, text: str) -> Claim:
    best = _judged(question, text)
    right, findings, proof = best.right, best.findings, ""
    if not right and general is not None and best.reading.variables:
        findings = _clearer(best, _judged(general, text)).findings
    elif right and question.samples.count > 1:
        proved = is_zero(lambda: _differences(question, best.reading))
        proof = _PROOFS[proved]
        unseen = [name for name, seen in best.visible.items() if not seen]
        if unseen and not proved:
            message = f"the path {unseen[0]} is too small beside the other terms to be judged by numbers"
            right, findings, proof = False, [*findings, Finding(False, "undecided", "", tuple(unseen), message)], ""
    return Claim(question.symbol, best.reading.whole.text, right, tuple(findings), proof, best.reading.count)


def _judged(question: _Question, text: str) -> _Judgement:
    """A claim in the reading that needs the fewest mistakes; where the definitions are on a kink, it needs no value."""
    samples = question.samples
    judged = []
    for k, reading in enumerate(readings(text, samples)):
        counted = np.isfinite(reading.whole.values) | ~samples.kinked
        if np.all(counted) or not np.any(counted):
            judged.append(_Judgement(question, reading))
        else:
            part = samples.only(counted)
            judged.append(_Judgement(_Question(part, *question.derivative), readings(text, part)[k]))
    return min(judged, key=lambda found: found.mistakes)


def _clearer(here: _Judgement, general: _Judgement) -> _Judgement:
    """What explains a wrong claim better: the given values, or many points.

    Many points do, except for a mistake that only the values have in common, such as e for exp(0).
    """
    kinds = [finding.kind for finding in here.findings if not finding.right]
    if general.right or general.mistakes > here.mistakes or "wrong node" in kinds:
        return here
    return general


class _Judgement:
    """One reading of a claim, compared with the paths.

    Attributes:
        right: whether it is right at all points.
        findings: about each term and each missing path.
        mistakes: how many there are; one that is not explained counts as many.
        visible: for each path, whether its absence would have been noticed.
    """

    def __init__(self, question: _Question, reading: Reading) -> None:
        self.question = question
        self.reading = reading
        self.steps = question.steps
        self.open = dict(question.steps)
        self.placed: list[tuple[Term, str]] = []
        self.left: list[Term] = []
        self.looks = _LOOKS
        whole = reading.whole
        with np.errstate(all="ignore"):
            terms = [whole] if self._single(whole) else reading.terms()
            size = sum((np.abs(term.values) for term in terms), start=np.abs(question.gradient))
            size = size + sum(np.abs(steps.product) for steps in self.steps.values())
            self.tolerance = _TOLERANCE * size + _UNDERFLOW + (reading.rounding() if reading.count == 1 else 0.0)
            self.visible = {name: not np.any(s.product) or bool(np.any(np.abs(s.product) > _VISIBLE * self.tolerance))
                            for name, s in self.steps.items()}  # fmt: skip
            self.right = same(whole.values, question.gradient, self.tolerance)
            for term in terms:
                self._place(term, _DEEP)
            others = self._others()
        self.findings = [*map(self._matched, self.placed), *others]
        wrong = [finding for finding in self.findings if not finding.right]
        self.mistakes = len(wrong) + 100 * sum(finding.kind in ("unexplained", "no value") for finding in wrong)

    def _single(self, term: Term) -> bool:
        tolerance = _TOLERANCE * np.abs(term.values)
        return any(same(term.values, steps.product, tolerance) for steps in self.steps.values())

    def _place(self, term: Term, depth: int) -> None:
        """Find the path that a term is, or the paths that it adds up if it is multiplied out."""
        path = self._path(term)
        if path is not None:
            del self.open[path]
            self.placed.append((term, path))
            return
        for parts in term.splits():
            if any(self._contains(part, depth - 1) for part in parts):
                for part in parts:
                    self._place(part, depth - 1)
                return
        self.left.append(term)

    def _path(self, term: Term) -> str | None:
        return next((p for p, steps in self.open.items() if same(term.values, steps.product, self.tolerance)), None)

    def _contains(self, term: Term, depth: int) -> bool:
        """Whether a term is a path, or has one in it."""
        self.looks -= 1
        if self._path(term) is not None:
            return True
        return min(depth, self.looks) > 0 and any(
            self._contains(part, depth - 1) for parts in term.splits() for part in parts
        )

    def _matched(self, placed: tuple[Term, str]) -> Finding:
        term, path = placed
        return Finding(True, "path", term.text, (path,), f"is the path {path}")

    def _others(self) -> list[Finding]:
        """The findings about the terms that are not a path, and about the paths that are not a term."""
        if self.right:
            return self._together()
        if not np.all(np.isfinite(self.reading.whole.values)):
            return [self._without_value()]
        each = self._each()
        unexplained = any(finding.kind == "unexplained" for finding in each)
        if len(each) == 1 and not unexplained:
            return each
        single = self._all_of_it() or self._single_mistake()
        if single is not None:
            self.placed.clear()
            return [single]
        return each

    def _all_of_it(self) -> Finding | None:
        """A sign or a constant that is wrong in all paths."""
        if len(self.steps) == 1:
            return None
        whole = self.reading.whole
        change = self.question.changes.scaled(whole.values, self.question.gradient, self.tolerance)
        message = f"all of it: {change.message}" if change else ""
        return Finding(False, change.kind, whole.text, tuple(self.steps), message) if change else None

    def _together(self) -> list[Finding]:
        if not self.left:
            return []
        terms = " + ".join(term.text for term in self.left)
        what = "the other paths" if self.placed else "all paths" if len(self.open) > 1 else "the path"
        names = " and ".join(self.open) if len(self.open) <= 3 else f"{len(self.open)} of them"
        message = f"together {what}" + (f": {names}" if self.open else "")
        return [Finding(True, "together", terms, tuple(self.open), message)]

    def _without_value(self) -> Finding:
        place = int(np.flatnonzero(~np.isfinite(self.reading.whole.values))[0])
        leaves = [name for name in self.question.samples.names if name not in self.question.samples.definitions]
        where = ", ".join(f"{name} = {self.reading.values[name][place]:.6g}" for name in leaves)
        message = f"has no value at {where}, where the derivative is {self.question.gradient[place]:.6g}"
        return Finding(False, "no value", self.reading.whole.text, (), message)

    def _each(self) -> list[Finding]:
        """Each term explained by itself, by one mistake on one of the paths that are left; then the missing paths."""
        findings = []
        remaining = dict(self.open)
        for term in self.left:
            if not np.any(term.values):  # a path that is claimed to be 0 is missing
                continue
            finding = self._explained(term, remaining)
            for path in finding.paths:
                remaining.pop(path, None)
            findings.append(finding)
        clear = all(finding.kind != "unexplained" for finding in findings)
        for path in remaining:
            message = f"the path {path} is missing" if clear else f"no term is the path {path}"
            findings.append(Finding(False, "path missing", "", (path,), message))
        return findings

    def _explained(self, term: Term, remaining: Mapping[str, Steps]) -> Finding:
        for path, steps in self.steps.items():
            if path not in remaining and same(term.values, steps.product, self.tolerance):
                message = f"is the path {path}, which is counted twice"
                return Finding(False, "path twice", term.text, (path,), message)
        candidates = {(path,): (term.values, steps) for path, steps in remaining.items()}
        found = self.question.changes.explain(candidates, self.tolerance)
        if found is not None:
            return self._on_paths(term, *found)
        return Finding(False, "unexplained", term.text, (), "is no path with one mistake")

    def _single_mistake(self) -> Finding | None:
        """One mistake that explains the claim as a whole, in whatever form it is written."""
        text = self.reading.whole.text
        excess = self.reading.whole.values - self.question.gradient
        for path, steps in self.steps.items():
            if same(excess, -steps.product, self.tolerance):
                return Finding(False, "path missing", text, (path,), f"the path {path} is missing")
            if same(excess, steps.product, self.tolerance):
                return Finding(False, "path twice", text, (path,), f"the path {path} is counted twice")
        candidates = {(path,): steps for path, steps in self.steps.items()} | self.question.groups
        found = self.question.changes.explain(
            {names: (excess + steps.product, steps) for names, steps in candidates.items()}, self.tolerance
        )
        return None if found is None else self._on_paths(self.reading.whole, *found)

    def _on_paths(self, term: Term, names: tuple[str, ...], change: Change) -> Finding:
        where = f"on the path {names[0]}" if len(names) == 1 else f"on {len(names)} paths ({', '.join(names[:2])}"
        where += "" if len(names) == 1 else ")" if len(names) == 2 else ", …)"
        chance = self.reading.count == 1 and term.is_number and change.kind != "sign"  # 3 may stand for anything
        return Finding(False, change.kind, term.text, names, f"{'perhaps ' * chance}{where}: {change.message}")


def _differences(question: _Question, reading: Reading) -> Iterator[Any]:
    """Claim minus derivative in SymPy's symbols: in the named variables, and in the leaves."""
    dialect = symbolic()
    samples = question.samples
    symbols = {name: dialect.symbol(name) for name in samples.names}
    made = {name: dialect.exact(compute(d._tree, symbols)) for name, d in samples.definitions.items()}

    def partial(edge: EdgeName) -> Any:
        parent, child = edge
        return dialect.exact(made[child]).diff(symbols[parent])

    def derivative(output: str, input: str, local: bool) -> Any:
        if local:
            return partial((input, output))
        found = {input: dialect.constant(1.0)}
        for child in samples.definitions:
            if child != input:
                found[child] = sum(found[p] * partial((p, child)) for p in samples.parents(child) if p in found)
        return found[output]

    written = {name: derivative(*symbol) for name, symbol in reading.symbols.items()}
    difference = dialect.exact(compute(reading.tree, {**symbols, **written})) - derivative(*question.derivative)
    number = {symbols[name]: dialect.constant(float(x)) for name, x in samples.given.items()}
    calls = [name for name, formula in made.items() if not formula.is_rational_function(*symbols.values())]
    for replaced in calls, list(made):
        found = difference
        for name in reversed(replaced):
            found = found.xreplace({symbols[name]: made[name]})
        yield found.xreplace(number)

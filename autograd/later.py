"""Names of :mod:`autograd` that are loaded when a program first asks for one of them.

They explain, check and draw, which takes modules that most programs do not need.
"""

import autograd.pictures.diagram  # noqa: F401  # which assigns hooks
from autograd.bridges.jax_functions import from_jax, to_jax
from autograd.bridges.torch_functions import from_torch, to_torch
from autograd.checks.differences import (
    DifferenceErrors,
    backward_difference,
    central_difference,
    difference_errors,
    forward_difference,
)
from autograd.checks.gradients import GradientCheck, GradientError, check_gradients
from autograd.checks.measurement import Measured, measured_slope
from autograd.checks.nonfinite import Autopsy, NonFinite, autopsy
from autograd.explain.claims import Claim, ClaimCheck, Finding, check_claim
from autograd.explain.exports import to_networkx
from autograd.explain.flows import Flows, flows
from autograd.explain.graph import Dependencies, Edge, dependencies
from autograd.explain.groups import Fold, FoldedEdge, Group, Groups, groups
from autograd.explain.labels import label
from autograd.explain.naive import naive_sweep
from autograd.explain.nudging import WhatIf, what_if
from autograd.explain.parser import Definition, FormulaError, define, definitions, evaluate_number, variables
from autograd.explain.paths import Path, Paths, paths
from autograd.explain.stepping import Step, Steps, steps
from autograd.homework.checking import check_backprop
from autograd.homework.verdicts import BackpropCheck, CheckedLine
from autograd.pictures.draw import Drawing, draw, render
from autograd.pictures.engines import EngineError
from autograd.pictures.mermaid import mermaid
from autograd.pictures.page.data import from_json, to_json
from autograd.pictures.page.html import Page, write_html, write_playground
from autograd.pictures.skins import Skin
from autograd.pictures.strip import Strip, draw_steps
from autograd.pictures.tree import tree

__all__ = [
    "Autopsy",
    "BackpropCheck",
    "CheckedLine",
    "Claim",
    "ClaimCheck",
    "Definition",
    "Dependencies",
    "DifferenceErrors",
    "Drawing",
    "Edge",
    "EngineError",
    "Finding",
    "Flows",
    "Fold",
    "FoldedEdge",
    "FormulaError",
    "GradientCheck",
    "GradientError",
    "Group",
    "Groups",
    "Measured",
    "NonFinite",
    "Page",
    "Path",
    "Paths",
    "Skin",
    "Step",
    "Steps",
    "Strip",
    "WhatIf",
    "autopsy",
    "backward_difference",
    "central_difference",
    "check_backprop",
    "check_claim",
    "check_gradients",
    "define",
    "definitions",
    "dependencies",
    "difference_errors",
    "draw",
    "draw_steps",
    "evaluate_number",
    "flows",
    "forward_difference",
    "from_jax",
    "from_json",
    "from_torch",
    "groups",
    "label",
    "measured_slope",
    "mermaid",
    "naive_sweep",
    "paths",
    "render",
    "steps",
    "to_jax",
    "to_json",
    "to_networkx",
    "to_torch",
    "tree",
    "variables",
    "what_if",
    "write_html",
    "write_playground",
]

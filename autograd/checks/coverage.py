"""What NumPy and PyTorch have, and whether it is here: ``python -m autograd.checks.coverage``.

Every public callable is *there*, *not differentiable*, or *refused* for a reason.  NumPy is asked for its names;
PyTorch's are written down here, so that it need not be installed.  ``python -m autograd.generate`` writes the same as a
page, ``docs/coverage.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograd.arrays.numpy_protocol import is_reader, is_supported
from autograd.core.files import update

__all__ = ["Entry", "entries_of", "main", "page", "unaccounted", "write"]

FILE = Path(__file__).parent.parent.parent / "docs" / "coverage.md"

OURS = {
    "numpy": "autograd",
    "numpy.linalg": "autograd.linalg",
    "torch.nn": "nn",
    "torch.nn.functional": "nn.functional",
    "torch.optim": "nn.optim",
}
"""The libraries, and where their names are here."""

PYTORCH = {
    "torch.nn": """
        AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss AdaptiveMaxPool1d
        AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d AvgPool3d BCELoss BCEWithLogitsLoss
        BatchNorm1d BatchNorm2d BatchNorm3d Bilinear Buffer CELU CTCLoss ChannelShuffle CircularPad1d
        CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d Container Conv1d Conv2d Conv3d
        ConvTranspose1d ConvTranspose2d ConvTranspose3d CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss
        CrossMapLRN2d DataParallel Dropout Dropout1d Dropout2d Dropout3d ELU Embedding EmbeddingBag
        FeatureAlphaDropout Flatten Fold FractionalMaxPool2d FractionalMaxPool3d GELU GLU GRU GRUCell
        GaussianNLLLoss GroupNorm Hardshrink Hardsigmoid Hardswish Hardtanh HingeEmbeddingLoss HuberLoss
        Identity InstanceNorm1d InstanceNorm2d InstanceNorm3d KLDivLoss L1Loss LPPool1d LPPool2d LPPool3d LSTM
        LSTMCell LayerNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d
        LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d
        LazyInstanceNorm3d LazyLinear LeakyReLU Linear LinearCrossEntropyLoss LinearCrossEntropyOptions
        LocalResponseNorm LogSigmoid LogSoftmax MSELoss MarginRankingLoss MaxPool1d MaxPool2d MaxPool3d
        MaxUnpool1d MaxUnpool2d MaxUnpool3d Mish Module ModuleDict ModuleList MultiLabelMarginLoss
        MultiLabelSoftMarginLoss MultiMarginLoss MultiheadAttention NLLLoss NLLLoss2d PReLU PairwiseDistance
        Parameter ParameterDict ParameterList PixelShuffle PixelUnshuffle PoissonNLLLoss RMSNorm RNN RNNBase
        RNNCell RNNCellBase RReLU ReLU ReLU6 ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d
        ReplicationPad2d ReplicationPad3d SELU Sequential SiLU Sigmoid SmoothL1Loss SoftMarginLoss Softmax
        Softmax2d Softmin Softplus Softshrink Softsign SyncBatchNorm Tanh Tanhshrink Threshold Transformer
        TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer TripletMarginLoss
        TripletMarginWithDistanceLoss Unflatten Unfold UninitializedBuffer UninitializedParameter Upsample
        UpsamplingBilinear2d UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d""",
    "torch.nn.functional": """
        adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool1d_with_indices
        adaptive_max_pool2d adaptive_max_pool2d_with_indices adaptive_max_pool3d adaptive_max_pool3d_with_indices
        affine_grid alpha_dropout avg_pool1d avg_pool2d avg_pool3d batch_norm bilinear binary_cross_entropy
        binary_cross_entropy_with_logits celu celu_ channel_shuffle conv1d conv2d conv3d conv_tbc conv_transpose1d
        conv_transpose2d conv_transpose3d cosine_embedding_loss cosine_similarity cross_entropy ctc_loss dropout
        dropout1d dropout2d dropout3d elu elu_ embedding embedding_bag feature_alpha_dropout fold fractional_max_pool2d
        fractional_max_pool2d_with_indices fractional_max_pool3d fractional_max_pool3d_with_indices gaussian_nll_loss
        gelu glu grid_sample group_norm grouped_mm gumbel_softmax hardshrink hardsigmoid hardswish hardtanh hardtanh_
        hinge_embedding_loss huber_loss instance_norm interpolate kl_div l1_loss layer_norm leaky_relu leaky_relu_
        linear linear_cross_entropy local_response_norm log_softmax logsigmoid lp_pool1d lp_pool2d lp_pool3d
        margin_ranking_loss max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d
        max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d mish mse_loss multi_head_attention_forward
        multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss native_channel_shuffle nll_loss normalize
        one_hot pad pairwise_distance pdist pixel_shuffle pixel_unshuffle poisson_nll_loss prelu relu relu6 relu_
        rms_norm rrelu rrelu_ scaled_dot_product_attention scaled_grouped_mm scaled_mm selu selu_ sigmoid silu
        smooth_l1_loss soft_margin_loss softmax softmin softplus softshrink softsign tanh tanhshrink threshold
        threshold_ triplet_margin_loss triplet_margin_with_distance_loss unfold upsample upsample_bilinear
        upsample_nearest""",
    "torch.optim": """
        ASGD Adadelta Adafactor Adagrad Adam AdamW Adamax LBFGS Muon NAdam Optimizer RAdam RMSprop Rprop SGD SparseAdam
        swap_in_optimizer_params_and_state""",
}
"""The public names of PyTorch 2.14, without helpers of its own; of ``torch.nn`` the classes."""

NOT_DIFFERENTIABLE = {
    "numpy": {
        "makes an array of numbers alone": """
            arange bartlett blackman eye empty fromfunction fromiter hamming hanning identity indices kaiser ones tri
            zeros""",
        "whole numbers, bits and places": """
            base_repr binary_repr bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or
            bitwise_right_shift bitwise_xor diag_indices gcd invert ix_ lcm left_shift mask_indices packbits
            right_shift tril_indices triu_indices unpackbits""",
        "asks about an array, a type or a date": """
            broadcast_shapes busday_count busday_offset datetime_as_string datetime_data einsum_path is_busday isdtype
            isfortran isnat isscalar issubdtype iterable mintypecode promote_types typename""",
        "reads, writes or prints": """
            asarray_chkfinite format_float_positional format_float_scientific from_dlpack frombuffer fromfile fromregex
            fromstring genfromtxt get_include get_printoptions getbufsize geterr geterrcall info load loadtxt
            printoptions save savetxt savez savez_compressed set_printoptions setbufsize seterr seterrcall show_config
            show_runtime test""",
        "sets, whose elements are not numbers to compute with": """
            intersect1d setdiff1d setxor1d union1d unique unique_all unique_counts unique_inverse unique_values""",
        "a distance between floats, not between numbers": "nextafter spacing",
    },
    "numpy.linalg": {"runs NumPy's own tests": "test"},
}
"""For each library what has no derivative, by the reason."""

REFUSED = {
    "numpy": {
        "writes into an array: use x.at[i].set(v), where or stack": """
            copyto fill_diagonal place put put_along_axis putmask""",
        "its result is complex, or a class of polynomials": "poly1d polydiv roots sort_complex",
        "a matrix type that NumPy itself advises against": "asmatrix bmat",
        "calls a Python function number by number: call it with the array": "frompyfunc nested_iters",
        "a memory layout, which nodes do not have": "asfortranarray require",
    },
    "numpy.linalg": {"its eigenvectors may be complex: use eigvals, or eigh for symmetric matrices": "eig"},
    "torch.nn": {
        "finds its sizes in the first input: write them": """
            LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d
            LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear
            UninitializedBuffer UninitializedParameter""",
        "an attribute does the same: a Tensor, an array named in buffers, a list or dict of Tensors or modules": """
            Buffer ModuleDict Parameter ParameterDict ParameterList""",
        "another name of NLLLoss, LocalResponseNorm or Module": "Container CrossMapLRN2d NLLLoss2d",
        "what RNN, LSTM and GRU share in PyTorch": "RNNBase RNNCellBase",
        "runs on several devices": "DataParallel SyncBatchNorm",
        "saves memory in linear_cross_entropy": "LinearCrossEntropyOptions",
    },
    "torch.nn.functional": {
        "computes in place: use the function without the underscore": """
            celu_ elu_ hardtanh_ leaky_relu_ relu_ rrelu_ selu_ threshold_""",
        "another name of a pool with return_indices=True": """
            adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices
            fractional_max_pool2d_with_indices fractional_max_pool3d_with_indices max_pool1d_with_indices
            max_pool2d_with_indices max_pool3d_with_indices""",
        "an operation of accelerators, on other number formats": "grouped_mm scaled_grouped_mm scaled_mm",
        "another name of channel_shuffle": "native_channel_shuffle",
        "what MultiheadAttention computes, with its parameters as arguments": "multi_head_attention_forward",
    },
    "torch.optim": {
        "needs gradients of a sparse type": "SparseAdam",
        "PyTorch's own state of optimizers": "swap_in_optimizer_params_and_state",
    },
}
"""For each library what is refused, by the reason."""


_NAMESAKES = {"show_config"}
"""Names of NumPy that mean something else here."""


class Entry(NamedTuple):
    """A name of a library, and what it is here: there, not differentiable, refused, or none of these."""

    name: str
    status: str
    reason: str


def entries_of(library: str) -> Iterator[Entry]:
    """Every public callable of a library.

    >>> [entry for entry in entries_of("numpy") if entry.name in ("sin", "argmax", "put")]
    [Entry(name='argmax', status='not differentiable', reason='reads the numbers alone'), Entry(name='put', \
status='refused', reason='writes into an array: use x.at[i].set(v), where or stack'), Entry(name='sin', \
status='there', reason='')]
    """
    ours = import_module(OURS[library])
    names = PYTORCH[library].split() if library in PYTORCH else _public(library)
    for name in sorted(names):
        theirs = None if library in PYTORCH else getattr(sys.modules[library], name)
        if theirs is not None and is_reader(theirs):
            yield Entry(name, "not differentiable", "reads the numbers alone")
        elif is_supported(theirs) or (name in ours.__all__ and name not in _NAMESAKES):
            yield Entry(name, "there", "")
        elif isinstance(theirs, type):
            yield Entry(name, "not differentiable", "a type")
        else:
            yield _explained(library, name)


def _public(library: str) -> list[str]:
    module = import_module(library)
    return [name for name in dir(module) if not name.startswith("_") and callable(getattr(module, name))]


def _explained(library: str, name: str) -> Entry:
    for status, reasons in (("not differentiable", NOT_DIFFERENTIABLE), ("refused", REFUSED)):
        for reason, names in reasons.get(library, {}).items():
            if name in names.split():
                return Entry(name, status, reason)
    return Entry(name, "unaccounted", "")


def unaccounted() -> list[str]:
    """The names of which nothing is said, such as those of a newer NumPy."""
    return [
        f"{library}.{entry.name}" for library in OURS for entry in entries_of(library) if entry.status == "unaccounted"
    ]


_HEAD = """\
# What NumPy and PyTorch have

Written by `python -m autograd.generate`, with NumPy {numpy} and the names of PyTorch 2.14. Do not edit it by hand;
`python -m autograd.checks.coverage` prints it.

Every public callable of these modules, of `torch.nn` every class, is *there* under its name, *not differentiable*, or
*refused* for the reason given. What is refused raises an error; nothing returns a wrong number.
"""


def page() -> str:
    """The page, as Markdown."""
    parts = [_HEAD.format(numpy=np.__version__)]
    for library in OURS:
        groups: dict[tuple[str, str], list[str]] = {}
        for entry in entries_of(library):
            groups.setdefault((entry.status, entry.reason), []).append(entry.name)
        count = sum(len(names) for (status, _), names in groups.items() if status == "there")
        parts.append(f"\n## {library}\n\n{count} of {sum(map(len, groups.values()))} are there.\n\n| | |\n|---|---|\n")
        for (status, reason), names in sorted(groups.items(), key=lambda item: _ORDER.index(item[0][0])):
            what = f"{status}: {reason}" if reason else status
            parts.append(f"| {what} | {', '.join(f'`{name}`' for name in names)} |\n")
    return "".join(parts)


_ORDER = ["there", "refused", "not differentiable", "unaccounted"]


def write(check: bool = False) -> bool:
    """Write the page to its file; see :func:`autograd.core.files.update`.

    Each version of NumPy has names of its own, so a page that was written with another one is not compared.
    """
    if check and FILE.exists() and f"with NumPy {np.__version__} and" not in FILE.read_text(encoding="utf-8"):
        return True
    return update(FILE, page(), check)


def main() -> int:
    """Print the page; returns 1 if a name is unaccounted for."""
    print(page())
    return int(bool(unaccounted()))


if __name__ == "__main__":
    sys.exit(main())

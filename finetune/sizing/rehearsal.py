"""One training step in shapes alone: every tensor has its size and no content, and is counted.

The model and the method are the very ones of training, run under torch's FakeTensorMode, so that
what autograd keeps, what PEFT casts and what a product needs is not a formula that could fall behind
the libraries. (By formula: Korthikanti et al. 2022, arXiv 2205.05198, section 4; the tests compare
with that, and with a real step.) Knows no machine. Beside the training road: config → **rehearsal**
→ estimate.
"""

from __future__ import annotations

import itertools
import warnings
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from finetune.learning.methods import apply_method
from finetune.recipe import Method, Training
from finetune.sizing.four_bit import put_in_four_bits

_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a step needs, in bytes; the peak is less than the sum where one goes as another comes."""

    parameters: int  # a count, of the model without adapters
    trainable: int  # a count
    weights_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    activation_bytes: int  # kept between forward and backward
    peak_bytes: int


class LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of every tensor storage that is alive; a view counts once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self._seen: dict[int, weakref.ref[Any]] = {}

    def see(self, tensor: Tensor) -> None:
        """Count the tensor's storage until it is freed."""
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self._seen:
            return

        def forget(_: object) -> None:
            self.live -= size
            del self._seen[key]

        self._seen[key] = weakref.ref(storage, forget)
        self.live += size
        self.peak = max(self.peak, self.live)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self.see(leaf)
        return result


def rehearse_step(config: Any, method: Method, training: Training, answer_tokens: int) -> Needs:
    """What one step of a recipe would need; nothing of the model's size is allocated.

    Every example is as long as the recipe allows, and learns `answer_tokens` of its tokens.
    `training.precision` must be chosen, not "auto".
    """
    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("ignore")  # of the libraries, about shapes that nobody will train
        model, parameters = _shape_model(config, method, training)
        stack.enter_context(FakeTensorMode())
        _fill_with_fakes(model)
        return run_step(model, parameters, training, answer_tokens)


def _shape_model(config: Any, method: Method, training: Training) -> tuple[Any, int]:
    """The model that training would load, with its method applied, on torch's meta device.

    And how many parameters it had before.
    """
    from transformers import AutoModelForCausalLM

    low = _DTYPES[training.precision]
    dtype = low if method.is_adapter and training.precision != "fp16" else torch.float32
    with torch.device("meta"), _unwritten_permutations():
        models: Any = AutoModelForCausalLM
        model = models.from_config(config, dtype=dtype)
        parameters = sum(parameter.numel() for parameter in model.parameters())
        if method.name == "qlora":
            model = put_in_four_bits(model, low)
        # layer_lora by the intrinsic dimension: that needs data, so each block gets the mean
        model = apply_method(model, method, [method.rank] * config.num_hidden_layers)
    if method.name == "qlora":  # SFTTrainer: adapters over quantized weights learn in bfloat16
        for parameter in model.parameters():
            parameter.data = (
                parameter.data.bfloat16() if parameter.requires_grad else parameter.data
            )
    if training.gradient_checkpointing:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    return model.train(), parameters


def _fill_with_fakes(model: nn.Module) -> None:
    """Put a tensor of the mode in use, on the CPU, in the place of every one on the meta device."""
    made: dict[int, Any] = {}  # tied weights stay tied
    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, old in table.items():
                if old is None:
                    continue
                if id(old) not in made:
                    new = torch.empty(old.shape, dtype=old.dtype, device="cpu")
                    learnt = isinstance(old, nn.Parameter)
                    made[id(old)] = nn.Parameter(new, old.requires_grad) if learnt else new
                table[name] = made[id(old)]


def run_step(model: Any, parameters: int, training: Training, answer_tokens: int) -> Needs:
    """Forward, backward, clipping and AdamW, with the optimizer's states already there.

    Counts real tensors as well as fakes, which is how the tests compare them.
    """
    with LiveBytes() as counter:
        for tensor in itertools.chain(model.parameters(), model.buffers()):
            counter.see(tensor)
        return _count_step(model, parameters, training, answer_tokens, counter)


def _count_step(
    model: Any, parameters: int, training: Training, answer_tokens: int, counter: LiveBytes
) -> Needs:
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learnt, fused=True)
    weights = counter.live
    for parameter in learnt:
        parameter.grad = torch.zeros_like(parameter)
    gradients = counter.live - weights
    optimizer.step()
    states = counter.live - weights - gradients
    if training.accumulation == 1:
        optimizer.zero_grad()  # else the earlier batches of the step have left theirs
    before = counter.peak = counter.live
    loss = _compute_loss(model, training, answer_tokens)
    activations = counter.live - before
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(learnt, training.clip_norm)
    optimizer.step()
    return Needs(
        parameters=parameters,
        trainable=sum(parameter.numel() for parameter in learnt),
        weights_bytes=weights,
        gradient_bytes=gradients,
        optimizer_bytes=states,
        activation_bytes=activations,
        peak_bytes=counter.peak,
    )


def _compute_loss(model: Any, training: Training, answer_tokens: int) -> Tensor:
    """The loss as `finetune.learning.loop` computes it: logits where one of the batch's examples learns.

    A batch of several examples is padded, and packed ones must not see each other: both bring a mask,
    which attention then keeps in every block. One example alone brings none.
    """
    rows, tokens = training.batch_examples, training.max_tokens
    places = rows * min(answer_tokens, tokens)
    alone = rows == 1 and not training.packing
    if training.packing:
        rows, tokens = 1, rows * tokens
    ids = torch.zeros((rows, tokens), dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[:, -1] = 0
    learnt = torch.arange(min(places, tokens - 1))
    low = torch.autocast("cpu", _DTYPES[training.precision], enabled=training.precision != "fp32")
    with low, _one_sequence():
        out = model(
            input_ids=ids,
            attention_mask=None if alone else mask,
            use_cache=False,
            logits_to_keep=learnt,
        )
        logits = out.logits.float()  # (rows, places, vocabulary)
        wanted = ids[:, learnt]
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum")
        (logits.argmax(-1) == wanted).float().mean()  # the accuracy that is logged
    return loss


def _one_sequence() -> AbstractContextManager[None]:
    """transformers looks for packed sequences in the positions, and takes fakes for some."""
    from transformers import masking_utils

    return _replaced(masking_utils, "find_packed_sequence_indices", lambda positions: None)


@contextmanager
def _unwritten_permutations() -> Iterator[None]:
    """BOFT writes its permutations value by value, which the meta device refuses: keep their size."""
    from peft.tuners.boft.layer import BOFTLayer

    def shape_order(self: Any, n: int, *rest: Any, **more: Any) -> Tensor:
        return torch.zeros(n)

    def shape_matrix(self: Any, order: Tensor) -> Tensor:
        return torch.zeros(len(order), len(order))

    with (
        _replaced(BOFTLayer, "block_butterfly_perm", shape_order),
        _replaced(BOFTLayer, "perm2mat", shape_matrix),
    ):
        yield


@contextmanager
def _replaced(owner: Any, name: str, stand_in: Any) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, original)

"""One training step in shapes alone: every tensor has its size and no content, and is counted.

The model, the method and the loss are the very ones of training, run under torch's FakeTensorMode,
so that what autograd keeps, what PEFT casts and what the loss needs is not a formula that could fall
behind the libraries. (By formula: Korthikanti et al. 2022, arXiv 2205.05198, section 4; the tests
compare.) Knows no machine. Beside the training road: config → **rehearsal** → estimate.
"""

from __future__ import annotations

import itertools
import warnings
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from finetune.four_bit import put_in_four_bits
from finetune.methods import apply_method
from finetune.recipe import Method, Training

Device = Literal["cpu", "cuda"]
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


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of every tensor storage that is alive; a view counts once."""

    def __init__(self) -> None:
        super().__init__()
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


def rehearse_step(config: Any, method: Method, training: Training, device: Device) -> Needs:
    """What one step of a recipe would need; nothing of the model's size is allocated.

    Every batch is as long as the recipe allows. `training.precision` must be chosen, not "auto".
    """
    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("ignore")  # of the libraries, about shapes that nobody will train
        stack.enter_context(_as_computed_on(device))
        model, parameters = _shape_model(config, method, training)
        stack.enter_context(FakeTensorMode())
        _fill_with_fakes(model)
        counter = stack.enter_context(LiveBytes())
        for tensor in itertools.chain(model.parameters(), model.buffers()):
            counter.see(tensor)
        return _run_step(model, parameters, training, counter)


def _shape_model(config: Any, method: Method, training: Training) -> tuple[Any, int]:
    """The model that training would load, with its method applied, on torch's meta device.

    And how many parameters it had before.
    """
    from transformers import AutoModelForCausalLM
    from trl.trainer.utils import add_fused_lm_head

    low = _DTYPES[training.precision]
    dtype = low if method.is_adapter and training.precision != "fp16" else torch.float32
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(config, dtype=dtype)
        parameters = sum(parameter.numel() for parameter in model.parameters())
        if method.name == "qlora":
            model = put_in_four_bits(model, low)
        # as SFTTrainer does, which counts the entropy and the hits of the loss besides
        add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
        model = apply_method(model, method)
    if method.name == "qlora":  # SFTTrainer: adapters over quantized weights learn in bfloat16
        for parameter in model.parameters():
            parameter.data = parameter.data.bfloat16() if parameter.requires_grad else parameter.data
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


def _run_step(model: Any, parameters: int, training: Training, counter: LiveBytes) -> Needs:
    """Forward, backward, clipping and AdamW, with the optimizer's states already there."""
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
    loss = _compute_loss(model, training)
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


def _compute_loss(model: Any, training: Training) -> Tensor:
    """The loss as `SFTTrainer.compute_loss` computes it.

    A batch of several examples is padded, and packed ones must not see each other: both bring a mask,
    which attention then keeps in every block. One example alone brings none.
    """
    rows, tokens = training.batch_examples, training.max_tokens
    if training.packing:
        rows, tokens = 1, rows * tokens
    ids = torch.zeros((rows, tokens), dtype=torch.long)
    masked = training.packing or rows > 1
    low = _DTYPES[training.precision]
    with torch.autocast("cpu", low, enabled=training.precision != "fp32"):
        out = model(
            input_ids=ids,
            attention_mask=torch.ones_like(ids) if masked else None,
            labels=ids.clone(),
            use_cache=False,
            fused_lm_head=True,
        )
    loss: Tensor = -out.log_probs.sum() / (rows * tokens)
    return loss


@contextmanager
def _as_computed_on(device: Device) -> Iterator[None]:
    """Leave out what content alone decides, and what the device computes without memory.

    BOFT writes its permutations value by value, which the meta device refuses; on CUDA one kernel
    folds a tile of logits where it lies, while the CPU makes half a dozen copies of it.
    """
    from peft.tuners.boft.layer import BOFTLayer
    from trl.kernels import chunked_logprob

    def shape_order(_: Any, size: int, *__: Any, **___: Any) -> Tensor:
        return torch.zeros(size)

    def shape_permutation(_: Any, order: Tensor) -> Tensor:
        return torch.zeros(len(order), len(order))

    def fold_in_place(*_: Any, **__: Any) -> None:
        return None

    with ExitStack() as stack:
        stack.enter_context(_replaced(BOFTLayer, "block_butterfly_perm", shape_order))
        stack.enter_context(_replaced(BOFTLayer, "perm2mat", shape_permutation))
        if device == "cuda":
            stack.enter_context(_replaced(chunked_logprob, "_forward_tile", fold_in_place))
            stack.enter_context(_replaced(chunked_logprob, "_backward_tile", fold_in_place))
        yield


@contextmanager
def _replaced(owner: Any, name: str, stand_in: Any) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, original)

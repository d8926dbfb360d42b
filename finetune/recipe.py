"""A recipe: everything that decides one training run, read strictly from TOML.

Knows no torch. Each file of `finetune/recipes/` opens with its launch command.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from finetune.errors import RecipeInvalid

RECIPES_DIR = Path(__file__).with_name("recipes")

MethodName = Literal[
    "lora", "rslora", "dora", "layer_lora", "qlora", "boft", "selective", "freeze_lower", "full"
]
ADAPTERS = frozenset(("lora", "rslora", "dora", "layer_lora", "qlora", "boft"))
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Method(_Strict):
    """What of the model learns. Only the fields of the named method may be set."""

    name: MethodName
    rank: int = Field(16, ge=1, le=1024, description="LoRA rank r")
    alpha: int = Field(32, ge=1, description="LoRA scaling: alpha / r, rsLoRA alpha / √r")
    dropout: Share = 0.0
    targets: tuple[str, ...] | Literal["all-linear"] = "all-linear"
    start: str = Field(
        "", description="lora: an adapter of models/adapters or readers to go on from"
    )
    ranks: tuple[int, ...] | Literal["intrinsic"] | None = Field(
        None, description="layer_lora: a rank per block, or by the intrinsic dimension"
    )
    block_size: int = Field(4, ge=2, description="boft: size of a butterfly block")
    butterfly_factor: int = Field(1, ge=1, description="boft: number of butterfly factors")
    last_blocks: int = Field(1, ge=1, description="selective: blocks unfrozen beside lm_head")
    frozen_share: Share = Field(0.75, description="freeze_lower: share of the blocks frozen")

    @model_validator(mode="after")
    def _check_fields(self) -> Method:
        lora = {"rank", "alpha", "dropout", "targets"}
        allowed = {
            "lora": lora | {"start"}, "rslora": lora, "dora": lora, "qlora": lora,
            "layer_lora": lora | {"ranks"},
            "boft": {"block_size", "butterfly_factor", "dropout", "targets"},
            "selective": {"last_blocks"}, "freeze_lower": {"frozen_share"}, "full": set(),
        }[self.name] | {"name"}  # fmt: skip
        strange = self.model_fields_set - allowed
        if strange:
            raise ValueError(f"{', '.join(sorted(strange))} does not go with method {self.name!r}")
        if (self.name == "layer_lora") is not (self.ranks is not None):
            raise ValueError("ranks goes with method 'layer_lora', which needs it")
        return self

    @property
    def is_adapter(self) -> bool:
        """Whether what is learnt is saved apart from the model."""
        return self.name in ADAPTERS


class Training(_Strict):
    """The loop. Lengths in tokens, a step = batch_examples × accumulation examples a device."""

    epochs: float = Field(3, gt=0)
    max_steps: int = Field(-1, ge=-1, description="stop after so many steps; -1 = by epochs")
    batch_examples: int = Field(1, ge=1)
    accumulation: int = Field(8, ge=1)
    max_tokens: int = Field(1024, ge=16, description="a longer example is left out, never cut")
    packing: bool = Field(False, description="several examples a sequence, none sees another")
    learning_rate: float = Field(2e-4, gt=0)
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_share: Share = 0.05
    weight_decay: float = Field(0.0, ge=0)
    clip_norm: float = Field(1.0, gt=0)
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    gradient_checkpointing: bool = False
    patience: int = Field(0, ge=0, description="epochs without a better loss; 0 = no early stop")
    save_steps: int = Field(0, ge=0, description="also a checkpoint each so many steps")
    keep_checkpoints: int = Field(3, ge=1)


class Pretraining(_Strict):
    """A stage of continued pretraining on running text, before the examples."""

    data: tuple[str, ...] = Field(min_length=1)
    epochs: float = Field(1, gt=0)
    max_steps: int = Field(-1, ge=-1)
    learning_rate: float = Field(1e-4, gt=0)


class Recipe(_Strict):
    """One run. `data` names prepared sets in var/finetune/data, or folders of such sets."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    about: str
    model: str = Field(description="a chat model of models/registry.toml, or a folder")
    random_weights: bool = Field(False, description="the model's shape with random weights")
    tokenizer: str = Field("", description="a name of the register, if not the model's own")
    seed: int = 7
    data: tuple[str, ...] = Field(min_length=1)
    most_examples: int = Field(0, ge=0, description="as many of each set at most; 0 = all")
    method: Method
    training: Training = Training()
    pretraining: Pretraining | None = None


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file, or of that name in `finetune/recipes`.

    Raises:
        RecipeInvalid: no such file, no TOML, an unknown key, or values that don't go together.
    """
    if not path.is_file():
        path = RECIPES_DIR / f"{path.name.removesuffix('.toml')}.toml"
    try:
        return Recipe(**tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as failure:
        valid = ", ".join(sorted(p.stem for p in RECIPES_DIR.glob("*.toml")))
        raise RecipeInvalid(f"there is no recipe {path.stem!r}. Valid names: {valid}") from failure
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as failure:
        raise RecipeInvalid(
            f"{path} can't be used: {_in_short(failure)}. Expected keys as finetune/recipe.py "
            "describes them; compare with a file of finetune/recipes"
        ) from failure


def _in_short(failure: Exception) -> str:
    if not isinstance(failure, ValidationError):
        return str(failure)
    faults = failure.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in faults)

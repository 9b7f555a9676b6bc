"""torch's modules as objects: pickled, copied, converted and loaded; imported only where torch is."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch

from actcheck.adapters.base import Array, Module, Parameters, Unsupported
from actcheck.adapters.torch_backend.arrays import to_array, to_tensor
from actcheck.adapters.torch_backend.functions import MODULES
from actcheck.adapters.torch_backend.gradients import seeded

#: torch's names that the harness calls otherwise.
_NAMES = {"out_proj.weight": "out_proj_weight", "out_proj.bias": "out_proj_bias"}


def module_object(
    activation: str, parameters: Parameters, format_name: str, device: str, seed: int
) -> Module | Unsupported:
    """The module of torch.nn in a format."""
    if activation not in MODULES:
        return Unsupported(f"torch.nn has no module for {activation}")
    given = {k: v for k, v in parameters.items() if k != "weight"}
    construct = partial(MODULES[activation], **given)
    with seeded(torch.device(device), seed):
        if any(True for _ in construct().parameters()):
            construct = partial(construct, device=device, dtype=getattr(torch, format_name))
    with seeded(torch.device(device), seed):
        return TorchModule(construct().eval())


class TorchModule(Module):
    """A module of torch.nn."""

    def __init__(self, module: torch.nn.Module) -> None:
        self.module = module

    def __call__(self, x: Any) -> Any:
        """The activation of a tensor."""
        with torch.no_grad():
            return self.module(x)

    def text(self) -> str:
        """What torch prints."""
        return repr(self.module)

    def pickled(self) -> Module:
        """By Python's pickle."""
        return TorchModule(pickle.loads(pickle.dumps(self.module)))

    def copied(self) -> Module:
        """By Python's deepcopy."""
        return TorchModule(copy.deepcopy(self.module))

    def training(self, on: bool) -> Module:
        """A copy in the mode."""
        return TorchModule(copy.deepcopy(self.module).train(on))

    def converted(self, format_name: str) -> Module:
        """A copy in the format."""
        return TorchModule(copy.deepcopy(self.module).to(getattr(torch, format_name)))

    def state(self) -> Mapping[str, Array]:
        """The tensors of ``state_dict``."""
        tensors = self.module.state_dict().items()
        return {_NAMES.get(name, name): to_array(tensor.clone()) for name, tensor in tensors}

    def load(self, state: Mapping[str, Array]) -> None:
        """By ``load_state_dict``."""
        own = {_NAMES.get(name, name): name for name in self.module.state_dict()}
        tensors = {own.get(name, name): to_tensor(array, "cpu") for name, array in state.items()}
        self.module.load_state_dict(tensors)

"""Fine-tuning of the exported networks, in PyTorch itself."""

import torch.nn.functional as F
from imported_models import NETWORKS
from peer import manifest, sizes
from torch_tools import descend, load, norm

# as in ../imported-sizes.ts
RATE = 0.01


class Tuning:
    units_per_call = 1

    def __init__(self, name):
        network, _ = NETWORKS[name]
        self.model = network().eval()
        prefix = f"imported.{name}."
        self.state = {}
        for key in manifest["arrays"]:
            own = key[len(prefix) :]
            if key.startswith(prefix) and own not in ("x", "y"):
                plain = own.removesuffix(".transposed")
                self.state[plain] = load(key) if plain == own else load(key).T.contiguous()
        self.x, self.y = load(f"{prefix}x"), load(f"{prefix}y")

    def reset(self):
        self.model.load_state_dict(self.state, strict=False)
        self.parameters = list(self.model.parameters())
        self.start = [p.detach().clone() for p in self.parameters]

    def call(self):
        loss = F.cross_entropy(self.model(self.x), self.y)
        descend(self.parameters, loss, RATE)
        return loss.item()

    def check(self):
        self.reset()
        losses = [self.call() for _ in range(sizes["checkedIterations"])]
        return [*losses, norm([p.detach() - s for p, s in zip(self.parameters, self.start)])]


PROGRAMS = {f"imported-{name}": lambda name=name: Tuning(name) for name in NETWORKS}

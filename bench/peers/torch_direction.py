"""A training step of the small direction network. Sizes as in ../direction-sizes.ts."""

import torch
import torch.nn.functional as F
from peer import sizes
from torch_tools import descend, load, norm

CELLS = 32
LEARNING_RATE = 0.01
# convolutions in the order of the parameters, each with its weights and its bias
ORDER = [
    "first",
    "pre inner",
    "pre outer",
    "coarse 0 inner",
    "coarse 0 outer",
    "coarse 1 inner",
    "coarse 1 outer",
    "fine inner",
    "fine outer",
    "last",
]


class DirectionStep:
    units_per_call = 1

    def __init__(self):
        self.start = [load(f"direction.parameter{i}") for i in range(2 * len(ORDER))]
        self.r = load("direction.residuals")
        counts = torch.full((1, 1, CELLS, CELLS), 4.0)
        for side in (counts[..., 0, :], counts[..., -1, :], counts[..., :, 0], counts[..., :, -1]):
            side -= 1
        self.counts = counts
        self.beside = torch.tensor([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]).reshape(1, 1, 3, 3)

    def network(self, p, x):
        layers = dict(zip(ORDER, zip(p[0::2], p[1::2])))

        def convolution(name, x):
            weights, bias = layers[name]
            return F.conv2d(x, weights, bias, padding=weights.shape[-1] // 2)

        def rectified(name, x):
            return torch.relu(convolution(name, x))

        b = rectified("pre outer", rectified("pre inner", convolution("first", x)))
        h = F.avg_pool2d(b, 2)
        for block in ("coarse 0", "coarse 1"):
            h = rectified(f"{block} outer", rectified(f"{block} inner", h)) + h
        h = F.interpolate(h, scale_factor=2, mode="nearest") + b
        h = rectified("fine outer", rectified("fine inner", h)) + h
        return convolution("last", h)

    def loss(self):
        r = self.r
        f = self.network(self.parameters, r)
        image = self.counts * f - F.conv2d(f, self.beside, padding=1)
        axes = (1, 2, 3)
        alpha = (r * f).sum(axes, keepdim=True) / ((f * image).sum(axes, keepdim=True) + 1e-12)
        return ((r - alpha * image) ** 2).sum(axes).mean()

    def reset(self):
        self.parameters = [p.clone().requires_grad_() for p in self.start]

    def call(self):
        loss = self.loss()
        descend(self.parameters, loss, LEARNING_RATE)
        return loss.item()

    def check(self):
        self.reset()
        losses = [self.call() for _ in range(sizes["checkedIterations"])]
        return [*losses, norm([p.detach() - s for p, s in zip(self.parameters, self.start)])]


PROGRAMS = {"direction-step": DirectionStep}

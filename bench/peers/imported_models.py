"""The networks that are trained in PyTorch and, exported by it, in gradus."""

from torch import nn
from torch.nn import functional as F

# as in ../imported-sizes.ts
BATCH, SIDE, CHANNELS, CLASSES = 32, 32, (16, 32, 64), 10
SEQUENCES, LENGTH, WIDTH, HEADS, LAYERS = 16, 64, 128, 4, 2


class Block(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        stride = 1 if before == after else 2
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.firstnorm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.secondnorm = nn.BatchNorm2d(after)
        self.shortcut = nn.Conv2d(before, after, 1, stride, bias=False) if stride > 1 else nn.Identity()

    def forward(self, x):
        h = F.relu(self.firstnorm(self.first(x)))
        return F.relu(self.secondnorm(self.second(h)) + self.shortcut(x))


class Residual(nn.Module):
    """Three residual blocks on color images, the moments of their normalization frozen."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, CHANNELS[0], 3, padding=1)
        self.blocks = nn.Sequential(*[Block(CHANNELS[max(0, i - 1)], c) for i, c in enumerate(CHANNELS)])
        self.head = nn.Linear(CHANNELS[-1], CLASSES)

    def forward(self, x):
        return self.head(F.adaptive_avg_pool2d(self.blocks(F.relu(self.stem(x))), 1).flatten(1))


class Transformer(nn.Module):
    """Encoder layers over sequences of vectors, and a classification of their mean."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True)
            for _ in range(LAYERS)
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x).mean(1))


NETWORKS = {
    "residual": (Residual, (BATCH, 3, SIDE, SIDE)),
    "transformer": (Transformer, (SEQUENCES, LENGTH, WIDTH)),
}

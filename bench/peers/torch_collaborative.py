"""MoNNA as its authors' code computes it: a Python loop over nodes and over the models that each received."""

import csv
import gzip
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from peer import Once
from torch_tools import load

# as in ../collaborative-sizes.ts
SIZES = {
    "aggregation": {"nodes": 50, "faulty": 4, "dimension": 1_000_000},
    "mixing": {"nodes": 26, "faulty": 5, "dimension": 431_080},
}
EVALUATIONS = 16
NODES, FAULTY, ROWS, WIDTHS, STEPS, TRAINING_EVALUATIONS = 26, 5, 25, (64, 32, 10), 10, 8
LEARNING_RATE, MOMENTUM, REGULARIZATION = 0.75, 0.99, 1e-4
DIGITS = Path(__file__).parents[2] / "packages/gradus/src/data/bundled/digits.csv.gz"


def fractions(i, count):
    """((7919 i + 104729 k) mod 1000003)/1000003 - 1/2 for k = 0, 1, ..."""
    k = torch.arange(count, dtype=torch.int64) * 104_729
    return ((7919 * i + k) % 1_000_003).double() / 1_000_003 - 0.5


def honest_models(count, dimension):
    return [fractions(i, dimension).float() for i in range(count)]


def nearest_neighbors(models, pivot, keep):
    distances = [model.sub(pivot).norm().item() for model in models]
    order = sorted(range(len(models)), key=distances.__getitem__)[:keep]
    return torch.stack([models[j] for j in order]).mean(0)


def maximize(value, evaluations):
    """Steps that double as long as they gain, then steps that shrink by 0.8 around the best point."""
    best, largest, step, left = 0.0, value(0.0), 1.0, evaluations - 1
    tried = 0.0
    while left > 0:
        tried, left = best + step, left - 1
        found = value(tried)
        if not found > largest:
            break
        best, largest, step = tried, found, 2 * step
    step *= 0.8
    while left > 0:
        following = tried + step if tried < best else tried - step
        while following < 0:
            following = (following + tried) / 2
        tried, left = following, left - 1
        found = value(tried)
        if found > largest:
            best, largest = tried, found
        step *= 0.8
    return best


def little_is_enough(honest, faulty, evaluations):
    stacked = torch.stack(honest)
    mean, deviation = stacked.mean(0), stacked.std(0)

    def displacement(z):
        models = honest + [mean + z * deviation] * faulty
        keep = len(models) - faulty
        mixed = [nearest_neighbors(models, pivot, keep) for pivot in honest]
        return torch.stack(mixed).mean(0).sub(mean).norm().item()

    return mean + maximize(displacement, evaluations) * deviation


def mix(honest, liar, faulty, late):
    """Every node's mean of what is nearest to its own; `late[i]` are those that node i does not hear of."""
    mixed = []
    for own, missing in zip(honest, late):
        received = [model for j, model in enumerate(honest) if j not in missing] + [liar] * faulty
        mixed.append(nearest_neighbors(received, own, len(received) - faulty))
    return mixed


class Mixing(Once):
    def __init__(self, name):
        size = SIZES[name]
        self.faulty = size["faulty"]
        count = size["nodes"] - size["faulty"]
        self.honest = honest_models(count, size["dimension"])
        self.late = [{(i + 1 + j) % count for j in range(self.faulty)} for i in range(count)]
        self.flips = name == "aggregation"

    def call(self):
        if self.flips:
            liar = -torch.stack(self.honest).mean(0)
        else:
            liar = little_is_enough(self.honest, self.faulty, EVALUATIONS)
        return mix(self.honest, liar, self.faulty, self.late)

    def check(self):
        mixed = self.call()
        return [mixed[i].double().norm().item() for i in (0, 1, len(mixed) - 1)]


class GramMixing(Mixing):
    """Not the authors' way: all distances from one matrix product, all means by another."""

    def __init__(self, name):
        super().__init__(name)
        count = len(self.honest)
        self.absent = torch.zeros(count, count + 1, dtype=torch.bool)
        for i, missing in enumerate(self.late):
            self.absent[i, list(missing)] = True

    def call(self):
        stacked = torch.stack(self.honest)
        mean = stacked.mean(0)
        models = torch.cat([stacked, -mean[None]])
        centered = models - mean
        gram = centered @ centered.T
        squares = gram.diagonal()
        count = len(self.honest)
        distances = squares[:count, None] - 2 * gram[:count] + squares
        distances.fill_diagonal_(0).masked_fill_(self.absent, math.inf)
        # The liars' model stands for all of theirs: its last copies are what is dropped first.
        spread = torch.cat([distances, distances[:, -1:].expand(count, self.faulty - 1)], 1)
        nearest = spread.argsort(stable=True, dim=1)[:, : count - self.faulty].clamp(max=count)
        weights = torch.zeros(count, count + 1).scatter_add_(1, nearest, torch.ones(nearest.shape))
        return (weights / (count - self.faulty)) @ models


class Training(Once):
    """All steps of a training on the digits under ALIE; every node takes all of its rows in every step."""

    units_per_call = STEPS

    def __init__(self):
        with gzip.open(DIGITS, "rt") as file:
            rows = torch.tensor([[float(v) for v in row] for row in list(csv.reader(file))[1:]])
        self.honest = NODES - FAULTY
        self.x = [(rows[i * ROWS : (i + 1) * ROWS, :-1] / 16).contiguous() for i in range(self.honest)]
        self.y = [rows[i * ROWS : (i + 1) * ROWS, -1].long() for i in range(self.honest)]
        self.shapes = [s for a, b in zip(WIDTHS, WIDTHS[1:]) for s in ((a, b), (b,))]
        parts = [
            2 * fractions(i, math.prod(shape)) / math.sqrt(WIDTHS[i // 2]) for i, shape in enumerate(self.shapes)
        ]
        self.start = torch.cat(parts).float()
        self.late = [[set(node) for node in step] for step in load("collaborative.late").tolist()]

    def gradient(self, model, x, y):
        theta = model.detach().requires_grad_()
        flat = theta.split([math.prod(shape) for shape in self.shapes])
        w1, b1, w2, b2 = (part.view(shape) for part, shape in zip(flat, self.shapes))
        logits = torch.addmm(b2, torch.relu(torch.addmm(b1, x, w1)), w2)
        loss = F.cross_entropy(logits, y) + REGULARIZATION * theta.norm()
        return torch.autograd.grad(loss, theta)[0]

    def call(self):
        models = [self.start.clone() for _ in range(self.honest)]
        momenta = [torch.zeros_like(self.start) for _ in range(self.honest)]
        for step in range(STEPS):
            for i in range(self.honest):
                gradient = self.gradient(models[i], self.x[i], self.y[i])
                momenta[i].mul_(MOMENTUM).add_(gradient, alpha=1 - MOMENTUM)
                models[i] = models[i] - LEARNING_RATE * momenta[i]
            liar = little_is_enough(models, FAULTY, TRAINING_EVALUATIONS)
            models = mix(models, liar, FAULTY, self.late[step])
        return models

    def check(self):
        models = self.call()
        moved = [torch.stack(models).double().mean(0), models[0], models[-1]]
        return [(model - self.start).double().norm().item() for model in moved]


PROGRAMS = {
    **{f"collaborative-{name}": lambda name=name: Mixing(name) for name in SIZES},
    "collaborative-aggregation-gram": lambda: GramMixing("aggregation"),
    "collaborative-training": Training,
}

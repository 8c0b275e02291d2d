"""MoNNA's mixing as its authors' code computes it: a Python loop over nodes and over the models that each received."""

import torch
from peer import Once

# as in ../collaborative-sizes.ts
SIZES = {
    "aggregation": {"nodes": 50, "faulty": 4, "dimension": 1_000_000},
    "mixing": {"nodes": 26, "faulty": 5, "dimension": 431_080},
}
EVALUATIONS = 16


def honest_models(count, dimension):
    """((7919 i + 104729 k) mod 1000003)/1000003 - 1/2."""
    k = torch.arange(dimension, dtype=torch.int64) * 104_729
    return [((((7919 * i + k) % 1_000_003).double() / 1_000_003) - 0.5).float() for i in range(count)]


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


class Mixing(Once):
    def __init__(self, name):
        size = SIZES[name]
        self.faulty = size["faulty"]
        self.honest = honest_models(size["nodes"] - size["faulty"], size["dimension"])
        self.attack = self.sign_flip if name == "aggregation" else self.little_is_enough

    def sign_flip(self):
        return -torch.stack(self.honest).mean(0)

    def little_is_enough(self):
        stacked = torch.stack(self.honest)
        mean, deviation = stacked.mean(0), stacked.std(0)

        def displacement(z):
            models = self.honest + [mean + z * deviation] * self.faulty
            keep = len(models) - self.faulty
            mixed = [nearest_neighbors(models, pivot, keep) for pivot in self.honest]
            return torch.stack(mixed).mean(0).sub(mean).norm().item()

        return mean + maximize(displacement, EVALUATIONS) * deviation

    def call(self):
        liar = self.attack()
        count = len(self.honest)
        mixed = []
        for i, own in enumerate(self.honest):
            late = {(i + 1 + j) % count for j in range(self.faulty)}
            received = [model for j, model in enumerate(self.honest) if j not in late] + [liar] * self.faulty
            mixed.append(nearest_neighbors(received, own, count - self.faulty))
        return mixed

    def check(self):
        mixed = self.call()
        return [mixed[i].double().norm().item() for i in (0, 1, len(mixed) - 1)]


PROGRAMS = {f"collaborative-{name}": lambda name=name: Mixing(name) for name in SIZES}

"""Target-based surrogate descent on a linear model with logistic loss, inner descent with Armijo's search."""

import math

import torch
from peer import Once

# as in ../target-surrogate-sizes.ts
ROWS, COLUMNS, BATCH, INNER_STEPS, ETA = 8125, 113, 125, 20, 4.0
FIRST_STEP, SUFFICIENT, SHRINK, LEAST_STEP = 10.0, 0.5, 0.9, 1e-6


def fraction(i, k):
    """((7919 i + 104729 k i + 15485863 k) mod 1000003)/1000003."""
    return ((7919 * i + 104_729 * k * i + 15_485_863 * k) % 1_000_003).double() / 1_000_003


class Epoch(Once):
    units_per_call = ROWS // BATCH * INNER_STEPS

    def __init__(self):
        i = torch.arange(ROWS, dtype=torch.int64)
        k = torch.arange(1, COLUMNS, dtype=torch.int64)
        features = (fraction(i[:, None], k[None]) < 0.2).double()
        self.x = torch.cat([features, torch.ones(ROWS, 1, dtype=torch.float64)], 1)
        self.y = (fraction(i, torch.zeros_like(i)) < 0.5).double()
        self.growth = 2 ** (1 / (ROWS // BATCH))

    def inner(self, x, theta, wanted):
        step = FIRST_STEP
        for _ in range(INNER_STEPS):
            gradient = x.T @ (x @ theta - wanted) / (ETA * BATCH)
            squared = gradient.dot(gradient).item()
            if math.sqrt(squared) <= 1e-6:
                break
            along = x @ gradient
            curvature = along.dot(along).item() / (ETA * BATCH)
            # on a parabola it is known what Armijo's condition accepts
            largest = 2 * (1 - SUFFICIENT) * squared / curvature * (1 + 1e-12)
            step *= self.growth
            while step > largest and step >= LEAST_STEP:
                step *= SHRINK
            if step < LEAST_STEP:
                break
            theta = theta - step * gradient
        return theta

    def call(self):
        theta = torch.zeros(COLUMNS, dtype=torch.float64)
        for first in range(0, ROWS, BATCH):
            x, y = self.x[first : first + BATCH], self.y[first : first + BATCH]
            targets = x @ theta
            theta = self.inner(x, theta, targets - ETA * (torch.sigmoid(targets) - y))
        return theta

    def check(self):
        theta = self.call()
        return [theta.norm().item(), theta[0].item(), theta[-1].item()]


PROGRAMS = {"target-surrogate": Epoch}

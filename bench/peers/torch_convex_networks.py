"""A two-layer ReLU network for images of two digits, by descent on the same objective as the convex program."""

import math

import torch
from torch_tools import load

# as in ../convex-network-sizes.ts
BETA, OBJECTIVE = 0.01, 1.0
MOST = 5000


class Images:
    """The width served both methods best of 20, 40, 60, 80 and 160."""

    units_per_call = 1
    width = 40

    def __init__(self):
        x = load("convex-network.images.x")
        self.x = torch.cat([x, torch.ones(len(x), 1)], 1)
        self.y = load("convex-network.images.y")

    def reset(self):
        pass

    def objective(self, u, a):
        rest = torch.relu(self.x @ u) @ a - self.y
        return 0.5 * rest.square().sum() + 0.5 * BETA * (u.square().sum() + a.square().sum())

    def call(self):
        torch.manual_seed(1)
        d = self.x.shape[1]
        u = (math.sqrt(2 / d) * torch.randn(d, self.width)).requires_grad_()
        a = (math.sqrt(2 / self.width) * torch.randn(self.width)).requires_grad_()
        optimizer = self.optimizer([u, a])

        def closure():
            optimizer.zero_grad()
            loss = self.objective(u, a)
            loss.backward()
            return loss

        for self.iterations in range(MOST):
            if self.step(optimizer, closure) <= OBJECTIVE:
                return True
        raise RuntimeError(f"the objective was not reached in {MOST} steps")

    def check(self):
        return [float(self.call())]


class Adam(Images):
    """Rate and constants served best of rates from 0.003 to 0.02, first constants 0.8 to 0.95, second 0.99 and 0.999."""

    def optimizer(self, parameters):
        return torch.optim.Adam(parameters, lr=0.01, betas=(0.95, 0.99), fused=True)

    def step(self, optimizer, closure):
        return optimizer.step(closure).item()


class Lbfgs(Images):
    def optimizer(self, parameters):
        return torch.optim.LBFGS(parameters, max_iter=1, line_search_fn="strong_wolfe")

    def step(self, optimizer, closure):
        return optimizer.step(closure).item()


PROGRAMS = {"convex-images-adam": Adam, "convex-images-lbfgs": Lbfgs}

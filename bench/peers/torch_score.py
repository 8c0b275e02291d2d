"""Gradient descent on the hidden layer of a two-layer ReLU network in float32: by autograd, and by hand."""

import math

import torch
from torch_bilevel import numbers

# as in ../score-sizes.ts
ROWS, INPUTS, OUTPUTS, WIDTH, RATE, CHECKED = 400, 4, 2, 2048, 0.5, 5


class ScoreNetwork:
    units_per_call = 1

    def __init__(self, by_hand):
        self.by_hand = by_hand
        self.z = numbers(ROWS * INPUTS, 1, 1).float().reshape(ROWS, INPUTS)
        self.y = numbers(ROWS * OUTPUTS, 1, 2).float().reshape(ROWS, OUTPUTS)
        self.start = numbers(WIDTH * INPUTS, 1, 3).float().reshape(WIDTH, INPUTS)
        self.a = torch.sign(numbers(WIDTH * OUTPUTS, 1, 4)).float().reshape(WIDTH, OUTPUTS) / math.sqrt(WIDTH)

    def reset(self):
        self.w = self.start.clone().requires_grad_(not self.by_hand)

    def call(self):
        if self.by_hand:
            with torch.no_grad():
                hidden = torch.mm(self.z, self.w.T)
                rest = torch.mm(torch.relu(hidden), self.a).sub_(self.y)
                slopes = torch.mm(rest, self.a.T).mul_(hidden > 0)
                self.w.addmm_(slopes.T, self.z, alpha=-RATE / ROWS)
            return
        loss = (torch.relu(self.z @ self.w.T) @ self.a - self.y).square().sum() / (2 * ROWS)
        (gradient,) = torch.autograd.grad(loss, self.w)
        with torch.no_grad():
            self.w.sub_(gradient, alpha=RATE)

    def check(self):
        self.reset()
        for _ in range(CHECKED):
            self.call()
        w = self.w.detach()
        loss = (torch.relu(self.z @ w.T) @ self.a - self.y).square().sum() / ROWS
        return [loss.item(), w.double().square().sum().item(), w[0, 0].item(), w[-1, -1].item()]


PROGRAMS = {
    "score-network": lambda: ScoreNetwork(False),
    "score-network-by-hand": lambda: ScoreNetwork(True),
}

"""Full-batch steps of Adam on a DeepONet."""

import torch
from torch_tools import norm

# as in ../operator-sizes.ts
SENSORS, WIDTH, RATE, EPSILON = 100, 40, 1e-3, 1e-7
STEPS = {"deeponet-1000": (1000, 50), "deeponet-10000": (10_000, 10)}


def numbers(k, shape, limit):
    """The k-th array of ((7919 i + 104729 (k + 1)) mod 1000003)/1000003, stretched to [-limit, limit]."""
    size = 1
    for length in shape:
        size *= length
    i = torch.arange(size, dtype=torch.int64)
    values = ((7919 * i + 104_729 * (k + 1)) % 1_000_003).double() / 1_000_003
    return (limit * (2 * values - 1)).float().reshape(shape)


class Training:
    def __init__(self, program, fused):
        functions, self.units_per_call = STEPS[program]
        self.fused = fused
        self.u = numbers(100, (functions, SENSORS), 1)
        self.y = numbers(101, (functions, 1), 1)
        self.s = numbers(102, (functions, 1), 1)

    def reset(self):
        shapes = [(SENSORS, WIDTH), (WIDTH, WIDTH), (1, WIDTH), (WIDTH, WIDTH)]
        weights = [numbers(2 * k, shape, (6 / sum(shape)) ** 0.5) for k, shape in enumerate(shapes)]
        biases = [torch.zeros(WIDTH) for _ in shapes]
        self.parameters = [p.requires_grad_() for p in [*weights, *biases, torch.zeros(1)]]
        self.optimizer = torch.optim.Adam(self.parameters, lr=RATE, eps=EPSILON, fused=self.fused)

    def outputs(self):
        w, b, offset = self.parameters[:4], self.parameters[4:8], self.parameters[8]
        branch = torch.addmm(b[1], torch.relu(torch.addmm(b[0], self.u, w[0])), w[1])
        trunk = torch.relu(torch.addmm(b[3], torch.relu(torch.addmm(b[2], self.y, w[2])), w[3]))
        return (branch * trunk).sum(1, keepdim=True) + offset

    def call(self):
        total = torch.zeros(())
        for _ in range(self.units_per_call):
            self.optimizer.zero_grad(set_to_none=True)
            loss = ((self.outputs() - self.s) ** 2).mean()
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        return total.item() / self.units_per_call

    def check(self):
        self.reset()
        loss = self.call()
        return [loss, norm([self.parameters[1].detach()])]


PROGRAMS = {
    program + suffix: lambda program=program, fused=fused: Training(program, fused)
    for program in STEPS
    for suffix, fused in (("", False), ("-fused", True))
}

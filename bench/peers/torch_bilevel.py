"""Bilevel problems: F2SA by autograd, one backward pass for both lower problems, and AID by conjugate gradients."""

import math

import torch
import torch.nn.functional as F
from peer import Once

# as in ../bilevel-sizes.ts
DX, DY, ROWS, SIGMA, TOLERANCE, INNER_STEPS, STEP = 5, 20, 8, 9e-5, 3e-3, 10, 0.2
INNER_STEP = 1 / (2.25 * 1.44 + 0.6)
TRAIN, VALIDATION, FEATURES, CLASSES, RIDGE = 500, 300, 64, 10, 1e-3
CLEANING = {"sigma": 0.1, "inner_steps": 5, "inner_step": 1.0, "step": 500.0}
CLEANING_STEPS = 40
CG_TOLERANCE, CG_STEPS = 1e-6, 20


def fraction(i, k):
    """((7919 i + 104729 k i + 15485863 k) mod 1000003)/1000003."""
    return ((7919 * i + 104_729 * k * i + 15_485_863 * k) % 1_000_003).double() / 1_000_003


def numbers(length, scale, k):
    i = torch.arange(1, length + 1, dtype=torch.int64)
    return scale * math.sqrt(12) * (fraction(i, torch.full_like(i, k)) - 0.5)


def inner(f, g, x, u, v, sigma, steps, step):
    """Steps on sigma f + g at u and on g at v; also the length of the last step over its size."""
    for _ in range(steps):
        u.requires_grad_()
        v.requires_grad_()
        du, dv = torch.autograd.grad(sigma * f(x, u) + g(x, u) + g(x, v), (u, v))
        u, v = u.detach() - step * du, v.detach() - step * dv
    return u, v, max(du.norm().item(), dv.norm().item())


def direction(f, g, x, u, v, sigma):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(f(x, u) + (g(x, u) - g(x, v)) / sigma, x)[0]


class Regular(Once):
    def __init__(self):
        k = torch.arange(ROWS, dtype=torch.float64)[:, None]
        j = torch.arange(DY, dtype=torch.float64)[None]
        size = 1.2 - 0.4 * k / (ROWS - 1)
        self.A = size * math.sqrt(2 / DY) * torch.cos(math.pi * (j + 0.5) * (k + 1) / DY)
        self.B = numbers(ROWS * DX, 1 / math.sqrt(DX), 1).reshape(ROWS, DX)
        self.c, self.e = numbers(ROWS, 1, 2), numbers(DX, 2, 3)

    def f(self, x, y):
        return 0.5 * ((self.A @ y - self.c).square().sum() + (x - self.e).square().sum() + torch.cos(x).sum())

    def g(self, x, y):
        t = self.A @ y
        return 0.5 * (t + 0.5 * torch.sin(t) - self.B @ x).square().sum()

    def check(self):
        return self.call().tolist()


class Penalty(Regular):
    def call(self):
        x = torch.zeros(DX, dtype=torch.float64)
        u, v = torch.zeros(DY, dtype=torch.float64), torch.zeros(DY, dtype=torch.float64)
        while True:
            u, v, residual = inner(self.f, self.g, x, u, v, SIGMA, INNER_STEPS, INNER_STEP)
            G = direction(self.f, self.g, x, u, v, SIGMA)
            if G.norm().item() <= TOLERANCE and residual <= SIGMA * TOLERANCE:
                return x
            x = x - STEP * G


class Implicit(Regular):
    def solve(self, slope, y, b):
        """Conjugate gradients on the lower Hessian, from 0."""
        v, r = torch.zeros_like(b), b.clone()
        p, square = r.clone(), r.dot(r)
        target = (CG_TOLERANCE * b.norm()) ** 2
        for _ in range(CG_STEPS):
            if square <= target:
                break
            Hp = torch.autograd.grad(slope, y, p, retain_graph=True)[0]
            curvature = p.dot(Hp)
            if curvature <= 1e-14 * p.dot(p):
                break
            step = square / curvature
            v, r = v + step * p, r - step * Hp
            following = r.dot(r)
            p, square = r + following / square * p, following
        return v

    def call(self):
        x = torch.zeros(DX, dtype=torch.float64)
        y = torch.zeros(DY, dtype=torch.float64)
        while True:
            for _ in range(INNER_STEPS):
                y.requires_grad_()
                slope = torch.autograd.grad(self.g(x, y), y)[0]
                y = y.detach() - INNER_STEP * slope
            residual = slope.norm().item()
            y.requires_grad_()
            x.requires_grad_()
            fx, fy = torch.autograd.grad(self.f(x, y), (x, y))
            slope = torch.autograd.grad(self.g(x, y), y, create_graph=True)[0]
            v = self.solve(slope, y, fy)
            G = fx - torch.autograd.grad(slope, x, v)[0]
            x, y = x.detach(), y.detach()
            if G.norm().item() <= TOLERANCE and residual <= TOLERANCE:
                return x
            x = x - STEP * G


class Cleaning(Once):
    units_per_call = CLEANING_STEPS

    def __init__(self):
        self.x, self.y = self.part(0, TRAIN, True)
        self.held, self.held_y = self.part(TRAIN, VALIDATION, False)

    def part(self, first, count, wrong):
        i = torch.arange(first, first + count, dtype=torch.int64)
        k = torch.arange(FEATURES, dtype=torch.int64)
        y = i % CLASSES
        x = fraction(i[:, None], k[None] + 1) / 2 + (k[None] % CLASSES == y[:, None]).double() / 2
        if wrong:
            place = i - first
            y = torch.where(place % 2 == 0, (y + 1 + place % (CLASSES - 1)) % CLASSES, y)
        return torch.cat([x, torch.ones(count, 1, dtype=torch.float64)], 1), y

    def f(self, _, W):
        return F.cross_entropy(self.held @ W, self.held_y)

    def g(self, x, W):
        losses = F.cross_entropy(self.x @ W, self.y, reduction="none")
        return torch.sigmoid(x).dot(losses) / TRAIN + RIDGE * W.square().sum()

    def run(self):
        sigma, steps = CLEANING["sigma"], CLEANING["inner_steps"]
        x = torch.zeros(TRAIN, dtype=torch.float64)
        u = torch.zeros(FEATURES + 1, CLASSES, dtype=torch.float64)
        v = u.clone()
        for _ in range(CLEANING_STEPS):
            u, v, _ = inner(self.f, self.g, x, u, v, sigma, steps, CLEANING["inner_step"])
            # f does not depend on x
            at = x.detach().requires_grad_()
            G = torch.autograd.grad((self.g(at, u) - self.g(at, v)) / sigma, at)[0]
            x = x - CLEANING["step"] * G
        return x, v

    def call(self):
        return self.run()

    def check(self):
        x, v = self.run()
        return [x.norm().item(), x[0].item(), x[1].item(), v.norm().item()]


PROGRAMS = {"bilevel-regular": Penalty, "bilevel-regular-aid": Implicit, "bilevel-cleaning": Cleaning}

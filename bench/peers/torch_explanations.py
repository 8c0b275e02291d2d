"""The eight explainers by hand, in float64: inputs of all rows in one forward pass, regressions by Cholesky factors."""

import math

import numpy
import torch
from peer import Once
from torch_bilevel import numbers

# as in ../explanation-sizes.ts
ROWS, FEATURES, HIDDEN, SAMPLES, SIGMA, NODES = 100, 23, [8] * 7, 1000, 0.1, 64


def fraction(i, k):
    return ((7919 * i + 104_729 * k * i + 15_485_863 * k) % 1_000_003).double() / 1_000_003


class Explanations(Once):
    def __init__(self, one_by_one):
        widths = [FEATURES, *HIDDEN, 1]
        self.layers = [
            (
                numbers(before * after, math.sqrt(2 / before), k + 1).reshape(before, after),
                numbers(after, 0.1, 20 + k),
            )
            for k, (before, after) in enumerate(zip(widths, widths[1:]))
        ]
        i = torch.arange(1, ROWS * FEATURES + 1, dtype=torch.int64)
        self.x = fraction(i, torch.full_like(i, 50)).reshape(ROWS, FEATURES)
        self.parts = self.x.split(1) if one_by_one else [self.x]
        nodes, weights = numpy.polynomial.legendre.leggauss(NODES)
        self.nodes, self.weights = torch.tensor((1 + nodes) / 2), torch.tensor(weights / 2)
        self.random = torch.Generator().manual_seed(1)

    def f(self, x):
        for k, (weights, bias) in enumerate(self.layers):
            x = torch.addmm(bias, x, weights)
            if k < len(self.layers) - 1:
                x = torch.relu(x)
        return torch.sigmoid(x[:, 0])

    def values(self, inputs):
        with torch.no_grad():
            return self.f(inputs.reshape(-1, FEATURES)).reshape(inputs.shape[:2])

    def gradients(self, inputs):
        flat = inputs.reshape(-1, FEATURES).detach().requires_grad_()
        return torch.autograd.grad(self.f(flat).sum(), flat)[0].reshape(inputs.shape)

    def vanilla(self, x):
        return self.gradients(x[:, None])[:, 0]

    def smooth(self, x):
        half = SIGMA * torch.randn(SAMPLES // 2, FEATURES, dtype=torch.float64, generator=self.random)
        return self.gradients(x[:, None] + torch.cat([half, -half])).mean(1)

    def integrated(self, x):
        gradients = self.gradients(x[:, None] * self.nodes[:, None])
        return x * (self.weights[:, None] * gradients).sum(1)

    def occlusion(self, x):
        masks = torch.cat([torch.ones(1, FEATURES, dtype=torch.float64), 1 - torch.eye(FEATURES, dtype=torch.float64)])
        y = self.values(x[:, None] * masks)
        return y[:, :1] - y[:, 1:]

    def bernoulli(self):
        return (torch.rand(SAMPLES, FEATURES, dtype=torch.float64, generator=self.random) < 0.5).double()

    def regression(self, xi, y, pi):
        """Weighted least squares of every row of y, with an intercept."""
        design = torch.cat([xi, torch.ones(len(xi), 1, dtype=torch.float64)], 1)
        weighted = pi[:, :, None] * design
        gram = design.T @ weighted
        right = (weighted * y[:, :, None]).sum(1)
        return torch.cholesky_solve(right[:, :, None], torch.linalg.cholesky(gram))[:, :-1, 0]

    def lime(self, x):
        xi = self.bernoulli()
        distances = x.square() @ (1 - xi).T
        pi = torch.exp(-distances)
        return self.regression(xi, self.values(x[:, None] * xi), pi / pi.sum(1, keepdim=True))

    def c_lime(self, x):
        xi = SIGMA * torch.randn(SAMPLES, FEATURES, dtype=torch.float64, generator=self.random)
        y = self.values(x[:, None] + xi)
        # one design for all rows
        design = torch.cat([xi, torch.ones(SAMPLES, 1, dtype=torch.float64)], 1)
        factor = torch.linalg.cholesky(design.T @ design)
        return torch.cholesky_solve(design.T @ y.T, factor)[:-1].T

    def kernel_shap(self, x):
        d = FEATURES
        k = torch.arange(1, d, dtype=torch.float64)
        sizes = 1 + torch.multinomial(1 / (k * (d - k)), SAMPLES // 2, True, generator=self.random)
        places = torch.rand(SAMPLES // 2, d, generator=self.random).argsort(1).argsort(1)
        half = (places < sizes[:, None]).double()
        xi = torch.cat([half, 1 - half])
        ends = self.values(torch.stack([torch.zeros_like(x), x], 1))
        y = self.values(x[:, None] * xi) - ends[:, :1]
        total = ends[:, 1] - ends[:, 0]
        factor = torch.linalg.cholesky(xi.T @ xi)
        u = torch.cholesky_solve(xi.T @ y.T, factor)
        v = torch.cholesky_solve(torch.ones(d, 1, dtype=torch.float64), factor)
        return (u - v * (u.sum(0) - total) / v.sum()).T

    def call(self):
        for x in self.parts:
            gradients = self.vanilla(x)
            found = [gradients, x * gradients, self.smooth(x), self.integrated(x), self.occlusion(x)]
            found += [self.lime(x), self.c_lime(x), self.kernel_shap(x)]
        return found[0][0, 0].item()

    def check(self):
        gradients = self.vanilla(self.x)
        found = [gradients, self.x * gradients, self.occlusion(self.x), self.integrated(self.x)]
        return [number.item() for w in found for number in (w[0, 0], w[-1, -1])]


PROGRAMS = {
    "explanations": lambda: Explanations(False),
    "explanations-one-by-one": lambda: Explanations(True),
}

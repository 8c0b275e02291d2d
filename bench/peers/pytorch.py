"""PyTorch's side of the comparison, eager mode: pytorch.py <inputs> <threads>."""

import math
import os
import sys
import time

import torch
import torch.nn.functional as F
import torch_bilevel
import torch_collaborative
import torch_convex_networks
import torch_curvature
import torch_diffusion
import torch_direction
import torch_explanations
import torch_imported
import torch_operators
import torch_score
import torch_stability
import torch_target_surrogate
from peer import Once, serve, sizes
from torch import func
from torch_convolutional import ConvolutionalProduct, ConvolutionalStep
from torch_spectrum import Eigenpairs, Lanczos
from torch_tools import descend, dot, load, norm

threads = int(sys.argv[2])
torch.set_num_threads(threads)

# The two-layer classifier.

NAMES = ["w1", "b1", "w2", "b2"]


def cross_entropy(parameters, x, y):
    w1, b1, w2, b2 = parameters
    return F.cross_entropy(torch.addmm(b2, torch.relu(torch.addmm(b1, x, w1)), w2), y)


class Step:
    units_per_call = 1

    def __init__(self, group):
        self.size = sizes[group]
        self.start = [load(f"{group}.{name}") for name in NAMES]
        self.x = load(f"{group}.x")[: self.size["batch"]].clone()
        self.y = load(f"{group}.y")[: self.size["batch"]].clone()

    def reset(self):
        self.parameters = [p.clone().requires_grad_() for p in self.start]

    def call(self):
        loss = cross_entropy(self.parameters, self.x, self.y)
        descend(self.parameters, loss, self.size["learningRate"])
        return loss.item()

    def moved(self):
        return norm([p.detach() - s for p, s in zip(self.parameters, self.start)])

    def check(self):
        self.reset()
        losses = [self.call() for _ in range(sizes["checkedIterations"])]
        return [*losses, self.moved()]


class Steps(Step):
    units_per_call = sizes["small"]["steps"]

    def __init__(self):
        super().__init__("small")
        self.x, self.y = load("small.x"), load("small.y")
        self.order = load("small.order")

    def call(self):
        losses = torch.empty(len(self.order))
        for i, chosen in enumerate(self.order):
            loss = cross_entropy(self.parameters, self.x[chosen], self.y[chosen])
            descend(self.parameters, loss, self.size["learningRate"])
            losses[i] = loss.detach()
        return losses.tolist()

    def check(self):
        self.reset()
        losses = self.call()
        return [losses[0], losses[-1], self.moved()]


class FullBatchSteps(Step):
    units_per_call = sizes["wide"]["steps"]

    def __init__(self):
        super().__init__("wide")

    def call(self):
        losses = torch.empty(self.units_per_call)
        for i in range(self.units_per_call):
            loss = cross_entropy(self.parameters, self.x, self.y)
            descend(self.parameters, loss, self.size["learningRate"])
            losses[i] = loss.detach()
        return losses.tolist()

    def check(self):
        self.reset()
        losses = self.call()
        return [losses[0], losses[-1], self.moved()]


# The six-layer network.

deep = sizes["deep"]


def network(prefix, dtype):
    names = [f"deep.{prefix}{kind}{i}" for i in range(deep["layers"]) for kind in ("w", "b")]
    return [load(name).to(dtype) for name in names]


def squared_error(parameters, x, y):
    h = x
    last = deep["layers"] - 1
    for i in range(deep["layers"]):
        z = torch.addmm(parameters[2 * i + 1], h, parameters[2 * i])
        h = torch.tanh(z) if i < last else z
    # Written out: torch.func cannot push tangents through mse_loss's backward pass (2.6).
    return ((h - y) ** 2).mean()


class Deep(Once):
    def __init__(self, dtype):
        self.parameters = [p.requires_grad_() for p in network("", dtype)]
        self.vector = network("v", dtype)
        self.x, self.y = load("deep.x").to(dtype), load("deep.y").to(dtype)


class Gradient(Deep):
    def call(self):
        loss = squared_error(self.parameters, self.x, self.y)
        self.gradient = torch.autograd.grad(loss, self.parameters)
        return loss.item()

    def check(self):
        value = self.call()
        return [value, norm(self.gradient), dot(self.gradient, self.vector)]


class DoubleBackward(Deep):
    def product(self):
        loss = squared_error(self.parameters, self.x, self.y)
        gradient = torch.autograd.grad(loss, self.parameters, create_graph=True)
        return torch.autograd.grad(gradient, self.parameters, self.vector)

    def call(self):
        return self.product()[0][0, 0].item()

    def check(self):
        product = self.product()
        return [norm(product), dot(product, self.vector)]


class ForwardOverReverse(DoubleBackward):
    def __init__(self, dtype):
        super().__init__(dtype)
        self.parameters = tuple(p.detach() for p in self.parameters)
        self.vector = tuple(self.vector)

    def product(self):
        gradient = func.grad(lambda p: squared_error(p, self.x, self.y))
        return func.jvp(gradient, (self.parameters,), (self.vector,))[1]


# Matrix products.


class MatrixProduct(Once):
    def __init__(self, order, dtype):
        self.a, self.b = (load(f"matmul.{order}.{name}").to(dtype) for name in "ab")

    def call(self):
        return self.a @ self.b

    def check(self):
        product = self.call()
        return [norm([product]), product[0, 0].item(), product[-1, -1].item()]


# The linear model.

linear = sizes["linear"]


def f1(tp, fp, fn, tn):
    return 2 * tp / (2 * tp + fp + fn)


def balanced(tp, fp, fn, tn):
    return (tp / (tp + fn) + tn / (tn + fp)) / 2


def geometric_mean(tp, fp, fn, tn):
    return torch.sqrt(tp / (tp + fn) * (tn / (tn + fp)))


def metric_loss(metric):
    def loss(z, y):
        score = linear["slope"] * (torch.sigmoid(z) - 0.5)
        positive, negative, absent = torch.sigmoid(score), torch.sigmoid(-score), 1 - y
        # Dot products are PyTorch's fastest way to sum a product of two vectors.
        counts = (torch.dot(y, positive), torch.dot(absent, positive), torch.dot(y, negative), torch.dot(absent, negative))
        return 1 - metric(*counts)

    return loss


class Linear:
    units_per_call = 1

    def __init__(self, loss, rate):
        self.loss, self.rate = loss, linear["learningRate"][rate]
        self.x, self.y = load("linear.x"), load("linear.y")

    def reset(self):
        self.theta = torch.zeros(linear["features"], requires_grad=True)

    def call(self):
        loss = self.loss(torch.mv(self.x, self.theta), self.y)
        descend([self.theta], loss, self.rate)
        return loss.item()

    def check(self):
        self.reset()
        losses = [self.call() for _ in range(sizes["checkedIterations"])]
        theta = self.theta.detach()
        return [losses[0], losses[-1], norm([theta]), dot([theta], [load("linear.direction")])]


PROGRAMS = {
    "step": lambda: Step("small"),
    "wide": lambda: Step("wide"),
    "steps": Steps,
    "fused-wide": FullBatchSteps,
    "gradient": lambda: Gradient(torch.float32),
    "hvp": lambda: DoubleBackward(torch.float32),
    "hvp-func": lambda: ForwardOverReverse(torch.float32),
    "hvp-double": lambda: DoubleBackward(torch.float64),
    "hvp-double-func": lambda: ForwardOverReverse(torch.float64),
    "bce": lambda: Linear(F.binary_cross_entropy_with_logits, "bce"),
    "f1": lambda: Linear(metric_loss(f1), "metric"),
    "balanced": lambda: Linear(metric_loss(balanced), "metric"),
    "gmean": lambda: Linear(metric_loss(geometric_mean), "metric"),
    "convolutional": ConvolutionalStep,
    "convolutional-hvp": ConvolutionalProduct,
    "lanczos": Lanczos,
    "eigenpairs": Eigenpairs,
    **torch_collaborative.PROGRAMS,
    **torch_operators.PROGRAMS,
    **torch_target_surrogate.PROGRAMS,
    **torch_bilevel.PROGRAMS,
    **torch_convex_networks.PROGRAMS,
    **torch_explanations.PROGRAMS,
    **torch_imported.PROGRAMS,
    **torch_diffusion.PROGRAMS,
    **torch_direction.PROGRAMS,
    **torch_score.PROGRAMS,
    **torch_stability.PROGRAMS,
    **torch_curvature.PROGRAMS,
}
for order in sizes["matmul"]:
    PROGRAMS[f"matmul-{order}"] = lambda order=order: MatrixProduct(order, torch.float32)
    PROGRAMS[f"matmul-{order}-double"] = lambda order=order: MatrixProduct(order, torch.float64)


def blas_library():
    """The BLAS that this process has loaded, as far as the system tells."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            files = {os.path.basename(line.split()[-1]) for line in maps if "blas" in line}
    except OSError:
        return "built-in BLAS"
    return next((name for name in sorted(files) if "openblas" in name), None) or ", ".join(sorted(files)) or "built-in BLAS"


def matmul_rate(size=512):
    """GFLOP/s of a float32 matrix product."""
    a = torch.ones(size, size)
    best = math.inf
    for _ in range(5):
        start = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def identity():
    plural = "s" if threads > 1 else ""
    passive = ", passive waiting" if os.environ.get("OMP_WAIT_POLICY") == "passive" else ""
    blas = f"{blas_library()}, {matmul_rate():.0f} GFLOP/s"
    return {"version": torch.__version__, "settings": f"{threads} thread{plural}{passive}", "blas": blas}


serve(identity(), PROGRAMS)

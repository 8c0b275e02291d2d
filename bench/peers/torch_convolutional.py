"""The network of two convolutions."""

import torch
import torch.nn.functional as F
from peer import Once, sizes
from torch_tools import descend, dot, load, norm

NAMES = ["w1", "b1", "w2", "b2", "w3", "b3"]
size = sizes["convolutional"]


def network(prefix):
    return [load(f"convolutional.{prefix}{name}") for name in NAMES]


def cross_entropy(parameters, x, y):
    w1, b1, w2, b2, w3, b3 = parameters
    h = F.max_pool2d(torch.relu(F.conv2d(x, w1, b1, padding=1)), 2)
    h = F.max_pool2d(torch.relu(F.conv2d(h, w2, b2, padding=1)), 2)
    return F.cross_entropy(torch.addmm(b3, h.flatten(1), w3), y)


class ConvolutionalStep:
    units_per_call = 1

    def __init__(self):
        self.start = network("")
        self.x, self.y = load("convolutional.x"), load("convolutional.y")

    def reset(self):
        self.parameters = [p.clone().requires_grad_() for p in self.start]

    def call(self):
        loss = cross_entropy(self.parameters, self.x, self.y)
        descend(self.parameters, loss, size["learningRate"])
        return loss.item()

    def check(self):
        self.reset()
        losses = [self.call() for _ in range(sizes["checkedIterations"])]
        return [*losses, norm([p.detach() - s for p, s in zip(self.parameters, self.start)])]


class ConvolutionalProduct(Once):
    """The Hessian-vector product by two backward passes."""

    def __init__(self):
        self.parameters = [p.requires_grad_() for p in network("")]
        self.vector = network("v")
        self.x, self.y = load("convolutional.x"), load("convolutional.y")

    def product(self):
        loss = cross_entropy(self.parameters, self.x, self.y)
        gradient = torch.autograd.grad(loss, self.parameters, create_graph=True)
        return torch.autograd.grad(gradient, self.parameters, self.vector)

    def call(self):
        return self.product()[-1][0].item()

    def check(self):
        product = self.product()
        return [norm(product), dot(product, self.vector)]

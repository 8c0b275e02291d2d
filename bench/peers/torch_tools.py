"""What PyTorch's cases share."""

import math

import peer
import torch


def load(name):
    return torch.from_numpy(peer.load(name))


def norm(tensors):
    return math.sqrt(sum(float((t.double() ** 2).sum()) for t in tensors))


def dot(a, b):
    return sum(float((s.double() * t.double()).sum()) for s, t in zip(a, b))


def descend(parameters, loss, rate):
    gradient = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for p, g in zip(parameters, gradient):
            p.sub_(g, alpha=rate)

"""Diffusion models of paper 21: training steps that predict noise, and samples by Euler-Maruyama."""

import math

import torch
import torch.nn.functional as F
from peer import Once, manifest
from torch_tools import load

# as in ../diffusion-sizes.ts
VOLATILITY, START_TIME = 0.8, 2e-3
LEVELS, DECAY, RATE, CHECKED = 1000, 0.995, 1e-3, 64
BATCH = {"plane": 512, "images": 64}
SAMPLES, STEPS = 4000, 250


def features(t, count=16, longest=20, scale=3):
    half = count // 2
    frequencies = scale * longest ** (-torch.arange(half) / (half - 1))
    angles = t[:, None] * frequencies
    return torch.cat([torch.sin(angles), torch.cos(angles)], 1)


def perceptron(p, x, t):
    first = torch.addmm(p["layers.0.bias"], x, p["layers.0.weights"])
    time = torch.addmm(p["time.bias"], features(t), p["time.weights"])
    h = F.silu(first + time)
    for k in (1, 2):
        h = F.silu(torch.addmm(p[f"layers.{k}.bias"], h, p[f"layers.{k}.weights"]))
    return torch.addmm(p["layers.3.bias"], h, p["layers.3.weights"])


def u_net(p, x, t):
    def convolution(name, x, stride=1):
        w = p[f"{name}.weights"]
        return F.conv2d(x, w, p[f"{name}.bias"], stride=stride, padding=w.shape[-1] // 2)

    def normal(name, x):
        return F.group_norm(x, 8, p[f"{name}.scale"], p[f"{name}.shift"], 1e-5)

    def linear(name, x):
        return torch.addmm(p[f"{name}.bias"], x, p[f"{name}.weights"])

    time = linear("time.0.layers.1", F.silu(linear("time.0.layers.0", features(t))))
    condition = F.silu(time)

    def block(name, x):
        h = convolution(f"{name}.first", F.silu(normal(f"{name}.firstNormalization", x)))
        h = h + linear(f"{name}.condition.0", condition)[:, :, None, None]
        h = convolution(f"{name}.second", F.silu(normal(f"{name}.secondNormalization", h)))
        return h + (convolution(f"{name}.shortcut.0", x) if f"{name}.shortcut.0.weights" in p else x)

    fine = block("down.0.blocks.0", convolution("first", x))
    h = block("down.1.blocks.0", convolution("down.0.halve.0", fine, 2))
    h = convolution("up.0.double", F.interpolate(h, scale_factor=2, mode="nearest"))
    h = block("up.0.blocks.0", torch.cat([h, fine], 1))
    return convolution("last", F.silu(normal("lastNormalization", h)))


NETWORKS = {"plane": perceptron, "images": u_net}


def times(count):
    """From 1 down to the start of the window, with equal ratios."""
    return START_TIME ** (torch.arange(count + 1, dtype=torch.float64) / count)


class Model:
    def __init__(self, name):
        self.name = name
        self.network = NETWORKS[name]
        prefix = f"diffusion.{name}."
        places = [key[len(prefix) :] for key in manifest["arrays"] if key.startswith(prefix)]
        points = load(f"{prefix}points")
        self.start = {place: load(prefix + place) for place in places if place != "points"}
        self.points = points
        self.y = torch.log(points)
        self.mean = self.y.mean(0)
        self.variance = self.y.var(0, correction=0)
        share = (torch.arange(LEVELS) + 0.5) / LEVELS
        self.deviations = VOLATILITY * torch.sqrt(START_TIME ** (1 - share))
        self.reset()

    def reset(self):
        self.parameters = {place: value.clone().requires_grad_() for place, value in self.start.items()}
        self.averages = [value.clone() for value in self.start.values()]
        self.optimizer = torch.optim.Adam(self.parameters.values(), lr=RATE, fused=True)

    def noise(self, p, y, deviation):
        beside = deviation.reshape(-1, *([1] * (y.dim() - 1)))
        x = (y - self.mean) / torch.sqrt(self.variance + beside**2)
        return self.network(p, x, torch.log(deviation))

    def flow(self):
        """Heun's method on the probability flow in four steps, and the clean points."""
        with torch.inference_mode():
            y = self.y[:CHECKED]
            deviations = (VOLATILITY * torch.sqrt(times(4))).float()
            for a, b in zip(deviations, deviations[1:]):
                first = self.noise(self.start, y, a[None])
                second = self.noise(self.start, y + (b - a) * first, b[None])
                y = y + (b - a) * (first + second) / 2
            return torch.exp(y - deviations[-1] * self.noise(self.start, y, deviations[-1:])).double()

    def check(self):
        x = self.flow().flatten()
        return [x.sum().item(), x.square().sum().item(), x[0].item(), x[-1].item()]


class Training(Model):
    units_per_call = 1

    def call(self):
        rows = torch.randint(len(self.y), (BATCH[self.name],))
        deviation = self.deviations[torch.randint(LEVELS, rows.shape)]
        y = self.y[rows]
        z = torch.randn(y.shape)
        noisy = y + deviation.reshape(-1, *([1] * (y.dim() - 1))) * z
        loss = F.mse_loss(self.noise(self.parameters, noisy, deviation), z)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, list(self.parameters.values()), 1 - DECAY)


class Sampling(Once, Model):
    def __init__(self):
        super().__init__("plane")

    def reset(self):
        pass

    def call(self):
        """With what a step adds to all samples alike made once a step, and every activation in place."""
        p = self.start
        grid = times(STEPS)
        deviations = VOLATILITY * torch.sqrt(grid)
        with torch.inference_mode():
            spread = torch.sqrt(self.variance + VOLATILITY**2)
            y = self.mean + spread * torch.randn(SAMPLES, 2)
            time = torch.addmm(p["time.bias"], features(torch.log(deviations).float()), p["time.weights"])
            rows = time + p["layers.0.bias"]
            for k in range(STEPS):
                length, deviation = float(grid[k] - grid[k + 1]), float(deviations[k])
                h = (y - self.mean) / torch.sqrt(self.variance + deviation**2)
                h = F.silu(torch.addmm(rows[k], h, p["layers.0.weights"]), inplace=True)
                h = F.silu(torch.addmm(p["layers.1.bias"], h, p["layers.1.weights"]), inplace=True)
                h = F.silu(torch.addmm(p["layers.2.bias"], h, p["layers.2.weights"]), inplace=True)
                h = torch.addmm(p["layers.3.bias"], h, p["layers.3.weights"])
                y.add_(h, alpha=-length * VOLATILITY**2 / deviation)
                y.add_(torch.randn(SAMPLES, 2), alpha=math.sqrt(length) * VOLATILITY)
            return torch.exp(y - float(deviations[-1]) * self.noise(p, y, deviations[-1:].float())).sum().item()


PROGRAMS = {
    "diffusion-plane": lambda: Training("plane"),
    "diffusion-images": lambda: Training("images"),
    "diffusion-sampling": Sampling,
}

"""Single-example steps of a two-layer ReLU network, clipped, as PyTorch code is written."""

import torch
from peer import Once
from torch_tools import load

# as in ../stability-sizes.ts
CLIP = 10
RATE, STEPS, CHECKED = 0.016, 500, 20


class Steps(Once):
    units_per_call = STEPS

    def __init__(self):
        self.x, self.y = load("stability.x").double(), load("stability.y").double()
        self.start = [load(f"stability.{name}").double() for name in "Wa"]
        self.order = load("stability.order").tolist()

    def call(self, count=STEPS):
        W, a = self.parameters = [value.clone().requires_grad_() for value in self.start]
        optimizer = torch.optim.SGD(self.parameters, lr=RATE)
        for i in self.order[:count]:
            optimizer.zero_grad()
            loss = (torch.relu(W @ self.x[i]) @ a - self.y[i]) ** 2 / 2
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
            optimizer.step()
        return W[0, 0].item()

    def check(self):
        self.call(CHECKED)
        W, a = (value.detach() for value in self.parameters)
        loss = ((torch.relu(self.x @ W.T) @ a - self.y) ** 2).mean() / 2
        return [float(loss), float((W**2).sum() + (a**2).sum())]


PROGRAMS = {"stability-step": Steps}

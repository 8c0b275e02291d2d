"""The norm test's step in PyTorch, with per-sample gradients by vmap: `torch_batch_size.py <inputs> <threads>`."""

import json
import resource
import sys
import time

import numpy as np
import torch
from torch.func import functional_call, grad_and_value, vmap

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
sizes = json.load(open(f"{folder}/sizes.json"))


def load(name, shape, kind=np.float32):
    return torch.from_numpy(np.fromfile(f"{folder}/{name}", kind).reshape(shape))


def network(problem):
    inputs, hidden, outputs = problem["widths"]
    model = torch.nn.Sequential(torch.nn.Linear(inputs, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, outputs))
    name = problem["name"]
    with torch.no_grad():
        model[0].weight.copy_(load(f"{name}.w0", (inputs, hidden)).T)
        model[0].bias.copy_(load(f"{name}.b0", (hidden,)))
        model[2].weight.copy_(load(f"{name}.w1", (hidden, outputs)).T)
        model[2].bias.copy_(load(f"{name}.b1", (outputs,)))
    return model


def statistics(model, x, y):
    """Loss, mean gradient, |g|^2 and |V|_1 of a batch."""
    parameters = {k: p.detach() for k, p in model.named_parameters()}

    def loss(p, row, label):
        return torch.nn.functional.cross_entropy(functional_call(model, p, (row[None],)), label[None])

    rows, losses = vmap(grad_and_value(loss), in_dims=(None, 0, 0))(parameters, x, y)
    means = {k: g.mean(0) for k, g in rows.items()}
    square = sum(float((m**2).sum()) for m in means.values())
    variance = sum(float(g.var(0).sum()) for g in rows.values())
    return float(losses.mean()), means, square, variance


def step(model, optimizer, x, y):
    value, means, square, variance = statistics(model, x, y)
    for k, p in model.named_parameters():
        p.grad = means[k]
    optimizer.step()
    return value, square, variance


def one_step(problem):
    model, rows = network(problem), problem["rows"]
    x = load("step.x", (rows, problem["widths"][0]))
    y = load("step.y", (rows,), np.int64)
    # What the first call of a library allocates for itself is not counted.
    step(network(problem), torch.optim.Adagrad(model.parameters(), lr=0.01), x[:2], y[:2])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    numbers = step(model, torch.optim.Adagrad(model.parameters(), lr=0.01), x, y)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.01)
    times = []
    for _ in range(problem["steps"]):
        start = time.perf_counter()
        step(model, optimizer, x, y)
        times.append(1e3 * (time.perf_counter() - start))
    return {"numbers": numbers, "milliseconds": min(times), "megabytes": memory / 1024}


def to_accuracy(problem):
    model, rows = network(problem), problem["rows"]
    x, y = load("train.x", (rows, 64)), load("train.y", (rows,), np.int64)
    held, labels = load("test.x", (-1, 64)), load("test.y", (-1,), np.int64)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(1)
    size, position, order, steps, spent = 8, 0, torch.randperm(rows, generator=generator), 0, 0.0
    while steps < 5000:
        start = time.perf_counter()
        if position + size > rows:
            order, position = torch.randperm(rows, generator=generator), 0
        chosen = order[position : position + size]
        position += size
        _, square, variance = step(model, optimizer, x[chosen], y[chosen])
        proposed = int(np.ceil(variance / (problem["eta"] ** 2 * square)))
        if proposed > size:
            size, position = min(proposed, rows), rows
        steps += 1
        spent += time.perf_counter() - start
        with torch.no_grad():
            if float((model(held).argmax(1) == labels).float().mean()) >= problem["accuracy"]:
                break
    return {"steps": steps, "milliseconds": 1e3 * spent}


print(json.dumps({"step": one_step(sizes["step"]), "accuracy": to_accuracy(sizes["accuracy"])}))

"""The largest eigenvalues of a network's Hessian, which is known by its products with vectors."""

import torch
import torch.nn.functional as F
from peer import Once, sizes
from torch_tools import load

size = sizes["spectrum"]


class Hessian:
    """Products by two backward passes, the first of which all products share."""

    def __init__(self):
        names = ["w1", "b1", "w2", "b2"]
        self.parameters = [load(f"spectrum.{name}").double().requires_grad_() for name in names]
        self.x, self.y = load("spectrum.x").double(), load("spectrum.y")

    def linearize(self):
        w1, b1, w2, b2 = self.parameters
        logits = torch.addmm(b2, torch.tanh(torch.addmm(b1, self.x, w1)), w2)
        loss = F.cross_entropy(logits, self.y)
        gradient = torch.autograd.grad(loss, self.parameters, create_graph=True)
        self.gradient = torch.cat([g.flatten() for g in gradient])

    def product(self, vector):
        product = torch.autograd.grad(self.gradient, self.parameters, vector, retain_graph=True)
        return torch.cat([p.flatten() for p in product])


class Spectrum(Once):
    def __init__(self):
        self.hessian = Hessian()
        self.start = load("spectrum.start").double()

    def check(self):
        return self.call()


class Lanczos(Spectrum):
    """Lanczos steps, each vector made orthogonal to all before it, twice, by products with their matrix."""

    def call(self):
        self.hessian.linearize()
        steps = size["steps"]
        basis = torch.empty(steps + 1, len(self.start), dtype=torch.float64)
        basis[0] = self.start / self.start.norm()
        alpha, beta = torch.empty(steps, dtype=torch.float64), torch.empty(steps, dtype=torch.float64)
        for j in range(steps):
            u = self.hessian.product(basis[j])
            alpha[j] = torch.dot(basis[j], u)
            done = basis[: j + 1]
            for _ in range(2):
                u -= done.T @ (done @ u)
            beta[j] = u.norm()
            basis[j + 1] = u / beta[j]
        tridiagonal = torch.diag(alpha) + torch.diag(beta[:-1], 1) + torch.diag(beta[:-1], -1)
        return torch.linalg.eigvalsh(tridiagonal)[-size["eigenvalues"] :].tolist()


class Eigenpairs(Spectrum):
    """scipy's eigsh (ARPACK: Lanczos with implicit restarts) over the same products."""

    def __init__(self):
        from scipy.sparse import linalg

        super().__init__()
        n = len(self.start)
        matvec = lambda v: self.hessian.product(torch.from_numpy(v.ravel())).numpy()
        self.operator = linalg.LinearOperator((n, n), matvec=matvec, dtype="float64")
        self.eigsh = linalg.eigsh

    def call(self):
        self.hessian.linearize()
        start = self.start.numpy()
        values, _ = self.eigsh(self.operator, k=size["eigenvalues"], which="LA", v0=start, tol=size["tolerance"])
        return sorted(values.tolist())

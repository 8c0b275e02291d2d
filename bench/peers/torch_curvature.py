"""Curvature of a network's loss by double backward passes, and tangent kernels by torch.func."""

import torch
import torch.nn.functional as F
from peer import Once, sizes
from torch import func
from torch_tools import load

about = sizes["curvature"]
LAYERS = len(about["widths"]) - 1


def outputs(parameters, x):
    h = x
    for i in range(0, len(parameters), 2):
        z = h @ parameters[i] + parameters[i + 1]
        h = torch.tanh(z) if i + 2 < len(parameters) else z
    return h


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


class Network(Once):
    def __init__(self, name="curvature", layers=LAYERS):
        names = [f"{name}.{kind}{i}" for i in range(layers) for kind in "wb"]
        self.parameters = [load(n).double().requires_grad_() for n in names]
        self.x, self.y = load(f"{name}.x").double(), load(f"{name}.y")

    def vectors(self, v):
        parts = torch.split(v, [p.numel() for p in self.parameters])
        return [part.view_as(p) for part, p in zip(parts, self.parameters)]

    def linearize(self):
        loss = F.cross_entropy(outputs(self.parameters, self.x), self.y)
        self.gradient = flat(torch.autograd.grad(loss, self.parameters, create_graph=True))

    def product(self, v):
        """The first backward pass is kept for all products at the point."""
        return flat(torch.autograd.grad(self.gradient, self.parameters, v, retain_graph=True))


class Products(Network):
    def __init__(self, *which):
        super().__init__(*which)
        self.vector = load(f"{which[0] if which else 'curvature'}.v").double()
        self.linearize()

    def call(self):
        self.result = self.product(self.vector)

    def check(self):
        self.call()
        return [self.result.norm().item(), torch.dot(self.result, self.vector).item()]


class GaussNewton(Products):
    """J v as the derivative of J^T u by u: both graphs are kept for all products at the point."""

    def linearize(self):
        self.logits = outputs(self.parameters, self.x)
        self.dual = torch.zeros_like(self.logits, requires_grad=True)
        pulled = torch.autograd.grad(self.logits, self.parameters, self.dual, create_graph=True)
        self.pulled = flat(pulled)
        self.p = torch.softmax(self.logits, 1).detach()

    def curve(self, u):
        pu = self.p * u
        return (pu - self.p * pu.sum(1, keepdim=True)) / len(u)

    def product(self, v):
        (tangent,) = torch.autograd.grad(self.pulled, self.dual, v, retain_graph=True)
        return flat(torch.autograd.grad(self.logits, self.parameters, self.curve(tangent), retain_graph=True))


class GaussNewtonFunc(GaussNewton):
    def linearize(self):
        self.point = tuple(p.detach() for p in self.parameters)
        self.p = torch.softmax(outputs(self.point, self.x), 1)

    def product(self, v):
        model = lambda parameters: outputs(parameters, self.x)
        _, tangent = func.jvp(model, (self.point,), (tuple(self.vectors(v)),))
        _, pullback = func.vjp(model, self.point)
        return flat(pullback(self.curve(tangent))[0])


class HessianFunc(Products):
    """Forward over reverse."""

    def linearize(self):
        self.point = tuple(p.detach() for p in self.parameters)

    def product(self, v):
        gradient = func.grad(lambda parameters: F.cross_entropy(outputs(parameters, self.x), self.y))
        return flat(func.jvp(gradient, (self.point,), (tuple(self.vectors(v)),))[1])


class Figure(Network):
    def check(self):
        return self.call()


class Trace(Figure):
    def __init__(self):
        super().__init__()
        self.signs = [load(f"curvature.signs.{i}").double() for i in range(about["traceProbes"])]

    def call(self):
        self.linearize()
        draws = torch.stack([torch.dot(z, self.product(z)) for z in self.signs])
        return [draws.mean().item(), (draws.std() / len(draws) ** 0.5).item()]


def lanczos(product, start, steps, done=lambda alpha, beta: False):
    """Plain Lanczos, each vector made orthogonal to all before it, twice: the tridiagonal matrix, and the last beta."""
    basis = torch.empty(steps + 1, len(start), dtype=torch.float64)
    basis[0] = start / start.norm()
    alpha, beta = [], []
    for j in range(steps):
        u = product(basis[j])
        alpha.append(torch.dot(basis[j], u))
        before = basis[: j + 1]
        for _ in range(2):
            u -= before.T @ (before @ u)
        beta.append(u.norm())
        basis[j + 1] = u / beta[j]
        if done(alpha, beta):
            break
    return tridiagonal(alpha, beta)


def tridiagonal(alpha, beta):
    off = torch.stack(beta[:-1]) if len(beta) > 1 else torch.empty(0, dtype=torch.float64)
    return torch.diag(torch.stack(alpha)) + torch.diag(off, 1) + torch.diag(off, -1)


class Quadrature(Figure):
    def __init__(self):
        super().__init__()
        self.starts = [load(f"curvature.start.{i}").double() for i in range(about["quadrature"]["probes"])]

    def call(self):
        self.linearize()
        first, second = 0, 0
        for start in self.starts:
            T = lanczos(self.product, start, about["quadrature"]["steps"])
            nodes, vectors = torch.linalg.eigh(T)
            weights = vectors[0] ** 2
            first += torch.dot(weights, nodes).item()
            second += torch.dot(weights, nodes**2).item()
        return [first / len(self.starts), second / len(self.starts)]


class Eigenvalues(Figure):
    """Plain Lanczos until the residuals of the wanted pairs are small, looked at every five steps as gradus does."""

    def call(self):
        self.linearize()
        count, tolerance = about["eigenpairs"]["count"], about["eigenpairs"]["tolerance"]

        def done(alpha, beta):
            if len(alpha) % 5 != 0:
                return False
            values, vectors = torch.linalg.eigh(tridiagonal(alpha, beta))
            residuals = beta[-1] * vectors[-1, -count:].abs()
            return len(alpha) > count and bool((residuals <= tolerance * values[-count:].abs()).all())

        start = load("curvature.start.0").double()
        T = lanczos(self.product, start, 1000, done)
        return torch.linalg.eigvalsh(T)[-count:].flip(0).tolist()


class ArpackEigenvalues(Figure):
    """scipy's eigsh (ARPACK: Lanczos with implicit restarts) over the same products."""

    def __init__(self):
        from scipy.sparse import linalg

        super().__init__()
        self.start = load("curvature.start.0").double().numpy()
        n = len(self.start)
        matvec = lambda v: self.product(torch.from_numpy(v.ravel())).numpy()
        self.operator = linalg.LinearOperator((n, n), matvec=matvec, dtype="float64")
        self.eigsh = linalg.eigsh

    def call(self):
        self.linearize()
        about_pairs = about["eigenpairs"]
        values, _ = self.eigsh(self.operator, k=about_pairs["count"], which="LA", v0=self.start, tol=about_pairs["tolerance"])
        return sorted(values.tolist(), reverse=True)


class TangentKernel(Network):
    """Jacobians of all rows by vmap of jacrev, and the products of their rows: the kernel's mean over the outputs."""

    def __init__(self, points, *which):
        super().__init__(*which)
        self.point = [p.detach() for p in self.parameters]
        self.rows = self.x[:points].clone()

    def call(self):
        one = lambda parameters, x: outputs(parameters, x)
        jacobians = func.vmap(func.jacrev(one), (None, 0))(self.point, self.rows)
        parts = (j.flatten(2) for j in jacobians)
        return sum(torch.einsum("nkp,mkp->nm", j, j) for j in parts) / jacobians[0].shape[1]

    def check(self):
        K = self.call()
        return [K.trace().item(), K.sum().item(), K[0, -1].item()]


PROGRAMS = {
    "curvature-hessian": Products,
    "curvature-hessian-func": HessianFunc,
    "curvature-gauss-newton": GaussNewton,
    "curvature-gauss-newton-func": GaussNewtonFunc,
    "curvature-trace": Trace,
    "curvature-quadrature": Quadrature,
    "curvature-eigenvalues": Eigenvalues,
    "curvature-eigenvalues-arpack": ArpackEigenvalues,
    "tangent-kernel": lambda: TangentKernel(about["points"]),
}
scaling = sizes["scaling"]
for by in ("widths", "rows"):
    for size in scaling["hessian"][by]:
        PROGRAMS[f"scaling-hessian-{by}-{size}"] = lambda by=by, size=size: Products(f"scaling.hessian.{by}.{size}", 3)
    for size in scaling["tangent"][by]:
        points = size if by == "rows" else scaling["fixed"]["tangent"]["rows"]
        PROGRAMS[f"scaling-tangent-{by}-{size}"] = lambda by=by, size=size, points=points: TangentKernel(
            points, f"scaling.tangent.{by}.{size}", 3
        )

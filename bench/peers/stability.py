"""Stability thresholds in numpy: power iteration, Lanczos and the matrix written out; and steps of a small network."""

import numpy
from peer import Once, load
from scipy.sparse import linalg

# as in ../stability-sizes.ts
CHANGE = 1e-10
CLIP = 10
RATE, STEPS, CHECKED = 0.016, 500, 20
SGD, SGD_STEPS = (0.008, 0.016, 0.032), 20000
GD, GD_STEPS = (0.016, 0.064, 0.1, 0.14), 300


class Threshold(Once):
    """1/nu, with nu the largest eigenvalue of M -> K(M) / (G M + M G) in the eigenbasis of G; batches of one."""

    def __init__(self, name):
        self.J = load(f"stability.{name}").astype(float)

    def prepare(self):
        n = len(self.J)
        values, vectors = numpy.linalg.eigh(self.J @ self.J.T / n)
        kept = values > 1e-12 * values[-1]
        values = values[kept]
        A = numpy.sqrt(n) * vectors[:, kept] * numpy.sqrt(values)
        return A, values[:, None] + values

    def check(self):
        return [float(self.call())]


class Power(Threshold):
    def call(self):
        A, D = self.prepare()
        n, r = A.shape
        M, last = numpy.eye(r), 0.0
        for k in range(5000):
            q = numpy.einsum("ik,ik->i", A @ M, A)
            N = (A.T * q) @ A / n
            nu = (M * N).sum() / (M * D * M).sum()
            if abs(nu - last) <= CHANGE * nu:
                break
            last = nu
            M = N / D
            M /= numpy.linalg.norm(M)
        self.iterations = k + 1
        return 1 / nu


class Lanczos(Threshold):
    def call(self):
        A, D = self.prepare()
        n, r = A.shape
        root = numpy.sqrt(D)
        self.iterations = 0

        def product(s):
            self.iterations += 1
            q = numpy.einsum("ik,ik->i", A @ (s.reshape(r, r) / root), A)
            return ((A.T * q) @ A / n / root).ravel()

        operator = linalg.LinearOperator((r * r, r * r), matvec=product, dtype=float)
        start = (numpy.eye(r) * root).ravel()
        return 1 / linalg.eigsh(operator, k=1, which="LA", v0=start, tol=1e-6, return_eigenvectors=False)[0]


class Kronecker(Threshold):
    def call(self):
        n, P = self.J.shape
        G, identity = self.J.T @ self.J / n, numpy.eye(P)
        squares = numpy.einsum("ia,ib->iab", self.J, self.J).reshape(n, P * P)
        K = squares.T @ squares / n
        curvature = numpy.kron(G, identity) + numpy.kron(identity, G)
        return 1 / numpy.linalg.eigvals(numpy.linalg.solve(curvature, K)).real.max()


class Network:
    def __init__(self):
        self.x, self.y, self.W0, self.a0 = (load(f"stability.{name}").astype(float) for name in "xyWa")
        self.order = load("stability.order")
        self.squares = (self.x**2).sum(axis=1)

    def start(self):
        self.W, self.a = self.W0.copy(), self.a0.copy()

    def descend(self, rate, count):
        W, a = self.W, self.a
        for i in self.order[:count]:
            x = self.x[i]
            z = W @ x
            active = z > 0
            h = z * active
            r = a @ h - self.y[i]
            slopes = a * active
            length = abs(r) * numpy.sqrt(h @ h + self.squares[i] * (slopes @ slopes))
            scale = r * (rate if length <= CLIP else rate * CLIP / length)
            W -= (scale * slopes)[:, None] * x
            a -= scale * h

    def descend_all(self, rate, count):
        W, a, x = self.W, self.a, self.x
        for _ in range(count):
            z = x @ W.T
            active = z > 0
            h = z * active
            r = (h @ a - self.y) / len(x)
            da = r @ h
            dW = (r[:, None] * active * a).T @ x
            length = numpy.sqrt(da @ da + (dW**2).sum())
            scale = rate if length <= CLIP else rate * CLIP / length
            W -= scale * dW
            a -= scale * da

    def loss(self):
        h = numpy.maximum(self.x @ self.W.T, 0)
        return ((h @ self.a - self.y) ** 2).mean() / 2


class Steps(Once):
    units_per_call = STEPS

    def __init__(self):
        self.network = Network()

    def call(self, count=STEPS):
        self.network.start()
        self.network.descend(RATE, count)
        return self.network.W[0, 0]

    def check(self):
        self.call(CHECKED)
        network = self.network
        return [float(network.loss()), float((network.W**2).sum() + (network.a**2).sum())]


class Experiment(Once):
    def __init__(self):
        self.network = Network()

    def call(self):
        network, losses = self.network, []
        for rate in SGD:
            network.start()
            network.descend(rate, SGD_STEPS)
            losses.append(network.loss())
        for rate in GD:
            network.start()
            network.descend_all(rate, GD_STEPS)
            losses.append(network.loss())
        return losses

    def check(self):
        return [float(loss < 0.5) for loss in self.call()]


PROGRAMS = {"stability-step": Steps, "stability-experiment": Experiment}
for name in ("small", "large"):
    for method, threshold in (("power", Power), ("lanczos", Lanczos), ("kronecker", Kronecker)):
        PROGRAMS[f"stability-threshold-{name}-{method}"] = lambda name=name, threshold=threshold: threshold(name)

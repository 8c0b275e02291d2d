"""Equality constraints' peers: scipy's trust-constr and SLSQP with exact derivatives, scipy's and numpy's linear solvers."""

import os
import warnings

import numpy
from equality_problems import PROBLEMS
from fitting import Data
from peer import Once, manifest, sizes
from scipy import optimize, sparse
from scipy.linalg import solve
from scipy.sparse import linalg

# as in ../equality-sizes.ts
TOLERANCE = 1e-8
EQUATIONS = 10
SPLICE_ROWS = 1000
RESIDUAL = 1e-6
ORDERS = (100, 400)
DESIGNS = ((1000, 50), (10_000, 20), (10_000, 200))

warnings.simplefilter("ignore")


def residual(problem, x):
    """The KKT residual with the best multipliers."""
    J, g = problem.j(x), problem.g(x)
    multipliers = numpy.linalg.lstsq(J.T, -g, rcond=None)[0]
    return numpy.hypot(numpy.linalg.norm(g + J.T @ multipliers), numpy.linalg.norm(problem.c(x)))


def minimize(problem, method, iterations, callback=None):
    if method == "SLSQP":
        constraints = {"type": "eq", "fun": problem.c, "jac": problem.j}
        options, curved = {"ftol": 1e-16, "maxiter": iterations}, {}
    else:
        constraints = optimize.NonlinearConstraint(problem.c, 0, 0, jac=problem.j, hess=problem.hc)
        options, curved = {"gtol": 1e-14, "xtol": 1e-16, "maxiter": iterations}, {"hess": problem.h}
    return optimize.minimize(
        problem.f,
        problem.start,
        jac=problem.g,
        method=method,
        constraints=constraints,
        options=options,
        callback=callback,
        **curved,
    )


class Found(Exception):
    pass


def needed(problem, method):
    """The fewest iterations after which the KKT residual is at most 1e-8: timed runs make as many and no more."""
    count = 0

    def watch(x, *_):
        nonlocal count
        count += 1
        if residual(problem, x) <= TOLERANCE:
            raise Found

    try:
        minimize(problem, method, 1000, watch)
    except Found:
        pass
    # SLSQP's limit and its callback do not count the same
    tries = range(count, count + 40)
    return next((k for k in tries if residual(problem, minimize(problem, method, k).x) <= TOLERANCE), None)


class Minimizations(Once):
    """Problems that the method cannot bring to the residual are run until it gives up."""

    def __init__(self, problems, method):
        self.method = method
        self.plan = [(problem, needed(problem, method) or 1000) for problem in problems]

    def call(self):
        return [minimize(problem, self.method, count) for problem, count in self.plan]

    def check(self):
        results = self.call()
        self.iterations = sum(result.nit for result in results)
        return [float(sum(result.fun for result in results))]


def mushrooms():
    from sklearn.datasets import load_svmlight_file

    X, labels = load_svmlight_file(manifest["files"]["mushrooms"])
    return X, 2 * labels - 3


def splice():
    """The first rows, each feature from -1 to 1."""
    from sklearn.datasets import load_svmlight_file

    path = os.path.join(os.environ.get("GRADUS_DATA_DIR", ""), "splice.libsvm.txt")
    if not os.path.exists(path):
        raise RuntimeError("splice.libsvm.txt is not in the folder that GRADUS_DATA_DIR names")
    X, labels = load_svmlight_file(path)
    X = X[:SPLICE_ROWS].toarray()
    least, most = X.min(axis=0), X.max(axis=0)
    return sparse.csr_matrix(2 * (X - least) / (most - least) - 1), labels[:SPLICE_ROWS]


def drawn(rows, columns):
    data = Data(f"fit-logistic-{rows}-{columns}", rows, columns, None)
    return data.A, data.y


class Logistic:
    """min mean ln(1 + exp(-y <a, x>)) subject to cos((i + 1)(j + 1)) x = 0.05 and |x|^2 = 1."""

    def __init__(self, data):
        self.X, self.y = data()
        n = self.X.shape[1]
        self.A = numpy.cos(numpy.outer(numpy.arange(EQUATIONS) + 1, numpy.arange(n) + 1))
        self.start = numpy.ones(n)
        self.eye = numpy.eye(n)

    def f(self, x):
        return numpy.logaddexp(0, -self.y * (self.X @ x)).mean()

    def g(self, x):
        weights = -self.y / (1 + numpy.exp(self.y * (self.X @ x)))
        return self.X.T @ weights / len(weights)

    def h(self, x):
        p = 1 / (1 + numpy.exp(-(self.X @ x)))
        weights = (p * (1 - p) / len(p))[:, None]
        if sparse.issparse(self.X):
            return (self.X.T @ self.X.multiply(weights)).toarray()
        return self.X.T @ (self.X * weights)

    def c(self, x):
        return numpy.append(self.A @ x - 0.05, x @ x - 1)

    def j(self, x):
        return numpy.vstack([self.A, 2 * x])

    def hc(self, x, v):
        return 2 * v[-1] * self.eye


def reflection(n, period):
    v = 1.0 + numpy.arange(n) % period
    return numpy.eye(n) - 2 * numpy.outer(v, v) / (v @ v)


class System(Once):
    """[[B, G^T], [G, 0]] with B = Q diag(1 .. 3) Q, G = 1.5 times orthonormal rows."""

    def __init__(self, d, by):
        n = 4 * d // 5
        Q = reflection(n, 7)
        B = (Q * numpy.linspace(1, 3, n)) @ Q.T
        G = 1.5 * reflection(n, 5)[: d - n]
        self.K = numpy.block([[B, G.T], [G, numpy.zeros((d - n, d - n))]])
        self.b = numpy.sin(numpy.arange(d) + 1.0)
        self.by = by

    def call(self):
        if self.by == "solve":
            return numpy.linalg.solve(self.K, self.b)
        if self.by == "symmetric":
            return solve(self.K, self.b, assume_a="sym", check_finite=False)
        if self.by == "minres":
            return linalg.minres(self.K, self.b, rtol=RESIDUAL / 10)[0]
        restart = len(self.b) if self.by == "gmres" else 2
        return linalg.gmres(self.K, self.b, rtol=RESIDUAL, restart=restart, maxiter=10_000)[0]

    def check(self):
        x = self.call()
        if numpy.linalg.norm(self.K @ x - self.b) > 2 * RESIDUAL * numpy.linalg.norm(self.b):
            raise RuntimeError(f"{self.by} stopped short of the residual")
        return [float(numpy.linalg.norm(x))]


PROGRAMS = {}
for method in ("trust-constr", "SLSQP"):
    PROGRAMS[f"equality-small-{method}"] = lambda method=method: Minimizations(PROBLEMS.values(), method)
    for data in (mushrooms, splice):
        PROGRAMS[f"equality-{data.__name__}-{method}"] = lambda data=data, method=method: Minimizations(
            [Logistic(data)], method
        )
    for rows, columns in DESIGNS:
        PROGRAMS[f"equality-{rows}-{columns}-{method}"] = lambda size=(rows, columns), method=method: Minimizations(
            [Logistic(lambda: drawn(*size))], method
        )
for order in {*ORDERS, *sizes["scaling"]["system"]["orders"]}:
    for solver in ("solve", "symmetric", "minres", "gmres", "gmres-2"):
        PROGRAMS[f"equality-system-{order}-{solver}"] = lambda d=order, by=solver: System(d, by)

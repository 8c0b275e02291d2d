"""Minimizers of scipy and scikit-learn on the problems of gradient-normalized smoothness."""

import functools
import warnings

import numpy
from peer import Once, load, manifest, sizes
from scipy import optimize, special

about = sizes["newton"]
OPTIONS = {
    "newton-cg": {"xtol": 0, "maxiter": 100000},
    "trust-exact": {"gtol": 0, "maxiter": 100000},
    "trust-ncg": {"gtol": 0, "maxiter": 100000},
    "l-bfgs-b": {"ftol": 0, "gtol": 0, "maxiter": 100000, "maxfun": 1000000},
}


def matrix(name, rows, columns):
    return load(f"{name}.A").astype(float).reshape(rows, columns), load(f"{name}.b").astype(float)


class LogSumExp:
    def __init__(self):
        n = about["logSumExp"]
        self.A, self.b = matrix("newton.log-sum-exp", n, n)
        self.A = self.A - self.gradient(numpy.zeros(n))
        self.x0 = numpy.ones(n)
        self.goal = self.value(numpy.zeros(n)) + about["gap"]

    def probabilities(self, x):
        return special.softmax(self.A @ x - self.b)

    def value(self, x):
        return special.logsumexp(self.A @ x - self.b)

    def gradient(self, x):
        return self.A.T @ self.probabilities(x)

    def both(self, x):
        z = self.A @ x - self.b
        value = special.logsumexp(z)
        return value, self.A.T @ numpy.exp(z - value)

    def product(self, x, v):
        p = self.probabilities(x)
        s = self.A @ v
        return self.A.T @ (p * (s - p @ s))

    def hessian(self, x):
        p = self.probabilities(x)
        g = self.A.T @ p
        return self.A.T @ (p[:, None] * self.A) - numpy.outer(g, g)

    def done(self, state):
        return state.fun <= self.goal

    def check(self, x):
        return [float(self.value(x))]


class Residual:
    def __init__(self):
        m = about["residual"]["rows"]
        self.A, self.b = matrix("newton.residual", m, 2 * m)
        self.gram = self.A.T @ self.A
        self.x0 = numpy.ones(2 * m)
        self.first = self.both(self.x0)[0]
        self.goal = about["residual"]["target"] * self.first

    def both(self, x):
        u = self.A @ x - self.b
        r2 = u @ u
        return r2 * r2 / 4, r2 * (self.A.T @ u)

    def product(self, x, v):
        u = self.A @ x - self.b
        q = self.A.T @ u
        return (u @ u) * (self.A.T @ (self.A @ v)) + 2 * q * (q @ v)

    def hessian(self, x):
        u = self.A @ x - self.b
        q = self.A.T @ u
        return (u @ u) * self.gram + 2 * numpy.outer(q, q)

    def done(self, state):
        return state.fun <= self.goal

    def check(self, x):
        return [float(self.first), 1.0 if self.both(x)[0] <= self.goal else 0.0]


class Logistic:
    """Mean logistic loss + ridge/2 |w|^2, sparse rows."""

    def __init__(self):
        from sklearn.datasets import load_svmlight_file

        self.A, label = load_svmlight_file(manifest["files"]["mushrooms"])
        self.y = numpy.where(label == 1, 1.0, -1.0)
        self.At = self.A.T.tocsr()
        self.x0 = numpy.zeros(self.A.shape[1])
        self.last = None

    def both(self, w):
        m = self.y * (self.A @ w)
        slope = -self.y * special.expit(-m)
        value = numpy.logaddexp(0, -m).mean() + about["ridge"] / 2 * (w @ w)
        gradient = self.At @ slope / len(m) + about["ridge"] * w
        self.last = (w.copy(), gradient)
        return value, gradient

    def weights(self, w):
        s = special.expit(self.y * (self.A @ w))
        return s * (1 - s) / len(s)

    def hessian(self, w):
        H = (self.At @ self.A.multiply(self.weights(w)[:, None])).toarray()
        H[numpy.diag_indices_from(H)] += about["ridge"]
        return H

    def product(self, w, v):
        return self.At @ (self.weights(w) * (self.A @ v)) + about["ridge"] * v

    def done(self, state):
        if self.last is None or not numpy.array_equal(self.last[0], state.x):
            self.both(state.x)
        return numpy.linalg.norm(self.last[1]) <= about["gradient"]

    def check(self, w):
        return [float(self.both(w)[0])]


class DenseLogistic(Logistic):
    """The same on a dense normal design."""

    def __init__(self, columns):
        rows = sizes["scaling"]["logistic"]["rows"]
        self.A, self.y = matrix(f"scaling.logistic.{columns}", rows, columns)
        self.At = self.A.T
        self.x0 = numpy.zeros(columns)
        self.last = None


class Scipy(Once):
    """scipy.optimize.minimize until a callback finds the goal met."""

    def __init__(self, problem, method):
        self.problem = problem()
        self.method = method

    def call(self):
        problem, steps = self.problem, 0

        def callback(*, intermediate_result):
            nonlocal steps
            steps += 1
            if problem.done(intermediate_result):
                raise StopIteration

        curvature = {}
        if self.method in ("newton-cg", "trust-ncg"):
            curvature = {"hessp": problem.product}
        elif self.method == "trust-exact":
            curvature = {"hess": problem.hessian}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = optimize.minimize(
                problem.both, problem.x0, jac=True, method=self.method, callback=callback,
                options=OPTIONS[self.method], **curvature,
            )
        self.iterations = steps
        self.met = problem.done(result)
        return result.x

    def check(self):
        x = self.call()
        if not self.met:
            raise RuntimeError(f"stopped short of the goal after {self.iterations} iterations")
        return self.problem.check(x)


class ScikitLearn(Once):
    """LogisticRegression with the loosest tolerance, a power of ten, that reaches the gradient's goal."""

    def __init__(self, problem, solver):
        from sklearn.linear_model import LogisticRegression

        self.problem = problem()
        C = 1 / (self.problem.A.shape[0] * about["ridge"])
        for exponent in range(1, 15):
            self.model = LogisticRegression(
                C=C, fit_intercept=False, solver=solver, tol=10.0**-exponent, max_iter=100000
            )
            w = self.call()
            if numpy.linalg.norm(self.problem.both(w)[1]) <= about["gradient"]:
                return
        raise RuntimeError("no tolerance reaches the goal")

    def call(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model.fit(self.problem.A, self.problem.y)
        return self.model.coef_[0]

    def check(self):
        w = self.call()
        self.iterations = self.model.n_iter_[0]
        return self.problem.check(w)


PROGRAMS = {}
for name, problem, methods in (
    ("log-sum-exp", LogSumExp, ("newton-cg", "trust-exact", "l-bfgs-b")),
    ("residual", Residual, ("newton-cg", "trust-exact", "l-bfgs-b")),
    ("mushrooms", Logistic, ("trust-exact", "l-bfgs-b", "newton-cg", "trust-ncg")),
):
    for method in methods:
        PROGRAMS[f"newton-{name}-{method}"] = lambda problem=problem, method=method: Scipy(problem, method)
for solver in ("newton-cholesky", "lbfgs", "liblinear"):
    PROGRAMS[f"newton-mushrooms-{solver}"] = lambda solver=solver: ScikitLearn(Logistic, solver)
for columns in sizes["scaling"]["logistic"]["columns"]:
    logistic = functools.partial(DenseLogistic, columns)
    PROGRAMS[f"scaling-logistic-{columns}-l-bfgs-b"] = functools.partial(Scipy, logistic, "l-bfgs-b")
    for solver in ("newton-cholesky", "lbfgs"):
        PROGRAMS[f"scaling-logistic-{columns}-{solver}"] = functools.partial(ScikitLearn, logistic, solver)

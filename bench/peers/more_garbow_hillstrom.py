"""Problems of More, Garbow & Hillstrom (1981) in numpy, with derivatives by complex steps, and scipy's answers to them.

`python3 more_garbow_hillstrom.py` prints the table that packages/gradus/src/optimize/more-garbow-hillstrom.test.ts compares with: for
each problem f at the start, then f at the end and the points at which it was evaluated, for each method.
"""

import numpy
from scipy import optimize


def rosenbrock(x):
    return numpy.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def freudenstein_roth(x):
    a, b = x
    return numpy.array([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def beale(x):
    y = numpy.array([1.5, 2.25, 2.625])
    return y - x[0] * (1 - x[1] ** numpy.arange(1, 4))


def jennrich_sampson(x):
    i = numpy.arange(1, 11)
    return 2 + 2 * i - (numpy.exp(i * x[0]) + numpy.exp(i * x[1]))


def helical_valley(x):
    theta = numpy.arctan(x[1] / x[0]) / (2 * numpy.pi) + (0.5 if x[0].real < 0 else 0)
    return numpy.array([10 * (x[2] - 10 * theta), 10 * (numpy.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]])


BARD = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39]


def bard(x):
    u = numpy.arange(1, 16)
    v = 16 - u
    return numpy.array(BARD) - (x[0] + u / (v * x[1] + numpy.minimum(u, v) * x[2]))


def powell_singular(x):
    a, b, c, d = x
    return numpy.array([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def wood(x):
    a, b, c, d = x
    return numpy.array(
        [10 * (b - a * a), 1 - a, 90**0.5 * (d - c * c), 1 - c, 10**0.5 * (b + d - 2), (b - d) / 10**0.5]
    )


KOWALIK = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
TIMES = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]


def kowalik_osborne(x):
    u = numpy.array(TIMES)
    return numpy.array(KOWALIK) - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x):
    t = numpy.arange(1, 21) / 5
    return (x[0] + t * x[1] - numpy.exp(t)) ** 2 + (x[2] + x[3] * numpy.sin(t) - numpy.cos(t)) ** 2


def biggs(x):
    t = numpy.arange(1, 14) / 10
    y = numpy.exp(-t) - 5 * numpy.exp(-10 * t) + 3 * numpy.exp(-4 * t)
    return x[2] * numpy.exp(-t * x[0]) - x[3] * numpy.exp(-t * x[1]) + x[5] * numpy.exp(-t * x[4]) - y


def watson(x):
    t = numpy.arange(1, 30)[:, None] / 29
    j = numpy.arange(len(x))
    slope = (j[1:] * x[1:] * t ** (j[1:] - 1)).sum(axis=1)
    value = (x * t**j).sum(axis=1)
    return numpy.concatenate([slope - value**2 - 1, [x[0], x[1] - x[0] ** 2 - 1]])


def variably_dimensioned(x):
    j = numpy.arange(1, len(x) + 1)
    total = (j * (x - 1)).sum()
    return numpy.concatenate([x - 1, [total, total**2]])


def discrete_boundary_value(x):
    n = len(x)
    h = 1 / (n + 1)
    t = numpy.arange(1, n + 1) * h
    padded = numpy.concatenate([[0], x, [0]])
    return 2 * x - padded[:-2] - padded[2:] + h**2 * (x + t + 1) ** 3 / 2


def broyden_tridiagonal(x):
    padded = numpy.concatenate([[0], x, [0]])
    return (3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1


def chebyquad(x):
    n = len(x)
    rows = [numpy.cos(i * numpy.arccos(2 * x - 1)).mean() for i in range(1, n + 1)]
    return numpy.array(rows) + [1 / (i * i - 1) if i % 2 == 0 else 0 for i in range(1, n + 1)]


T = numpy.arange(1, 11) / 11
PROBLEMS = {
    "rosenbrock": (rosenbrock, [-1.2, 1]),
    "freudensteinRoth": (freudenstein_roth, [0.5, -2]),
    "beale": (beale, [1, 1]),
    "jennrichSampson": (jennrich_sampson, [0.3, 0.4]),
    "helicalValley": (helical_valley, [-1, 0, 0]),
    "bard": (bard, [1, 1, 1]),
    "powellSingular": (powell_singular, [3, -1, 0, 1]),
    "wood": (wood, [-3, -1, -3, -1]),
    "kowalikOsborne": (kowalik_osborne, [0.25, 0.39, 0.415, 0.39]),
    "brownDennis": (brown_dennis, [25, 5, -5, -1]),
    "biggsExponentials": (biggs, [1, 2, 1, 1, 1, 1]),
    "watson": (watson, [0] * 6),
    "variablyDimensioned": (variably_dimensioned, 1 - numpy.arange(1, 11) / 10),
    "discreteBoundaryValue": (discrete_boundary_value, T * (T - 1)),
    "broydenTridiagonal": (broyden_tridiagonal, [-1] * 10),
    "chebyquad": (chebyquad, numpy.arange(1, 9) / 9),
}

STEP = 1e-30


class Problem:
    """f = |u|^2 with gradients by complex steps and products by differences of gradients."""

    def __init__(self, name):
        self.residual, start = PROBLEMS[name]
        self.x0 = numpy.array(start, dtype=float)

    def residuals(self, x):
        return numpy.real(self.residual(numpy.asarray(x) + 0j))

    def jacobian(self, x):
        n = len(x)
        return numpy.stack([self.residual(x + STEP * 1j * numpy.eye(n)[j]).imag / STEP for j in range(n)], axis=1)

    def value(self, x):
        u = self.residuals(x)
        return u @ u

    def gradient(self, x):
        return 2 * self.jacobian(x).T @ self.residuals(x)

    def product(self, x, v):
        length = numpy.linalg.norm(v)
        if length == 0:
            return numpy.zeros_like(x)
        t = 1e-8 * (1 + numpy.linalg.norm(x)) / length
        return (self.gradient(x + t * v) - self.gradient(x)) / t

    def solve(self, method):
        if method == "lm":
            found = optimize.least_squares(
                self.residuals, self.x0, self.jacobian, method="lm", ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=5000
            )
            return 2 * found.cost, found.nfev
        options = {
            "L-BFGS-B": {"ftol": 1e-16, "gtol": 1e-8, "maxiter": 10000, "maxfun": 100000},
            "CG": {"gtol": 1e-8, "maxiter": 10000},
            "Newton-CG": {"xtol": 1e-12, "maxiter": 10000},
            "trust-ncg": {"gtol": 1e-7, "maxiter": 10000},
        }[method]
        found = optimize.minimize(
            self.value,
            self.x0,
            jac=self.gradient,
            hessp=self.product if method in ("Newton-CG", "trust-ncg") else None,
            method=method,
            options=options,
        )
        return found.fun, found.nfev


METHODS = ("L-BFGS-B", "CG", "Newton-CG", "trust-ncg", "lm")

if __name__ == "__main__":
    for name in PROBLEMS:
        problem = Problem(name)
        results = []
        for method in METHODS:
            value, count = problem.solve(method)
            results.append(f"[{value:.10g}, {count}]")
        print(f"  {name}: {{ start: {problem.value(problem.x0):.15g}, scipy: [{', '.join(results)}] }},")

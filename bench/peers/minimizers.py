"""Minimizers of scipy on problems of More, Garbow & Hillstrom, with Jacobians written out; sizes are minimizer-sizes.ts's."""

import more_garbow_hillstrom as mgh
import numpy
from peer import Once
from scipy import optimize

GRADIENT = 1e-6
ZERO = 1e-8


def rosenbrock(x):
    return numpy.array([[-20 * x[0], 10], [-1, 0]])


def wood(x):
    r90, r10 = 90**0.5, 10**0.5
    return numpy.array(
        [
            [-20 * x[0], 10, 0, 0],
            [-1, 0, 0, 0],
            [0, 0, -2 * r90 * x[2], r90],
            [0, 0, -1, 0],
            [0, r10, 0, r10],
            [0, 1 / r10, 0, -1 / r10],
        ]
    )


def bard(x):
    u = numpy.arange(1, 16)
    v = 16 - u
    w = numpy.minimum(u, v)
    below = (v * x[1] + w * x[2]) ** 2
    return numpy.stack([-numpy.ones(15), u * v / below, u * w / below], axis=1)


def kowalik_osborne(x):
    u = numpy.array(mgh.TIMES)
    above, below = u**2 + u * x[1], u**2 + u * x[2] + x[3]
    ratio = above / below
    return numpy.stack([-ratio, -x[0] * u / below, x[0] * ratio * u / below, x[0] * ratio / below], axis=1)


def brown_dennis(x):
    t = numpy.arange(1, 21) / 5
    one, other = x[0] + t * x[1] - numpy.exp(t), x[2] + x[3] * numpy.sin(t) - numpy.cos(t)
    return numpy.stack([2 * one, 2 * one * t, 2 * other, 2 * other * numpy.sin(t)], axis=1)


def watson(x):
    t = numpy.arange(1, 30)[:, None] / 29
    j = numpy.arange(len(x))
    value = (x * t**j).sum(axis=1)[:, None]
    rows = numpy.where(j > 0, j * t ** numpy.maximum(j - 1, 0), 0) - 2 * value * t**j
    last = numpy.zeros((2, len(x)))
    last[0, 0] = 1
    last[1, :2] = [-2 * x[0], 1]
    return numpy.concatenate([rows, last])


JACOBIANS = {
    "rosenbrock": rosenbrock,
    "wood": wood,
    "bard": bard,
    "kowalikOsborne": kowalik_osborne,
    "brownDennis": brown_dennis,
    "watson": watson,
}


class Written(mgh.Problem):
    """A problem with its Jacobian written out, in real numbers."""

    def __init__(self, name):
        super().__init__(name)
        self.jacobian = JACOBIANS[name]

    def residuals(self, x):
        return self.residual(x)

    def both(self, x):
        u = self.residual(x)
        return u @ u, 2 * self.jacobian(x).T @ u


class Minimizers(Once):
    """All problems, one after the other."""

    def __init__(self, method):
        self.method = method
        self.problems = [Written(name) for name in JACOBIANS]

    def one(self, problem):
        if self.method == "lm":
            found = optimize.least_squares(
                problem.residuals,
                problem.x0,
                problem.jacobian,
                method="lm",
                # MINPACK's own scaling, and scipy's default from 1.16 on: before, another method
                x_scale="jac",
                ftol=1e-14,
                xtol=1e-12,
                gtol=1e-12,
            )
            return 2 * found.cost, found.nfev
        options = {
            "L-BFGS-B": {"ftol": 0, "gtol": GRADIENT},
            "Newton-CG": {"xtol": 1e-10},
            "trust-ncg": {"gtol": GRADIENT},
        }[self.method]
        found = optimize.minimize(
            problem.both,
            problem.x0,
            jac=True,
            hessp=None if self.method == "L-BFGS-B" else problem.product,
            method=self.method,
            options={"maxiter": 3000, **options},
        )
        return found.fun, found.nit

    def call(self):
        return [self.one(problem) for problem in self.problems]

    def check(self):
        found = self.call()
        self.iterations = sum(int(count) for _, count in found)
        return [0.0 if value < ZERO else float(value) for value, _ in found]


PROGRAMS = {
    f"minimize-{method}": lambda method=method: Minimizers(method)
    for method in ("L-BFGS-B", "Newton-CG", "trust-ncg", "lm")
}

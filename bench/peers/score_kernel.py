"""Kernel gradient descent from one eigendecomposition, stopped where Stein's estimate of the risk is least."""

import numpy
from peer import Once
from scipy import linalg

# as in ../score-sizes.ts
ROWS, INPUTS, OUTPUTS, NOISE, MOST = 1000, 4, 2, 0.5, 1_000_000


def numbers(length, scale, k):
    i = numpy.arange(1, length + 1)
    fraction = (7919 * i + 104729 * k * i + 15485863 * k) % 1000003 / 1000003
    return scale * numpy.sqrt(12) * (fraction - 0.5)


def grid():
    steps, k = [0], 1
    while k < MOST:
        steps.append(k)
        k = max(k + 1, int(k * 1.02))
    return numpy.array([*steps, MOST])


class ScoreKernel(Once):
    def __init__(self):
        self.z = numbers(ROWS * INPUTS, 1, 1).reshape(ROWS, INPUTS)
        noise = numbers(ROWS * OUTPUTS, NOISE, 2).reshape(ROWS, OUTPUTS)
        self.y = numpy.stack([abs(self.z[:, 0]), self.z[:, 1] * self.z[:, 2]], axis=1) + noise

    def call(self):
        products = self.z @ self.z.T
        norms = numpy.sqrt(numpy.diag(products))
        angles = numpy.arccos(numpy.clip(products / numpy.outer(norms, norms), -1, 1))
        K = products * (numpy.pi - angles) / (2 * numpy.pi)
        values, vectors = linalg.eigh(K, check_finite=False)
        values = numpy.maximum(values, 0) / ROWS
        coefficients = vectors.T @ self.y
        rates = values / values[-1]
        with numpy.errstate(divide="ignore"):
            logarithms = numpy.log1p(-rates)
        steps = grid()
        with numpy.errstate(invalid="ignore"):
            done = -numpy.expm1(numpy.multiply.outer(steps, logarithms))
        done[0] = 0
        squares = numpy.square(coefficients).sum(axis=1)
        degrees = done.sum(axis=1)
        risks = (1 - done) ** 2 @ squares / (ROWS * OUTPUTS) + 2 * NOISE**2 * degrees / ROWS
        best = risks.argmin()
        # the limit eta s / N where an eigenvalue is 0
        gains = numpy.full(ROWS, steps[best] / values[-1] / ROWS)
        numpy.divide(done[best], ROWS * values, out=gains, where=values > 0)
        dual = vectors @ (gains[:, None] * coefficients)
        return [float(steps[best]), float(degrees[best]), float((dual**2).sum())]

    def check(self):
        return self.call()


PROGRAMS = {"score-kernel": ScoreKernel}

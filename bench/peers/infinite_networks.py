"""Kernels of infinitely wide networks in NumPy: the recursion over whole matrices."""

import numpy
from peer import Once, load, sizes


def relu(covariance, variances):
    norms = numpy.sqrt(numpy.outer(variances, variances))
    angles = numpy.arccos(numpy.clip(covariance / norms, -1, 1))
    share = (numpy.pi - angles) / (2 * numpy.pi)
    return norms * numpy.sin(angles) / (2 * numpy.pi) + share * covariance, share


def erf(covariance, variances):
    norms = numpy.outer(1 + 2 * variances, 1 + 2 * variances)
    dual = 2 / numpy.pi * numpy.arcsin(2 * covariance / numpy.sqrt(norms))
    return dual, 4 / numpy.pi / numpy.sqrt(norms - 4 * covariance**2)


class Kernels(Once):
    def __init__(self, name, dual, about):
        self.x, self.dual, self.about = load(name).astype(float), dual, about

    def call(self):
        bias = self.about["biasStd"] ** 2
        sigma = self.x @ self.x.T / self.x.shape[1] + bias
        theta = sigma
        for _ in range(self.about["depth"] - 1):
            covariance, derivative = self.dual(sigma, numpy.diag(sigma))
            sigma = covariance + bias
            theta = theta * derivative + sigma
        return sigma, theta

    def check(self):
        return [float(f) for K in self.call() for f in (K.trace(), K.sum(), K[0, -1])]


PROGRAMS = {
    f"infinite-{dual.__name__}": lambda dual=dual: Kernels("infinite.x", dual, sizes["curvature"]["infinite"])
    for dual in (relu, erf)
}
for rows in sizes["scaling"]["infinite"]["rows"]:
    PROGRAMS[f"scaling-infinite-{rows}"] = lambda rows=rows: Kernels(
        f"scaling.infinite.{rows}", relu, sizes["scaling"]["infinite"]
    )

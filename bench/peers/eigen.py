"""Symmetric eigenproblems: LAPACK's by scipy."""

import numpy
from peer import Once, load, sizes
from scipy import linalg


class Eigen(Once):
    """By divide and conquer, the faster driver where all pairs are asked for."""

    def __init__(self, order):
        random = load(f"eigen.{order}").astype(numpy.float64)
        self.matrix = (random + random.T) / 2

    def call(self):
        return linalg.eigh(self.matrix, driver="evd")

    def values(self):
        return self.call()[0]

    def check(self):
        values = self.values()
        return [float(number) for number in (values[-1], values[0], numpy.abs(values).sum())]


class Eigenvalues(Eigen):
    def call(self):
        return linalg.eigvalsh(self.matrix)

    def values(self):
        return self.call()


PROGRAMS = {
    f"{kind}-{order}": lambda program=program, order=order: program(order)
    for kind, program in {"eigen": Eigen, "eigenvalues": Eigenvalues}.items()
    for order in sizes["eigen"]
}

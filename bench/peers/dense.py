"""Dense linear algebra: BLAS and LAPACK by numpy and scipy."""

import numpy
from peer import Once, load, sizes
from scipy import linalg


class Dense(Once):
    def __init__(self, order):
        self.matrix = load(f"dense.{order}.a").astype(numpy.float64).reshape(order, order)
        self.vector = load(f"dense.{order}.x").astype(numpy.float64)

    def values(self):
        return self.call()

    def check(self):
        values = numpy.ravel(self.values())
        return [float(number) for number in (numpy.linalg.norm(values), values[0], values[-1])]


class Gemm(Dense):
    def call(self):
        return self.matrix @ self.matrix


class Gemv(Dense):
    def call(self):
        return self.matrix @ self.vector


class Cholesky(Dense):
    def __init__(self, order):
        super().__init__(order)
        self.definite = self.matrix + self.matrix.T
        numpy.fill_diagonal(self.definite, 10 * order)

    def call(self):
        return linalg.cho_solve(linalg.cho_factor(self.definite, lower=True), self.vector)


class Lu(Dense):
    def call(self):
        return linalg.lu_factor(self.matrix)

    def values(self):
        return linalg.lu_solve(self.call(), self.vector)


PROGRAMS = {
    f"dense-{kind}-{order}": lambda program=program, order=order: program(order)
    for kind, program in {"gemm": Gemm, "gemv": Gemv, "cholesky": Cholesky, "lu": Lu}.items()
    for order in sizes["dense"]
}

"""scipy's conjugate gradients for Neumann's problem on a square. Sizes as in ../direction-sizes.ts."""

import numpy
from peer import Once
from scipy import sparse
from scipy.sparse.linalg import cg

CELLS = 256
TOLERANCE = 1e-4


class GridSolution(Once):
    def __init__(self):
        ones = numpy.ones(CELLS - 1)
        line = sparse.diags([-ones, numpy.r_[1, 2 * ones[1:], 1], -ones], [-1, 0, 1])
        eye = sparse.eye(CELLS)
        self.A = (sparse.kron(eye, line) + sparse.kron(line, eye)).tocsr()
        centers = (numpy.arange(CELLS) + 0.5) / CELLS
        x, y = numpy.meshgrid(centers, centers)
        b = numpy.exp(-((x - 0.5) ** 2 + (y - 0.2) ** 2) / 0.01).ravel()
        self.b = b - b.mean()

    def call(self):
        return cg(self.A, self.b, rtol=TOLERANCE)[0]

    def check(self):
        x = self.call()
        x = x - x.mean()
        return [float(number) for number in (numpy.linalg.norm(x), x[0], x[-1])]


PROGRAMS = {"grid-conjugate-gradients": GridSolution}

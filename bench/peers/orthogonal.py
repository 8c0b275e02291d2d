"""QR and singular value decompositions: LAPACK's by scipy."""

import numpy
from peer import Once, load, sizes
from scipy import linalg


class Orthogonal(Once):
    def __init__(self, rows, columns):
        self.matrix = load(f"orthogonal.{rows}x{columns}").astype(numpy.float64)


class Qr(Orthogonal):
    """Q of min(rows, columns) columns, and R."""

    pivoting = False

    def call(self):
        return linalg.qr(self.matrix, mode="economic", pivoting=self.pivoting)

    def check(self):
        diagonal = numpy.abs(numpy.diag(self.call()[1]))
        return [float(number) for number in (diagonal[0], diagonal[-1], diagonal.sum())]


class PivotedQr(Qr):
    pivoting = True


class Svd(Orthogonal):
    def call(self):
        return linalg.svd(self.matrix, full_matrices=False, lapack_driver="gesdd")

    def values(self):
        return self.call()[1]

    def check(self):
        values = self.values()
        return [float(number) for number in (values[0], values[-1], values.sum())]


class SingularValues(Svd):
    def call(self):
        return linalg.svd(self.matrix, compute_uv=False)

    def values(self):
        return self.call()


KINDS = {"qr": Qr, "qr-pivoted": PivotedQr, "svd": Svd, "singular-values": SingularValues}
PROGRAMS = {
    f"{kind}-{rows}x{columns}": lambda program=program, rows=rows, columns=columns: program(rows, columns)
    for kind, program in KINDS.items()
    for rows, columns in sizes["orthogonal"]
}

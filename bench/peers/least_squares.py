"""Least squares with the features of random units: LAPACK's gelsy and gelsd by scipy."""

import numpy
from peer import Once, load, sizes
from scipy import linalg

size = sizes["leastSquares"]


def features():
    rows, slope = size["rows"], size["slope"]
    x = numpy.arange(rows) / (rows - 1)
    slopes, biases = (slope * load(f"least-squares.{name}").astype(numpy.float64) for name in ("slopes", "biases"))
    matrix = 0.5 * (1 + numpy.tanh((numpy.outer(x, slopes) - biases) / 2))
    target = (
        0.2 * numpy.exp(-((10 * x - 4) ** 2))
        + 0.5 * numpy.exp(-((80 * x - 40) ** 2))
        + 0.3 * numpy.exp(-((80 * x - 20) ** 2))
    )
    return matrix, target


class LeastSquares(Once):
    def __init__(self, driver):
        self.driver = driver
        self.matrix, self.target = features()

    def call(self):
        return linalg.lstsq(self.matrix, self.target, cond=size["relativeCutoff"], lapack_driver=self.driver)

    def check(self):
        residual = self.matrix @ self.call()[0] - self.target
        return [float(numpy.sqrt(numpy.mean(residual**2)))]


PROGRAMS = {
    f"least-squares-{driver}": lambda driver=driver: LeastSquares(driver) for driver in ("gelsy", "gelsd")
}

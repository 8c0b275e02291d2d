"""The sampled convex program's peer: scikit-learn's Lasso. Sizes as in ../convex-network-sizes.ts."""

import numpy
from peer import Once, load

PENALTY = 0.0075
GAP = 1e-6


class SampledProgram(Once):
    def __init__(self, rows):
        from sklearn.linear_model import Lasso

        self.features = numpy.asfortranarray(load(f"convex-network.{rows}.features").astype(float))
        self.targets = load(f"convex-network.{rows}.targets").astype(float)
        self.beta = PENALTY * rows
        # its objective is divided by the number of rows, its tolerance multiplied by |y|^2
        self.estimator = Lasso(alpha=PENALTY, fit_intercept=False, tol=GAP, max_iter=1_000_000)

    def call(self):
        return self.estimator.fit(self.features, self.targets)

    def check(self):
        weights = self.call().coef_
        residual = self.features @ weights - self.targets
        return [float(residual @ residual / 2 + self.beta * numpy.abs(weights).sum())]


PROGRAMS = {f"convex-network-{rows}": (lambda rows=rows: SampledProgram(rows)) for rows in (40, 200, 1000)}

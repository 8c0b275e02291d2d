"""scikit-learn's side of fits to data of many sizes (../fitting-sizes.ts)."""

import functools
import warnings

import numpy
from peer import Once, load, sizes
from scipy import sparse, special

about = sizes["fitting"]


class Data:
    """Design and targets in float64, rows in the order of the arrays; sparse rows where a size says so."""

    def __init__(self, name, rows, columns, per_row):
        values = load(f"{name}.values").astype(float)
        self.y = load(f"{name}.y").astype(float)
        if per_row is None:
            self.A = values.reshape(rows, columns)
        else:
            indices, pointers = (load(f"{name}.{part}").astype(numpy.int32) for part in ("indices", "pointers"))
            self.A = sparse.csr_matrix((values, indices, pointers), (rows, columns))


class Fit(Once):
    def __init__(self, *problem):
        warnings.simplefilter("ignore")
        self.data = Data(*problem)

    def call(self):
        self.model.fit(self.data.A, self.data.y)
        return numpy.ravel(self.model.coef_)

    def check(self):
        return [float(self.value(self.call()))]


class LogisticFit(Fit):
    """With the loosest tolerance, a power of ten, that reaches the gradient's goal."""

    def __init__(self, solver, *problem):
        from sklearn.linear_model import LogisticRegression

        super().__init__(*problem)
        C = 1 / (len(self.data.y) * about["ridge"])
        for exponent in range(1, 15):
            options = {"tol": 10.0**-exponent, "max_iter": 100000}
            self.model = LogisticRegression(C=C, fit_intercept=False, solver=solver, **options)
            if numpy.linalg.norm(self.gradient(self.call())) <= about["gradient"]:
                return
        raise RuntimeError("no tolerance reaches the goal")

    def gradient(self, w):
        A, y = self.data.A, self.data.y
        return A.T @ (-y * special.expit(-y * (A @ w))) / len(y) + about["ridge"] * w

    def value(self, w):
        return numpy.logaddexp(0, -self.data.y * (self.data.A @ w)).mean() + about["ridge"] / 2 * (w @ w)


class LassoFit(Fit):
    """With the loosest tolerance, a power of ten, that reaches the goal."""

    def __init__(self, *problem):
        from sklearn.linear_model import Lasso

        super().__init__(*problem)
        A, y = self.data.A, self.data.y
        self.penalty = about["penalty"] * abs(A.T @ y).max()

        def model(exponent):
            options = {"tol": 10.0**-exponent, "max_iter": 100000}
            return Lasso(alpha=self.penalty / len(y), fit_intercept=False, **options)

        self.model = model(14)
        best = self.value(self.call())
        for exponent in range(1, 15):
            self.model = model(exponent)
            if self.value(self.call()) <= best + about["gap"] * (y @ y / 2 - best):
                return
        raise RuntimeError("no tolerance reaches the goal")

    def value(self, w):
        r = self.data.A @ w - self.data.y
        return r @ r / 2 + self.penalty * abs(w).sum()


class PerceptronFit(Fit):
    def __init__(self, *problem):
        from sklearn.linear_model import Perceptron

        super().__init__(*problem)
        self.model = Perceptron(tol=None, max_iter=about["passes"], shuffle=False, fit_intercept=False)

    def value(self, w):
        return numpy.linalg.norm(w)


class SeparatingFit(Fit):
    """With the fewest passes of the perceptron, or the least power of ten for C, that separate the samples."""

    def __init__(self, by, *problem):
        from sklearn.linear_model import Perceptron
        from sklearn.svm import LinearSVC

        super().__init__(*problem)
        if by == "svc":
            models = (LinearSVC(C=10.0**k, fit_intercept=False, max_iter=10000) for k in range(8))
        else:
            models = (
                Perceptron(tol=None, max_iter=k, shuffle=False, fit_intercept=False)
                for k in (*range(1, 20), *range(20, 1000, 10))
            )
        for self.model in models:
            if self.value(self.call()) == 1:
                return
        raise RuntimeError("no setting separates the samples")

    def value(self, w):
        return float((self.data.y * (self.data.A @ w) > 0).all())


PROGRAMS = {}
for family, programs in (
    ("logistic", {s: functools.partial(LogisticFit, s) for s in ("newton-cholesky", "newton-cg", "lbfgs", "liblinear")}),
    ("lasso", {"sklearn": LassoFit}),
    ("perceptron", {"sklearn": PerceptronFit}),
    ("separate", {by: functools.partial(SeparatingFit, by) for by in ("perceptron", "svc")}),
):
    for rows, columns, *per_row in about[family]:
        name = "-".join(map(str, ["fit", family, *(["sparse"] if per_row else []), rows, columns]))
        for program, make in programs.items():
            size = (name, rows, columns, per_row[0] if per_row else None)
            PROGRAMS[f"{name}-{program}"] = functools.partial(make, *size)

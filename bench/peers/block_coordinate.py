"""Block coordinate descent's peers: scikit-learn, scipy's solvers, and the same rules in numpy."""

import warnings

import numpy
from peer import Once, load, sizes
from scipy import optimize, sparse
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.sparse import linalg


def matrix(name, columns=None):
    values, indices, pointers = (load(f"{name}.{part}") for part in ("values", "indices", "pointers"))
    rows = len(pointers) - 1
    shape = (rows, columns or rows)
    return sparse.csr_matrix((values.astype(float), indices.astype(numpy.int32), pointers.astype(numpy.int32)), shape)


class LassoProblem:
    """1/2 |A x - c|^2 + lambda sum x over x >= 0, its optimum, and the gap to reach."""

    def __init__(self, name, columns, about):
        self.A = matrix(name, columns).tocsc()
        self.c = load(f"{name}.c").astype(float)
        self.block = about["blockSize"]
        self.lam = about["ratio"] * (self.A.T @ self.c).max()
        self.best, f_star = self.projected_newton(0, 200)
        self.f_star = f_star
        self.goal = f_star + 1e-8 * (0.5 * self.c @ self.c - f_star)

    def value(self, x):
        r = self.A @ x - self.c
        return 0.5 * r @ r + self.lam * x.sum()

    def projected_newton(self, goal, iterations):
        """The best coordinates by their models' decrease, and the exact minimizer over them (nonnegative least squares)."""
        A, lam = self.A, self.lam
        At = A.T
        L = numpy.asarray(A.multiply(A).sum(axis=0)).ravel()
        x = numpy.zeros(A.shape[1])
        r = -self.c
        f = 0.5 * r @ r
        for _ in range(iterations):
            g = At @ r + lam
            d = numpy.maximum(-g / L, -x)
            score = -(g * d + 0.5 * L * d * d)
            score[(x > 0) & (score <= 0)] = numpy.finfo(float).tiny
            b = numpy.argpartition(-score, self.block)[: self.block]
            Ab = A[:, b]
            H = (Ab.T @ Ab).toarray()
            R = numpy.linalg.cholesky(H).T
            q = g[b] - H @ x[b]
            y, _ = optimize.nnls(R, solve_triangular(R, -q, trans="T"))
            step = y - x[b]
            r = r + Ab @ step
            x[b] = y
            before, f = f, 0.5 * r @ r + lam * x.sum()
            if f <= goal or (goal == 0 and before - f <= 1e-15 * abs(f)):
                break
        return x, f


class Lasso(Once):
    def __init__(self, *problem):
        self.problem = LassoProblem(*problem)

    def solution(self):
        return self.problem.projected_newton(self.problem.goal, 200)[0]

    def call(self):
        return self.solution()

    def check(self):
        return [self.problem.value(self.solution()), int((self.problem.best > 0).sum())]


class SklearnLasso(Lasso):
    """Lasso(positive=True), stopped after the fewest sweeps that reach the goal."""

    def __init__(self, *problem, dense):
        from sklearn.linear_model import Lasso as Estimator

        super().__init__(*problem)
        problem = self.problem
        self.X = numpy.asfortranarray(problem.A.toarray()) if dense else problem.A

        def estimator(sweeps):
            alpha = problem.lam / len(problem.c)
            options = {"fit_intercept": False, "positive": True, "copy_X": False, "tol": 0.0}
            return Estimator(alpha, max_iter=sweeps, selection="cyclic", **options)

        warnings.simplefilter("ignore")
        self.estimator = next(
            one
            for one in map(estimator, range(1, 1000))
            if problem.value(one.fit(self.X, problem.c).coef_) <= problem.goal
        )

    def solution(self):
        return self.estimator.fit(self.X, self.problem.c).coef_


class GreedySteps:
    """The k largest g_i^2 / L_i, and the minimizer over them."""

    def __init__(self, dense):
        A = matrix("lasso", sizes["lasso"]["columns"])
        self.A = numpy.asfortranarray(A.toarray()) if dense else A.tocsc()
        self.c = load("lasso.c").astype(float)
        self.k = sizes["lasso"]["blockSize"]
        self.units_per_call = sizes["lasso"]["steps"]
        self.L = (A.toarray() ** 2).sum(axis=0)

    def reset(self):
        pass

    def call(self):
        A, At = self.A, self.A.T
        x = numpy.zeros(A.shape[1])
        r = -self.c
        for _ in range(self.units_per_call):
            g = At @ r
            b = numpy.argpartition(-(g * g) / self.L, self.k)[: self.k]
            Ab = A[:, b]
            H = Ab.T @ Ab
            step = cho_solve(cho_factor(H.toarray() if sparse.issparse(H) else H), -g[b])
            x[b] += step
            r = r + Ab @ step
        return 0.5 * r @ r

    def check(self):
        return [float(self.call())]


class TreeSteps:
    """A greedy tree and message passing on it, in Python's loops over numpy's arrays as lists."""

    def __init__(self):
        self.A = matrix("lattice")
        self.c = load("lattice.c").astype(float)
        self.units_per_call = sizes["lattice"]["steps"]
        A = self.A
        self.neighbors = [
            [(int(j), float(v)) for j, v in zip(A.indices[a:b], A.data[a:b]) if j != i]
            for i, (a, b) in enumerate(zip(A.indptr[:-1], A.indptr[1:]))
        ]
        self.diagonal = A.diagonal()

    def reset(self):
        pass

    def forest(self, score):
        n = len(score)
        parent = list(range(n))

        def find(i):
            while parent[i] != i:
                parent[i] = parent[parent[i]]
                i = parent[i]
            return i

        chosen = [False] * n
        for i in numpy.argsort(-score, kind="stable").tolist():
            trees = [find(j) for j, _ in self.neighbors[i] if chosen[j]]
            if len(set(trees)) == len(trees):
                chosen[i] = True
                for tree in trees:
                    parent[tree] = i
        return chosen

    def solve(self, chosen, right):
        n = len(chosen)
        above, link = [-2] * n, [0.0] * n
        order = []
        for root in range(n):
            if not chosen[root] or above[root] != -2:
                continue
            above[root] = -1
            order.append(root)
            at = len(order) - 1
            while at < len(order):
                i = order[at]
                at += 1
                for j, v in self.neighbors[i]:
                    if chosen[j] and above[j] == -2:
                        above[j], link[j] = i, v
                        order.append(j)
        D = self.diagonal.tolist()
        q = right.tolist()
        for i in reversed(order):
            if above[i] >= 0:
                ratio = link[i] / D[i]
                D[above[i]] -= link[i] * ratio
                q[above[i]] -= ratio * q[i]
        x = numpy.zeros(n)
        for i in order:
            known = link[i] * x[above[i]] if above[i] >= 0 else 0.0
            x[i] = (q[i] - known) / D[i]
        return x

    def call(self):
        return self.run(self.units_per_call)

    def run(self, steps):
        x = numpy.zeros(len(self.c))
        g = -self.c
        root = numpy.sqrt(self.diagonal)
        for _ in range(steps):
            step = self.solve(self.forest(numpy.abs(g) / root), -g)
            x += step
            g = g + self.A @ step
        return 0.5 * x @ (g - self.c)

    def check(self):
        return [float(self.run(1))]


class LatticeSystem(Once):
    def __init__(self, by, name="lattice"):
        self.A = matrix(name)
        self.columns = self.A.tocsc()
        self.c = load(f"{name}.c").astype(float)
        self.by = by

    def call(self):
        if self.by == "direct":
            return linalg.spsolve(self.columns, self.c)
        return linalg.cg(self.A, self.c, rtol=1e-5)[0]

    def check(self):
        x = self.call()
        return [float(x @ (0.5 * (self.A @ x) - self.c))]


PROGRAMS = {
    "greedy-steps-dense": lambda: GreedySteps(True),
    "greedy-steps-sparse": lambda: GreedySteps(False),
    "tree-steps": TreeSteps,
    "lattice-direct": lambda: LatticeSystem("direct"),
    "lattice-cg": lambda: LatticeSystem("cg"),
}
lassos = [(f"lasso-{which}", "lasso", sizes["lasso"]["columns"], sizes["lasso"][which]) for which in ("few", "many")]
about = sizes["scaling"]["lasso"]
lassos += [(f"scaling-lasso-{n}", f"scaling.lasso.{n}", n, about) for n in about["columns"]]
for program, *problem in lassos:
    PROGRAMS[f"{program}-numpy"] = lambda problem=problem: Lasso(*problem)
    PROGRAMS[f"{program}-dense"] = lambda problem=problem: SklearnLasso(*problem, dense=True)
    PROGRAMS[f"{program}-sparse"] = lambda problem=problem: SklearnLasso(*problem, dense=False)
for side in sizes["scaling"]["lattice"]["sides"]:
    for by in ("direct", "cg"):
        PROGRAMS[f"scaling-lattice-{side}-{by}"] = lambda by=by, side=side: LatticeSystem(by, f"scaling.lattice.{side}")

"""scipy's and scikit-learn's side of the comparison: scipy_peer.py <inputs>. Both run in one thread here."""

import os

import block_coordinate
import convex_networks
import dense
import eigen
import equality
import fitting
import grids
import infinite_networks
import least_squares
import minimizers
import newton
import numpy
import operator_data
import orthogonal
import particles
import scipy
import score_kernel
import stability
from peer import Once, load, manifest, serve, sizes
from scipy import sparse


class Product(Once):
    """A x; the transpose is the same arrays read by columns."""

    def __init__(self, name, transposed):
        size = sizes["sparse"][name]
        values, indices, pointers = (load(f"sparse.{name}.{part}") for part in ("values", "indices", "pointers"))
        arrays = (values.astype(numpy.float64), indices.astype(numpy.int32), pointers.astype(numpy.int32))
        matrix = sparse.csr_matrix(arrays, shape=(size["rows"], size["columns"]))
        self.matrix = matrix.T if transposed else matrix
        self.vector = load(f"sparse.{name}.{'y' if transposed else 'x'}").astype(numpy.float64)

    def call(self):
        return self.matrix @ self.vector

    def check(self):
        product = self.call()
        return [float(number) for number in (numpy.linalg.norm(product), product[0], product[-1])]


class LibsvmReading(Once):
    def __init__(self):
        from sklearn.datasets import load_svmlight_file

        self.read = lambda: load_svmlight_file(manifest["files"]["libsvm"])

    def call(self):
        return self.read()

    def check(self):
        x, y = self.read()
        product = x @ (1 / (1 + numpy.arange(x.shape[1])))
        numbers = [*x.shape, x.nnz, y.sum(), numpy.linalg.norm(x.data), numpy.linalg.norm(product)]
        return [float(number) for number in numbers]


PROGRAMS = {
    "libsvm": LibsvmReading,
    **block_coordinate.PROGRAMS,
    **newton.PROGRAMS,
    **equality.PROGRAMS,
    **fitting.PROGRAMS,
    **minimizers.PROGRAMS,
    **particles.PROGRAMS,
    **infinite_networks.PROGRAMS,
    **dense.PROGRAMS,
    **orthogonal.PROGRAMS,
    **least_squares.PROGRAMS,
    **eigen.PROGRAMS,
}
PROGRAMS.update(stability.PROGRAMS)
PROGRAMS.update(score_kernel.PROGRAMS)
PROGRAMS.update(convex_networks.PROGRAMS)
PROGRAMS.update(grids.PROGRAMS)
PROGRAMS.update(operator_data.PROGRAMS)
for name in sizes["sparse"]:
    PROGRAMS[f"sparse-{name}"] = lambda name=name: Product(name, False)
    PROGRAMS[f"sparse-{name}-transposed"] = lambda name=name: Product(name, True)


def blas():
    """The BLAS that is loaded, by the names of its files: the reference implementation is no peer."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as file:
            paths = {os.path.realpath(line.split()[-1]) for line in file if "blas" in line}
    except OSError:
        return "unknown BLAS"
    names = sorted({name for name in map(os.path.basename, paths) if name.startswith("lib") and "blas" in name})
    # Debian's libblas.so.3 may be a door to OpenBLAS
    return " and ".join([name for name in names if "openblas" in name] or names) or "unknown BLAS"


def versions():
    known = [scipy.__version__, f"numpy {numpy.__version__}", blas()]
    try:
        import sklearn

        known.append(f"scikit-learn {sklearn.__version__}")
    except ImportError:
        known.append("without scikit-learn")
    return ", ".join(known)


serve({"version": versions(), "settings": "1 thread"}, PROGRAMS)

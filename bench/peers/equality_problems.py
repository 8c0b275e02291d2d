"""The 21 small problems with equality constraints, as formulas, with exact derivatives by differentiating them."""

import ast
from math import asin, cos, log, sin, sqrt  # noqa: F401 (the compiled formulas use them)

import numpy

ROOT = sqrt(2)
A, B = asin(sqrt(1 / 4.2)), asin(sqrt(5 / 7.2))

FIVE = "({}*x1-x2)**2+(x2+x3-2)**2+(x4-1)**2+(x5-1)**2"
CHAIN = "(x1-1)**2+(x1-x2)**2+(x2-x3)**2+(x3-x4)**4+(x4-x5)**4"
LINES = ["x3+x4-2*x5", "x2-x5"]

# name: start, objective, constraints; Hock & Schittkowski 1981, Boggs & Tolle 1989
FORMULAS = {
    "HS6": ([-1.2, 1], "(1-x1)**2", ["10*(x2-x1**2)"]),
    "HS7": ([2, 2], "log(1+x1**2)-x2", ["(1+x1**2)**2+x2**2-4"]),
    "HS28": ([-4, 1, 1], "(x1+x2)**2+(x2+x3)**2", ["x1+2*x2+3*x3-1"]),
    "HS39": ([2] * 4, "-x1", ["x2-x1**3-x3**2", "x1**2-x2-x4**2"]),
    "HS40": ([0.8] * 4, "-x1*x2*x3*x4", ["x1**3+x2**2-1", "x1**2*x4-x3", "x4**2-x2"]),
    "HS42": ([1] * 4, "(x1-1)**2+(x2-2)**2+(x3-3)**2+(x4-4)**2", ["x1-2", "x3**2+x4**2-2"]),
    "HS47": (
        [2, ROOT, -1, 2 - ROOT, 0.5],
        "(x1-x2)**2+(x2-x3)**3+(x3-x4)**4+(x4-x5)**4",
        ["x1+x2**2+x3**3-3", "x2-x3**2+x4-1", "x1*x5-1"],
    ),
    "HS48": ([3, 5, -3, 2, -2], "(x1-1)**2+(x2-x3)**2+(x4-x5)**2", ["x1+x2+x3+x4+x5-5", "x3-2*(x4+x5)+3"]),
    "HS50": (
        [35, -31, 11, 5, -5],
        "(x1-x2)**2+(x2-x3)**2+(x3-x4)**4+(x4-x5)**2",
        ["x1+2*x2+3*x3-6", "x2+2*x3+3*x4-6", "x3+2*x4+3*x5-6"],
    ),
    "HS51": ([2.5, 0.5, 2, -1, 0.5], FIVE.format(1), ["x1+3*x2-4", *LINES]),
    "HS52": ([2] * 5, FIVE.format(4), ["x1+3*x2", *LINES]),
    "HS56": (
        [1, 1, 1, A, A, A, B],
        "-x1*x2*x3",
        ["x1-4.2*sin(x4)**2", "x2-4.2*sin(x5)**2", "x3-4.2*sin(x6)**2", "x1+2*x2+2*x3-7.2*sin(x7)**2"],
    ),
    "HS77": (
        [2] * 5,
        "(x1-1)**2+(x1-x2)**2+(x3-1)**2+(x4-1)**4+(x5-1)**6",
        ["x1**2*x4+sin(x4-x5)-2*ROOT", "x2+x3**4*x4**2-8-ROOT"],
    ),
    "HS78": (
        [-2, 1.5, 2, -1, -1],
        "x1*x2*x3*x4*x5",
        ["x1**2+x2**2+x3**2+x4**2+x5**2-10", "x2*x3-5*x4*x5", "x1**3+x2**3+1"],
    ),
    "HS79": ([2] * 5, CHAIN, ["x1+x2**2+x3**3-2-3*ROOT", "x2-x3**2+x4+2-2*ROOT", "x1*x5-2"]),
    "HS100LNP": (
        [1, 2, 0, 4, 0, 1, 1],
        "(x1-10)**2+5*(x2-12)**2+x3**4+3*(x4-11)**2+10*x5**6+7*x6**2+x7**4-4*x6*x7-10*x6-8*x7",
        ["2*x1**2+3*x2**4+x3+4*x4**2+5*x5-127", "-4*x1**2-x2**2+3*x1*x2-2*x3**2-5*x6+11*x7"],
    ),
    "BT2": ([10] * 3, "(x1-1)**2+(x1-x2)**2+(x2-x3)**4", ["x1*(1+x2**2)+x3**4-4-3*ROOT"]),
    "BT3": ([20] * 5, FIVE.format(1), ["x1+3*x2", *LINES]),
    "BT5": (
        [2] * 3,
        "1000-x1**2-2*x2**2-x3**2-x1*x2-x1*x3",
        ["x1**2+x2**2+x3**2-25", "8*x1+14*x2+7*x3-56"],
    ),
    "BT10": ([2, 2], "-x1", ["x2-x1**3", "x1**2-x2"]),
    "BT11": ([2] * 5, CHAIN, ["x1+x2**2+x3**3+2-3*ROOT", "x2+x4-x3**2+2-2*ROOT", "x1-x5-2"]),
}


def text(node):
    return f"({ast.unparse(node)})"


def product(*factors):
    return "0" if "0" in factors else "*".join(f for f in factors if f != "1") or "1"


def derivative(node, name):
    """The derivative of an expression of +, -, *, powers, sin and log as source text; "0" where it vanishes."""
    if isinstance(node, ast.Name):
        return "1" if node.id == name else "0"
    if isinstance(node, ast.UnaryOp):
        inner = derivative(node.operand, name)
        return "0" if inner == "0" else f"(-{inner})"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        k = ast.literal_eval(node.right)
        power = "1" if k == 1 else text(node.left) if k == 2 else f"{text(node.left)}**({k - 1})"
        return product(f"({k})", power, derivative(node.left, name))
    if isinstance(node, ast.BinOp):
        left, right = derivative(node.left, name), derivative(node.right, name)
        if isinstance(node.op, ast.Mult):
            left, right = product(left, text(node.right)), product(text(node.left), right)
        sign = "-" if isinstance(node.op, ast.Sub) else "+"
        if right == "0":
            return left
        if left == "0":
            return right if sign == "+" else f"(-{right})"
        return f"({left}{sign}{right})"
    if isinstance(node, ast.Call):
        u = text(node.args[0])
        outer = {"sin": f"cos{u}", "cos": f"(-sin{u})", "log": f"{u}**(-1)"}[node.func.id]
        return product(outer, derivative(node.args[0], name))
    return "0"


def differentiate(source, name):
    return derivative(ast.parse(source, mode="eval").body, name)


class Problem:
    """One problem: every function is straight-line Python over floats, which beats numpy at these sizes."""

    def __init__(self, start, objective, constraints):
        self.start = numpy.array(start, dtype=float)
        names = [f"x{i + 1}" for i in range(len(start))]
        self.n, self.m = len(names), len(constraints)

        def compiled(source):
            return eval(f"lambda {', '.join(names)}: {source}", globals())

        def gradient(source):
            return [differentiate(source, name) for name in names]

        def hessian(source):
            return "[" + ", ".join(f"[{', '.join(gradient(row))}]" for row in gradient(source)) + "]"

        def listed(parts):
            return "[" + ", ".join(parts) + "]"

        self._f = compiled(objective)
        self._g = compiled(listed(gradient(objective)))
        self._h = compiled(hessian(objective))
        self._c = compiled(listed(constraints))
        self._j = compiled(listed(listed(gradient(c)) for c in constraints))
        self._hc = compiled(listed(hessian(c) for c in constraints))

    def f(self, x):
        return self._f(*x.tolist())

    def g(self, x):
        return numpy.array(self._g(*x.tolist()), dtype=float)

    def h(self, x):
        return numpy.array(self._h(*x.tolist()), dtype=float)

    def c(self, x):
        return numpy.array(self._c(*x.tolist()), dtype=float)

    def j(self, x):
        return numpy.array(self._j(*x.tolist()), dtype=float)

    def hc(self, x, v):
        return numpy.tensordot(v, numpy.array(self._hc(*x.tolist()), dtype=float), 1)


PROBLEMS = {name: Problem(*formula) for name, formula in FORMULAS.items()}

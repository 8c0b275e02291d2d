"""Labels of training data for operators, one function after the other. Sizes as in ../operator-sizes.ts."""

import math

import numpy
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

FUNCTIONS, POINTS, WAVES = 100, 1001, 5


def fraction(i, k):
    return ((7919 * i + 104_729 * k * i + 15_485_863 * k) % 1_000_003) / 1_000_003


RIGHT_SIDES = {
    "antiderivative": (lambda u: lambda t, s: [u(t)], [0]),
    "pendulum": (lambda u: lambda t, s: [s[1], u(t) - math.sin(s[0])], [0, 0]),
}


class Labels:
    """The Runge-Kutta method of Dormand and Prince, order 5(4), at its default tolerances, with an interpolated input."""

    units_per_call = FUNCTIONS

    def __init__(self, name):
        self.right_side, self.initial = RIGHT_SIDES[name]
        self.grid = numpy.linspace(0, 1, POINTS)
        self.functions = [
            sum(
                (2 * fraction(f, k) - 1)
                * numpy.sin(k * math.pi * self.grid + 2 * math.pi * fraction(f, WAVES + k))
                for k in range(1, WAVES + 1)
            )
            for f in range(FUNCTIONS)
        ]
        self.places = [fraction(f, 30) for f in range(FUNCTIONS)]

    def reset(self):
        pass

    def call(self):
        labels = []
        for values, place in zip(self.functions, self.places):
            u = CubicSpline(self.grid, values)
            solution = solve_ivp(self.right_side(u), [0, place], self.initial, method="RK45")
            labels.append(float(solution.y[0, -1]))
        return labels

    def check(self):
        return self.call()


PROGRAMS = {f"operator-data-{name}": lambda name=name: Labels(name) for name in RIGHT_SIDES}

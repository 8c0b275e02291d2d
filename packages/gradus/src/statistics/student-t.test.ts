import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { studentTProbability, studentTQuantile } from "./student-t.ts";

// scipy finds its roots to about 1e-11
// python3 -c "from scipy import stats
//   for dof in (1, 2, 3, 5, 10, 29, 200): print(dof, [stats.t.ppf(p, dof) for p in (.6, .975, .9999)])"
test.each([
  [1, 0.32491969623407446, 12.706204736432095, 3183.0987571537103],
  [2, 0.28867513459481275, 4.302652729696142, 70.70007107496886],
  [3, 0.27667066233268983, 3.182446305284263, 22.203742273205002],
  [5, 0.2671808657039658, 2.570581835636314, 9.677566300886502],
  [10, 0.26018482949208005, 2.2281388519649385, 5.693820101511829],
  [29, 0.2556836345712561, 2.045229642132703, 4.253894118432319],
  [200, 0.25368437919010917, 1.9718962236316089, 3.7891207887477587],
])("the quantiles of %i degrees are scipy's", (degrees, q60, q975, q9999) => {
  expect(studentTQuantile(0.6, degrees) / q60).toBeCloseTo(1, 9);
  expect(studentTQuantile(0.975, degrees) / q975).toBeCloseTo(1, 9);
  expect(studentTQuantile(0.9999, degrees) / q9999).toBeCloseTo(1, 9);
});

// python3 -c "from scipy import stats; print(stats.t.cdf([-2.5, .3, 1.7], 7), stats.t.cdf([-2.5, .3, 1.7], 8))"
test("the probabilities are scipy's", () => {
  const seven = [-2.5, 0.3, 1.7].map((t) => studentTProbability(t, 7));
  for (const [i, p] of [0.02049611, 0.61355497, 0.93353555].entries()) expect(seven[i]).toBeCloseTo(p, 8);
  const eight = [-2.5, 0.3, 1.7].map((t) => studentTProbability(t, 8));
  for (const [i, p] of [0.01847102, 0.61408776, 0.93622357].entries()) expect(eight[i]).toBeCloseTo(p, 8);
});

test("one degree of freedom is Cauchy's law, two have a closed form", () => {
  fc.assert(
    fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (t) => {
      expect(studentTProbability(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 14);
      expect(studentTProbability(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 14);
    }),
  );
  expect(studentTProbability(Number.POSITIVE_INFINITY, 4)).toBe(1);
  expect(studentTProbability(Number.NEGATIVE_INFINITY, 3)).toBeCloseTo(0, 15);
});

test("the quantile inverts the probability and is odd", () => {
  const cases = fc.tuple(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 60 }));
  fc.assert(
    fc.property(cases, ([probability, degrees]) => {
      const t = studentTQuantile(probability, degrees);
      expect(studentTProbability(t, degrees)).toBeCloseTo(probability, 12);
      expect(studentTQuantile(1 - probability, degrees)).toBeCloseTo(-t, 8);
    }),
  );
});

test("refuses what has no quantile", () => {
  expect(() => studentTQuantile(1, 3)).toThrow(ArgumentError);
  expect(() => studentTQuantile(0.5, 0)).toThrow("degrees must be a positive integer, got 0");
  expect(() => studentTProbability(Number.NaN, 2)).toThrow("t must be a number");
});

// python3 -c "from mpmath import *; mp.dps = 30
//   tail = lambda t, n: betainc(mpf(n)/2, 0.5, 0, n/(n + mpf(t)**2), regularized=True)/2
//   for t, n in ((50, 10), (1e8, 3), (50, 101), (1, 10**6), (6, 10**6), (0.1, 10**5)): print(t, n, nstr(tail(t, n), 17))"
test.each([
  [50, 10, 1.23715516465134e-13],
  [1e8, 3, 1.1026577908435836e-24],
  [50, 101, 2.2895281644119522e-73],
  [1, 1000000, 0.15865537491678905],
  [6, 1000000, 9.869249061772174e-10],
  [0.1, 100000, 0.4601722629533631],
])("the tail beyond %d of %d degrees has its digits", (t, degrees, tail) => {
  expect(studentTProbability(-t, degrees) / tail).toBeCloseTo(1, 10);
  expect(studentTProbability(t, degrees)).toBeCloseTo(1 - tail, 13);
  if (tail > 1e-12) expect(-studentTQuantile(tail, degrees) / t).toBeCloseTo(1, 10);
});

// python3 -c "from mpmath import *; mp.dps = 60
//   for n, t in ((10**6, 5), (10**9, 2), (10**9, 20), (10**15, 3)):
//     a, x = mpf(n)/2, n/(n + mpf(t)**2)
//     print(n, t, nstr(x**a * sqrt(1 - x)/(2*a*beta(a, 0.5)) * hyp2f1(1, a + 0.5, a + 1, x), 17))"
test.each([
  [5, 1e6, 2.8669989354453708e-7],
  [2, 1e9, 0.02275013208315662],
  [20, 1e9, 2.753734815816398e-89],
  [3, 1e15, 0.0013498980316301278],
])("however many the degrees, the tail has its digits: beyond %d of %d", (t, degrees, tail) => {
  expect(studentTProbability(-t, degrees) / tail).toBeCloseTo(1, 12);
  expect(studentTProbability(t, degrees)).toBeCloseTo(1 - tail, 15);
});

test("the tail has no jump where it becomes that of a normal deviate, and is 0 at infinity", () => {
  for (const t of [0, 0.01, 1, 3, 30]) {
    const [before, after] = [99_999, 100_000].map((degrees) => studentTProbability(-t, degrees));
    // d ln P / d nu is about t^4 / (4 nu^2)
    expect(Math.abs(after / before - 1)).toBeLessThan((t ** 4 + t) / 1e10 + 1e-11);
  }
  for (const t of [1e9, 1e200, Number.POSITIVE_INFINITY]) expect(studentTProbability(-t, 1e6)).toBe(0);
});

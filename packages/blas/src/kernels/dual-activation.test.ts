import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { uniform, withBothBuilds } from "../testing.ts";
import { dualActivation } from "./dual-activation.ts";
import type { Unit } from "./unit.ts";

/** Both duals of pairs (k11, k12, k22). */
function dualsOf(unit: Unit, pairs: readonly (readonly [number, number, number])[]) {
  const part = (k: 0 | 1 | 2) => Float64Array.from(pairs, (pair) => pair[k]);
  const [covariance, derivative] = [new Float64Array(pairs.length), new Float64Array(pairs.length)];
  dualActivation(unit, { k11: part(0), k12: part(1), k22: part(2), covariance, derivative });
  return { covariance, derivative };
}

const closeTo = (found: number, wanted: number, scale = 1) =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(2e-15 * scale);

/** Angles that every branch and border of an arctangent sees. */
const ANGLES = [
  ...[0, 1e-9, 1e-4, 0.1, Math.PI / 8, Math.PI / 8 + 1e-12, 0.7, Math.PI / 4, 1, (3 * Math.PI) / 8, 1.5],
  ...[Math.PI / 2, 1.7, 2, 2.5, (7 * Math.PI) / 8, 3, Math.PI],
];

test("relu: shares and covariances of units at a known angle, for every slope", () => {
  withBothBuilds(() => {
    for (const slope of [0, 0.01, -1, 1]) {
      const unit = { activation: "relu", slope } as const;
      // lengths 1.5 and 0.5 at the angle t; sin t from sums of squares keeps its digits to about 1e-8 of a right angle
      const { covariance, derivative } = dualsOf(
        unit,
        ANGLES.map((t) => [2.25, 0.75 * Math.cos(t), 0.25] as const),
      );
      for (const [i, t] of ANGLES.entries()) {
        const bend = (1 - slope) ** 2;
        const share = (Math.PI - t) / (2 * Math.PI);
        const mean = 0.75 * (Math.sin(t) / (2 * Math.PI) + share * Math.cos(t));
        const lost = t < 1e-3 || Math.PI - t < 1e-3 ? 1e7 : 4;
        closeTo(derivative[i], bend * share + slope, lost * (bend + Math.abs(slope)));
        closeTo(covariance[i], bend * mean + slope * 0.75 * Math.cos(t), 4 * (bend + Math.abs(slope)));
      }
    }
  });
});

test("relu: pairs that are equal, opposite, orthogonal and zero are exact", () => {
  withBothBuilds(() => {
    const { covariance, derivative } = dualsOf({ activation: "relu" }, [
      [3, 3, 3],
      [3, -3, 3],
      [4, 0, 9],
      [0, 0, 0],
      [0, 0, 5],
    ]);
    expect([...derivative]).toEqual([0.5, 0, 0.25, 0.5, 0.5]);
    expect([...covariance]).toEqual([1.5, 0, 6 * (1 / (2 * Math.PI)), 0, 0]);
  });
});

test("relu: the duals are homogeneous in both lengths, whatever their units", () => {
  withBothBuilds(() => {
    for (const slope of [0, 0.1]) {
      const unit = { activation: "relu", slope } as const;
      const near = dualsOf(unit, [
        [1, 0.5, 1],
        [1, -0.3, 1],
      ]);
      for (const [one, other] of [
        [2 ** -330, 2 ** -330],
        [2 ** -505, 2 ** -500],
        [2 ** 330, 2 ** 330],
        [2 ** 500, 2 ** 511],
        [2 ** -500, 2 ** 500],
      ]) {
        const far = dualsOf(unit, [
          [one * one, 0.5 * one * other, other * other],
          [one * one, -0.3 * one * other, other * other],
        ]);
        for (const k of [0, 1]) {
          closeTo(far.derivative[k], near.derivative[k]);
          closeTo(far.covariance[k] / one / other, near.covariance[k]);
        }
      }
    }
  });
});

test("erf: Williams's arcsine, and its derivative, over variances of all sizes", () => {
  withBothBuilds(() => {
    const next = uniform(4);
    const pairs = Array.from({ length: 501 }, () => {
      const [k11, k22] = [Math.exp(8 * next()), Math.exp(8 * next())];
      return [k11, Math.sqrt(k11 * k22) * 0.98 * next(), k22] as const;
    });
    const { covariance, derivative } = dualsOf({ activation: "erf" }, pairs);
    for (const [i, [k11, k12, k22]] of pairs.entries()) {
      const norms = (1 + 2 * k11) * (1 + 2 * k22);
      closeTo(covariance[i], (2 / Math.PI) * Math.asin((2 * k12) / Math.sqrt(norms)), 8);
      const slope = 4 / Math.PI / Math.sqrt(norms - 4 * k12 * k12);
      closeTo(derivative[i] / slope, 1, 8);
    }
    // E erf(u)^2 = (2 / pi) asin(2 / 3) at variance 1
    closeTo(dualsOf({ activation: "erf" }, [[1, 1, 1]]).covariance[0], (2 / Math.PI) * Math.asin(2 / 3));
  });
});

test("every number of pairs gives the numbers of all; NaN and infinity stay", () => {
  withBothBuilds(() => {
    const next = uniform(5);
    const pairs = Array.from({ length: 1100 }, () => [1, next(), 1] as const);
    for (const unit of [{ activation: "relu" }, { activation: "erf" }] as const) {
      const all = dualsOf(unit, pairs);
      for (let n = 0; n < 1100; n = n < 10 ? n + 1 : n + 163)
        expect(dualsOf(unit, pairs.slice(0, n)).covariance).toEqual(all.covariance.subarray(0, n));
      const wrong = dualsOf(unit, [
        [NaN, 0.5, 1],
        [1, NaN, 1],
        [Infinity, Infinity, Infinity],
      ]);
      expect([...wrong.covariance]).toEqual([NaN, NaN, NaN]);
    }
  });
});

test("lengths and activations that do not fit are refused by name", () => {
  const [two, three] = [new Float64Array(2), new Float64Array(3)];
  const pairs = { k11: two, k12: two, k22: three, covariance: two, derivative: two };
  expect(() => dualActivation({ activation: "relu" }, pairs)).toThrow("k22 must have 2 numbers, got 3");
  const refused = (unit: unknown) =>
    expect(() => dualActivation(unit as Unit, { ...pairs, k22: two })).toThrow(BlasArgumentError);
  refused({ activation: "tanh" });
  refused({ activation: "relu", slope: "0.1" });
  const name = "relu" as unknown as Unit; // the name alone is no unit
  expect(() => dualActivation(name, { ...pairs, k22: two })).toThrow(
    'unit must be { activation: "relu" } or { activation: "erf" }, got "relu"',
  );
});

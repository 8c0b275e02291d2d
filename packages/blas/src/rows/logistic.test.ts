import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { uniform, withBothBuilds } from "../testing.ts";
import { logisticCurvatures, logisticRows, logisticWeights } from "./logistic.ts";

/** Binary digits after the point. */
const DIGITS = 220n;
const ONE = 1n << DIGITS;

/** A number with so many binary digits after the point. */
function fixed(x: number): bigint {
  const high = Math.trunc(x * 2 ** 20);
  return (
    (BigInt(high) << (DIGITS - 20n)) + (BigInt(Math.round((x * 2 ** 20 - high) * 2 ** 60)) << (DIGITS - 80n))
  );
}

const asNumber = (x: bigint) => Number(x >> (DIGITS - 160n)) / 2 ** 160;

/** e^-x for x >= 0 by the series of e^(-x / 1024). */
function decay(x: number): bigint {
  const t = -fixed(x) / 1024n;
  let [sum, term] = [ONE, ONE];
  for (let k = 1n; term !== 0n && k < 200n; k++) {
    term = (term * t) / (k * ONE);
    sum += term;
  }
  for (let k = 0; k < 10; k++) sum = (sum * sum) / ONE;
  return sum;
}

/** ln(1 + e) for 0 <= e <= 1: 2 atanh(e / (2 + e)) by its series. */
function logOfOnePlus(e: bigint): bigint {
  const s = (e * ONE) / (2n * ONE + e);
  let [sum, power] = [0n, s];
  for (let k = 1n; power !== 0n && k < 400n; k += 2n) {
    sum += power / k;
    power = (((power * s) / ONE) * s) / ONE;
  }
  return 2n * sum;
}

/** Margins from tiny to large, of both signs. */
function margins(): Float64Array {
  const next = uniform(3);
  const random = Array.from({ length: 301 }, () => 40 * next() ** 3);
  const special = [
    0,
    -0,
    1e-300,
    -1e-300,
    1e-17,
    0.5,
    Math.LN2,
    -Math.LN2,
    Math.LN2 - 1e-4,
    Math.LN2 + 1e-4,
    1,
    -1,
    36,
    37,
    38,
    -38,
  ];
  return Float64Array.from([...special, ...random]);
}

/** Units in the last place between a number and its exact value. */
const ulps = (found: number, exact: bigint) => {
  const wanted = asNumber(exact);
  return wanted === 0 ? Math.abs(found) : Math.abs(found - wanted) / (Math.abs(wanted) * Number.EPSILON);
};

test("losses, slopes and curvatures are within two units in the last place of 60 digits", () => {
  const m = margins();
  const exact = Array.from(m, (margin) => {
    const e = decay(Math.abs(margin));
    const loss = logOfOnePlus(e) + (margin < 0 ? fixed(-margin) : 0n);
    const weight = ((margin >= 0 ? e : ONE) * ONE) / (ONE + e);
    return { loss, weight, curvature: (((e * ONE) / (ONE + e)) * ONE) / (ONE + e) };
  });
  withBothBuilds(() => {
    for (const label of [1, -1]) {
      const outputs = m.map((margin) => label * margin);
      const labels = new Float64Array(m.length).fill(label);
      const [losses, slopes, curvatures, alone] = Array.from({ length: 4 }, () => new Float64Array(m.length));
      logisticRows({ outputs, labels, losses, slopes, curvatures });
      logisticCurvatures(outputs, alone);
      for (const [i, { loss, weight, curvature }] of exact.entries()) {
        expect(ulps(losses[i], loss)).toBeLessThan(2);
        expect(ulps(-label * slopes[i], weight)).toBeLessThan(2.5);
        expect(ulps(curvatures[i], curvature)).toBeLessThan(3);
        expect(ulps(alone[i], curvature)).toBeLessThan(3);
      }
    }
  });
});

test("far margins: e^-m down to the smallest numbers, -m itself, infinity and NaN", () => {
  const outputs = Float64Array.of(700, 740, 745, 746, 1e308, Infinity, -700, -1e308, -Infinity, NaN);
  const n = outputs.length;
  withBothBuilds(() => {
    const [losses, slopes, curvatures] = Array.from({ length: 3 }, () => new Float64Array(n));
    logisticRows({ outputs, labels: new Float64Array(n).fill(1), losses, slopes, curvatures });
    for (let i = 0; i < 3; i++) {
      // below 2^-1022 a unit is 2^-1074
      const tolerance = 2 ** -50 * Math.exp(-outputs[i]) + 2 ** -1073;
      for (const found of [losses[i], -slopes[i], curvatures[i]])
        expect(Math.abs(found - Math.exp(-outputs[i]))).toBeLessThanOrEqual(tolerance);
    }
    expect([...losses.subarray(3)]).toEqual([0, 0, 0, 700, 1e308, Infinity, NaN]);
    expect([...slopes.subarray(3)].map((slope) => slope + 0)).toEqual([0, 0, 0, -1, -1, -1, NaN]);
    expect(curvatures[8]).toBe(0);
    expect(curvatures[9]).toBeNaN();
  });
});

test("weights and their figures for every length", () => {
  const all = margins();
  withBothBuilds(() => {
    for (let n = 0; n <= all.length; n = n < 20 ? n + 1 : n + 37) {
      const m = all.slice(0, n);
      const [weights, losses, slopes] = Array.from({ length: 3 }, () => new Float64Array(n));
      const figures = logisticWeights(m, weights);
      logisticRows({ outputs: m, labels: new Float64Array(n).fill(1), losses, slopes });
      for (let i = 0; i < n; i++) expect(Math.abs(weights[i] + slopes[i])).toBeLessThan(3e-16 * weights[i]);
      const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
      expect(figures.lossSum).toBeCloseTo(sum(losses), 10);
      expect(figures.weightSum).toBeCloseTo(sum(weights), 10);
      expect(figures.least).toBe(m.reduce((least, value) => Math.min(least, value), Infinity));
      expect(figures.positive).toBe(m.filter((value) => value > 0).length);
    }
    const withNaN = logisticWeights(Float64Array.of(1, NaN, 2), new Float64Array(3));
    expect(withNaN.lossSum).toBeNaN();
    expect(withNaN.least).toBeNaN();
  });
});

test("every length gives the numbers of the longest", () => {
  const outputs = Float64Array.from({ length: 600 }, uniform(5));
  const whole = new Float64Array(600);
  logisticCurvatures(outputs, whole);
  for (let n = 0; n <= 600; n = n < 20 ? n + 1 : n + 29) {
    const out = new Float64Array(n);
    logisticCurvatures(outputs.subarray(0, n), out);
    expect(out).toEqual(whole.subarray(0, n));
  }
});

test("lengths that differ are refused by name", () => {
  const [two, three] = [new Float64Array(2), new Float64Array(3)];
  expect(() => logisticCurvatures(two, three)).toThrow(BlasArgumentError);
  expect(() => logisticRows({ outputs: two, labels: three, losses: two, slopes: two })).toThrow(
    "labels must have 2 numbers, got 3",
  );
});

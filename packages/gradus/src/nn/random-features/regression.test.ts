import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { fitRandomNetwork } from "./fit.ts";
import { growRandomNetwork } from "./grow.ts";
import { randomFeatureRegression } from "./regression.ts";
import { selectSlope } from "./select-slope.ts";
import { column, sampled, threeBumps } from "./test-targets.ts";

const { x, values: y } = sampled(threeBumps, 240);

describe("growing a network", () => {
  async function grown(options: Partial<Parameters<typeof growRandomNetwork>[0]>) {
    const iterates = [];
    for await (const iterate of growRandomNetwork({ x: column(x), y, slope: 100, maxWidth: 25, ...options }))
      iterates.push(iterate);
    return iterates;
  }

  test("its error is that of a fit to the same units, and never rises", async () => {
    const iterates = await grown({ candidates: 20 });
    expect(iterates.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 26 }, (_, k) => k));
    for (const { units, trainRmse } of iterates.slice(1, 13)) {
      const fit = fitRandomNetwork({ x: column(x), y, units });
      expect(trainRmse / fit.trainRmse).toBeCloseTo(1, 4);
    }
    const errors = iterates.map(({ trainRmse }) => trainRmse);
    for (let k = 1; k < errors.length; k++) expect(errors[k]).toBeLessThanOrEqual(errors[k - 1]);
  });

  test("choosing among candidates is better than taking the first; of a small domain the rank stops", async () => {
    const last = async (options: object) => (await grown(options)).at(-1);
    const [chosen, first] = [await last({ candidates: 50 }), await last({ candidates: 1 })];
    expect(chosen?.trainRmse).toBeLessThan(0.8 * (first?.trainRmse ?? 0));
    const small = await last({ candidates: 1, slope: 0.5 });
    expect(small?.units.biases.length).toBe(25);
    expect(small?.rank).toBeLessThan(12);
  });

  test("it resumes bit for bit", async () => {
    const whole = await grown({});
    const rest = await grown({ resume: structuredClone({ iteration: 10, state: whole[10].state }) });
    expect(rest.at(-1)).toStrictEqual(whole.at(-1));
  });
});

describe("choosing the slope", () => {
  test("a faster target needs a wider domain", () => {
    const slopes = [0.5, 2, 8, 32, 128];
    const chosen = [1, 4, 16].map((k) => {
      const values = x.map((t) => Math.sin(2 * Math.PI * k * t));
      return selectSlope({ x: column(x), y: values, slopes, width: 60, relativeCutoff: 1e-8 }).slope;
    });
    expect(chosen).toEqual([...chosen].sort((p, q) => p - q));
    expect(chosen[2]).toBeGreaterThan(chosen[0]);
  });
});

describe("regression for own data", () => {
  test("a bandwidth that is too small is called so, with a bound that holds", () => {
    const { bandwidth, network, certificate } = randomFeatureRegression({
      x: column(x),
      y,
      slope: 1,
      width: 80,
    });
    expect(bandwidth.tooSmall).toBe(true);
    expect(bandwidth.saturated).toBe(true);
    expect(bandwidth.rank).toBeLessThan(15);
    expect(bandwidth.errorFloor).toBeGreaterThan(0.06);
    expect(bandwidth.message).toMatch(/bandwidth 1 is too small for the target: bandwidth \d+ lowers/);
    expect(bandwidth.message).toMatch(/numerical rank \d+, so more units do not help/);
    expect(certificate.kind).toBe("proved");
    expect(network.trainRmse).toBeGreaterThan(0.05);
  });

  test("dependent units of a wide domain are not called saturated where more units raise the rank", () => {
    const [few, many] = [100, 200].map(
      (width) => randomFeatureRegression({ x: column(x), y, slope: 50, width }).bandwidth,
    );
    expect(few.rank).toBeLessThan(100);
    expect(many.rank).toBeGreaterThan(1.3 * few.rank);
    expect(few.saturated).toBe(false);
    expect(few.tooSmall).toBe(true);
    expect(few.message).not.toMatch(/more units do not help/);
  });

  test("with few rows, saturation is told by the rank of the features of all rows", () => {
    const points = randomStream(1)
      .fillUniform(new Float64Array(100))
      .map((value) => 2 * value - 1);
    const waves = points.map((t) => Math.sin(40 * t));
    const reportOf = (width: number) =>
      randomFeatureRegression({ x: column(points), y: waves, slope: 100, width }).bandwidth;
    const [few, many] = [reportOf(150), reportOf(300)];
    expect(few.rank).toBeLessThan(100);
    expect(many.rank).toBeGreaterThan(1.2 * few.rank);
    expect(few.saturated).toBe(false);
  });

  test("a bandwidth that was chosen suffices, and predicts", () => {
    const wave = (t: number) => Math.sin(6 * Math.PI * t);
    const { bandwidth, trials, predict } = randomFeatureRegression({
      x: column(x),
      y: x.map(wave),
      width: 120,
    });
    expect(bandwidth.tooSmall).toBe(false);
    expect(bandwidth.message).toMatch(/suffices/);
    expect(trials.length).toBe(7);
    const at = Float64Array.of(0.251, 0.4, 0.503);
    const outputs = predict(column(at));
    for (const [j, value] of at.entries()) expect(outputs[j]).toBeCloseTo(wave(value), 4);
  });

  test("noise alone does not make a bandwidth too small", () => {
    const noise = randomStream(3).fillNormal(new Float64Array(240));
    const noisy = x.map((t, j) => t + 0.1 * noise[j]);
    const { bandwidth } = randomFeatureRegression({ x: column(x), y: noisy, slope: 1, width: 40 });
    expect(bandwidth.tooSmall).toBe(false);
  });

  test("says when nothing is learned, because x is not scaled or says nothing about y", () => {
    const far = Float64Array.from(x, (t) => 1e5 * t);
    const unscaled = randomFeatureRegression({ x: column(far), y, width: 40 });
    expect(unscaled.bandwidth.message).toMatch(
      /^The network does not predict held-out rows: .* Scale the columns of x/,
    );
    const stream = randomStream(3);
    const noise = Float64Array.from(x, () => stream.normal());
    expect(randomFeatureRegression({ x: column(x), y: noise, width: 40 }).bandwidth.message).toMatch(
      /^The network does not predict held-out rows/,
    );
  });

  test.each([
    ["years", (t: number) => 1990 + 30 * t, "column 0 of x runs from 1990 to 2020"],
    ["micrometers", (t: number) => 1e-6 * t, "column 0 of x runs from 0 to 0.000001"],
  ])("a bandwidth does not suffice where x is in %s", (_, unit, finding) => {
    const wave = x.map((t) => Math.sin(9 * t));
    const scaled = randomFeatureRegression({ x: column(x), y: wave, width: 80 });
    const { bandwidth } = randomFeatureRegression({ x: column(x.map(unit)), y: wave, width: 80 });
    expect(bandwidth.validationRmse).toBeGreaterThan(100 * scaled.validationRmse);
    expect(bandwidth.message).toContain(`${finding}: scale the columns of x`);
  });

  test("y far from 0 asks for a constant where it helps, with which the error is that of y near 0", () => {
    const inputs = randomStream(2).fillUniform(new Float64Array(150 * 4));
    const rows = { rows: 150, columns: 4, values: inputs.map((u) => 2 * u - 1) };
    const near = Float64Array.from({ length: 150 }, (_, i) => {
      const [a, b, c] = rows.values.subarray(4 * i, 4 * i + 3);
      return Math.sin(3 * a) + b * c;
    });
    const fit = (y: Float64Array, outputBias: boolean) =>
      randomFeatureRegression({ x: rows, y, width: 40, outputBias }).bandwidth;
    const far = near.map((value) => value + 1e6);
    expect(fit(far, false).message).toMatch(
      /y is far from 0, and a constant lowers the error on held-out rows from \S+ to \S+: set outputBias: true, or/,
    );
    const { message, validationRmse } = fit(far, true);
    expect(message).not.toContain("outputBias");
    expect(validationRmse / fit(near, true).validationRmse).toBeCloseTo(1, 6);
    // in one dimension the units of a wide domain add up to a constant as well
    const wave = x.map((t) => Math.sin(9 * t) + 1e3);
    expect(randomFeatureRegression({ x: column(x), y: wave, width: 80 }).bandwidth.message).not.toContain(
      "outputBias",
    );
  });

  test("a constant target needs no wider domain, and is called constant", () => {
    for (const value of [0, 2]) {
      const y = new Float64Array(x.length).fill(value);
      for (const outputBias of [false, true]) {
        const { bandwidth } = randomFeatureRegression({ x: column(x), y, width: 40, outputBias });
        expect(bandwidth.tooSmall).toBe(false);
        expect(bandwidth.message).toBe(
          "y is the same in all rows, so that there is nothing to predict: its mean is the answer for every x.",
        );
      }
    }
  });

  test("a constant target is not searched a second time, with a constant", () => {
    const counted = (y: Float64Array) => {
      const { signal } = new AbortController();
      let looks = 0;
      signal.throwIfAborted = () => {
        looks += 1;
      };
      randomFeatureRegression({ x: column(x), y, width: 10, signal });
      return looks;
    };
    const near = counted(x);
    expect(counted(x.map((value) => value + 1e6))).toBeGreaterThan(near);
    expect(counted(new Float64Array(x.length).fill(2))).toBe(near);
  });

  test("it takes more columns, with an estimated certificate", () => {
    const points = denseMatrix(randomStream(1).fillUniform(new Float64Array(600)), 300, 2);
    const values = Float64Array.from(
      { length: 300 },
      (_, j) => points.values[2 * j] * points.values[2 * j + 1],
    );
    const found = randomFeatureRegression({ x: points, y: values, slope: 2, width: 60 });
    expect(found.certificate.kind).toBe("estimated");
    expect(found.validationRmse).toBeLessThan(1e-3);
  });

  test("bad input is refused by name", () => {
    const run = (changes: object) => () => randomFeatureRegression({ x: column(x), y, ...changes });
    expect(run({ slope: -1 })).toThrow("slope must be a positive number, got -1");
    expect(run({ slope: Number.NaN })).toThrow("slope must be a positive number, got NaN");
    expect(run({ budget: 0 })).toThrow("budget must be a positive number, got 0");
    expect(run({ width: 1.5 })).toThrow("width must be a positive integer, got 1.5");
    expect(run({ y: y.with(2, -1e200) })).toThrow("y must be within ±1e+145, so that its squares are finite");
    expect(run({ y: y.with(2, Number.NaN) })).toThrow("y must be finite, got NaN at index 2");
    expect(run({ y: y.slice(2) })).toThrow("y must have 240 numbers, got 238");
    expect(run({ x: column(x.with(5, Number.NaN)) })).toThrow("x must be finite, got NaN in row 5, column 0");
    expect(run({ x: column(new Float64Array(x.length).fill(1)) })).toThrow(
      `x must have a column that varies, got the same row ${x.length} times`,
    );
    expect(run({ y: Array.from(y) })).toThrow("y must be a Float64Array, got Array of length");
    expect(run({ bandwidth: 3 })).toThrow('randomFeatureRegression has no option "bandwidth"');
    expect(run({ x: column(x.slice(0, 3)), y: y.slice(0, 3) })).toThrow("x must have at least 4 rows");
  });
});

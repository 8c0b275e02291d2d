import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { ridgeActivation } from "./activations.ts";
import { bandlimitedReconstruction } from "./bandlimited.ts";
import { gaussianRidgelet, ridgeletAdmissibility } from "./ridgelets.ts";
import { sampleRidgeletSpectrum } from "./sample-spectrum.ts";
import { sampled, threeBumps } from "./test-targets.ts";
import { ridgeletSynthesis, ridgeletTransform, ridgeletTransformAt } from "./transform.ts";

const rho1 = gaussianRidgelet(1);
const rho3 = gaussianRidgelet(3);
const bump = sampled((x) => Math.exp((-x * x) / 2), 601, -12, 12);

describe("ridgelets", () => {
  test("orders 1 to 3 by their formulas, all by their Fourier transforms", () => {
    for (const t of [-2.3, -0.4, 0, 0.9, 3]) {
      const gauss = Math.exp((-t * t) / 2);
      expect(rho1.value(t)).toBeCloseTo(t * gauss, 14);
      expect(gaussianRidgelet(2).value(t)).toBeCloseTo((1 - t * t) * gauss, 14);
      expect(rho3.value(t)).toBeCloseTo((3 * t - t ** 3) * gauss, 14);
    }
    for (let order = 1; order <= 8; order++) {
      const { value, spectrum, support } = gaussianRidgelet(order);
      for (const w of [0.5, 1.7]) {
        let sum = 0;
        for (let t = -14; t <= 14; t += 0.05)
          sum += 0.05 * value(t) * (spectrum.parity === "even" ? Math.cos(w * t) : Math.sin(w * t));
        expect(sum).toBeCloseTo(spectrum.density(w), 9);
      }
      expect(Math.abs(value(support))).toBeLessThan(1e-6);
    }
  });

  test("densities of decaying activations are their Fourier transforms", () => {
    for (const name of ["gaussian", "gaussianDerivative"] as const) {
      const { value, spectrum } = ridgeActivation(name);
      let sum = 0;
      for (let t = -14; t <= 14; t += 0.05)
        sum += 0.05 * value(t) * (spectrum.parity === "even" ? Math.cos(1.3 * t) : Math.sin(1.3 * t));
      expect(sum).toBeCloseTo(spectrum.density(1.3), 10);
    }
    // of the derivative for those that do not decay:  i w h^(w)
    for (const name of ["sigmoid", "tanh"] as const) {
      const { value, spectrum } = ridgeActivation(name);
      let sum = 0;
      for (let t = -40; t <= 40; t += 0.01)
        sum += ((value(t + 0.005) - value(t - 0.005)) / 0.01) * 0.01 * Math.cos(1.3 * t);
      expect(sum / (1.3 * spectrum.density(1.3))).toBeCloseTo(1, 4);
    }
  });

  test("strip bounds and Lipschitz constants are not exceeded, and nearly reached", () => {
    // sigma(u + iv) for the activations whose value is a ratio or product of exponentials
    const modulus = {
      sigmoid: (u: number, v: number) =>
        1 / Math.hypot(1 + Math.exp(-u) * Math.cos(v), Math.exp(-u) * Math.sin(v)),
      tanh: (u: number, v: number) =>
        Math.sqrt((Math.sinh(u) ** 2 + Math.sin(v) ** 2) / (Math.sinh(u) ** 2 + Math.cos(v) ** 2)),
      gaussian: (u: number, v: number) => Math.exp((v * v - u * u) / 2),
      gaussianDerivative: (u: number, v: number) => Math.hypot(u, v) * Math.exp((v * v - u * u) / 2),
      sine: (u: number, v: number) => Math.sqrt(Math.sin(u) ** 2 + Math.sinh(v) ** 2),
      cosine: (u: number, v: number) => Math.sqrt(Math.cos(u) ** 2 + Math.sinh(v) ** 2),
    };
    for (const [name, size] of Object.entries(modulus)) {
      const { stripBound, lipschitz, value } = ridgeActivation(name as keyof typeof modulus);
      for (const height of [0.3, 1.2, 1.5]) {
        let largest = 0;
        for (let u = -20; u <= 20; u += 0.01)
          for (const v of [0, height / 2, height]) largest = Math.max(largest, size(u, v));
        expect(largest).toBeLessThanOrEqual(stripBound(height) * (1 + 1e-12));
        expect(largest).toBeGreaterThan(stripBound(height) / 1.7);
      }
      let steepest = 0;
      for (let u = -5; u <= 5; u += 0.001)
        steepest = Math.max(steepest, Math.abs(value(u + 5e-4) - value(u - 5e-4)) / 1e-3);
      expect(steepest / lipschitz).toBeCloseTo(1, 4);
    }
    expect(ridgeActivation("sigmoid").stripBound(Math.PI)).toBe(Number.POSITIVE_INFINITY);
    expect(ridgeActivation("relu").stripBound(0.1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("admissibility", () => {
  test("constants in closed form", () => {
    expect(ridgeletAdmissibility(rho1, rho1, 1).constant).toBeCloseTo(2 * Math.PI, 12);
    expect(ridgeletAdmissibility(rho1, rho1, 2).constant).toBeCloseTo(4 * Math.PI ** 2.5, 10);
    // 2 pi sqrt(2 pi) int_0^inf w^2 e^(-w^2 / 2) / sinh(pi w) dw
    expect(ridgeletAdmissibility("sigmoid", rho3, 1).constant).toBeCloseTo(1.401002, 6);
    // - int e^(-w^2/2) |w| dw
    expect(ridgeletAdmissibility("relu", gaussianRidgelet(4), 1).constant).toBeCloseTo(
      -2 * Math.sqrt(2 * Math.PI),
      12,
    );
  });

  test("pairs that are not admissible say why", () => {
    expect(ridgeletAdmissibility(rho1, rho1, 3)).toMatchObject({ admissible: false });
    expect(ridgeletAdmissibility(rho1, rho1, 3).reason).toMatch("diverges at frequency 0 like w^-1");
    expect(ridgeletAdmissibility("sigmoid", rho1, 1).reason).toMatch("diverges");
    expect(ridgeletAdmissibility("sigmoid", gaussianRidgelet(4), 1).reason).toMatch("the constant is zero");
  });

  test("sines sample a ridgelet's transform at frequency 1", () => {
    // 2 pi times the density of rho1 at 1
    const { constant } = ridgeletAdmissibility("sine", rho1, 1);
    expect(constant).toBeCloseTo(2 * Math.PI * Math.sqrt(2 * Math.PI) * Math.exp(-0.5), 12);
  });
});

describe("transform", () => {
  test("of a Gaussian in closed form", () => {
    const [slopes, biases] = [
      [-3, 0, 0.7, 5],
      [-4, -0.3, 0, 2],
    ];
    const R = ridgeletTransform(bump, rho1, { slopes, biases });
    for (const [i, a] of slopes.entries())
      for (const [j, b] of biases.entries()) {
        const s = 1 + a * a;
        const expected = -(b / s) * s ** -0.5 * Math.exp((-b * b) / (2 * s)) * Math.sqrt(2 * Math.PI);
        expect(R.values[i * 4 + j]).toBeCloseTo(expected, 7);
      }
  });

  test("in two dimensions by Monte Carlo, within its standard errors", () => {
    const stream = randomStream(1);
    const points = denseMatrix(
      stream.fillUniform(new Float64Array(80_000)).map((u) => 10 * u - 5),
      40_000,
      2,
    );
    const values = Float64Array.from({ length: 40_000 }, (_, j) =>
      Math.exp(-(points.values[2 * j] ** 2 + points.values[2 * j + 1] ** 2) / 2),
    );
    const slopes = denseMatrix([1, 0.5, -0.3, 2], 2, 2);
    const biases = Float64Array.of(1, -0.8);
    const { values: R, standardErrors } = ridgeletTransformAt({ points, values, volume: 100 }, rho1, {
      slopes,
      biases,
    });
    for (let i = 0; i < 2; i++) {
      const s = 1 + slopes.values[2 * i] ** 2 + slopes.values[2 * i + 1] ** 2;
      const expected = -2 * Math.PI * (biases[i] / s) * s ** -0.5 * Math.exp(-(biases[i] ** 2) / (2 * s));
      expect(Math.abs(R[i] - expected)).toBeLessThan(4 * standardErrors[i]);
      expect(standardErrors[i]).toBeLessThan(0.1 * Math.abs(expected));
    }
  });

  test("refuses grids that do not increase and numbers that are not finite", () => {
    const at = { slopes: [1], biases: [0] };
    const f = (x: readonly number[], values: readonly number[]) => () =>
      ridgeletTransform({ x: Float64Array.from(x), values: Float64Array.from(values) }, rho1, at);
    expect(f([0, 1, 1], [0, 0, 0])).toThrow("f.x must increase, got 1 after 1 at index 2");
    expect(f([0, 1], [0])).toThrow("f.values must have 2 numbers, got 1");
    expect(f([0, 1], [0, Number.NaN])).toThrow("f.values must be finite, got NaN at index 1");
    expect(f([0], [0])).toThrow("at least two numbers");
  });
});

describe("slopes up to a limit are a low-pass filter", () => {
  // the figures of the first function are those of another program: tail, distance, bounds
  test.each([
    [2, 0.18712, 0.22135, 0.14055, 0.43258],
    [8, 0.01369, 0.01767, 0.01028, 0.11699],
  ])("slope %d", (slope, tail, distance, lower, upper) => {
    const found = bandlimitedReconstruction(bump, { slope });
    expect(found.tailEnergy).toBeCloseTo(tail, 4);
    expect(found.tailEnergy).toBeCloseTo(Math.sqrt(Math.PI) * (1 - (1 + slope ** -2) ** -0.5), 6);
    expect(found.distance).toBeCloseTo(distance, 4);
    expect(found.lowerBound).toBeCloseTo(lower, 4);
    expect(found.upperBound).toBeCloseTo(upper, 4);
    const variance = 1 + 2 / slope ** 2;
    for (const [j, x] of found.x.entries())
      expect(found.values[j]).toBeCloseTo(variance ** -0.5 * Math.exp((-x * x) / (2 * variance)), 5);
  });

  test("the ridgelet of order 3 keeps energy and bounds consistent", () => {
    const found = bandlimitedReconstruction(bump, { slope: 4, ridgelet: rho3 });
    expect(found.lowerBound).toBeLessThan(found.distance);
    expect(found.distance).toBeLessThan(found.upperBound);
  });

  test("a random net with coefficients R[f] is an unbiased estimate of the filtered target", () => {
    const [slope, bias, n] = [2, 15, 40_000];
    const stream = randomStream(3);
    const slopes = denseMatrix(
      stream.fillUniform(new Float64Array(n)).map((u) => slope * (2 * u - 1)),
      n,
      1,
    );
    const biases = stream.fillUniform(new Float64Array(n)).map((u) => bias * (2 * u - 1));
    const volume = 4 * slope * bias;
    const coefficients = Float64Array.from({ length: n }, (_, i) => {
      const s = 1 + slopes.values[i] ** 2;
      const R = -(biases[i] / s) * s ** -0.5 * Math.exp(-(biases[i] ** 2) / (2 * s));
      return (volume / n) * R;
    });
    const at = denseMatrix([0, 1], 2, 1);
    const out = ridgeletSynthesis({ slopes, biases }, coefficients, "gaussianDerivative", at);
    // analysis and synthesis with rho1 / sqrt(2 pi), whose constant K is 1
    for (const [j, x] of [0, 1].entries())
      expect(out[j] / Math.sqrt(2 * Math.PI)).toBeCloseTo(1.5 ** -0.5 * Math.exp((-x * x) / 3), 1);
  });
});

describe("sampling from a spectrum", () => {
  const target = sampled(threeBumps, 400);

  test("units lie where the spectrum is", () => {
    const { slopes, biases } = sampleRidgeletSpectrum(target, { width: 2000, slope: 400, seed: 1 });
    // the narrow bumps stand at 1/4 and 1/2: most centers b / a are near one of the bumps
    const near = Array.from(biases, (b, i) => b / slopes.values[i]).filter(
      (center) => Math.abs(center - 0.25) < 0.06 || Math.abs(center - 0.45) < 0.2,
    );
    expect(near.length).toBeGreaterThan(1000);
    expect(Math.max(...slopes.values.map(Math.abs))).toBeGreaterThan(100);
    expect(sampleRidgeletSpectrum(target, { width: 5, slope: 400, seed: 1 }).biases).toEqual(
      biases.subarray(0, 5),
    );
  });

  test("a target that is 0 has nothing to sample", () => {
    const zero = { x: target.x, values: new Float64Array(400) };
    expect(() => sampleRidgeletSpectrum(zero, { width: 5, slope: 4 })).toThrow("f.values must not all be 0");
    expect(() => sampleRidgeletSpectrum(target, { width: 5, slope: -4 })).toThrow(
      "slope must be a positive number",
    );
  });
});

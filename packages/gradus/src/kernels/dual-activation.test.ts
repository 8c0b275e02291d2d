import { leakyRelu, tanh } from "@gradus/graph";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussHermite } from "../statistics/gauss-hermite.ts";
import { normalCdf } from "../statistics/normal-distribution.ts";
import { dualActivationOf, type KernelActivation } from "./activation.ts";
import { closedFormDuals, leakyReluDual } from "./closed-form-duals.ts";
import type { DualActivation } from "./dual-activation.ts";
import { quadratureDual } from "./quadrature-dual.ts";
import { tracedDual } from "./traced-dual.ts";

fc.configureGlobal({ seed: 1, numRuns: 40 });

type Pair = readonly [k11: number, k12: number, k22: number];

async function evaluate(dual: DualActivation, ...pairs: Pair[]): Promise<[number, number][]> {
  const column = (i: number) => Float64Array.from(pairs, (pair) => pair[i]);
  const [covariance, derivative] = [new Float64Array(pairs.length), new Float64Array(pairs.length)];
  await dual.evaluate({ k11: column(0), k12: column(1), k22: column(2), covariance, derivative });
  return pairs.map((_, p) => [covariance[p], derivative[p]]);
}

const covariances = fc
  .record({
    k11: fc.double({ min: 0.05, max: 1.5, noNaN: true }),
    k22: fc.double({ min: 0.05, max: 1.5, noNaN: true }),
    correlation: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  })
  .map(({ k11, k22, correlation }): Pair => [k11, correlation * Math.sqrt(k11 * k22), k22]);

const erf = (z: number) => 2 * normalCdf(z * Math.SQRT2) - 1;
const smooth: Record<string, readonly [f: (z: number) => number, df: (z: number) => number]> = {
  erf: [erf, (z) => (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z)],
  identity: [(z) => z, () => 1],
  square: [(z) => z * z, (z) => 2 * z],
  sine: [Math.sin, Math.cos],
  cosine: [Math.cos, (z) => -Math.sin(z)],
  gaussian: [(z) => Math.exp(-z * z), (z) => -2 * z * Math.exp(-z * z)],
};

const duals: Record<string, DualActivation> = { ...closedFormDuals, leakyRelu: leakyReluDual(0.2) };

describe("closed forms", () => {
  test.each(Object.keys(smooth))("%s: both expectations are the double integrals", async (name) => {
    const { nodes, weights } = gaussHermite(160);
    const [f, df] = smooth[name];
    await fc.assert(
      fc.asyncProperty(covariances, async ([k11, k12, k22]) => {
        // whitened by the symmetric square root of the covariance
        const root = Math.sqrt(k11 * k22 - k12 * k12);
        const scale = Math.sqrt(k11 + k22 + 2 * root);
        const [a, b, c] = [(k11 + root) / scale, k12 / scale, (k22 + root) / scale];
        let [value, slope] = [0, 0];
        for (let i = 0; i < 160; i++)
          for (let j = 0; j < 160; j++) {
            const u = a * nodes[i] + b * nodes[j];
            const v = b * nodes[i] + c * nodes[j];
            value += weights[i] * weights[j] * f(u) * f(v);
            slope += weights[i] * weights[j] * df(u) * df(v);
          }
        const [[covariance, derivative]] = await evaluate(duals[name], [k11, k12, k22]);
        expect(Math.abs(covariance - value)).toBeLessThan(1e-9);
        expect(Math.abs(derivative - slope)).toBeLessThan(1e-9);
      }),
      { numRuns: 10 },
    );
  });

  test("gaussian: units that differ by rounding alone, at a large variance", async () => {
    // k12^2 is rounded above k11 k22
    const [k11, k22] = [1e20, 3e20];
    const k12 = Math.sqrt(k11 * k22) * (1 + Number.EPSILON);
    const [[covariance]] = await evaluate(duals.gaussian, [k11, k12, k22]);
    expect(covariance * Math.sqrt(1 + 2 * (k11 + k22))).toBeCloseTo(1, 12);
  });

  test.each([1, 1e6, 1e12, 1e16])("gaussian: units with themselves at a variance of %d", async (k) => {
    const [[covariance, derivative]] = await evaluate(duals.gaussian, [k, k, k]);
    // E exp(-2 u^2) and 4 E u^2 exp(-2 u^2)
    expect(covariance * Math.sqrt(1 + 4 * k)).toBeCloseTo(1, 14);
    expect((derivative * (1 + 4 * k) ** 1.5) / (4 * k)).toBeCloseTo(1, 13);
  });

  test.each(Object.keys(duals))("%s: dE[f f]/dk12 = E[f' f'] (Price's theorem)", async (name) => {
    await fc.assert(
      fc.asyncProperty(covariances, async ([k11, k12, k22]) => {
        const step = 1e-5;
        const [[low], [high], [, slope]] = await evaluate(
          duals[name],
          [k11, k12 - step, k22],
          [k11, k12 + step, k22],
          [k11, k12, k22],
        );
        expect(Math.abs((high - low) / (2 * step) - slope)).toBeLessThan(1e-7);
      }),
    );
  });

  test("relu: half the variance on the diagonal, known values at right and straight angles", async () => {
    const results = await evaluate(closedFormDuals.relu, [3, 3, 3], [4, 0, 9], [2, -2, 2], [0, 0, 1]);
    const expected = [
      [1.5, 0.5],
      [6 / (2 * Math.PI), 0.25],
      [0, 0],
    ];
    expected.forEach(([value, slope], p) => {
      expect(results[p][0]).toBeCloseTo(value, 14);
      expect(results[p][1]).toBeCloseTo(slope, 14);
    });
    expect(results[3][0]).toBe(0);
    expect(Number.isFinite(results[3][1])).toBe(true);
  });

  test("sine and cosine stay finite where sinh overflows", async () => {
    for (const name of ["sine", "cosine"] as const) {
      const [[value, slope]] = await evaluate(closedFormDuals[name], [2000, 2000, 2000]);
      expect(value).toBeCloseTo(0.5, 14);
      expect(slope).toBeCloseTo(0.5, 14);
    }
  });
});

describe("quadrature", () => {
  const plainTanh = { name: "tanh", value: Math.tanh, derivative: (z: number) => 1 - Math.tanh(z) ** 2 };

  test("plain functions give the closed forms of smooth activations", async () => {
    for (const [name, [value, derivative]] of Object.entries(smooth)) {
      const quadrature = quadratureDual({ value, derivative });
      await fc.assert(
        fc.asyncProperty(covariances, async (pair) => {
          const [[a, da]] = await evaluate(quadrature, pair);
          const [[b, db]] = await evaluate(duals[name], pair);
          expect(Math.abs(a - b)).toBeLessThan(1e-8);
          expect(Math.abs(da - db)).toBeLessThan(1e-8);
        }),
        { numRuns: 3 },
      );
    }
  });

  // scipy 1.17, nested quad with break points, relative tolerance 1e-11
  test.each([
    [[1, 0.5, 1.5], 0.1629302369015778, 0.3337283759023399],
    [[0.2, 0.1, 0.3], 0.0686279250229902, 0.6896906567988293],
    [[9, -4, 6], -0.32616807939073006, 0.08958189488607304],
    [[62, 45, 55], 0.5495559603649057, 0.01654274464585849],
    [[40, 39.9, 41], 0.8340839557613063, 0.060661083396174244],
  ] as const)(
    "tanh at the variances %j is SciPy's, plain and traced",
    async (pair, covariance, derivative) => {
      const traced = tracedDual(tanh);
      for (const dual of [quadratureDual(plainTanh), traced]) {
        const [[value, slope]] = await evaluate(dual, pair);
        expect(Math.abs(value / covariance - 1)).toBeLessThan(1e-8);
        expect(Math.abs(slope / derivative - 1)).toBeLessThan(1e-8);
      }
      await traced.dispose?.();
    },
  );

  test("erf by quadrature has its closed form at variances from 1e-6 to 100", async () => {
    const [value, derivative] = smooth.erf;
    const pairs: Pair[] = [
      [1e-6, -5e-7, 2e-6],
      [0.01, 0.005, 1],
      [25, 20, 30],
      [100, -60, 90],
    ];
    const exact = await evaluate(duals.erf, ...pairs);
    const found = await evaluate(quadratureDual({ value, derivative }), ...pairs);
    found.forEach(([a, da], p) => {
      expect(Math.abs(a - exact[p][0])).toBeLessThan(1e-8 * Math.max(Math.abs(exact[p][0]), 1e-3));
      expect(Math.abs(da / exact[p][1] - 1)).toBeLessThan(1e-7);
    });
  });

  test("a function that grows exponentially: E exp(u + v) = exp((k11 + k22)/2 + k12)", async () => {
    const [[value, slope]] = await evaluate(
      quadratureDual({ value: Math.exp, derivative: Math.exp }),
      [9, 4, 6],
    );
    expect(value / Math.exp(11.5)).toBeCloseTo(1, 7);
    expect(slope / Math.exp(11.5)).toBeCloseTo(1, 7);
    const square = { name: "exp(z^2)", value: (z: number) => Math.exp(z * z), derivative: () => 0 };
    await expect(evaluate(quadratureDual(square), [1, 0.5, 1])).rejects.toThrow("E f(u)^2 of exp(z^2)");
  });

  test("a traced function and the same plain one agree, over more pairs than one run takes", async () => {
    const pairs = fc.sample(covariances, { numRuns: 300, seed: 3 });
    const traced = tracedDual(tanh);
    const plain = quadratureDual(plainTanh);
    const [a, b] = [await evaluate(traced, ...pairs), await evaluate(plain, ...pairs)];
    a.forEach(([value, slope], p) => {
      expect(Math.abs(value - b[p][0])).toBeLessThan(1e-12);
      expect(Math.abs(slope - b[p][1])).toBeLessThan(1e-12);
    });
    await traced.dispose?.();
  });

  test("refuses a kink, naming the closed forms, unless a larger tolerance is accepted", async () => {
    const leaky = {
      name: "my activation",
      value: (z: number) => Math.max(z, 0.2 * z),
      derivative: (z: number) => (z > 0 ? 1 : 0.2),
    };
    await expect(evaluate(quadratureDual(leaky, { nodes: 321 }), [1, 0.3, 1])).rejects.toThrow(
      /dual of my activation at the variances 1 and 1, covariance 0.3, .* with \d+ nodes .*leakyRelu/,
    );
    const kinked = tracedDual((z) => leakyRelu(z, { slope: 0.2 }), { tolerance: 5e-3 });
    const [[value, slope]] = await evaluate(kinked, [1, 0.3, 1]);
    const [[exact, exactSlope]] = await evaluate(duals.leakyRelu, [1, 0.3, 1]);
    expect(Math.abs(value / exact - 1)).toBeLessThan(5e-3);
    expect(Math.abs(slope / exactSlope - 1)).toBeLessThan(5e-3);
    await kinked.dispose?.();
  });

  test("refuses variances that the allowed nodes do not resolve, whatever lies at others", async () => {
    await expect(
      evaluate(quadratureDual(plainTanh, { nodes: 161 }), [1, 0.5, 1], [60, 30, 60]),
    ).rejects.toThrow(/tanh at the variances 60 and 60, .*scale the inputs down/);
  });

  test("a unit without variance is a constant", async () => {
    const [[value, slope]] = await evaluate(quadratureDual(plainTanh), [0, 0, 1]);
    expect(value).toBe(0);
    expect(slope).toBeGreaterThan(0.5);
    const traced = tracedDual(tanh);
    const [[tracedValue, tracedSlope]] = await evaluate(traced, [0, 0, 1]);
    expect(tracedValue).toBe(0);
    expect(tracedSlope).toBeCloseTo(slope, 12);
    await traced.dispose?.();
  });
});

test("an activation is a name, a function or a dual", () => {
  expect(dualActivationOf("erf")).toBe(closedFormDuals.erf);
  expect(dualActivationOf("leakyRelu").name).toBe("leakyRelu");
  expect(dualActivationOf("gelu").name).toBe("gelu");
  expect(dualActivationOf(duals.leakyRelu)).toBe(duals.leakyRelu);
  expect(() => dualActivationOf("swiglu" as KernelActivation)).toThrow('got "swiglu"');
  const plain = { value: Math.tanh, derivative: () => 0 };
  expect(() => quadratureDual(plain, { nodes: 0 })).toThrow(
    "nodes must be an integer from 64 to 16384, got 0",
  );
  expect(() => quadratureDual(plain, { order: 9 } as object)).toThrow('the quadrature has no option "order"');
  expect(() => quadratureDual({ value: Math.tanh } as typeof plain)).toThrow("derivative must be a function");
  expect(() => leakyReluDual(Number.NaN)).toThrow("slope must be a finite number, got NaN");
});

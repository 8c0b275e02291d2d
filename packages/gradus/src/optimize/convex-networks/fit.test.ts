import { array, loadOnnx, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { parseCsv } from "../../data/csv.ts";
import { standardize } from "../../data/standardize.ts";
import { solve } from "../../iterate/iterate.ts";
import { type FitProgress, fitConvexReluNetwork } from "./fit.ts";
import { networkObjective, networkPenalty } from "./network.ts";
import { outputLoss } from "./output-loss.ts";
import { samplePatterns } from "./patterns.ts";
import { withOnes } from "./problem.ts";
import { robustNetworkIterates } from "./robust/robust-iterates.ts";
import { sampledNetworkIterates } from "./sampled-iterates.ts";
import { normalRows, signs } from "./test-support.ts";
import { networkToOnnx } from "./to-onnx.ts";

test("one input with biases: the optimum is proved", async () => {
  const { x, y } = normalRows(12, 1, 3);
  const problem = { x, y, beta: 0.1 };
  const fit = await fitConvexReluNetwork(problem);
  expect(fit.status).toBe("converged");
  expect(fit.certificate.kind).toBe("proved");
  expect(fit.certificate.relativeGap).toBeLessThanOrEqual(1e-3);
  expect(fit.certificate.objective).toBeCloseTo(networkObjective(problem, fit.network), 10);
  const admm = await fitConvexReluNetwork({ ...problem, method: "admm", maxIterations: 5000 });
  expect(Math.abs(admm.certificate.objective / fit.certificate.objective - 1)).toBeLessThan(2e-3);
  expect(admm.patterns).toBeGreaterThan(20);
});

test("own CSV data: a network, a certificate, and an ONNX file of raw inputs with the same outputs", async () => {
  const rows = Array.from({ length: 40 }, (_, k) => {
    const [a, b] = [20 + 5 * Math.sin(k), 0.01 * Math.cos(2 * k)];
    return `${a},${b},${Math.max(0, a - 20) + 300 * b}`;
  });
  const { rows: n, columns, values } = parseCsv(`a,b,target\n${rows.join("\n")}\n`).x;
  expect([n, columns]).toEqual([40, 3]);
  const x = {
    rows: n,
    columns: 2,
    values: Float64Array.from({ length: 2 * n }, (_, at) => values[3 * (at >> 1) + (at % 2)]),
  };
  const y = Float64Array.from({ length: n }, (_, k) => values[3 * k + 2]);
  const standardization = standardize(x);
  const progress: FitProgress[] = [];
  const fit = await fitConvexReluNetwork({
    x: standardization.apply(x),
    y,
    beta: 0.5,
    onProgress: (one) => progress.push(one),
  });
  expect(fit.certificate.kind).toBe("estimated");
  expect(fit.certificate.relativeGap).toBeLessThanOrEqual(1e-3);
  expect(progress.at(-1)?.relativeGap).toBe(fit.certificate.relativeGap);
  using model = await loadOnnx(networkToOnnx(fit.network, { standardization, dtype: "f64" }));
  const { outputs } = await model.run({ x: array(x) });
  const expected = fit.predict(standardization.apply(x));
  toNumbers(outputs).forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k], 9);
  });
});

test("robustness: the certificate is that of the robust program", async () => {
  const { x, y } = normalRows(20, 2, 4);
  const fit = await fitConvexReluNetwork({
    x,
    y: signs(y),
    loss: "hinge",
    beta: 1,
    robustness: { epsilon: 0.1 },
    patterns: 12,
    maxIterations: 3000,
    tolerance: 0.05,
  });
  expect(fit.certificate.kind).toBe("patterns");
  expect(fit.status).toBe("converged");
  expect(fit.patterns).toBe(12);
});

test.each(["hinge", "logistic", "squared"] as const)(
  "robust %s: the objective bounds the loss at all corners of the box, and the bound is below the program's optimum",
  async (loss) => {
    const { x, y } = normalRows(30, 3, 6);
    const labels =
      loss === "squared" ? y : y.map((_, k) => (x.values[3 * k] + x.values[3 * k + 1] < 0 ? -1 : 1));
    const epsilon = 0.1;
    const problem = { x, y: labels, loss, beta: 0.3 };
    const robustness = { epsilon, perturbed: [true, false, true] };
    const seen: FitProgress[] = [];
    const fit = await fitConvexReluNetwork({
      ...problem,
      robustness,
      onProgress: (progress) => seen.push(progress),
    });
    // at the start nothing is known but that losses are not negative
    expect(seen[0]).toMatchObject({ iteration: 0, relativeGap: 1 });
    expect(fit.certificate.relativeGap).toBeLessThan(0.05);
    expect(fit.certificate.objective).toBeLessThan(0.7 * (seen[0]?.objective ?? 0));
    const worst = Float64Array.from({ length: 30 }, () => 0);
    for (const first of [-epsilon, epsilon])
      for (const third of [-epsilon, epsilon]) {
        const moved = x.values.map((value, at) => value + [first, 0, third][at % 3]);
        fit.predict({ ...x, values: moved }).forEach((z, k) => {
          worst[k] = Math.max(worst[k], outputLoss(loss).value(z, labels[k]));
        });
      }
    const penalty = 0.3 * networkPenalty(fit.network);
    const attacked = worst.reduce((sum, value) => sum + value, penalty);
    expect(attacked).toBeLessThanOrEqual(fit.certificate.objective + 1e-9);
    const patterns = samplePatterns(withOnes(x), {
      count: fit.patterns,
      perturbation: { epsilon, perturbed: [true, false, true, false] },
    });
    const program = robustNetworkIterates({ ...problem, robustness, patterns, rho: 1, relaxation: 1.6 });
    const { iterate } = await solve(program, { maxIterations: 5000 });
    expect(iterate.violation).toBeLessThan(1e-2);
    expect(fit.certificate.lowerBound).toBeLessThan(1.001 * iterate.objective);
  },
);

test("the hinge: ADMM over the patterns that exist and widening have the same optimum", async () => {
  const { x, y } = normalRows(6, 1, 5);
  const problem = { x, y: signs(y), loss: "hinge", beta: 0.2, tolerance: 0.02 } as const;
  const admm = await fitConvexReluNetwork({ ...problem, method: "admm" });
  const widened = await fitConvexReluNetwork(problem);
  for (const { certificate, status } of [admm, widened]) {
    expect(certificate.kind).toBe("proved");
    expect(status).toBe("converged");
  }
  expect(admm.patterns).toBeGreaterThan(0);
  expect(widened.patterns).toBe(0);
  expect(Math.abs(admm.certificate.objective / widened.certificate.objective - 1)).toBeLessThan(0.04);
});

test("random directions and random blocks: certificates of their own", async () => {
  const { x, y } = normalRows(40, 2, 8);
  const best = await fitConvexReluNetwork({ x, y, beta: 0.5 });
  const sampled = await fitConvexReluNetwork({ x, y, beta: 0.5, samples: 300 });
  const blocks = await fitConvexReluNetwork({
    x,
    y,
    beta: 0.5,
    update: "block-coordinate",
    patterns: 30,
    maxIterations: 300,
  });
  for (const { certificate } of [sampled, blocks]) {
    expect(certificate.objective).toBeGreaterThan(best.certificate.lowerBound);
    expect(certificate.objective).toBeLessThan(1.3 * best.certificate.objective);
    expect(certificate.lowerBound).toBeLessThanOrEqual(best.certificate.objective);
  }
  expect(blocks.patterns).toBe(30);
});

test.each(["squared", "logistic"] as const)(
  "sampled directions, %s: the optimum that FISTA comes to",
  async (loss) => {
    const { x, y } = normalRows(30, 3, 4);
    const problem = { x, y: loss === "squared" ? y : signs(y), loss, beta: 0.5, seed: 2 };
    const seen: number[] = [];
    const fit = await fitConvexReluNetwork({
      ...problem,
      samples: 200,
      maxIterations: 20_000,
      onProgress: ({ objective }) => seen.push(objective),
    });
    const fista = sampledNetworkIterates({ ...problem, samples: 200, tolerance: 1e-7 });
    const { objective } = (await solve(fista, { maxIterations: 50_000 })).iterate;
    expect(Math.abs(fit.certificate.objective / objective - 1)).toBeLessThan(1e-5);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen[0]).toBeGreaterThan(objective);
  },
);

test("what does not fit is refused, and a run can be stopped", async () => {
  const { x, y } = normalRows(6, 2, 1);
  const fit = (changes: object) => fitConvexReluNetwork({ x, y, beta: 0.1, ...changes });
  await expect(fit({ beta: 0 })).rejects.toThrow("beta must be a positive number, got 0");
  await expect(fit({ method: "scp" })).rejects.toThrow(
    'method must be "widened", "refined", "sampled" or "admm", got "scp"',
  );
  await expect(fit({ patterns: 1000 })).rejects.toThrow(
    "patterns must be at most the number of patterns that exist, got 1000",
  );
  await expect(fit({ method: "refined", patterns: 3 })).rejects.toThrow(
    'patterns is an option of method "admm", got method "refined"',
  );
  await expect(fit({ method: "widened", update: "exact" })).rejects.toThrow(
    'update is an option of method "admm", got method "widened"',
  );
  await expect(fit({ method: "admm", samples: 5 })).rejects.toThrow(
    'samples is an option of method "sampled", got method "admm"',
  );
  await expect(fit({ robustness: { epsilon: 0.1 }, update: "exact" })).rejects.toThrow(
    "update cannot be combined with robustness",
  );
  await expect(fit({ ...normalRows(11_586, 1, 1), method: "admm", patterns: 2 })).rejects.toThrow(
    'x must have at most 11585 rows for method "admm" with update "exact", got 11586',
  );
  await expect(fit({ method: "refined", loss: "hinge", y: signs(y) })).rejects.toThrow(
    "needs a loss with a gradient",
  );
  await expect(fit({ tolerance: Number.NaN })).rejects.toThrow(
    "tolerance must be a positive number, got NaN",
  );
  await expect(fit({ onProgress: 1 })).rejects.toThrow("onProgress must be a function, got 1");
  await expect(fit({ width: 10 })).rejects.toThrow('fitConvexReluNetwork has no option "width"');
  await expect(fit({ robustness: { epsilon: -1 } })).rejects.toThrow(
    "epsilon must be a non-negative number, got -1",
  );
  await expect(fit({ signal: AbortSignal.abort(new Error("closed")) })).rejects.toThrow("closed");
  const network = (await fit({})).network;
  expect(() => networkToOnnx(network, { standardization: { mean: [0, 0], scale: [1, 0] } })).toThrow(
    "standardization.scale must not be 0, got 0 at index 1",
  );
  expect(() => networkToOnnx(network, { dtype: "f16" } as never)).toThrow(
    'dtype must be "f32" or "f64", got "f16"',
  );
});

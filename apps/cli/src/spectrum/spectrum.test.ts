import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { array, type Tensor } from "@gradus/graph";
import { exactSpectrum, exportCurvature, lossHessianOperator } from "gradus/curvature";
import { softmaxCrossEntropy } from "gradus/losses";
import { type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Interrupted } from "../errors.ts";
import { curvature, loss, model, parameters, rowsOfData, sizes } from "../fixture/least-squares.ts";
import { runCommand } from "../fixture/run-command.ts";
import type { SpectrumSummary } from "./source.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixture/${name}`, import.meta.url));
const known = sizes.map((size) => 2 * size ** 2);
/** Of H_i u across u = e_1: sum over j > 1 of (2 x_ij x_i1)^2 = 4 size_1^2 size_j^2, alike in every row. */
const across = 4 * sizes[0] ** 2 * sizes.slice(1).reduce((sum, size) => sum + size ** 2, 0);

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "gradus-spectrum-"));
});
afterAll(() => rmSync(home, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
};

async function summaryOf(line: string): Promise<SpectrumSummary> {
  const { status, out, err } = await runCommand(`spectrum ${line} --json`, { home });
  expect(status, err).toBe(0);
  return JSON.parse(out);
}

function expectKnown({ top, bottom, trace, loss: value }: SpectrumSummary): void {
  expect(top.map((one) => one.value)).toEqual(known.map((one) => expect.closeTo(one, 10)));
  expect(bottom.map((one) => one.value)).toEqual(
    [...known]
      .reverse()
      .slice(0, 3)
      .map((one) => expect.closeTo(one, 10)),
  );
  for (const { bound } of [...top, ...bottom]) expect(bound).toBeLessThan(1e-10);
  // Hutchinson's estimate with signs is exact for a diagonal matrix
  expect(trace.value).toBeCloseTo(
    known.reduce((sum, one) => sum + one, 0),
    8,
  );
  const residuals = Array.from({ length: 8 }, (_, i) => {
    const { left, right, y } = rowsOfData;
    const at = (array: typeof left, j: number) => Number(array.data[2 * i + j]);
    return 0.5 * at(left, 0) - at(left, 1) + 0.25 * at(right, 0) + 2 * at(right, 1) - Number(y.data[i]);
  });
  expect(value).toBeCloseTo(
    residuals.reduce((sum, r) => sum + r ** 2 / 8, 0),
    12,
  );
}

describe("the curvature of a module's loss", () => {
  test.each([["hessian"], ["gauss-newton"]])("is the one in closed form: %s", async (operator) => {
    const summary = await summaryOf(`${fixture("least-squares.ts")} --operator ${operator}`);
    expect(summary).toMatchObject({ matrix: operator, parameters: 4, rows: 8, converged: true });
    expectKnown(summary);
  });

  test("gives the learning rates of its noise in closed form", async () => {
    const { batches, noise, criticalBatch } = await summaryOf(
      `${fixture("least-squares.ts")} --operator gauss-newton --batch 1,4,full --momentum 0.5`,
    );
    // the unbiased variance of 8 rows
    const variance = (across * 8) / 7;
    expect(noise?.across).toBeCloseTo(variance, 8);
    expect(noise?.along).toBeCloseTo(0, 8);
    expect(criticalBatch).toBeCloseTo(variance / known[0] ** 2, 10);
    // batches of 1, 4 and 8 rows without repetition: effective sizes 8/7, 8 and infinite
    const excess = [variance / known[0] / (8 / 7), variance / known[0] / 8, 0];
    batches.forEach(({ curvature, learningRate, momentumLearningRate }, k) => {
      expect(curvature).toBeCloseTo(known[0] + excess[k], 8);
      expect(learningRate).toBeCloseTo(2 / (known[0] + excess[k]), 10);
      expect(momentumLearningRate).toBeCloseTo(1 / (known[0] / 3 + excess[k]), 10);
    });
  });

  test("computes the unbiased variance of the rows' Hessians in one vectorized pass", async () => {
    const { noise } = await summaryOf(fixture("least-squares.ts"));
    expect(noise?.across).toBeCloseTo((across * 8) / 7, 8);
  });

  test("is reported by groups", async () => {
    const { groups, trace: whole } = await summaryOf(`${fixture("least-squares.ts")} --groups --probes 4`);
    const shares = groups.map(({ share }) => share.value);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(groups.reduce((sum, { trace }) => sum + trace.value, 0)).toBeCloseTo(whole.value, 10);
    expect(groups.map(({ path, parameters: count }) => [path, count])).toEqual([
      ["first", 2],
      ["second", 2],
    ]);
    groups.forEach(({ top, bottom, trace }, k) => {
      expect(top.map(({ value }) => value)).toEqual(
        known.slice(2 * k, 2 * k + 2).map((one) => expect.closeTo(one, 10)),
      );
      expect(bottom[0].value).toBeCloseTo(known[2 * k + 1], 10);
      // Hutchinson's estimate with signs is exact for a diagonal block
      expect(trace.value).toBeCloseTo(known[2 * k] + known[2 * k + 1], 10);
    });
  });

  test("is that of the whole matrix for a network with no closed form, in float32", async () => {
    const network = mlp({ inputs: 3, hidden: [6], outputs: 3, activation: "tanh" });
    const x = randomStream(2).fillNormal(new Float64Array(60));
    const problem = {
      loss: (p: MlpParameters, batch: { readonly x: Tensor; readonly y: Tensor }) =>
        softmaxCrossEntropy(network.apply(p, batch.x), batch.y),
      parameters: network.parameters({ stream: randomStream(1) }),
      data: {
        x: array(Float32Array.from(x), [20, 3]),
        y: array(BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i % 3))),
      },
    };
    const path = file("network.onnx", exportCurvature(problem));
    const rows = Array.from({ length: 20 }, (_, i) => [...x.subarray(3 * i, 3 * i + 3), i % 3].join(","));
    const summary = await summaryOf(`${path} --data ${file("network.csv", rows.join("\n"))} --top 5`);
    using H = await lossHessianOperator(problem);
    const exact = await exactSpectrum(H);
    for (const [k, { value, bound }] of summary.top.entries())
      expect(Math.abs(value - exact[k])).toBeLessThan(2 * bound + 1e-7 * exact[0]);
    for (const [k, { value, bound }] of summary.bottom.entries())
      expect(Math.abs(value - exact[exact.length - 1 - k])).toBeLessThan(2 * bound + 1e-7 * exact[0]);
  });
});

describe("an ONNX file of the curvature", () => {
  const problem = { loss, model, curvature, parameters, data: rowsOfData };
  const table = () => {
    const { left, right, y } = rowsOfData;
    const lines = Array.from({ length: 8 }, (_, i) =>
      [...left.data.slice(2 * i, 2 * i + 2), ...right.data.slice(2 * i, 2 * i + 2), y.data[i]].join(","),
    );
    return file("rows.csv", `${lines.join("\n")}\n`);
  };

  test.each([["hessian"], ["gauss-newton"]] as const)("is the module's: %s", async (matrix) => {
    const path = file(`${matrix}.onnx`, exportCurvature({ ...problem, matrix }));
    const summary = await summaryOf(`${path} --data ${table()}`);
    expect(summary.matrix).toBe(matrix);
    expectKnown(summary);
    expect(summary.noise?.across).toBeCloseTo((across * 8) / 7, 8);
  });

  test("refuses a matrix that it does not contain, and says how to export it", async () => {
    const path = file("h.onnx", exportCurvature(problem));
    const { status, err } = await runCommand(`spectrum ${path} --data ${table()} --operator fisher`, {
      home,
    });
    expect(status).toBe(3);
    expect(err.replace(/\s+/g, " ")).toContain(
      'write it with exportCurvature({ ..., matrix: "empirical-fisher" })',
    );
  });

  test("asks for its data by name", async () => {
    const path = file("asks.onnx", exportCurvature(problem));
    const without = await runCommand(`spectrum ${path}`, { home });
    expect(without.status).toBe(2);
    expect(without.err.replace(/\s+/g, " ")).toContain(
      "Its inputs are left f64[rows, 2], right f64[rows, 2], y f64[rows]",
    );
    const half = await runCommand(`spectrum ${path} --data left=${table()}`, { home });
    expect(half.err.replace(/\s+/g, " ")).toContain(
      "--data is missing for the input right; the inputs are left f64[rows, 2]",
    );
  });
});

describe("the curvature of a model that PyTorch exported", () => {
  const folder = fileURLToPath(new URL("../../../../packages/graph/fixtures/pytorch/", import.meta.url));
  const model = join(folder, "classifier.onnx");
  /** What `tune.py` beside the model computed with PyTorch in float64. */
  type Part = Record<"largest" | "smallest", number[]> & { trace: number; losses: number[] };
  const reference: { x: { data: string }; labels: number[]; all: Part; head: Part } = JSON.parse(
    readFileSync(join(folder, "classifier.json"), "utf8"),
  );
  const examples = () => {
    const x = new Float64Array(Uint8Array.from(Buffer.from(reference.x.data, "base64")).buffer);
    const lines = reference.labels.map(
      (label, i) => `${[...x.subarray(4 * i, 4 * i + 4), label].join(",")}\n`,
    );
    return file("examples.csv", `a,b,c,d,label\n${lines.join("")}`);
  };
  const line = () => `${model} --data ${examples()} --target label --loss cross-entropy`;

  test.each([
    ["all", "", 191],
    ["head", " --freeze encoder.*", 27],
  ] as const)("has PyTorch's Hessian: %s", async (part, freeze, count) => {
    const { loss, parameters, rows, top, bottom, trace } = await summaryOf(`${line()}${freeze} --probes 40`);
    const { largest, smallest, trace: wanted, losses } = reference[part];
    expect({ parameters, rows }).toEqual({ parameters: count, rows: 120 });
    expect(loss).toBeCloseTo(losses[0], 6);
    largest.forEach((value, i) => {
      expect(Math.abs(top[i].value - value)).toBeLessThan(1e-4 * largest[0]);
    });
    expect(Math.abs(bottom[0].value - smallest[0])).toBeLessThan(1e-3 * largest[0]);
    expect(Math.abs(trace.value - wanted)).toBeLessThan(5 * (trace.standardError ?? 0));
  });

  test("has groups of parameters, a Gauss-Newton matrix, and learning rates", async () => {
    const { groups, batches, top } = await summaryOf(
      `${line()} --groups --batch full --operator gauss-newton`,
    );
    expect(groups.map(({ path, parameters }) => [path, parameters])).toEqual([
      ["encoder.0", 60],
      ["encoder.2", 104],
      ["head", 27],
    ]);
    expect(batches[0].learningRate).toBeCloseTo(2 / top[0].value, 6);
    // Within the head the scores are linear, so that its block is the Hessian's.
    expect(groups[2].top[0].value).toBeCloseTo(reference.head.largest[0], 4);
  });

  test.each([
    ["SOURCE --data x.csv", "is a model without a loss: --loss says what makes its predictions good"],
    [
      "SOURCE --data x.csv --target label",
      "--loss is missing: --target is for a model without a loss of its own",
    ],
    ["SOURCE --loss cross-entropy", "--data is missing"],
    [`${fixture("least-squares.ts")} --loss squared`, "--loss applies to ONNX models only"],
  ])("%s", async (words, message) => {
    const { status, err } = await runCommand(`spectrum ${words.replace("SOURCE", model)}`, { home });
    expect([2, 3]).toContain(status);
    expect(err.replace(/\s+/g, " ")).toContain(message);
  });
});

describe("the output", () => {
  test("has figures, plots and tables in a terminal", async () => {
    const { out, status } = await runCommand(`spectrum ${fixture("least-squares.ts")} --groups`, { home });
    expect(status).toBe(0);
    for (const words of [
      "Hessian of least-squares.ts",
      "learning rates below 2/λ₁ = 0.1111",
      "Critical batch size",
      "Density of the eigenvalues of the Hessian",
      "Largest stable learning rate against batch size",
      "Extreme eigenvalues",
      "Diagonal blocks by parameter group",
    ])
      expect(out).toContain(words);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("can be a page or figures", async () => {
    const page = join(home, "page.html");
    const folder = join(home, "figures");
    await runCommand(`spectrum ${fixture("least-squares.ts")} --html ${page} --svg ${folder}`, { home });
    const text = readFileSync(page, "utf8");
    expect(text).toContain("<h1>Hessian of least-squares.ts</h1>");
    expect(text.match(/<svg/g)?.length).toBeGreaterThanOrEqual(4);
    expect((await readdir(folder)).sort()).toEqual(["spectrum-density.svg", "spectrum-rates.svg"]);
  });

  test("is the same for the same seed", async () => {
    const [first, second] = [
      await summaryOf(`${fixture("least-squares.ts")} --seed 4`),
      await summaryOf(`${fixture("least-squares.ts")} --seed 4`),
    ];
    expect({ ...first, seconds: 0 }).toEqual({ ...second, seconds: 0 });
  });
});

describe("errors", () => {
  test.each([
    ["no file", () => "spectrum nothing.ts", 2, "nothing.ts cannot be read: no such file"],
    [
      "another kind of file",
      () => "spectrum model.py",
      2,
      "spectrum reads .ts, .mts, .js, .mjs or .onnx, got model.py",
    ],
    ["no source", () => "spectrum", 2, "missing required argument 'source'"],
    [
      "a module without a loss",
      () => `spectrum ${file("empty.mjs", "export const data = {};")}`,
      3,
      "exports no loss; it must export loss, parameters and data",
    ],
    [
      "a module that cannot be read",
      () => `spectrum ${file("broken.mjs", "export const loss = ;")}`,
      3,
      "broken.mjs cannot be imported",
    ],
    [
      "parameters without shapes",
      () =>
        `spectrum ${file("bare.mjs", "export const loss = () => 0; export const parameters = { w: [new Float32Array(2)] };")}`,
      3,
      "parameters.w.0 is a Float32Array without a shape; wrap it with array(values, [rows, columns])",
    ],
    [
      "NaN in the data",
      () =>
        `spectrum ${file("nan.mjs", "const a = (...v) => ({ dtype: 'f64', shape: [v.length, 1], data: Float64Array.from(v) }); export const loss = () => 0; export const parameters = { w: a(1) }; export const data = { x: a(1, 2, NaN) };")}`,
      3,
      "data.x[2, 0] must be a finite number, got NaN",
    ],
    [
      "NaN in the loss",
      () => `spectrum ${fixture("logarithm.ts")}`,
      3,
      "the loss is NaN at row 67 of the data",
    ],
    [
      "a Gauss-Newton matrix without a model",
      () => `spectrum ${fixture("logarithm.ts")} --operator gauss-newton`,
      3,
      "--operator gauss-newton needs model, which",
    ],
    [
      "an unknown matrix",
      () => `spectrum ${fixture("logarithm.ts")} --operator hesian`,
      2,
      "It must be hessian, gauss-newton or fisher. Did you mean hessian?",
    ],
    [
      "a batch larger than the data",
      () => `spectrum ${fixture("least-squares.ts")} --batch 1,9`,
      2,
      '--batch needs sizes from 1 to the 8 rows of the data, or full, got "9"',
    ],
    [
      "too little memory",
      () => `spectrum ${fixture("least-squares.ts")} --memory 0.00001`,
      3,
      "memoryLimit must be at least",
    ],
    [
      "an ONNX file that is none",
      () => `spectrum ${file("text.onnx", "text")} --data x.csv`,
      3,
      "not an ONNX model",
    ],
  ])("%s", async (_, line, status, message) => {
    const found = await runCommand(line(), { home });
    expect(found.err.replace(/\s+/g, " ")).toContain(message);
    expect(found.status).toBe(status);
  });

  test("nothing is written after an interruption", async () => {
    const controller = new AbortController();
    controller.abort(new Interrupted("SIGINT"));
    const { status, out, err } = await runCommand(`spectrum ${fixture("least-squares.ts")}`, {
      home,
      signal: controller.signal,
    });
    expect(status).toBe(130);
    expect(out).toBe("");
    expect(err).toContain("Interrupted; nothing was written.");
  });
});

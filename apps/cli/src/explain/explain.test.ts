import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  add,
  cast,
  constant,
  exp,
  exportOnnx,
  f32,
  f64,
  i64,
  log,
  matmul,
  mean,
  mul,
  reshape,
  sigmoid,
  slice,
  softmax,
  sub,
  sum,
} from "@gradus/graph";
import { zipSync } from "fflate";
import type { ExplainerName } from "gradus/explain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npy } from "../fixture/npy.ts";
import { runCommand } from "../fixture/run-command.ts";
import type { ExplainSummary } from "./view.ts";

let home: string;
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
};

/** f = x1^2 + x1 x2. */
const worked = () =>
  exportOnnx(
    ({ x }) => {
      const [a, b] = [0, 1].map((start) => slice(x, { axis: 1, start, end: start + 1 }));
      return { y: add(mul(a, a), mul(a, b)) };
    },
    { x: f64("rows", 2) },
  );

/** The sum over a row of the exponentials of its squares, in a file that works for three rows alone. */
const three = () =>
  exportOnnx(
    ({ x }) => ({ y: sum(reshape(exp(reshape(mul(x, x), [6])), [3, 2]), { axes: 1, keepDims: true }) }),
    { x: f64(3, 2) },
  );

/** Three classes, linear scores. */
const classes = () =>
  exportOnnx(
    ({ x }) => ({ probabilities: softmax(matmul(x, constant(Float32Array.of(1, 0, -1, 0, 2, 0), [2, 3]))) }),
    { x: f32("rows", 2) },
  );

/** Logarithms, which are not finite at 0 and below it. */
const logarithm = () =>
  exportOnnx(({ x }) => ({ y: sum(log(x), { axes: 1, keepDims: true }) }), { x: f32("rows", 2) });

/** 0 at the baseline and 1 at the rows, with a step between them that the quadrature does not see. */
const step = () =>
  exportOnnx(({ x }) => ({ y: sigmoid(mul(sub(sum(x, { axes: 1, keepDims: true }), 0.5), 1e4)) }), {
    x: f32("rows", 2),
  });

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "gradus-explain-"));
  file("worked.onnx", worked());
  file("logarithm.onnx", logarithm());
  file("classes.onnx", classes());
  file("three.onnx", three());
  file("rows.csv", "width,height\n0,0\n3,1\n1,2\n");
  file("one.csv", "width,height\n3,1\n");
});
afterAll(() => rmSync(home, { recursive: true }));

const explain = (line: string) => runCommand(`explain ${line.replaceAll("@", `${home}/`)}`, { home });
async function summaryOf(line: string): Promise<ExplainSummary> {
  const { status, out, err } = await explain(`${line} --json`);
  expect(status, err).toBe(0);
  return JSON.parse(out);
}

describe("gradus explain", () => {
  test("gives the attributions of the worked example", async () => {
    const { features, explainers, rows, cosine } = await summaryOf("@worked.onnx --data @rows.csv --row 3");
    expect(features).toEqual(["width", "height"]);
    expect(explainers).toHaveLength(8);
    expect(rows[0]).toMatchObject({ row: 3, column: 0, score: 3, baselineScore: 0, values: [1, 2] });
    const [lime, shap, removed] = rows[0].attributions;
    // f = x1^2 + x1 x2 has the slopes 2 x1 + x2 and x1.
    const gradient = (name: ExplainerName) => rows[0].attributions[explainers.indexOf(name)];
    expect(gradient("vanillaGradients")).toEqual([4, 1]);
    expect(gradient("gradientTimesInput")).toEqual([4, 2]);
    expect(lime).toEqual([expect.closeTo(2.964028, 5), expect.closeTo(1.462117, 5)]);
    expect(shap).toEqual([expect.closeTo(2, 10), expect.closeTo(1, 10)]);
    expect(removed).toEqual([3, 2]);
    expect(cosine[0][0]).toBe(0);
  });

  test("takes names with commas and quotation marks from the header", async () => {
    file("quoted.csv", '"width, cm","the ""height"""\n0,0\n3,1\n1,2\n');
    const { features } = await summaryOf("@worked.onnx --data @quoted.csv --row 3");
    expect(features).toEqual(["width, cm", 'the "height"']);
  });

  test("leaves the target out: a column of a table, or an array of an archive", async () => {
    const { rows: wanted } = await summaryOf("@worked.onnx --data @rows.csv --row 3");
    file("labelled.csv", "width,class,height\n0,low,0\n3,high,1\n1,low,2\n");
    const { features, rows } = await summaryOf("@worked.onnx --data @labelled.csv --target class --row 3");
    expect(features).toEqual(["width", "height"]);
    expect(rows).toEqual(wanted);
    const x = npy([3, 2], Float64Array.of(0, 0, 3, 1, 1, 2));
    const y = npy([3], BigInt64Array.of(0n, 1n, 0n));
    file("labelled.npz", zipSync({ "x.npy": x, "y.npy": y }));
    file("named.npz", zipSync({ "x.npy": x, "y.npy": y, "z.npy": y }));
    file("alone.npz", zipSync({ "rows.npy": x }));
    for (const data of ["@labelled.npz --target y", "@named.npz", "@named.npz:x", "@alone.npz"])
      expect((await summaryOf(`@worked.onnx --data ${data} --row 3`)).rows, data).toEqual(wanted);
  });

  test("says what to do with a column of text", async () => {
    file("towns.csv", "width,town,class\n0,Bern,low\n3,Basel,high\n");
    for (const [words, cell] of [
      ["", 'towns.csv, line 2, column 2 (town) must be a finite number, got "Bern"'],
      [" --target class", 'towns.csv, line 2, column 2 (town) must be a finite number, got "Bern"'],
    ])
      expect((await explain(`@worked.onnx --data @towns.csv${words}`)).err.replaceAll(/\s+/g, " ")).toContain(
        `${cell}; name the column by --target if it is what the model predicts, else write the numbers that the model was trained on in place of the text`,
      );
  });

  test("gives other inputs one number for all rows", async () => {
    const { rows: wanted } = await summaryOf("@worked.onnx --data @rows.csv --row 3");
    file(
      "scaled.onnx",
      exportOnnx(
        ({ x, state, rate }) => {
          const [a, b] = [0, 1].map((start) => slice(x, { axis: 1, start, end: start + 1 }));
          const f = mul(add(mul(a, a), mul(a, b)), cast(rate, "f64"));
          return { y: add(f, sum(state, { axes: [0, 2], keepDims: false })) };
        },
        { x: f64("batch", 2), state: f64(2, 1, 3), rate: i64() },
      ),
    );
    const { rows } = await summaryOf(
      "@scaled.onnx --data @rows.csv --row 3 --constant state=0 --constant rate=1",
    );
    expect(rows).toEqual(wanted);
    const refused = await explain("@scaled.onnx --data @rows.csv --constant rate=one");
    expect(refused.status).toBe(2);
    expect(refused.err.replaceAll("\n", " ")).toContain(
      '--constant must be an input and a number, such as sr=16000, or several, as sizes=1,3,32,32, got "rate=one"',
    );
    expect((await explain("@scaled.onnx --data @rows.csv --constant sr=1")).err).toBe(
      "gradus: the model has no input sr; its inputs are x, state, rate\n",
    );
  });

  test("finds rows along the axis that is given", async () => {
    // The mean over time of x1 + 10 x2; rows are along axis 1, which no name tells.
    const weights = constant(Float64Array.of(1, 10), [2, 1]);
    file(
      "time.onnx",
      exportOnnx(({ x }) => ({ y: matmul(mean(x, { axes: 0 }), weights) }), { x: f64(2, "n", 2) }),
    );
    file("time.npy", npy([3, 2, 2], Float64Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)));
    const { rows, explainers } = await summaryOf("@time.onnx --data @time.npy --row 2 --batch-axis x=1");
    expect(rows[0]).toMatchObject({ score: 32, values: [1, 2, 3, 4] });
    const shares = rows[0].attributions[explainers.indexOf("gradientTimesInput")];
    expect(shares).toEqual([0.5, 10, 1.5, 20]);
    // By the session alone too.
    const { rows: byValues } = await summaryOf(
      "@time.onnx --data @time.npy --row 2 --batch-axis x=1 --differences 0.01",
    );
    expect(byValues[0].score).toBe(32);
  });

  test("says when the noise of SmoothGrad and C-LIME is wider than a column", async () => {
    file("units.csv", "length,mass,kind\n0.001,10,1\n0.003,30,1\n0.002,5,1\n");
    file(
      "sum.onnx",
      exportOnnx(({ x }) => ({ y: sum(x, { axes: 1, keepDims: true }) }), { x: f64("rows", 3) }),
    );
    const told = async (words: string) =>
      (await explain(`@sum.onnx --data @units.csv ${words}`)).err.replaceAll("\n", " ");
    expect(await told("")).toContain(
      "of standard deviation 0.1 in every feature, is wider than length, whose values differ by 0.002 at most: their slopes",
    );
    expect(await told("--sigma 30")).toContain(
      "whose values differ by 0.002 at most, and 1 more: their slopes",
    );
    expect(await told("--sigma 0.001")).toBe("");
    file("units.csv", "year,mass,kind\n2015.01,10,1\n2015.03,30,1\n");
    expect(await told("")).toContain("wider than year, whose values differ by 0.02 at most: their slopes");
  });

  test("says when the attributions of Integrated Gradients do not add up", async () => {
    file("step.onnx", step());
    const line = "@step.onnx --data @rows.csv --row 3";
    const { err } = await explain(line);
    expect(err.replaceAll("\n", " ")).toContain(
      "Integrated Gradients of row 3 add up to 0 instead of 1, the score's distance from the baseline's",
    );
    expect((await explain("@worked.onnx --data @rows.csv --row 3")).err).not.toContain("add up");
  });

  test("says when LIME's kernel sees only some features", async () => {
    file("wide.csv", "width,height\n3,1\n2,400\n500,400\n0,400\n");
    const told = async (more: string) =>
      (await explain(`@worked.onnx --data @wide.csv ${more}`)).err.replaceAll("\n", " ");
    expect(await told("--row 2")).toContain("LIME of row 2 determines only 1 of 2 attributions");
    expect(await told("--row 3")).toContain(
      "LIME of row 3 determines only 0 of 2 attributions: its perturbations say nothing about the others. Raise --samples, or choose a larger --width",
    );
    for (const fine of ["--row 1", "--row 3 --width 400", "--row 2 --width 100"])
      expect(await told(fine)).not.toContain("determines");
  });

  test("leaves LIME out where its kernel counts no perturbation, and names a width", async () => {
    // 2^13 masks are too many to enumerate, so that none may keep all features.
    const names = Array.from({ length: 40 }, (_, j) => `p${j}`);
    file("pixels.csv", [names, names.map(() => 0.1), names.map(() => 200)].join("\n"));
    file(
      "pixels.onnx",
      exportOnnx(({ x }) => ({ y: sum(x, { axes: 1, keepDims: true }) }), { x: f64("rows", 40) }),
    );
    const line = "@pixels.onnx --data @pixels.csv --sigma 0.01 --row 1 --row 2";
    const { explainers, rows, cosine } = await summaryOf(line);
    expect(explainers).toHaveLength(7);
    expect(explainers).not.toContain("lime");
    expect(cosine).toHaveLength(7);
    const removed = rows[1].attributions[explainers.indexOf("occlusion")];
    for (const share of removed) expect(share).toBeCloseTo(200, 8);
    // Half of 40 squares of 200 remain: sqrt(20 * 200^2) is 894.4.
    expect((await explain(line)).err.replaceAll("\n", " ")).toBe(
      "LIME is left out: its kernel of width 1 counts no perturbation of row 2, as they are at distances of about 890. Choose --width 890, or scale the features. ",
    );
    expect((await summaryOf(`${line} --width 890`)).explainers).toHaveLength(8);
  });

  test("has all eight with differences, and other baselines", async () => {
    const { explainers, rows } = await summaryOf("@worked.onnx --data @rows.csv --row 3 --differences 0.001");
    expect(explainers).toHaveLength(8);
    const gradient = rows[0].attributions[explainers.indexOf("vanillaGradients")];
    expect(gradient).toEqual([expect.closeTo(4, 8), expect.closeTo(1, 8)]);
    const mean = await summaryOf("@worked.onnx --data @rows.csv --row 3 --baseline mean");
    // the mean row is (4/3, 1)
    expect(mean.rows[0].baselineScore).toBeCloseTo(16 / 9 + 4 / 3, 10);
  });

  test("explains a model that has no gradients for any rows by its values, and says why", async () => {
    const line = "@three.onnx --data @rows.csv --row 3";
    const { explainers } = await summaryOf(line);
    expect(explainers).toEqual(["lime", "kernelShap", "occlusion", "cLime"]);
    const { err } = await explain(line);
    expect(err.replaceAll("\n", " ")).toMatch(
      /Without gradients: .*written for batches of 3 rows.*--differences/,
    );
    expect((await summaryOf(`${line} --differences 0.001`)).explainers).toHaveLength(8);
  });

  test("explains the largest score unless a column is named", async () => {
    const largest = await summaryOf("@classes.onnx --data @rows.csv --row 3 --row 2");
    expect(largest.rows.map(({ row, column }) => [row, column])).toEqual([
      [3, 1],
      [2, 0],
    ]);
    const named = await summaryOf("@classes.onnx --data @rows.csv --row 3 --column 2");
    expect(named.rows[0].column).toBe(2);
    const { out } = await explain("@classes.onnx --data @rows.csv --row 3");
    expect(out).toMatch(/^Row 3, output 1, score /m);
  });

  test("prints tables, features by importance", async () => {
    const { out, status } = await explain("@worked.onnx --data @rows.csv --row 3");
    expect(status).toBe(0);
    expect(out).toMatch(
      /Row 3, score 3 \(0 at the baseline\): shares of the score\nfeature +value +LIME +KernelSHAP +Occlusion +Integrated +Gradient × Input\n +Gradients\nwidth +1 +2\.96 +2 +3 +2 +4\n/,
    );
    expect(out).toMatch(
      /slopes, in score per unit of the feature\nfeature +value +Vanilla Gradients +SmoothGrad +C-LIME\n/,
    );
    expect(out).toContain("Cosine distances between the methods");
    expect(out).toContain("compare the order of features");
  });

  test.each([
    [
      "@worked.onnx --data @rows.csv --row 4",
      2,
      '--row must be a whole number from 1 to the 3 rows of the data, got "4"',
    ],
    ["@worked.onnx --data @one.csv --row 2", 2, '--row must be 1, as the data have one row, got "2"'],
    ["@classes.onnx --data @rows.csv --column 3", 2, "--column must be a whole number from 0 to 2, got 3"],
    ["@worked.onnx", 2, "required option '--data <file>' not specified"],
    ["@none.onnx --data @rows.csv", 2, "none.onnx cannot be read: no such file"],
    ["model.ts --data @rows.csv", 2, "explain reads .onnx, got model.ts"],
    ["@rows.csv.onnx --data @rows.csv", 3, "rows.csv.onnx"],
    ["@worked.onnx --data @wide.csv", 3, "x 2; name one that is no input by --target"],
    ["@worked.onnx --data @nan.csv", 3, "nan.csv"],
    [
      "@logarithm.onnx --data @signs.csv",
      3,
      "scores must be finite, but the model gives -Infinity in column 0 at the baseline (zeros); choose the other --baseline",
    ],
    [
      "@logarithm.onnx --data @signs.csv --baseline mean --row 2",
      3,
      "scores must be finite, but the model gives NaN in column 0 for row 2; scale the rows as in training",
    ],
    [
      "@worked.onnx --data @rows.csv --target label",
      2,
      'rows.csv has no column "label"; it has width, height',
    ],
    ["@worked.onnx --data @two.npz --target z", 2, 'two.npz has no array "z"; it has a, b'],
    [
      "@worked.onnx --data @two.npz",
      2,
      "two.npz has no array x, which the model's input is called; it has a, b: name what is no input by --target",
    ],
    [
      "@worked.onnx --data @rows.json --target y",
      2,
      "--target is a column of a .csv file or an array of an .npz",
    ],
    ["@classes.onnx --data @rows.csv --output label", 3, 'output must be "probabilities", got "label"'],
  ])("%s", async (line, status, message) => {
    file("wide.csv", "1,2,3\n");
    file("signs.csv", "5,6\n-1,2\n");
    file("nan.csv", "1,NaN\n");
    file("rows.csv.onnx", "no model");
    file("rows.json", "[[0, 0]]");
    file(
      "two.npz",
      zipSync({ "a.npy": npy([1, 2], new Float64Array(2)), "b.npy": npy([1], new Float64Array(1)) }),
    );
    const outcome = await explain(line);
    expect(outcome.err.replace(/\s+/g, " ")).toContain(message);
    expect(outcome.status).toBe(status);
  });
});

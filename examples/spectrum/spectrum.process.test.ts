import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadCurvature, lossHessianOperator } from "gradus/curvature";
import { parseCsv } from "gradus/data";
import { randomStream } from "gradus/random";
import { afterAll, beforeAll, expect, test } from "vitest";
import digits from "./digits.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spectrum-example-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the exported file multiplies as the module's Hessian, on the exported rows", async () => {
  const [model, rows] = [join(folder, "curvature.onnx"), join(folder, "rows.csv")];
  const script = fileURLToPath(new URL("./export.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, model, rows]);
  expect(stdout).toContain("1500 rows of 64 pixels and a label");

  const table = parseCsv(readFileSync(rows, "utf8"), { header: false });
  expect([table.x.rows, table.x.columns]).toEqual([1500, 65]);
  expect(table.x.values[64]).toBe(Number(digits.data.y.data[0]));

  using file = await loadCurvature(readFileSync(model));
  using H = await lossHessianOperator(digits);
  expect(file.dimension).toBe(64 * 32 + 32 + 32 * 10 + 10);
  const v = randomStream(1).fillNormal(new Float64Array(H.rows));
  const [one, other] = [new Float64Array(H.rows), new Float64Array(H.rows)];
  await file.on(digits.data).apply(v, one);
  await H.apply(v, other);
  const size = other.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < one.length; i++) expect(Math.abs(one[i] - other[i])).toBeLessThan(1e-5 * size);
});

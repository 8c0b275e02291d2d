import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constant, exportOnnx, f32, matmul } from "@gradus/graph";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "gradus-missing-"));
  const model = exportOnnx(({ x }) => ({ y: matmul(x, constant(new Float32Array(2), [2, 1])) }), {
    x: f32("rows", 2),
  });
  writeFileSync(join(home, "m.onnx"), model);
  writeFileSync(join(home, "x.csv"), "a,b,y\n1,2,0\n3,4,1\n");
});
afterAll(() => rmSync(home, { recursive: true }));

const TUNE = "model tune @m.onnx --loss squared --out @o.onnx";

test.each([
  "model inspect @no.onnx",
  "explain @no.onnx --data @x.csv",
  "explain @m.onnx --data @no.csv",
  "explain @m.onnx --data @no.npz",
  "explain @m.onnx --data @no.npz:rows",
  "explain @m.onnx --data @no.csv --target y",
  `${TUNE.replace("@m", "@no")} --data @x.csv --target y`,
  `${TUNE} --data @no.csv --target y`,
  `${TUNE} --data @no.npz --target y`,
  `${TUNE} --data x=@no.npy --target @x.csv`,
  `${TUNE} --data x=@x.csv --target @no.npy`,
  `${TUNE} --data @x.csv --target y --validation @no.csv`,
  "model tune --resume @no.checkpoint",
  "spectrum @no.onnx --data @x.csv",
  "spectrum @no.mts",
  "spectrum @m.onnx --data @no.csv --target y --loss squared",
  "run --resume @no.json",
  "verify --resume @no.json",
  "show @no.json",
  "collaborate peer @no.json --key @no.key --server nats://127.0.0.1:4",
  "doctor mail --settings @no.env",
])("a file that is not there is a usage error: %s", async (line) => {
  const { status, err } = await runCommand(line.replaceAll("@", `${home}/`), { home });
  const text = err.replaceAll(/\s+/g, " ");
  expect(text).toMatch(/no\.\w+ cannot be read: no such file/);
  expect([status, text]).toEqual([2, text]);
});

// Modules of users, who need not have gradus installed.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, gradus } from "../fixture/program.ts";

const MODEL = `
import { array, mean, square } from "@gradus/graph";
import { identityOperator } from "gradus/linalg";
export const parameters = { w: array(Float64Array.of(3), [1]) };
export const data = { x: array(Float64Array.of(1, 1), [2, 1]) };
export const loss = ({ w }) => mean(square(w));
`;

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
}

test("a module imports the program's gradus, whatever is installed in its folder", async () => {
  await write("model.mjs", MODEL);
  const trace = async (): Promise<unknown> => {
    const { status, out } = await gradus("spectrum model.mjs --json").ended;
    expect(status).toBe(0);
    return JSON.parse(out).trace.value;
  };
  // The second derivative of w².
  expect(await trace()).toBeCloseTo(2, 10);

  const own = join(folder, "node_modules", "@gradus", "graph");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "package.json"), '{"type":"module","exports":"./index.js"}');
  await writeFile(join(own, "index.js"), "throw new Error('another copy')");
  expect(await trace()).toBeCloseTo(2, 10);
});

test("the error for a module that Node reads as CommonJS says what to change", async () => {
  await write("package.json", '{"type":"commonjs"}');
  await write("model.js", MODEL);
  const { status, err } = await gradus("spectrum model.js").ended;
  expect(status).toBe(3);
  expect(err.replace(/\s+/g, " ")).toContain(
    'model.js cannot be imported: Node treats it as a CommonJS module; rename it to model.mjs, or set "type": "module"',
  );
});

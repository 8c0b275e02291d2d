/**
 * The same classifier's curvature as a file, for whoever has the file but not its source:
 *
 *     node examples/spectrum/export.ts curvature.onnx rows.csv
 *     npx gradus spectrum curvature.onnx --data rows.csv
 */
import { writeFile } from "node:fs/promises";
import { exportCurvature } from "gradus/curvature";
import digits from "./digits.ts";

const [model = "curvature.onnx", rows = "rows.csv"] = process.argv.slice(2);
await writeFile(model, exportCurvature({ ...digits, description: "Hessian of a digit classifier's loss" }));

const { x, y } = digits.data;
const [count, width] = x.shape;
const lines = Array.from(
  { length: count },
  (_, i) => `${x.data.slice(i * width, (i + 1) * width).join(",")},${y.data[i]}`,
);
await writeFile(rows, `${lines.join("\n")}\n`);
console.log(`${model}, ${rows}: ${count} rows of ${width} pixels and a label`);

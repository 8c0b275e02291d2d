/**
 * Fits a classifier to your own file:
 *
 *     node examples/fit-classifier/main.ts rows.csv                            (header; the label is the last column)
 *     node examples/fit-classifier/main.ts rows.libsvm --hessian products --ridge 0.01
 */
import { parseArgs } from "node:util";
import { GradusError } from "gradus/check";
import { fitClassifier } from "./fit-classifier.ts";
import { readRows } from "./read-rows.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { hessian: { type: "string" }, ridge: { type: "string" }, tolerance: { type: "string" } },
});

async function main(path: string): Promise<void> {
  const { hessian, ridge = "1e-3", tolerance = "1e-8" } = values;
  const rows = readRows(path);
  const start = performance.now();
  const found = await fitClassifier(rows, { hessian, ridge: Number(ridge), tolerance: Number(tolerance) });
  const seconds = (performance.now() - start) / 1000;
  console.log(`rows         ${rows.A.rows} x ${rows.A.columns - 1}, classes ${found.classes.join(", ")}`);
  console.log(`model        ${found.model}, ridge ${ridge}, Hessian ${hessian ?? "exact"}`);
  console.log(`ended        ${found.status} after ${found.iterations} iterations, ${seconds.toFixed(3)} s`);
  console.log(`loss         ${found.value}`);
  console.log(`gradient     ${found.gradientNorm.toExponential(2)}`);
  console.log(`accuracy     ${(100 * found.accuracy).toFixed(2)} % of these rows`);
  console.log("iteration    loss                 gradient   gamma      trials");
  for (const { iteration, value, gradientNorm, step } of found.trace)
    console.log(
      `${String(iteration).padEnd(12)} ${value.toPrecision(12).padEnd(20)} ${gradientNorm.toExponential(2).padEnd(10)} ${step ? `${step.gamma.toExponential(2).padEnd(10)} ${step.trials}` : ""}`,
    );
}

const [path] = positionals;
try {
  if (path === undefined) throw new RangeError("wants the path of a .csv or LIBSVM file");
  await main(path);
} catch (error) {
  if (
    !(error instanceof GradusError || error instanceof RangeError) &&
    !(error instanceof Error && "code" in error)
  )
    throw error;
  console.error(`fit-classifier: ${error.message}`);
  process.exitCode = 1;
}

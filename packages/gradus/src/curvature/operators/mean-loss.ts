import { compile, item, type Tensor, type Tree } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { parameterLayout } from "../../tree/parameter-layout.ts";
import { rowCount, takeRows } from "../../tree/rows.ts";
import { dataSpecs, treeSpecs } from "../../tree/signature.ts";
import type { LossProblem } from "./contract.ts";

/** Number of rows on which a loss is tested. */
const ROWS = 8;
const TOLERANCE = { f32: 1e-4, f64: 1e-9 } as const;

/**
 * Checks that a loss is the mean over the rows of a batch: its value on a few rows must be the weighted mean of its
 * values on two parts of them. With a sum instead, the curvature summed over batches would depend on how many rows fit
 * into memory.
 *
 * @param lossOf the loss of the given rows; rows may repeat
 * @param total the number of rows
 * @throws ArgumentError when it is not the mean; the message says whether it is the sum
 */
export async function checkMeanLoss(
  lossOf: (rows: Int32Array) => Promise<number>,
  total: number,
  dtype: "f32" | "f64",
): Promise<"mean" | "zero"> {
  const rows = Int32Array.from({ length: Math.max(2, Math.min(ROWS, total)) }, (_, i) => i % total);
  // the parts have different sizes, so that a sum over rows and a sum over batches differ
  const cut = Math.max(1, Math.floor(rows.length / 3));
  const [first, second] = [rows.subarray(0, cut), rows.subarray(cut)];
  const [whole, a, b] = [await lossOf(rows), await lossOf(first), await lossOf(second)];
  const size = Math.abs(whole) + Math.abs(a) + Math.abs(b);
  if (size === 0) return "zero";
  const mean = (a * first.length + b * second.length) / rows.length;
  const off = (value: number) => Math.abs(whole - value) > TOLERANCE[dtype] * size;
  // numbers that are not finite are reported by the products, by row or by parameter
  if (!Number.isFinite(size) || !off(mean)) return "mean";
  const reason = off(a + b) ? "rows of a batch must not depend on each other" : "it is their sum";
  throw new ArgumentError(
    `loss must be the mean over a batch's rows, got ${whole} on ${rows.length} rows, but ${first.length} of them give ` +
      `${a} and the other ${second.length} give ${b}: ${reason}; ${off(a + b) ? "" : "divide it by the number of rows and "}` +
      "take the mean of the per-row losses",
  );
}

/**
 * Checks a traced loss at the problem's parameters, or near them if it is 0 on all rows tested.
 *
 * @throws what `checkMeanLoss` throws
 */
export async function checkTracedMeanLoss<P extends ValuesOf<P>, D extends ValuesOf<D>>({
  loss,
  parameters,
  data,
  threads,
  runtime,
}: LossProblem<P, D>): Promise<void> {
  const traced = (given: { readonly parameters: Tree<Tensor>; readonly batch: Tree<Tensor> }) =>
    loss(
      given.parameters as Parameters<typeof loss>[0], // the structures are those of parameters and data
      given.batch as Parameters<typeof loss>[1],
    );
  const specs = { parameters: treeSpecs(parameters), batch: dataSpecs(data) };
  using program = await compile(traced, specs, { threads, runtime });
  let dtype: "f32" | "f64" = "f64";
  const lossAt = (at: P) => async (rows: Int32Array) => {
    const value = await program.run({ parameters: at, batch: takeRows(data, rows) });
    if (value.dtype === "f32") dtype = "f32";
    return item(value);
  };
  const rows = rowCount(data);
  await lossAt(parameters)(Int32Array.of(0)); // determines the type
  if ((await checkMeanLoss(lossAt(parameters), rows, dtype)) === "mean") return;
  const layout = parameterLayout(parameters);
  const beside = layout.unpack(layout.pack(parameters).map((value) => 1.1 * value + 0.1));
  await checkMeanLoss(lossAt(beside), rows, dtype);
}

import { array, matmul, mean, type Runtime, square, sub, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { sgd } from "./sgd.ts";
import { train } from "./train.ts";

type Parameters = { readonly w: Tensor };
type Batch = { readonly x: Tensor; readonly y: Tensor };

const [rows, width] = [10_000, 40];
const data = {
  x: array(new Float32Array(rows * width).fill(0.1), [rows, width]),
  y: array(new Float32Array(rows * width), [rows, width]),
};
const parameters = { w: array(new Float32Array(width * width).fill(0.1), [width, width]) };
const loss = ({ w }: Parameters, { x, y }: Batch) => mean(square(sub(matmul(x, w), y)));

/** The work by which a runtime chooses the threads of a training loop. */
async function workOf(batchSize: number | "full"): Promise<number | undefined> {
  let seen: number | undefined;
  const runtime: Runtime = {
    name: "records",
    async load(_, { work }) {
      seen = work;
      throw new Error("recorded");
    },
  };
  const run = train({ loss, parameters, data, optimizer: sgd({ learningRate: 0.1 }), batchSize, runtime });
  await expect(run.next()).rejects.toThrow("recorded");
  return seen;
}

test("the rows of a step decide on the threads of a training loop", async () => {
  // The largest operation is the product of [rows of the step, 40] and [40, 40].
  expect(await workOf("full")).toBe(2 * rows * width * width);
  expect(await workOf(1000)).toBe(2 * 1000 * width * width);
  expect(await workOf(500)).toBe(2 * 500 * width * width);
});

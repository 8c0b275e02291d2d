import { array, log, mean, mul, square, sub, sum, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { ConvergenceError } from "../check/errors.ts";
import { solve } from "../iterate/iterate.ts";
import { shuffledBatches } from "./batches.ts";
import { DivergenceError } from "./divergence.ts";
import { sgd } from "./sgd.ts";
import { compileTrainer, train } from "./train.ts";

type Line = { readonly w: Tensor };
type Rows = { readonly x: Tensor };
const start = { w: array(Float64Array.of(1)) };

test("a loss is reported at the epoch, batch and step where it first is not finite", async () => {
  // Row 7 holds the one bad number; in order, three rows a batch, it is in batch 3 of 4, and epoch 1 has steps 1 to 4.
  const x = Float64Array.from({ length: 11 }, (_, i) => (i === 7 ? -1 : 1));
  const problem = {
    loss: ({ w }: Line, batch: Rows) => mean(mul(w, log(batch.x))),
    parameters: start,
    data: { x: array(x, [11, 1]) },
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize: 3,
    batches: () => Int32Array.from({ length: 11 }, (_, i) => i),
  };
  const error = await solve(train({ ...problem, epochs: 2 })).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DivergenceError);
  expect(error).toBeInstanceOf(ConvergenceError);
  expect(error).toMatchObject({ epoch: 1, step: 3, lastFiniteLoss: 0 });
  expect(String(error)).toMatch(
    /the loss became NaN at epoch 1, batch 3; the last finite loss was 0\..*Step 3/,
  );
});

test("a loss that is not finite at the start does not blame the learning rate", async () => {
  const run = train({
    loss: ({ w }: Line, { x }: Rows) => mean(log(sub(x, mul(w, 2)))),
    parameters: start,
    data: { x: array(Float64Array.of(1, 1), [2, 1]) },
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize: "full",
  });
  const error = await solve(run, { maxIterations: 2 }).catch((e: unknown) => e);
  expect(error).toMatchObject({ epoch: 1, step: 1, lastFiniteLoss: undefined });
  expect(String(error)).toMatch(
    /NaN at epoch 1, batch 1; before any step: check the loss and the initial parameters/,
  );
});

test("the step is counted over resumed epochs and shorter batches", async () => {
  const data = { x: array(new Float64Array(5).fill(1), [5, 1]) };
  using trainer = await compileTrainer({
    loss: ({ w }: Line, { x }: Rows) => mul(mean(x), sum(square(w))),
    parameters: start,
    data,
    optimizer: ({ rate }) => sgd({ learningRate: rate }),
    settings: { rate: 1e-3 },
    batchSize: 2,
  });
  const run = { batches: shuffledBatches(5, { leftover: "batch" }), epochs: 9 };
  const { iterate } = await solve(trainer.train(run), { maxIterations: 3 });
  expect(iterate.steps).toBe(9);
  const diverging = trainer.train({ ...run, resume: iterate, settings: { rate: 1e200 } });
  const error = await solve(diverging).catch((e: unknown) => e);
  // Step 10 makes w some -1e200, and w^2 overflows in the loss of step 11: the second batch of epoch 4.
  expect(error).toBeInstanceOf(DivergenceError);
  expect(error).toMatchObject({ epoch: 4, step: 11 });
  expect(String(error)).toMatch(/the loss became Infinity at epoch 4, batch 2/);
});

test("what the last step did to the parameters is reported, though its loss was finite", async () => {
  const run = train({
    loss: ({ w }: Line, { x }: Rows) => mean(square(sub(mul(w, 1e200), x))),
    parameters: { w: array(Float64Array.of(1e-60)) },
    data: { x: array(Float64Array.of(1), [1, 1]) },
    optimizer: sgd({ learningRate: 1 }),
    batchSize: "full",
    epochs: 1,
  });
  const error = await solve(run).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DivergenceError);
  expect(String(error)).toMatch(/parameters\.w became -Infinity in element 0 at epoch 1, batch 1/);
});

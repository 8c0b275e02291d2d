import {
  type ArrayValue,
  array,
  type FloatType,
  floatData,
  item,
  square,
  sum,
  type Tensor,
  toNumbers,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { solve } from "../iterate/iterate.ts";
import { exponentialAveraging } from "./average-parameters.ts";
import { shuffledBatches } from "./batches.ts";
import { compileStep } from "./compile-step.ts";
import { sgd } from "./sgd.ts";
import { networkLoss, optimizers, regression } from "./test-problem.ts";
import { compileTrainer } from "./train.ts";

function chosenRows({ dtype, data, shape }: ArrayValue, rows: readonly number[]): ArrayValue<FloatType> {
  const width = shape[1];
  const values = rows.flatMap((i) => Array.from(data.subarray(i * width, (i + 1) * width), Number));
  return array(dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values), [rows.length, width]);
}

describe.each(["f32", "f64"] as const)(
  "one call a step gives the fused loop's numbers bit for bit in %s",
  (dtype) => {
    test.each(Object.entries(optimizers))("%s", async (_, optimizer) => {
      const { data, parameters } = regression(dtype);
      const problem = {
        loss: networkLoss,
        parameters,
        data,
        optimizer: optimizer(),
        averaging: exponentialAveraging(),
      };
      using trainer = await compileTrainer({ ...problem, batchSize: 5 });
      using program = await compileStep(problem);
      const orders: Int32Array[] = [];
      const batches: typeof shuffled = (stream, size) => {
        const order = shuffled(stream, size);
        orders.push(order);
        return order;
      };
      const shuffled = shuffledBatches(23, { leftover: "batch" });
      const { iterate } = await solve(trainer.train({ epochs: 3, seed: 2, batches }));
      let state = await program.init();
      let loss = 0;
      for (const [epoch, order] of orders.entries())
        for (let from = 0; from < 23; from += 5) {
          const rows = Array.from(order.subarray(from, from + 5));
          const result = await program.step(state, {
            x: chosenRows(data.x, rows),
            y: chosenRows(data.y, rows),
          });
          state = result.state;
          if (epoch === 2) loss += (result.loss * rows.length) / 23;
        }
      const { loss: meanLoss, metrics, ...fused } = iterate.state;
      expect(state).toStrictEqual(fused);
      expect(state).toMatchObject({ steps: 15, samples: 69 });
      expect(meanLoss).toBeCloseTo(loss, 12);
      expect(metrics).toBeUndefined();
      expect(state.parameters).not.toStrictEqual(parameters);
      expect(toNumbers(state.parameters.hidden.weights).every(Number.isFinite)).toBe(true);
    });
  },
);

test("a step shows what it is asked to, before its update", async () => {
  const { data, parameters } = regression("f64");
  using program = await compileStep({
    loss: networkLoss,
    parameters,
    data,
    optimizer: ({ rate }) => sgd({ learningRate: rate }),
    settings: { rate: 0.1 },
    observe: ({
      gradient,
      parameters: { output },
    }: {
      gradient: { output: { bias: Tensor } };
      parameters: { output: { bias: Tensor } };
    }) => ({
      norm: sum(square(gradient.output.bias)),
      bias: output.bias,
    }),
  });
  const state = await program.init();
  const { state: next, observed } = await program.step(state, data, { rate: 0.5 });
  expect(observed.bias).toStrictEqual(parameters.output.bias);
  const moved = floatData(next.parameters.output.bias)[0] - floatData(parameters.output.bias)[0];
  expect(item(observed.norm)).toBeCloseTo((moved / 0.5) ** 2, 12);
  expect(state.steps).toBe(0);
});

test("what is no batch is refused by name", async () => {
  const { data, parameters } = regression("f64");
  using program = await compileStep({
    loss: networkLoss,
    parameters,
    data,
    optimizer: sgd({ learningRate: 0.1 }),
  });
  const state = await program.init();
  await expect(program.step(state, { ...data, y: array(new Float64Array(4), [4, 1]) })).rejects.toThrow(
    /batch\.y: has 4 rows, batch\.x has 23/,
  );
});

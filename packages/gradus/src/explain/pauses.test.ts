import { expect, test } from "vitest";
import { randomStream } from "../random/stream.ts";
import { explain } from "./explain.ts";
import type { ExplainableModel } from "./models/contract.ts";
import { gaussianNeighborhood } from "./neighborhoods/continuous.ts";
import { pauses } from "./pauses.ts";

const x = { rows: 4, columns: 2, values: randomStream(1).fillNormal(new Float64Array(8)) };
const model: ExplainableModel = {
  features: 2,
  values: ({ rows, values }) =>
    Float64Array.from(
      { length: rows },
      (_, i) => 1 / (1 + Math.exp(Math.sin(values[2 * i]) - values[2 * i + 1])),
    ),
};
const neighborhood = gaussianNeighborhood({ sigma: 1 });

test("timers run during the pauses of a long computation", async () => {
  const pause = pauses(undefined);
  let fired = false;
  setTimeout(() => {
    fired = true;
  });
  while (!fired) {
    const until = performance.now() + 25;
    while (performance.now() < until);
    await pause();
  }
});

test("a signal that is aborted after the model has answered ends the fits of logistic surrogates", async () => {
  const controller = new AbortController();
  const enough = new Error("enough");
  const weight = () => {
    controller.abort(enough);
    return 1;
  };
  const options = { neighborhood, surrogate: "logistic", loss: "crossEntropy", samples: 50 } as const;
  await expect(explain(model, x, { ...options, weight, signal: controller.signal })).rejects.toBe(enough);
});

test("logistic surrogates fitted at the same time are those of one after the other", async () => {
  const explained = ([surrogate, seed]: readonly [surrogate: "logistic" | "linear", seed: number]) =>
    explain(model, x, {
      neighborhood,
      surrogate,
      samples: 50,
      seed,
      weight: (distance) => 1 / (seed + distance),
    });
  const runs = [
    ["logistic", 1],
    ["linear", 2],
    ["logistic", 3],
  ] as const;
  const one = [];
  for (const run of runs) one.push(await explained(run));
  expect(await Promise.all(runs.map((run) => explained(run)))).toEqual(one);
});

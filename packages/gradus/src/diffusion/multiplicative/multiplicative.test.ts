import {
  add,
  array,
  compile,
  constants,
  f64,
  i64,
  item,
  log,
  mul,
  neg,
  sub,
  type Tensor,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { timeMlp } from "../networks/time-mlp.ts";
import { geometricBrownianProcess, varianceExplodingProcess } from "../processes/brownian.ts";
import { conditionalHyvarinenScore, multiplicativeTweedie } from "./hyvarinen-score.ts";
import { implicitScoreLoss } from "./implicit-loss.ts";
import { scoreMatchingFit } from "./score-matching-fit.ts";

const process = geometricBrownianProcess({ drift: 0.2, volatility: 0.6 });

test("the conditional score and Tweedie's estimate, worked by hand", () => {
  const h = conditionalHyvarinenScore(process, { x: 1.065493342, clean: 1.25, t: 0.5 });
  expect(h).toBeCloseTo(-0.0571909584, 8);
  expect(h / 1.065493342).toBeCloseTo(-0.0536755662, 8);
  expect(multiplicativeTweedie(process, { x: 1.4, h: 0.5, t: 0.5 })).toBeCloseTo(1.8157021213, 9);
  // the estimate from the conditional score of a point is that point
  expect(multiplicativeTweedie(process, { x: 1.065493342, h, t: 0.5 })).toBeCloseTo(1.25, 12);
});

test("x, times and processes that have no such score are refused", () => {
  expect(() => conditionalHyvarinenScore(process, { x: -1, clean: 1, t: 0.5 })).toThrow(
    "x must be a positive number, got -1",
  );
  expect(() => conditionalHyvarinenScore(process, { x: 1, clean: 1, t: 2 })).toThrow(/t must be in \[/);
  expect(() => multiplicativeTweedie(varianceExplodingProcess(), { x: 1, h: 0, t: 0.5 })).toThrow(
    "process must have multiplicative noise, got the variance exploding process",
  );
});

test("closed forms of score matching on four numbers, worked by hand", () => {
  const x = [0.5, 1, 2, 3];
  expect(scoreMatchingFit(x, "exponential").rate).toBeCloseTo(0.9122807018, 9);
  const gamma = scoreMatchingFit(x, "gamma");
  expect(gamma.shape).toBeCloseTo(2.8644067797, 9);
  expect(gamma.rate).toBeCloseTo(1.7627118644, 9);
  const logNormal = scoreMatchingFit(x, "log-normal");
  expect(logNormal.mean).toBeCloseTo(0.2746530722, 9);
  expect(logNormal.variance).toBeCloseTo(0.4665294371, 9);
  expect(() => scoreMatchingFit([1, 0], "gamma")).toThrow(
    new DataError("x must be positive, got 0 at index 1"),
  );
  expect(() => scoreMatchingFit([2, 2], "gamma")).toThrow("x must have numbers that differ for a gamma law");
  expect(() => scoreMatchingFit([1], "weibull" as never)).toThrow(ArgumentError);
});

/** Values of the implicit loss of h(x; p) on a column of numbers. */
async function lossOf(h: (x: Tensor, p: readonly Tensor[]) => Tensor, values: readonly number[], d = 1) {
  const program = await compile(({ x, p }) => implicitScoreLoss((at) => h(at, p), x), {
    x: f64("rows", d),
    p: [f64(), f64()],
  });
  const x = array(Float64Array.from(values), [values.length / d, d]);
  return {
    at: async (a: number, b: number) => item(await program.run({ x, p: [a, b] })),
    [Symbol.dispose]: () => program.dispose(),
  };
}

test("the traced loss is least at the closed forms", async () => {
  const x = [0.5, 1, 2, 3];
  const laws = [
    [(t: Tensor, [r]: readonly Tensor[]) => neg(mul(t, r)), [scoreMatchingFit(x, "exponential").rate, 0]],
    [
      (t: Tensor, [k, r]: readonly Tensor[]) => sub(sub(k, 1), mul(t, r)),
      Object.values(scoreMatchingFit(x, "gamma")),
    ],
    [
      (t: Tensor, [m, precision]: readonly Tensor[]) => sub(-1, mul(sub(log(t), m), precision)),
      [scoreMatchingFit(x, "log-normal").mean, 1 / scoreMatchingFit(x, "log-normal").variance],
    ],
  ] as const;
  for (const [h, [a, b]] of laws) {
    using loss = await lossOf(h, x);
    const least = await loss.at(a, b);
    for (const [da, db] of [
      [1e-3, 0],
      [-1e-3, 0],
      [0, 1e-3],
      [0, -1e-3],
    ])
      expect(await loss.at(a + da, b + db)).toBeGreaterThanOrEqual(least - 1e-15);
  }
});

test("Hutchinson's estimate is unbiased for a network", async () => {
  const model = timeMlp({ inputs: 3, hidden: [6] });
  const parameters = model.parameters({ stream: randomStream(3), dtype: "f64" });
  const h = (x: Tensor) => model.apply(constants(parameters), x, constants(array(Float64Array.of(0.4))));
  const program = await compile(
    ({ x, draw }) => ({
      exact: implicitScoreLoss(h, x),
      estimate: implicitScoreLoss(h, x, { trace: "hutchinson", probes: 2, seed: 5, counter: draw }),
    }),
    { x: f64(4, 3), draw: i64() },
  );
  const stream = randomStream(1);
  const x = Float64Array.from({ length: 12 }, () => 0.5 + stream.exponential());
  const estimates: number[] = [];
  let exact = 0;
  for (let draw = 0; draw < 600; draw++) {
    const result = await program.run({ x, draw } as never);
    exact = item(result.exact);
    estimates.push(item(result.estimate));
  }
  void program.dispose();
  const mean = estimates.reduce((a, b) => a + b, 0) / estimates.length;
  const deviation = Math.sqrt(estimates.reduce((s, e) => s + (e - mean) ** 2, 0) / estimates.length);
  expect(deviation).toBeGreaterThan(0);
  expect(Math.abs(mean - exact)).toBeLessThan((4 * deviation) / Math.sqrt(estimates.length));
});

test("options of the loss that do not fit are refused", async () => {
  const h = (x: Tensor) => add(x, 0);
  await expect(
    compile(({ x }) => implicitScoreLoss(h, x, { trace: "hutchinson" }), { x: f64(2, 2) }),
  ).rejects.toThrow('seed and counter must be given with trace "hutchinson"');
  await expect(compile(({ x }) => implicitScoreLoss(h, x), { x: f64(2) })).rejects.toThrow(
    "x must be [rows, d]",
  );
});

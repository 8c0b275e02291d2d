import { array } from "@gradus/graph";
import { conditionedLogistic } from "gradus/data";
import { binaryLogisticLoss, softmaxLoss, squaredLoss } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import {
  batchObjective,
  innerGradientDescent,
  linearTargets,
  sgdRule,
  sso,
  stochasticDescent,
  type TargetModel,
  targetLoss,
  targetProblem,
  targetSurrogate,
  tracedTargets,
} from "gradus/target-surrogates";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  type Point,
  points,
  progress,
  table,
} from "../experiment.ts";
import { drive, wholeLoss } from "./follow.ts";

const ROWS = 64;
const INPUTS = 5;
const OUTPUTS = 3;
const DISTANCE = 3;
const GAPS_DRAWN = 200;
const horizons = [10, 100, 1000] as const;
/** Squared gradients below this are rounding. */
const SMALLEST_DRAWN = 1e-26;

interface GapsOptions {
  readonly theta: Float64Array;
  readonly eta: number;
  readonly samples: number;
  readonly seed: number;
  /** Of each gap, with how many there are. */
  readonly show: (gap: Point, count: number) => Iterable<ExperimentEvent>;
}

interface Gaps {
  readonly gaps: readonly Point[];
  readonly value: number;
  readonly gradient: number;
}

/** Gaps S - h at random points around theta, and how well the two agree at theta. */
async function* gapsAround(
  model: TargetModel,
  loss: ReturnType<typeof targetLoss>,
  { theta, eta, samples, seed, show }: GapsOptions,
): ExperimentRun<Gaps> {
  const batch = await targetProblem(model, loss).at(0, theta);
  const objective = batchObjective(batch);
  const surrogate = await targetSurrogate(batch, theta, { eta });
  const { value, gradient } = await objective.valueAndGradient(theta);
  const slope = await surrogate.gradient(theta);
  const stream = randomStream(seed).split("around");
  const gaps: Point[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const distance = DISTANCE * stream.uniform();
    const direction = stream.unitSphere(theta.length);
    const at = theta.map((entry, k) => entry + distance * direction[k]);
    const gap = { x: distance, y: (await surrogate.value(at)) - (await objective.value(at)) };
    gaps.push(gap);
    yield* show(gap, gaps.length);
  }
  return {
    gaps,
    value: Math.abs((await surrogate.value(theta)) - value),
    gradient: slope.reduce((most, entry, k) => Math.max(most, Math.abs(entry - gradient[k])), 0),
  };
}

const largestIncrease = (losses: readonly number[]) =>
  losses.slice(1).reduce((most, loss, t) => Math.max(most, loss - losses[t]), Number.NEGATIVE_INFINITY);

export default defineExperiment({
  id: "majorization",
  title: "The surrogate lies above the loss, and descends",
  description:
    "Compares surrogate and loss of a tanh network 5-16-3 at random parameters, follows the loss over outer steps with 10 inner steps each, and sets the gradients of a linear logistic model against the bound 2β(h₀ − h*)/T.",
  claims: ["C1", "C2"],
  parameters: z.object({
    samples: z
      .int()
      .min(10)
      .max(10_000)
      .default(200)
      .describe("random parameters at which both are compared"),
    outerSteps: z.int().min(5).max(2000).default(100).describe("outer steps of the network"),
  }),
  profiles: { quick: {}, full: { samples: 2000, outerSteps: 500 } },
  seconds: { quick: 5, full: 20 },
  plots: [
    {
      id: "gap",
      title: "Surrogate minus loss, squared loss",
      x: { label: "distance of θ from θ_t" },
      y: { label: "S_t(θ) − h(θ)" },
      mark: "dot",
      series: ["η = 1/L", "η = 1.25/L"],
    },
    {
      id: "descent",
      title: "Loss of the network, 10 inner steps a gradient",
      x: { label: "outer step t (gradients of the loss)" },
      y: { label: "h(θ_t)", scale: "log" },
      mark: "line",
      series: ["squared loss", "softmax"],
    },
    {
      id: "bound",
      title: "Linear logistic model: smallest gradient so far, and its bound",
      x: { label: "outer steps T", scale: "log" },
      y: { label: "min ‖∇h‖²", scale: "log" },
      mark: "line",
      series: ["m = 10", "m = 1", "2β(h₀ − h*)/T"],
      references: ["2β(h₀ − h*)/T"],
    },
  ],

  async *run({ parameters: { samples, outerSteps }, seed, signal, stage }) {
    const stream = randomStream(seed);
    const checks: Check[] = [];
    const shares: Record<string, number> = {};
    const increases: number[] = [];
    let below = 0;
    const rows: Record<string, number | string | null>[] = [];
    // First, because it needs no graph engine, whose start takes a moment in a browser.
    yield progress(0, "the bound on gradients");
    const { ratios, deviation } = yield* stage("bound", async function* () {
      const data = conditionedLogistic({ n: 200, d: 10, condition: 10, seed });
      const linear = linearTargets(data.x);
      const loss = targetLoss(binaryLogisticLoss, data.y);
      const whole = targetProblem(linear, loss);
      const zero = new Float64Array(data.x.columns);
      const optimum = await drive(sso(whole, zero, { inner: "exact", signal }), 400);
      const lowest = (await wholeLoss(whole, optimum.theta)).value;
      // X = sqrt(n) U diag(s) V^T with largest s = 1, so lambda_max(X^T X / n) = 1 and beta = 1 / eta = L
      const bound = (T: number) => (2 * 0.25 * (Math.log(2) - lowest)) / T;
      const ratios: number[] = [];
      for (const innerSteps of [1, 10]) {
        let smallest = Number.POSITIVE_INFINITY;
        const drawn: Point[] = [];
        const inner = innerGradientDescent({ stepSize: 4 });
        await drive(
          sso(whole, zero, { eta: 4, innerSteps, inner, signal }),
          Math.max(...horizons),
          ({ iteration, batchGradientNorm }) => {
            if (batchGradientNorm === undefined) return false;
            smallest = Math.min(smallest, batchGradientNorm ** 2);
            if (horizons.some((T) => T === iteration)) ratios.push(smallest / bound(iteration));
            if (iteration >= 1.15 * Number(drawn.at(-1)?.x ?? 0)) drawn.push({ x: iteration, y: smallest });
            return false;
          },
        );
        yield points(
          "bound",
          `m = ${innerSteps}`,
          drawn.filter(({ y }) => y > SMALLEST_DRAWN),
        );
      }
      yield points(
        "bound",
        "2β(h₀ − h*)/T",
        [1, ...horizons].map((T) => ({ x: T, y: bound(T) })),
      );
      const batches = targetProblem(linear, loss, { batchSize: 20, seed });
      const plain = stochasticDescent(batches, zero, sgdRule(0.5), { signal });
      let deviation = 0;
      const inner = innerGradientDescent({ stepSize: 0.5 });
      await drive(sso(batches, zero, { innerSteps: 1, inner, eta: 4, signal }), 200, async (iterate) => {
        const next = await plain.next();
        if (next.done) return true;
        const { theta: reference } = next.value;
        for (let k = 0; k < reference.length; k++)
          deviation = Math.max(deviation, Math.abs(reference[k] - iterate.theta[k]));
        return false;
      });
      return { ratios, deviation };
    });
    const losses = {
      "squared loss": targetLoss(
        squaredLoss,
        stream.split("y").fillNormal(new Float64Array(ROWS * OUTPUTS)),
        { outputs: OUTPUTS },
      ),
      softmax: targetLoss(
        softmaxLoss(OUTPUTS),
        Array.from({ length: ROWS }, (_, i) => stream.split("labels").split(i).integer(OUTPUTS)),
      ),
    };
    const network = mlp({ inputs: INPUTS, hidden: [16], outputs: OUTPUTS, activation: "tanh" });
    const inputs = array(stream.split("inputs").fillNormal(new Float64Array(ROWS * INPUTS)), [ROWS, INPUTS]);
    using traced = await tracedTargets({
      model: (parameters, x) => network.apply(parameters, x),
      parameters: network.parameters({ stream: stream.split("network"), dtype: "f64" }),
      inputs,
    });
    const model = traced.on(inputs);
    const { theta } = traced;

    for (const [k, [name, loss]] of Object.entries(losses).entries()) {
      yield progress(0.2 + 0.4 * k, `${name}: surrogate and loss`);
      const L = Number(loss.smoothness);
      const squared = name === "squared loss";
      const { inside, beyond, increase } = yield* stage(name, async function* () {
        const around = { theta, samples, seed };
        const shown = (series: string) => (gap: Point, count: number) =>
          squared && count <= GAPS_DRAWN ? [points("gap", series, [gap])] : [];
        const inside = yield* gapsAround(model, loss, { ...around, eta: 1 / L, show: shown("η = 1/L") });
        const beyond = squared
          ? yield* gapsAround(model, loss, { ...around, eta: 1.25 / L, show: shown("η = 1.25/L") })
          : undefined;
        const followed: number[] = [];
        const problem = targetProblem(model, loss);
        await drive(
          sso(problem, theta, { eta: 1 / L, innerSteps: 10, signal }),
          outerSteps,
          ({ batchLoss }) => {
            if (batchLoss !== undefined) followed.push(batchLoss);
            return false;
          },
        );
        const every = Math.ceil(followed.length / 200);
        yield points(
          "descent",
          name,
          followed.flatMap((y, x) => (x % every === 0 ? [{ x, y }] : [])),
        );
        return { inside, beyond, increase: largestIncrease(followed) };
      });
      const above = inside.gaps.filter(({ y }) => y >= -1e-10).length;
      shares[name] = above;
      increases.push(increase);
      if (beyond) below = beyond.gaps.filter(({ y }) => y < 0).length;
      checks.push(
        check("C1", `${name}: share of points with S − h ≥ −1e-10, η = 1/L`, above / samples, { equals: 1 }),
        check("C1", `${name}: |S − h| where they touch`, inside.value, { atMost: 1e-12 }),
        check("C1", `${name}: largest difference of the gradients there`, inside.gradient, { atMost: 1e-10 }),
        check("C2", `${name}: largest increase of the loss in an outer step`, increase, { atMost: 1e-12 }),
      );
      if (beyond)
        checks.push(
          check(
            "C1",
            `${name}: share of points where η = 1.25/L violates the bound, as it must`,
            below / samples,
            { equals: 1 },
          ),
        );
      rows.push({
        loss: name,
        gap: Math.min(...inside.gaps.map(({ y }) => y)),
        touch: inside.value,
        gradient: inside.gradient,
        increase,
      });
      yield table({
        id: "network",
        title: "Surrogate against loss",
        columns: [
          { key: "loss", label: "loss" },
          { key: "gap", label: "smallest S − h" },
          { key: "touch", label: "|S − h| at θ_t" },
          { key: "gradient", label: "gradient difference at θ_t" },
          { key: "increase", label: "largest increase of h" },
        ],
        rows: [...rows],
      });
    }

    checks.push(
      check(
        "C2",
        "linear logistic model: min ‖∇h‖² over 2β(h₀ − h*)/T, largest of T = 10, 100, 1000 and m = 1, 10",
        Math.max(...ratios),
        { atMost: 1 },
      ),
      check("C2", "one inner step against stochastic gradient descent: largest difference", deviation, {
        atMost: 1e-12,
      }),
    );
    yield progress(1, "done");
    return {
      checks,
      captions: {
        gap: `With η = 1/L the surrogate of the squared loss is the loss itself, so the gap is rounding; with η = 1.25/L it lies below the loss at ${below} of ${samples} points.`,
        descent: `Ten inner steps a gradient, ${outerSteps} gradients: the largest change in a step is ${formatFigure(Math.max(...increases))}.`,
        bound: `The gradients stay below the bound; the largest share of it that they reach is ${formatFigure(Math.max(...ratios))}.`,
      },
      summary: [
        `At ${samples} random points within distance 3 the surrogate with η = 1/L is above the loss, to rounding, at ${shares["squared loss"]} (squared loss) and ${shares.softmax} (softmax) of them; with η = 1.25/L it is below at ${below}.`,
        `The largest change of a loss in an outer step of 10 inner steps is ${formatFigure(Math.max(...increases))}: it never increases where that is negative. One inner step is stochastic gradient descent to ${formatFigure(deviation)}.`,
      ],
    };
  },
});

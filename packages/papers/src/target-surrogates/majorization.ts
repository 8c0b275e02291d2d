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
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  type Point,
  points,
  progress,
} from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
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

/** The findings on a network with one loss. */
interface Network {
  readonly loss: string;
  /** The smallest S − h at η = 1/L. */
  readonly gap: number;
  /** |S − h| and the largest difference of the gradients at θ_t. */
  readonly touch: number;
  readonly gradient: number;
  /** Share of the points with S < h at η = 1.25/L, of the squared loss. */
  readonly below: number | null;
  /** The largest change of the loss in an outer step. */
  readonly increase: number;
}

export default defineExperiment({
  description:
    "Compares the surrogate of a 5-16-3 tanh network with its loss at random parameters, follows the loss over outer steps with 10 inner steps each, and compares the gradients of a linear logistic model with the bound 2β(h₀ − h*)/T.",
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
    dotPlot("gap", "Surrogate minus loss, squared loss", "distance of θ from θ_t", "S_t(θ) − h(θ)", {
      series: ["η = 1/L", "η = 1.25/L"],
    }),
    linePlot(
      "descent",
      "Loss of the network, 10 inner steps per gradient",
      "outer step t (gradients of the loss)",
      logAxis("h(θ_t)"),
      { series: ["squared loss", "softmax"] },
    ),
    linePlot(
      "bound",
      "Linear logistic model: smallest gradient so far, and its bound",
      logAxis("outer steps T"),
      logAxis("min ‖∇h‖²"),
      { series: ["m = 10", "m = 1", "2β(h₀ − h*)/T"], references: ["2β(h₀ − h*)/T"] },
    ),
  ],

  async *measure({ parameters: { samples, outerSteps }, seed, signal, stage }) {
    const stream = randomStream(seed);
    const networks: Network[] = [];
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
      yield curve("bound", "2β(h₀ − h*)/T", [1, ...horizons], (T) => ({ x: T, y: bound(T) }));
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
      const found = yield* stage(name, async function* () {
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
        return {
          gap: Math.min(...inside.gaps.map(({ y }) => y)),
          touch: inside.value,
          gradient: inside.gradient,
          below: beyond ? beyond.gaps.filter(({ y }) => y < 0).length / samples : null,
          increase: largestIncrease(followed),
        };
      });
      networks.push({ loss: name, ...found });
    }
    return { samples, outerSteps, networks, bound: Math.max(...ratios), deviation };
  },

  judge({ networks, bound, deviation }) {
    const [squared, softmax] = networks;
    return [
      check(
        "C1",
        "smallest S − h at random parameters, softmax loss, η = 1/L",
        softmax.gap,
        { atLeast: -1e-10 },
        theorem(
          "a loss that is L-smooth in the targets lies below its quadratic model with curvature 1/η ≥ L",
        ),
      ),
      check(
        "C1",
        "|S − h| at θ_t, η = 1/L, larger of both losses",
        Math.max(...networks.map(({ touch }) => touch)),
        { atMost: 1e-12 },
        theorem("“tight”: the terms that S adds to the loss at θ_t vanish there; the tolerance is rounding"),
      ),
      check(
        "C1",
        "largest difference of the gradients of S and h at θ_t, η = 1/L, both losses",
        Math.max(...networks.map(({ gradient }) => gradient)),
        { atMost: 1e-10 },
        theorem("a bound that touches a smooth function has its gradient there; the tolerance is rounding"),
      ),
      ...networks.map(({ loss, increase }) =>
        check(
          "C2",
          `largest change of the loss in an outer step, ${loss}`,
          increase,
          { atMost: 1e-12 },
          theorem("a step that does not increase an upper bound tight at θ_t does not increase the loss"),
        ),
      ),
      check(
        "C2",
        "min ‖∇h‖² over 2β(h₀ − h*)/T, linear logistic model, largest of T = 10, 100, 1000 and m = 1, 10",
        bound,
        { atMost: 1 },
        theorem("the bound for gradient descent on a β-smooth surrogate, derived in the remarks"),
      ),
      ourCheck(
        "largest change of the loss in an outer step, both losses",
        Math.max(...networks.map(({ increase }) => increase)),
        { below: 0 },
        criterion(
          "a control: away from a stationary point the loss falls, and a method that stands still must fail",
        ),
      ),
      ourCheck(
        "share of random parameters with S < h, squared loss, η = 1.25/L",
        squared.below ?? 0,
        { equals: 1 },
        theorem("S − h = (1/η − L)/2 times the mean of ‖z − z_t‖², negative for η > 1/L"),
      ),
      ourCheck(
        "largest difference between one inner step and stochastic gradient descent, 200 steps",
        deviation,
        { atMost: 1e-12 },
        theorem("the surrogate has the gradient of the loss at θ_t"),
      ),
    ];
  },

  present({ samples, outerSteps, networks, bound, deviation }) {
    const [squared, softmax] = networks;
    const largest = Math.max(...networks.map(({ increase }) => increase));
    const change =
      largest < 0
        ? `every outer step lowers the loss by at least ${formatRounded(-largest)}`
        : `an outer step raises the loss by up to ${formatRounded(largest)}`;
    const below = formatRounded(100 * (squared.below ?? 0));
    return {
      headline: `At ${samples} random parameters S − h of the softmax loss is at least ${formatRounded(softmax.gap)}, and ${change}.`,
      captions: {
        gap: `With η = 1/L the surrogate of the squared loss is the loss itself, so the gap is rounding; with η = 1.25/L it lies below the loss at ${below}% of the points.`,
        descent: `${outerSteps} outer steps with ten inner steps each: ${change}.`,
        bound: `The smallest squared gradient reaches at most ${formatRounded(bound)} of its bound.`,
      },
      summary: [
        `At ${samples} random parameters within distance 3, S − h with η = 1/L is at least ${formatRounded(softmax.gap)} (softmax); with η = 1.25/L the surrogate of the squared loss is below the loss at ${below}% of them.`,
        `With 10 inner steps ${change}. One inner step equals stochastic gradient descent to ${formatRounded(deviation)}.`,
      ],
      tables: [
        tableOf(
          "network",
          "Surrogate and loss",
          {
            loss: "loss",
            gap: "smallest S − h",
            touch: "|S − h| at θ_t",
            gradient: "gradient difference at θ_t",
            increase: "largest change of h",
          },
          networks,
        ),
      ],
    };
  },
});

import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { mean, median } from "./follow.ts";
import { type Learner, linear, networkPolicy, roundLosses, roundsTo } from "./imitation-runs.ts";

const TARGET = 1e-3;
/** Of a loss: what diverges would flatten all that learns. */
const HIGHEST_DRAWN = 10;
/** Episodes x steps of a round. */
const INTERACTIONS = 1000;

const ssoLearner = (innerSteps: number, eta: number): Learner => ({
  name: `SSO, m = ${innerSteps}${eta === 1 ? "" : `, η = ${eta}`}`,
  kind: "sso",
  innerSteps,
  eta,
});
const descent = (kind: "sgd" | "adam", step: number): Learner => ({
  name: `${kind === "sgd" ? "OGD" : "Adam"}, step ${step}`,
  kind,
  step,
});
const surrogates = [ssoLearner(10, 1), ssoLearner(30, 1), ssoLearner(10, 0.5)];
const baselines: readonly Learner[] = [
  { name: "SLS", kind: "sls" },
  descent("sgd", 0.1),
  descent("sgd", 0.3),
  descent("sgd", 1),
  descent("adam", 1e-3),
  descent("adam", 3e-3),
  descent("adam", 1e-2),
  descent("adam", 3e-2),
];
const learners = [...surrogates, ...baselines];

export default defineExperiment({
  id: "imitation",
  title: "Imitating an expert on the cart-pole",
  description:
    "A tanh network learns a regulator's actions on the states that it visits itself, 1000 interactions a round: rounds until the loss of three rounds is 1e-3, for surrogates with m inner steps and for learners with one step a round.",
  claims: ["C6"],
  parameters: z.object({
    rounds: z.int().min(3).max(500).default(30).describe("rounds of 1000 interactions"),
    seeds: z.int().min(1).max(20).default(3).describe("networks and environments"),
  }),
  profiles: { quick: {}, full: { rounds: 100, seeds: 9 } },
  seconds: { quick: 20, full: 300 },
  plots: [
    {
      id: "network",
      title: "Imitation loss of the network, mean of three rounds, first seed",
      x: { label: "interactions with the environment" },
      y: { label: "loss on the states visited", scale: "log" },
      mark: "line",
      series: ["SSO, m = 10", "SSO, m = 30", "SSO, m = 10, η = 0.5", "SLS", "OGD, step 1", "Adam, step 0.01"],
    },
    {
      id: "linear",
      title: "Imitation loss of a linear policy, first seed (no condition)",
      x: { label: "interactions with the environment" },
      y: { label: "loss on the states visited", scale: "log" },
      mark: "line",
      series: ["SSO, m = 10", "SLS"],
    },
  ],

  async *run({ parameters: { rounds, seeds }, seed, signal, stage }) {
    const needed = new Map<string, number[]>();
    const rows: Record<string, number | string | null>[] = [];
    const smoothed = (losses: readonly number[]) => {
      const means = losses.slice(2).map((_, k) => mean(losses.slice(k, k + 3)));
      const left = means.findIndex((loss) => !(loss <= HIGHEST_DRAWN));
      const drawn = left < 0 ? means : means.slice(0, left);
      return drawn.map((y, k) => ({ x: (k + 3) * INTERACTIONS, y }));
    };
    /** Draws what the latest round adds to a curve. */
    const shown = (plot: string, name: string) => (losses: readonly number[]) => {
      const added = smoothed(losses).slice(smoothed(losses.slice(0, -1)).length);
      return added.length > 0 ? [points(plot, name, added)] : [];
    };
    // First, because it needs no graph engine, whose start takes a moment in a browser.
    yield progress(0, "a linear policy");
    yield* stage("linear policy", async function* () {
      for (const learner of [surrogates[0], baselines[0]])
        yield* roundLosses(linear, learner, { rounds, seed, signal, show: shown("linear", learner.name) });
      return rounds;
    });
    const network = await networkPolicy();
    using _ = network.traced;
    for (const [k, learner] of learners.entries()) {
      const { name } = learner;
      const found = yield* stage(name, async function* () {
        const found: number[] = [];
        for (let s = 0; s < seeds; s++) {
          yield progress(0.1 + (0.9 * (k + s / seeds)) / learners.length, `${name}, seed ${seed + s}`);
          const show = s === 0 ? shown("network", name) : undefined;
          const losses = yield* roundLosses(network, learner, { rounds, seed: seed + s, signal, show });
          found.push(roundsTo(losses, TARGET));
        }
        return found;
      });
      needed.set(name, found);
      rows.push({
        learner: name,
        rounds: found.map((round) => (round > rounds ? `> ${rounds}` : String(round))).join(", "),
        median: median(found),
      });
      yield table({
        id: "rounds",
        title: `Rounds until the mean loss of three rounds is ${TARGET}, by seed`,
        columns: [
          { key: "learner", label: "learner" },
          { key: "rounds", label: "rounds" },
          { key: "median", label: "median" },
        ],
        rows: [...rows],
      });
    }
    const of = (name: string) => needed.get(name) ?? [];
    const [m10, m30, half] = surrogates.map(({ name }) => of(name));
    const best = m10.map((_round, s) => Math.min(...baselines.map(({ name }) => of(name)[s])));
    const ratios = m10.map((round, s) => round / best[s]);
    const checks: Check[] = [
      check(
        "C6",
        "rounds of SSO, m = 10, over those of the best baseline, median of the seeds",
        median(ratios),
        { atMost: 0.67 },
      ),
      check("C6", "rounds of SSO, m = 30, over m = 10, medians of the seeds", median(m30) / median(m10), {
        atMost: 1,
      }),
    ];
    yield progress(1, "done");
    const list = (values: readonly number[]) =>
      values.map((round) => (round > rounds ? `> ${rounds}` : formatFigure(round))).join(", ");
    return {
      checks,
      captions: {
        network: `Rounds of 1000 interactions to a loss of 1e-3, by seed: SSO with m = 10 ${list(m10)}, the best baseline ${list(best)}. A line ends where its loss passes ${HIGHEST_DRAWN}.`,
        linear: "A linear policy cannot follow the expert's saturated actions, and its losses are noisy.",
      },
      summary: [
        `Rounds until the mean loss of three rounds is 1e-3, by seed: SSO with m = 10 ${list(m10)}, m = 30 ${list(m30)}, m = 10 with η = 0.5 ${list(half)}; the best of SLS, online gradient descent and Adam, chosen for each seed, ${list(best)}.`,
        "With the squared loss and η = 1 the surrogate is the loss of the round itself: what is gained is more work for each interaction, not a better direction.",
      ],
    };
  },
});

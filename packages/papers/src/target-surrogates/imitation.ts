import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { mean } from "./follow.ts";
import { type Learner, linear, networkPolicy, roundLosses, roundsTo } from "./imitation-runs.ts";

const TARGET = 1e-3;
/** The largest loss drawn: diverging runs would flatten the others. */
const HIGHEST_DRAWN = 10;
/** Episodes times steps per round. */
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

/** Rounds of the surrogates and of the best baseline, for each network. */
function figuresOf({ needed }: { readonly needed: readonly (readonly number[])[] }) {
  const [m10, m30, half, ...others] = needed;
  return { m10, m30, half, best: m10.map((_, s) => Math.min(...others.map((found) => found[s]))) };
}

export default defineExperiment({
  description:
    "A tanh network learns the actions of a linear-quadratic regulator on the states that the network itself visits, with 1000 interactions per round: counts the rounds until the mean loss of three rounds is 1e-3, for surrogates with m inner steps and for learners with one step per round.",
  parameters: z.object({
    rounds: z.int().min(3).max(500).default(30).describe("rounds of 1000 interactions"),
    seeds: z.int().min(1).max(20).default(3).describe("networks and environments"),
  }),
  profiles: { quick: {}, full: { rounds: 100, seeds: 9 } },
  seconds: { quick: 20, full: 300 },
  plots: [
    linePlot(
      "network",
      "Imitation loss of the network, mean of three rounds, first seed",
      "interactions with the environment",
      logAxis("loss on the states visited"),
      {
        series: [
          "SSO, m = 10",
          "SSO, m = 30",
          "SSO, m = 10, η = 0.5",
          "SLS",
          "OGD, step 1",
          "Adam, step 0.01",
        ],
      },
    ),
    linePlot(
      "linear",
      "Imitation loss of a linear policy, first seed (not judged)",
      "interactions with the environment",
      logAxis("loss on the states visited"),
      { series: ["SSO, m = 10", "SLS"] },
    ),
  ],

  async *measure({ parameters: { rounds, seeds }, seed, signal, stage }) {
    const needed: number[][] = [];
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
        for (const [s, one] of repeatSeeds(seed, seeds).entries()) {
          yield progress(0.1 + (0.9 * (k + s / seeds)) / learners.length, `${name}, seed ${one}`);
          const show = s === 0 ? shown("network", name) : undefined;
          const losses = yield* roundLosses(network, learner, { rounds, seed: one, signal, show });
          found.push(roundsTo(losses, TARGET));
        }
        return found;
      });
      needed.push(found);
    }
    return { rounds, needed };
  },

  judge(findings) {
    const { m10, m30, best } = figuresOf(findings);
    return [
      check(
        "C7",
        "rounds of the best baseline over rounds of SSO, m = 10, median of the networks",
        median(m10.map((round, s) => best[s] / round)),
        { atLeast: 1.5 },
        criterion("“faster” is at least 1.5 times, against the best of the baselines for each network"),
      ),
      check(
        "C3",
        "rounds of SSO, m = 10 over m = 30, medians of the networks",
        median(m10) / median(m30),
        { atLeast: 1 },
        criterion("more inner steps need no more rounds"),
      ),
    ];
  },

  present(findings) {
    const { rounds, needed } = findings;
    const { m10, m30, half, best } = figuresOf(findings);
    const shown = (round: number) => (round > rounds ? `> ${rounds}` : formatRounded(round));
    const list = (values: readonly number[]) => values.map(shown).join(", ");
    return {
      headline: `SSO with m = 10 needs ${shown(median(m10))} rounds of 1000 interactions in the median, the best of SLS, online gradient descent and Adam needs ${shown(median(best))}.`,
      captions: {
        network: `Rounds of 1000 interactions to a loss of 1e-3, by network: SSO with m = 10 ${list(m10)}, the best baseline ${list(best)}. A line ends where its loss exceeds ${HIGHEST_DRAWN}.`,
        linear: "A linear policy cannot follow the expert’s saturated actions, and its losses are noisy.",
      },
      summary: [
        `Rounds until the mean loss of three rounds is 1e-3, by network: SSO with m = 10 ${list(m10)}, with m = 30 ${list(m30)}, with m = 10 and η = 0.5 ${list(half)}; the best of SLS, online gradient descent and Adam, chosen for each network, ${list(best)}.`,
        "With the squared loss and η = 1 the surrogate is the loss of the round itself: the gain is more work per interaction, not a better direction.",
      ],
      tables: [
        tableOf(
          "rounds",
          `Rounds until the mean loss of three rounds is ${TARGET}, by network`,
          { learner: "learner", rounds: "rounds", median: "median" },
          learners.map(({ name }, k) => ({
            learner: name,
            rounds: list(needed[k]),
            median: median(needed[k]),
          })),
        ),
      ],
    };
  },
});

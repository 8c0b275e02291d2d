import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { factorizationRuns } from "./factorization.ts";
import { mean } from "./follow.ts";

const widths = [4, 10] as const;
/** Losses of exactly 0 are drawn at this value on a logarithmic axis. */
const DRAWN_ZERO = 1e-16;

/** Losses on one problem over the initial loss, after 10 and after 50 gradients. */
interface Losses {
  readonly width: number;
  readonly problem: number;
  /** The smallest loss of this rank. */
  readonly floor: number;
  readonly m10early: number;
  readonly gdEarly: number;
  readonly m10: number;
  readonly m30: number | null;
  readonly gd: number;
}

function figuresOf(problems: readonly Losses[]) {
  const [narrow, wide] = widths.map((width) => problems.filter((one) => one.width === width));
  // A loss that underflows counts as this floor.
  const decades = (loss: number) => -Math.log10(Math.max(loss, DRAWN_ZERO));
  return {
    early: mean(narrow.map(({ gdEarly }) => gdEarly)) / mean(narrow.map(({ m10early }) => m10early)),
    worst: Math.min(...narrow.map(({ gdEarly, m10early }) => gdEarly / m10early)),
    above: Math.max(...narrow.map(({ m30, floor }) => (m30 ?? Number.NaN) / floor - 1)),
    speed: Math.min(...wide.map(({ m10, gd }) => decades(m10) / decades(gd))),
  };
}

export default defineExperiment({
  description:
    "Two-layer linear networks of width 4 and 10 on ill-conditioned regression, all 1000 rows in every step: loss by number of gradients, compared with gradient descent and with the smallest loss of that rank.",
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(4).describe("problems of matrix factorization"),
  }),
  profiles: { quick: {}, full: { seeds: 10 } },
  seconds: { quick: 16, full: 40 },
  plots: widths.map((width) =>
    linePlot(
      `factorization-${width}`,
      `Matrix factorization, hidden width ${width}, first problem`,
      "outer steps (gradients of the loss)",
      logAxis("loss / initial loss"),
      {
        series: [
          "SSO, m = 10",
          ...(width === 4 ? ["SSO, m = 30"] : []),
          "gradient descent, step 0.3",
          ...(width === 4 ? ["best of this rank"] : []),
        ],
        references: width === 4 ? ["best of this rank"] : [],
      },
    ),
  ),

  async *measure({ parameters: { seeds }, seed, signal, stage }) {
    const problems: Losses[] = [];
    for (const [k, width] of widths.entries()) {
      for (const [s, one] of repeatSeeds(seed, seeds).entries()) {
        yield progress(0.5 * k + (0.5 * s) / seeds, `factorization, width ${width}, problem ${s + 1}`);
        const { curves, floor } = yield* stage(`width ${width}, problem ${s + 1}`, async function* () {
          if (s > 0) return yield* factorizationRuns(width, { seed: one, signal });
          const result = yield* factorizationRuns(width, {
            seed: one,
            signal,
            show:
              (name) =>
              ({ x, y }) => [point(`factorization-${width}`, name, x, Math.max(y, DRAWN_ZERO))],
          });
          if (result.floor > 1e-12)
            yield curve(`factorization-${width}`, "best of this rank", [0, 50], (x) => ({
              x,
              y: result.floor,
            }));
          return result;
        });
        problems.push({
          ...{ width, problem: s + 1, floor },
          m10early: curves["SSO, m = 10"][10],
          gdEarly: curves["gradient descent, step 0.3"][10],
          m10: curves["SSO, m = 10"][50],
          m30: curves["SSO, m = 30"]?.[50] ?? null,
          gd: curves["gradient descent, step 0.3"][50],
        });
      }
    }
    return problems;
  },

  judge(problems) {
    const { early, speed, above } = figuresOf(problems);
    return [
      check(
        "C3",
        "loss of gradient descent over SSO, m = 10, after 10 gradients, width 4, means of the problems",
        early,
        { atLeast: 1.5 },
        criterion("“better” is at least 1.5 times"),
      ),
      check(
        "C3",
        "decades of loss gained by SSO, m = 10, over gradient descent, in 50 gradients, width 10, smallest of the problems",
        speed,
        { atLeast: 1.5 },
        criterion("“faster” is at least 1.5 times"),
      ),
      ourCheck(
        "relative excess of SSO, m = 30, over the smallest loss of rank 4 after 50 gradients, largest of the problems",
        above,
        { atMost: 0.05 },
        criterion("the minimum is known in closed form: within 5% of it"),
      ),
    ];
  },

  present(problems) {
    const { early, speed, above, worst } = figuresOf(problems);
    const captions = {
      "factorization-4": `After 10 gradients the mean loss of gradient descent is ${formatRounded(early)} times that of m = 10 (${formatRounded(worst)} times on the problem with the smallest ratio); after 50, m = 30 is within ${formatRounded(100 * above)}% of the smallest loss of rank 4.`,
      "factorization-10": `In 50 gradients m = 10 gains at least ${formatRounded(speed)} times as many decades as gradient descent. Losses of 0 are drawn at 1e-16.`,
    };
    return {
      headline: `With ten inner steps per gradient the loss after 10 gradients is ${formatRounded(early)} times smaller than with gradient descent (width 4), and 50 gradients gain at least ${formatRounded(speed)} times as many decades (width 10).`,
      captions,
      summary: Object.values(captions),
      tables: [
        tableOf(
          "factorization",
          "Loss over the initial loss",
          {
            width: "width",
            problem: "problem",
            m10early: "SSO, m = 10, 10 gradients",
            gdEarly: "gradient descent, 10 gradients",
            m10: "SSO, m = 10, 50 gradients",
            m30: "SSO, m = 30, 50 gradients",
            gd: "gradient descent, 50 gradients",
            floor: "smallest loss of this rank",
          },
          problems,
        ),
      ],
    };
  },
});

import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { type FactorizationRuns, factorizationRuns } from "./factorization.ts";
import { mean } from "./follow.ts";

const widths = [4, 10] as const;
/** Losses of exactly 0 are drawn here, where a log axis can show them. */
const DRAWN_ZERO = 1e-16;

export default defineExperiment({
  id: "matrix-factorization",
  title: "Two-layer linear networks: matrix factorization",
  description:
    "Two-layer linear networks of width 4 and 10 on ill-conditioned regression, all 1000 rows in a step: loss by gradients, against gradient descent and against the best that the rank allows.",
  claims: ["C3", "C6"],
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(4).describe("problems of matrix factorization"),
  }),
  profiles: { quick: {}, full: { seeds: 10 } },
  seconds: { quick: 16, full: 40 },
  plots: [
    ...widths.map((width) => ({
      id: `factorization-${width}`,
      title: `Matrix factorization, hidden width ${width}, first problem`,
      x: { label: "outer steps (gradients of the loss)" },
      y: { label: "loss over its start", scale: "log" as const },
      mark: "line" as const,
      series: [
        "SSO, m = 10",
        ...(width === 4 ? ["SSO, m = 30"] : []),
        "gradient descent, step 0.3",
        ...(width === 4 ? ["best of this rank"] : []),
      ],
      references: width === 4 ? ["best of this rank"] : [],
    })),
  ],

  async *run({ parameters: { seeds }, seed, signal, stage }) {
    const checks: Check[] = [];
    const captions: Record<string, string> = {};
    const rows: Record<string, number | string | null>[] = [];
    for (const [k, width] of widths.entries()) {
      const results: FactorizationRuns[] = [];
      for (let s = 0; s < seeds; s++) {
        yield progress(0.5 * k + (0.5 * s) / seeds, `factorization, width ${width}, problem ${s + 1}`);
        const result = yield* stage(`width ${width}, problem ${s + 1}`, async function* () {
          if (s > 0) return yield* factorizationRuns(width, { seed: seed + s, signal });
          const result = yield* factorizationRuns(width, {
            seed,
            signal,
            show:
              (name) =>
              ({ x, y }) => [points(`factorization-${width}`, name, [{ x, y: Math.max(y, DRAWN_ZERO) }])],
          });
          if (result.floor > 1e-12)
            yield points(`factorization-${width}`, "best of this rank", [
              { x: 0, y: result.floor },
              { x: 50, y: result.floor },
            ]);
          return result;
        });
        results.push(result);
        const { curves, floor } = result;
        rows.push({
          problem: `width ${width}, problem ${s + 1}`,
          m10early: curves["SSO, m = 10"][10],
          gdEarly: curves["gradient descent, step 0.3"][10],
          m10: curves["SSO, m = 10"][50],
          m30: curves["SSO, m = 30"]?.[50] ?? null,
          gd: curves["gradient descent, step 0.3"][50],
          floor,
        });
      }
      yield table({
        id: "factorization",
        title: "Loss over its start",
        columns: [
          { key: "problem", label: "problem" },
          { key: "m10early", label: "SSO, m = 10, 10 steps" },
          { key: "gdEarly", label: "gradient descent, 10 steps" },
          { key: "m10", label: "SSO, m = 10, 50 steps" },
          { key: "m30", label: "SSO, m = 30, 50 steps" },
          { key: "gd", label: "gradient descent, 50 steps" },
          { key: "floor", label: "best of this rank" },
        ],
        rows: [...rows],
      });
      const largest = (of: (result: (typeof results)[number]) => number) => Math.max(...results.map(of));
      const smallest = (of: (result: (typeof results)[number]) => number) => Math.min(...results.map(of));
      if (width === 4) {
        const early =
          mean(results.map(({ curves }) => curves["SSO, m = 10"][10])) /
          mean(results.map(({ curves }) => curves["gradient descent, step 0.3"][10]));
        const worst = largest(
          ({ curves }) => curves["SSO, m = 10"][10] / curves["gradient descent, step 0.3"][10],
        );
        const above = largest(({ curves, floor }) => (curves["SSO, m = 30"]?.[50] ?? Number.NaN) / floor - 1);
        const half = "width 4, 10 outer steps: loss of SSO, m = 10, over gradient descent";
        checks.push(
          check("C6", `${half}, means of the problems`, early, { atMost: 0.4 }),
          check("C6", `${half}, worst problem`, worst, { atMost: 0.4 }),
          check("C3", "width 4, 50 outer steps: SSO, m = 30, above the best of this rank, largest", above, {
            atMost: 0.05,
          }),
        );
        captions["factorization-4"] =
          `After 10 gradients m = 10 has ${formatFigure(early)} of the loss of gradient descent in the mean of the problems, ${formatFigure(worst)} in the worst; after 50, m = 30 is within ${formatFigure(100 * above)} % of the best that rank 4 allows.`;
      } else {
        const sharp = largest(({ curves }) => curves["SSO, m = 10"][50]);
        const plain = smallest(({ curves }) => curves["gradient descent, step 0.3"][50]);
        checks.push(
          check("C3", "width 10, 50 outer steps: loss of SSO, m = 10, over its start, largest", sharp, {
            atMost: 1e-10,
          }),
          check("C3", "width 10, 50 outer steps: gradient descent, smallest", plain, { atLeast: 1e-7 }),
        );
        captions["factorization-10"] =
          `After 50 gradients m = 10 is at ${formatFigure(sharp)} of the start or below, gradient descent at ${formatFigure(plain)} or above. Losses of 0 are drawn at 1e-16.`;
      }
    }

    yield progress(1, "done");
    return { checks, captions, summary: [captions["factorization-4"], captions["factorization-10"]] };
  },
});

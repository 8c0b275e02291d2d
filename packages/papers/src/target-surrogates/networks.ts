import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { digitMethods, digitRuns } from "./digit-runs.ts";
import { factorizationRuns } from "./factorization.ts";
import { mean } from "./follow.ts";

const widths = [4, 10] as const;
/** Losses of exactly 0 are drawn here, where a log axis can show them. */
const DRAWN_ZERO = 1e-16;

export default defineExperiment({
  id: "networks",
  title: "Matrix factorization and a digit classifier",
  description:
    "Two-layer linear networks on ill-conditioned regression, all rows in a step, against gradient descent; then a ReLU network 64-128-10 on the digits in batches of 128, against SGD, SLS and Adam.",
  claims: ["C3", "C6"],
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(4).describe("problems of matrix factorization"),
    epochs: z.int().min(1).max(100).default(10).describe("epochs on the digits"),
  }),
  profiles: { quick: {}, full: { seeds: 10 } },
  seconds: { quick: 15, full: 60 },
  plots: [
    ...widths.map((width) => ({
      id: `factorization-${width}`,
      title: `Matrix factorization, hidden width ${width}, first problem`,
      x: { label: "outer steps (gradients of the loss)" },
      y: { label: "loss over its start", scale: "log" as const },
      mark: "line" as const,
      series: ["SSO, m = 10", "SSO, m = 30", "gradient descent, step 0.3", "best of this rank"],
      references: ["best of this rank"],
    })),
    {
      id: "digits",
      title: "Digits, network 64-128-10, batches of 128",
      x: { label: "epoch" },
      y: { label: "training loss", scale: "log" },
      mark: "line",
      series: [...digitMethods],
    },
  ],

  async *run({ parameters: { seeds, epochs }, seed, signal, stage }) {
    const checks: Check[] = [];
    const captions: Record<string, string> = {};
    const summary: string[] = [];
    const rows: Record<string, number | string | null>[] = [];
    for (const [k, width] of widths.entries()) {
      const results: Awaited<ReturnType<typeof factorizationRuns>>[] = [];
      for (let s = 0; s < seeds; s++) {
        yield progress(0.3 * k + (0.3 * s) / seeds, `factorization, width ${width}, problem ${s + 1}`);
        const result = yield* stage(`width ${width}, problem ${s + 1}`, async function* () {
          const result = await factorizationRuns(width, { seed: seed + s, signal });
          if (s > 0) return result;
          for (const [name, curve] of Object.entries(result.curves))
            yield points(
              `factorization-${width}`,
              name,
              curve.map((y, x) => ({ x, y: Math.max(y, DRAWN_ZERO) })),
            );
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
          m30: curves["SSO, m = 30"][50],
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
        const above = largest(({ curves, floor }) => curves["SSO, m = 30"][50] / floor - 1);
        checks.push(
          check(
            "C6",
            "width 4, 10 outer steps: loss of SSO, m = 10, over gradient descent, means of the problems",
            early,
            {
              atMost: 0.4,
            },
          ),
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

    yield progress(0.6, "digits");
    const finals = yield* stage("digits", async function* () {
      const finals: Record<string, number> = {};
      for await (const { method, curve } of digitRuns({ epochs, seed, signal })) {
        finals[method] = curve[curve.length - 1];
        yield points(
          "digits",
          method,
          curve.map((y, x) => ({ x, y })),
        );
        yield progress(0.6 + 0.4 * (Object.keys(finals).length / digitMethods.length), `digits, ${method}`);
      }
      return finals;
    });
    yield table({
      id: "digits",
      title: `Digits: training loss after ${epochs} epochs`,
      columns: [
        { key: "method", label: "method" },
        { key: "value", label: "training loss" },
      ],
      rows: digitMethods.map((method) => ({ method, value: finals[method] })),
    });
    const m20 = finals["SSO, m = 20"];
    checks.push(
      check("C6", "digits: training loss of SSO, m = 20, over m = 1", m20 / finals["SSO, m = 1"], {
        atMost: 0.5,
      }),
      check("C6", "digits: training loss of SSO, m = 20, over SLS", m20 / finals.SLS, { atMost: 0.7 }),
    );
    captions.digits = `After ${epochs} epochs: SSO with m = 20 ${formatFigure(m20)}, m = 1 ${formatFigure(finals["SSO, m = 1"])}, SLS ${formatFigure(finals.SLS)}, tuned SGD ${formatFigure(finals["SGD, tuned"])}, tuned Adam ${formatFigure(finals["Adam, tuned"])}.`;
    summary.push(
      captions["factorization-4"],
      captions["factorization-10"],
      `${captions.digits} ${finals["Adam, tuned"] < m20 ? "A tuned Adam wins this one" : "Here SSO with m = 20 is ahead of a tuned Adam"}; SSO with η = 8 ends at ${formatFigure(finals["SSO, m = 20, η = 8"])}.`,
    );
    yield progress(1, "done");
    return { checks, captions, summary };
  },
});

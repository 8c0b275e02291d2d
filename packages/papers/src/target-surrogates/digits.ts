import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, progress, replacePoints, table } from "../experiment.ts";
import { digitMethods, digitRuns } from "./digit-runs.ts";

export default defineExperiment({
  id: "digits",
  title: "A network on the digits",
  description:
    "A ReLU network 64-128-10 on the 1797 digits in batches of 128, float32, the 5 rows left over dropped in every epoch: training loss by epochs for surrogates with 1 and 20 inner steps, SLS, and SGD and Adam with the best step of a grid.",
  claims: ["C6"],
  parameters: z.object({
    epochs: z.int().min(1).max(200).default(10).describe("epochs of every method"),
  }),
  profiles: { quick: {}, full: { epochs: 10 } },
  seconds: { quick: 15, full: 15 },
  plots: [
    {
      id: "digits",
      title: "Digits, network 64-128-10, batches of 128",
      x: { label: "epoch" },
      y: { label: "training loss", scale: "log" },
      mark: "line",
      series: [...digitMethods],
    },
  ],

  async *run({ parameters: { epochs }, seed, signal, stage }) {
    yield progress(0, "digits");
    const { finals, steps } = yield* stage("digits", async function* () {
      const finals: Record<string, number> = {};
      const steps: Record<string, number> = {};
      for await (const { method, curve, step } of digitRuns({ epochs, seed, signal })) {
        finals[method] = curve[curve.length - 1];
        if (step !== undefined) steps[method] = step;
        yield replacePoints(
          "digits",
          method,
          curve.map((y, x) => ({ x, y })),
        );
        const done = Object.keys(finals).length - 1 + curve.length / (epochs + 1);
        yield progress(done / digitMethods.length, `digits, ${method}`);
      }
      return { finals, steps };
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
    const checks: Check[] = [
      check("C6", "digits: training loss of SSO, m = 20, over m = 1", m20 / finals["SSO, m = 1"], {
        atMost: 0.5,
      }),
      check("C6", "digits: training loss of SSO, m = 20, over SLS", m20 / finals.SLS, { atMost: 0.7 }),
    ];
    const caption = `After ${epochs} epochs: SSO with m = 20 ${formatFigure(m20)}, m = 1 ${formatFigure(finals["SSO, m = 1"])}, SLS ${formatFigure(finals.SLS)}, SGD with the best step (${formatFigure(steps["SGD, tuned"])}) ${formatFigure(finals["SGD, tuned"])}, Adam with the best step (${formatFigure(steps["Adam, tuned"])}) ${formatFigure(finals["Adam, tuned"])}.`;
    const ahead = (["SGD, tuned", "Adam, tuned"] as const).filter((method) => finals[method] < m20);
    yield progress(1, "done");
    return {
      checks,
      captions: { digits: caption },
      summary: [
        `${caption} ${ahead.length > 0 ? `Ahead of SSO with m = 20: ${ahead.join(" and ")}` : "No tuned method is ahead of SSO with m = 20"}; SSO with η = 8 ends at ${formatFigure(finals["SSO, m = 20, η = 8"])}.`,
      ],
    };
  },
});

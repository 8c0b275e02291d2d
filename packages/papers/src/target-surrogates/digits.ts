import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { type DigitMethod, digitMethods, digitRuns } from "./digit-runs.ts";

const baselines = ["SLS", "SGD, tuned", "Adam, tuned"] as const satisfies readonly DigitMethod[];

function figuresOf(finals: Readonly<Record<string, number>>) {
  const baseline = baselines.reduce((a, b) => (finals[b] < finals[a] ? b : a));
  return {
    baseline,
    best: finals[baseline],
    surrogate: Math.min(finals["SSO, m = 20"], finals["SSO, m = 20, η = 8"]),
  };
}

export default defineExperiment({
  description:
    "Trains a 64-128-10 ReLU network on the 1797 digits in batches of 128 (float32, the last 5 rows of every epoch dropped) by surrogates with 1 and 20 inner steps, SLS, and SGD and Adam with the best step size of a grid, and compares the training losses.",
  parameters: z.object({
    epochs: z.int().min(1).max(200).default(10).describe("epochs of every method"),
  }),
  profiles: { quick: {}, full: { epochs: 10 } },
  seconds: { quick: 15, full: 15 },
  plots: [
    linePlot("digits", "Digits, network 64-128-10, batches of 128", "epoch", logAxis("training loss"), {
      series: [...digitMethods],
    }),
  ],

  async *measure({ parameters: { epochs }, seed, signal, stage }) {
    yield progress(0, "digits");
    const { finals, steps } = yield* stage("digits", async function* () {
      const finals: Record<string, number> = {};
      const steps: Record<string, number> = {};
      for await (const { method, curve, step } of digitRuns({ epochs, seed, signal })) {
        finals[method] = curve[curve.length - 1];
        if (step !== undefined) steps[method] = step;
        yield replaceCurve("digits", method, curve, (y, x) => ({ x, y }));
        const done = Object.keys(finals).length - 1 + curve.length / (epochs + 1);
        yield progress(done / digitMethods.length, `digits, ${method}`);
      }
      return { finals, steps };
    });
    return { epochs, finals, steps };
  },

  judge({ finals }) {
    const { best, surrogate } = figuresOf(finals);
    return [
      check(
        "C3",
        "training loss of SSO, m = 1 over m = 20, digits",
        finals["SSO, m = 1"] / finals["SSO, m = 20"],
        { atLeast: 1.5 },
        criterion("“better” is at least 1.5 times, at equally many gradients"),
      ),
      check(
        "C6",
        "training loss of the best baseline over SSO, m = 20, digits",
        best / surrogate,
        { atLeast: 1.5 },
        criterion("“better” is at least 1.5 times, the baselines and η each at the best setting tried"),
      ),
    ];
  },

  present({ epochs, finals, steps }) {
    const { best, baseline, surrogate } = figuresOf(finals);
    const figure = (method: DigitMethod) => formatRounded(finals[method]);
    return {
      headline: `After ${epochs} epochs on the digits SSO with 20 inner steps has a training loss of ${formatRounded(surrogate)} at its best η, the best baseline (${baseline}) ${formatRounded(best)}.`,
      captions: {
        digits: `After ${epochs} epochs: SSO with m = 20 ${figure("SSO, m = 20")}, m = 1 ${figure("SSO, m = 1")}, SLS ${figure("SLS")}, SGD with the best step size (${formatRounded(steps["SGD, tuned"])}) ${figure("SGD, tuned")}, Adam with the best step size (${formatRounded(steps["Adam, tuned"])}) ${figure("Adam, tuned")}.`,
      },
      summary: [
        `Training losses after ${epochs} epochs: ${digitMethods.map((method) => `${figure(method)} (${method})`).join(", ")}.`,
        "With η = 8, above 1/L, the surrogate is no longer an upper bound of the loss.",
      ],
      tables: [
        tableOf(
          "digits",
          `Digits: training loss after ${epochs} epochs`,
          { method: "method", value: "training loss" },
          digitMethods.map((method) => ({ method, value: finals[method] })),
        ),
      ],
    };
  },
});

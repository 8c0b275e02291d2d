import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, note, type Point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { mean } from "./follow.ts";
import { largerSet, mushrooms } from "./linear-data.ts";
import {
  type LinearMethod,
  type LinearResult,
  type LossName,
  linearMethods,
  lossNames,
  runLinear,
} from "./linear-runs.ts";

const batchSizes = [125, 625] as const;
const SMALL_BATCH = 25;
const tunedSteps = [1e-3, 1e-2, 1e-1, 1, 10] as const;
const EPOCHS = 30;

interface Averaged {
  readonly value: number;
  readonly gradientNorm: number;
  readonly milliseconds: number;
}

const averaged = (results: readonly LinearResult[]): Averaged => ({
  value: mean(results.map(({ value }) => value)),
  gradientNorm: mean(results.map(({ gradientNorm }) => gradientNorm)),
  milliseconds: mean(results.map(({ milliseconds }) => milliseconds)),
});

const headings = {
  method: "method",
  value: "final loss",
  gradientNorm: "final gradient norm",
  milliseconds: "time (ms)",
};

/** The results of every method with one loss and batch size. */
interface Setting {
  readonly loss: LossName;
  readonly batchSize: number;
  readonly methods: Readonly<Record<LinearMethod, Averaged>>;
  /** SGD with the best step of the grid. */
  readonly tuned: (Averaged & { readonly step: number }) | null;
}

interface LongRun extends Averaged {
  readonly setting: string;
  readonly method: LinearMethod;
}

const surrogates = ["SSO, m = 20", "SSO, m = 20, constant η"] as const;
const baselines = ["SLS", "SLS, no decay", "SGD", "Adam", "AdaGrad"] as const;
const TUNED = "SGD, best step size";

/** The surrogate and the strongest baseline, each with its best schedule. */
function bestOf({ methods, tuned }: Setting) {
  const candidates: { name: string; value: number }[] = baselines.map((name) => ({
    name,
    value: methods[name].value,
  }));
  if (tuned) candidates.push({ name: TUNED, value: tuned.value });
  return {
    surrogate: Math.min(...surrogates.map((name) => methods[name].value)),
    baseline: candidates.reduce((a, b) => (b.value < a.value ? b : a)),
  };
}

const nameOf = ({ loss, batchSize }: Setting) => `${loss} loss, batches of ${batchSize}`;

export default defineExperiment({
  description:
    "Trains linear models with the logistic and the squared loss on the mushrooms (8124 × 112 and an intercept) in batches of 125 and 625 for 30 epochs, and compares the loss on all rows after equally many gradients of the loss.",
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(3).describe("row orders averaged over"),
    smallBatches: z.boolean().default(true).describe("also batches of 25"),
    longEpochs: z
      .int()
      .min(0)
      .max(5000)
      .default(500)
      .describe("epochs of the long runs on mushrooms, phishing and a9a; 0 leaves them out"),
  }),
  profiles: { quick: { seeds: 2, smallBatches: false, longEpochs: 0 }, full: {} },
  seconds: { quick: 15, full: 10_000 },
  plots: lossNames.flatMap((loss) =>
    batchSizes.map((size) =>
      linePlot(
        `${loss}-${size}`,
        `Mushrooms, ${loss} loss, batches of ${size}`,
        "gradients of the loss (batches)",
        logAxis("loss on all rows"),
        { series: linearMethods },
      ),
    ),
  ),

  async *measure({ parameters: { seeds, smallBatches, longEpochs }, seed, signal, stage, resumable }) {
    const data = await mushrooms();
    const sizes = smallBatches ? [SMALL_BATCH, ...batchSizes] : batchSizes;
    const repeats = repeatSeeds(seed, seeds);
    const settings = lossNames.flatMap((loss) => sizes.map((batchSize) => ({ loss, batchSize })));
    const found: Setting[] = [];
    for (const [k, { loss, batchSize }] of settings.entries()) {
      const name = `${loss}, ${batchSize}`;
      const drawn = batchSizes.some((size) => size === batchSize);
      const reached = yield* stage(name, async function* () {
        const methods: Partial<Record<LinearMethod, Averaged>> = {};
        for (const [j, method] of linearMethods.entries()) {
          yield progress((k + j / (linearMethods.length + 1)) / settings.length, `${name}, ${method}`);
          const results: LinearResult[] = [];
          for (const [s, one] of repeats.entries()) {
            const run = { data, loss, batchSize, epochs: EPOCHS, seed: one, signal };
            const show = (at: Point) => [points(`${loss}-${batchSize}`, method, [at])];
            results.push(yield* runLinear(method, run, drawn && s === 0 ? { show } : {}));
          }
          methods[method] = averaged(results);
        }
        return { methods: methods as Record<LinearMethod, Averaged>, tuned: yield* tuned() };
      });
      async function* tuned(): ExperimentRun<Setting["tuned"]> {
        yield progress((k + 0.9) / settings.length, `${name}, SGD with tuned steps`);
        const run = { data, loss, batchSize, epochs: EPOCHS, seed: repeats[0], signal };
        let best: Setting["tuned"] = null;
        for (const step of tunedSteps) {
          try {
            const result = averaged([yield* runLinear("SGD", run, { step })]);
            if (Number.isFinite(result.value) && !(result.value >= (best?.value ?? Infinity)))
              best = { step, ...result };
          } catch {
            signal.throwIfAborted();
            // Too large a step diverges.
          }
        }
        return best;
      }
      found.push({ loss, batchSize, ...reached });
    }
    const long: LongRun[] = [];
    if (longEpochs > 0) yield* longRuns();
    async function* longRuns(): ExperimentRun<void> {
      for (const set of ["mushrooms", "phishing", "a9a"] as const) {
        const other = set === "mushrooms" ? data : await largerSet(set);
        if (!other) {
          yield note(`${set} is not in the data directory (GRADUS_DATA_DIR): its long runs are left out.`);
          continue;
        }
        for (const { loss, batchSize } of settings) {
          const name = `${set}, ${loss}, ${batchSize}`;
          const reached = yield* stage(`${name}, ${longEpochs} epochs`, async function* () {
            const reached: LongRun[] = [];
            for (const method of linearMethods) {
              yield progress(0.9, `${name}, ${method}, ${longEpochs} epochs`);
              const results: LinearResult[] = [];
              for (const one of repeats)
                results.push(
                  yield* runLinear(
                    method,
                    { data: other, loss, batchSize, epochs: longEpochs, seed: one, signal },
                    { drive: resumable },
                  ),
                );
              reached.push({ setting: name, method, ...averaged(results) });
            }
            return reached;
          });
          long.push(...reached);
        }
      }
    }
    return { seeds, settings: found, longEpochs, long };
  },

  judge({ settings }) {
    return settings.flatMap((setting) => {
      const { surrogate, baseline } = bestOf(setting);
      return [
        check(
          "C6",
          `final loss of the best baseline over SSO, m = 20, ${nameOf(setting)}`,
          baseline.value / surrogate,
          { atLeast: 1.5 },
          criterion("“better” is at least 1.5 times, each method with the best schedule or step size tried"),
        ),
        check(
          "C3",
          `final loss of SSO, m = 1 over m = 20, ${nameOf(setting)}`,
          setting.methods["SSO, m = 1"].value / setting.methods["SSO, m = 20"].value,
          { atLeast: 1.5 },
          criterion("“better” is at least 1.5 times, at equally many gradients"),
        ),
      ];
    });
  },

  present({ seeds, settings, longEpochs, long }) {
    const drawn = settings.filter(({ batchSize }) => batchSizes.some((size) => size === batchSize));
    const sentence = (setting: Setting) => {
      const { surrogate, baseline } = bestOf(setting);
      return `${formatRounded(surrogate)} against ${formatRounded(baseline.value)} (${baseline.name}; ${nameOf(setting)})`;
    };
    const find = (loss: LossName, size: number) =>
      settings.find((setting) => setting.loss === loss && setting.batchSize === size);
    const value = ({ methods }: Setting, method: LinearMethod) => formatRounded(methods[method].value);
    const [first] = drawn;
    const ratio = (method: LinearMethod) => {
      const [small, large] = [find("logistic", SMALL_BATCH), find("logistic", 625)];
      return small && large ? large.methods[method].value / small.methods[method].value : null;
    };
    return {
      headline: `Final loss of SSO with 20 inner steps against the best baseline, after equally many gradients: ${drawn.map(sentence).join("; ")}.`,
      captions: Object.fromEntries(
        drawn.map((setting) => [
          `${setting.loss}-${setting.batchSize}`,
          `After equally many gradients: SSO with m = 20 ${value(setting, "SSO, m = 20")}, SLS ${value(setting, "SLS")}, SGD with the theoretical step size ${value(setting, "SGD")}${setting.tuned ? ` and with the best one (${formatRounded(setting.tuned.step)}) ${formatRounded(setting.tuned.value)}` : ""}, Adam ${value(setting, "Adam")}.`,
        ]),
      ),
      summary: [
        `With ${nameOf(first)}, ${EPOCHS} epochs: SSO with m = 20 ends at ${value(first, "SSO, m = 20")}, m = 1 at ${value(first, "SSO, m = 1")}, SLS at ${value(first, "SLS")}, SGD with the theoretical step size at ${value(first, "SGD")}.`,
        `The step sizes of these decay as (1/T)^(t/T). Separable data, which have no noise, do not need such a decay: without decay SLS ends at ${value(first, "SLS, no decay")} and SSO with m = 20 at ${value(first, "SSO, m = 20, constant η")}.`,
        `The comparison counts gradients of the loss, which cost less than an inner step here: SSO with m = 20 took ${formatRounded(first.methods["SSO, m = 20"].milliseconds / first.methods.SGD.milliseconds)} times the time of SGD.`,
      ],
      tables: [
        tableOf(
          "finals",
          `Mushrooms after ${EPOCHS} epochs, mean of ${seeds} row orders (tuned SGD: one)`,
          { setting: "loss, batch size", ...headings },
          settings.flatMap((setting) => {
            const { loss, batchSize, methods, tuned } = setting;
            const name = `${loss}, ${batchSize}`;
            const rows: object[] = linearMethods.map((method) => ({
              setting: name,
              method,
              ...methods[method],
            }));
            if (tuned)
              rows.push({ setting: name, ...tuned, method: `SGD, best step ${formatRounded(tuned.step)}` });
            return rows;
          }),
        ),
        ...(find("logistic", SMALL_BATCH)
          ? [
              tableOf(
                "robustness",
                "Logistic loss: final loss at batch size 625 over batch size 25, 30 epochs",
                { method: "method", ratio: "ratio" },
                linearMethods.map((method) => ({ method, ratio: ratio(method) })),
              ),
            ]
          : []),
        ...(long.length > 0
          ? [
              tableOf(
                "long",
                `After ${longEpochs} epochs, mean of ${seeds} row orders (not judged)`,
                { setting: "data, loss, batch size", ...headings },
                long,
              ),
            ]
          : []),
      ],
    };
  },
});

import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  note,
  type Point,
  points,
  progress,
  table,
} from "../experiment.ts";
import { mean } from "./follow.ts";
import { largerSet, mushrooms } from "./linear-data.ts";
import { type LinearMethod, type LinearResult, linearMethods, lossNames, runLinear } from "./linear-runs.ts";

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

const columns = [
  { key: "setting", label: "loss, batch size" },
  { key: "method", label: "method" },
  { key: "value", label: "final loss" },
  { key: "gradientNorm", label: "final gradient norm" },
  { key: "milliseconds", label: "time (ms)" },
];

export default defineExperiment({
  id: "minibatches",
  title: "Linear models in minibatches: mushrooms",
  description:
    "Logistic and squared loss on the mushrooms (8124 × 112 and an intercept), batches of 125 and 625, 30 epochs: loss and gradient on all rows after equally many gradients of the loss.",
  claims: ["C6"],
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(3).describe("orders of the rows that figures are means over"),
    smallBatches: z.boolean().default(true).describe("also batches of 25, for the effect of the batch size"),
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
    batchSizes.map((size) => ({
      id: `${loss}-${size}`,
      title: `Mushrooms, ${loss} loss, batches of ${size}`,
      x: { label: "gradients of the loss (batches)" },
      y: { label: "loss on all rows", scale: "log" as const },
      mark: "line" as const,
      series: [...linearMethods],
    })),
  ),

  async *run({ parameters: { seeds, smallBatches, longEpochs }, seed, signal, stage }) {
    const checks: Check[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const captions: Record<string, string> = {};
    const data = await mushrooms();
    const sizes = smallBatches ? [SMALL_BATCH, ...batchSizes] : batchSizes;
    const settings = lossNames.flatMap((loss) => sizes.map((batchSize) => ({ loss, batchSize })));
    const finals = new Map<string, Averaged>();
    const key = (loss: string, size: number, method: string) => `${loss}, ${size}, ${method}`;
    const at = (loss: string, size: number, method: LinearMethod): Averaged => {
      const figures = finals.get(key(loss, size, method));
      if (!figures) throw new Error(`no run of ${key(loss, size, method)}`);
      return figures;
    };

    for (const [k, { loss, batchSize }] of settings.entries()) {
      const name = `${loss}, ${batchSize}`;
      const drawn = batchSizes.some((size) => size === batchSize);
      const found = yield* stage(name, async function* () {
        const found: Record<string, Averaged> = {};
        for (const [j, method] of linearMethods.entries()) {
          yield progress((k + j / (linearMethods.length + 1)) / settings.length, `${name}, ${method}`);
          const results: LinearResult[] = [];
          for (let s = 0; s < seeds; s++) {
            const run = { data, loss, batchSize, epochs: EPOCHS, seed: seed + s, signal };
            const show = (at: Point) => [points(`${loss}-${batchSize}`, method, [at])];
            results.push(yield* runLinear(method, run, drawn && s === 0 ? { show } : {}));
          }
          found[method] = averaged(results);
        }
        yield* tuned({ loss, batchSize, found });
        return found;
      });
      async function* tuned(to: {
        loss: (typeof lossNames)[number];
        batchSize: number;
        found: Record<string, Averaged>;
      }): ExperimentRun<void> {
        yield progress((k + 0.9) / settings.length, `${name}, SGD with tuned steps`);
        const run = { ...to, data, epochs: EPOCHS, seed, signal };
        let best: { step: number; result: LinearResult } | undefined;
        for (const step of tunedSteps) {
          try {
            const result = yield* runLinear("SGD", run, { step });
            if (Number.isFinite(result.value) && !(result.value >= (best?.result.value ?? Infinity)))
              best = { step, result };
          } catch {
            signal.throwIfAborted();
            // Too large a step diverges.
          }
        }
        if (best) to.found[`SGD, best step ${formatFigure(best.step)}`] = averaged([best.result]);
      }
      for (const [method, figures] of Object.entries(found)) {
        finals.set(key(loss, batchSize, method), figures);
        rows.push({ setting: name, method, ...figures });
      }
      yield table({
        id: "finals",
        title: `Mushrooms after ${EPOCHS} epochs, mean of ${seeds} seeds (tuned SGD: one)`,
        columns,
        rows: [...rows],
      });
      if (!drawn) continue;
      const m20 = at(loss, batchSize, "SSO, m = 20");
      const value = (method: LinearMethod) => at(loss, batchSize, method).value;
      const gradient = (method: LinearMethod) => at(loss, batchSize, method).gradientNorm;
      const label = `${loss} loss, batches of ${batchSize}: `;
      checks.push(
        check("C6", `${label}final loss of SSO, m = 20, over SLS`, m20.value / value("SLS"), { atMost: 0.5 }),
        check("C6", `${label}final loss of SSO, m = 20, over SGD`, m20.value / value("SGD"), {
          atMost: 0.25,
        }),
        check("C6", `${label}final loss of SSO, m = 20, over m = 1`, m20.value / value("SSO, m = 1"), {
          atMost: 0.5,
        }),
        check(
          "C6",
          `${label}final gradient norm of SSO, m = 20, over SLS`,
          m20.gradientNorm / gradient("SLS"),
          {
            atMost: 0.6,
          },
        ),
      );
      const others = Object.entries(found).find(([method]) => method.startsWith("SGD, best"));
      captions[`${loss}-${batchSize}`] =
        `After equally many gradients: SSO with m = 20 ${formatFigure(m20.value)}, SLS ${formatFigure(value("SLS"))}, SGD with the theoretical step ${formatFigure(value("SGD"))}${others ? `, ${others[0]} ${formatFigure(others[1].value)}` : ""}, Adam ${formatFigure(value("Adam"))}.`;
    }
    if (smallBatches) {
      const ratio = (method: LinearMethod) =>
        at("logistic", 625, method).value / at("logistic", SMALL_BATCH, method).value;
      checks.push(
        check(
          "C6",
          "logistic loss: final loss of SSO, m = 20, at batch 625 over batch 25",
          ratio("SSO, m = 20"),
          {
            atMost: 12,
          },
        ),
      );
      yield table({
        id: "robustness",
        title: "Logistic loss: final loss at batch 625 over batch 25, 30 epochs",
        columns: [
          { key: "method", label: "method" },
          { key: "ratio", label: "ratio" },
        ],
        rows: linearMethods.map((method) => ({ method, ratio: ratio(method) })),
      });
    }
    if (longEpochs > 0) yield* longRuns();
    async function* longRuns(): ExperimentRun<void> {
      const long: Record<string, number | string | null>[] = [];
      for (const set of ["mushrooms", "phishing", "a9a"] as const) {
        const other = set === "mushrooms" ? data : await largerSet(set);
        if (!other) {
          yield note(`${set} is not in the data directory (GRADUS_DATA_DIR): its long runs are left out.`);
          continue;
        }
        for (const { loss, batchSize } of settings) {
          const name = `${set}, ${loss}, ${batchSize}`;
          const found = yield* stage(`${name}, ${longEpochs} epochs`, async function* () {
            const found: Record<string, Averaged> = {};
            for (const method of linearMethods) {
              yield progress(0.9, `${name}, ${method}, ${longEpochs} epochs`);
              const results: LinearResult[] = [];
              for (let s = 0; s < seeds; s++)
                results.push(
                  yield* runLinear(method, {
                    data: other,
                    loss,
                    batchSize,
                    epochs: longEpochs,
                    seed: seed + s,
                    signal,
                  }),
                );
              found[method] = averaged(results);
            }
            return found;
          });
          for (const [method, figures] of Object.entries(found))
            long.push({ setting: name, method, ...figures });
          yield table({
            id: "long",
            title: `After ${longEpochs} epochs, mean of ${seeds} seeds (no condition)`,
            columns: [{ key: "setting", label: "data, loss, batch size" }, ...columns.slice(1)],
            rows: [...long],
          });
        }
      }
    }
    yield progress(1, "done");
    const pace = (method: LinearMethod) => at("logistic", 125, method).milliseconds;
    return {
      checks,
      captions,
      summary: [
        `Logistic loss, batches of 125, ${EPOCHS} epochs: SSO with m = 20 ends at ${formatFigure(at("logistic", 125, "SSO, m = 20").value)}, m = 1 at ${formatFigure(at("logistic", 125, "SSO, m = 1").value)}, SLS at ${formatFigure(at("logistic", 125, "SLS").value)}, SGD with the theoretical step at ${formatFigure(at("logistic", 125, "SGD").value)}.`,
        `Every step of these decays as (1/T)^(t/T), which the data, separable and so without noise, do not ask for: without decay SLS ends at ${formatFigure(at("logistic", 125, "SLS, no decay").value)} and SSO with m = 20 at ${formatFigure(at("logistic", 125, "SSO, m = 20, constant η").value)}. The conditions are for the decayed runs.`,
        `The comparison is by gradients of the loss, which here cost less than an inner step: the same run takes SSO with m = 20 ${formatFigure(pace("SSO, m = 20") / pace("SGD"))} times SGD's time. With a tuned step, and at equal time, the gap is smaller; the table shows both.`,
      ],
    };
  },
});

import { array, loadOnnx, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { timeMlp } from "../networks/time-mlp.ts";
import { geometricBrownianProcess } from "../processes/brownian.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { compileSampler } from "./compile-sampler.ts";
import { exportDenoiser, exportSampler } from "./export-diffusion.ts";
import { type DiffusionModel, diffusionModel } from "./model.ts";
import { priorMoments } from "./prior.ts";

const network = timeMlp({ inputs: 2, hidden: [8] });
const moments = { mean: Float32Array.of(0.3, -0.2), variance: Float32Array.of(0.2, 0.5) };
const parameters = network.parameters({ stream: randomStream(2) });

const modelOf = (process: ForwardProcess): DiffusionModel<typeof parameters> =>
  diffusionModel({ process, shape: [2], moments, parameters, network });

const noise = randomStream(8).fillNormal(new Float32Array(10));
/** Where these normal numbers make particles start. */
const startOf = (model: DiffusionModel<typeof parameters>) => {
  const { mean, deviation } = priorMoments(model, "perCoordinate");
  return Float64Array.from(noise, (z, k) => Math.exp(mean[k % 2] + deviation[k % 2] * z));
};

test.each(["probability-flow", "euler-maruyama", "ambient"] as const)(
  "the file of the %s sampler makes the samples of the library",
  async (sampler) => {
    const model = modelOf(geometricBrownianProcess({ drift: 0.1, volatility: 0.5 }));
    const bytes = exportSampler(model, { steps: 12, sampler, description: "points" });
    using file = await loadOnnx(bytes);
    const at = async (draw: number) =>
      toNumbers((await file.run({ noise: array(noise, [5, 2]), draw })).samples);
    const first = await at(7);
    expect(first).toHaveLength(10);
    expect(await at(7)).toEqual(first);
    if (sampler === "probability-flow") {
      using compiled = await compileSampler(model, { sampler });
      const { samples } = await compiled.sample({
        start: { shape: [5, 2], values: startOf(model) },
        steps: 12,
      });
      samples.values.forEach((value, k) => {
        expect(first[k] / value).toBeCloseTo(1, 4);
      });
    } else expect(await at(8)).not.toEqual(first);
  },
);

test("the file of a denoiser gives Tweedie's estimate at any time", async () => {
  for (const process of [
    geometricBrownianProcess({ drift: 0.1, volatility: (t) => 0.5 + t }),
    { ...variancePreservingProcess({ speed: 3 }), space: "log" as const },
  ]) {
    const model = modelOf(process);
    using file = await loadOnnx(exportDenoiser(model));
    const start = { shape: [2, 2], values: Float64Array.of(1.1, 0.8, 2, 0.4) };
    using compiled = await compileSampler(model, { sampler: "probability-flow" });
    for (const t of [process.startTime * 1.37, 0.123, 0.77]) {
      // a single step of almost no length, then the estimate at its end
      const times = Float64Array.of(t * (1 + 1e-9), t);
      const { samples } = await compiled.sample({ start, times });
      const out = await file.run({
        x: array(Float32Array.from(start.values), [2, 2]),
        t: Float32Array.of(t, t),
      });
      toNumbers(out.denoised).forEach((value, k) => {
        expect(value / samples.values[k]).toBeCloseTo(1, 4);
      });
    }
    const { startTime, endTime } = process;
    const times = [startTime, endTime, -1, 0, 0.9 * startTime, 1.1 * endTime, Number.NaN];
    const x = array(new Float32Array(2 * times.length).fill(1), [times.length, 2]);
    const { denoised } = await file.run({ x, t: Float32Array.from(times) });
    const values = Array.from(toNumbers(denoised), Number.isFinite);
    expect(values).toEqual(times.flatMap((_, k) => [k < 2, k < 2]));
  }
});

test("options that do not fit are refused", () => {
  const additive = modelOf(variancePreservingProcess());
  expect(() => exportSampler(additive, { sampler: "ambient" })).toThrow(ArgumentError);
  expect(() => exportSampler(additive, { steps: -1 })).toThrow("steps must be a positive integer, got -1");
  const unknown: object = { steps: 1 };
  expect(() =>
    diffusionModel({ process: variancePreservingProcess(), shape: [3], moments, parameters, network }),
  ).toThrow(ArgumentError);
  expect(() => exportDenoiser(additive, unknown)).toThrow('no option "steps"');
});

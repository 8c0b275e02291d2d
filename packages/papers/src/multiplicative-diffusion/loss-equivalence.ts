import { conditionalHyvarinenScore, geometricBrownianProcess } from "gradus/diffusion";
import { randomStream } from "gradus/random";

const ATOMS = [1, 1.5, 2] as const;
const SHARES = [0.2, 0.5, 0.3] as const;
const MODELS = 5;
const VOLATILITY = 0.8;
export const weights = ["epsilon", "authors"] as const;
export type Weight = (typeof weights)[number];

/** The losses of one model: denoising, explicit, and their difference with its standard error. */
export interface ModelLosses {
  readonly weight: Weight;
  readonly model: number;
  readonly denoising: number;
  readonly explicit: number;
  readonly difference: number;
  /** Against the mean of all models. */
  readonly standardErrors: number;
  /** The difference with the Stein score of the noise in place of the Hyvarinen score. */
  readonly stein: number;
}

/** h of a made-up model: smooth, with coefficients from the seed. */
function madeUpModel(seed: number, k: number) {
  const stream = randomStream(seed).split(`model ${k}`);
  const [a, b, c, d] = Array.from({ length: 4 }, () => stream.normal());
  return (y: number, t: number) => -1 + a + b * y + c * t + d * Math.sin(3 * y);
}

/** The score h of the three atoms at x, exactly: the mean of the conditional ones over the atoms it may come from. */
function exactScore(x: number, variance: number, conditional: (clean: number) => number): number {
  const logits = ATOMS.map((a, k) => Math.log(SHARES[k]) - Math.log(x / a) ** 2 / (2 * variance));
  const most = Math.max(...logits);
  const parts = logits.map((value) => Math.exp(value - most));
  const total = parts.reduce((one, other) => one + other, 0);
  return ATOMS.reduce((score, a, k) => score + (parts[k] / total) * conditional(a), 0);
}

/** The losses of five models over the same draws of a time and a noisy point. */
export function equivalence(draws: number, seed: number): ModelLosses[] {
  const process = geometricBrownianProcess({ volatility: VOLATILITY, startTime: 0.05 });
  const stream = randomStream(seed).split("equivalence");
  const models = Array.from({ length: MODELS }, (_, k) => madeUpModel(seed, k));
  const sums = weights.map(() => models.map(() => ({ denoising: 0, explicit: 0, stein: 0 })));
  const differences = weights.map(() => models.map(() => new Float64Array(draws)));
  for (let i = 0; i < draws; i++) {
    const t = stream.uniform(0.05, 1);
    const clean = ATOMS[stream.categorical(SHARES)];
    const variance = process.variance(t);
    const x = clean * Math.exp(Math.sqrt(variance) * stream.normal());
    const conditional = (atom: number) => conditionalHyvarinenScore(process, { x, clean: atom, t });
    const target = conditional(clean);
    const h = exactScore(x, variance, conditional);
    weights.forEach((weight, w) => {
      const factor = weight === "epsilon" ? variance : variance ** 2;
      models.forEach((model, m) => {
        const own = model(Math.log(x), t);
        const denoising = factor * (own - target) ** 2;
        const explicit = factor * (own - h) ** 2;
        sums[w][m].denoising += denoising / draws;
        sums[w][m].explicit += explicit / draws;
        sums[w][m].stein += (factor * (own - target / x) ** 2 - explicit) / draws;
        differences[w][m][i] = denoising - explicit;
      });
    });
  }
  return weights.flatMap((weight, w) =>
    models.map((_, m) => {
      const { denoising, explicit, stein } = sums[w][m];
      let [mean, square] = [0, 0];
      for (let i = 0; i < draws; i++) {
        const average = differences[w].reduce((sum, own) => sum + own[i] / MODELS, 0);
        const apart = differences[w][m][i] - average;
        mean += apart / draws;
        square += apart ** 2 / draws;
      }
      const standardErrors = Math.abs(mean) / Math.sqrt((square - mean * mean) / draws);
      return {
        weight,
        model: m + 1,
        denoising,
        explicit,
        difference: denoising - explicit,
        standardErrors,
        stein,
      };
    }),
  );
}

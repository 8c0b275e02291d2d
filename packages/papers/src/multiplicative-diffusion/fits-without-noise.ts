import { array, item, log, mul, neg, sub, type Tensor } from "@gradus/graph";
import { scoreMatchingFit } from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { randomStream } from "gradus/random";
import { adam, cosineDecay, train } from "gradus/train";

export const families = ["exponential", "gamma", "log-normal"] as const;

export interface FitRow {
  readonly parameter: string;
  readonly truth: number;
  readonly fitted: number;
  readonly standardErrors: number;
}

export const TRUTH = {
  exponential: { rate: 1.7 },
  gamma: { shape: 3, rate: 2 },
  "log-normal": { mean: 0.3, variance: 0.25 },
} as const;

export function drawn(family: (typeof families)[number], count: number, seed: number): Float64Array {
  const stream = randomStream(seed).split(family);
  return Float64Array.from({ length: count }, () => {
    if (family === "exponential") return stream.exponential() / TRUTH.exponential.rate;
    if (family === "gamma") return stream.gamma(TRUTH.gamma.shape) / TRUTH.gamma.rate;
    return Math.exp(TRUTH["log-normal"].mean + Math.sqrt(TRUTH["log-normal"].variance) * stream.normal());
  });
}

const PARTS = 100;

/** Fits of each family, with standard errors from parts of the draws. */
export function fittedRows(count: number, seed: number): FitRow[] {
  return families.flatMap((family) => {
    const x = drawn(family, count, seed);
    const whole = Object.entries(scoreMatchingFit(x, family));
    const size = Math.floor(count / PARTS);
    const parts = Array.from({ length: PARTS }, (_, k) =>
      Object.values(scoreMatchingFit(x.subarray(k * size, (k + 1) * size), family)),
    );
    const truth = Object.values(TRUTH[family]);
    return whole.map(([name, fitted], j) => {
      const own = parts.map((part) => part[j]);
      const mean = own.reduce((sum, value) => sum + value / PARTS, 0);
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2 / (PARTS - 1), 0);
      const error = Math.sqrt(variance / PARTS);
      return {
        parameter: `${family}, ${name}`,
        truth: truth[j],
        fitted,
        standardErrors: Math.abs(fitted - truth[j]) / error,
      };
    });
  });
}

type Row = { readonly x: Tensor };
/** h of each family, from its two parameters; the second of the exponential law is not used. */
export const scores = {
  exponential:
    ([rate]: readonly Tensor[]) =>
    (x: Tensor) =>
      neg(mul(x, rate)),
  gamma:
    ([shape, rate]: readonly Tensor[]) =>
    (x: Tensor) =>
      sub(sub(shape, 1), mul(x, rate)),
  "log-normal":
    ([center, precision]: readonly Tensor[]) =>
    (x: Tensor) =>
      sub(-1, mul(sub(log(x), center), precision)),
} as const;

const scalarOf = (value: number) => array(Float64Array.of(value), []);

/** The parameters at which descent on a traced loss ends, in float64. */
export async function descended(
  loss: (parameters: readonly Tensor[], row: Row) => Tensor,
  x: Float64Array,
  signal: AbortSignal,
): Promise<number[]> {
  const steps = 1500;
  const { iterate } = await solve(
    train({
      loss: (parameters: { readonly a: Tensor; readonly b: Tensor }, row: Row) =>
        loss([parameters.a, parameters.b], row),
      parameters: { a: scalarOf(1), b: scalarOf(1) },
      data: { x: array(x, [x.length, 1]) },
      batchSize: "full",
      optimizer: adam({ learningRate: cosineDecay({ initial: 0.1, counts: steps }) }),
      epochs: steps,
      epochsPerIterate: 500,
      signal,
    }),
  );
  return [item(iterate.parameters.a), item(iterate.parameters.b)];
}

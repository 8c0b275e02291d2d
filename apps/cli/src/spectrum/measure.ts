import {
  effectiveBatchSize,
  hutchinsonTrace,
  type LanczosRule,
  lanczosQuadrature,
  localBatchEigenvalue,
  spectralMean,
} from "gradus/curvature";
import { pacer, solve } from "gradus/iterate";
import { extremeEigenpairs, type LinearOperator } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { blockOf, groupsOf } from "./blocks.ts";
import { finiteLoss } from "./finite.ts";
import type { SpectrumSource } from "./source.ts";

export interface MeasureOptions {
  /** Largest and smallest eigenvalues to find. */
  readonly top: number;
  readonly bottom: number;
  /** Lanczos steps of a probe, and probes, of the quadrature. */
  readonly steps: number;
  readonly probes: number;
  readonly seed: number;
  /** Rows of a batch; `full` for all. */
  readonly batches: readonly (number | "full")[];
  /** Of the heavy ball, whose stable rates are told beside those of plain descent. */
  readonly momentum?: number;
  readonly groups: boolean;
  readonly signal: AbortSignal;
  onProgress(fraction: number, message: string): void;
}

/** An eigenvalue and how well it is known: one of the matrix lies within `bound` of it. */
export interface Eigenvalue {
  readonly value: number;
  /** ||A v - value v|| of the unit vector v that was found, and what rounding adds. */
  readonly bound: number;
}

/** A figure with its standard error over random probes, where there are several. */
export interface Measured {
  readonly value: number;
  readonly standardError: number | null;
}

export interface BatchRate {
  readonly batchSize: number;
  /** b / (1 - b/N); null where it is infinite, at the full data. */
  readonly effectiveBatch: number | null;
  /** The predicted mean largest eigenvalue of a batch's matrix. */
  readonly largest: number;
  /** The largest stable learning rate of gradient descent, 2 over that, and of the heavy ball. */
  readonly rate: number;
  readonly momentumRate: number | null;
  /** What limits it more: the noise between rows below the critical batch size, the curvature above it. */
  readonly regime: "noise" | "curvature";
}

export interface GroupSpectrum {
  readonly path: string;
  readonly parameters: number;
  readonly top: readonly Eigenvalue[];
  readonly bottom: readonly Eigenvalue[];
  readonly trace: Measured;
}

/** All that is measured of a model's curvature: plain data. */
export interface SpectrumSummary {
  readonly format: 1;
  readonly source: string;
  readonly matrix: SpectrumSource["matrix"];
  /** Relative rounding of the parameters' element type. */
  readonly rounding: number;
  readonly parameters: number;
  readonly rows: number;
  readonly seed: number;
  readonly loss: number;
  /** Descending. */
  readonly top: readonly Eigenvalue[];
  /** Ascending. */
  readonly bottom: readonly Eigenvalue[];
  readonly converged: boolean;
  readonly trace: Measured;
  /** Quadrature rules of the spectrum, one a probe: what the density is drawn from. */
  readonly rules: readonly { readonly nodes: readonly number[]; readonly weights: readonly number[] }[];
  /** How the top eigenvector sees single rows; null where no eigenvalue is positive. */
  readonly noise: { readonly across: number; readonly along: number; readonly rows: number } | null;
  /** v_perp / lambda_1^2: the effective batch at which noise halves the stable rate. */
  readonly criticalBatch: number | null;
  readonly batches: readonly BatchRate[];
  readonly groups: readonly GroupSpectrum[];
  /** Products with the matrix. */
  readonly products: number;
  readonly seconds: number;
}

/** Of eigenpairs: far below what standard errors tell. */
const TOLERANCE = 1e-5;
/** The small end may hold eigenvalues near 0, which are known to this many roundings of a thousandth of the largest. */
const ROUNDINGS = 8192;
/** Rows whose own products tell the noise: more take long and hardly sharpen it. */
const NOISE_ROWS = 2000;
/** Eigenvalues of a group. */
const GROUP_TOP = 3;
/** What finding the eigenvalues of one end takes, in products, for the bar of progress. */
const EXPECTED_LANCZOS = 60;

interface Watched extends LinearOperator {
  readonly count: () => number;
}

/** The operator, its products counted, told and interrupted. */
function watched(operator: LinearOperator, signal: AbortSignal, onProduct: () => void): Watched {
  let count = 0;
  const pace = pacer();
  return {
    rows: operator.rows,
    columns: operator.columns,
    symmetric: true,
    count: () => count,
    async apply(x, out) {
      const turn = pace();
      if (turn) await turn;
      signal.throwIfAborted();
      await operator.apply(x, out);
      count += 1;
      onProduct();
    },
  };
}

/** The largest stable rate where the data's curvature is lambda and noise adds to it: 1/rate is linear in the noise. */
function stableRate(lambda: number, noise: number, momentum: number): number {
  return 2 / (lambda / (1 + momentum) + noise / (1 - momentum));
}

/** How far a pair that was found is from an eigenpair, by one more product. */
async function residualOf(A: LinearOperator, value: number, vector: Float64Array): Promise<number> {
  const product = new Float64Array(vector.length);
  await A.apply(vector, product);
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (product[i] - value * vector[i]) ** 2;
  return Math.sqrt(squares);
}

async function ends(
  A: LinearOperator,
  counts: { readonly top: number; readonly bottom: number },
  rounding: number,
  { seed, signal }: Pick<MeasureOptions, "seed" | "signal">,
) {
  const find = async (which: "largest" | "smallest", wanted: number) => {
    const count = Math.min(wanted, A.rows);
    if (count === 0) return { values: [], vectors: [], converged: true };
    const pairs = await extremeEigenpairs(A, {
      count,
      which,
      tolerance: which === "largest" ? TOLERANCE : Math.max(TOLERANCE, ROUNDINGS * rounding),
      seed,
      signal,
    });
    const order = [...pairs.values.keys()];
    if (which === "smallest") order.reverse();
    const values = order.map((i) => pairs.values[i]);
    const vectors = order.map((i) => pairs.vectors[i]);
    const found: Eigenvalue[] = [];
    for (const [i, value] of values.entries())
      found.push({ value, bound: (await residualOf(A, value, vectors[i])) + rounding * Math.abs(values[0]) });
    return { values: found, vectors, converged: pairs.converged };
  };
  const top = await find("largest", counts.top);
  const bottom = await find("smallest", counts.bottom);
  return {
    top: top.values,
    bottom: bottom.values,
    vector: top.vectors.at(0),
    converged: top.converged && bottom.converged,
  };
}

function measured(value: number, standardError: number): Measured {
  return { value, standardError: Number.isFinite(standardError) ? standardError : null };
}

/**
 * The laws of Granziol, Zohren & Roberts 2022 with the noise that the top eigenvector sees: for plain descent 2 over the
 * largest eigenvalue of a batch; for a heavy ball with momentum rho the line 1/rate that joins their limits,
 * 2 (1 + rho)/lambda_1 for all rows and 2 (1 - rho) over the noise's part for small batches.
 */
function ratesOf(
  { rows }: SpectrumSource,
  lambdaMax: number,
  across: number,
  { batches, momentum }: MeasureOptions,
): BatchRate[] {
  const sizes = batches.map((size) => (size === "full" ? rows : size)).filter((size) => size <= rows);
  return [...new Set(sizes)].map((batchSize) => {
    const effectiveBatch = effectiveBatchSize(batchSize, rows);
    const largest = Number.isFinite(effectiveBatch)
      ? localBatchEigenvalue({ lambda: lambdaMax, across, effectiveBatch })
      : lambdaMax;
    const excess = largest - lambdaMax;
    return {
      batchSize,
      effectiveBatch: Number.isFinite(effectiveBatch) ? effectiveBatch : null,
      largest,
      rate: stableRate(lambdaMax, excess, 0),
      momentumRate: momentum === undefined ? null : stableRate(lambdaMax, excess, momentum),
      regime: excess > lambdaMax ? ("noise" as const) : ("curvature" as const),
    };
  });
}

/**
 * Measures a model's curvature: extreme eigenvalues by Lanczos, density and trace by quadrature, the noise of single
 * rows along the top eigenvector, and what it says of learning rates.
 *
 * @throws SourceError naming the first rows on which the loss is not finite
 * @throws the signal's reason when it is aborted
 */
export async function measureSpectrum(
  source: SpectrumSource,
  options: MeasureOptions,
): Promise<SpectrumSummary> {
  const { top, bottom, steps, probes, seed, groups, signal, onProgress } = options;
  const begun = performance.now();
  const blocks = groups ? groupsOf(source.slots) : [];
  const { rows } = source;
  const size = source.operator.rows;
  const noiseRows = Math.min(rows, NOISE_ROWS);
  const perProbe = Math.min(steps, size);
  const expected =
    2 * EXPECTED_LANCZOS + probes * perProbe + 10 + blocks.length * (2 * EXPECTED_LANCZOS + probes);
  let [done, message] = [0, "loss"];
  const tell = (what: string) => {
    message = what;
    onProgress(Math.min(0.99, done / expected), message);
  };
  const A = watched(source.operator, signal, () => {
    done += 1;
    tell(message);
  });

  tell("loss of all rows");
  const loss = await finiteLoss(source, { signal });
  tell("largest and smallest eigenvalues");
  const whole = await ends(A, { top, bottom }, source.rounding, options);
  done = 2 * EXPECTED_LANCZOS;
  tell("density and trace");
  const { iterate } = await solve(lanczosQuadrature(A, { probes, steps: perProbe, seed, signal }));
  const rules: readonly LanczosRule[] = iterate.rules;
  const mean = spectralMean(rules);

  const largest = whole.top.at(0)?.value ?? 0;
  let noise: SpectrumSummary["noise"] = null;
  if (largest > 0 && whole.vector && rows > 1) {
    tell(`noise of ${noiseRows} rows`);
    const sample = randomStream(seed).split("noise").permutation(rows).subarray(0, noiseRows).toSorted();
    noise = { ...(await source.localVariance(whole.vector, sample, signal)), rows: noiseRows };
  }

  const parts: GroupSpectrum[] = [];
  for (const { path, slots } of blocks) {
    tell(path);
    const block = blockOf(A, slots);
    const counts = { top: Math.min(top, GROUP_TOP), bottom: Math.min(bottom, 1) };
    const found = await ends(block, counts, source.rounding, options);
    const trace = await solve(hutchinsonTrace(block, { probes, seed, signal }));
    parts.push({
      path,
      parameters: block.rows,
      top: found.top,
      bottom: found.bottom,
      trace: measured(trace.iterate.estimate, trace.iterate.standardError),
    });
  }
  onProgress(1, "done");
  return {
    format: 1,
    source: source.name,
    matrix: source.matrix,
    rounding: source.rounding,
    parameters: size,
    rows,
    seed,
    loss,
    top: whole.top,
    bottom: whole.bottom,
    converged: whole.converged,
    trace: measured(size * mean.value, size * mean.standardError),
    rules: rules.map(({ nodes, weights }) => ({ nodes: [...nodes], weights: [...weights] })),
    noise,
    criticalBatch: noise ? noise.across / largest ** 2 : null,
    batches: noise ? ratesOf(source, largest, noise.across, options) : [],
    groups: parts,
    products: A.count(),
    seconds: (performance.now() - begun) / 1000,
  };
}

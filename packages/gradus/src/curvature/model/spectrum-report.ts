import { checkIntegerWithin, checkNonNegativeInteger, checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import { pacer, solve } from "../../iterate/iterate.ts";
import { extremeEigenpairs } from "../../linalg/krylov/extreme-eigenpairs.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { randomStream } from "../../random/stream.ts";
import { effectiveBatchSize } from "../batch/effective-batch-size.ts";
import {
  type MaxBatchLearningRate,
  maxBatchLearningRate,
} from "../learning-rates/max-batch-learning-rate.ts";
import type { CurvatureKind } from "../onnx/export-curvature.ts";
import { lanczosQuadrature } from "../spectrum/lanczos-quadrature.ts";
import type { Estimate } from "../spectrum/spectral-density.ts";
import { finiteLoss } from "./finite-loss.ts";
import { groupTraces } from "./group-traces.ts";
import type { ModelCurvature } from "./model-curvature.ts";
import { groupBlock, groupSize, parameterGroups } from "./parameter-groups.ts";
import { type Progress, withProgress } from "./progress.ts";

export interface SpectrumOptions {
  /** Number of largest and of smallest eigenvalues to find. */
  readonly top?: number;
  readonly bottom?: number;
  /** Lanczos steps per probe, and probes, of the quadrature; traces take four times as many probes. */
  readonly steps?: number;
  readonly probes?: number;
  readonly seed?: number;
  /** Batch sizes for which learning rates are reported. */
  readonly batches?: readonly number[];
  /** Momentum of the heavy ball, whose learning rates are reported in addition to those of plain SGD. */
  readonly momentum?: number;
  /** Whether to find the extreme eigenvalues of each group of parameters as well. */
  readonly groups?: boolean;
  readonly signal?: AbortSignal;
}

/** A computed eigenvalue with an error bound: the matrix has an eigenvalue within `bound` of `value`. */
export interface BoundedEigenvalue {
  readonly value: number;
  /** ||A v - value v|| for the computed unit vector v, plus an allowance for rounding. */
  readonly bound: number;
}

/** A figure with its standard error over random probes (null if there is only one), as plain JSON. */
export interface MeasuredFigure {
  readonly value: number;
  readonly standardError: number | null;
}

/** The largest learning rate at a batch size: see `maxBatchLearningRate`. */
export interface BatchLearningRate {
  readonly batchSize: number;
  /** b / (1 - b/N); null for the full data, where it is infinite. */
  readonly effectiveBatch: number | null;
  /** E |H_B u|^2 / lambda_1 at the top eigenvector: 2 divided by the learning rate. */
  readonly curvature: number;
  readonly learningRate: number;
  /** The largest learning rate of the heavy ball; null without `momentum`. */
  readonly momentumLearningRate: number | null;
  readonly regime: MaxBatchLearningRate["regime"];
}

/** The measured curvature of one group of parameters. */
export interface GroupSpectrum {
  readonly path: string;
  readonly parameters: number;
  readonly top: readonly BoundedEigenvalue[];
  readonly bottom: readonly BoundedEigenvalue[];
  /** The groups' traces sum to the whole trace, their shares to 1. */
  readonly trace: MeasuredFigure;
  readonly share: MeasuredFigure;
}

/** Everything measured of a model's curvature, as plain data. */
export interface SpectrumReport {
  readonly matrix: CurvatureKind;
  /** Relative rounding of the parameters' element type. */
  readonly rounding: number;
  readonly parameters: number;
  readonly rows: number;
  readonly seed: number;
  readonly loss: number;
  /** The largest eigenvalues, descending. */
  readonly top: readonly BoundedEigenvalue[];
  /** The smallest eigenvalues, ascending. */
  readonly bottom: readonly BoundedEigenvalue[];
  readonly converged: boolean;
  readonly trace: MeasuredFigure;
  /** Quadrature rules of the spectrum, one per probe, from which the density is drawn. */
  readonly rules: readonly { readonly nodes: readonly number[]; readonly weights: readonly number[] }[];
  /** The variance of single rows at the top eigenvector; null if no eigenvalue is positive. */
  readonly noise: { readonly across: number; readonly along: number; readonly rows: number } | null;
  /** The effective batch at which noise halves the stable rate. */
  readonly criticalBatch: number | null;
  readonly batches: readonly BatchLearningRate[];
  readonly groups: readonly GroupSpectrum[];
  /** Number of products with the matrix. */
  readonly products: number;
}

/** Tolerance of eigenpairs: far below the standard errors of the other figures. */
const TOLERANCE = 1e-5;
/** The small end may have eigenvalues near 0; they are found to this many roundings of a thousandth of the largest. */
const ROUNDINGS = 8192;
/** Rows from which the noise is estimated: more take long and improve the estimate little. */
const NOISE_ROWS = 2000;
/** Eigenvalues found at each end of a group's spectrum. */
const GROUP_TOP = 3;
/** Probes of the traces for each probe of the quadrature, which takes many more products. */
const TRACE_PROBES = 4;
/** The expected number of products to find the eigenvalues of one end, for the progress. */
const EXPECTED_LANCZOS = 60;

/** The operator with its products counted, reported and interruptible. */
function watched(operator: LinearOperator, signal: AbortSignal, onProduct: () => void) {
  let count = 0;
  const pace = pacer();
  const A: LinearOperator = {
    rows: operator.rows,
    columns: operator.columns,
    symmetric: true,
    async apply(x, out) {
      const turn = pace();
      if (turn) await turn;
      signal.throwIfAborted();
      await operator.apply(x, out);
      count += 1;
      onProduct();
    },
  };
  return { A, count: () => count };
}

/** The residual norm of a computed eigenpair, by one more product. */
async function residualOf(A: LinearOperator, value: number, vector: Float64Array): Promise<number> {
  const product = new Float64Array(vector.length);
  await A.apply(vector, product);
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (product[i] - value * vector[i]) ** 2;
  return Math.sqrt(squares);
}

async function spectrumEnds(
  A: LinearOperator,
  counts: { readonly top: number; readonly bottom: number },
  {
    rounding,
    seed,
    signal,
  }: { readonly rounding: number; readonly seed: number; readonly signal: AbortSignal },
) {
  const find = async (which: "largest" | "smallest", wanted: number) => {
    const count = Math.min(wanted, A.rows);
    if (count === 0) return { values: [], vectors: [], converged: true };
    const tolerance = which === "largest" ? TOLERANCE : Math.max(TOLERANCE, ROUNDINGS * rounding);
    const pairs = await extremeEigenpairs(A, { count, which, tolerance, seed, signal });
    // eigenvalues are returned in descending order; here the wanted end comes first
    const order = which === "largest" ? [...pairs.values.keys()] : [...pairs.values.keys()].reverse();
    const values = order.map((i) => pairs.values[i]);
    const vectors = order.map((i) => pairs.vectors[i]);
    const found: BoundedEigenvalue[] = [];
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

const measured = ({ value, standardError }: Estimate): MeasuredFigure => ({
  value,
  standardError: Number.isFinite(standardError) ? standardError : null,
});

function learningRatesOf(
  rows: number,
  lambdaMax: number,
  noise: { readonly along: number; readonly across: number },
  { batches, momentum }: { readonly batches: readonly number[]; readonly momentum?: number },
): BatchLearningRate[] {
  return [...new Set(batches)].map((batchSize) => {
    const effectiveBatch = effectiveBatchSize(batchSize, rows);
    const place = { lambdaMax, noise, batchSize, datasetSize: rows };
    const { learningRate, regime } = maxBatchLearningRate(place);
    return {
      batchSize,
      effectiveBatch: Number.isFinite(effectiveBatch) ? effectiveBatch : null,
      curvature: 2 / learningRate,
      learningRate,
      momentumLearningRate:
        momentum === undefined ? null : maxBatchLearningRate({ ...place, momentum }).learningRate,
      regime,
    };
  });
}

type Settings = Required<Omit<SpectrumOptions, "signal" | "momentum">> & Pick<SpectrumOptions, "momentum">;

async function measure(
  model: ModelCurvature,
  settings: Settings,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<SpectrumReport> {
  const { top, bottom, steps, probes, seed, groups } = settings;
  const { rows, rounding } = model;
  const size = model.operator.rows;
  const parts = parameterGroups(model.slots);
  const noiseRows = Math.min(rows, NOISE_ROWS);
  const perProbe = Math.min(steps, size);
  const expected =
    2 * EXPECTED_LANCZOS * (groups ? 1 + parts.length : 1) + probes * (perProbe + TRACE_PROBES) + 10;
  let [done, stage] = [0, "loss"];
  const tell = (what: string) => {
    stage = what;
    report({ fraction: Math.min(0.99, done / expected), stage });
  };
  const { A, count } = watched(model.operator, signal, () => {
    done += 1;
    tell(stage);
  });
  const known = { rounding, seed, signal };

  tell("loss of all rows");
  const loss = await finiteLoss(model, { signal });
  tell("largest and smallest eigenvalues");
  const whole = await spectrumEnds(A, { top, bottom }, known);
  done = Math.max(done, 2 * EXPECTED_LANCZOS);
  tell("density");
  const { rules } = (await solve(lanczosQuadrature(A, { probes, steps: perProbe, seed, signal }))).iterate;
  tell("trace");
  const traces = (await solve(groupTraces(A, parts, { probes: TRACE_PROBES * probes, seed, signal })))
    .iterate;

  const largest = whole.top.at(0)?.value ?? 0;
  let noise: SpectrumReport["noise"] = null;
  if (largest > 0 && whole.vector && rows > 1) {
    tell(`noise of ${noiseRows} rows`);
    const sample = randomStream(seed).split("noise").permutation(rows).subarray(0, noiseRows).toSorted();
    noise = { ...(await model.localVariance(whole.vector, sample, signal)), rows: noiseRows };
  }
  const blocks: GroupSpectrum[] = [];
  for (const [g, group] of (groups ? parts : []).entries()) {
    tell(group.path);
    const ends = { top: Math.min(top, GROUP_TOP), bottom: Math.min(bottom, 1) };
    const found = await spectrumEnds(groupBlock(A, group), ends, known);
    const { trace, share } = traces.groups[g];
    blocks.push({
      path: group.path,
      parameters: groupSize(group),
      top: found.top,
      bottom: found.bottom,
      trace: measured(trace),
      share: measured(share),
    });
  }
  return {
    matrix: model.matrix,
    rounding,
    parameters: size,
    rows,
    seed,
    loss,
    top: whole.top,
    bottom: whole.bottom,
    converged: whole.converged,
    trace: measured(traces.trace),
    rules: rules.map(({ nodes, weights }) => ({ nodes: [...nodes], weights: [...weights] })),
    noise,
    criticalBatch: noise ? (noise.along + noise.across) / largest ** 2 : null,
    batches: noise ? learningRatesOf(rows, largest, noise, settings) : [],
    groups: blocks,
    products: count(),
  };
}

/** The progress of the measurement; the last item carries the report. */
export interface SpectrumProgress extends Progress {
  readonly report?: SpectrumReport;
}

/**
 * Measures a model's curvature: extreme eigenvalues by Lanczos, the spectral density by quadrature, traces by group,
 * the noise of single rows at the top eigenvector, and the largest learning rates that follow for each batch size. The
 * iterator yields progress; the last item carries the report.
 *
 *     for await (const { fraction, stage, report } of measureSpectrum(model)) ...
 *
 * @throws ArgumentError for an option that is unknown or out of range, or a batch larger than the data
 * @throws DataError naming the first rows on which the loss is not finite
 * @throws ConvergenceError where a product is not finite
 * @throws the signal's reason when it is aborted
 */
export async function* measureSpectrum(
  model: ModelCurvature,
  options: SpectrumOptions = {},
): AsyncGenerator<SpectrumProgress, void, void> {
  checkOptions("measureSpectrum", options, [
    "top",
    "bottom",
    "steps",
    "probes",
    "seed",
    "batches",
    "momentum",
    "groups",
    "signal",
  ]);
  const { signal, momentum, seed = 1 } = options;
  const { top = 10, bottom = 3, steps = 60, probes = 8, batches = [], groups = false } = options;
  const settings = { top, bottom, steps, probes, seed, batches, groups, momentum };
  checkPositiveInteger({ top, steps, probes });
  checkNonNegativeInteger({ bottom });
  checkBoolean({ groups });
  batches.forEach((size, k) => {
    checkIntegerWithin(1, model.rows, { [`batches[${k}]`]: size });
  });
  for await (const { fraction, stage, result } of withProgress(
    (report, stopped) => measure(model, settings, report, stopped),
    signal,
  ))
    yield { fraction, stage, ...(result && { report: result }) };
}

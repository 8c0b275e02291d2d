import {
  formatFigure,
  indexed,
  type PlotData,
  type PlotSpecification,
  type Point,
  type Table,
} from "@gradus/papers";
import {
  type BoundedEigenvalue,
  logSpectralDensity,
  type MeasuredFigure,
  type SpectralDensity,
} from "gradus/curvature";
import { formatDuration } from "../terminal/text.ts";
import { matrixNames, type SpectrumSummary } from "./source.ts";

/** A plot with what it shows and a sentence on it. */
export interface Drawn {
  readonly plot: PlotSpecification;
  readonly data: PlotData;
  readonly caption: string;
}

/** What is shown of a spectrum, in a terminal and on a page alike. */
export interface SpectrumView {
  readonly title: string;
  /** On the run: sizes, seed, products, time. */
  readonly facts: string;
  readonly sentences: readonly string[];
  readonly plots: readonly Drawn[];
  readonly tables: readonly Table[];
}

/** Standard deviation of the density's smoothing, in decades. */
const SIGMA = 0.12;
/** Relative size, times rounding errors of the parameters, below which eigenvalues count as 0. */
const FLOOR = { least: 1e-7, roundings: 500 } as const;
/** Eigenvalues named in the density. */
const NAMED = 5;

const withError = ({ value, standardError }: MeasuredFigure): string =>
  standardError === null
    ? formatFigure(value)
    : `${formatFigure(value)} ± ${formatFigure(Number(standardError.toPrecision(2)))}`;

/** What a lone eigenvalue among `count` is in a smoothed density: the height of its peak. */
const peakOf = (count: number): number => 1 / (count * SIGMA * Math.sqrt(2 * Math.PI));

/** The part of a density that is above `least`; where it falls below in between, it runs along the axis. */
function curve({ grid, density }: SpectralDensity, least: number): Point[] {
  const from = density.findIndex((value) => value > least);
  const to = density.findLastIndex((value) => value > least);
  return from < 0
    ? []
    : Array.from(grid.subarray(from, to + 1), (x, i) => ({
        x: 10 ** x,
        y: Math.max(density[from + i], least),
      }));
}

function densityOf({ rules, parameters, top, bottom, matrix, rounding }: SpectrumSummary): Drawn | undefined {
  const size = Math.max(Math.abs(top.at(0)?.value ?? 0), Math.abs(bottom.at(0)?.value ?? 0));
  if (!(size > 0)) return undefined;
  const floor = size * Math.max(FLOOR.least, FLOOR.roundings * rounding);
  const { positive, negative, nearZero } = logSpectralDensity(
    rules.map(({ nodes, weights }) => ({
      nodes: Float64Array.from(nodes),
      weights: Float64Array.from(weights),
    })),
    { sigma: SIGMA, floor },
  );
  const peak = peakOf(parameters);
  const stem = (name: (i: number) => string) => (one: BoundedEigenvalue, i: number) => ({
    x: Math.abs(one.value),
    y: peak,
    ...(i < NAMED ? { label: name(i) } : {}),
  });
  const least = top.filter(({ value }) => value > floor);
  const below = bottom.filter(({ value }) => value < -floor);
  const share = (one: SpectralDensity) =>
    one.density.reduce((sum, value) => sum + value, 0) * (one.grid[1] - one.grid[0]);
  const negativeShare = share(negative);
  return {
    plot: {
      id: "density",
      title: `Density of the eigenvalues of the ${matrixNames[matrix]}`,
      x: { label: "absolute eigenvalue", scale: "log" },
      y: { label: "share of eigenvalues per decade", scale: "log" },
      mark: "line",
      series: ["positive", "negative", "largest", "smallest"],
      stems: ["largest", "smallest"],
    },
    data: {
      positive: curve(positive, peak / 4),
      negative: curve(negative, peak / 4),
      largest: least.map(stem((i) => indexed("λ", i + 1))),
      smallest: below.map(stem((i) => (i === 0 ? "−λ min" : ""))).map(dropEmpty),
    },
    caption: `${formatFigure(100 * negativeShare)}% of the eigenvalues are negative, ${formatFigure(100 * nearZero.value)}% are smaller than ${formatFigure(floor)} in absolute value. Each stem is one computed eigenvalue; its height is the density of a single eigenvalue among ${parameters.toLocaleString("en-US")}.`,
  };
}

function dropEmpty({ label, ...point }: Point): Point {
  return label ? { ...point, label } : point;
}

function ratesOf({ batches, criticalBatch, top }: SpectrumSummary, momentum?: number): Drawn | undefined {
  if (batches.length < 2 || criticalBatch === null) return undefined;
  const ball = `with momentum ${momentum}`;
  const full = 2 / top[0].value;
  const [first, last] = [batches[0].batchSize, batches[batches.length - 1].batchSize];
  const critical = criticalBatch >= first && criticalBatch <= last;
  return {
    plot: {
      id: "rates",
      title: "Largest stable learning rate against batch size",
      x: { label: "batch size", scale: "log" },
      y: { label: "learning rate", scale: "log" },
      mark: "line",
      series: ["gradient descent", ball, "critical batch"],
      references: ["full data, 2/λ₁"],
      stems: ["critical batch"],
    },
    data: {
      "gradient descent": batches.map(({ batchSize, learningRate }) => ({ x: batchSize, y: learningRate })),
      [ball]: batches.flatMap(({ batchSize, momentumLearningRate: y }) =>
        y === null ? [] : [{ x: batchSize, y }],
      ),
      ...(critical
        ? {
            "critical batch": [{ x: criticalBatch, y: full, label: formatFigure(Math.round(criticalBatch)) }],
          }
        : {}),
      "full data, 2/λ₁": [first, last].map((x) => ({ x, y: full })),
    },
    caption:
      "Below the curve, SGD contracts in mean square along the sharpest direction. Computed from the largest eigenvalue and the variance of the per-row Hessians along it, for batches sampled without replacement. Early in training, SGD tolerates larger rates.",
  };
}

function eigenvalueTable({ top, bottom }: SpectrumSummary): Table {
  const row =
    (name: string) =>
    ({ value, bound }: BoundedEigenvalue, i: number) => ({
      place: `${name} ${i + 1}`,
      value,
      bound,
    });
  return {
    id: "eigenvalues",
    title: "Extreme eigenvalues",
    columns: [
      { key: "place", label: "" },
      { key: "value", label: "eigenvalue" },
      { key: "bound", label: "± at most" },
    ],
    rows: [...top.map(row("largest")), ...bottom.map(row("smallest"))],
  };
}

function rateTable({ batches }: SpectrumSummary, momentum?: number): Table | undefined {
  if (batches.length === 0) return undefined;
  return {
    id: "rates",
    title: "Predicted largest stable learning rates",
    columns: [
      { key: "batch", label: "batch" },
      { key: "curvature", label: "E|H u|²/λ₁ of a batch" },
      { key: "rate", label: "learning rate" },
      ...(momentum === undefined ? [] : [{ key: "ball", label: `with momentum ${momentum}` }]),
      { key: "regime", label: "limited by" },
    ],
    rows: batches.map((one) => ({
      batch: one.batchSize,
      curvature: one.curvature,
      rate: one.learningRate,
      ball: one.momentumLearningRate,
      regime: one.effectiveBatch === null ? "curvature (full data)" : one.regime,
    })),
  };
}

function groupTable({ groups }: SpectrumSummary): Table | undefined {
  if (groups.length === 0) return undefined;
  return {
    id: "groups",
    title: "Diagonal blocks by parameter group",
    columns: [
      { key: "path", label: "group" },
      { key: "parameters", label: "parameters" },
      { key: "largest", label: "λ₁" },
      { key: "smallest", label: "λ min" },
      { key: "trace", label: "trace" },
      { key: "share", label: "share of trace" },
    ],
    rows: groups.map((group) => ({
      path: group.path,
      parameters: group.parameters,
      largest: group.top.at(0)?.value ?? null,
      smallest: group.bottom.at(0)?.value ?? null,
      trace: withError(group.trace),
      share: withError(group.share),
    })),
  };
}

const present = <T>(one: T | undefined): readonly T[] => (one === undefined ? [] : [one]);

/** What to show of a spectrum. */
export function spectrumView(summary: SpectrumSummary, momentum?: number): SpectrumView {
  const { source, matrix, parameters, rows, seed, loss, trace, top, criticalBatch, noise } = summary;
  const largest = top.at(0)?.value;
  const count = (value: number) => value.toLocaleString("en-US");
  return {
    title: `${matrixNames[matrix][0].toUpperCase()}${matrixNames[matrix].slice(1)} of ${source}`,
    facts: `${count(parameters)} ${parameters === 1 ? "parameter" : "parameters"}, ${count(rows)} ${rows === 1 ? "row" : "rows"}, seed ${seed}, ${count(summary.products)} products, ${formatDuration(summary.seconds)}`,
    sentences: [
      `Loss ${formatFigure(loss)}. Trace ${withError(trace)}, mean eigenvalue ${formatFigure(trace.value / parameters)}.`,
      ...(largest !== undefined && largest > 0
        ? [
            `Full-batch gradient descent is stable for learning rates below 2/λ₁ = ${formatFigure(2 / largest)}.`,
          ]
        : ["No eigenvalue is positive, so no learning rate can be predicted."]),
      ...(noise && criticalBatch !== null
        ? [
            `Critical batch size ${formatFigure(Math.max(1, Math.round(criticalBatch)))}: smaller batches are limited by gradient noise, and the stable learning rate is proportional to the batch size; larger batches are limited by curvature${noise.rows < rows ? ` (from ${count(noise.rows)} rows)` : ""}.`,
          ]
        : []),
      ...(summary.converged
        ? []
        : ["Lanczos stopped before all eigenvalues converged; see the error bounds."]),
      ...(matrix === "empirical-fisher"
        ? [
            "The empirical Fisher matrix only approximates the Hessian; treat its learning rates as a rough guide.",
          ]
        : []),
    ],
    plots: [...present(densityOf(summary)), ...present(ratesOf(summary, momentum))],
    tables: [
      eigenvalueTable(summary),
      ...present(rateTable(summary, momentum)),
      ...present(groupTable(summary)),
    ],
  };
}

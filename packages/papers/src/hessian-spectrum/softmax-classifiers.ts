import {
  exactSpectrum,
  gaussNewtonOperator,
  lossHessianOperator,
  principalAngles,
  spectrumStatistics,
  topEigenvalueDeviation,
} from "gradus/curvature";
import { extremeEigenpairs } from "gradus/linalg";
import { softmaxCurvature } from "gradus/losses";
import { rankCorrelation, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { compiledByShape } from "./by-shape.ts";
import { orderedSizes } from "./ordered.ts";
import { blobProblem, type NetworkProblem, type Parameters, parameterCount } from "./problems.ts";
import { compileDescent } from "./training.ts";

const classCounts = [2, 3, 5, 8] as const;
const architectures = [
  { name: "10-5", hidden: [10, 5] },
  { name: "20-10", hidden: [20, 10] },
  { name: "40-20", hidden: [40, 20] },
] as const;
const deviations = [1, 3, 5] as const;
const outlierLevel = 0.1;
const bulkLevel = 0.01;
/** Rows of every data set. */
const rowCount = 200;

interface Spectra {
  readonly hessian: Float64Array;
  readonly gaussNewton: Float64Array;
  /** The largest between the spans of the eigenvectors of the K largest eigenvalues, in radians. */
  readonly angle: number;
}

const ofClasses = (K: number): string => `K = ${K}`;
const negativeOf = (name: string): string => `${name}, negative`;

interface Run {
  readonly K: number;
  readonly architecture: string;
  readonly hidden: readonly number[];
  readonly deviation: number;
  readonly seed: number;
}

interface Trained extends Run, Spectra {
  readonly M: number;
  readonly steps: number;
  readonly loss: number;
  readonly gradientNorm: number;
}

const countAbove = (values: Float64Array): number =>
  values.filter((value) => value > outlierLevel * values[0]).length;

/** The figures kept from a run and its spectra. */
function summarized({ hessian, gaussNewton, hidden: _, gradientNorm, ...run }: Trained) {
  const s = spectrumStatistics(hessian, { outlierLevel });
  const traceOfG = spectrumStatistics(gaussNewton).trace;
  return {
    ...run,
    ratio: (rowCount * (run.K - 1)) / run.M,
    gradient: gradientNorm,
    largest: s.largest,
    count: countAbove(hessian),
    gaussNewton: countAbove(gaussNewton),
    bulk: spectrumStatistics(hessian, { outlierLevel: bulkLevel }).bulkShare,
    agreement: topEigenvalueDeviation(hessian, gaussNewton, run.K),
    negative: s.mostNegative,
    traceOfG,
    traceOfR: s.trace - traceOfG,
    share: s.outlierTrace,
  };
}
type Row = ReturnType<typeof summarized>;

function figuresOf(rows: readonly Row[]) {
  const [narrow, ...wider] = architectures.map(({ name }) =>
    rows.filter(({ architecture }) => architecture === name).map(({ count }) => count),
  );
  const widest = wider.findLast((counts) => counts.length > 0) ?? narrow;
  const agreements = rows.map(({ agreement }) => agreement);
  return {
    correlation: rankCorrelation(
      rows.map(({ K }) => K),
      rows.map(({ count }) => count),
    ),
    widened: sampleMean(widest) / sampleMean(narrow),
    bulks: rows.map(({ bulk }) => bulk),
    agreements,
    worst: Math.max(...agreements),
  };
}

const title = ({ K, architecture, deviation, seed }: Run): string =>
  `K = ${K}, ${architecture}, deviation ${deviation}, seed ${seed}`;

export default defineExperiment({
  description:
    "Trains ReLU networks on Gaussian clusters as the authors’ code does, to equal gradient norm, and compares the spectra of the Hessian and of its Gauss-Newton part.",
  parameters: z.object({
    seeds: z.int().min(1).max(10).default(3).describe("seeds of data and weights"),
    largestClasses: z.int().min(3).max(8).default(8).describe("most classes, of 2, 3, 5 and 8"),
    widest: z
      .int()
      .min(20)
      .max(40)
      .default(20)
      .describe("first hidden layer of the widest network: 20, or 40"),
    largestDeviation: z
      .number()
      .min(1)
      .max(5)
      .default(1)
      .describe("clusters’ largest standard deviation, of 1, 3, 5"),
    steps: z
      .int()
      .min(1000)
      .max(200_000)
      .default(30_000)
      .describe("most steps of gradient descent, rate 0.1"),
  }),
  profiles: {
    quick: { seeds: 1, largestClasses: 5 },
    full: { widest: 40, largestDeviation: 5 },
  },
  seconds: { quick: 12, full: 300 },
  plots: [
    dotPlot(
      "spectrum",
      "Ordered eigenvalues at the end of training, 20-10 units",
      logAxis("number of the eigenvalue"),
      logAxis("eigenvalue, or its size where negative"),
      {
        series: classCounts.map(ofClasses),
        variants: Object.fromEntries(classCounts.map((K) => [negativeOf(ofClasses(K)), ofClasses(K)])),
      },
    ),
    dotPlot(
      "start",
      "Ordered eigenvalues at the start, 20-10 units",
      logAxis("number of the eigenvalue"),
      logAxis("eigenvalue, or its size where negative"),
      {
        series: classCounts.map(ofClasses),
        variants: Object.fromEntries(classCounts.map((K) => [negativeOf(ofClasses(K)), ofClasses(K)])),
      },
    ),
    dotPlot(
      "agreement",
      "Leading eigenvalues: the Hessian’s against its Gauss-Newton part’s",
      logAxis("eigenvalue of the Gauss-Newton matrix, over λ₁ of the Hessian"),
      logAxis("eigenvalue of the Hessian, over λ₁"),
      { references: ["equal"] },
    ),
    dotPlot(
      "count",
      "Outliers against classes",
      "classes K",
      `eigenvalues above ${outlierLevel} of the largest`,
      { series: architectures.map(({ name }) => name), references: ["K − 1", "2K"] },
    ),
  ],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { seeds, largestClasses, widest, largestDeviation, steps } = parameters;
    const each = repeatSeeds(seed, seeds);
    const classes = classCounts.filter((K) => K <= largestClasses);
    const used = architectures.filter(({ hidden }) => hidden[0] <= widest);
    const runs: Run[] = deviations
      .filter((deviation) => deviation <= largestDeviation)
      .flatMap((deviation) =>
        classes.flatMap((K) =>
          used.flatMap(({ name, hidden }) =>
            each.map((s) => ({ K, architecture: name, hidden, deviation, seed: s })),
          ),
        ),
      );
    for (const K of classes) {
      yield point("count", "K − 1", K, K - 1);
      yield point("count", "2K", K, 2 * K);
    }

    const shown = (run: Run) => run.architecture === "20-10" && run.seed === each[0] && run.deviation === 1;
    async function* drawn(plot: string, name: string, values: Float64Array): ExperimentRun<void> {
      const { positive, negative } = orderedSizes(values);
      yield points(plot, name, positive);
      if (negative.length > 0) yield points(plot, negativeOf(name), negative);
    }

    using descents = compiledByShape((problem) => compileDescent(problem, 0.1));
    using hessians = compiledByShape(lossHessianOperator);
    using gaussNewtons = compiledByShape((problem) =>
      gaussNewtonOperator({ ...problem, curvature: softmaxCurvature }),
    );
    /** Both full matrices, and their leading eigenvectors. */
    const spectraOf = async (
      problem: NetworkProblem,
      parameters: Parameters,
      count: number,
    ): Promise<Spectra> => {
      const place = { parameters, data: problem.data };
      const H = (await hessians.of(problem)).at(place);
      const G = (await gaussNewtons.of(problem)).at(place);
      const [ofH, ofG] = [
        await extremeEigenpairs(H, { count, signal }),
        await extremeEigenpairs(G, { count, signal }),
      ];
      const angles = principalAngles(ofH.vectors, ofG.vectors);
      return {
        hessian: await exactSpectrum(H, { signal }),
        gaussNewton: await exactSpectrum(G, { signal }),
        angle: angles[angles.length - 1],
      };
    };

    const rows: Row[] = [];
    for (const [index, run] of runs.entries()) {
      const trained = yield* stage(title(run), async function* (): ExperimentRun<Trained> {
        yield progress(index / runs.length, title(run));
        const { K, hidden, deviation } = run;
        const problem = blobProblem({
          rows: rowCount,
          inputs: 10,
          classes: K,
          deviation,
          hidden,
          activation: "relu",
          seed: run.seed,
        });
        if (shown(run)) {
          const { hessian } = await spectraOf(problem, problem.parameters, K);
          yield* drawn("start", ofClasses(K), hessian);
        }
        const descent = await descents.of(problem);
        const { parameters: end, ...trained } = yield* descent.run(problem, {
          steps,
          gradientTolerance: 1e-3,
          every: 10,
          signal,
          resumable,
        });
        return {
          ...run,
          M: parameterCount(problem),
          ...trained,
          ...(await spectraOf(problem, end, K)),
        };
      });
      rows.push(summarized(trained));
      const { K, hessian, gaussNewton } = trained;
      yield point("count", run.architecture, K, countAbove(hessian));
      if (!shown(run)) continue;
      yield* drawn("spectrum", ofClasses(K), hessian);
      yield points(
        "agreement",
        ofClasses(K),
        Array.from({ length: 2 * K }, (_, j) => ({
          x: gaussNewton[j] / hessian[0],
          y: hessian[j] / hessian[0],
        })).filter(({ x, y }) => x > 1e-4 && y > 1e-4),
      );
    }
    yield curve("agreement", "equal", [1e-3, 1], (x) => ({ x, y: x }));
    return rows;
  },

  judge(rows) {
    const { correlation, widened, bulks, worst } = figuresOf(rows);
    const differences = rows.map(({ count, gaussNewton }) => Math.abs(count - gaussNewton));
    return [
      check(
        "C1",
        `smallest share of |λ| ≤ ${bulkLevel} λ₁`,
        Math.min(...bulks),
        { atLeast: 0.7 },
        criterion("a bulk with “outliers” is more than two thirds of all eigenvalues"),
      ),
      check(
        "C1",
        "largest |λ min|/λ₁",
        Math.max(...rows.map(({ negative }) => negative)),
        { atMost: 0.1 },
        criterion(
          "no outlier is negative: the negative eigenvalues stay below the level that counts outliers",
        ),
      ),
      check(
        "C2",
        "mean number of outliers, widest over narrowest network",
        widened,
        { between: [2 / 3, 1.5] },
        criterion("“the same outliers” are as many within a factor of 1.5"),
      ),
      check(
        "C3",
        "rank correlation of the number of outliers with K",
        correlation,
        { atLeast: 0.7 },
        criterion("“more clusters, more outliers” is a rank correlation of at least 0.7"),
      ),
      check(
        "C4",
        "largest difference between the numbers of outliers of H and G",
        Math.max(...differences),
        { atMost: 1 },
        criterion("the outliers are G’s if both have as many, up to one at the level itself"),
      ),
      check(
        "C4",
        "largest deviation of the top K eigenvalues of G from those of H, over λ₁",
        worst,
        { atMost: 0.1 },
        criterion("G has the outliers of H if they differ by less than the level of an outlier, 0.1 λ₁"),
      ),
    ];
  },

  present(rows) {
    const { correlation, widened, bulks, agreements, worst } = figuresOf(rows);
    const range = (values: readonly number[]): string =>
      `${formatRounded(Math.min(...values))} to ${formatRounded(Math.max(...values))}`;
    return {
      headline: `The Gauss-Newton part gives the top K eigenvalues of the Hessian to within ${formatRounded(worst)} of the largest, while ${range(bulks)} of all eigenvalues lie within ${bulkLevel} of it from zero.`,
      captions: {
        spectrum:
          "A few eigenvalues, a fall, and a bulk near zero on both sides: outlines are the sizes of negative eigenvalues.",
        start: "The same networks before training, where all weights and biases are small.",
        agreement: `The K largest eigenvalues of the Gauss-Newton part are within ${formatRounded(worst)} λ₁ of those of the Hessian; twice as many are drawn.`,
        count: `The rank correlation of the number of outliers with the number of classes is ${formatRounded(correlation)}.`,
      },
      summary: [
        `Outliers (above ${outlierLevel} λ₁): ${rows.map(({ K, architecture, count }) => `K = ${K}, ${architecture}: ${count}`).join("; ")}. The widest network has ${formatRounded(widened)} times as many as the narrowest.`,
        `The Gauss-Newton part has the top K eigenvalues within ${range(agreements)} of λ₁; ${range(bulks)} of all eigenvalues are within ${bulkLevel} λ₁ of zero.`,
        "Theory allows up to c(K − 1) outliers for c tight clusters, so the number need not be that of the classes.",
      ],
      tables: [
        tableOf(
          "runs",
          "Every run at equal gradient norm",
          {
            K: "K",
            architecture: "hidden units",
            deviation: "deviation",
            seed: "seed",
            M: "M",
            ratio: "N(K − 1)/M",
            steps: "steps",
            loss: "loss",
            gradient: "gradient norm",
            largest: "λ₁",
            count: `above ${outlierLevel} λ₁`,
            gaussNewton: "above it, of G",
            bulk: `share of |λ| ≤ ${bulkLevel} λ₁`,
            agreement: "deviation of G, top K",
            angle: "largest angle, top K (rad)",
            negative: "|λ min|/λ₁",
            traceOfG: "tr G",
            traceOfR: "tr R",
            share: `share of tr H above ${outlierLevel} λ₁`,
          },
          rows,
        ),
      ],
    };
  },
});

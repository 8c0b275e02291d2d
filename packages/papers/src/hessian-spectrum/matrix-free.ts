import {
  exactSpectrum,
  hutchinsonTrace,
  hutchPlusPlusTrace,
  type LanczosRule,
  lanczosQuadrature,
  logSpectralDensity,
  lossHessianOperator,
  rayleighQuotientSearch,
  type SpectralDensity,
  spectralMean,
} from "gradus/curvature";
import { solve } from "gradus/iterate";
import { extremeEigenpairs, lanczos, norm2, orthogonalize, ritzValues } from "gradus/linalg";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  indexed,
  type Point,
  point,
  points,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { fashionSpectrum } from "./fashion.ts";
import { blobProblem } from "./problems.ts";
import { compileDescent } from "./training.ts";

const topCount = 5;
const bottomCount = 2;
const topSteps = 20;
const bottomSteps = 40;
/** The authors' stopping tolerance of the Rayleigh quotient's gradient, and one that is tight here. */
const tolerances = { authors: 1e-5, tight: 1e-10 } as const;

/** Eigenvalues this many decades below the largest are still drawn; 80 steps do not tell smaller ones apart. */
const decades = 6;
/** The density before training, shown until that of the trained network is available. */
const atStart = "before training";
/** Standard deviation of the densities' smoothing, in decades. */
const smoothing = 0.15;

interface Measured {
  /** Ascending. */
  readonly dense: Float64Array;
  /** Largest relative error of the wanted Ritz values after each number of steps. */
  readonly errors: readonly { readonly steps: number; readonly top: number; readonly bottom: number }[];
  readonly lanczosProducts: number;
  /** Products of the tight search for each of the top eigenvalues in turn, orthogonal to those found. */
  readonly repeated: number;
  readonly rayleigh: Readonly<
    Record<keyof typeof tolerances, { readonly value: number; readonly products: number }>
  >;
}

const relative = (value: number, exact: number): number => Math.abs(value - exact) / Math.abs(exact);

/** The points of a density over decades that are worth drawing on a logarithmic axis. */
function curve({ grid, density }: SpectralDensity): Point[] {
  return Array.from(grid, (x, i) => ({ x: 10 ** x, y: density[i] })).filter(({ y }) => y > 1e-3);
}

/** The density of the positive eigenvalues by quadrature. */
function quadrature(series: string, rules: readonly LanczosRule[], largest: number): ExperimentEvent {
  const { positive } = logSpectralDensity(rules, { floor: 10 ** -decades * largest, sigma: smoothing });
  return replacePoints("density", series, curve(positive));
}

/** Eigenvalues found, descending, as stems as high as one among `count` stands in a density of that smoothing. */
function stems(values: ArrayLike<number>, count: number): Point[] {
  const y = 1 / (count * smoothing * Math.sqrt(2 * Math.PI));
  return Array.from(values, (x, i) => ({ x, y, label: indexed("λ", i + 1) }));
}

export default defineExperiment({
  description:
    "Compares Lanczos, quadrature, trace estimates and the authors’ Rayleigh-quotient search with the full Hessian of a trained classifier; at full size, also on Fashion-MNIST with 50 890 parameters.",
  parameters: z.object({
    probes: z.int().min(2).max(200).default(10).describe("probes of the quadrature and the traces"),
    steps: z.int().min(10).max(200).default(80).describe("Lanczos steps per probe"),
    fashion: z.boolean().default(false).describe("also 784-64-10 on Fashion-MNIST, which must be downloaded"),
  }),
  dataDirectory: ["fashion"],
  profiles: { quick: {}, full: { fashion: true } },
  seconds: { quick: 6, full: 300 },
  plots: [
    linePlot(
      "convergence",
      "Error of the extreme eigenvalues against Lanczos steps",
      "products with the Hessian",
      logAxis("largest relative error"),
      { series: [`top ${topCount}`, `bottom ${bottomCount}`] },
    ),
    linePlot(
      "density",
      "Density of the positive eigenvalues by decades",
      logAxis("eigenvalue"),
      logAxis("share of the eigenvalues per decade"),
      { series: ["quadrature", "exact", `largest ${topCount}`], stems: [`largest ${topCount}`] },
    ),
    linePlot(
      "fashion",
      "Fashion-MNIST, 784-64-10: density by decades",
      logAxis("size of the eigenvalue"),
      logAxis("share of the eigenvalues per decade"),
      {
        series: ["positive", "negative", "above a tenth of the largest"],
        stems: ["above a tenth of the largest"],
      },
    ),
  ],

  async *measure({ parameters: { probes, steps, fashion }, seed, signal, stage, resumable }) {
    const problem = blobProblem({
      rows: 200,
      inputs: 10,
      classes: 3,
      hidden: [20, 10],
      activation: "relu",
      seed,
    });
    using untrained = await lossHessianOperator(problem);
    yield progress(0, "the density before training, by one probe");
    const before = (await solve(lanczosQuadrature(untrained, { probes: 1, steps, seed, signal }))).iterate;
    yield quadrature(atStart, before.rules, Math.max(...before.rules[0].nodes));
    const trained = yield* stage("training", async function* () {
      yield progress(0, "training the 20-10 network, K = 3");
      using descent = await compileDescent(problem, 0.1);
      return yield* descent.run(problem, {
        steps: 30_000,
        gradientTolerance: 1e-3,
        every: 10,
        signal,
        resumable,
      });
    });
    const H = untrained.at({ parameters: trained.parameters });

    const measured = yield* stage("extremes", async function* (): ExperimentRun<Measured> {
      yield progress(0.2, "all eigenvalues, by the matrix");
      const dense = await exactSpectrum(H, { signal });
      const n = dense.length;
      yield progress(0.4, "Lanczos");
      const errors: { steps: number; top: number; bottom: number }[] = [];
      for await (const iterate of lanczos(H, { seed, signal })) {
        if (iterate.iteration < topCount) continue;
        const { values } = ritzValues(iterate);
        const worst = (count: number, pair: (j: number) => readonly [number, number]): number =>
          Math.max(...Array.from({ length: count }, (_, j) => relative(...pair(j))));
        errors.push({
          steps: iterate.iteration,
          top: worst(topCount, (j) => [values[j], dense[j]]),
          bottom: worst(bottomCount, (j) => [values[values.length - 1 - j], dense[n - 1 - j]]),
        });
        if (iterate.iteration >= bottomSteps) break;
      }
      const { products } = await extremeEigenpairs(H, { count: 1, seed, signal });
      yield progress(0.6, "the Rayleigh quotient’s search");
      const search = async (tolerance: number, found: readonly Float64Array[] = []) => {
        const { iterate } = await solve(rayleighQuotientSearch(H, { tolerance, found, seed, signal }), {
          maxIterations: 2000,
        });
        return { value: iterate.quotient, products: iterate.products, vector: iterate.vector };
      };
      const found: Float64Array[] = [];
      let repeated = 0;
      while (found.length < topCount) {
        const next = await search(tolerances.tight, found);
        orthogonalize(next.vector, found);
        const length = norm2(next.vector);
        found.push(next.vector.map((value) => value / length));
        repeated += next.products;
      }
      return {
        dense,
        errors,
        lanczosProducts: products,
        repeated,
        rayleigh: { authors: await search(tolerances.authors), tight: await search(tolerances.tight) },
      };
    });
    const { dense, errors, rayleigh, repeated, lanczosProducts } = measured;
    const n = dense.length;
    const [largest] = dense;
    const trace = dense.reduceRight((sum, value) => sum + value, 0);
    for (const { steps: m, top, bottom } of errors) {
      yield point("convergence", `top ${topCount}`, m, Math.max(top, 1e-17));
      yield point("convergence", `bottom ${bottomCount}`, m, Math.max(bottom, 1e-17));
    }

    const rules = yield* stage("quadrature", async function* () {
      yield progress(0.7, "stochastic Lanczos quadrature");
      return (await solve(lanczosQuadrature(H, { probes, steps, seed, signal }))).iterate.rules;
    });
    const mean = spectralMean(rules);
    yield quadrature("quadrature", rules, largest);
    yield replacePoints("density", atStart, []);
    const whole = { nodes: dense, weights: dense.map(() => 1 / n) };
    const exact = logSpectralDensity([whole], { floor: 10 ** -decades * largest, sigma: smoothing });
    yield points("density", "exact", curve(exact.positive));
    yield points("density", `largest ${topCount}`, stems(dense.slice(0, topCount), n));

    const traces = yield* stage("traces", async function* () {
      yield progress(0.85, "traces");
      const products = 3 * probes;
      const plain = (await solve(hutchinsonTrace(H, { probes: products, seed, signal }))).iterate;
      const plus = (await solve(hutchPlusPlusTrace(H, { products, seed, signal }))).iterate;
      return [plain, plus].map(({ estimate, standardError }) => ({ estimate, standardError, products }));
    });
    const errorAt = (count: number) => {
      const { top, bottom } = errors.find(({ steps: m }) => m === count) ?? { top: 1, bottom: 1 };
      return { top, bottom };
    };
    const spectrum = fashion
      ? yield* stage("Fashion-MNIST", async function* () {
          yield progress(0.9, "Fashion-MNIST: training, top eigenvalues, density");
          return fashionSpectrum(seed, signal);
        })
      : null;
    const outliers = spectrum?.top.filter((value) => value > 0.1 * spectrum.top[0]);
    if (spectrum && outliers) {
      const { positive, negative } = logSpectralDensity(spectrum.rules, { sigma: smoothing });
      yield points("fashion", "positive", curve(positive));
      yield points("fashion", "negative", curve(negative));
      yield points("fashion", "above a tenth of the largest", stems(outliers, spectrum.M));
    }
    return {
      n,
      probes,
      steps,
      largest,
      trace,
      errors: { top: errorAt(topSteps), bottom: errorAt(bottomSteps) },
      lanczosProducts,
      repeated,
      rayleigh: {
        authors: { value: rayleigh.authors.value, products: rayleigh.authors.products },
        tight: { value: rayleigh.tight.value, products: rayleigh.tight.products },
      },
      traces,
      quadrature: {
        products: rules.reduce((sum, { nodes }) => sum + nodes.length, 0),
        mean: mean.value,
        standardError: mean.standardError,
      },
      fashion: spectrum && {
        M: spectrum.M,
        loss: spectrum.loss,
        largest: spectrum.top[0],
        outliers: outliers?.length ?? 0,
        products: spectrum.products,
        converged: spectrum.converged,
      },
    };
  },

  judge({ n, largest, trace, errors, rayleigh, repeated, quadrature, fashion }) {
    const accurate = criterion("for a tool: the eigenvalues are converged to this accuracy");
    return [
      ourCheck(
        `top ${topCount} eigenvalues, largest relative error after ${topSteps} Lanczos steps`,
        errors.top.top,
        { atMost: 1e-9 },
        accurate,
      ),
      ourCheck(
        `bottom ${bottomCount} eigenvalues, largest relative error after ${bottomSteps} Lanczos steps`,
        errors.bottom.bottom,
        { atMost: 1e-6 },
        accurate,
      ),
      ourCheck(
        "distance of the quadrature’s mean from trace/M (standard errors)",
        Math.abs(quadrature.mean - trace / n) / quadrature.standardError,
        { atMost: 3 },
        criterion("an unbiased estimate lies within three standard errors"),
      ),
      ourCheck(
        `relative error of the Rayleigh quotient at tolerance ${tolerances.tight}`,
        relative(rayleigh.tight.value, largest),
        { atMost: 1e-6 },
        accurate,
      ),
      ourCheck(
        `products for the top ${topCount} eigenvalues, Rayleigh quotient over Lanczos`,
        repeated / topSteps,
        { atLeast: 1.5 },
        criterion("“fewer products” is at least 1.5 times fewer"),
      ),
      ...(fashion
        ? [
            check(
              "C1",
              "Fashion-MNIST: eigenvalues above a tenth of the largest",
              fashion.outliers,
              { between: [2, 20] },
              criterion("“a few outliers” are at most two for each of ten classes, and more than one"),
            ),
          ]
        : []),
    ];
  },

  present({
    n,
    probes,
    steps,
    largest,
    trace,
    errors,
    lanczosProducts,
    repeated,
    rayleigh,
    traces,
    quadrature,
    fashion,
  }) {
    const short = (value: number): number => 1 - value / largest;
    return {
      headline: `${topSteps} products with the Hessian give its ${topCount} largest eigenvalues to a relative error of ${formatRounded(errors.top.top)}; the authors’ Rayleigh-quotient search needs ${repeated}.`,
      captions: {
        convergence: "The top of the spectrum converges within a few steps, the bottom more slowly.",
        density: `A quadrature with ${probes} probes against the exact eigenvalues, smoothed alike: outliers to the right, a bulk over many decades. ${steps} steps do not resolve the smallest eigenvalues. A stem is a single eigenvalue.`,
        ...(fashion && {
          fashion: `Of ${formatRounded(fashion.M)} eigenvalues ${fashion.outliers} are above a tenth of the largest. A stem is a single eigenvalue found by Lanczos.`,
        }),
      },
      summary: [
        `${topSteps} products give the top ${topCount} eigenvalues to ${formatRounded(errors.top.top)}; the bottom ${bottomCount} are then still off by ${formatRounded(errors.top.bottom)}, so convergence must be judged by residuals. For the largest alone Lanczos takes ${lanczosProducts} products to 1e-8 and the Rayleigh quotient ${rayleigh.tight.products}; for all ${topCount}, one after another, the quotient takes ${repeated}.`,
        `With the authors’ absolute tolerance of ${tolerances.authors} the search stops ${formatRounded(100 * short(rayleigh.authors.value))}% short of the largest eigenvalue, ${formatRounded(largest)}: the gradient of the quotient is small wherever the curvature is.`,
        ...(fashion
          ? [
              `Fashion-MNIST, ${fashion.M.toLocaleString("en-US")} parameters, loss ${formatRounded(fashion.loss)}: ${fashion.outliers} eigenvalues above a tenth of the largest, ${formatRounded(fashion.largest)}, from ${fashion.products} products${fashion.converged ? "" : "; not all have converged"}.`,
            ]
          : []),
      ],
      tables: [
        tableOf(
          "traces",
          "The trace",
          {
            method: "method",
            products: "products",
            estimate: "estimate",
            error: "standard error",
          },
          [
            { method: "the matrix", products: n, estimate: trace, error: 0 },
            ...["Hutchinson", "Hutch++"].map((method, i) => ({
              method,
              products: traces[i].products,
              estimate: traces[i].estimate,
              error: traces[i].standardError,
            })),
            {
              method: "quadrature",
              products: quadrature.products,
              estimate: n * quadrature.mean,
              error: n * quadrature.standardError,
            },
          ],
        ),
        tableOf(
          "largest",
          "The largest eigenvalue",
          {
            method: "method",
            products: "products",
            value: "value",
            short: "short of it by",
          },
          [
            { method: "the matrix", products: n, value: largest, short: 0 },
            ...(["authors", "tight"] as const).map((key) => ({
              method: `Rayleigh quotient, tolerance ${tolerances[key]}`,
              ...rayleigh[key],
              short: short(rayleigh[key].value),
            })),
          ],
        ),
      ],
    };
  },
});

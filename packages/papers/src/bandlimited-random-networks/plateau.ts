import { type DenseMatrix, solveLeastSquares } from "gradus/linalg";
import { firstUnits, fitRandomNetwork, randomUnits } from "gradus/nn/random-features";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, points, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { CAVEAT, type Problem, problemOf, rms, threeBumps } from "./targets.ts";

const COARSE = [1, 10, 50, 100, 1000, 5000];
const FINE = [0.5, 1, 5, 10, 30, 50, 100, 200, 400, 1000, 5000];
const WIDTHS = [25, 50, 100, 200, 400, 800];
const SMALL = 1;
const FITTING = 100;
const WIDE = 5000;

/** Networks of one domain: medians over the draws, by width. */
interface Domain {
  readonly slope: number;
  readonly widths: readonly number[];
  readonly errors: readonly number[];
  readonly worst: readonly number[];
  readonly ranks: readonly number[];
  /** At the largest width: normal parameters of the same variance, and cosines. */
  readonly normal: number;
  readonly cosine: number;
}

interface Findings {
  readonly domains: readonly Domain[];
  readonly targetRms: number;
  /** Least squares by polynomials with as many coefficients as the smallest domain has rank. */
  readonly polynomial: number;
}

const name = (slope: number) => `λ = ${slope}`;

function errorAndRank(
  { x, y, test, testValues }: Problem,
  units: ReturnType<typeof randomUnits>,
  quick = false,
) {
  const network = fitRandomNetwork({ x, y, units, solver: quick ? "qr" : "svd" });
  return { error: rms(network.predict(test), testValues), rank: network.rank };
}

/** The test error of a polynomial in the Chebyshev basis. */
function polynomialError({ x, y, test, testValues }: Problem, coefficients: number): number {
  const basis = ({ rows, values }: DenseMatrix): DenseMatrix => ({
    rows,
    columns: coefficients,
    values: Float64Array.from({ length: rows * coefficients }, (_, k) =>
      Math.cos((k % coefficients) * Math.acos(2 * values[Math.floor(k / coefficients)] - 1)),
    ),
  });
  const { x: c } = solveLeastSquares(basis(x), y);
  const B = basis(test).values;
  const outputs = testValues.map((_, j) =>
    c.reduce((sum, weight, k) => sum + weight * B[j * coefficients + k], 0),
  );
  return rms(outputs, testValues);
}

const at = ({ widths, errors }: Domain, width: number) => errors[widths.indexOf(width)];
const rankAt = ({ widths, ranks }: Domain, width: number) => ranks[widths.indexOf(width)];

function figuresOf({ domains, targetRms }: Findings) {
  const [small, fitting, wide] = [SMALL, FITTING, WIDE].map((slope) => find(domains, { slope }));
  const most = small.widths[small.widths.length - 1];
  const best = domains.reduce((one, other) => (at(other, 400) < at(one, 400) ? other : one));
  return {
    most,
    gain: at(small, most) / at(small, 50),
    left: at(small, most) / targetRms,
    rankGrowth: rankAt(small, most) - rankAt(small, 50),
    control: rankAt(fitting, 400) / rankAt(fitting, 50),
    better: at(best, 400) / at(small, 400),
    tooWide: at(wide, 400) / at(best, 400),
    best,
    small,
  };
}

export default defineExperiment({
  description:
    "Random networks with sigmoid units and parameters uniform in [-λ, λ]², fitted to three bumps by singular value decomposition with a cutoff at the rounding of float64: the test error by width for domains from too small to too wide, and the numerical rank of the features.",
  parameters: z.object({
    points: z.int().min(450).max(2000).default(1000).describe("equally spaced training points on [0, 1]"),
    width: z.int().min(400).max(800).default(800).describe("largest width"),
    draws: z.int().min(1).max(20).default(5).describe("networks per domain"),
    grid: z.enum(["coarse", "fine"]).default("fine").describe("6 or 11 half-widths λ of the domain"),
  }),
  profiles: { quick: { points: 500, width: 400, draws: 3, grid: "coarse" }, full: {} },
  seconds: { quick: 6, full: 90 },
  plots: [
    linePlot("errors", "Test error by width", logAxis("hidden units"), logAxis("test RMSE (median)"), {
      series: COARSE.map(name),
      references: ["polynomial"],
    }),
    linePlot("ranks", "Numerical rank of the features", logAxis("hidden units"), logAxis("rank (median)"), {
      series: COARSE.map(name),
    }),
    linePlot("fits", "The best fit from a small domain", "x", "value", {
      series: ["network, λ = 1", "network, λ = 100"],
      references: ["target"],
    }),
  ],

  async *measure({ parameters: { points: count, width, draws, grid }, seed, signal, stage }) {
    const problem = problemOf("three bumps", threeBumps, count);
    const seeds = repeatSeeds(seed, draws, 0);
    const slopes = grid === "fine" ? FINE : COARSE;
    const widths = WIDTHS.filter((one) => one <= width);
    const xs = Array.from({ length: 200 }, (_, j) => j / 199);
    const grid200 = { rows: 200, columns: 1, values: Float64Array.from(xs) };
    yield* stage("fits", async function* () {
      yield points(
        "fits",
        "target",
        xs.map((x) => ({ x, y: threeBumps(x) })),
      );
      for (const slope of [SMALL, FITTING]) {
        const units = randomUnits({ inputs: 1, width: 400, slope, seed: seeds[0] });
        const outputs = fitRandomNetwork({ x: problem.x, y: problem.y, units }).predict(grid200);
        yield points(
          "fits",
          `network, ${name(slope)}`,
          xs.map((x, j) => ({ x, y: outputs[j] })),
        );
      }
      return null;
    });
    const domains: Domain[] = [];
    for (const [index, slope] of slopes.entries())
      domains.push(
        yield* stage(`${slope}`, async function* () {
          const drawn = seeds.map((own) => randomUnits({ inputs: 1, width, slope, seed: own }));
          const [errors, worst, ranks]: number[][] = [[], [], []];
          for (const [k, size] of widths.entries()) {
            signal.throwIfAborted();
            yield progress((index + k / widths.length) / slopes.length, `${name(slope)}, ${size} units`);
            const fits = drawn.map((units) => errorAndRank(problem, firstUnits(units, size)));
            errors.push(median(fits.map(({ error }) => error)));
            worst.push(Math.max(...fits.map(({ error }) => error)));
            ranks.push(median(fits.map(({ rank }) => rank)));
            const so = widths.slice(0, k + 1);
            yield replaceCurve("errors", name(slope), so, (x, i) => ({ x, y: errors[i] }));
            yield replaceCurve("ranks", name(slope), so, (x, i) => ({ x, y: ranks[i] }));
          }
          const others = (options: Partial<Parameters<typeof randomUnits>[0]>) =>
            median(
              seeds.map((own) => {
                const units = randomUnits({ inputs: 1, width, slope, seed: own, ...options });
                return errorAndRank(problem, units, true).error;
              }),
            );
          const normal = others({ distribution: "normal" });
          const cosine = others({ activation: "cosine", bias: Math.PI });
          return { slope, widths, errors, worst, ranks, normal, cosine };
        }),
      );
    const small = find(domains, { slope: SMALL });
    const polynomial = polynomialError(problem, rankAt(small, widths[widths.length - 1]));
    yield replaceCurve("errors", "polynomial", [widths[0], width], (x) => ({ x, y: polynomial }));
    yield progress(1, "done");
    return { domains, targetRms: rms(problem.testValues), polynomial };
  },

  judge(findings: Findings) {
    const { gain, left, rankGrowth, control, better, tooWide } = figuresOf(findings);
    return [
      check(
        "C1",
        "λ = 1: error at the largest width over that at 50 units",
        gain,
        { atLeast: 0.97 },
        criterion("a plateau: at least eight times the units gain at most 3%"),
      ),
      check(
        "C1",
        "λ = 1: share of the target’s size that remains at the largest width",
        left,
        { atLeast: 0.25 },
        criterion("a quarter of the target is far from zero error"),
      ),
      check(
        "C1",
        "λ = 1: numerical rank at the largest width minus that at 50 units",
        rankGrowth,
        { atMost: 1 },
        criterion("new units are combinations of the old ones; 1 allows for a singular value at the cutoff"),
      ),
      ourCheck(
        "λ = 100: numerical rank at 400 units over that at 50",
        control,
        { atLeast: 2 },
        criterion("a control: with the same cutoff a wider domain uses additional units"),
      ),
      check(
        "C3",
        "error of the best domain over that of λ = 1, 400 units",
        better,
        { atMost: 0.1 },
        criterion("whether a random network fits depends on its distribution: a factor of ten"),
      ),
      check(
        "C3",
        "error of λ = 5000 over that of the best domain, 400 units",
        tooWide,
        { atLeast: 5 },
        criterion(
          "a distribution can be too wide as well: a factor of five is more than the variation between draws",
        ),
      ),
    ];
  },

  present(findings: Findings) {
    const { most, left, best, small, tooWide, better } = figuresOf(findings);
    const { domains, polynomial } = findings;
    return {
      headline: `With parameters in [-1, 1]² the error stays at ${formatRounded(100 * left)}% of the target’s size up to ${most} units; with λ = ${best.slope} it is ${formatRounded(1 / better)} times smaller.`,
      captions: {
        errors: `λ = 1 leaves an error of ${formatRounded(at(small, most))} at every width, like a polynomial with as many coefficients as its rank (${formatRounded(polynomial)}); λ = 5000 has ${formatRounded(tooWide)} times the error of the best at 400 units.`,
        ranks: `At λ = 1 the rank is ${formatRounded(rankAt(small, most))}, however many units there are.`,
        fits: "The small domain sees the wide bump and misses the narrow ones.",
      },
      summary: [
        CAVEAT,
        `The cutoff of the singular values is max(N, n) times the rounding unit. Normal parameters of the same variance behave alike: compact support is not what matters numerically.`,
      ],
      tables: [
        tableOf(
          "domains",
          `Domains at ${most} units`,
          {
            slope: "λ",
            error: "test RMSE (median)",
            worst: "worst draw",
            rank: "rank",
            normal: "normal parameters",
            cosine: "cosine units",
          },
          domains.map((domain) => ({
            slope: domain.slope,
            error: at(domain, most),
            worst: domain.worst[domain.worst.length - 1],
            rank: rankAt(domain, most),
            normal: domain.normal,
            cosine: domain.cosine,
          })),
        ),
      ],
    };
  },
});

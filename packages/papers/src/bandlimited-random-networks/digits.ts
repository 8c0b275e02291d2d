import { loadDataset, selectRows, trainTestSplit } from "gradus/data";
import { fitRandomNetwork, randomUnits } from "gradus/nn/random-features";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, progress, replaceCurve } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";

const COARSE = [1e-6, 1e-4, 1e-2, 1, 100];
const FINE = [1e-6, 1e-4, 1e-2, 0.3, 1, 3, 10, 100, 1000];
const CUTOFF = 1e-10;
const CLASSES = 10;
const TEST_SHARE = 597 / 1797;

interface Result {
  readonly width: number;
  readonly slope: number;
  readonly accuracy: number;
  readonly rank: number;
}

interface Findings {
  readonly results: readonly Result[];
  readonly inputs: number;
  readonly testRows: number;
}

const name = (width: number) => `${width} units`;

function figuresOf({ results }: Findings) {
  const width = Math.max(...results.map((one) => one.width));
  const own = results.filter((one) => one.width === width);
  const middle = own.filter(({ slope }) => slope >= 1e-2 && slope <= 3);
  const best = middle.reduce((one, other) => (other.accuracy > one.accuracy ? other : one));
  return {
    width,
    best,
    overSmall: best.accuracy - find(own, { slope: 1e-4 }).accuracy,
    overWide: best.accuracy - find(own, { slope: 100 }).accuracy,
    rank: Math.max(...results.filter(({ slope }) => slope === 1e-6).map((one) => one.rank)),
    small: find(own, { slope: 1e-4 }),
    wide: find(own, { slope: 100 }),
  };
}

export default defineExperiment({
  description:
    "Handwritten digits (8 x 8 pixels) classified by random networks with domains from 10⁻⁶ to 1000: 1,200 training rows, targets 0 and 1 for each class, the output layer fitted by singular value decomposition with cutoff 1e-10.",
  parameters: z.object({
    wide: z.boolean().default(true).describe("also networks of 300 units"),
    grid: z.enum(["coarse", "fine"]).default("fine").describe("5 or 9 half-widths λ of the domain"),
    draws: z.int().min(1).max(20).default(3).describe("splits and networks per domain"),
  }),
  profiles: { quick: { wide: false, grid: "coarse", draws: 1 }, full: {} },
  seconds: { quick: 2, full: 25 },
  plots: [
    linePlot("accuracy", "Accuracy by the domain", logAxis("half-width λ"), "test accuracy (median)", {
      series: [100, 300].map(name),
    }),
    linePlot("ranks", "Numerical rank of the features", logAxis("half-width λ"), "rank (median)", {
      series: [100, 300].map(name),
    }),
  ],

  async *measure({ parameters: { wide, grid, draws }, seed, signal, stage }) {
    const { x, y } = await loadDataset("digits");
    const scaled = { ...x, values: x.values.map((pixel) => pixel / 16) };
    const widths = wide ? [100, 300] : [100];
    const slopes = grid === "fine" ? FINE : COARSE;
    const parts = repeatSeeds(seed, draws, 0).map((own) => {
      const { train, test } = trainTestSplit(x.rows, { testShare: TEST_SHARE, seed: own });
      const labels = selectRows(y, train);
      const Y = new Float64Array(train.length * CLASSES);
      for (const [j, label] of labels.entries()) Y[j * CLASSES + label] = 1;
      return {
        seed: own,
        x: selectRows(scaled, train),
        y: { rows: train.length, columns: CLASSES, values: Y },
        test: selectRows(scaled, test),
        labels: selectRows(y, test),
      };
    });
    const results: Result[] = [];
    const total = widths.length * slopes.length;
    for (const width of widths)
      for (const slope of slopes) {
        results.push(
          yield* stage(`${width} ${slope}`, async function* () {
            signal.throwIfAborted();
            yield progress(results.length / total, `${name(width)}, λ = ${slope}`);
            const fits = parts.map((part) => {
              const units = randomUnits({ inputs: x.columns, width, slope, seed: part.seed });
              const network = fitRandomNetwork({ x: part.x, y: part.y, units, relativeCutoff: CUTOFF });
              const { values } = network.predict(part.test);
              const right = part.labels.filter((label, j) => {
                const scores = values.subarray(j * CLASSES, (j + 1) * CLASSES);
                return scores.indexOf(Math.max(...scores)) === label;
              }).length;
              return { accuracy: right / part.labels.length, rank: network.rank };
            });
            return {
              width,
              slope,
              accuracy: median(fits.map(({ accuracy }) => accuracy)),
              rank: median(fits.map(({ rank }) => rank)),
            };
          }),
        );
        const own = results.filter((one) => one.width === width);
        yield replaceCurve("accuracy", name(width), own, (one) => ({ x: one.slope, y: one.accuracy }));
        yield replaceCurve("ranks", name(width), own, (one) => ({ x: one.slope, y: one.rank }));
      }
    yield progress(1, "done");
    return { results, inputs: x.columns, testRows: parts[0].labels.length };
  },

  judge(findings: Findings) {
    const { overSmall, overWide, rank } = figuresOf(findings);
    return [
      check(
        "C3",
        "accuracy of the best domain (0.01 to 3) minus that of λ = 1e-4",
        overSmall,
        { atLeast: 0.01 },
        criterion("six of 597 images, about one standard error of an accuracy near 0.94"),
      ),
      check(
        "C4",
        "accuracy of the best domain (0.01 to 3) minus that of λ = 100",
        overWide,
        { atLeast: 0.02 },
        criterion("twelve of 597 images, two standard errors of an accuracy near 0.94"),
      ),
      check(
        "C1",
        "largest rank of the features at λ = 1e-6, any width",
        rank,
        { atMost: findings.inputs + 1 },
        theorem(
          "as λ falls the features become affine in the inputs: at most one dimension more than there are pixels",
        ),
      ),
    ];
  },

  present(findings: Findings) {
    const { width, best, small, wide, rank } = figuresOf(findings);
    return {
      headline: `With ${width} units the domain λ = ${best.slope} classifies ${formatRounded(100 * best.accuracy)}% of the digits correctly, against ${formatRounded(100 * small.accuracy)}% for λ = 1e-4 and ${formatRounded(100 * wide.accuracy)}% for λ = 100.`,
      captions: {
        accuracy: "A small domain gives a linear model; a wide one wastes units where there are no images.",
        ranks: `At λ = 1e-6 the features have rank ${formatRounded(rank)}, out of at most ${findings.inputs + 1}, because some pixels are always 0.`,
      },
      summary: [
        `Accuracies are on ${findings.testRows} held-out images; the standard error of one is about a hundredth.`,
      ],
      tables: [
        tableOf(
          "domains",
          "Accuracy and rank by domain",
          { width: "units", slope: "λ", accuracy: "test accuracy", rank: "rank" },
          findings.results,
        ),
      ],
    };
  },
});

import { fitRandomNetwork, randomUnits } from "gradus/nn/random-features";
import { logLogSlope, median } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure, formatRounded } from "../check.ts";
import { defineExperiment, keepForExploration, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { CUTOFF, chooseDomain } from "./explore-domain.ts";
import { CAVEAT, problemOf, rms, sine } from "./targets.ts";

/** Test error at which a target counts as fitted. */
const FITTED = 0.01;
const LEAST = 0.5;

/** The median test errors of one frequency over the domains. */
interface Frequency {
  readonly k: number;
  readonly errors: readonly number[];
  /** Where the error first falls to 0.01, between two domains on logarithmic scales; null where it never does. */
  readonly needed: number | null;
}

interface Findings {
  readonly slopes: readonly number[];
  readonly frequencies: readonly Frequency[];
}

const name = (k: number) => `sin(2π ${k} x)`;

/** The half-width at which a curve of errors crosses 0.01. */
function crossing(slopes: readonly number[], errors: readonly number[]): number | null {
  const i = errors.findIndex((error) => error <= FITTED);
  if (i < 0) return null;
  if (i === 0) return slopes[0];
  const share = Math.log(errors[i - 1] / FITTED) / Math.log(errors[i - 1] / errors[i]);
  return slopes[i - 1] * (slopes[i] / slopes[i - 1]) ** share;
}

/** Slopes at which the reconstruction with limited slopes has a relative error of 0.01 sqrt(2), the same RMSE. */
const canonical = (k: number) => (2 * Math.PI * k) / Math.sqrt(-Math.log(1 - FITTED * Math.SQRT2));
/** Where the sigmoid's spectrum e^(-pi w / slope) falls to the cutoff at the target's frequency. */
const precision = (k: number) => (Math.PI * 2 * Math.PI * k) / Math.log(1 / CUTOFF);

function figuresOf({ frequencies }: Findings) {
  const reached = frequencies.filter(({ needed }) => needed !== null);
  const needed = frequencies.map((one) => one.needed ?? Number.POSITIVE_INFINITY);
  const steps = needed.slice(1).map((value, i) => value / needed[i]);
  const fitted = frequencies.filter(({ k, needed: own }) => k >= 2 && own !== null);
  return {
    all: reached.length === frequencies.length,
    leastStep: steps.length > 0 && reached.length === frequencies.length ? Math.min(...steps) : 0,
    exponent:
      fitted.length < 3
        ? Number.POSITIVE_INFINITY
        : logLogSlope(
            fitted.map(({ k }) => k),
            fitted.map((one) => one.needed ?? Number.NaN),
          ).slope,
    tooWide: Math.min(...frequencies.map(({ errors }) => errors[errors.length - 1] / Math.min(...errors))),
  };
}

export default defineExperiment({
  description:
    "Sine waves of growing frequency, fitted by random networks with domains of growing half-width λ: the smallest λ with a test error of 0.01, against two laws that are proportional to the frequency.",
  parameters: z.object({
    width: z.int().min(50).max(400).default(300).describe("hidden units"),
    points: z.int().min(200).max(1000).default(600).describe("equally spaced training points on [0, 1]"),
    domains: z.int().min(7).max(40).default(25).describe("half-widths λ, log-spaced from 0.5"),
    largest: z.number().min(100).max(5000).default(2000).describe("largest half-width λ"),
    doublings: z.int().min(3).max(4).default(4).describe("frequencies 1, 2, 4, ... up to 2 to this power"),
    draws: z.int().min(1).max(20).default(3).describe("networks per domain"),
  }),
  profiles: { quick: { width: 150, points: 400, domains: 13, largest: 500, doublings: 3 }, full: {} },
  seconds: { quick: 4, full: 40 },
  plots: [
    linePlot("errors", "Test error by the domain", logAxis("half-width λ"), logAxis("test RMSE (median)"), {
      series: [1, 2, 4, 8, 16].map(name),
    }),
    linePlot("needed", "The domain that a frequency needs", logAxis("frequency k"), logAxis("smallest λ"), {
      series: ["measured"],
      references: ["canonical reconstruction", "precision of the cutoff"],
    }),
  ],

  explore: chooseDomain,

  async *measure({
    parameters: { width, points: count, domains, largest, doublings, draws },
    seed,
    signal,
    stage,
  }) {
    yield keepForExploration({ seed });
    const ks = Array.from({ length: doublings + 1 }, (_, i) => 2 ** i);
    const slopes = Array.from(
      { length: domains },
      (_, i) => LEAST * (largest / LEAST) ** (i / (domains - 1)),
    );
    const problems = ks.map((k) => problemOf(name(k), sine(k), count));
    const { x, test } = problems[0];
    const Y = {
      rows: count,
      columns: ks.length,
      values: Float64Array.from(
        { length: count * ks.length },
        (_, i) => problems[i % ks.length].y[Math.floor(i / ks.length)],
      ),
    };
    const seeds = repeatSeeds(seed, draws, 0);
    const errors: number[][] = ks.map(() => []);
    for (const [index, slope] of slopes.entries()) {
      const medians = yield* stage(`${index}`, async function* () {
        signal.throwIfAborted();
        yield progress(index / domains, `λ = ${formatFigure(slope)}`);
        // one factorization serves all frequencies
        const outputs = seeds.map((own) => {
          const units = randomUnits({ inputs: 1, width, slope, seed: own });
          return fitRandomNetwork({ x, y: Y, units, relativeCutoff: CUTOFF }).predict(test).values;
        });
        return problems.map(({ testValues }, c) =>
          median(
            outputs.map((values) => rms(testValues.map((value, j) => value - values[j * ks.length + c]))),
          ),
        );
      });
      for (const [c, k] of ks.entries()) {
        errors[c].push(medians[c]);
        yield replaceCurve("errors", name(k), errors[c], (y, i) => ({ x: slopes[i], y }));
      }
    }
    const frequencies = ks.map((k, c) => ({ k, errors: errors[c], needed: crossing(slopes, errors[c]) }));
    const found = frequencies.filter(({ needed }) => needed !== null);
    yield replaceCurve("needed", "measured", found, ({ k, needed }) => ({ x: k, y: needed ?? LEAST }));
    yield replaceCurve("needed", "canonical reconstruction", ks, (k) => ({ x: k, y: canonical(k) }));
    yield replaceCurve("needed", "precision of the cutoff", ks, (k) => ({ x: k, y: precision(k) }));
    yield progress(1, "done");
    return { slopes, frequencies };
  },

  judge(findings: Findings) {
    const { leastStep, exponent, tooWide } = figuresOf(findings);
    return [
      check(
        "C4",
        "smallest ratio of the λ that a frequency needs to that of half the frequency",
        leastStep,
        { above: 1 },
        criterion("the domain must grow with the target’s complexity"),
      ),
      check(
        "C4",
        "exponent of the frequency in the λ it needs, from k = 2",
        exponent,
        { between: [0.9, 1.9] },
        criterion(
          "both laws have exponent 1, and a fixed width adds to it because units thin out as the domain grows; 2 would be a different law",
        ),
      ),
      check(
        "C4",
        "smallest ratio over the frequencies of the error at the widest domain to the best",
        tooWide,
        { atLeast: 10 },
        criterion("no domain serves all targets at this width: an order of magnitude is lost"),
      ),
    ];
  },

  present(findings: Findings) {
    const { frequencies } = findings;
    const { exponent, tooWide, all } = figuresOf(findings);
    const needed = (k: number) => frequencies.find((one) => one.k === k)?.needed ?? null;
    const last = frequencies[frequencies.length - 1].k;
    const [first, most] = [needed(2), needed(last)];
    const story =
      all && first !== null && most !== null
        ? `A wave of frequency ${last} needs a domain ${formatRounded(most / first)} times as wide as one of frequency 2 (exponent ${formatRounded(exponent)})`
        : "Not every frequency was fitted by one of these domains";
    return {
      headline: `${story}; the widest domain has at least ${formatRounded(tooWide)} times the best error.`,
      captions: {
        errors: "Every frequency has a range of suitable domains, and the range moves with the frequency.",
        needed: "The smallest λ with a test error of 0.01, between two laws proportional to the frequency.",
      },
      summary: [
        "The canonical reconstruction with slopes limited to λ has the relative error 1 - exp(-k²/λ²), so that its λ is proportional to k. A least-squares fit may use large weights and needs less: the sigmoid’s spectrum decays like exp(-π w/λ), and the cutoff of 1e-8 sets the limit.",
        CAVEAT,
      ],
      tables: [
        tableOf(
          "needed",
          "The smallest λ with a test error of 0.01",
          {
            k: "frequency k",
            needed: "measured λ",
            canonical: "canonical law",
            precision: "precision law",
            best: "best error",
          },
          frequencies.map(({ k, needed: own, errors }) => ({
            k,
            needed: own,
            canonical: canonical(k),
            precision: precision(k),
            best: Math.min(...errors),
          })),
        ),
      ],
    };
  },
});

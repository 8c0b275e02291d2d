import { bandlimitedReconstruction, gaussianRidgelet, ridgeletTransform } from "gradus/nn/random-features";
import { randomStream } from "gradus/random";
import { logLogSlope, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, matrix, point, progress, replaceCurve } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { heatPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";

const SLOPES = [2, 4, 8, 16];
const FREQUENCIES = [0, 3];
const RANGE = 10;
/** The domain of the random nets: slopes up to 2, biases up to 15. */
const NET = { slope: 2, bias: 15 };
const RHO = gaussianRidgelet(1);
const ROOT = Math.sqrt(2 * Math.PI);

/** exp(-x^2/2) cos(k x). */
const target = (k: number) => (x: number) => Math.exp((-x * x) / 2) * Math.cos(k * x);

/** Its convolution with a normal density of standard deviation sqrt(2) / slope. */
function filtered(k: number, slope: number) {
  const variance = 2 / slope ** 2;
  const s = 1 + variance;
  const size = s ** -0.5 * Math.exp((-k * k * variance) / (2 * s));
  return (x: number) => size * Math.exp((-x * x) / (2 * s)) * Math.cos((k * x) / s);
}

/** int |f^|^2 (1 - exp(-w^2/slope^2)) dw / (2 pi)  of f^ = sqrt(pi/2) (e^(-(w-k)^2/2) + e^(-(w+k)^2/2)). */
function tailOf(k: number, slope: number): number {
  const step = 0.01;
  let sum = 0;
  for (let w = -20; w <= 20; w += step) {
    const density = Math.exp(-((w - k) ** 2) / 2) + Math.exp(-((w + k) ** 2) / 2);
    sum += step * density ** 2 * (1 - Math.exp(-((w / slope) ** 2)));
  }
  return sum / 4;
}

interface Filter {
  readonly k: number;
  readonly slope: number;
  readonly tail: number;
  readonly exactTail: number;
  readonly lower: number;
  readonly error: number;
  readonly upper: number;
  /** Largest |synthesis - filtered target|. */
  readonly difference: number;
}

interface Findings {
  readonly filters: readonly Filter[];
  /** Random nets of n units for k = 0: mean distances over the draws. */
  readonly nets: readonly { readonly n: number; readonly toFiltered: number; readonly toTarget: number }[];
  /** |f - filtered f| of their domain. */
  readonly bias: number;
}

const grid = (count: number, range = RANGE) =>
  Float64Array.from({ length: count }, (_, j) => range * ((2 * j) / (count - 1) - 1));
const MAP = { slopes: Array.from(grid(33, 16)), biases: Array.from(grid(41, 16)) };
const label = (value: number) => String(Math.round(10 * value) / 10);

/** |R[f]| on the plane of the transform: all of it, the part with slopes up to a limit, and the rest. */
function* spectrum(values: ArrayLike<number>, limit: number) {
  const axes = { rows: MAP.biases.map(label), columns: MAP.slopes.map(label) };
  // row-major in slopes: a row of the picture is a bias
  const picture = (keeps: (a: number) => boolean) =>
    Float64Array.from({ length: values.length }, (_, at) => {
      const [j, i] = [Math.floor(at / MAP.slopes.length), at % MAP.slopes.length];
      return keeps(MAP.slopes[i]) ? Math.abs(values[i * MAP.biases.length + j]) : 0;
    });
  yield matrix("spectrum", "spectrum of the target", { ...axes, values: picture(() => true) });
  yield matrix("spectrum", "inside the domain", { ...axes, values: picture((a) => Math.abs(a) <= limit) });
  yield matrix("spectrum", "out of reach", { ...axes, values: picture((a) => Math.abs(a) > limit) });
}

/** Distances in L2(dx) of the nets of the first n units of a draw, for n = 2^6, 2^7, ... */
function distances(seed: number, sizes: readonly number[], x: Float64Array) {
  const stream = randomStream(seed).split("net");
  const [f, blurred] = [x.map(target(0)), x.map(filtered(0, NET.slope))];
  const volume = 4 * NET.slope * NET.bias;
  const sums = new Float64Array(x.length);
  const step = x[1] - x[0];
  const found: { toFiltered: number; toTarget: number }[] = [];
  for (let i = 0; found.length < sizes.length; ) {
    const [a, b] = [stream.uniform(-NET.slope, NET.slope), stream.uniform(-NET.bias, NET.bias)];
    const s = 1 + a * a;
    // R[f](a, b) of rho1 / sqrt(2 pi), in closed form
    const coefficient = -(b / s) * s ** -0.5 * Math.exp((-b * b) / (2 * s));
    for (let j = 0; j < x.length; j++) sums[j] += (coefficient * RHO.value(a * x[j] - b)) / ROOT;
    i += 1;
    if (i !== sizes[found.length]) continue;
    let [toFiltered, toTarget] = [0, 0];
    for (let j = 0; j < x.length; j++) {
      const output = (volume / i) * sums[j];
      toFiltered += step * (output - blurred[j]) ** 2;
      toTarget += step * (output - f[j]) ** 2;
    }
    found.push({ toFiltered: Math.sqrt(toFiltered), toTarget: Math.sqrt(toTarget) });
  }
  return found;
}

function figuresOf({ filters, nets, bias }: Findings) {
  const last = nets[nets.length - 1];
  const widest = filters.filter(({ k }) => k === 0).at(-1);
  return {
    last,
    positive: Math.min(...filters.map(({ lower }) => lower)),
    overLower: Math.min(...filters.map(({ error, lower }) => error / lower)),
    overUpper: Math.max(...filters.map(({ error, upper }) => error / upper)),
    difference: Math.max(...filters.map((one) => one.difference)),
    tail: Math.max(...filters.map(({ tail, exactTail }) => Math.abs(tail / exactTail - 1))),
    limit: widest ? (widest.tail * widest.slope ** 2) / (Math.sqrt(Math.PI) / 2) : Number.NaN,
    exponent: logLogSlope(
      nets.map(({ n }) => n),
      nets.map(({ toFiltered }) => toFiltered),
    ).slope,
    stays: last.toTarget / bias,
    falls: last.toFiltered / bias,
  };
}

export default defineExperiment({
  description:
    "The ridgelet transform of a bump and of a wave packet, its energy within slopes up to λ and the reconstruction from them, against the closed forms; and random networks with the transform as their weights, which estimate that reconstruction.",
  parameters: z.object({
    draws: z.int().min(2).max(20).default(8).describe("random networks for each number of units"),
    doublings: z.int().min(10).max(15).default(14).describe("units of the largest network: 2 to this power"),
  }),
  profiles: { quick: { draws: 4 }, full: {} },
  seconds: { quick: 5, full: 9 },
  plots: [
    linePlot("reconstruction", "What slopes up to λ reconstruct", "x", "value", {
      series: SLOPES.map((slope) => `λ = ${slope}`),
      references: ["target"],
    }),
    heatPlot("spectrum", "Ridgelet spectrum of the wave packet", "slope a", "bias b", {
      series: ["spectrum of the target", "inside the domain", "out of reach"],
      color: { label: "|R[f](a, b)|", kind: "sequential" },
    }),
    linePlot(
      "bounds",
      "Error and its bounds by the energy outside",
      logAxis("half-width λ"),
      logAxis("L2 distance"),
      {
        series: ["bump", "wave packet"],
        variants: {
          "bump, lower bound": "bump",
          "bump, upper bound": "bump",
          "wave packet, lower bound": "wave packet",
          "wave packet, upper bound": "wave packet",
        },
      },
    ),
    linePlot(
      "nets",
      "Random networks with the spectrum as weights, λ = 2",
      logAxis("units"),
      logAxis("L2 distance (mean)"),
      {
        series: ["to the filtered target", "to the target"],
        references: ["distance of the two"],
      },
    ),
  ],

  async *measure({ parameters: { draws, doublings }, seed, signal, stage }) {
    const x = grid(501);
    const packet = { x, values: x.map(target(3)) };
    const map = ridgeletTransform(packet, RHO, MAP);
    yield* spectrum(map.values, SLOPES[0]);
    yield curve("reconstruction", "target", thin(x), (at) => ({ x: at, y: target(3)(at) }));
    const filters: Filter[] = [];
    for (const [c, k] of FREQUENCIES.entries())
      for (const [i, slope] of SLOPES.entries()) {
        signal.throwIfAborted();
        yield progress((0.6 * (c + i / SLOPES.length)) / FREQUENCIES.length, `k = ${k}, λ = ${slope}`);
        const f = k === 3 ? packet : { x, values: x.map(target(k)) };
        const found = bandlimitedReconstruction(f, { slope });
        const exact = x.map(filtered(k, slope));
        filters.push({
          k,
          slope,
          tail: found.tailEnergy,
          exactTail: tailOf(k, slope),
          lower: found.lowerBound,
          error: found.distance,
          upper: found.upperBound,
          difference: exact.reduce((most, value, j) => Math.max(most, Math.abs(value - found.values[j])), 0),
        });
        const name = k === 0 ? "bump" : "wave packet";
        yield point("bounds", name, slope, found.distance);
        yield point("bounds", `${name}, lower bound`, slope, found.lowerBound);
        yield point("bounds", `${name}, upper bound`, slope, found.upperBound);
        if (k !== 3) continue;
        yield* spectrum(map.values, slope);
        yield curve("reconstruction", `λ = ${slope}`, thin(x), (at) => ({
          x: at,
          y: found.values[x.indexOf(at)],
        }));
      }
    // what stays is a domain that the spectrum crosses
    yield* spectrum(map.values, SLOPES[1]);
    const sizes = Array.from({ length: doublings - 5 }, (_, i) => 2 ** (i + 6));
    const narrow = grid(201);
    const all: ReturnType<typeof distances>[] = [];
    const netsOf = () =>
      sizes.map((n, i) => ({
        n,
        toFiltered: sampleMean(all.map((one) => one[i].toFiltered)),
        toTarget: sampleMean(all.map((one) => one[i].toTarget)),
      }));
    const bias = filters.find(({ k, slope }) => k === 0 && slope === NET.slope)?.error ?? Number.NaN;
    yield curve("nets", "distance of the two", [sizes[0], 2 ** doublings], (n) => ({ x: n, y: bias }));
    for (const [i, own] of repeatSeeds(seed, draws, 0).entries()) {
      all.push(
        yield* stage(`draw ${i}`, async function* () {
          signal.throwIfAborted();
          yield progress(0.6 + (0.4 * i) / draws, `random networks, draw ${i + 1} of ${draws}`);
          return distances(own, sizes, narrow);
        }),
      );
      yield replaceCurve("nets", "to the filtered target", netsOf(), ({ n, toFiltered }) => ({
        x: n,
        y: toFiltered,
      }));
      yield replaceCurve("nets", "to the target", netsOf(), ({ n, toTarget }) => ({ x: n, y: toTarget }));
    }
    yield progress(1, "done");
    return { filters, nets: netsOf(), bias };
  },

  judge(findings: Findings) {
    const { positive, overLower, overUpper, difference, tail, limit, exponent, stays, falls } =
      figuresOf(findings);
    const plancherel = theorem(
      "Plancherel for the ridgelet transform; derived here, because the paper’s constant was not read",
    );
    return [
      check(
        "C2",
        "smallest lower bound on the error of the reconstruction",
        positive,
        { above: 0 },
        plancherel,
      ),
      check(
        "C2",
        "smallest ratio of the error to its lower bound (tail over norm)",
        overLower,
        { atLeast: 1 },
        plancherel,
      ),
      check(
        "C2",
        "largest ratio of the error to its upper bound (root of the tail)",
        overUpper,
        { atMost: 1 },
        plancherel,
      ),
      check(
        "C1",
        "distance of the largest random networks to the target, over that of the filtered target",
        stays,
        { between: [0.85, 1.15] },
        theorem(
          "an unbiased estimate of the filtered target stays that far away; 15% allows for its variance",
        ),
      ),
      check(
        "C1",
        "distance of the largest random networks to the filtered target, over that of the two targets",
        falls,
        { atMost: 0.5 },
        criterion("they approach what the domain can represent, not the target: less than half as far away"),
      ),
      ourCheck(
        "exponent of the number of units in the distance to the filtered target",
        exponent,
        { between: [-0.65, -0.35] },
        theorem("Monte Carlo: -1/2; the interval allows for the few draws"),
      ),
      ourCheck(
        "largest difference of a reconstruction from the filtered target",
        difference,
        { atMost: 1e-3 },
        criterion(
          "limiting the slopes is exactly a low-pass filter; three digits tell quadrature error from a different filter",
        ),
      ),
      ourCheck(
        "largest relative error of the energy outside",
        tail,
        { atMost: 0.01 },
        criterion("two digits of the closed form"),
      ),
      ourCheck(
        "energy outside times λ² at λ = 16, over its limit |f'|²",
        limit,
        { between: [0.95, 1.05] },
        criterion("the next term of the expansion is below 1% there"),
      ),
    ];
  },

  present(findings: Findings) {
    const { filters, nets, bias } = findings;
    const { last, exponent, difference } = figuresOf(findings);
    const packet = filters.filter(({ k }) => k === 3);
    return {
      headline: `Limiting slopes to λ is a Gaussian low-pass filter, to within ${formatRounded(difference)}; random networks of ${last.n.toLocaleString("en-US")} units are at distance ${formatRounded(last.toFiltered)} from the filtered target and ${formatRounded(last.toTarget)} from the target itself.`,
      captions: {
        spectrum:
          "Here λ = 4: columns beyond ±λ are lost to every network of the domain, whatever its width.",
        reconstruction: `The wave packet appears as the domain grows: its error falls from ${formatRounded(packet[0].error)} at λ = 2 to ${formatRounded(packet[packet.length - 1].error)} at λ = 16.`,
        bounds: "The energy of the spectrum outside the domain bounds the error from both sides.",
        nets: `The distance to the filtered target falls with exponent ${formatRounded(exponent)}; the distance to the target levels off at ${formatRounded(bias)}.`,
      },
      summary: [
        "With the ridgelet t exp(-t²/2) on both sides, the reconstruction from slopes of at most λ has the Fourier transform of the target times exp(-w²/λ²). A network with the transform as weights and random parameters from that domain is an unbiased estimate of it.",
        "This is the canonical reconstruction. Least squares may choose other weights and do better, at the price of their size: the experiment on budgets bounds the error that remains.",
      ],
      tables: [
        tableOf(
          "filters",
          "Energy outside the domain and the error",
          {
            target: "target",
            slope: "λ",
            tail: "energy outside",
            lower: "lower bound",
            error: "error",
            upper: "upper bound",
          },
          filters.map(({ k, ...one }) => ({ ...one, target: k === 0 ? "bump" : "wave packet" })),
        ),
        tableOf(
          "nets",
          "Random networks, λ = 2, biases up to 15",
          { n: "units", toFiltered: "distance to the filtered target", toTarget: "distance to the target" },
          nets,
        ),
      ],
    };
  },
});

/** Every second point within 5 of the center. */
function thin(x: Float64Array): number[] {
  return Array.from(x).filter((at, j) => j % 2 === 0 && Math.abs(at) <= 5);
}

import { gaussianRandomField } from "gradus/data";
import { antiderivativeFloor, deepONet, interpolationError } from "gradus/operators";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { checkpointEvery, learn, predictionPlot } from "./learn.ts";
import { inputSpace, LENGTH_SCALE, makePairs, operators } from "./problems.ts";

const lengths = [0.1, 0.2, 0.4, 0.8];
const pieces = [10, 20, 40, 80];
const FLOOR = "lower bound for any method";
const TEST = "DeepONet";

type Kappa = { readonly length: number; readonly errors: readonly number[] };
type Net = { readonly sensors: number; readonly test: number; readonly floor: number };

const slopeInPieces = ({ errors }: Kappa) => logLogSlope(pieces, errors).slope;
const at = (nets: readonly Net[], m: number) => nets.find(({ sensors }) => sensors === m)?.test ?? Number.NaN;

export default defineExperiment({
  description:
    "How well piecewise linear interpolants on m sensors approximate random functions, by m and length scale; then the antiderivative learned from m sensors, compared with the smallest error possible with m sensors.",
  parameters: z.object({
    fields: z
      .int()
      .min(20)
      .max(5000)
      .default(400)
      .describe("functions over which interpolation errors are averaged"),
    functions: z.int().min(50).max(20_000).default(10_000).describe("training functions, one point each"),
    testFunctions: z.int().min(100).max(100_000).default(10_000).describe("test functions, one point each"),
    iterations: z.int().min(200).max(100_000).default(20_000).describe("steps of Adam on all data"),
  }),
  profiles: {
    quick: { functions: 1000, testFunctions: 3000, iterations: 1500 },
    full: {},
  },
  seconds: { quick: 12, full: 2500 },
  plots: [
    linePlot("sensors", "Test error by number of sensors", "sensors m", logAxis("mean squared error"), {
      series: [TEST],
      references: [FLOOR],
    }),
    predictionPlot([TEST], "One test function, seen at m sensors"),
    linePlot("kappa", "Interpolation error", logAxis("pieces m"), logAxis("mean of max |u − uₘ|"), {
      series: lengths.map((length) => `l = ${length}`),
    }),
  ],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { fields, functions, testFunctions, iterations } = parameters;
    const kappas: Kappa[] = [];
    for (const length of lengths)
      kappas.push(
        yield* stage(`kappa ${length}`, async function* () {
          const space = gaussianRandomField({ points: 801, lengthScale: length });
          const errors: number[] = [];
          for (const m of pieces) {
            const stream = randomStream(seed).split("kappa");
            errors.push(interpolationError(space, { pieces: m, functions: fields, stream }));
            yield point("kappa", `l = ${length}`, m, errors[errors.length - 1]);
          }
          return { length, errors };
        }),
      );
    const nets: Net[] = [];
    const counts = [2, 3, 4, 5, 8, 20];
    for (const [k, sensors] of counts.entries())
      nets.push(
        yield* stage(`sensors ${sensors}`, async function* () {
          const space = inputSpace();
          const operator = operators.antiderivative();
          const { data, testData, probe } = makePairs({
            space,
            operator,
            sensors,
            functions,
            testFunctions,
            seed,
          });
          const floor = antiderivativeFloor(data.sensors, LENGTH_SCALE);
          const network = deepONet({ sensors, trunk: [40, 40] });
          const every = checkpointEvery(iterations, 10);
          const training = { network, data, testData, iterations, every, seed, signal, resumable };
          const [from, to] = [(k + 0.5) / (counts.length + 0.5), (k + 1.5) / (counts.length + 0.5)];
          const { test } = yield* learn({ ...training, model: TEST, probe, draw: false, from, to });
          yield point("sensors", TEST, sensors, test);
          yield point("sensors", FLOOR, sensors, floor);
          return { sensors, test, floor };
        }),
      );
    return { kappas, nets };
  },

  judge({ kappas, nets }) {
    const slopes = kappas.map(slopeInPieces);
    const atTwenty = logLogSlope(
      lengths,
      kappas.map(({ errors }) => errors[pieces.indexOf(20)]),
    ).slope;
    const quadratic = theorem(
      "κ(m, V) ~ 1/(m²l²) for a Gaussian random field (abstract and public notes); an eighth allows for m of 10 to 80",
    );
    const over = (m: number) =>
      at(nets, m) / (nets.find(({ sensors }) => sensors === m)?.floor ?? Number.NaN);
    const many = nets.filter(({ sensors }) => sensors >= 8).map(({ test }) => test);
    return [
      check(
        "C3",
        "steepest exponent of m in the interpolation error",
        Math.min(...slopes),
        { atLeast: -2.25 },
        quadratic,
      ),
      check(
        "C3",
        "flattest exponent of m in the interpolation error",
        Math.max(...slopes),
        { atMost: -1.75 },
        quadratic,
      ),
      check(
        "C3",
        "exponent of l in the interpolation error on 20 pieces",
        atTwenty,
        { between: [-2.5, -1.8] },
        criterion(
          "the claimed exponent is −2; 20 pieces resolve the shortest length scale, 0.1, with two points only",
        ),
      ),
      check(
        "C3",
        "test error with 3 sensors over the one with 5",
        at(nets, 3) / at(nets, 5),
        { atLeast: 15 },
        criterion("a reported factor of 4.6 per sensor is 21 for two; a quarter less allows for training"),
      ),
      check(
        "C3",
        "test error with 5 sensors over the one with 2",
        at(nets, 5) / at(nets, 2),
        { atMost: 0.02 },
        criterion("the error must fall by more than 1/50 over three sensors; 4.6 per sensor is 1/97"),
      ),
      check(
        "C3",
        "largest over smallest test error with 8 or 20 sensors",
        Math.max(...many) / Math.min(...many),
        { atMost: 8 },
        criterion("saturation: over 12 more sensors the error must change less than over two of the first"),
      ),
      ourCheck(
        "smallest ratio of the test error to the smallest error possible",
        Math.min(...nets.map(({ test, floor }) => test / floor)),
        { atLeast: 0.9 },
        theorem(
          "the conditional variance given the sensors’ values bounds every method; a tenth allows for the test sample",
        ),
      ),
      ourCheck(
        "test error with 4 sensors over the smallest error possible",
        over(4),
        { atMost: 3 },
        criterion(
          "where sensors limit what can be learned, training should come within a small factor of the limit",
        ),
      ),
    ];
  },

  present({ kappas, nets }) {
    const slopes = kappas.map((kappa) => formatRounded(slopeInPieces(kappa)));
    return {
      headline: `From 3 to 5 sensors the test error falls by a factor of ${formatRounded(at(nets, 3) / at(nets, 5))}, close to the smallest error possible with that many sensors; from 8 sensors on, training rather than sensing limits it.`,
      summary: [
        `Test errors are ${nets.map(({ sensors, test }) => `${formatRounded(test)} (m = ${sensors})`).join(", ")}.`,
        `The smallest possible errors are ${nets.map(({ sensors, floor }) => `${formatRounded(floor)} (m = ${sensors})`).join(", ")}.`,
        `The exponents of m in the interpolation error are ${slopes.join(", ")} for l = ${lengths.join(", ")}.`,
      ],
      captions: {
        sensors: "The lower bound is a conditional variance, computed without training.",
        prediction:
          "With few sensors the network gives the mean of all antiderivatives that fit the sensors’ values.",
        kappa: "Mean over functions of the largest distance from the piecewise linear interpolant.",
      },
      tables: [
        tableOf(
          "nets",
          "Antiderivative by number of sensors",
          { sensors: "sensors", test: "test error", floor: "smallest possible error" },
          nets,
        ),
        tableOf(
          "kappas",
          "Interpolation error",
          {
            length: "length scale",
            ...Object.fromEntries(pieces.map((m, k) => [`m${k}`, `m = ${m}`])),
            slope: "exponent",
          },
          kappas.map((kappa) => ({
            length: kappa.length,
            ...Object.fromEntries(kappa.errors.map((error, k) => [`m${k}`, error])),
            slope: slopeInPieces(kappa),
          })),
        ),
      ],
    };
  },
});

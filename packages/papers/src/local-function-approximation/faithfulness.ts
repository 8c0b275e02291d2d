import { explainerNames, type PerturbationTestOptions, perturbationTest, rankedRows } from "gradus/explain";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { z } from "zod";
import { check } from "../check.ts";
import { curve, defineExperiment, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { additive, attributionsOf, labelOf, labels, meanOf, multiplicative, rounded } from "./explaining.ts";
import {
  type Architecture,
  classificationSets,
  explainable,
  regressionSets,
  type SetName,
  splitSet,
  trainedNetworks,
} from "./models.ts";

const tests = [
  { id: "bottom-binary", title: "The least important features removed", order: "bottom", kind: "binary" },
  {
    id: "bottom-continuous",
    title: "Noise on the least important features",
    order: "bottom",
    kind: "continuous",
  },
  { id: "top-binary", title: "The most important features removed", order: "top", kind: "binary" },
  { id: "top-continuous", title: "Noise on the most important features", order: "top", kind: "continuous" },
] as const;
type TestId = (typeof tests)[number]["id"];

type ModelFindings = {
  readonly set: SetName;
  readonly architecture: Architecture;
  readonly excluded: number;
  /** Mean over k of each test, in the order of the explainers. */
  readonly means: Readonly<Record<TestId, readonly number[]>>;
};

const SHOWN = { set: "synthetic", architecture: "C" } as const;
const seriesOf = ({ set, architecture }: Pick<ModelFindings, "set" | "architecture">) =>
  `${set}, ${architecture}`;

/** Whether the mean of the favored family is ahead of that of the other. */
function meansInOrder({ means }: ModelFindings, { id, order, kind }: (typeof tests)[number]): boolean {
  const of = (names: readonly (typeof explainerNames)[number][]) =>
    meanOf(names.map((name) => means[id][explainerNames.indexOf(name)]));
  const difference = of(multiplicative) - of(additive);
  return (kind === "binary") === (order === "top") ? difference > 0 : difference < 0;
}

/** The mean of the least favorable of the favored family over that of the most favorable of the other. */
function ratioOf({ means }: ModelFindings, { id, order, kind }: (typeof tests)[number]): number {
  const of = (names: readonly (typeof explainerNames)[number][]) =>
    names.map((name) => means[id][explainerNames.indexOf(name)]);
  const [favored, other] = kind === "binary" ? [multiplicative, additive] : [additive, multiplicative];
  return order === "bottom"
    ? Math.max(...of(favored)) / Math.min(...of(other))
    : Math.min(...of(favored)) / Math.max(...of(other));
}

export default defineExperiment({
  description:
    "The k features that an explanation ranks lowest or highest are removed, or get noise, and the change of the score is measured: all eight explainers on linear models and three networks of each set.",
  parameters: z.object({
    points: z.int().min(5).max(100).default(100).describe("rows explained in each set"),
    samples: z.int().min(100).max(20_000).default(5000).describe("perturbations N per explanation"),
    draws: z.int().min(5).max(500).default(100).describe("draws of the noise"),
    sets: z
      .enum(["two", "four"])
      .default("four")
      .describe("one data set, or two, for each of regression and classification"),
  }),
  profiles: { quick: { points: 30, samples: 1000, draws: 20, sets: "two" }, full: {} },
  seconds: { quick: 7, full: 120 },
  plots: tests.map(({ id, title }) =>
    linePlot(id, `${title} (${seriesOf(SHOWN)})`, "features perturbed", "mean |f(x) − f(x′)|", {
      series: labels,
    }),
  ),

  async *measure({ parameters: { points: count, samples, draws, sets: chosen }, seed, signal, stage }) {
    const names: readonly SetName[] =
      chosen === "two"
        ? [regressionSets[0], classificationSets[0]]
        : [...regressionSets, ...classificationSets];
    const sets = new Map<SetName, Awaited<ReturnType<typeof splitSet>>>();
    for (const set of names) sets.set(set, await splitSet(set, count, seed));
    yield progress(0, "training");
    const networks = yield* trainedNetworks(
      names.flatMap((set) => (["C", "linear", "A", "B"] as const).map((one) => [set, one] as const)),
      sets,
      { seed, signal, stage },
    );
    const models: ModelFindings[] = [];
    for (const [i, network] of networks.entries()) {
      const { set, architecture } = network;
      yield progress(0.3 + (0.7 * i) / networks.length, seriesOf(network));
      models.push(
        yield* stage(`test ${set} ${architecture}`, async function* () {
          using model = await explainable(network);
          const x = sets.get(set)?.explained ?? denseMatrix([], 0, 0);
          const all: DenseMatrix[] = [];
          for (const name of explainerNames) {
            signal.throwIfAborted();
            all.push(await attributionsOf(name, model, x, { samples, seed }));
          }
          const rows = rankedRows(all);
          const means = {
            "bottom-binary": [],
            "bottom-continuous": [],
            "top-binary": [],
            "top-continuous": [],
          } as Record<TestId, number[]>;
          for (const { id, order, kind } of tests)
            for (const [k, attributions] of all.entries()) {
              const options: PerturbationTestOptions = { order, kind, draws, seed, rows };
              const found = await perturbationTest(model, x, attributions, options);
              means[id].push(rounded(found.mean));
              if (set === SHOWN.set && architecture === SHOWN.architecture)
                yield curve(id, labelOf(explainerNames[k]), found.curve, (y, at) => ({ x: at + 1, y }));
            }
          return { set, architecture, excluded: x.rows - rows.length, means };
        }),
      );
    }
    return { models };
  },

  judge({ models }) {
    const order = criterion("the claim is an ordering of the families; five percent separates them");
    return tests.map((one) => {
      const ratios = models.map((model) => ratioOf(model, one));
      const [favored, other] =
        one.kind === "binary" ? ["multiplicative", "additive"] : ["additive", "multiplicative"];
      return one.order === "bottom"
        ? check(
            "C5",
            `${one.title.toLowerCase()}: largest ratio of the worst ${favored} method to the best ${other} one`,
            Math.max(...ratios),
            { atMost: 0.95 },
            order,
          )
        : check(
            "C5",
            `${one.title.toLowerCase()}: smallest ratio of the worst ${favored} method to the best ${other} one`,
            Math.min(...ratios),
            { atLeast: 1.05 },
            order,
          );
    });
  },

  present({ models }) {
    const held = (one: (typeof tests)[number]) =>
      models.filter((model) => (one.order === "bottom" ? ratioOf(model, one) < 1 : ratioOf(model, one) > 1))
        .length;
    const captions = Object.fromEntries(
      tests.map((one) => [
        one.id,
        `${one.kind === "binary" ? "Multiplicative" : "Additive"} methods should be ${one.order === "bottom" ? "lowest" : "highest"}: on ${held(one)} of ${models.length} models all of them are ${one.order === "bottom" ? "below" : "above"} all of the others.`,
      ]),
    );
    const inOrder = tests.reduce(
      (sum, one) => sum + models.filter((model) => meansInOrder(model, one)).length,
      0,
    );
    const total = tests.reduce((sum, one) => sum + held(one), 0);
    return {
      headline: `Faithfulness follows the neighborhood: in ${total} of ${4 * models.length} tests every method of the family that perturbs features the way the test does beats every method of the other family.`,
      captions,
      summary: [
        `The means of the families are in that order in ${inOrder} of ${4 * models.length} tests.`,
        `Rows for which some method’s attribution is all zeros are left out for all methods: ${models.reduce((sum, { excluded }) => sum + excluded, 0)} rows over all models.`,
        "Removal favors methods that remove features, and noise favors those that add noise: a test of faithfulness chooses a neighborhood, too.",
      ],
      tables: [
        tableOf(
          "ratios",
          "Worst of the favored family over best of the other",
          {
            model: "model",
            ...Object.fromEntries(tests.map(({ id }) => [id, id.replace("-", ", ")])),
            excluded: "rows left out",
          },
          models.map((model) => ({
            model: seriesOf(model),
            ...Object.fromEntries(tests.map((one) => [one.id, ratioOf(model, one)])),
            excluded: model.excluded,
          })),
        ),
      ],
    };
  },
});

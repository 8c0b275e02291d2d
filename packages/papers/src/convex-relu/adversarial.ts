import { solve } from "gradus/iterate";
import {
  certifiedMargins,
  convexNetworkIterates,
  fgsmAttack,
  networkOutputs,
  pgdAttack,
  type ReluNetwork,
  robustNetworkIterates,
  samplePatterns,
  withOnes,
} from "gradus/optimize/convex-networks";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { adamEpochs } from "./descent.ts";
import { accuracyOf, imagePair, type Rows, type Split } from "./problems.ts";

const ROWS = 100;
/** Relative to a loss summed over the rows; 0.001 relative to its mean. */
const BETA = 0.001 * ROWS;
const PATTERNS = 20;
const ITERATIONS = 1500;
const SWEEP_ITERATIONS = 600;
const SWEEP = [0, 0.05, 0.1, 0.15, 0.2];
const WIDTH = 40;
const EPOCHS = 300;
const RATE = 0.01;
const pairs = [
  [3, 8],
  [1, 7],
] as const;

const methods = [
  "convex, robust",
  "convex, standard",
  "Adam on PGD examples",
  "Adam on FGSM examples",
  "Adam",
] as const;
type MethodName = (typeof methods)[number];

/** A network's accuracy under attack. */
interface Tested {
  readonly pair: string;
  readonly method: MethodName;
  readonly clean: number;
  readonly fgsm: number;
  readonly pgd: number;
  /** The share of test rows proved safe from every attack. */
  readonly certified: number;
}

/** The robust program at one size of the box. */
interface Robust {
  readonly pair: string;
  readonly objective: number;
  readonly worstCaseLoss: number;
  /** Mean hinge of the network on the training rows under PGD. */
  readonly attackedLoss: number;
  readonly violation: number;
  readonly activeBlocks: number;
}

interface Findings {
  readonly epsilon: number;
  readonly tested: readonly Tested[];
  readonly robust: readonly Robust[];
  readonly sweep: readonly { readonly pair: string; readonly epsilon: number; readonly objective: number }[];
}

/** Mean of max(0, 1 - y z). */
const meanHinge = (network: ReluNetwork, x: Rows["x"], y: Float64Array): number =>
  networkOutputs(network, x).reduce((sum, z, k) => sum + Math.max(0, 1 - y[k] * z), 0) / y.length;

function figuresOf({ tested, robust, sweep }: Findings) {
  const pairsHere = [...new Set(tested.map(({ pair }) => pair))];
  const of = (pair: string, method: MethodName) => find(tested, { pair, method });
  const least = (f: (pair: string) => number) => Math.min(...pairsHere.map(f));
  const falls = pairsHere.flatMap((pair) => {
    const objectives = sweep.filter((one) => one.pair === pair).map(({ objective }) => objective);
    return objectives.slice(1).map((objective, i) => (objectives[i] - objective) / objectives[i]);
  });
  return {
    overStandard: least((pair) => of(pair, "convex, robust").pgd - of(pair, "convex, standard").pgd),
    overPgd: least((pair) => of(pair, "convex, robust").pgd - of(pair, "Adam on PGD examples").pgd),
    overFgsm: least((pair) => of(pair, "convex, robust").pgd - of(pair, "Adam on FGSM examples").pgd),
    attacks: Math.max(
      ...pairsHere.map((pair) => of(pair, "convex, robust").fgsm - of(pair, "convex, robust").pgd),
    ),
    excess: Math.max(...robust.map(({ attackedLoss, worstCaseLoss }) => attackedLoss - worstCaseLoss)),
    violation: Math.max(...robust.map(({ violation }) => violation)),
    clean: least((pair) => of(pair, "convex, robust").clean),
    fall: Math.max(...falls),
    first: pairsHere[0],
    of,
  };
}

export default defineExperiment({
  description:
    "Two classes of 8 × 8 digits, averaged to 4 × 4 pixels, with 100 training images. Networks are trained by convex programs and by Adam, with and without robustness to an adversary that may change each pixel by ε, and attacked on the remaining images.",
  parameters: z.object({
    tasks: z.int().min(1).max(2).default(2).describe("pairs of classes: 3 against 8, then 1 against 7"),
    epsilon: z
      .number()
      .min(0.01)
      .max(0.3)
      .default(0.1)
      .describe("largest change of a pixel, on a gray scale from 0 to 1"),
  }),
  profiles: { quick: { tasks: 1 }, full: {} },
  seconds: { quick: 8, full: 16 },
  plots: [
    barPlot("attacks", "Accuracy on unseen images", "Attack", "Accuracy", { series: methods }),
    linePlot("training", "Solving the robust program", "Iteration of ADMM", logAxis("Objective"), {
      series: ["objective", "dual bound"],
    }),
    linePlot(
      "sweep",
      "The price of robustness",
      "Size ε of the box",
      "Optimal objective of the robust program",
    ),
  ],

  async *measure({ parameters: { tasks, epsilon }, seed, signal, stage }) {
    const tested: Tested[] = [];
    const robust: Robust[] = [];
    const sweep: { pair: string; epsilon: number; objective: number }[] = [];
    const chosen = pairs.slice(0, tasks);
    const parts = chosen.length * (methods.length + SWEEP.length);
    let done = 0;

    for (const [a, b] of chosen) {
      const pair = `${a} against ${b}`;
      const split = await imagePair("digits", [a, b], { rows: ROWS, seed, pooled: true });
      const { train } = split;
      const problem = { x: train.x, y: train.y, loss: "hinge", beta: BETA } as const;
      const perturbed = [...new Array<boolean>(train.x.columns).fill(true), false];
      const patterns = samplePatterns(withOnes(train.x), {
        count: PATTERNS,
        seed,
        perturbation: { epsilon, perturbed },
      });
      const name = tasks > 1 ? `${pair}: ` : "";
      const step = (message: string) => progress(done++ / parts, `${name}${message}`);
      const own = (series: string) => (tasks > 1 ? `${series}, ${pair}` : series);

      async function* tests(method: MethodName, network: ReluNetwork) {
        const one = testedNetwork(split, network, epsilon, seed);
        for (const [attack, accuracy] of [
          ["none", one.clean],
          ["FGSM", one.fgsm],
          ["PGD", one.pgd],
          ["any (certified)", one.certified],
        ] as const)
          if (pair === `${pairs[0][0]} against ${pairs[0][1]}`)
            yield point("attacks", method, attack, accuracy);
        return { pair, method, ...one };
      }

      yield step("robust convex program");
      const solved = yield* stage(`robust ${pair}`, async function* () {
        const method = robustNetworkIterates({ ...problem, robustness: { epsilon }, patterns, signal });
        for await (const iterate of method) {
          const { iteration } = iterate;
          if (iteration > 0 && (iteration % 100 === 0 || iteration === 20)) {
            yield point("training", own("objective"), iteration, iterate.objective);
            yield point("training", own("dual bound"), iteration, Math.max(1e-3, iterate.lowerBound));
          }
          if (iteration < ITERATIONS && !iterate.done) continue;
          const { network, objective, worstCaseLoss, violation, activeBlocks } = iterate;
          const attacked = pgdAttack(network, { ...train, loss: "hinge", epsilon, seed });
          return {
            network,
            figures: {
              pair,
              objective,
              worstCaseLoss: worstCaseLoss / ROWS,
              attackedLoss: meanHinge(network, attacked, train.y),
              violation,
              activeBlocks,
            },
          };
        }
        throw new Error("the robust program ended before its limit");
      });
      robust.push(solved.figures);
      tested.push(yield* stage(`robust tests ${pair}`, () => tests("convex, robust", solved.network)));

      yield step("standard convex program");
      tested.push(
        yield* stage(`standard ${pair}`, async function* () {
          const method = convexNetworkIterates({ ...problem, patterns, signal });
          const { iterate } = await solve(method, { maxIterations: ITERATIONS });
          return yield* tests("convex, standard", iterate.network);
        }),
      );

      const attacks = {
        "Adam on PGD examples": (network: ReluNetwork, epoch: number) =>
          pgdAttack(network, {
            ...train,
            loss: "hinge",
            epsilon,
            steps: 8,
            stepSize: epsilon / 4,
            restarts: 0,
            seed: epoch,
          }),
        "Adam on FGSM examples": (network: ReluNetwork) =>
          fgsmAttack(network, { ...train, loss: "hinge", epsilon }),
        Adam: undefined,
      };
      for (const method of ["Adam on PGD examples", "Adam on FGSM examples", "Adam"] as const) {
        yield step(method);
        tested.push(
          yield* stage(`${method} ${pair}`, async function* () {
            const training = {
              problem,
              width: WIDTH,
              learningRate: RATE,
              epochs: EPOCHS,
              seed,
              examples: attacks[method],
            };
            let last: ReluNetwork | undefined;
            for (const { epoch, network } of adamEpochs(training)) {
              signal.throwIfAborted();
              if (epoch === EPOCHS) last = network();
              // gives a page time to draw and a reader the chance to stop
              if (epoch % 20 === 0) yield progress(done / parts, `${name}${method}, epoch ${epoch}`);
            }
            if (!last) throw new Error("Adam ran no epoch");
            return yield* tests(method, last);
          }),
        );
      }

      for (const size of SWEEP) {
        yield step(`ε = ${size}`);
        sweep.push(
          yield* stage(`sweep ${pair} ${size}`, async function* () {
            const method = robustNetworkIterates({
              ...problem,
              robustness: { epsilon: size },
              patterns,
              signal,
            });
            const { iterate } = await solve(method, { maxIterations: SWEEP_ITERATIONS });
            yield point("sweep", pair, size, iterate.objective);
            return { pair, epsilon: size, objective: iterate.objective };
          }),
        );
      }
    }
    yield progress(1, "done");
    return { epsilon, tested, robust, sweep };
  },

  judge(findings: Findings) {
    const { overStandard, overPgd, overFgsm, attacks, excess, violation, clean, fall } = figuresOf(findings);
    return [
      check(
        "C5",
        "accuracy under PGD: robust minus standard convex training",
        overStandard,
        { atLeast: 0.2 },
        criterion("robust training must save at least one image in five that standard training loses"),
      ),
      check(
        "C5",
        "accuracy under PGD: robust convex training minus Adam on PGD examples",
        overPgd,
        { atLeast: 0 },
        criterion("“more robust” means that at least as many images survive"),
      ),
      check(
        "C5",
        "accuracy under PGD: robust convex training minus Adam on FGSM examples",
        overFgsm,
        { atLeast: 0 },
        criterion("“more robust” means that at least as many images survive"),
      ),
      check(
        "C5",
        "mean hinge of the robust network under PGD on the training rows, minus the program’s worst case",
        excess,
        { atMost: 1e-3 },
        theorem(
          "the program bounds the worst case; 1e-3 allows for constraints that ADMM meets only approximately",
        ),
      ),
      check(
        "C5",
        "largest relative decrease of the robust optimum as the box grows",
        fall,
        { atMost: 0.01 },
        theorem(
          "a larger box cannot lower the optimum; 1% allows for programs that ADMM has not solved exactly",
        ),
      ),
      ourCheck(
        "accuracy of the robust network: FGSM minus PGD",
        attacks,
        { atMost: 0.02 },
        criterion(
          "units that keep their pattern make the network linear in the box, where one step of FGSM is the worst case",
        ),
      ),
      ourCheck(
        "largest violation of the robust constraints",
        violation,
        { atMost: 5e-3 },
        criterion("a twentieth of ε, far too little for an attack to change a pattern"),
      ),
      ourCheck(
        "accuracy of the robust network without attack",
        clean,
        { atLeast: 0.85 },
        criterion("a robust network that misclassifies more than one clean image in six would be of no use"),
      ),
    ];
  },

  present(findings: Findings) {
    const { first, of, excess } = figuresOf(findings);
    const { epsilon, tested, robust } = findings;
    const percent = (share: number) => `${formatRounded(100 * share)}%`;
    const [robustNetwork, standard, descent] = (
      ["convex, robust", "convex, standard", "Adam on PGD examples"] as const
    ).map((method) => of(first, method));
    const [{ worstCaseLoss, attackedLoss, activeBlocks }] = robust;
    return {
      headline: `Under PGD with ε = ${epsilon}, the robust convex network is right on ${percent(robustNetwork.pgd)} of the unseen images (${first}), standard convex training on ${percent(standard.pgd)}, and Adam on PGD examples on ${percent(descent.pgd)}.`,
      captions: {
        attacks: `${first}: the robust network is right on ${percent(robustNetwork.clean)} of the images without an attack, on ${percent(robustNetwork.pgd)} under PGD, and provably on ${percent(robustNetwork.certified)} under any attack.`,
        training: `The worst-case loss is ${formatRounded(worstCaseLoss)} per row; PGD reaches ${formatRounded(attackedLoss)}.`,
        sweep: "The optimal objective of the robust program rises with the box.",
      },
      summary: [
        `The optimum of the robust program bounds the worst-case loss of the network: PGD on the training rows stays ${formatRounded(Math.max(0, -excess))} per row below it.`,
        `Under the robust constraints few patterns admit nonzero weights: ${activeBlocks} of ${2 * PATTERNS} blocks are active.`,
        `Because hidden units keep their pattern over the box, the robust network can be verified by linear bounds: ${percent(robustNetwork.certified)} of the unseen images are proved safe, against ${percent(descent.certified)} for Adam on PGD examples.`,
      ],
      tables: [
        tableOf(
          "attacks",
          "Accuracy on unseen images",
          {
            pair: "classes",
            method: "training",
            clean: "no attack",
            fgsm: "FGSM",
            pgd: "PGD",
            certified: "certified",
          },
          tested,
        ),
      ],
    };
  },
});

function testedNetwork({ test }: Split, network: ReluNetwork, epsilon: number, seed: number) {
  const accuracy = (x: Rows["x"]) => accuracyOf(networkOutputs(network, x), test.y);
  const attack = { ...test, loss: "hinge", epsilon } as const;
  const margins = certifiedMargins(network, { ...test, epsilon });
  return {
    clean: accuracy(test.x),
    fgsm: accuracy(fgsmAttack(network, attack)),
    pgd: accuracy(pgdAttack(network, { ...attack, seed })),
    certified: margins.reduce((count, margin) => count + Number(margin > 0), 0) / margins.length,
  };
}

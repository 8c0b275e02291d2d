import { denseMatrix, luFactorize, luSolve, multiply } from "gradus/linalg";
import {
  colorPartition,
  forestPartition,
  greedyForest,
  latticeForests,
  latticeGraph,
  solveForest,
} from "gradus/optimize";
import { randomStream } from "gradus/random";
import { median } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import {
  type Contender,
  type DataSet,
  FASTER,
  followRules,
  leadLabel,
  leastLead,
  medianDecades,
  rulesTable,
} from "./follow.ts";
import { type GraphProblem, graphOptimum, latticeProblem, moonsProblem } from "./problems.ts";

const SIDE = 50;
const TARGET = 1e-6;
const TREE_SIDE = 20;
const latticeRules = ["greedy tree", "tree partition", "random tree", "red-black", "general"] as const;
const moonRules = [
  "greedy tree",
  "tree partition by L",
  "tree partition by index",
  "random tree",
  "colors by L",
  "colors by index",
  "general",
] as const;

/** Rules whose blocks are trees, and the others. */
interface Kinds {
  readonly trees: readonly string[];
  readonly others: readonly string[];
}
const kindsOf = (rules: readonly string[]): Kinds => ({
  trees: rules.filter((rule) => rule.includes("tree")),
  others: rules.filter((rule) => !rule.includes("tree")),
});
const latticeKinds = kindsOf(latticeRules);
const moonKinds = kindsOf(moonRules);
/** Random blocks on which message passing is compared with a direct solve. */
const DIRECT_SOLVES = 50;

/** Coordinates by descending L_i. */
const byConstant = ({ problem: { lipschitz: L } }: GraphProblem) =>
  Int32Array.from(L.keys()).sort((a, b) => L[b] - L[a] || a - b);

/** The rules that do not need a partition: the best n^(1/3) coordinates with a dense solve, and the two trees. */
const withoutPartition = ({ c }: GraphProblem, seed: number): Contender[] => [
  {
    label: "general",
    options: { blockSize: Math.floor(Math.cbrt(c.length)), select: "gs", update: "exact" },
  },
  { label: "random tree", options: { select: "random-forest", seed } },
  { label: "greedy tree", options: { select: "forest" } },
];

function latticeContenders(data: GraphProblem, seed: number): Contender[] {
  const unknowns = new Map(Array.from(data.unlabeled, (node, u) => [node, u]));
  const restricted = (block: Int32Array) => Array.from(block).flatMap((node) => unknowns.get(node) ?? []);
  const parity = (u: number) => (Math.floor(data.unlabeled[u] / SIDE) + (data.unlabeled[u] % SIDE)) % 2;
  const all = Array.from(data.unlabeled.keys());
  return [
    ...withoutPartition(data, seed),
    {
      label: "red-black",
      options: { blocks: [0, 1].map((color) => all.filter((u) => parity(u) === color)) },
    },
    { label: "tree partition", options: { blocks: latticeForests(SIDE, SIDE).map(restricted) } },
  ];
}

function moonContenders(data: GraphProblem, seed: number): Contender[] {
  const order = byConstant(data);
  return [
    ...withoutPartition(data, seed),
    { label: "colors by index", options: { blocks: colorPartition(data.A) } },
    { label: "colors by L", options: { blocks: colorPartition(data.A, order) } },
    { label: "tree partition by index", options: { blocks: forestPartition(data.A) } },
    { label: "tree partition by L", options: { blocks: forestPartition(data.A, order) } },
  ];
}

/** The largest relative difference of message passing from a dense direct solve, over random forest blocks. */
function againstDirectSolve(seed: number, blocks: number): number {
  const stream = randomStream(seed).split("direct");
  const side = 18;
  const { A } = latticeProblem(side, seed, 20);
  const n = A.rows;
  let worst = 0;
  for (let k = 0; k < blocks; k++) {
    const block = greedyForest(A, stream.fillUniform(new Float64Array(n))).slice(0, 40 + stream.integer(100));
    const rhs = stream.fillNormal(new Float64Array(block.length));
    const x = solveForest(A, block, rhs);
    const size = block.length;
    const dense = new Float64Array(size * size);
    const unit = new Float64Array(n);
    for (let q = 0; q < size; q++) {
      unit.fill(0);
      unit[block[q]] = 1;
      const column = multiply(A, unit);
      for (let p = 0; p < size; p++) dense[p * size + q] = column[block[p]];
    }
    const direct = luSolve(luFactorize(denseMatrix(dense, size, size)), rhs);
    const scale = Math.max(...direct.map(Math.abs));
    for (let p = 0; p < size; p++) worst = Math.max(worst, Math.abs(x[p] - direct[p]) / scale);
  }
  return worst;
}

export default defineExperiment({
  description:
    "Two quadratics on graphs, a 50 × 50 lattice with 100 labels and label propagation on two half moons: exact updates of blocks that are trees, against blocks without edges and small dense blocks, 500 iterations each.",
  parameters: z.object({
    iterations: z.int().min(20).max(5000).default(500).describe("iterations"),
    points: z.int().min(200).max(4000).default(2000).describe("points of the half moons"),
    seeds: z.int().min(1).max(10).default(3).describe("data sets"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 8, full: 8 },
  plots: [
    linePlot("lattice", "Lattice, first data set", "iteration", logAxis("f − f*"), { series: latticeRules }),
    linePlot("lattice-flops", "Lattice, against work", logAxis("flops"), logAxis("f − f*"), {
      series: latticeRules,
    }),
    linePlot("moons", "Label propagation, first data set", "iteration", logAxis("f − f*"), {
      series: moonRules,
    }),
    dotPlot("tree", `A greedy tree in a ${TREE_SIDE} × ${TREE_SIDE} lattice`, "column", "row", {
      series: ["in the block", "left out"],
    }),
    dotPlot("partition", `The two trees of the partition, ${TREE_SIDE} × ${TREE_SIDE}`, "column", "row", {
      series: ["first tree", "second tree"],
    }),
  ],

  async *measure({ parameters: { iterations, points: count, seeds }, seed, signal, stage }) {
    const lattice: DataSet[] = [];
    const moons: DataSet[] = [];
    const unknowns: number[] = [];
    const parts: Record<string, number> = {};
    for (const [k, s] of repeatSeeds(seed, seeds, 0).entries()) {
      for (const kind of ["lattice", "moons"] as const) {
        const from = (0.8 * (k + (kind === "moons" ? 0.6 : 0))) / seeds;
        yield progress(from, `${kind} ${k + 1} of ${seeds}`);
        const data = kind === "lattice" ? latticeProblem(SIDE, s) : moonsProblem(count, s);
        const optimum = await graphOptimum(data);
        const contenders = kind === "lattice" ? latticeContenders(data, s) : moonContenders(data, s);
        const plots =
          kind === "lattice" ? { iterations: "lattice", flops: "lattice-flops" } : { iterations: "moons" };
        const set = yield* followRules(
          data.problem,
          contenders,
          { name: `${kind}, seed ${s}`, seed: s, from, to: from + 0.3 / seeds, stage },
          {
            iterations,
            gap: ({ x }) => optimum.gap(x),
            target: TARGET,
            plots: k === 0 ? plots : undefined,
            signal,
          },
        );
        if (kind === "lattice") {
          lattice.push(set);
          unknowns.push(data.c.length);
          continue;
        }
        moons.push(set);
        if (k > 0) continue;
        for (const { label, options } of contenders) if (options.blocks) parts[label] = options.blocks.length;
      }
    }

    yield progress(0.8, "message passing against a direct solve");
    const difference = againstDirectSolve(seed, DIRECT_SOLVES);

    const small = latticeGraph(TREE_SIDE, TREE_SIDE);
    const inTree = new Set(greedyForest(small, randomStream(seed).fillUniform(new Float64Array(small.rows))));
    const inFirst = new Set(latticeForests(TREE_SIDE, TREE_SIDE)[0]);
    const place = (node: number) => ({ x: node % TREE_SIDE, y: Math.floor(node / TREE_SIDE) });
    const nodes = Array.from({ length: small.rows }, (_, node) => node);
    yield curve(
      "tree",
      "in the block",
      nodes.filter((node) => inTree.has(node)),
      place,
    );
    yield curve(
      "tree",
      "left out",
      nodes.filter((node) => !inTree.has(node)),
      place,
    );
    yield curve(
      "partition",
      "first tree",
      nodes.filter((node) => inFirst.has(node)),
      place,
    );
    yield curve(
      "partition",
      "second tree",
      nodes.filter((node) => !inFirst.has(node)),
      place,
    );
    return { iterations, lattice, moons, unknowns, parts, difference, treeNodes: inTree.size };
  },

  judge({ lattice, moons, difference }) {
    const slowestTree = (where: string, sets: readonly DataSet[], kinds: Kinds) =>
      kinds.others.map((other) =>
        check(
          "C4",
          `${where}: f − f* of ${other} over that of the slowest tree rule, smallest of ${sets.length} data sets`,
          Math.min(...kinds.trees.map((tree) => leastLead(sets, tree, other))),
          FASTER.condition,
          FASTER.ground,
        ),
      );
    const chosen = ["greedy tree", "random tree"] as const;
    const greedy = (where: string, sets: readonly DataSet[]): Check =>
      ourCheck(
        leadLabel(sets, ...chosen, `${where}: `),
        leastLead(sets, ...chosen),
        FASTER.condition,
        criterion("a control: trees chosen by the gradient must be 1.5 times closer than random ones"),
      );
    return [
      ...slowestTree("lattice", lattice, latticeKinds),
      ...slowestTree("label propagation", moons, moonKinds),
      greedy("lattice", lattice),
      greedy("label propagation", moons),
      ourCheck(
        `message passing: relative distance from a direct solve, largest of ${DIRECT_SOLVES} random forest blocks`,
        difference,
        { atMost: 1e-10 },
        theorem("elimination from the leaves of a forest is exact, up to rounding"),
      ),
    ];
  },

  present({ iterations, lattice, moons, unknowns, parts, treeNodes }) {
    const d = (label: string) => formatRounded(-medianDecades(lattice, label));
    const e = (label: string) => formatRounded(-medianDecades(moons, label));
    const share = (label: string) =>
      formatRounded(median(lattice.map(({ runs }, k) => runs[label].blockSize / unknowns[k])));
    const listed = (labels: readonly string[], figure: (label: string) => string) =>
      labels.map((label) => `${figure(label)} (${label})`).join(", ");
    return {
      headline: `On a lattice ${iterations} exact updates of trees reduce f − f* by ${d("tree partition")} decades, red-black blocks by ${d("red-black")}, and dense blocks of equal cost by ${d("general")}.`,
      captions: {
        lattice: `Decades by which f − f* falls in ${iterations} iterations, median of the data sets: ${listed(latticeRules, d)}. Mean share of the unknowns in a block: ${listed(latticeRules, share)}.`,
        "lattice-flops": "Message passing costs about 8 operations per unknown, and the update two per edge.",
        moons: `Decades by which f − f* falls in ${iterations} iterations, median of the data sets: ${listed(moonRules, e)}. Blocks in a partition of the first set: ${listed(Object.keys(parts), (label) => String(parts[label]))}.`,
        tree: `${treeNodes} of ${TREE_SIDE ** 2} nodes without a cycle: nodes are visited in random order, and each is taken unless it closes a cycle.`,
        partition:
          "The first row with the even columns, and the last row with the odd ones: two combs that together contain every node once.",
      },
      summary: [
        `Lattice: trees of half the unknowns reduce f − f* by ${d("tree partition")} decades with two fixed trees and by ${d("greedy tree")} with greedy ones; red-black blocks, as large but without edges, by ${d("red-black")}; the best ${Math.floor(Math.cbrt(unknowns[0]))} coordinates with a dense solve by ${d("general")}.`,
        `Label propagation: greedy tree ${e("greedy tree")} decades, tree partition by L ${e("tree partition by L")}, colors by L ${e("colors by L")}, general ${e("general")}.`,
        "At this size a direct sparse factorization solves the whole system in milliseconds; blocks pay off where the graph is too large to factorize.",
      ],
      tables: [
        rulesTable(
          lattice.flatMap((set, k) => [set, moons[k]]),
          TARGET,
        ),
      ],
    };
  },
});

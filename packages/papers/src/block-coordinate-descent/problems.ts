import { moons } from "gradus/data";
import { solve } from "gradus/iterate";
import {
  type CsrMatrix,
  conjugateGradient,
  csrFromTriplets,
  factoredPreconditioner,
  incompleteCholesky,
  multiply,
} from "gradus/linalg";
import {
  type BlockProblem,
  blockLeastSquares,
  blockLogistic,
  blockQuadratic,
  blockSoftmax,
  labelPropagation,
  latticeGraph,
} from "gradus/optimize";
import { randomStream } from "gradus/random";

type RandomStream = ReturnType<typeof randomStream>;

/**
 * The paper's design: A_ij = N(0, 1) + 1, column j times 10 N(0, 1), each entry kept with probability 10 ln(m) / m
 * (0.069 at m = 1000).
 *
 * @param keep the probability, to override the default for m
 */
function sparseDesign(m: number, n: number, stream: RandomStream, keep = (10 * Math.log(m)) / m): CsrMatrix {
  const entry = stream.split("entries");
  const scale = stream.split("scales").fillNormal(new Float64Array(n));
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      if (entry.uniform() >= keep) continue;
      rows.push(i);
      columns.push(j);
      values.push((entry.normal() + 1) * 10 * scale[j]);
    }
  return csrFromTriplets(m, n, { rows, columns, values });
}

/** w = N(0, 1), each entry kept with probability 0.1. */
function sparseWeights(n: number, stream: RandomStream): Float64Array {
  const w = new Float64Array(n);
  for (let j = 0; j < n; j++) if (stream.uniform() < 0.1) w[j] = stream.normal();
  return w;
}

/** Data A: least squares, c = A w + N(0, 1). With n > m the optimal value is 0. */
export function leastSquaresData(m: number, n: number, seed: number): { A: CsrMatrix; c: Float64Array } {
  const stream = randomStream(seed).split("A");
  const A = sparseDesign(m, n, stream);
  const c = multiply(A, sparseWeights(n, stream.split("weights")));
  const noise = stream.split("noise");
  for (let i = 0; i < m; i++) c[i] += noise.normal();
  return { A, c };
}

/** Data A as a problem. */
export function leastSquaresProblem(m: number, n: number, seed: number): BlockProblem {
  const { A, c } = leastSquaresData(m, n, seed);
  return blockLeastSquares(A, c);
}

/** Least squares like data A, but with the same number of entries per column for any n: for timing. */
export function sparseLeastSquaresProblem(m: number, n: number, seed: number): BlockProblem {
  const stream = randomStream(seed).split("cost");
  const entries = 40;
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let j = 0; j < n; j++)
    for (const i of stream.permutation(m).subarray(0, entries)) {
      rows.push(i);
      columns.push(j);
      values.push(stream.normal() + 1);
    }
  return blockLeastSquares(
    csrFromTriplets(m, n, { rows, columns, values }),
    stream.fillNormal(new Float64Array(m)),
  );
}

/** Data B: logistic regression, y = sign(A w), one in ten flipped. With n > m the optimal value is 0. */
export function logisticProblem(m: number, n: number, seed: number): BlockProblem {
  const stream = randomStream(seed).split("B");
  const A = sparseDesign(m, n, stream);
  const flip = stream.split("flips");
  const y = multiply(A, sparseWeights(n, stream.split("weights"))).map(
    (score) => (score >= 0 ? 1 : -1) * (flip.uniform() < 0.1 ? -1 : 1),
  );
  return blockLogistic(A, y);
}

/** Data C: softmax regression, label = argmax(A W + N(0, 1)) with W dense N(0, 1). Separable: the optimal value is 0. */
export function softmaxProblem(m: number, n: number, classes: number, seed: number): BlockProblem {
  const stream = randomStream(seed).split("C");
  const A = sparseDesign(m, n, stream);
  const noise = stream.split("noise");
  const scores = Array.from({ length: classes }, (_, c) =>
    multiply(A, stream.split(`weights ${c}`).fillNormal(new Float64Array(n))).map((s) => s + noise.normal()),
  );
  const y = Int32Array.from({ length: m }, (_, i) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[c][i] > scores[best][i]) best = c;
    return best;
  });
  return blockSoftmax(A, y, { classes });
}

/** A quadratic on a graph, and the position of each unknown in it. */
export interface GraphProblem {
  readonly problem: BlockProblem;
  readonly A: CsrMatrix;
  readonly c: Float64Array;
  /** The node of each unknown in the whole graph. */
  readonly unlabeled: Int32Array;
}

function graphProblem(W: CsrMatrix, labels: ReadonlyMap<number, number>): GraphProblem {
  const { A, c, unlabeled } = labelPropagation(W, labels);
  return { problem: blockQuadratic(A, c), A, c, unlabeled };
}

/** Data D: a side x side lattice of weight 1e5, 100 random nodes labeled 10 N(0, 1). */
export function latticeProblem(side: number, seed: number, labeled = 100): GraphProblem {
  const stream = randomStream(seed).split("D");
  const nodes = stream
    .split("nodes")
    .permutation(side * side)
    .subarray(0, labeled);
  const values = stream.split("values");
  const labels = new Map<number, number>();
  for (const node of nodes) labels.set(node, 10 * values.normal());
  return graphProblem(latticeGraph(side, side, 1e5), labels);
}

/** The union of all points' 5 nearest neighbors, weight 1. */
function nearestNeighborGraph(x: Float64Array, n: number, neighbors: number): CsrMatrix {
  const edges = new Set<number>();
  const distance = new Float64Array(n);
  const nearest = new Int32Array(neighbors);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) distance[j] = (x[2 * i] - x[2 * j]) ** 2 + (x[2 * i + 1] - x[2 * j + 1]) ** 2;
    distance[i] = Number.POSITIVE_INFINITY;
    for (let k = 0; k < neighbors; k++) {
      let best = 0;
      for (let j = 1; j < n; j++) if (distance[j] < distance[best]) best = j;
      nearest[k] = best;
      distance[best] = Number.POSITIVE_INFINITY;
    }
    for (const j of nearest) {
      edges.add(i * n + j);
      edges.add(j * n + i);
    }
  }
  const keys = Float64Array.from(edges).sort();
  const rows = Array.from(keys, (key) => Math.floor(key / n));
  const columns = Array.from(keys, (key) => key % n);
  return csrFromTriplets(n, n, { rows, columns, values: new Float64Array(keys.length).fill(1) });
}

/**
 * Data E: two half moons with noise of variance 0.04, their 5-nearest-neighbor graph, 100 random points labeled with
 * class 1 or 2. Labels are drawn again in the rare case that a component of the graph has none.
 */
export function moonsProblem(n: number, seed: number, labeled = 100): GraphProblem {
  const stream = randomStream(seed).split("E");
  const { x, y } = moons({ n, noise: 0.2, seed: stream.integer(2 ** 31) });
  const W = nearestNeighborGraph(x.values, n, 5);
  for (let attempt = 0; ; attempt++) {
    const nodes = stream.split(`nodes ${attempt}`).permutation(n).subarray(0, labeled);
    const labels = new Map<number, number>(Array.from(nodes, (node) => [node, y[node] + 1]));
    try {
      return graphProblem(W, labels);
    } catch (error) {
      if (attempt === 100) throw error;
    }
  }
}

/** The optimum of a graph's quadratic, by conjugate gradients to 1e-13, and half the squared distance f - f* from it. */
export async function graphOptimum({ A, c }: GraphProblem): Promise<{
  readonly x: Float64Array;
  gap(x: Float64Array): number;
}> {
  const { iterate } = await solve(
    conjugateGradient(A, c, {
      relativeTolerance: 1e-13,
      preconditioner: factoredPreconditioner(incompleteCholesky(A)),
    }),
    { maxIterations: 5000 },
  );
  const best = iterate.x;
  const difference = new Float64Array(best.length);
  return {
    x: best,
    gap(x) {
      for (let i = 0; i < x.length; i++) difference[i] = x[i] - best[i];
      const image = multiply(A, difference);
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum += difference[i] * image[i];
      return sum / 2;
    },
  };
}

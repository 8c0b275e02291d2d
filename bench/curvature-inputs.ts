import type { ArrayValue } from "@gradus/graph";
import { array } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { objectiveFromGraph } from "gradus/objectives";
import { type RandomStream, randomStream } from "gradus/random";
import { parameterLayout } from "gradus/tree";
import type { Inputs } from "./input-files.ts";
import { sizes } from "./sizes.ts";

export type Add = (name: string, value: ArrayValue) => void;

const single = (values: Float64Array, shape: readonly number[]) => array(Float32Array.from(values), shape);

/** The probes that gradus draws from seed 0, for the peers: signs of the trace, start vectors of the quadrature. */
function addProbes(add: Add, dimension: number): void {
  const { traceProbes, quadrature } = sizes.curvature;
  const [signs, starts] = [randomStream(0).split("trace"), randomStream(0).split("probes")];
  const sign = (stream: RandomStream) => () => (stream.uniform() < 0.5 ? -1 : 1);
  for (let i = 0; i < traceProbes; i++)
    add(
      `curvature.signs.${i}`,
      single(Float64Array.from({ length: dimension }, sign(signs.split(i))), [dimension]),
    );
  for (let i = 0; i < quadrature.probes; i++)
    add(`curvature.start.${i}`, single(starts.split(i).fillNormal(new Float64Array(dimension)), [dimension]));
}

/** A network trained by plain gradient descent on rows of mushrooms, and vectors to multiply its curvature with. */
export async function curvatureInputs(seed: number): Promise<Inputs> {
  const arrays: Record<string, ArrayValue> = {};
  const add: Add = (name, value) => {
    arrays[name] = value;
  };
  const { widths, rows, training, infinite } = sizes.curvature;
  const stream = randomStream(seed).split("curvature");
  const [inputs, ...hidden] = widths.slice(0, -1);
  const network = mlp({ inputs, hidden, outputs: widths[widths.length - 1], activation: "tanh" });
  const set = await loadDataset("mushrooms");
  const x = array(Float64Array.from(set.x.values.slice(0, rows * set.x.columns)), [rows, set.x.columns]);
  const y = array(BigInt64Array.from(set.y.slice(0, rows), BigInt));
  const initial = network.parameters({ stream: stream.split("parameters"), dtype: "f64" });
  using objective = await objectiveFromGraph(
    (p, data) => softmaxCrossEntropy(network.apply(p, data.x), data.y),
    initial,
    { x, y },
    { threads: 1 },
  );
  const w = objective.pack(initial);
  for (let step = 0; step < training.steps; step++) {
    const gradient = await objective.gradient(w);
    for (let i = 0; i < w.length; i++) w[i] -= training.learningRate * gradient[i];
  }
  objective.unpack(w).layers.forEach(({ weights, bias }, i) => {
    add(`curvature.w${i}`, single(Float64Array.from(weights.data, Number), weights.shape));
    add(`curvature.b${i}`, single(Float64Array.from(bias.data, Number), bias.shape));
  });
  add("curvature.x", single(Float64Array.from(x.data, Number), x.shape));
  add("curvature.y", y);
  const { dimension } = parameterLayout(initial);
  add("curvature.v", single(stream.split("vector").fillNormal(new Float64Array(dimension)), [dimension]));
  addProbes(add, dimension);
  const points = [infinite.rows, infinite.columns];
  add(
    "infinite.x",
    single(stream.split("points").fillNormal(new Float64Array(points[0] * points[1])), points),
  );
  return arrays;
}

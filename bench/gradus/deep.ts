import {
  type ArrayValue,
  add,
  compile,
  f32,
  f64,
  hessianVectorProduct,
  item,
  matmul,
  mean,
  releaseArrays,
  square,
  sub,
  type Tensor,
  tanh,
  valueAndGradient,
} from "@gradus/graph";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, dot, norm, widened } from "./context.ts";

const { layers, width } = sizes.deep;

type Precision = "single" | "double";
type Layer<T> = Readonly<Record<"w" | "b", T>>;
type Network<T> = readonly Layer<T>[];

const leaves = (network: Network<ArrayValue>) => network.flatMap(({ w, b }) => [w, b]);

function load({ inputs }: Context, name: string, precision: Precision): ArrayValue {
  const value = inputs[`deep.${name}`];
  return precision === "single" ? value : widened(value);
}

function loadNetwork(context: Context, prefix: "" | "v", precision: Precision): Network<ArrayValue> {
  return Array.from({ length: layers }, (_, i) => ({
    w: load(context, `${prefix}w${i}`, precision),
    b: load(context, `${prefix}b${i}`, precision),
  }));
}

function specs(precision: Precision) {
  const float = precision === "single" ? f32 : f64;
  const network = Array.from({ length: layers }, () => ({ w: float(width, width), b: float(width) }));
  return { network, x: float("batch", width), y: float("batch", width) };
}

function squaredError(network: Network<Tensor>, x: Tensor, y: Tensor): Tensor {
  let h = x;
  network.forEach(({ w, b }, i) => {
    const z = add(matmul(h, w), b);
    h = i < network.length - 1 ? tanh(z) : z;
  });
  return mean(square(sub(h, y)));
}

export async function gradient(context: Context): Promise<Runner> {
  const program = await compile(
    ({ network, x, y }) => valueAndGradient(squaredError)(network, x, y),
    specs("single"),
    context.options,
  );
  const values = {
    network: loadNetwork(context, "", "single"),
    x: load(context, "x", "single"),
    y: load(context, "y", "single"),
  };
  const vector = leaves(loadNetwork(context, "v", "single"));
  return {
    reset() {},
    call: async () => releaseArrays(await program.run(values)),
    unitsPerCall: 1,
    async check() {
      const result = await program.run(values);
      const gradients = leaves(result.gradient);
      return [item(result.value), norm(gradients), dot(gradients, vector)];
    },
  };
}

export async function curvatureProduct(context: Context, precision: Precision): Promise<Runner> {
  const { network, x, y } = specs(precision);
  const program = await compile(
    (inputs) => hessianVectorProduct(squaredError)(inputs.network, inputs.vector, inputs.x, inputs.y),
    { network, vector: network, x, y },
    context.options,
  );
  const values = {
    network: loadNetwork(context, "", precision),
    vector: loadNetwork(context, "v", precision),
    x: load(context, "x", precision),
    y: load(context, "y", precision),
  };
  return {
    reset() {},
    call: async () => releaseArrays(await program.run(values)),
    unitsPerCall: 1,
    async check() {
      const product = leaves(await program.run(values));
      return [norm(product), dot(product, leaves(values.vector))];
    },
  };
}

import {
  type ArrayValue,
  compile,
  constants,
  exportOnnx,
  f32,
  i64,
  importOnnx,
  matmul,
  relu,
  type Tensor,
  valueAndGradient,
} from "@gradus/graph";
import { softmaxCrossEntropy } from "gradus/losses";
import { drawnTensors, type ImportedName } from "../imported-inputs.ts";
import { importedSizes } from "../imported-sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, descend } from "./context.ts";
import { writtenNetworks } from "./imported-written.ts";
import { trainingCase } from "./training-case.ts";

const { learningRate, large } = importedSizes;

type Tensors = Readonly<Record<string, Tensor>>;
type Network = (parameters: Tensors, x: Tensor) => Tensor;

function weightsOf({ inputs }: Context, name: ImportedName, file: Uint8Array): Record<string, ArrayValue> {
  const names = drawnTensors(file).map((tensor) => tensor.name);
  return Object.fromEntries(names.map((own) => [own, inputs[`imported.${name}.${own}`]]));
}

/** The exported network with the drawn weights, and what of them is trained. */
function importedNetwork(context: Context, name: ImportedName, file: Uint8Array) {
  const weights = weightsOf(context, name, file);
  const external = Object.fromEntries(
    Object.entries(weights).map(([own, { data }]) => [
      own,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );
  const model = importOnnx(file, { external });
  const trained = Object.entries(model.parameters).filter(([own]) => !model.frozen.includes(own));
  const network: Network = (parameters, x) => model.apply({ x }, parameters).y;
  return { network, parameters: Object.fromEntries(trained) };
}

async function step(
  context: Context,
  name: ImportedName,
  network: Network,
  start: Record<string, ArrayValue>,
) {
  const { [`imported.${name}.x`]: x, [`imported.${name}.y`]: y } = context.inputs;
  const loss = (parameters: Tensors, images: Tensor, labels: Tensor) =>
    softmaxCrossEntropy(network(parameters, images), labels);
  const specs = Object.fromEntries(Object.entries(start).map(([own, { shape }]) => [own, f32(...shape)]));
  const program = await compile(
    (given) => {
      const { value, gradient } = valueAndGradient(loss)(given.parameters, given.x, given.y);
      return { loss: value, parameters: descend(given.parameters, gradient, learningRate) };
    },
    { parameters: specs, x: f32(...x.shape), y: i64(...y.shape) },
    context.options,
  );
  return trainingCase({ start, run: (parameters) => program.run({ parameters, x, y }) });
}

/** A training step of an imported network. */
export async function importedStep(context: Context, name: ImportedName, file: Uint8Array): Promise<Runner> {
  const { network, parameters } = importedNetwork(context, name, file);
  return step(context, name, network, parameters);
}

/** A training step of the same network, written with the operations of the graph. */
export async function writtenStep(context: Context, name: ImportedName, file: Uint8Array): Promise<Runner> {
  const { parameters } = importedNetwork(context, name, file);
  const weights = weightsOf(context, name, file);
  const frozen = Object.fromEntries(
    Object.entries(weights).filter(([own]) => !Object.hasOwn(parameters, own)),
  );
  const network: Network = (own, x) => writtenNetworks[name]({ ...constants(frozen), ...own }, x);
  return step(context, name, network, parameters);
}

/** Reading a file with many weights, tracing it and writing it again. */
export async function importLarge(): Promise<Runner> {
  const { layers, width } = large;
  const weights = Object.fromEntries(
    Array.from({ length: layers }, (_, k) => [
      `layer_${k}`,
      { dtype: "f32", shape: [width, width], data: new Float32Array(width * width).fill(1 / width) } as const,
    ]),
  );
  const chain = (own: Tensors, x: Tensor) => Object.values(own).reduce((h, w) => relu(matmul(h, w)), x);
  const file = exportOnnx(
    ({ x, ...own }) => chain(own, x),
    { x: f32("batch", width) },
    { constants: weights },
  );
  const read = () => {
    const model = importOnnx(file);
    return exportOnnx(({ x }) => model.apply({ x }), { x: f32("batch", width) });
  };
  return {
    reset() {},
    call: read,
    unitsPerCall: 1,
    check: () => [read().length / file.length > 0.99 ? 1 : 0],
  };
}

// Trains the small model that the workbench offers to try, and writes it to src/lib/workbench/sample: `node apps/site/scripts/make-sample-model.ts`
import { writeFile } from "node:fs/promises";
import { array, div, exportOnnx, f32, relu, type Tensor } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { solve } from "gradus/iterate";
import { accuracy, softmaxCrossEntropy } from "gradus/losses";
import { convolutionLayer, convolutionParameters, dense, denseParameters, flatten } from "gradus/nn";
import { randomStream } from "gradus/random";
import { adam, train } from "gradus/train";

/** The gray levels of the images are 0 .. 16. */
const LEVELS = 16;
/** The model has seen the first rows only, and not for long: there is something left to tune. */
const ROWS = 600;
const EPOCHS = 8;

const { x, y } = await loadDataset("digits");
const rows = (from: number, to: number) => ({
  x: array(Float32Array.from(x.values.subarray(from * 64, to * 64)), [to - from, 1, 8, 8]),
  y: array(BigInt64Array.from(y.subarray(from, to), BigInt)),
});

const stream = randomStream(1);
const initial = {
  conv1: convolutionParameters({ inputs: 1, outputs: 8, kernel: [3, 3], stream: stream.split("conv1") }),
  conv2: convolutionParameters({ inputs: 8, outputs: 16, kernel: [3, 3], stream: stream.split("conv2") }),
  head: denseParameters({ inputs: 256, outputs: 10, stream: stream.split("head") }),
};
type Layers = {
  readonly conv1: { readonly weights: Tensor; readonly bias: Tensor };
  readonly conv2: { readonly weights: Tensor; readonly bias: Tensor };
  readonly head: { readonly weights: Tensor; readonly bias: Tensor };
};

function digits({ conv1, conv2, head }: Layers, images: Tensor): Tensor {
  const scaled = div(images, LEVELS);
  const first = relu(convolutionLayer(conv1, scaled, { padding: "same" }));
  const second = relu(convolutionLayer(conv2, first, { padding: "same", strides: 2 }));
  return dense(head, flatten(second));
}

const { iterate } = await solve(
  train({
    loss: (parameters, batch) => softmaxCrossEntropy(digits(parameters, batch.x), batch.y),
    parameters: initial,
    data: rows(0, ROWS),
    optimizer: adam({ learningRate: 0.002 }),
    batchSize: 32,
    seed: 1,
    metrics: { accuracy: (parameters, batch) => accuracy(digits(parameters, batch.x), batch.y) },
    evaluation: { data: rows(ROWS, x.rows) },
  }),
  { maxIterations: EPOCHS },
);
const file = exportOnnx(
  ({ image, ...layers }) => ({ logits: digits(layers, image) }),
  { image: f32("batch", 1, 8, 8) },
  {
    constants: iterate.parameters,
    description: `Handwritten digits from 8 x 8 gray levels 0 .. ${LEVELS}, trained on the first ${ROWS} rows of the data set digits`,
  },
);
await writeFile(new URL("../src/lib/workbench/sample/digits-cnn.onnx", import.meta.url), file);
console.log(`${file.length} bytes, accuracy ${iterate.metrics?.accuracy} on the other ${x.rows - ROWS} rows`);

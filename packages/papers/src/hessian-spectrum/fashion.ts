import type { Tensor } from "@gradus/graph";
import { type LanczosRule, lanczosQuadrature, lossHessianOperator } from "gradus/curvature";
import { solve } from "gradus/iterate";
import { extremeEigenpairs } from "gradus/linalg";
import { softmaxCrossEntropy } from "gradus/losses";
import { heNormal, type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { compileTrainer, sgd } from "gradus/train";
import { imageBatch, scaledImages } from "../shared/images.ts";
import type { Labeled, Parameters } from "./problems.ts";

/** Rows that are trained on and on which the Hessian is taken. */
const ROWS = 10_000;
const EPOCHS = 20;
/** Somewhat more than twice the number of classes. */
const COUNT = 24;

export interface FashionSpectrum {
  readonly M: number;
  readonly loss: number;
  /** Descending. */
  readonly top: Float64Array;
  readonly converged: boolean;
  readonly rules: readonly LanczosRule[];
  readonly products: number;
}

/** The top of the spectrum and quadrature rules of a 784-64-10 network trained on Fashion-MNIST, 50 890 parameters. */
export async function fashionSpectrum(seed: number, signal: AbortSignal): Promise<FashionSpectrum> {
  const data = imageBatch(await scaledImages("fashion-mnist", "f32", { most: ROWS }));
  const network = mlp({ inputs: 784, hidden: [64], outputs: 10, initializer: heNormal });
  const start: Parameters = network.parameters({ stream: randomStream(seed), dtype: "f32" });
  const loss = (parameters: MlpParameters, batch: Labeled<Tensor>) =>
    softmaxCrossEntropy(network.apply(parameters, batch.x), batch.y);
  using trainer = await compileTrainer({
    loss,
    parameters: start,
    data,
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize: 100,
  });
  const { iterate } = await solve(trainer.train({ epochs: EPOCHS, seed, signal }));
  using H = await lossHessianOperator({ loss, parameters: iterate.parameters, data });
  const top = await extremeEigenpairs(H, { count: COUNT, tolerance: 1e-4, seed, signal });
  const quadrature = (await solve(lanczosQuadrature(H, { probes: 4, steps: 60, seed, signal }))).iterate;
  return {
    M: H.rows,
    loss: iterate.loss ?? Number.NaN,
    top: top.values,
    converged: top.converged,
    rules: quadrature.rules,
    products: top.products + quadrature.products,
  };
}

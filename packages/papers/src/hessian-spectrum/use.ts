import { array } from "@gradus/graph";
import { lossHessianOperator } from "gradus/curvature";
import { loadDataset } from "gradus/data";
import { extremeEigenpairs } from "gradus/linalg";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";

const { x, y } = await loadDataset("iris");
const data = { x: array(x), y: array(BigInt64Array.from(y, BigInt), [x.rows]) };
const network = mlp({ inputs: x.columns, hidden: [16], outputs: 3 });
const parameters = network.parameters({ stream: randomStream(1), dtype: "f64" });

using hessian = await lossHessianOperator({
  loss: (p, batch) => softmaxCrossEntropy(network.apply(p, batch.x), batch.y),
  parameters,
  data,
});
const { values } = await extremeEigenpairs(hessian, { count: 5 });
console.log(`of ${hessian.rows} eigenvalues the largest:`, values);

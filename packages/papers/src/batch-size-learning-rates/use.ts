import { array } from "@gradus/graph";
import { curvatureSchedule, lossHessianOperator } from "gradus/curvature";
import { loadDataset } from "gradus/data";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { takeRows } from "gradus/tree";

const { x, y } = await loadDataset("digits");
const data = { x: array(x), y: array(BigInt64Array.from(y, BigInt), [x.rows]) };
const network = mlp({ inputs: x.columns, hidden: [16], outputs: 10 });
const parameters = network.parameters({ stream: randomStream(1), dtype: "f64" });
const batch = (k: number) => Int32Array.from({ length: 64 }, (_, i) => (64 * k + i) % x.rows);

using hessian = await lossHessianOperator({
  loss: (p, rows) => softmaxCrossEntropy(network.apply(p, rows.x), rows.y),
  parameters,
  data: takeRows(data, batch(0)),
});
const { rates } = await curvatureSchedule().update((draw) =>
  hessian.at({ parameters, data: takeRows(data, batch(draw)) }),
);
console.log(rates); // for batches of 64; ask again while training

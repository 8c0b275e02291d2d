import { loadDataset, standardize } from "gradus/data";
import { solve } from "gradus/iterate";
import { squaredLoss } from "gradus/losses";
import { linearTargets, sso, targetLoss, targetProblem } from "gradus/target-surrogates";

const { x, y } = await loadDataset("diabetes");
const model = linearTargets(standardize(x).apply(x));
const loss = targetLoss(
  squaredLoss,
  y.map((value) => value / 100),
);

const problem = targetProblem(model, loss, { batchSize: 64 });
const method = sso(problem, new Float64Array(x.columns), { innerSteps: 20 });
const { iterate } = await solve(method, { maxIterations: 50 });
console.log(`loss of the last batch ${iterate.batchLoss} after`, iterate.counts);

import { writeFile } from "node:fs/promises";
import { exportClassifier, loadTumors, majorityShare, trainClassifier } from "./classifier.ts";

const EPOCHS = 20;
const SEED = 1;
const FILE = "tumors.onnx";

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

const problem = await loadTumors({ seed: SEED });
const { training, test, features, classNames } = problem;
console.log(`Is a tumor ${classNames.join(" or ")}, given ${features} measurements of its cells?`);
console.log(`${training.y.data.length} tumors to train on, ${test.y.data.length} held out for the test.\n`);

console.log("epoch   training loss   test accuracy");
for await (const { epoch, loss, metrics, parameters, done } of trainClassifier(problem, {
  seed: SEED,
  epochs: EPOCHS,
})) {
  if (loss === undefined || !metrics) continue; // before the first step
  if (epoch === 1 || epoch % 5 === 0)
    console.log(
      `${String(epoch).padStart(5)}${loss.toFixed(4).padStart(16)}${percent(metrics.accuracy).padStart(16)}`,
    );
  if (!done) continue;
  const file = exportClassifier(problem, parameters);
  await writeFile(FILE, file);
  console.log(`\n${percent(metrics.accuracy)} of the held-out tumors are classified correctly.`);
  console.log(`Always answering with the more common class would get ${percent(majorityShare(test))}.`);
  console.log(
    `The trained model is in ${FILE} (${(file.length / 1000).toFixed(1)} kB), for any ONNX runtime.`,
  );
}

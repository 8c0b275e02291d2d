import { loadDataset, selectRows, standardize } from "gradus/data";
import { classifierModel, compareExplanations, explainers } from "gradus/explain";
import { crossEntropyLoss, fitLinearClassifier } from "gradus/train";

// Why does a classifier of tumors score this row as it does? Eight answers, side by side.
const { x, y, featureNames } = await loadDataset("breast-cancer");
const rows = standardize(x).apply(x);
const { model } = await fitLinearClassifier(rows, y, { loss: crossEntropyLoss(), seed: 1 });

const row = selectRows(rows, [13]);
const { names, explanations } = await compareExplanations(classifierModel(model), row);
names.forEach((name, i) => {
  const w = explanations[i].attributions.values;
  const sizes = w.map(Math.abs);
  const first = sizes.indexOf(Math.max(...sizes));
  console.log(`${explainers[name].label}: ${featureNames[first]} ${w[first].toFixed(4)}`);
});

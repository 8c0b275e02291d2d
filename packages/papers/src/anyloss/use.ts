import { loadDataset, standardize } from "gradus/data";
import { confusionMatrix } from "gradus/statistics";
import { anyLoss, fitLinearClassifier, predictionsOf } from "gradus/train";

const { x, y } = await loadDataset("breast-cancer");
const features = standardize(x).apply(x);

const options = { loss: anyLoss("f1"), learningRate: 0.01 };
const { model } = await fitLinearClassifier(features, y, options);
console.log(confusionMatrix(y, predictionsOf(model, features)));

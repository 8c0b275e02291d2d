import { loadDataset } from "gradus/data";

const { x, featureNames } = await loadDataset("iris");
console.log(x.rows, featureNames);

export { DesignRows, designRows } from "./design-rows.ts";
export { type LogisticRowsArguments, logisticCurvatures, logisticRows } from "./logistic.ts";

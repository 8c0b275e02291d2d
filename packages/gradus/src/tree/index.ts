export { type AsTensors, flattenArrays, mapArrays, type Values } from "./arrays.ts";
export { type ParameterLayout, parameterLayout } from "./parameter-layout.ts";
export { joinRows, rowCount, rowRange, takeRows } from "./rows.ts";

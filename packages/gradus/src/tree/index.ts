export { type AsTensors, flattenArrays, mapArrays, type Values, type ValuesOf } from "./arrays.ts";
export { type ParameterLayout, type ParameterSlot, parameterLayout } from "./parameter-layout.ts";
export { joinRows, rowCount, rowRange, takeRows } from "./rows.ts";

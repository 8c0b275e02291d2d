export { type GridLaplacian, gridLaplacian } from "./grid-laplacian.ts";
export type { GridCells } from "./layout.ts";
export type { GridStart, GridTurn, GridVectors } from "./vectors.ts";

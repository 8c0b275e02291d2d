// The module `grids`: conjugate gradients for the graph Laplacian of a grid's cells.
export { gridProduct, gridStep, gridTurn, planeRange, rowRange, turnRange } from "./grid-laplacian";

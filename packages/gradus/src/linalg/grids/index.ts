// Operators on the cells of a box in 1 to 3 dimensions, with obstacles, known by their products; and multigrid.

// Operators

export type { GridBoundary, GridOperator } from "./contract.ts";
export {
  type DiffusionOptions,
  diffusionOperator,
  type PoissonOptions,
  poissonOperator,
} from "./diffusion.ts";
export { type StencilOptions, stencilOperator } from "./stencil.ts";

// Preconditioners

export { type MultigridOptions, multigridPreconditioner } from "./multigrid.ts";

// Types of several of these

export type { GridDomain } from "./domain.ts";

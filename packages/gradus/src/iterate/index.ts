export { packCheckpoint, parseCheckpoint, serializeCheckpoint, unpackCheckpoint } from "./checkpoint.ts";
export {
  type Iterate,
  iterates,
  type Limits,
  type Method,
  type MethodOptions,
  pacer,
  type Solution,
  type SolveStatus,
  type Stepper,
  solve,
} from "./iterate.ts";

export {
  ArgumentError,
  ConvergenceError,
  DataError,
  DataMissingError,
  GradusError,
  MissingClassError,
} from "./errors.ts";

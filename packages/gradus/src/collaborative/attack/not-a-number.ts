import { zerosAs } from "../vector.ts";
import { type Attack, repeated } from "./contract.ts";

/** All faulty nodes send NaN in every coordinate: a rule that averages without checking loses every model. */
export function notANumber(): Attack {
  return {
    name: "NaN",
    models: (honest, { faulty }) => repeated(zerosAs(honest[0]).fill(Number.NaN), faulty),
  };
}

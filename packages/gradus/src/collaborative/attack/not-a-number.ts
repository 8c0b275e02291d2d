import { zerosAs } from "../vector.ts";
import { type Attack, readingAttack, repeated } from "./contract.ts";

/** All faulty nodes send NaN in every coordinate: a rule that averages without checking loses every model. */
export function notANumber(): Attack {
  return readingAttack({
    name: "NaN",
    models: (honest, { faulty }) => repeated(zerosAs(honest[0]).fill(Number.NaN), faulty),
  });
}

import { DataError } from "../check/errors.ts";

/** Integers that float64 would round: labels and identifiers would become others. */
export class InexactError extends DataError {}

import type { SizeOf } from "../ops/product-operations.ts";
import type { ForMachine } from "../runtime/runtime.ts";
import type { Specs, TracedProgram } from "../trace.ts";

/** Traces a program again, with a signature made from its own. */
export type TraceAgain = (change: (specs: Specs) => Specs) => TracedProgram;

/** Makes the models of a program for one machine; undefined where no runtime asks for them. */
export type ModelsForMachine = (
  traced: TracedProgram,
  sizes: Readonly<Record<string, number>> | undefined,
  traceAgain?: TraceAgain,
) => ForMachine | undefined;

/** The expected sizes of named dimensions; 1 where nothing is known, for what pays with many rows only. */
export const knownSizes =
  (sizes: Readonly<Record<string, number>> = {}): SizeOf =>
  (name) =>
    sizes[name] ?? 1;

import type { ModelsForMachine } from "./contract.ts";

/** WebAssembly runs the same model on every machine. */
export const forMachine: ModelsForMachine = () => undefined;

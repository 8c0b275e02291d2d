import { InputError } from "../errors.ts";

/** The threads of programs that do not ask for any: GRADUS_THREADS. @throws InputError when it is no such number */
export function threadsOfEnvironment(): number | undefined {
  const { GRADUS_THREADS: given } = process.env;
  if (!given) return undefined;
  if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
  throw new InputError(`GRADUS_THREADS must be a positive integer, got "${given}"`);
}

/** The build of ONNX Runtime that GRADUS_RUNTIME asks for. @throws InputError when there is no such build */
export function buildOfEnvironment(): "native" | "wasm" | undefined {
  const { GRADUS_RUNTIME: given } = process.env;
  if (!given) return undefined;
  if (given === "native" || given === "wasm") return given;
  throw new InputError(`GRADUS_RUNTIME must be "native" or "wasm", got "${given}"`);
}

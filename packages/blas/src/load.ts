import { SimdUnavailableError } from "./errors.ts";
import { sharedHeap } from "./memory.ts";

/** A module with one function whose result is a vector of 128 bits, in hexadecimal digits. */
const SIMD_PROBE = "0061736d010000000105016000017b030201000a080106004100fd0f0b";

let simd: boolean | undefined;

/** Whether the engine compiles WebAssembly with 128-bit SIMD. */
export function simdAvailable(): boolean {
  simd ??= typeof WebAssembly === "object" && WebAssembly.validate(decode(SIMD_PROBE));
  return simd;
}

/** Scalar builds in hexadecimal digits by family, once they are in use. */
let scalarBuilds: Readonly<Record<string, string>> | undefined;
const instances = new Map<string, WebAssembly.Exports>();

/** Puts scalar builds in the place of those with SIMD, or takes them away again. */
export function replaceBuilds(builds: Readonly<Record<string, string>> | undefined): void {
  scalarBuilds = builds;
  instances.clear();
}

/** Whether the package can compute here: there is SIMD, or scalar builds are in use. */
export function blasAvailable(): boolean {
  return scalarBuilds !== undefined || simdAvailable();
}

/** The value of a hexadecimal digit by its character code: 48 to 57, and 97 to 102 for a to f. */
const digit = (code: number): number => (code & 15) + 9 * (code >> 6);

function decode(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = 16 * digit(digits.charCodeAt(2 * i)) + digit(digits.charCodeAt(2 * i + 1));
  return bytes;
}

/**
 * What a family exports, compiled on its first use; all families share one memory.
 *
 * @param code the bytes of its build with SIMD, in hexadecimal digits
 * @throws SimdUnavailableError where there is no SIMD and no scalar build is in use
 */
export function loadFamily<Exports>(family: string, code: string): Exports {
  let exports = instances.get(family);
  if (exports === undefined) {
    if (!blasAvailable())
      throw new SimdUnavailableError(
        "WebAssembly SIMD is not available; call useScalarBuilds() from @gradus/blas/scalar first",
      );
    const module = new WebAssembly.Module(decode(scalarBuilds?.[family] ?? code));
    // What the heap spells out, it is.
    const memory = sharedHeap().memory as WebAssembly.Memory;
    exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
    instances.set(family, exports);
  }
  return exports as Exports;
}

import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";

const isArray = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || ArrayBuffer.isView(value);

/**
 * Passes on what a function that writes into `out` returned. JavaScript accepts one that returns its result instead, and
 * so does TypeScript where the type says void: `out` would stay 0.
 *
 * @throws ArgumentError when it returned an array whose numbers `out` does not have
 */
export function written(name: string, returned: unknown, out: Float64Array): void | Promise<void> {
  if (returned instanceof Promise) return returned.then((later) => written(name, later, out));
  if (isArray(returned) && out.some((value, i) => !Object.is(value, returned[i])))
    throw new ArgumentError(`${name} must write its result into out, got ${shown(returned)} returned`);
}

import { InputError } from "./errors.ts";

/** Values keyed by argument name. */
type Named = Readonly<Record<string, unknown>>;

/** A value as an error message shows it: numbers as they are, text in quotes, anything else by its type. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return `${value.constructor.name} of length ${"length" in value ? value.length : value.byteLength}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return name && name !== "Object"
    ? `an object of class ${name}`
    : `an object with keys ${Object.keys(value).join(", ") || "(none)"}`;
}

function each(values: Named, wanted: string, fits: (value: unknown) => boolean): void {
  for (const [name, value] of Object.entries(values))
    if (!fits(value)) throw new InputError(`${name} must be ${wanted}, got ${shown(value)}`);
}

/** @throws InputError naming the first value that is not a finite number */
export function checkFinite(values: Named): void {
  each(values, "a finite number", Number.isFinite);
}

/** @throws InputError naming the first value that is not an integer >= 1 */
export function checkPositiveInteger(values: Named): void {
  each(values, "a positive integer", (value) => Number.isSafeInteger(value) && Number(value) >= 1);
}

/** @throws InputError naming the first value that is not an integer */
export function checkInteger(values: Named): void {
  each(values, "an integer", Number.isSafeInteger);
}

/** @throws InputError naming the first value that is not a function */
export function checkFunction(values: Named): void {
  each(values, "a function", (value) => typeof value === "function");
}

/** @throws InputError unless a model is a Uint8Array, a path or a URL; `of` as for `checkModelBytes` */
export function checkModelSource(of: string, model: unknown): void {
  if (!(model instanceof Uint8Array || model instanceof URL || (typeof model === "string" && model !== "")))
    throw new InputError(
      `${of}: the model must be a Uint8Array with the bytes of an ONNX file, or its path or URL, got ${shown(model)}`,
    );
}

/** @throws InputError unless a model is a Uint8Array; `of` is the public name of the function that takes it */
export function checkModelBytes(of: string, model: unknown): void {
  if (!(model instanceof Uint8Array))
    throw new InputError(
      `${of}: the model must be a Uint8Array with the bytes of an ONNX file, got ${shown(model)}`,
    );
}

/** @throws InputError naming the first value that is none of the choices */
export function checkOneOf(choices: readonly [string, string, ...string[]], values: Named): void {
  const quoted = choices.map((choice) => JSON.stringify(choice));
  each(values, `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`, (value) =>
    choices.some((choice) => choice === value),
  );
}

/**
 * Checks that options are an object with no fields other than the known ones.
 *
 * @param of the function that takes the options, by its public name
 * @throws InputError naming the unknown option and the known ones, an option that is null, or a signal that is none
 */
export function checkOptions(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new InputError(`the options of ${of} must be an object, got ${shown(options)}`);
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name))
      throw new InputError(`${of} has no option ${shown(name)}; its options are ${known.join(", ")}`);
    if (value === null) throw new InputError(`${of}: ${name} must not be null`);
    if (name === "signal" && value !== undefined && !(value instanceof AbortSignal))
      throw new InputError(`${of}: signal must be an AbortSignal, got ${shown(value)}`);
  }
}

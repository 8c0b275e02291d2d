import { InputError } from "./errors.ts";

/** A value as error messages show it: `"adam"`, `-3`, `null`, `Float32Array(4)`. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name || "Object";
  if (ArrayBuffer.isView(value) && "length" in value) return `${name}(${value.length})`;
  return Array.isArray(value) ? JSON.stringify(value) : name === "Object" ? "an object" : name;
}

/** @throws InputError unless the value is an integer of at least 1 */
export function checkPositiveInteger(name: string, value: unknown): void {
  if (!(Number.isSafeInteger(value) && Number(value) >= 1))
    throw new InputError(`${name} must be a positive integer, got ${describe(value)}`);
}

/** @throws InputError naming an option that is not known, and those that are */
export function checkOptions(caller: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new InputError(`${caller}: options must be an object, got ${describe(options)}`);
  for (const name in options)
    if (!known.includes(name))
      throw new InputError(`${caller}: unknown option ${name}; known options: ${known.join(", ")}`);
}

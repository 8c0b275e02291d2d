import { alternatives, shown } from "./describe.ts";
import { ArgumentError } from "./errors.ts";
import { checkEach, type Named } from "./numbers.ts";

/**
 * Checks that each value is one of the choices.
 *
 * @throws ArgumentError naming the first value that is not, and the choices
 */
export function checkOneOf(choices: readonly (string | number)[], values: Named): void {
  for (const name in values)
    if (!choices.some((choice) => choice === values[name]))
      throw new ArgumentError(`${name} must be ${alternatives(choices)}, got ${shown(values[name])}`);
}

/** An option that the function does not have. */
class UnknownOptionError extends ArgumentError {
  readonly options: object;
  readonly option: string;
  readonly of: string;
  readonly known: readonly string[];

  constructor(options: object, option: string, of: string, known: readonly string[]) {
    super(`${of} has no option ${shown(option)}; its options are ${known.join(", ")}`);
    this.options = options;
    this.option = option;
    this.of = of;
    this.known = known;
  }
}

/**
 * Checks that options are an object with no fields other than the known ones; `undefined` passes. Also checks `signal`,
 * `onProgress` and `onIterate`.
 *
 * @param of the function that takes the options, by its public name
 * @throws ArgumentError naming the unknown option and the known ones; the option that is null, or is inherited, which a
 * copy of the options would leave out
 */
export function checkOptions(of: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new ArgumentError(`the options of ${of} must be an object, got ${shown(options)}`);
  for (const name in options) {
    if (!known.includes(name)) throw new UnknownOptionError(options, name, of, known);
    const value: unknown = options[name as keyof typeof options];
    if (name === "signal") checkSignal({ signal: value });
    else if (value === null || !Object.hasOwn(options, name))
      throw new ArgumentError(`${name} must not be ${value === null ? "null" : "inherited"}`);
    else if (value && /^on(Progress|Iterate)$/.test(name)) checkFunction({ [name]: value });
  }
}

/**
 * Checks required options.
 *
 * @throws ArgumentError when they are missing; for an unknown option, naming it and the known ones
 */
export function checkGivenOptions(of: string, options: unknown, known: readonly string[]): void {
  if (options === undefined)
    throw new ArgumentError(`the options of ${of} must be an object, got ${shown(options)}`);
  checkOptions(of, options, known);
}

/**
 * Passes the options that a function does not use itself to the one that does.
 *
 * @param of the function, by its public name
 * @param own the options that it uses itself
 * @throws ArgumentError for an option that neither function has, naming the options of both; what `call` throws
 */
export function callWithRest<Rest extends object, Result>(
  of: string,
  own: readonly string[],
  rest: Rest,
  call: (rest: Rest) => Result,
): Result {
  try {
    return call(rest);
  } catch (error) {
    if (!(error instanceof UnknownOptionError) || error.options !== rest) throw error;
    const others = error.known.filter((name) => !own.includes(name));
    throw new ArgumentError(
      `${of} has no option ${shown(error.option)}; its options are ${own.join(", ")}, and of ${error.of} ${others.join(", ")}`,
    );
  }
}

/** @throws ArgumentError naming the value when it is neither undefined nor an AbortSignal */
export function checkSignal(values: Named): void {
  checkEach(values, "an AbortSignal", (value) => value === undefined || value instanceof AbortSignal);
}

/** @throws ArgumentError naming the first value that is neither true nor false */
export function checkBoolean(values: Named): void {
  checkEach(values, "true or false", (value) => typeof value === "boolean");
}

/** @throws ArgumentError naming the first value that is not a function */
export function checkFunction(values: Named): void {
  checkEach(values, "a function", (value) => typeof value === "function");
}

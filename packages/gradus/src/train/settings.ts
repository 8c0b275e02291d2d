import type { FloatType, TensorSpec } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";

/** Scalars that a run sets without compiling anew: step sizes, slopes. */
export type Settings = Readonly<Record<string, number>>;

/** The signature of settings: scalars of the parameters' type. */
export function settingSpecs(settings: Settings, dtype: FloatType): Record<string, TensorSpec> {
  return Object.fromEntries(Object.keys(settings).map((key) => [key, { dtype, shape: [] }]));
}

/**
 * The settings of one run: the initial ones, or what replaces them.
 *
 * @throws ArgumentError naming the setting that is not finite
 */
export function settingValues(initial: Settings, changed: Partial<Settings> = {}): Record<string, number> {
  return Object.fromEntries(
    Object.keys(initial).map((key) => {
      const value = changed[key] ?? initial[key];
      if (!Number.isFinite(value))
        throw new ArgumentError(`settings.${key} must be a finite number, got ${value}`);
      return [key, value];
    }),
  );
}

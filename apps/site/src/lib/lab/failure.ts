import type { LabFailure } from "./protocol.ts";

/** What Chromium, Firefox and Safari say of code that did not come. */
const NOT_LOADED = /dynamically imported module|importing a module script/i;

/** Whether a run failed because a part of its code could not be loaded, as without a network. */
export function lacksCode({ message }: LabFailure): boolean {
  return NOT_LOADED.test(message);
}

/** An error as a worker tells the page of it. */
export function failureOf(error: unknown): LabFailure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), details: String(error) };
  return {
    name: error.name,
    message: error.message,
    parameter: "parameter" in error && typeof error.parameter === "string" ? error.parameter : undefined,
    details: error.stack ?? `${error.name}: ${error.message}`,
  };
}

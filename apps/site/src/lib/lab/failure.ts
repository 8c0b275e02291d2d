import type { LabFailure } from "./protocol.ts";

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

import type { LabFailure } from "./protocol.ts";

/** What Chromium, Firefox and Safari say of code that did not come, and of a file. */
const NOT_LOADED = /dynamically imported module|importing a module script/i;
const NOT_FETCHED = /^(?:Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed)$/;

const MISSING_FILE = "a file that it needs could not be loaded. Check your connection and run it again.";

/** A failure of a worker itself. A browser says nothing of one whose script did not come, as without a network. */
export function crashed(message: string): LabFailure {
  return {
    name: "WorkerError",
    message: message || MISSING_FILE,
    details: message || "the worker did not start",
  };
}

/**
 * A failure for want of a part of the code or of a file, as without a network, in words for its reader: the browser's own
 * stay in the details. Undefined for any other.
 */
export function failedLoading(failure: LabFailure): LabFailure | undefined {
  if (!NOT_LOADED.test(failure.message) && !NOT_FETCHED.test(failure.message)) return undefined;
  return { ...failure, message: MISSING_FILE };
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

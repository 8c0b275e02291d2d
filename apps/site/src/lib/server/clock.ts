/** The clock settings among the environment variables. */
export interface ClockEnvironment {
  readonly GRADUS_NOW?: string;
  readonly GRADUS_ALLOW_CLOCK?: string;
  readonly NODE_ENV?: string;
}

/**
 * The site's only clock. `GRADUS_NOW` (an ISO instant) stops it at that instant, for tests.
 *
 * @throws Error when `GRADUS_NOW` is not an instant, or is set in production without `GRADUS_ALLOW_CLOCK=1`
 */
export function clock(environment: ClockEnvironment): () => Date {
  const { GRADUS_NOW: pinned, GRADUS_ALLOW_CLOCK: allowed, NODE_ENV: mode } = environment;
  if (!pinned) return () => new Date();
  if (mode === "production" && allowed !== "1")
    throw new Error("GRADUS_NOW is for tests only; to use it in production, set GRADUS_ALLOW_CLOCK=1");
  const instant = Date.parse(pinned);
  if (!/^\d{4}-\d\d-\d\dT/.test(pinned) || Number.isNaN(instant))
    throw new Error(`GRADUS_NOW must be an ISO instant such as 2025-12-25T12:00:00Z, got "${pinned}"`);
  return () => new Date(instant);
}

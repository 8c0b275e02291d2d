/** A release that must not be: what is wrong, and what to do. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}

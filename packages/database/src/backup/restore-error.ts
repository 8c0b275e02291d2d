/** A backup cannot be restored to its target. */
export class RestoreError extends Error {
  override name = "RestoreError";
}

/** A project cannot be created; the message says why, and what would do. Nothing has been written. */
export class ProjectError extends Error {
  override name = "ProjectError";
}

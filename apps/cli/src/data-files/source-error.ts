import { GradusError } from "gradus/check";

/** What is wrong with a file that a command reads: a model, a module's exports, or data. */
export class SourceError extends GradusError {
  override name = "SourceError";
}

import { error } from "@sveltejs/kit";
import { sectionOf } from "#lib/operator/sections.ts";
import type { Person } from "./sessions.ts";

/** Whether somebody may see a page of the operator's: administrators all of them, moderators those of moderation. */
export function mayOperate(person: Pick<Person, "role"> | undefined, path: string): boolean {
  if (person?.role === "administrator") return true;
  return person?.role === "moderator" && (sectionOf(path)?.moderators ?? false);
}

/**
 * The operator who asks for a page of the operator's.
 *
 * @throws HttpError 404 for everybody else: to them the page does not exist
 */
export function operatorOf({
  locals: { person },
  url,
}: {
  readonly locals: { readonly person?: Person };
  readonly url: URL;
}): Person {
  if (!person || !mayOperate(person, url.pathname)) error(404, "Not Found");
  return person;
}

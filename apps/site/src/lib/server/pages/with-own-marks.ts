import type { OwnMarks } from "#lib/person-view.ts";
import { ownMarks } from "../people/own-marks.ts";
import type { Person } from "../people/sessions.ts";
import { site } from "../site.ts";

interface Shown {
  readonly arxivId: string;
}

/** What pages with papers show. */
interface PageOfPapers {
  readonly feed?: { readonly entries: readonly Shown[] };
  readonly result?: { readonly entries: readonly Shown[] };
  readonly paper?: Shown;
}

/**
 * The data of a page with what its reader did with the papers that it shows; without a session, the page of all. A
 * page of somebody's own is never kept for others: only requests without cookies are answered from memory.
 */
export async function withOwnMarks<Data extends PageOfPapers>(
  person: Person | undefined,
  data: Data,
): Promise<Data & { own?: OwnMarks }> {
  if (!person) return data;
  const { feed, result, paper } = data;
  const shown = [...(feed?.entries ?? []), ...(result?.entries ?? []), ...(paper ? [paper] : [])];
  const { database } = await site();
  const ids = shown.map(({ arxivId }) => arxivId);
  return { ...data, own: await ownMarks(database.orm, person.id, ids) };
}

import type { OwnMarks } from "#lib/person-view.ts";
import { withoutHtml } from "#lib/sent-html.ts";
import type { ListEntry } from "#lib/views.ts";
import { ownMarks } from "../people/own-marks.ts";
import type { Person } from "../people/sessions.ts";
import { ownReportIds } from "../reports/own-reports.ts";
import { site } from "../site.ts";

interface ListOfPapers {
  readonly entries: readonly ListEntry[];
}

interface Shown {
  readonly arxivId: string;
}

/** What pages with papers show. */
interface PageOfPapers {
  readonly feed?: ListOfPapers;
  readonly result?: ListOfPapers;
  readonly paper?: Shown;
}

/** Of a request: who makes it, and whether it asks for a page's data alone. */
interface PageRequest {
  readonly locals: { readonly person?: Person };
  readonly isDataRequest: boolean;
}

function sent<List extends ListOfPapers>(list: List): List {
  return { ...list, entries: list.entries.map(withoutHtml) };
}

/**
 * The data of a page with what its reader did with the papers that it shows; without a session, the page of all. A
 * page of somebody's own is never kept for others: only requests without cookies are answered from memory. With a whole
 * page its data come without the HTML that its lists show.
 */
export async function pageData<Data extends PageOfPapers>(
  { locals: { person }, isDataRequest }: PageRequest,
  data: Data,
): Promise<Data & { own?: OwnMarks }> {
  const { feed, result, paper } = data;
  const page = isDataRequest
    ? data
    : { ...data, ...(feed && { feed: sent(feed) }), ...(result && { result: sent(result) }) };
  if (!person) return page;
  const shown = [...(feed?.entries ?? []), ...(result?.entries ?? []), ...(paper ? [paper] : [])];
  const { database } = await site();
  const ids = shown.map(({ arxivId }) => arxivId);
  const [marks, reports] = await Promise.all([
    ownMarks(database.orm, person.id, ids),
    paper ? ownReportIds(database.orm, person.id, paper.arxivId) : [],
  ]);
  return { ...page, own: { ...marks, reports } };
}

import { error, redirect } from "@sveltejs/kit";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { paperView } from "#lib/server/pages/paper-view.ts";
import { paperByArxivId } from "#lib/server/papers/papers.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params }) => {
  const reference = parseArxivId(params.id);
  if (!reference) error(404, "This is not an arXiv identifier. Example: 2412.08424.");
  const { id, version } = reference;
  const canonical = version === undefined ? id : `${id}v${version}`;
  if (canonical !== params.id) redirect(301, `/papers/${canonical}`);
  const { database, now } = await site();
  const paper = await paperByArxivId(database.orm, id);
  if (!paper) error(404, `arXiv ${id} is not on this site.`);
  return { paper: await paperView(database.orm, paper, now(), version) };
};

import { error } from "@sveltejs/kit";
import { paperPreview } from "#lib/server/pages/preview/preview.ts";
import { paperByArxivId } from "#lib/server/papers/papers.ts";
import { site } from "#lib/server/site.ts";
import type { RequestHandler } from "./$types";

/** The picture of a paper, for pages that link to it. */
export const GET: RequestHandler = async ({ params: { id } }) => {
  const { database } = await site();
  const paper = await paperByArxivId(database.orm, id);
  if (!paper || paper.hidden) error(404, `arXiv ${id} is not on this site.`);
  return new Response(await paperPreview(database.orm, paper), {
    headers: { "content-type": "image/png", "cache-control": "public, max-age=86400" },
  });
};

import { entries } from "#lib/docs/content.server.ts";
import { search } from "#lib/docs/search.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url }) => {
  const query = url.searchParams.get("q")?.slice(0, 100) ?? "";
  return { query, results: search(await entries(), query) };
};

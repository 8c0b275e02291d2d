import { feedOfAddress } from "#lib/server/feed-address.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, url }) => ({
  feed: await feedOfAddress("day", params.day, url.searchParams),
});

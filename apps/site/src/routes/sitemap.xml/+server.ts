import { navigation } from "#lib/docs/content.server.ts";
import { sitemap } from "#lib/server/feeds/sitemap.ts";
import { site } from "#lib/server/site.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ url }) => {
  const { database, now } = await site();
  const guides = (await navigation()).flatMap(({ pages }) => pages.map(({ href }) => href));
  const file = await sitemap(database.orm, url.origin, { today: now(), guides });
  return new Response(file, {
    headers: { "content-type": "application/xml; charset=utf-8", "cache-control": "public, max-age=3600" },
  });
};

import { json } from "@sveltejs/kit";
import { entries } from "#lib/docs/content.server.ts";
import type { RequestHandler } from "./$types";

/** What the search box looks through once a reader types. */
export const GET: RequestHandler = async () =>
  json(await entries(), { headers: { "cache-control": "public, max-age=300" } });

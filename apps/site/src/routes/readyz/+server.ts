import { json } from "@sveltejs/kit";
import { readiness } from "#lib/server/health.ts";
import { operations } from "#lib/server/operations.ts";
import { site } from "#lib/server/site.ts";

/** The site can answer from its database, whose schema is this version's. */
export async function GET() {
  const { version } = await operations();
  const state = await readiness((await site()).database.orm, version);
  const ready = Object.values(state).every(Boolean);
  const headers = { "cache-control": "no-store" };
  return json({ ready, ...state }, { status: ready ? 200 : 503, headers });
}

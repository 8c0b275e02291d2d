import { json } from "@sveltejs/kit";
import { readiness } from "#lib/server/health.ts";
import { operations } from "#lib/server/operations.ts";
import { site } from "#lib/server/site.ts";

/** The site can answer from its database, whose schema is this version's, and its jobs are not behind. */
export async function GET() {
  const { version } = await operations();
  const { database, upkeep, now } = await site();
  const { queueAge, ...checks } = await readiness({ orm: database.orm, version, upkeep, now: now() });
  const ready = Object.values(checks).every(Boolean);
  const headers = { "cache-control": "no-store" };
  return json({ ready, ...checks, queue_age_seconds: queueAge }, { status: ready ? 200 : 503, headers });
}

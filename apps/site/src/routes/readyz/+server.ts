import { json } from "@sveltejs/kit";
import { requestPipeline } from "#lib/server/request-pipeline.ts";
import { site } from "#lib/server/site.ts";
import { readiness } from "#lib/server/status/health.ts";

/** The site can answer from its database, whose schema is this version's, and its jobs are not behind. */
export async function GET() {
  const { version } = await requestPipeline();
  const { database, jobs } = await site();
  const { queueAge, ...checks } = await readiness({ orm: database.orm, version, jobs: jobs.names });
  const ready = Object.values(checks).every(Boolean);
  const headers = { "cache-control": "no-store" };
  return json(
    { ready, ...checks, queue_age_seconds: queueAge ?? null },
    { status: ready ? 200 : 503, headers },
  );
}

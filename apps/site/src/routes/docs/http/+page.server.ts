import { apiDocsView, exampleResponses } from "#lib/server/api/api-docs-view.ts";
import { versionedMemo } from "#lib/server/cache/versioned-memo.ts";
import { isConnectionError } from "#lib/server/database/connection-errors.ts";
import { requestPipeline } from "#lib/server/request-pipeline.ts";
import type { PageServerLoad } from "./$types";

const samples = versionedMemo<Awaited<ReturnType<typeof exampleResponses>>>();

/** The page says how to ask also while nothing can be answered. */
async function samplesOf(origin: string) {
  try {
    const version = await (await requestPipeline()).version();
    return await samples(version, origin, () => exampleResponses(origin));
  } catch (error) {
    if (isConnectionError(error)) return {};
    throw error;
  }
}

export const load: PageServerLoad = async ({ url: { origin } }) => ({
  api: apiDocsView(origin, await samplesOf(origin)),
  origin,
});

import { documentView, sampleAnswers } from "#lib/server/api/document-view.ts";
import { whileUnchanged } from "#lib/server/api/unchanged.ts";
import { operations } from "#lib/server/operations.ts";
import { site } from "#lib/server/site.ts";
import { isUnreachable } from "#lib/server/unreachable.ts";
import type { PageServerLoad } from "./$types";

const samples = whileUnchanged<Awaited<ReturnType<typeof sampleAnswers>>>();

/** The page says how to ask also while nothing can be answered. */
async function samplesOf(origin: string) {
  try {
    const version = await (await operations()).version();
    return await samples(version, origin, async () => sampleAnswers(await site(), origin, version));
  } catch (error) {
    if (isUnreachable(error)) return {};
    throw error;
  }
}

export const load: PageServerLoad = async ({ url: { origin } }) => ({
  api: documentView(origin, await samplesOf(origin)),
  origin,
});

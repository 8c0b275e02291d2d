import { rankingView } from "#lib/server/pages/ranking-view.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async () => ({ ranking: await rankingView(await site()) });

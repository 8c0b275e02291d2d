import { site } from "#lib/server/site.ts";
import { siteStatus } from "#lib/server/status/site-status.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async () => ({ status: await siteStatus(await site()) });

import { logsQueries } from "#lib/server/search/logged-search.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = () => ({ logsQueries: logsQueries(process.env) });

import { overview } from "#lib/docs/content.server.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = () => overview();

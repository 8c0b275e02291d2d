import { guide } from "#lib/docs/content.server.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ params }) => guide(params.guide);

import { modulePage } from "#lib/docs/content.server.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ params }) => modulePage(params.package, params.module);

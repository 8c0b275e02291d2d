import { packagePage } from "#lib/docs/content.server.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ params }) => packagePage(params.package);

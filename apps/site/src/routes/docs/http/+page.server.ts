import { documentView } from "#lib/server/api/document-view.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ url }) => ({ api: documentView(url.origin), origin: url.origin });

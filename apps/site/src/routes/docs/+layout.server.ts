import { navigation } from "#lib/docs/content.server.ts";
import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = async () => ({ navigation: await navigation() });

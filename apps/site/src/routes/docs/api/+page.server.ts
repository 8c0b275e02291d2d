import { redirect } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

/** The HTTP API has its page among the other documentation; the libraries' references stand below this address. */
export const load: PageServerLoad = () => redirect(308, "/docs/http");

import { error } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

/** What no other route of the documentation takes is not found there, among its navigation and with its search. */
export const load: PageServerLoad = ({ params }) =>
  error(404, `Documentation page "${params.rest}" not found.`);

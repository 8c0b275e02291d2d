import { runnablePapers } from "#lib/server/papers/runnable-papers.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = () => ({ papers: runnablePapers() });

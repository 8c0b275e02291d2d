import { fail, redirect } from "@sveltejs/kit";
import { searchFiles, searchPath } from "#lib/search-query.ts";
import { readForm } from "#lib/server/http/read-form.ts";
import { followed, followSearch, MOST_FOLLOWED, unfollowSearch } from "#lib/server/people/follows.ts";
import { returnPath } from "#lib/server/people/return-path.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

const messages = {
  "no query": "There is no search to follow.",
  "long query": "A search that you follow has at most 250 characters.",
  "too many": `You can follow ${MOST_FOLLOWED} searches. Unfollow one first.`,
  "no account": "This account was deleted.",
} as const;

const LONGEST_FIELD = 5000;

export const load: PageServerLoad = async ({ locals: { person } }) => {
  if (!person) redirect(303, "/sign-in?to=/followed");
  const { database } = await site();
  const searches = await followed(database.orm, person.id);
  return {
    searches: searches.map(({ query }) => {
      const search = { text: query, sort: "relevance", topics: [], runnableOnly: false } as const;
      return { query, path: searchPath(search), feeds: searchFiles(search) };
    }),
  };
};

/** The search that a form names, and where its reader goes back to. */
async function searchOf(request: Request) {
  const fields = await readForm(request);
  return {
    query: String(fields.get("query") ?? "").slice(0, LONGEST_FIELD),
    to: returnPath(fields.get("to") ?? "/followed"),
  };
}

export const actions: Actions = {
  async follow({ request, locals: { person } }) {
    if (!person) redirect(303, "/sign-in?to=/followed");
    const { query, to } = await searchOf(request);
    const { database, now } = await site();
    const refusal = await followSearch(database.orm, { userId: person.id, query, now: now() });
    if (refusal) return fail(400, { message: messages[refusal] });
    redirect(303, to);
  },
  async unfollow({ request, locals: { person } }) {
    if (!person) redirect(303, "/sign-in?to=/followed");
    const { query, to } = await searchOf(request);
    const { database } = await site();
    await unfollowSearch(database.orm, person.id, query);
    redirect(303, to);
  },
};

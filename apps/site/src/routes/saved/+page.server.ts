import { fail } from "@sveltejs/kit";
import { isStorable } from "#lib/server/http/json-body.ts";
import { readForm } from "#lib/server/http/read-form.ts";
import { marksSchema, mergeMarks, savedPapers } from "#lib/server/people/reading-marks.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ locals: { person } }) => {
  if (!person) return {};
  const { database } = await site();
  const saved = await savedPapers(database.orm, person.id);
  const own = {
    voted: [],
    saved: saved.map(({ arxivId }) => arxivId),
    read: saved.filter(({ read }) => read).map(({ arxivId }) => arxivId),
  };
  return { saved, own };
};

/** What a form says as JSON; undefined for what is none. */
function parseJson(text: FormDataEntryValue | null): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

export const actions: Actions = {
  async merge({ request, locals: { person } }) {
    if (!person) return fail(401, { message: "You are not signed in." });
    const given = parseJson((await readForm(request)).get("marks"));
    const marks = marksSchema.safeParse(given);
    if (!marks.success || !isStorable(given)) return fail(400, { message: "These are no marks." });
    const { database, now } = await site();
    await mergeMarks(database.orm, person.id, marks.data, now());
  },
};

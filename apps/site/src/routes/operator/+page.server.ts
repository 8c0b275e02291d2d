import { attention } from "#lib/server/operator/attention.ts";
import { mayOperate, operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  const person = operatorOf(event);
  const found = await attention(await site());
  return { attention: found.filter(({ path }) => mayOperate(person, path)) };
};

import { operatorSections } from "#lib/operator/sections.ts";
import { mayOperate, operatorOf } from "#lib/server/people/operators.ts";
import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = (event) => {
  const person = operatorOf(event);
  return { sections: operatorSections.filter(({ path }) => mayOperate(person, path)) };
};

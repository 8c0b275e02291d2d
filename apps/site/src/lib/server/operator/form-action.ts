import { fail, type RequestEvent, redirect } from "@sveltejs/kit";
import { Problem } from "../http/problem.ts";
import { readForm } from "../http/read-form.ts";
import { operatorOf } from "../people/operators.ts";
import { site } from "../site.ts";
import type { Decide } from "./decisions.ts";

/** Where a decision leads that says nothing where it is made. */
export type After = (event: RequestEvent, fields: FormData) => string;

/** The action of a form that decides of what its field names. */
export const formAction = (decide: Decide, field: string, after?: After) => async (event: RequestEvent) => {
  const by = operatorOf(event);
  const fields = await readForm(event.request);
  const outcome = await decide(await site(), by, String(fields.get(field) ?? ""));
  if (outcome instanceof Problem) return fail(400, { message: outcome.message });
  if (after) redirect(303, after(event, fields));
  return { done: outcome };
};

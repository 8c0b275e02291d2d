import type { Profile } from "@gradus/papers";
import type { ExperimentView } from "#lib/views.ts";
import { fieldText } from "./fields.ts";

/** What an experiment's form holds. */
export interface FormTexts {
  readonly profile: Profile;
  readonly seed: string;
  /** The fields' texts by parameter. */
  readonly texts: Readonly<Record<string, string>>;
}

/** A form that an address tells of. */
export interface SharedForm extends FormTexts {
  readonly experiment: string;
}

const SET = "set.";

/** The query of an address under which an experiment's form is as it is now: only what differs from the paper's is in it. */
export function shareQuery(
  view: Pick<ExperimentView, "id" | "fields">,
  { profile, seed, texts }: FormTexts,
): string {
  const query = new URLSearchParams({ experiment: view.id, profile, seed: seed.trim() });
  for (const { name, values } of view.fields) {
    const text = texts[name];
    if (text !== undefined && text !== fieldText(values[profile])) query.set(SET + name, text);
  }
  return query.toString();
}

/** The form that an address tells of; undefined when it names no experiment of these. Unknown parameters are passed over. */
export function readShare(
  query: URLSearchParams,
  experiments: readonly Pick<ExperimentView, "id" | "fields">[],
): SharedForm | undefined {
  const view = experiments.find(({ id }) => id === query.get("experiment"));
  if (!view) return undefined;
  const profile = query.get("profile") === "full" ? "full" : "quick";
  const texts = view.fields.map(({ name, values }) => [
    name,
    query.get(SET + name) ?? fieldText(values[profile]),
  ]);
  return { experiment: view.id, profile, seed: query.get("seed") ?? "1", texts: Object.fromEntries(texts) };
}

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

/** A form that an address describes. */
export interface SharedForm extends FormTexts {
  readonly experiment: string;
}

const SET = "set.";

/** The query of an address under which an experiment's form is as it is now: only what differs from the paper's is in it. */
export function sharedFormQuery(
  view: Pick<ExperimentView, "id" | "fields" | "seedless">,
  { profile, seed, texts }: FormTexts,
): string {
  const query = new URLSearchParams({ experiment: view.id, profile });
  if (!view.seedless) query.set("seed", seed.trim());
  for (const { name, values } of view.fields) {
    const text = texts[name];
    if (text !== undefined && text !== fieldText(values[profile])) query.set(SET + name, text);
  }
  return query.toString();
}

/**
 * The form that an address describes; undefined when it names no experiment of these. Unknown parameters are passed over,
 * and so is the seed where nothing is random: that form has no field for it.
 */
export function readSharedForm(
  query: URLSearchParams,
  experiments: readonly Pick<ExperimentView, "id" | "fields" | "seedless">[],
): SharedForm | undefined {
  const view = experiments.find(({ id }) => id === query.get("experiment"));
  if (!view) return undefined;
  const profile = query.get("profile") === "full" ? "full" : "quick";
  const texts = view.fields.map(({ name, values }) => [
    name,
    query.get(SET + name) ?? fieldText(values[profile]),
  ]);
  const seed = (view.seedless ? null : query.get("seed")) ?? "1";
  return { experiment: view.id, profile, seed, texts: Object.fromEntries(texts) };
}

/** The most names of parameters that a notice lists, and the most characters of each. */
const NAMES_TOLD = 3;
const NAME_LENGTH = 30;

const named = (name: string) => `“${name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name}”`;

/** The parameters that an address sets and an experiment has not, or a browser cannot set. */
function unknownParameters(query: URLSearchParams, { fields }: Pick<ExperimentView, "fields">): string[] {
  const names = [...new Set(query.keys())]
    .filter((key) => key.startsWith(SET))
    .map((key) => key.slice(SET.length));
  return names.filter((name) => fields.every((field) => field.name !== name || field.dataDirectory));
}

/** The notice above a form that an address filled. */
export function sharedFormNotice(
  query: URLSearchParams,
  view: Pick<ExperimentView, "fields">,
  {
    profile,
    problems,
  }: Pick<FormTexts, "profile"> & { readonly problems: Readonly<Record<string, string | undefined>> },
): string {
  const unknown = unknownParameters(query, view);
  const more = unknown.length > NAMES_TOLD ? ` and ${unknown.length - NAMES_TOLD} more` : "";
  const wrong = Object.values(problems).some((problem) => problem !== undefined);
  return [
    wrong
      ? "The form was filled from the link, but some values are invalid: see the messages in the form."
      : profile === "full"
        ? "The form was filled from the link. The full profile runs in Node; the form shows the command."
        : "The form was filled from the link. Press Run to measure.",
    ...(unknown.length > 0
      ? [
          `The link also sets ${unknown.slice(0, NAMES_TOLD).map(named).join(", ")}${more}, which ${unknown.length > 1 ? "are" : "is"} ignored.`,
        ]
      : []),
  ].join(" ");
}

import { formatFigure, type Profile } from "@gradus/papers";

/** A value that a form field holds. */
export type FieldValue = number | string | boolean | readonly (number | string)[];

/** A parameter of an experiment, as a form field. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: "number" | "integer" | "choice" | "switch" | "text" | "numbers" | "words";
  /** What the field holds before it is changed, for each profile. */
  readonly values: Readonly<Record<Profile, FieldValue>>;
  readonly minimum?: number;
  readonly maximum?: number;
  /** What can be chosen: of `choice`, and of each word of `words`. */
  readonly options?: readonly string[];
  /** It asks for files of the data directory, which a browser has not: it stays as the profile has it. */
  readonly dataDirectory?: true;
  /** Bytes of test images that it loads from this site where it asks for more than the quick profile. */
  readonly download?: number;
}

/** The field's text as a person edits it. */
export function fieldText(value: FieldValue): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** What the field holds when it asks for more than it does in the quick profile. */
function askingForMore({ kind, values }: Field): string {
  return kind === "switch" ? String(!values.quick) : fieldText(values.full);
}

/** A word of a command line, quoted where a shell would take its characters for its own. */
function shellWord(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What a command says beside the experiment. */
export interface CommandOptions {
  /** The seed's text: 1, the paper's, is not named, and neither is what is no seed. */
  readonly seed: string;
  /** Parameters that were changed. */
  readonly changed?: Readonly<Record<string, FieldValue>>;
  /** Parameters that ask for files, in place of the full profile. */
  readonly files?: readonly Field[];
}

/**
 * The command that runs an experiment in Node as a page cannot: with the values of the full profile, or with those
 * parameters that ask for files. Texts come from links too: a shell gets each as one word.
 */
export function nodeCommand(
  paper: string,
  experiment: string,
  { seed, changed = {}, files }: CommandOptions,
): string {
  const size = files?.map((field) => `--set ${field.name}=${askingForMore(field)}`) ?? ["--profile full"];
  const set = Object.entries(changed).map(
    ([name, value]) => `--set ${shellWord(`${name}=${Array.isArray(value) ? value.join(",") : value}`)}`,
  );
  const isPlain = seed.trim() === "1" || seedProblem(seed) !== undefined;
  return [
    `npx gradus run ${paper}/${experiment}`,
    ...size,
    ...set,
    ...(isPlain ? [] : [`--seed ${seed.trim()}`]),
  ].join(" ");
}

/** A field's text that is not a value, with what is wrong. */
export class FieldError extends Error {
  override name = "FieldError";
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** A number as limits of fields are written, with commas between thousands. */
const WITH_COMMAS = /^-?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/;

function parseNumber(field: Field, text: string): number {
  const typed = text.trim().replace("−", "-");
  const plain = WITH_COMMAS.test(typed) ? typed.replaceAll(",", "") : typed;
  const value = plain === "" ? Number.NaN : Number(plain);
  if (!Number.isFinite(value)) throw new FieldError(field.name, `"${text.trim()}" is not a number`);
  return value;
}

/**
 * The value that a field's text stands for. Bounds are left to the experiment's schema.
 *
 * @throws FieldError when the text is not a value of the field's kind
 */
export function parseField(field: Field, text: string): FieldValue {
  const items = () =>
    text
      .split(/[,;\s]+/)
      .map((item) => item.trim())
      .filter((item) => item !== "");
  switch (field.kind) {
    case "switch":
      return text === "true";
    case "choice":
      return typeof field.values.quick === "number" ? parseNumber(field, text) : text;
    case "text":
      return text;
    case "words":
      return items();
    case "numbers":
      return items().map((item) => parseNumber(field, item));
    case "number":
    case "integer":
      return parseNumber(field, text);
  }
}

/** A limit of a field, with all digits where it is whole. */
export function limitText(limit: number): string {
  return Number.isSafeInteger(limit) ? limit.toLocaleString("en-US") : formatFigure(limit);
}

/** What is wrong with a field's text as far as the page can tell; the experiment's own schema has the last word. */
export function fieldProblem(field: Field, text: string): string | undefined {
  let value: FieldValue;
  try {
    value = parseField(field, text);
  } catch (error) {
    if (error instanceof FieldError) return error.message;
    throw error;
  }
  const { kind, minimum = -Infinity, maximum = Infinity, options } = field;
  if (typeof value === "number") {
    if (kind === "integer" && !Number.isInteger(value)) return `${text.trim()} is not an integer`;
    if (value < minimum) return `${text.trim()} is less than ${limitText(minimum)}`;
    if (value > maximum) return `${text.trim()} is more than ${limitText(maximum)}`;
  }
  if ((kind === "words" || kind === "choice") && options) {
    const words = Array.isArray(value) ? value : [value];
    const unknown = words.find((word) => !options.includes(String(word)));
    if (unknown !== undefined) return `"${unknown}" is not one of ${options.join(", ")}`;
  }
  return undefined;
}

/** What is wrong with a seed's text. */
export function seedProblem(text: string): string | undefined {
  if (!/^\d+$/.test(text.trim())) return "the seed must be a non-negative integer";
  if (!Number.isSafeInteger(Number(text))) return `the seed must be at most ${Number.MAX_SAFE_INTEGER}`;
  return undefined;
}

/**
 * The parameters that differ from the profile's own: what a run sets. Empty when nothing was changed, so
 * that typing a value and typing it back leaves the run the paper's.
 *
 * @throws FieldError when a field's text is not a value of its kind
 */
export function changedParameters(
  fields: readonly Field[],
  texts: Readonly<Record<string, string>>,
  profile: Profile,
): Record<string, FieldValue> {
  const changed: Record<string, FieldValue> = {};
  for (const field of fields) {
    const text = texts[field.name];
    if (text === undefined || text === fieldText(field.values[profile])) continue;
    const value = parseField(field, text);
    if (JSON.stringify(value) !== JSON.stringify(field.values[profile])) changed[field.name] = value;
  }
  return changed;
}

/** Those of the changed parameters whose texts are values. */
export function validChanges(
  fields: readonly Field[],
  texts: Readonly<Record<string, string>>,
  profile: Profile,
): Record<string, FieldValue> {
  const valid = fields.filter((field) => fieldProblem(field, texts[field.name] ?? "") === undefined);
  return changedParameters(valid, texts, profile);
}

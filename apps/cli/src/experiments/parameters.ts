import { type Experiment, ParameterError, type Profile, resolveParameters } from "@gradus/papers";
import { z } from "zod";
import { didYouMean, either } from "../command-line/suggest.ts";
import { UsageError } from "../errors.ts";
import { layoutTable } from "../terminal/table.ts";

type Schema = z.core.JSONSchema.BaseSchema;

function fields(experiment: Experiment): Record<string, Schema> {
  const schema = z.toJSONSchema(experiment.parameters, { io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
      typeof field === "object" ? [[name, field]] : [],
    ),
  );
}

function types({ type }: Schema): readonly string[] {
  return type === undefined ? [] : Array.isArray(type) ? type : [type];
}

function firstItem({ items }: Schema): Schema {
  return typeof items === "object" && !Array.isArray(items) ? items : {};
}

/** The value a text stands for under a JSON schema, or nothing when it stands for none. */
function coerce(text: string, schema: Schema): unknown {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) {
    for (const alternative of alternatives) {
      const value = typeof alternative === "object" ? coerce(text, alternative) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  }
  const choices = schema.const !== undefined ? [schema.const] : schema.enum;
  if (choices) return choices.find((choice) => String(choice) === text);
  const kinds = types(schema);
  if (kinds.includes("null") && text === "null") return null;
  if (kinds.includes("boolean")) return text === "true" ? true : text === "false" ? false : undefined;
  if (kinds.includes("integer") || kinds.includes("number")) {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  if (kinds.includes("array")) {
    const parts = text === "" ? [] : text.split(",");
    const values = parts.map((part) => coerce(part.trim(), firstItem(schema)));
    return values.includes(undefined) ? undefined : values;
  }
  return kinds.includes("string") ? text : undefined;
}

const farthest = Number.MAX_SAFE_INTEGER;

function bounds(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const low = minimum !== undefined && minimum > -farthest ? minimum : undefined;
  const high = maximum !== undefined && maximum < farthest ? maximum : undefined;
  if (low !== undefined && high !== undefined) return `from ${low} to ${high}`;
  return [
    low !== undefined ? `at least ${low}` : "",
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : "",
    high !== undefined ? `at most ${high}` : "",
    exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : "",
  ]
    .filter((phrase) => phrase !== "")
    .join(", ");
}

/** A JSON schema in words, such as `whole number from 1 to 9`: in a sentence with its `article`. */
function describeSchema(schema: Schema, article = ""): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives)
    return either(alternatives.flatMap((s) => (typeof s === "object" ? [describeSchema(s, article)] : [])));
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return either(schema.enum.map(String));
  const kinds = types(schema);
  const words = kinds.map((kind) => {
    if (kind === "boolean") return "true or false";
    if (kind === "array") {
      const least =
        schema.minItems !== undefined && schema.minItems > 0 ? `at least ${schema.minItems}, ` : "";
      const most = schema.maxItems !== undefined ? `at most ${schema.maxItems}, ` : "";
      return `${describeSchema(firstItem(schema), article)}; ${least}${most}separated by commas`;
    }
    if (kind === "integer" || kind === "number")
      return `${article}${kind === "integer" ? "whole number" : "number"} ${bounds(schema)}`.trim();
    return kind === "string" ? "text" : kind;
  });
  return either(words);
}

/** A parameter's value as `--set` takes it. */
export function formatValue(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(",") : String(value);
}

/** A parameter as data: its values in the profiles, what it must be, and what it means. */
export interface ListedParameter {
  readonly name: string;
  readonly quick: unknown;
  readonly full: unknown;
  readonly values: string;
  readonly description: string;
}

/** The parameters of an experiment as data. */
export function listParameters(experiment: Experiment): ListedParameter[] {
  const quick = resolveParameters(experiment, "quick");
  const full = resolveParameters(experiment, "full");
  return Object.entries(fields(experiment)).map(([name, schema]) => ({
    name,
    quick: quick[name],
    full: full[name],
    values: describeSchema(schema),
    description: schema.description ?? "",
  }));
}

/** The parameters of an experiment as a table: their values in profiles, what they must be, what they mean. */
export function parameterTable(
  experiment: Experiment,
  profiles: readonly Profile[],
  width: number,
  header?: (text: string) => string,
): string[] {
  const rows = listParameters(experiment).map((parameter) =>
    [
      parameter.name,
      ...profiles.map((profile) => formatValue(parameter[profile])),
      parameter.values,
      parameter.description,
    ].map((text) => ({ text })),
  );
  if (rows.length === 0) return ["It has no parameters."];
  const columns = [
    { header: "parameter", wraps: false },
    ...profiles.map((profile) => ({ header: profile })),
    { header: "values" },
    { header: "" },
  ];
  return layoutTable(columns, rows, { width, header });
}

/** Splits `name=value`. @throws UsageError when there is no `=` or no name */
export function splitAssignment(text: string, option = "--set"): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`${option} must be name=value, got "${text}"`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/**
 * The parameters that `--set` changes, as values of their types, checked against the experiment's schema.
 *
 * @throws UsageError naming the parameter, what it got and what it expected, with the table of all parameters
 */
export function parseAssignments(
  experiment: Experiment,
  profile: Profile,
  assignments: readonly string[],
  width: number,
): Record<string, unknown> {
  const known = fields(experiment);
  const fail = (message: string): never => {
    const table = parameterTable(experiment, [profile], width).join("\n");
    throw new UsageError(`${message}\n\nParameters of ${experiment.id}:\n${table}`);
  };
  const set: Record<string, unknown> = {};
  const refuse = (name: string, value: string) =>
    fail(
      `parameter ${name}: expected ${describeSchema(known[name], "a ")}, got ${value === "" ? "nothing" : value}`,
    );
  for (const assignment of assignments) {
    const [name, text] = splitAssignment(assignment);
    if (!Object.hasOwn(known, name))
      fail(`${experiment.id} has no parameter "${name}".${didYouMean(name, Object.keys(known))}`);
    const value = coerce(text, known[name]);
    if (value === undefined) refuse(name, text);
    set[name] = value;
  }
  try {
    resolveParameters(experiment, profile, set);
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    if (Object.hasOwn(set, error.parameter)) refuse(error.parameter, formatValue(set[error.parameter]));
    fail(error.message);
  }
  return set;
}

/** What could follow `--set`: `name=`, and `name=value` where there are few values. */
export function assignmentCandidates(experiment: Experiment): { value: string; about?: string }[] {
  return Object.entries(fields(experiment)).flatMap(([name, schema]) => {
    const choices = types(schema).includes("boolean") ? [true, false] : (schema.enum ?? []);
    const about = schema.description ?? describeSchema(schema);
    return [
      { value: `${name}=`, about },
      ...choices.map((choice) => ({ value: `${name}=${choice}`, about })),
    ];
  });
}

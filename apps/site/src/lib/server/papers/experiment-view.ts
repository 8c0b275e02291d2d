import {
  type Experiment,
  type ExperimentEntry,
  type Paper,
  type Profile,
  resolveParameters,
  type TestImages,
} from "@gradus/papers";
import { z } from "zod";
import type { Field, FieldValue } from "#lib/lab/fields.ts";
import { testImageBytes } from "#lib/lab/test-images.ts";
import type { ExperimentView, RunnableView } from "#lib/views.ts";
import manifest from "../../../../package.json" with { type: "json" };
import { measuredView } from "./measurements/figures.ts";
import { pictureViews } from "./measurements/pictures.ts";
import { paperUse } from "./paper-use.ts";

/** The part of JSON Schema that parameters of experiments use. */
const propertySchema = z.object({
  type: z.enum(["number", "integer", "string", "boolean", "array"]).optional(),
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  items: z.object({ type: z.string().optional(), enum: z.array(z.string()).optional() }).optional(),
  /** A choice of single values. */
  anyOf: z.array(z.object({ const: z.union([z.number(), z.string()]) })).optional(),
});
const objectSchema = z.object({ properties: z.record(z.string(), propertySchema).default({}) });
const valueSchema = z.union([
  z.number(),
  z.string(),
  z.boolean(),
  z.array(z.union([z.number(), z.string()])),
]);

function kindOf(property: z.infer<typeof propertySchema>): Field["kind"] {
  if (property.enum || property.anyOf) return "choice";
  switch (property.type) {
    case "integer":
      return "integer";
    case "number":
      return "number";
    case "boolean":
      return "switch";
    case "array":
      return property.items?.type === "string" || property.items?.enum ? "words" : "numbers";
    default:
      return "text";
  }
}

/** zod writes the bounds of safe integers for every integer; they say nothing to a reader. */
function bound(...values: readonly (number | undefined)[]): number | undefined {
  return values.find((value) => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER);
}

/** Bytes of the test images of sets, or undefined for none. */
function downloadBytes(sets: readonly TestImages[]): number | undefined {
  const bytes = sets.reduce((sum, set) => sum + testImageBytes[set], 0);
  return bytes > 0 ? bytes : undefined;
}

/** The parameters of an experiment as form fields, from its schema. */
export function experimentFields(experiment: Experiment): Field[] {
  const { properties } = objectSchema.parse(z.toJSONSchema(experiment.parameters, { io: "input" }));
  const values = (profile: Profile): Record<string, FieldValue> =>
    z.record(z.string(), valueSchema).parse(resolveParameters(experiment, profile));
  const quick = values("quick");
  const full = values("full");
  return Object.entries(properties).map(([name, property]) => ({
    name,
    label: property.description ?? name,
    kind: kindOf(property),
    values: { quick: quick[name], full: full[name] },
    minimum: bound(property.minimum, property.exclusiveMinimum),
    maximum: bound(property.maximum, property.exclusiveMaximum),
    options: property.enum ?? property.anyOf?.map((choice) => String(choice.const)) ?? property.items?.enum,
    dataDirectory: experiment.dataDirectory?.includes(name) || undefined,
    download: downloadBytes(experiment.testImages?.[name] ?? []),
  }));
}

async function experimentView(paper: Paper, entry: ExperimentEntry): Promise<ExperimentView> {
  const experiment = await entry.load();
  return {
    id: experiment.id,
    title: experiment.title,
    description: experiment.description,
    claims: entry.claims,
    graph: entry.graph ?? false,
    seedless: entry.seedless ?? false,
    seconds: experiment.seconds,
    plots: experiment.plots,
    pictures: await pictureViews(paper.slug, experiment),
    fields: experimentFields(experiment),
    measured: await measuredView(paper, experiment),
  };
}

const views = new Map<string, Promise<RunnableView>>();

/** What the page of a runnable paper shows of it; its experiments are loaded at the first call. */
export function runnableView(paper: Paper): Promise<RunnableView> {
  let view = views.get(paper.slug);
  if (!view) {
    const { slug, headline, claims, remarks } = paper;
    view = Promise.all(paper.experiments.map((entry) => experimentView(paper, entry))).then(
      (experiments) => ({
        slug,
        version: manifest.version,
        headline,
        use: paperUse(slug),
        claims,
        remarks,
        experiments,
      }),
    );
    views.set(paper.slug, view);
  }
  return view;
}

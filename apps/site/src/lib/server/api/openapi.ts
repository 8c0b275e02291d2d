import { z } from "zod";
import manifest from "../../../../package.json" with { type: "json" };
import {
  compatibleProblemSchema,
  dailyPaperSchema,
  dailyPapersSchema,
  paperInfoSchema,
} from "./compatible/schemas.ts";
import { apiConventions } from "./conventions.ts";
import { isCompatible, isRateLimited, type Operation } from "./operation.ts";
import { operations } from "./operations/index.ts";
import { componentSchemas, problemSchema } from "./schemas.ts";

/** A JSON Schema, as far as the documentation reads it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const schemas = {
  ...componentSchemas,
  DailyPaper: dailyPaperSchema,
  DailyPapers: dailyPapersSchema,
  PaperInfo: paperInfoSchema,
  CompatibleProblem: compatibleProblemSchema,
} as const;

const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });

const reference = (id: string) => `#/components/schemas/${id}`;

/** Names of schemas that stand by themselves. */
function nameOf(schema: z.ZodType): string {
  const found = Object.entries(schemas).find(([, known]) => known === schema);
  if (!found) throw new Error("a result's schema has no name; add it to the components");
  return found[0];
}

/** Leaves out what says nothing to a reader: the bounds of safe integers, and patterns beside the format they are of. */
function override({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

function components(): Record<string, JsonSchema> {
  const made = z.toJSONSchema(registry, {
    uri: reference,
    metadata: z.globalRegistry,
    io: "output",
    override,
  });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([name, { $schema: _, $id: _id, ...schema }]) => [name, schema]),
  );
}

function parameter(name: string, place: "path" | "query", schema: z.ZodType) {
  const {
    $schema: _,
    description,
    examples,
    default: usual,
    ...rest
  } = z.toJSONSchema(schema, { io: "output", override });
  const [example] = examples ?? [];
  return {
    name,
    in: place,
    required: place === "path" || !schema.safeParse(undefined).success,
    description,
    schema: { ...rest, ...(usual === undefined || rest.type === "array" ? {} : { default: usual }) },
    ...(example === undefined ? {} : { example }),
    ...(rest.type === "array" ? { style: "form", explode: true } : {}),
  };
}

function fails(description: string, compatible: boolean, headers?: JsonSchema) {
  const schema = { $ref: reference(nameOf(compatible ? compatibleProblemSchema : problemSchema)) };
  return { description, headers, content: { "application/json": { schema } } };
}

function pathItem(operation: Operation) {
  const { id, tag, summary, description, statuses, result, pathParameters, queryParameters } = operation;
  const compatible = isCompatible(operation);
  return {
    get: {
      operationId: id,
      tags: [tag],
      summary,
      description,
      parameters: [
        ...Object.entries(pathParameters).map(([name, schema]) => parameter(name, "path", schema)),
        ...Object.entries(queryParameters).map(([name, schema]) => parameter(name, "query", schema)),
      ],
      responses: {
        200: {
          description: result.words ?? result.schema?.description ?? summary,
          headers: { ETag: { $ref: "#/components/headers/ETag" } },
          content: {
            [result.type]: {
              schema: result.schema ? { $ref: reference(nameOf(result.schema)) } : { type: "string" },
            },
          },
        },
        304: { description: "Not modified." },
        ...(statuses.includes(400) ? { 400: fails("Invalid parameter.", compatible) } : {}),
        ...(statuses.includes(404) ? { 404: fails("Paper not found.", compatible) } : {}),
        405: fails("Method not allowed: use GET.", compatible, {
          Allow: { $ref: "#/components/headers/Allow" },
        }),
        414: fails("The URL is longer than 8 kB.", compatible),
        ...(isRateLimited(operation)
          ? {
              429: fails("Rate limit exceeded.", compatible, {
                "Retry-After": { $ref: "#/components/headers/RetryAfter" },
              }),
            }
          : {}),
        503: fails("The server is overloaded or its database is unavailable.", compatible, {
          "Retry-After": { $ref: "#/components/headers/RetryAfter" },
        }),
      },
    },
  };
}

const tags = [
  { name: "Papers", description: "Papers, their claims and their experiments." },
  { name: "Search", description: "Search for papers." },
  { name: "Site", description: "Topics and the site's status." },
  { name: "Feeds", description: "Lists and searches as Atom, RSS and JSON Feed." },
  {
    name: "Compatible with Hugging Face",
    description:
      "The endpoints of Hugging Face's daily papers. Point `huggingface_hub` at this site with `HfApi(endpoint=…)`.",
  },
];

const intro = [
  "Read-only API of gradus, daily papers on learning and optimization.",
  ...apiConventions.map(({ title, text }) => `## ${title}\n\n${text}`),
].join("\n\n");

function makeParts() {
  return {
    paths: Object.fromEntries(operations.map((operation) => [operation.path, pathItem(operation)])),
    schemas: components(),
  };
}

let parts: ReturnType<typeof makeParts> | undefined;

/** The OpenAPI document of the site at `origin`, made from the schemas that check requests and answers. */
export function openapi(origin: string) {
  parts ??= makeParts();
  const { paths, schemas: made } = parts;
  return {
    openapi: "3.1.0",
    info: {
      title: "gradus",
      version: manifest.version,
      description: intro,
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: origin }],
    tags,
    paths,
    components: {
      schemas: made,
      headers: {
        Allow: { description: "The methods that are allowed.", schema: { type: "string" } },
        ETag: { description: "Entity tag of this response.", schema: { type: "string" } },
        RetryAfter: { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } },
      },
    },
  };
}

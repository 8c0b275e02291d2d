import { z } from "zod";
import manifest from "../../../../package.json" with { type: "json" };
import type { Api } from "./context.ts";
import { apiConventions } from "./conventions.ts";

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

const headers = {
  Allow: { description: "The methods that are allowed.", schema: { type: "string" } },
  ETag: { description: "Entity tag of this response.", schema: { type: "string" } },
  RetryAfter: { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } },
} as const;

const contentSchema = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));

/** What the documentation reads of an operation. */
const operationSchema = z.looseObject({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.enum(["path", "query"]),
        required: z.boolean(),
        description: z.string(),
        schema: z.looseObject({
          type: z.unknown().optional(),
          default: z.unknown().optional(),
          description: z.string().optional(),
          examples: z.array(z.union([z.string(), z.number(), z.array(z.string())])).optional(),
        }),
      }),
    )
    .default([]),
  responses: z.record(
    z.string(),
    z.looseObject({ description: z.string(), content: contentSchema.optional() }),
  ),
});

type Operation = z.output<typeof operationSchema>;

/** A parameter said once: its description and example beside its schema, and lists as repeated parameters. */
function parameter({
  schema: { description: _, examples, default: usual, ...schema },
  ...rest
}: Operation["parameters"][number]) {
  const [example] = examples ?? [];
  const isList = schema.type === "array";
  return {
    ...rest,
    schema: { ...schema, ...(usual === undefined || isList ? {} : { default: usual }) },
    ...(example === undefined ? {} : { example }),
    ...(isList ? { style: "form", explode: true } : {}),
  };
}

function makeParts(api: Api) {
  const { paths = {}, components = {} } = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "gradus", version: manifest.version },
  });
  return {
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, { get }]) => {
        const { parameters, ...operation } = operationSchema.parse(get);
        return [path, { get: { ...operation, parameters: parameters.map(parameter) } }] as const;
      }),
    ),
    schemas: components.schemas ?? {},
  };
}

/** What is the same wherever the site is. */
const kept = new WeakMap<Api, ReturnType<typeof makeParts>>();

/** The OpenAPI document of the site at `origin`, made from the schemas that check requests and answers. */
export function openApiDocument(api: Api, origin: string) {
  const { paths, schemas } = kept.get(api) ?? makeParts(api);
  kept.set(api, { paths, schemas });
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
    components: { schemas, headers },
  };
}

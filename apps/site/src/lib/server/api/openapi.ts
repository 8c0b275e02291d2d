import { z } from "zod";
import manifest from "../../../../package.json" with { type: "json" };
import type { Api } from "./context.ts";
import { apiConventions } from "./conventions.ts";

const tags = [
  { name: "Papers", description: "Papers, their claims and their experiments." },
  { name: "Search", description: "Search for papers." },
  { name: "Reports", description: "Runs that readers made and sent." },
  { name: "Submissions", description: "Papers that readers submit." },
  { name: "Subscriptions", description: "Digests by mail." },
  { name: "Operator", description: "What moderators and administrators see and decide." },
  { name: "Site", description: "Topics and the site's status." },
  { name: "Feeds", description: "Lists and searches as Atom, RSS and JSON Feed." },
  {
    name: "Compatible with Hugging Face",
    description:
      "The endpoints of Hugging Face's daily papers. Point `huggingface_hub` at this site with `HfApi(endpoint=…)`.",
  },
];

const intro = [
  "API of gradus, daily papers on learning and optimization.",
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
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  requestBody: z.looseObject({ required: z.boolean(), content: contentSchema }).optional(),
  responses: z.record(
    z.string(),
    z.looseObject({ description: z.string(), content: contentSchema.optional() }),
  ),
});

type Operation = z.output<typeof operationSchema>;

const methods = ["get", "post", "put", "patch", "delete"] as const;
/** A method that an operation has. */
export type Method = (typeof methods)[number];

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

/** An operation as the document has it. */
function describe({ parameters, ...operation }: Operation) {
  return { ...operation, parameters: parameters.map(parameter) };
}
type DescribedOperation = ReturnType<typeof describe>;

/** Whether anybody gets the same answer, and it changes nothing. */
export const isPublicRead = ({ method, operation }: { method: Method; operation: DescribedOperation }) =>
  method === "get" && operation.security === undefined;

/** The operations of a path, by method. */
const pathOf = (
  described: readonly (readonly [Method, DescribedOperation])[],
): Readonly<Partial<Record<Method, DescribedOperation>>> => Object.fromEntries(described);

function makeParts(api: Api) {
  const { paths = {}, components = {} } = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "gradus", version: manifest.version },
  });
  return {
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, operations]) => {
        const described = methods.flatMap((method) => {
          if (operations[method] === undefined) return [];
          return [[method, describe(operationSchema.parse(operations[method]))] as const];
        });
        return [path, pathOf(described)] as const;
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
    // Reading needs no key; operations that need one say so.
    security: [],
    tags,
    paths,
    components: {
      schemas,
      headers,
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "An access token, created on your account page.",
        },
      },
    },
  };
}

/** The operations of a document, in its order. */
export function operationsOf({ paths }: Pick<ReturnType<typeof openApiDocument>, "paths">) {
  return Object.entries(paths).flatMap(([path, byMethod]) =>
    methods.flatMap((method) => {
      const operation = byMethod[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
}

import { z } from "zod";
import { api } from "../src/lib/server/api/app.ts";

/** The field that says where a request comes from, so that each has a minute of its own. */
export const ADDRESS_FIELD = "x-test-address";

/** Requests to the API of a production server. */
export interface Api {
  readonly origin: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  send(path: string, init: RequestInit): Promise<Response>;
  json(path: string): Promise<unknown>;
}

let addresses = 0;

/** The API of a server that takes a reader's address from the field for it. */
export function apiOf(origin: string): Api {
  const send = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    addresses += 1;
    if (!headers.has(ADDRESS_FIELD)) headers.set(ADDRESS_FIELD, `10.1.${addresses >> 8}.${addresses & 255}`);
    return fetch(`${origin}${path}`, { redirect: "manual", ...init, headers });
  };
  const get: Api["get"] = (path, headers = {}) => send(path, { headers: { ...headers } });
  return { origin, get, send, json: async (path) => (await get(path)).json() };
}

/** The paths of the API's routes, as OpenAPI writes them. */
export function endpointPaths(): string[] {
  const paths = api.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ path }) => path.replace(":file{.+\\.md}", "{id}.md").replace(/:(\w+)/g, "{$1}"));
  return [...new Set(paths)].sort();
}

const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(["path", "query"]),
  required: z.boolean(),
  description: z.string(),
  schema: z.record(z.string(), z.unknown()),
  example: z.union([z.string(), z.number(), z.array(z.string())]).optional(),
});

const methodSchema = z.enum(["get", "post", "put", "patch", "delete"]);
export type Method = z.output<typeof methodSchema>;

const operationSchema = z.object({
  operationId: z.string(),
  tags: z.array(z.string()).length(1),
  parameters: z.array(parameterSchema),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string(),
      content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })).optional(),
    }),
  ),
});

/** What these tests read of an OpenAPI document. */
const documentSchema = z.object({
  openapi: z.literal("3.1.0"),
  paths: z.record(z.string(), z.partialRecord(methodSchema, operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

export type ApiDocument = z.output<typeof documentSchema>;
export type ApiParameter = z.output<typeof parameterSchema>;

/** Reads the document that a server publishes. */
export async function readDocument(api: Api): Promise<ApiDocument> {
  return documentSchema.parse(await api.json("/api/openapi.json"));
}

/** The operations of a document, reads and writes. */
export function operationsOf({ paths }: Pick<ApiDocument, "paths">) {
  return Object.entries(paths).flatMap(([path, byMethod]) =>
    methodSchema.options.flatMap((method) => {
      const operation = byMethod[method];
      return operation === undefined ? [] : [{ path, method, ...operation }];
    }),
  );
}

/** The operations that change nothing and that anybody may ask. */
export const readsOf = (document: Pick<ApiDocument, "paths">) =>
  operationsOf(document).filter(({ method, security }) => method === "get" && security === undefined);

/** The address of an operation with the documented example of every parameter that has to be given, and of `more`. */
export function exampleAddress(
  path: string,
  parameters: readonly ApiParameter[],
  more: readonly ApiParameter[] = [],
): string {
  const query = new URLSearchParams();
  let filled = path;
  for (const parameter of parameters) {
    const { name, in: place, required, example } = parameter;
    if (!required && !more.includes(parameter)) continue;
    if (example === undefined) throw new Error(`${path} has no example of ${name}`);
    if (place === "path") filled = filled.replace(`{${name}}`, String(example));
    else for (const value of [example].flat()) query.append(name, String(value));
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}

import { z } from "zod";
import type {
  FieldView,
  HttpView,
  OperationView,
  ParameterView,
  ResponseView,
  SchemaView,
} from "#lib/docs/http-views.ts";
import { problemStatuses } from "../http/problem.ts";
import { api } from "./app.ts";
import { apiConventions, problemDescriptions } from "./conventions.ts";
import { shortenBody } from "./example-responses.ts";
import { isPublicRead, openApiDocument, operationsOf } from "./openapi.ts";
import { problemSchema } from "./schemas.ts";

type DocumentedOperation = ReturnType<typeof operationsOf>[number];
type Operation = DocumentedOperation["operation"];

/** The part of JSON Schema that the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    description: z.string().optional(),
    enum: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    default: z.unknown().optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    required: z.array(z.string()).optional(),
    items: schemaShape.optional(),
    anyOf: z.array(schemaShape).optional(),
  }),
);

const anchorOf = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
const nameOf = ($ref: string) => $ref.slice($ref.lastIndexOf("/") + 1);

/** The schema that a value has by name, its list and its being absent aside. */
function namedSchema(schema: Schema): string | undefined {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.items) return namedSchema(schema.items);
  return schema.anyOf?.map(namedSchema).find((name) => name !== undefined);
}

function bounds({ minimum, maximum }: Schema): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? undefined : `at most ${maximum}`;
}

/** A type in words. */
function typeWords(schema: Schema): string {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum?.length === 1) return `always ${JSON.stringify(schema.enum[0])}`;
  if (schema.enum) return schema.enum.map(String).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeWords).join(" or ");
  if (schema.items) return `list of ${typeWords(schema.items)}${schema.items.type === "string" ? "s" : ""}`;
  const { type, format } = schema;
  const word = typeof type === "string" ? type : (type ?? ["value"]).join(" or ");
  return [format ?? word, bounds(schema)].filter(Boolean).join(", ");
}

function parameterView({
  name,
  in: place,
  required,
  description,
  schema,
}: Operation["parameters"][number]): ParameterView {
  const read = schemaShape.parse(schema);
  const usual = read.default === undefined ? undefined : `default ${String(read.default)}`;
  return {
    name,
    place,
    required,
    type: [typeWords(read), usual].filter(Boolean).join(", "),
    description: description ?? "",
  };
}

/** Answers that any operation may give, documented once. */
const COMMON = ["304", "405", "414", "429", "503"];

/** Examples of the parts of a path. */
function examplePath(parameters: Operation["parameters"]): Record<string, string> {
  const parts = parameters.filter((parameter) => parameter.in === "path");
  return Object.fromEntries(parts.map(({ name, example }) => [name, String(example)]));
}

/** The address of an operation with an example of what must be given and of the number of results. */
function exampleAddress(path: string, parameters: Operation["parameters"], origin: string): string {
  const address = Object.entries(examplePath(parameters)).reduce(
    (text, [name, example]) => text.replace(`{${name}}`, example),
    `${origin}${path}`,
  );
  const query = new URLSearchParams(
    parameters
      .filter(({ in: place, required, name }) => place === "query" && (required || name === "limit"))
      .flatMap(({ name, example }) => (example === undefined ? [] : [[name, String(example)]])),
  );
  return query.size > 0 ? `${address}?${query}` : address;
}

function answersOf({ responses }: Operation): ResponseView[] {
  return Object.entries(responses).map(([status, answer]) => {
    const [content] = Object.entries(answer.content ?? {});
    const { $ref } = content ? schemaShape.parse(content[1].schema) : {};
    return { status, description: answer.description, type: content?.[0], schema: $ref && nameOf($ref) };
  });
}

type Samples = Readonly<Record<string, string>>;

/** The schema of an operation's body, by name. */
function bodySchema({ requestBody }: Operation): string | undefined {
  const [content] = Object.values(requestBody?.content ?? {});
  return content && namedSchema(schemaShape.parse(content.schema));
}

/** A line for a shell; what changes something shows who asks. */
function curlLine(described: DocumentedOperation, origin: string): string {
  const { path, method, operation } = described;
  const address = `'${exampleAddress(path, operation.parameters, origin)}'`;
  if (isPublicRead(described)) return `curl ${address}`;
  const body = operation.requestBody ? " --json @body.json" : "";
  const verb = method === "get" ? "" : ` -X ${method.toUpperCase()}`;
  return `curl${verb} -H "Authorization: Bearer $GRADUS_TOKEN"${body} ${address}`;
}

function operationView(described: DocumentedOperation, origin: string, samples: Samples): OperationView {
  const { path, method, operation } = described;
  return {
    anchor: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description,
    parameters: operation.parameters.map(parameterView),
    body: bodySchema(operation),
    curl: curlLine(described, origin),
    sample: samples[operation.operationId],
    answers: answersOf(operation).filter(({ status }) => !COMMON.includes(status)),
  };
}

/** The fields of an object, those of objects within it after it. */
function fieldsOf(schema: Schema, before = ""): FieldView[] {
  const within = schema.items ?? schema.anyOf?.find(({ properties }) => properties) ?? schema;
  if (within !== schema)
    return fieldsOf(within, schema.items && before ? `${before.slice(0, -1)}[].` : before);
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const path = `${before}${name}`;
    const nested = fieldsOf(value, `${path}.`);
    const optional = !schema.required?.includes(name);
    const words =
      nested.length === 0
        ? typeWords(value)
        : value.items
          ? "list"
          : value.anyOf
            ? "object or null"
            : "object";
    const field = {
      name: path,
      type: optional ? `${words}, optional` : words,
      schema: namedSchema(value),
      description:
        value.description ?? value.anyOf?.find(({ description }) => description)?.description ?? "",
    };
    return [field, ...nested];
  });
}

function schemaView(name: string, schema: unknown): SchemaView {
  const read = schemaShape.parse(schema);
  const fields = fieldsOf(read);
  return {
    name,
    description: read.description ?? "",
    fields:
      fields.length > 0
        ? fields
        : [
            {
              name: read.items ? "[]" : "value",
              type: typeWords(read),
              schema: namedSchema(read),
              description: "",
            },
          ],
  };
}

/** What the site answers to the example of each operation, shortened, by the operation's name. */
export async function exampleResponses(origin: string): Promise<Samples> {
  const samples: Record<string, string> = {};
  for (const described of operationsOf(openApiDocument(api, origin))) {
    const { path, operation } = described;
    if (!isPublicRead(described)) continue;
    const response = await api.request(exampleAddress(path, operation.parameters, origin), {}, {});
    // A site without the example's paper has no answer to show.
    if (response.status === 404) continue;
    const body = await response.text();
    if (!response.ok) throw new Error(`the example of ${path} is answered with ${response.status}: ${body}`);
    samples[operation.operationId] = shortenBody(body, response.headers.get("content-type") ?? "");
  }
  return samples;
}

/** The documentation of the API, read from its OpenAPI document, with what the site answers to its examples. */
export function apiDocsView(origin: string, samples: Samples = {}): HttpView {
  const { tags, paths, components } = openApiDocument(api, origin);
  const described = operationsOf({ paths });
  return {
    conventions: apiConventions,
    problems: Object.entries(problemDescriptions).map(([code, words]) => ({
      code,
      status: problemStatuses[problemSchema.shape.error.shape.code.parse(code)],
      words,
    })),
    groups: tags.map(({ name, description }) => ({
      name,
      anchor: anchorOf(name),
      description,
      operations: described
        .filter(({ operation }) => operation.tags.some((tag) => tag === name))
        .map((one) => operationView(one, origin, samples)),
    })),
    schemas: Object.entries(components.schemas).map(([name, schema]) => schemaView(name, schema)),
  };
}

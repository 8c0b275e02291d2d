import type { RouteConfig } from "@hono/zod-openapi";
import type { z } from "zod";
import { compatibleProblemSchema } from "./compatible/schemas.ts";
import { problemSchema } from "./schemas.ts";

type Responses = RouteConfig["responses"];

/** What a read answers with: JSON of a schema, or text of another media type. */
export type Result = { readonly schema: z.ZodType } | { readonly type: string; readonly words: string };

export interface ResponseOptions {
  /** Statuses that it answers with beyond those of all reads. */
  readonly statuses?: readonly (400 | 404)[];
  /** Whether failures have Hugging Face's format. */
  readonly compatible?: boolean;
  /** Whether requests count against an address's minute. */
  readonly limited?: boolean;
}

/** Statuses with which writes refuse what they are sent. */
export type WriteStatus = 400 | 401 | 404 | 409 | 413 | 415 | 422;

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });

/** The responses of a read, for the OpenAPI document. */
export function responses(
  result: Result,
  { statuses = [], compatible = false, limited = true }: ResponseOptions = {},
): Responses {
  const content = {
    "application/json": { schema: compatible ? compatibleProblemSchema : problemSchema },
  };
  const later = { "Retry-After": header("RetryAfter") };
  return {
    200:
      "schema" in result
        ? {
            description: result.schema.meta()?.description ?? "",
            headers: { ETag: header("ETag") },
            content: { "application/json": { schema: result.schema } },
          }
        : {
            description: result.words,
            headers: { ETag: header("ETag") },
            content: { [result.type]: { schema: { type: "string" } } },
          },
    304: { description: "Not modified." },
    ...(statuses.includes(400) ? { 400: { description: "Invalid parameter.", content } } : {}),
    ...(statuses.includes(404) ? { 404: { description: "Paper not found.", content } } : {}),
    405: { description: "Method not allowed: use GET.", headers: { Allow: header("Allow") }, content },
    414: { description: "The URL is longer than 8 kB.", content },
    ...(limited ? { 429: { description: "Rate limit exceeded.", headers: later, content } } : {}),
    503: {
      description: "The server is overloaded or its database is unavailable.",
      headers: later,
      content,
    },
  };
}

/** The responses of a write, for the OpenAPI document: what is made, and why it may be refused. */
export function writeResponses(
  schema: z.ZodType,
  refusals: Readonly<Partial<Record<WriteStatus, string>>>,
  success: 200 | 201 | 202 = 201,
): Responses {
  const content = { "application/json": { schema: problemSchema } };
  const later = { "Retry-After": header("RetryAfter") };
  return {
    [success]: { description: schema.meta()?.description ?? "", content: { "application/json": { schema } } },
    ...Object.fromEntries(
      Object.entries(refusals).map(([status, description]) => [status, { description, content }]),
    ),
    403: { description: "A page of another site sent the request.", content },
    405: { description: "Method not allowed.", headers: { Allow: header("Allow") }, content },
    414: { description: "The URL is longer than 8 kB.", content },
    429: { description: "Rate limit exceeded.", headers: later, content },
    503: {
      description: "The server is overloaded or its database is unavailable.",
      headers: later,
      content,
    },
  };
}

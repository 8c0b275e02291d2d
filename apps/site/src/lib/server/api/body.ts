import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { isStorable, parseJsonBody, tooLargeMessage } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { problemResponse } from "./problems.ts";

/** The largest body of a write, in bytes. */
const LARGEST_BODY = 32 * 1024;

/** @throws Problem 415 for a body of another type than JSON */
export function assertJson({ req }: ApiContext): void {
  const type = req.header("content-type")?.split(";")[0].trim().toLowerCase();
  if (type !== "application/json")
    throw new Problem(
      "unsupported_media_type",
      `The body must be application/json, got ${type ?? "no type"}.`,
    );
}

/** Refuses bodies of more bytes while they come. */
export function bodyOf(what: string, largest: number): MiddlewareHandler<ApiEnvironment> {
  const tooLarge = new Problem("too_large", tooLargeMessage({ what, largest }));
  return bodyLimit({ maxSize: largest, onError: ({ req }) => problemResponse(tooLarge, req.path) });
}

/** A body's largest size for writes without a limit of their own. */
export const smallBody = bodyOf("The body", LARGEST_BODY);

/**
 * Reads a JSON body. It is not left to the schema alone, which would follow any depth.
 *
 * @throws Problem naming the first field that is wrong
 */
export async function readBody<Schema extends z.ZodType>(
  context: ApiContext,
  schema: Schema,
): Promise<z.output<Schema>> {
  assertJson(context);
  const limits = { what: "The body", largest: LARGEST_BODY, code: "invalid_body" } as const;
  const parsed = parseJsonBody(await context.req.text(), limits);
  if (!isStorable(parsed))
    throw new Problem("invalid_body", "The body has a NUL or half of a surrogate pair in a text.");
  const read = schema.safeParse(parsed);
  if (read.success) return read.data;
  const [{ path, message }] = read.error.issues;
  const field = path.join(".");
  throw new Problem("invalid_body", `“${field || "body"}”: ${message}`, field || undefined);
}

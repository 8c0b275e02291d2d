import { z } from "zod";
import { Problem } from "../../http/problem.ts";

/** Packs the place where a list goes on. */
export function encodeCursor(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/**
 * Reads a cursor by the schema of its place.
 *
 * @throws Problem when it is not one that this list gave
 */
export function decodeCursor<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> {
  const wrong = new Problem(
    "invalid_parameter",
    "“cursor” must be the next_cursor of a response to the same request.",
    "cursor",
  );
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    throw wrong;
  }
  const result = schema.safeParse(place);
  if (!result.success) throw wrong;
  return result.data;
}

/** The place of a list that is counted: how many came before. */
export const offsetPosition = z.tuple([z.int().min(0).max(1_000_000)]);

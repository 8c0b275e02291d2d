import type { z } from "zod";
import { conditionalResponse, type ResponseContent } from "../http/conditional-response.ts";
import { requestPipeline } from "../request-pipeline.ts";
import { type Site, site } from "../site.ts";
import type { ApiContext } from "./context.ts";
import { type ResponseCache, responseCache } from "./response-cache.ts";

async function openCache(): Promise<ResponseCache> {
  const [{ now }, { version }] = await Promise.all([site(), requestPipeline()]);
  return responseCache({ version, now });
}

let opened: Promise<ResponseCache> | undefined;

/** What an answer is made from. */
export interface AnswerSource {
  readonly site: Site;
  /** The whole address that was asked for. */
  readonly url: URL;
  /** The version of the data, where the database could tell it. */
  readonly version: string | undefined;
}

/** Answers from memory where that is as good as what `make` makes, and with 304 who has the answer already. */
export async function answer(
  context: ApiContext,
  make: (source: AnswerSource) => Promise<ResponseContent>,
): Promise<Response> {
  opened ??= openCache();
  const [cache, { enqueue }, own] = await Promise.all([opened, requestPipeline(), site()]);
  const url = new URL(context.req.url);
  // By the whole address: answers name the addresses of pages and of what follows.
  const prepared = await cache.respond(url.href, (version) =>
    enqueue(() => make({ site: own, url, version })),
  );
  return conditionalResponse(context.req.raw, prepared);
}

type Rest = Pick<ResponseContent, "headers" | "shortLived">;

/**
 * A value as JSON.
 *
 * @throws ZodError when it is not of the schema that is published
 */
export function json(schema: z.ZodType, value: unknown, rest: Rest = {}): ResponseContent {
  return { body: JSON.stringify(schema.parse(value)), type: "application/json", ...rest };
}

/** A text of a media type. */
export function text(type: string, body: string, rest: Rest = {}): ResponseContent {
  return { body, type: `${type}; charset=utf-8`, ...rest };
}

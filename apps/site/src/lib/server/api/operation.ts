import type { z } from "zod";
import type { ResponseContent } from "../http/conditional-response.ts";
import { Problem } from "../http/problem.ts";
import type { Site } from "../site.ts";
import { readParameters } from "./parameters.ts";

/** What an operation answers from. */
export interface OperationRequest<Path, Query> {
  readonly site: Site;
  /** The whole address that was asked for. */
  readonly url: URL;
  readonly path: Path;
  readonly query: Query;
  /** The version of the data, where the database could tell it. */
  readonly version?: string;
}

/** The groups in which the documentation lists operations. */
export type Tag = "Papers" | "Search" | "Site" | "Feeds" | "Compatible with Hugging Face";

/** Parameters by their names. */
export type ParameterShape = Readonly<Record<string, z.ZodType>>;

/** What is published of an operation. */
export interface Description {
  /** A name for generated clients. */
  readonly id: string;
  readonly tag: Tag;
  /** The path as OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Statuses other than 200 that it answers with, beyond those of all operations. */
  readonly statuses: readonly (400 | 404)[];
}

/** A JSON body, or text of another media type. */
type Result<Schema extends z.ZodType> =
  | { readonly type: "application/json"; readonly schema: Schema }
  | { readonly type: string; readonly words: string };

/** An operation as it is written. */
export interface Definition<Path extends z.ZodRawShape, Query extends z.ZodRawShape, Schema extends z.ZodType>
  extends Description {
  readonly parameters: { readonly path: z.ZodObject<Path>; readonly query: z.ZodObject<Query> };
  readonly result: Result<Schema>;
  handle(
    request: OperationRequest<z.output<z.ZodObject<Path>>, z.output<z.ZodObject<Query>>>,
  ): Promise<{ readonly body: unknown } & Pick<ResponseContent, "headers" | "shortLived">>;
}

/** An operation of the API: its description, and how it is answered. */
export interface Operation extends Description {
  readonly pathParameters: ParameterShape;
  readonly queryParameters: ParameterShape;
  readonly result: { readonly type: string; readonly schema?: z.ZodType; readonly words?: string };
  /**
   * @throws Problem when the request cannot be answered as asked
   */
  respond(
    site: Site,
    url: URL,
    params: Readonly<Record<string, string>>,
    options?: { readonly version?: string },
  ): Promise<ResponseContent>;
}

/** Whether requests count against an address's minute: feeds are fetched by machines that many readers share. */
export const isRateLimited = ({ tag }: Description): boolean => tag !== "Feeds";

/** Whether failures are told as Hugging Face tells them. */
export const isCompatible = ({ tag }: Description): boolean => tag === "Compatible with Hugging Face";

/** Makes an operation whose parameters are checked before it is run, and whose result is checked after. */
export function operation<
  Path extends ParameterShape,
  Query extends ParameterShape,
  Schema extends z.ZodType = z.ZodNever,
>(definition: Definition<Path, Query, Schema>): Operation {
  const { parameters, result, handle, ...description } = definition;
  return {
    ...description,
    pathParameters: parameters.path.shape,
    queryParameters: parameters.query.shape,
    result,
    async respond(site, url, params, { version } = {}) {
      const path = parameters.path.safeParse(params);
      // An address that ends where an identifier should follow.
      if (!path.success)
        throw new Problem("not_found", `${url.pathname} does not exist; see /api/openapi.json.`);
      const query = readParameters(parameters.query, url.searchParams);
      const { body, ...rest } = await handle({ site, url, path: path.data, query, version });
      if ("schema" in result)
        return { body: JSON.stringify(result.schema.parse(body)), type: "application/json", ...rest };
      return { body: String(body), type: `${result.type}; charset=utf-8`, ...rest };
    },
  };
}

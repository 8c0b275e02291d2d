import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Person } from "../people/sessions.ts";
import { readProblem } from "./parameters.ts";

/** What a request to the API comes with. */
export interface ApiEnvironment {
  readonly Bindings: {
    /** Where the request comes from; undefined for the site's own requests, which are not counted. */
    readonly address?: string;
    /** Who is signed in to the browser that it comes from. */
    readonly person?: Pick<Person, "id">;
    /** Is told the pattern of the route that answers. */
    tellRoute?(route: string): void;
    /** Is told the account of the access token that the request came with. */
    tellTokenOwner?(userId: string): void;
  };
}

export type ApiContext = Context<ApiEnvironment>;
export type Api = OpenAPIHono<ApiEnvironment>;

/** Identifiers of papers before 2007 hold a slash, which is no end of a path's part here. */
const PAPER_PATH = /^(\/api\/(?:v1\/)?papers\/)(.+?)(\/(?:related|claims|bibtex|vote))?$/;

/** The path by which a request finds its route. */
function routingPath(request: Request): string {
  const { pathname } = new URL(request.url);
  const parts = PAPER_PATH.exec(pathname);
  if (!parts) return pathname;
  const [, before, id, after = ""] = parts;
  return `${before}${encodeURIComponent(decodeURIComponent(id))}${after}`;
}

/** An API without routes, whose parameters are checked before a route sees them. */
export function newApi(): Api {
  return new OpenAPIHono<ApiEnvironment>({
    getPath: routingPath,
    defaultHook: (result, { req }) => {
      if (!result.success) throw readProblem(result.error, result.target, req.queries());
    },
  });
}

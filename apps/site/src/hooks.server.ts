import { randomUUID } from "node:crypto";
import type { Handle, HandleServerError, ServerInit } from "@sveltejs/kit/hooks";
import { compressed } from "#lib/server/compress.ts";
import { securityHeaders } from "#lib/server/headers.ts";
import { closeSite, site } from "#lib/server/site.ts";
import { dev } from "$app/env";

export const init: ServerInit = async () => {
  await site();
  process.once("sveltekit:shutdown", () => void closeSite());
};

export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event);
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
  if (response.headers.get("content-type")?.startsWith("text/html")) {
    response.headers.set("content-type", "text/html; charset=utf-8");
    // Every page has a nonce of its own, so no two copies are equal.
    response.headers.delete("etag");
    response.headers.set("cache-control", "no-cache");
  }
  return dev ? response : compressed(event.request, response);
};

export const handleError: HandleServerError = ({ error, event, kind }) => {
  if (kind !== "unknown") return;
  const reference = randomUUID().slice(0, 8);
  console.error(`gradus: ${reference} ${event.request.method} ${event.route.id ?? "(no route)"}`, error);
  return { message: "Something went wrong on our side.", reference };
};

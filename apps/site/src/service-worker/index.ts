// Keeps the site readable, and the experiments that were loaded running, when the network is gone.

import { version } from "$app/env";
import { immutable } from "$app/manifest";
import { self } from "$app/service-worker";
import { isKeepable, isWebAssembly, keeping, pageKey, pageOfData, ruleFor } from "./rules.ts";

const PREFIX = "gradus-";
const CACHE = PREFIX + version;
/** What is shown in place of a page that is not kept. */
const OFFLINE = "/offline";
/** Pages of what a browser itself has stored, and the one that leads to them: kept before anybody opens them. */
const ALWAYS_KEPT = [OFFLINE, "/runs", "/saved"];
/** Pages that are kept at most; the oldest go first. */
const PAGES_KEPT = 60;

const files = new Set(immutable.map(({ path }) => new URL(path, self.location.origin).pathname));
const isFile = (url: string) =>
  ruleFor({ method: "GET", url, mode: "no-cors" }, self.location.origin) === "kept";

/**
 * How a page is fetched as everybody gets it. The browser's own cache has one page for an address: this one may not take
 * the place of the page that a signed-in reader goes back to.
 */
const FOR_ALL: RequestInit = { cache: "no-store", credentials: "omit" };

/** Keeps a page as everybody gets it who is not signed in, with the files that it loads. */
async function keepPage(address: string): Promise<void> {
  if (!isKeepable(address, self.location.origin)) return;
  const response = await fetch(address, FOR_ALL);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  if (keeping(response) !== "as it is") return;
  const html = await response.clone().text();
  await store(await caches.open(CACHE), pageKey(address), response);
  const used = [...html.matchAll(/(?:href|src)="([^"]+)"|import\("([^"]+)"\)/g)].map(
    ([, attribute, imported]) => new URL(attribute ?? imported, response.url).href,
  );
  await keep(used.filter(isFile));
}

/** Keeps what is kept always, and the pages that were opened before there was a service worker. */
async function install(): Promise<void> {
  for (const path of ALWAYS_KEPT) await keepPage(new URL(path, self.location.origin).href);
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const { url } of open) await keepPage(url).catch(() => undefined);
}

/** Takes over the files that are the same in this version, and forgets earlier versions. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const earlier = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  for (const name of earlier) {
    const old = await caches.open(name);
    for (const request of await old.keys()) {
      if (!files.has(new URL(request.url).pathname) || (await cache.match(request))) continue;
      const response = await old.match(request);
      if (response) await cache.put(request, response);
    }
    await caches.delete(name);
  }
  await self.clients.claim();
}

/**
 * Keeps an answer. A page of somebody who is signed in is kept as everybody gets it: whoever uses the browser next must
 * not find their name.
 */
async function keepAnswer(cache: Cache, key: string, address: string, response: Response): Promise<void> {
  const how = keeping(response);
  if (how === "as it is") await store(cache, key, response);
  if (how !== "as for all") return;
  const forAll = await fetch(address, FOR_ALL).catch(() => undefined);
  if (forAll && keeping(forAll) === "as it is") await store(cache, key, forAll);
}

/** Fetches and keeps what is not kept yet; what cannot be had now is left out. */
async function keep(addresses: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const address of new Set(addresses)) {
    if (!isKeepable(address, self.location.origin)) continue;
    const key = isFile(address) ? address : pageKey(address);
    if (isFile(address) && (await cache.match(key))) continue;
    const how: RequestInit = isFile(address) ? { credentials: "omit" } : FOR_ALL;
    const response = await fetch(address, how).catch(() => undefined);
    if (response && keeping(response) === "as it is") await store(cache, key, response);
  }
}

async function store(cache: Cache, key: string, response: Response): Promise<void> {
  try {
    await cache.put(key, response);
    if (isFile(key)) return;
    const pages = (await cache.keys()).filter(
      ({ url }) => !isFile(url) && !ALWAYS_KEPT.includes(new URL(url).pathname),
    );
    for (const page of pages.slice(0, Math.max(0, pages.length - PAGES_KEPT))) await cache.delete(page);
  } catch {
    // There is no room for more: what is kept stays.
  }
}

async function fromCache(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = await fetch(request);
  // The answer is not held back until it is stored, and WebAssembly, which is compiled while it arrives, is not stored
  // beside that: the page has it kept when a run has ended.
  if (keeping(response) === "as it is" && !isWebAssembly(request.url))
    event.waitUntil(store(cache, request.url, response.clone()));
  return response;
}

/** A request for a page as it is now: going back, a browser takes an old one, from before a vote or another session. */
function upToDate(request: Request): Request {
  return request.mode === "navigate" ? new Request(request, { cache: "no-cache" }) : request;
}

async function fromNetwork(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const key = pageKey(request.url);
  try {
    const response = await fetch(upToDate(request));
    // Of a page that is reached from another only the data come: whoever opens it by its address needs the page.
    const page = pageOfData(request.url);
    if (page && response.ok) event.waitUntil(keepPage(page).catch(() => undefined));
    if (keeping(response) !== "not") event.waitUntil(keepAnswer(cache, key, request.url, response.clone()));
    return response;
  } catch (error) {
    const kept =
      (await cache.match(key)) ?? (request.mode === "navigate" ? await cache.match(OFFLINE) : undefined);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  const message: unknown = event.data;
  if (typeof message !== "object" || message === null || !("addresses" in message)) return;
  const { addresses } = message;
  if (Array.isArray(addresses))
    event.waitUntil(keep(addresses.filter((address): address is string => typeof address === "string")));
});
self.addEventListener("fetch", (event) => {
  const rule = ruleFor(event.request, self.location.origin);
  if (rule === "kept") event.respondWith(fromCache(event));
  else if (rule === "page") event.respondWith(fromNetwork(event));
});

// A reader without a browser, signed in or not.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { expect, vi } from "vitest";
import type { TestServer } from "./server.ts";

export const FORM = "application/x-www-form-urlencoded";

/** A reader without scripts: keeps cookies, follows nothing by itself. */
export function plainReader(server: TestServer, headers: Readonly<Record<string, string>> = {}) {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(`${server.origin}${path}`, {
      redirect: "manual",
      ...init,
      headers: { accept: "text/html", ...headers, ...(cookie ? { cookie } : {}), ...init.headers },
    });
    for (const field of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(field) ?? [];
      if (/max-age=0/i.test(field)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const post = (path: string, fields: Readonly<Record<string, string>> = {}, more: HeadersInit = {}) =>
    ask(path, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
      headers: { "content-type": FORM, origin: headers.origin ?? server.origin, ...more },
    });
  return { ask, post, cookies };
}

export type PlainReader = ReturnType<typeof plainReader>;

/** Expects that every answer with status 429 says when the hour ends that began with the first of them. */
export function expectWaitsOfAnHour(answers: readonly Response[]): void {
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  for (const { headers } of limited) {
    const wait = Number(headers.get("retry-after"));
    expect(wait).toBeGreaterThan(3000);
    expect(wait).toBeLessThanOrEqual(3600);
  }
}

/** The paths of sign-in links that a site without a mail server wrote for an address. */
async function linksTo({ folder }: TestServer, recipient: string): Promise<string[]> {
  const mail = join(folder, "mail");
  if (!existsSync(mail)) return [];
  const files = readdirSync(mail).filter((name) => name.endsWith(".eml"));
  const messages = await Promise.all(files.map((name) => simpleParser(readFileSync(join(mail, name)))));
  return messages
    .filter(({ to }) => [to].flat().some((header) => header?.text === recipient))
    .flatMap(({ text }) => /https?:\/\/[^/]+(\/sign-in\/[\w-]+)/.exec(text ?? "")?.[1] ?? []);
}

/** The path of the first sign-in link, but for those known, that a site without a mail server writes for an address. */
export function mailedLink(
  server: TestServer,
  recipient: string,
  known: readonly string[] = [],
): Promise<string> {
  const find = async () => (await linksTo(server, recipient)).find((link) => !known.includes(link));
  return vi.waitUntil(find, { timeout: 20_000, interval: 200 });
}

/** Somebody who has just signed in to a site without a mail server. */
export async function newPerson(
  server: TestServer,
  email: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PlainReader> {
  const reader = plainReader(server, headers);
  const known = await linksTo(server, email);
  expect((await reader.post("/sign-in", { email })).status).toBe(200);
  expect((await reader.post(await mailedLink(server, email, known))).status).toBe(303);
  return reader;
}

/** Makes somebody an administrator by the link that the site left in its data folder when it started. */
export async function makeAdministrator({ folder }: TestServer, { ask, post }: PlainReader): Promise<void> {
  const [link] = readFileSync(join(folder, "administrator-link"), "utf8").split("\n");
  expect((await ask(link)).headers.get("location")).toBe("/administrator");
  expect((await post("/administrator")).headers.get("location")).toBe("/operator");
}

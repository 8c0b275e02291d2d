// A site to which readers subscribe by mail: a public address and a real mail server.
import { randomBytes } from "node:crypto";
import { simpleParser } from "mailparser";
import { expect, vi } from "vitest";
import { type MailServer, startMailServer } from "../src/lib/server/mail/testing.ts";
import { type PlainReader, plainReader } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const PUBLIC = "https://papers.example.org";

export const bounceSecret = randomBytes(32).toString("base64");

/** The path of a confirmation in a message. */
export const CONFIRM = /https:\/\/papers\.example\.org(\/subscribe\/\S+)/;

/** A server and the mail server that takes its messages. Close it with `Symbol.asyncDispose`. */
export interface SubscribedSite extends AsyncDisposable {
  readonly mail: MailServer;
  readonly server: TestServer;
  /** The stamp of a form that was fetched at the beginning, and is old enough. */
  readonly stamp: string;
  /** A reader in a network from which nothing came yet. */
  reader(): PlainReader;
  /** The stamp of a form that is fetched now. */
  freshStamp(): Promise<string>;
  subscribe(email: string, fields?: Readonly<Record<string, string>>): Promise<Response>;
  /** The path in the latest message to an address. */
  latestLink(recipient: string, pattern: RegExp): Promise<string>;
  /** Subscribes an address and confirms it; resolves to the path of its preferences. */
  confirmed(email: string, fields?: Readonly<Record<string, string>>): Promise<string>;
}

export async function startSubscribedSite(): Promise<SubscribedSite> {
  const mail = await startMailServer();
  const server = await startSeeded({
    environment: {
      ...{ ORIGIN: PUBLIC, GRADUS_SMTP_URL: mail.url, ADDRESS_HEADER: "x-test-address" },
      ...{ GRADUS_BOUNCE_SECRET: bounceSecret, GRADUS_MAIL_INCOMING: "in@papers.example.org" },
      ...{ GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" },
    },
  });
  let network = 0;
  const reader = () => plainReader(server, { origin: PUBLIC, "x-test-address": `198.51.100.${++network}` });
  async function freshStamp(): Promise<string> {
    const page = await (await reader().ask("/subscribe")).text();
    return /name="stamp" value="([^"]+)"/.exec(page)?.[1] ?? "";
  }
  const stamp = await freshStamp();
  // Forms that come back sooner are taken for a program's. The stamp was made at the latest now.
  const began = Date.now();
  await vi.waitUntil(() => Date.now() - began > 2100, { timeout: 60_000 });

  const subscribe = (email: string, fields: Readonly<Record<string, string>> = {}) =>
    reader().post("/subscribe", { email, stamp, ...fields });
  async function latestLink(recipient: string, pattern: RegExp): Promise<string> {
    const to = () => mail.taken.filter((message) => message.to.includes(recipient));
    await expect.poll(() => to().length).toBe(1);
    const { text = "" } = await simpleParser(to()[0].source);
    return pattern.exec(text)?.[1] ?? "";
  }
  return {
    ...{ mail, server, stamp, reader, freshStamp, subscribe, latestLink },
    async confirmed(email, fields = {}) {
      expect((await subscribe(email, fields)).status).toBe(202);
      const page = await (await reader().post(await latestLink(email, CONFIRM))).text();
      return /href="(\/u\/[^"]+)"/.exec(page)?.[1] ?? "";
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      server.remove();
      await mail.close();
    },
  };
}

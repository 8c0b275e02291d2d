import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readMailFolder } from "./folder.ts";
import { type MailServer, startMailServer } from "./testing.ts";
import { KEY_FILE, type MailMessage, openMail } from "./transport.ts";

const ORIGIN = "https://papers.example.org";
const message: MailMessage = {
  to: "ada@example.org",
  subject: "Sign in to gradus (papers.example.org)",
  text: `Öffne this:\n\n${ORIGIN}/sign-in/${"a".repeat(43)}\n\n.\nend`,
  html: "<p>Öffne this</p>",
  messageId: "<sign-in.1@papers.example.org>",
};

let server: MailServer;
let folder: string;
beforeEach(async () => {
  server = await startMailServer();
  folder = mkdtempSync(join(tmpdir(), "gradus-mail-"));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
const mail = () => openMail({ ORIGIN, GRADUS_SMTP_URL: server.url } as NodeJS.ProcessEnv);

test("a server takes a message for one person, which another program reads as it was meant", async () => {
  await mail().send(message);
  expect(server.taken).toMatchObject([{ from: "gradus@papers.example.org", to: ["ada@example.org"] }]);
  const [{ source }] = server.taken;
  expect(source.split("\r\n").every((line) => Buffer.byteLength(line) <= 998)).toBe(true);
  const parsed = await simpleParser(source);
  expect(parsed).toMatchObject({ subject: message.subject, messageId: message.messageId });
  expect(parsed.text?.trim()).toBe(message.text);
  expect(parsed.html).toContain("Öffne this");
  expect(parsed.from?.text).toBe('"gradus" <gradus@papers.example.org>');
  expect(parsed.headers.get("auto-submitted")).toBe("auto-generated");
  expect(parsed.attachments).toEqual([]);
});

test("a server on the same machine may have signed its own certificate, as Debian's Postfix does", async () => {
  const own = await startMailServer(0, { encrypts: true });
  try {
    await openMail({ ORIGIN, GRADUS_SMTP_URL: own.url } as NodeJS.ProcessEnv).send(message);
    expect(own.taken).toMatchObject([{ to: ["ada@example.org"], encrypted: true }]);
  } finally {
    await own.close();
  }
});

test("no value of a message makes a field of its own", async () => {
  const subject = "Title\r\nBcc: eve@example.org\r\n\r\nbody 🙂";
  await mail().send({ ...message, subject });
  expect(server.taken[0].to).toEqual(["ada@example.org"]);
  const parsed = await simpleParser(server.taken[0].source);
  expect(parsed.bcc).toBeUndefined();
  expect(parsed.subject?.replace(/\s+/g, " ")).toBe(subject.replace(/\s+/g, " "));
});

test.each([
  [550, "refused"],
  [450, "later"],
  ["hang up", "unknown"],
  ["hang up on recipient", "later"],
] as const)("a server that reacts with %s: %s", async (reaction, refusal) => {
  server.react = () => reaction;
  await expect(mail().send(message)).rejects.toMatchObject({ name: "MailError", refusal });
  expect(server.taken).toEqual([]);
});

test("a server may take minutes with a message, as those that look for viruses do", async () => {
  server.pause = 400;
  // Connections live a hundred times as fast: 20 seconds are 200 ms, and the server itself waits 600 ms for its client.
  const { setTimeout: wait } = Socket.prototype;
  const spy = vi.spyOn(Socket.prototype, "setTimeout").mockImplementation(function (this: Socket, ms, then) {
    return wait.call(this, ms / 100, then);
  });
  try {
    await mail().send(message);
  } finally {
    spy.mockRestore();
  }
  expect(server.taken).toHaveLength(1);
});

test("a server that says nothing before it wants the message is left after a minute", async () => {
  const silent = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 mail.example.org\r\n");
    socket.once("data", () => socket.write("250 mail.example.org\r\n"));
  }).listen(0, "127.0.0.1");
  await once(silent, "listening");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const environment = { ORIGIN, GRADUS_SMTP_URL: `smtp://127.0.0.1:${port}` } as NodeJS.ProcessEnv;
    const sent = openMail(environment).send(message);
    const refused = expect(sent).rejects.toMatchObject({ refusal: "unreachable", status: undefined });
    const [socket] = await once(silent, "connection");
    // MAIL FROM, after the greeting.
    for (let i = 0; i < 2; i++) await once(socket, "data");
    vi.advanceTimersByTime(60_000);
    await refused;
  } finally {
    vi.useRealTimers();
    silent.close();
  }
});

test.each([
  ["says nothing to the sender", "250 mail.example.org\r\n", "", "unreachable"],
  ["says nothing to the sender, of a batch", "250-mail.example.org\r\n250 PIPELINING\r\n", "", "unreachable"],
  ["refuses the sender", "250 mail.example.org\r\n", "421 4.3.2 closing\r\n", "unreachable"],
  ["takes the sender", "250 mail.example.org\r\n", "250 mail.example.org\r\n", "later"],
  ["takes the sender of a batch", "250-mail.example.org\r\n250 PIPELINING\r\n", "250 ok\r\n", "later"],
] as const)("a server that %s and hangs up", async (_, hello, answer, refusal) => {
  const hangsUp = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 mail.example.org\r\n");
    const answers = [hello, answer];
    socket.on("data", () => {
      socket.write(answers.shift() ?? "");
      if (answers.length === 0) socket.end();
    });
  }).listen(0, "127.0.0.1");
  await once(hangsUp, "listening");
  try {
    const address = hangsUp.address();
    const port = typeof address === "object" ? address?.port : 0;
    const environment = { ORIGIN, GRADUS_SMTP_URL: `smtp://127.0.0.1:${port}` } as NodeJS.ProcessEnv;
    await expect(openMail(environment).send(message)).rejects.toMatchObject({ refusal });
  } finally {
    hangsUp.close();
  }
});

test("a site that stops leaves a server that takes its time after five seconds", async () => {
  server.pause = 10_000;
  const site = new AbortController();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const sent = expect(mail().send(message, site.signal)).rejects.toMatchObject({ refusal: "unknown" });
    await vi.waitUntil(() => server.taking > 0, { timeout: 5000 });
    site.abort();
    vi.advanceTimersByTime(5000);
    await sent;
  } finally {
    vi.useRealTimers();
  }
});

test("a server that is not there is unreachable, and so is one that wants no password in the clear", async () => {
  const withPassword = server.url.replace("smtp://", "smtp://user:password@");
  const environment = { ORIGIN, GRADUS_SMTP_URL: withPassword } as NodeJS.ProcessEnv;
  await expect(openMail(environment).send(message)).rejects.toMatchObject({ refusal: "unreachable" });
  const closed = mail();
  await server.close();
  await expect(closed.send(message)).rejects.toMatchObject({ refusal: "unreachable" });
  server = await startMailServer();
});

test("without a server messages are files that only their owner reads, and are shown with their links", async () => {
  const target = join(folder, "mail");
  const transport = openMail({ GRADUS_MAIL_DIR: target } as NodeJS.ProcessEnv);
  expect(transport.folder?.path).toBe(target);
  expect(await readMailFolder(target)).toEqual([]);
  await transport.send(message);
  const names = readdirSync(target).filter((name) => name !== KEY_FILE);
  expect(names).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{8}\.eml$/)]);
  expect(statSync(join(target, names[0])).mode & 0o777).toBe(0o600);
  const parsed = await simpleParser(readFileSync(join(target, names[0])));
  expect(parsed.text?.trim()).toBe(message.text);
  expect(await readMailFolder(target)).toEqual([
    { name: names[0], to: message.to, subject: message.subject, links: [`/sign-in/${"a".repeat(43)}`] },
  ]);
  // The key to their page stays the same when the site is started again.
  const key = readFileSync(join(target, KEY_FILE), "utf8");
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(statSync(join(target, KEY_FILE)).mode & 0o777).toBe(0o600);
  const again = openMail({ GRADUS_MAIL_DIR: target } as NodeJS.ProcessEnv);
  expect([transport.folder?.key, again.folder?.key]).toEqual([key, key]);
});

test("a full disk leaves nothing of a message, which is not taken, and is written when there is room", async () => {
  const transport = openMail({ GRADUS_MAIL_DIR: folder } as NodeJS.ProcessEnv);
  const { writeFile } = files;
  const full = vi.spyOn(files, "writeFile").mockImplementation(async (file) => {
    await writeFile(file, "Fro");
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  });
  syncBuiltinESMExports();
  try {
    await expect(transport.send(message)).rejects.toMatchObject({ refusal: "unreachable" });
    expect(full).toHaveBeenCalledOnce();
  } finally {
    full.mockRestore();
    syncBuiltinESMExports();
  }
  expect(readdirSync(folder)).toEqual([KEY_FILE]);
  await transport.send(message);
  expect(await readMailFolder(folder)).toMatchObject([{ to: message.to }]);
});

test("what a killed process left in the folder goes: half a message, and a key without characters", () => {
  const target = join(folder, "mail");
  mkdirSync(target);
  for (const name of [KEY_FILE, "20251225T120000Z-01234567.eml.draft"]) writeFileSync(join(target, name), "");
  const { folder: opened } = openMail({ GRADUS_MAIL_DIR: target } as NodeJS.ProcessEnv);
  expect(opened?.key).toMatch(/^[\w-]{43}$/);
  expect(readdirSync(target)).toEqual([KEY_FILE]);
  expect(readFileSync(join(target, KEY_FILE), "utf8")).toBe(opened?.key);
});

test.each([
  [{ GRADUS_SMTP_URL: "mail.example.org" }, "must be a URL"],
  [{ GRADUS_SMTP_URL: "http://mail.example.org" }, "must be a URL"],
  [{ GRADUS_SMTP_URL: "smtp://mail.example.org" }, "ORIGIN must be"],
  [{ GRADUS_MAIL_FROM: "gradus" }, "GRADUS_MAIL_FROM must be an address"],
])("%j is refused", (environment, words) =>
  expect(() => openMail(environment as NodeJS.ProcessEnv)).toThrow(words),
);

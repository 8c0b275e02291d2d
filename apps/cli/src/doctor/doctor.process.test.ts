import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { examineMail } from "../commands/doctor.ts";
import { memoryHost } from "../fixture/run-command.ts";
import type { Dns } from "./dns.ts";
import { checkMailServer } from "./mail-server.ts";

const DOMAIN = "papers.example.org";
const PASSWORD = "hush hush";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const published = publicKey.export({ type: "spki", format: "der" }).toString("base64");

let folder: string;
/** Of a server on this machine, trusted by this process. */
let tls: { readonly key: Buffer; readonly cert: Buffer };
const trusted = getCACertificates();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-doctor-"));
  const [key, cert] = [join(folder, "tls.pem"), join(folder, "tls.crt")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert],
    ...subject,
  ]);
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  tls = { key: readFileSync(key), cert: readFileSync(cert) };
  setDefaultCACertificates([...trusted, String(tls.cert)]);
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  rmSync(folder, { recursive: true });
});

let server: SMTPServer;
let taken: string[];
async function listen(options: SMTPServerOptions = {}): Promise<number> {
  server = new SMTPServer({
    ...{ ...tls, authMethods: ["PLAIN"] },
    onAuth: ({ password }, _session, done) =>
      password === PASSWORD ? done(null, { user: "gradus" }) : done(new Error("wrong password")),
    async onData(stream, _session, done) {
      taken.push(await text(stream));
      done();
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const address = server.server.address();
  return typeof address === "object" && address ? address.port : 0;
}
beforeEach(() => {
  taken = [];
});
afterEach(
  () => new Promise<void>((resolve) => (server?.server.listening ? server.close(resolve) : resolve())),
);

/** A DNS with these texts and domains that accept mail. */
const dnsOf = (texts: Readonly<Record<string, readonly string[]>>, mx: readonly string[] = [DOMAIN]): Dns => {
  const none = () => Promise.reject(Object.assign(new Error("none"), { code: "ENODATA" }));
  return {
    // Long texts come in parts of 255 characters.
    resolveTxt: async (name) => texts[name]?.map((line) => line.match(/.{1,255}/g) ?? []) ?? none(),
    resolveMx: async (name) => (mx.includes(name) ? [{ exchange: `mx.${name}` }] : none()),
    resolve4: none,
  };
};
const good = {
  [DOMAIN]: ["v=spf1 mx -all", "other=1"],
  [`gradus._domainkey.${DOMAIN}`]: [`v=DKIM1; k=rsa; p=${published}`],
  "_dmarc.example.org": ["v=DMARC1; p=quarantine"],
};

/** Examines a site with such settings; resolves to the exit status and a line for each subject. */
async function examine(
  settings: Readonly<Record<string, string>>,
  { dns = dnsOf(good), to }: { dns?: Dns; to?: string } = {},
) {
  const [file, keyFile] = [join(folder, "site.env"), join(folder, "dkim.pem")];
  writeFileSync(keyFile, pem);
  const all = {
    ...{ ORIGIN: `https://${DOMAIN}`, GRADUS_OPERATOR: "Ada Example", GRADUS_DKIM_KEY_FILE: keyFile },
    ...{ GRADUS_MAIL_FROM: `gradus <gradus@${DOMAIN}>`, GRADUS_MAIL_INCOMING: `bounce@${DOMAIN}` },
    ...settings,
  };
  writeFileSync(
    file,
    Object.entries(all)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(""),
  );
  const host = memoryHost({ home: folder, columns: 2000 });
  const status = await examineMail(host, { settings: file, dns, to });
  const lines = host.out.text.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
  expect(host.out.text).not.toContain(PASSWORD);
  const line = (subject: string) => lines.filter((one) => one.split("  ")[1] === subject).join("\n");
  return { status, line, last: lines.at(-2) };
}
const url = (port: number, password = PASSWORD) =>
  `smtp://gradus:${encodeURIComponent(password)}@localhost:${port}`;

test("mail that is in order ends with 0, and nothing is sent", async () => {
  const { status, line, last } = await examine({ GRADUS_SMTP_URL: url(await listen()) });
  expect(line("Mail server")).toMatch(
    /^ok {2}.*localhost:\d+ answers, encrypted \(STARTTLS\), and accepts the password$/,
  );
  expect(line("DKIM record")).toBe(`ok  DKIM record  gradus._domainkey.${DOMAIN} has the key`);
  expect(line("SPF record")).toMatch(/^ok .*v=spf1 mx -all/);
  expect(line("DMARC record")).toMatch(/^ok .*_dmarc\.example\.org: v=DMARC1; p=quarantine$/);
  expect(line("Incoming mail")).toMatch(/^ok .*accepts mail$/);
  expect([status, last, taken]).toEqual([0, "mail is in order", []]);
});

test("a test message is sent on demand, with a signature that another program verifies", async () => {
  const { status, line } = await examine({ GRADUS_SMTP_URL: url(await listen()) }, { to: "ada@example.net" });
  expect([status, taken.length]).toEqual([0, 1]);
  expect(line("Test message")).toMatch(/^ok .*took it for ada@example\.net/);
  const { results } = await dkimVerify(taken[0], {
    resolver: async (name: string) => good[name as keyof typeof good].map((own) => [own]),
  });
  expect(results.map(({ status: { result } }) => result)).toEqual(["pass"]);
});

test("a server that is wrong in some way is named with its reason", async () => {
  const port = await listen();
  const wrong = await examine({ GRADUS_SMTP_URL: url(port, "another") }, { to: "ada@example.net" });
  expect(wrong.line("Mail server")).toMatch(/^FAILED .*does not accept the password: .*wrong password/);
  expect([wrong.status, wrong.last, taken]).toEqual([1, "1 of 10 checks failed", []]);
  // which leads to this machine, and is no name of it
  const named = await examine({ GRADUS_SMTP_URL: url(port).replace("localhost", "0.0.0.0") });
  expect(named.line("Mail server")).toMatch(/^FAILED .*cannot be connected to: .*0\.0\.0\.0/);
  const own = await examine({ GRADUS_SMTP_URL: url(port).replace("localhost", "127.0.0.1") });
  expect(own.line("Mail server")).toMatch(/^ok /);
  await new Promise<void>((resolve) => server.close(resolve));
  const closed = await examine({ GRADUS_SMTP_URL: url(port) });
  expect(closed.line("Mail server")).toMatch(/^FAILED .*ECONNREFUSED/);
  const plain = await listen({ disabledCommands: ["STARTTLS"], authOptional: true });
  expect((await examine({ GRADUS_SMTP_URL: url(plain) })).line("Mail server")).toMatch(/^FAILED /);
  const open = await examine({ GRADUS_SMTP_URL: `smtp://localhost:${plain}` });
  expect(open.line("Mail server")).toMatch(/^note .*answers without encryption, and asked for no password$/);
  expect(open.status).toBe(0);
});

test("wrong and missing settings are said in plain words", async () => {
  const { status, line } = await examine({
    ...{ ORIGIN: "http://papers.example.org", GRADUS_SMTP_URL: "mail.example.org", GRADUS_DKIM_KEY_FILE: "" },
    ...{ GRADUS_MAIL_INCOMING: "a+b@c", GRADUS_OPERATOR: "" },
  });
  expect(line("Site")).toMatch(/^FAILED .*is not https/);
  expect(line("Mail server")).toMatch(/^FAILED .*GRADUS_SMTP_URL must be a URL such as/);
  expect(line("DKIM key")).toMatch(/^note .*GRADUS_DKIM_KEY is not set/);
  expect(line("Incoming mail")).toMatch(/^FAILED .*GRADUS_MAIL_INCOMING must be an address/);
  expect(line("Operator")).toMatch(/^note /);
  expect(status).toBe(1);
  const none = await examine({ GRADUS_MAIL_INCOMING: "", GRADUS_BOUNCE_SECRET: "short" });
  expect(none.line("Mail server")).toMatch(/^FAILED .*GRADUS_SMTP_URL is not set/);
  expect(none.line("Incoming mail")).toMatch(/^note .*are not read/);
  const short = await examine({ GRADUS_BOUNCE_SECRET: "short" });
  expect(short.line("Posted mail")).toMatch(/^FAILED .*at least 24 characters/);
});

const dkim = `gradus._domainkey.${DOMAIN}`;
test.each([
  ["no SPF", { ...good, [DOMAIN]: [] }, "SPF record", /^FAILED .*has none; add TXT "v=spf1 mx -all"/],
  ["two SPF", { ...good, [DOMAIN]: ["v=spf1 -all", "v=spf1 mx -all"] }, "SPF record", /^FAILED .*has 2/],
  ["an open SPF", { ...good, [DOMAIN]: ["v=spf1 +all"] }, "SPF record", /^FAILED .*lets everybody/],
  [
    "an SPF without an end",
    { ...good, [DOMAIN]: ["v=spf1 mx ?all"] },
    "SPF record",
    /^note .*forbids nobody/,
  ],
  ["no key", { ...good, [dkim]: [] }, "DKIM record", /^FAILED .*has none; add TXT "v=DKIM1; k=rsa; p=MII/],
  ["another key", { ...good, [dkim]: ["v=DKIM1; p=MIIBAAAA"] }, "DKIM record", /^FAILED .*another key/],
  ["a withdrawn key", { ...good, [dkim]: ["v=DKIM1; p="] }, "DKIM record", /^FAILED .*withdrawn/],
  ["a test key", { ...good, [dkim]: [`k=rsa; t=y:s; p=${published}`] }, "DKIM record", /^note .*t=y/],
  [
    "no DMARC",
    { ...good, "_dmarc.example.org": [] },
    "DMARC record",
    /^FAILED .*at _dmarc\.papers\.example\.org/,
  ],
  [
    "a DMARC that asks for reports only",
    { ...good, [`_dmarc.${DOMAIN}`]: ["v=DMARC1; p=none"] },
    "DMARC record",
    /^note .*p=none/,
  ],
  [
    "a DMARC without a policy",
    { ...good, "_dmarc.example.org": ["v=DMARC1; rua=x"] },
    "DMARC record",
    /^FAILED .*no policy/,
  ],
] as const)("the DNS with %s", async (_, texts, subject, wanted) => {
  const { line } = await examine({}, { dns: dnsOf(texts) });
  expect(line(subject)).toMatch(wanted);
});

test("a domain that accepts no mail has no bounces", async () => {
  expect((await examine({}, { dns: dnsOf(good, []) })).line("Incoming mail")).toMatch(
    /^FAILED .*add an MX record/,
  );
});

test("without a DNS the checks that need it are not done, say so, and end with 3", async () => {
  const dns = new Resolver({ timeout: 200, tries: 1 });
  // Nobody listens there.
  dns.setServers(["127.0.0.1:1"]);
  const { status, line, last } = await examine({ GRADUS_SMTP_URL: url(await listen()) }, { dns });
  for (const subject of ["SPF record", "DMARC record", "DKIM record", "Incoming mail"])
    expect(line(subject)).toMatch(/^not checked .*the DNS cannot be reached \(E\w+\)/);
  expect(line("DKIM record")).toContain(`${dkim} must have TXT "v=DKIM1; k=rsa; p=${published}"`);
  expect([status, last]).toEqual([3, "4 of 10 checks could not be done"]);
});

test("a sender that is none is named, and nothing is asked about its domain or sent", async () => {
  const settings = { GRADUS_SMTP_URL: url(await listen()), GRADUS_MAIL_FROM: "gradus" };
  const { status, line } = await examine(settings, { to: "ada@a.example" });
  expect(line("Sender")).toBe(
    'FAILED  Sender  GRADUS_MAIL_FROM must be an address such as gradus <gradus@papers.example.org>, got "gradus"',
  );
  expect(line("Mail server")).toMatch(/^ok /);
  for (const subject of ["DKIM key", "SPF record", "DMARC record", "Test message"])
    expect(line(subject)).toBe("");
  expect([status, taken]).toEqual([1, []]);
});

test("an address that is none, and a file that is not there, are refused", async () => {
  const host = memoryHost({ home: folder });
  await expect(examineMail(host, { to: "nobody" })).rejects.toThrow(
    '--to must be a mail address, got "nobody"',
  );
  await expect(examineMail(host, { settings: join(folder, "none") })).rejects.toThrow(
    "cannot be read: no such file",
  );
});

test("a server that answers without end is given up, by the time or by the user", async () => {
  let stop = () => {};
  const endless = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 x ESMTP\r\n");
    socket.on("data", () => {
      socket.write("250-X\r\n");
      stop();
    });
  });
  endless.listen(0, "127.0.0.1");
  await once(endless, "listening");
  const address = endless.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const check = (reason: Error) => {
    const controller = new AbortController();
    stop = () => controller.abort(reason);
    return checkMailServer({ host: "127.0.0.1", port, secure: false, requireTLS: false }, controller.signal);
  };
  const late = await check(new DOMException("late", "TimeoutError"));
  expect(late).toMatchObject({ state: "failed", text: expect.stringContaining("takes too long to answer") });
  await expect(check(new Error("stopped"))).rejects.toThrow("stopped");
  endless.close();
  await once(endless, "close");
});

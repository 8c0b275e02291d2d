import { generateKeyPairSync } from "node:crypto";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { simpleParser } from "mailparser";
import { afterEach, beforeEach, expect, test } from "vitest";
import { usualChoices } from "../subscriptions/choices.ts";
import { type Digest, digestMessage } from "../subscriptions/digest-message.ts";
import { onOneLine } from "../subscriptions/digest-papers.ts";
import { type MailServer, startMailServer } from "./testing.ts";
import { openMail } from "./transport.ts";

const ORIGIN = "https://papers.example.org";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const published = publicKey.export({ type: "spki", format: "der" }).toString("base64");
const environment = (url: string, more = {}) =>
  ({ ORIGIN, GRADUS_SMTP_URL: url, GRADUS_DKIM_KEY: pem, ...more }) as NodeJS.ProcessEnv;

let server: MailServer;
beforeEach(async () => {
  server = await startMailServer();
});
afterEach(() => server.close());

const token = `v1.0b5d2f6e-93a1-4c6f-8a55-0f6f3a2b1c4d.${"x".repeat(43)}`;
const digest = (title: string): Digest => ({
  ...{
    recipient: "ada@example.org",
    choices: usualChoices,
    since: new Date("2025-12-24T07:00:00Z"),
    due: new Date("2025-12-25T07:00:00Z"),
    period: "2025-12-25",
    matched: 3,
    labels: new Map(),
  },
  papers: [
    {
      ...{
        arxivId: "2412.08424",
        title: onOneLine(title),
        authors: "A. Ørsted and 3 more",
        marks: "2 votes",
      },
      ...{ excerpt: "An abstract with <tags> & α.", findings: ["The error is 2.1e-3."] },
    },
  ],
  ...{ origin: ORIGIN, token, returnPath: "bounce+1@papers.example.org", operator: "Sent by gradus." },
  messageId: "<2025-12-25.0b5d@papers.example.org>",
});

/** What another program says of a message's signature, with the key that the DNS would have. */
async function verify(source: string) {
  const resolver = async (name: string) => {
    if (name !== "gradus._domainkey.papers.example.org") throw new Error(`asked for ${name}`);
    return [[`v=DKIM1; k=rsa; p=${published}`]];
  };
  const { results } = await dkimVerify(source, { resolver });
  return results.map(({ status, signingHeaders }) => ({
    result: status.result,
    fields: (signingHeaders?.keys ?? "").toLowerCase(),
  }));
}

test("a digest has all fields, one recipient, both parts and a signature that another program verifies", async () => {
  await openMail(environment(server.url)).send(digestMessage(digest("Gradient descent")));
  const [{ source, from, to }] = server.taken;
  expect([from, to]).toEqual(["bounce+1@papers.example.org", ["ada@example.org"]]);
  const [signature, ...others] = await verify(source);
  expect([signature.result, others]).toEqual(["pass", []]);
  for (const field of ["list-unsubscribe", "list-unsubscribe-post", "subject", "from", "to"])
    expect(signature.fields.split(/[:;]\s*/), field).toContain(field);
  expect((await verify(source.replace("One-Click", "Two-Clicks")))[0].result).toBe("fail");

  const unfolded = source.split("\r\n\r\n")[0].replace(/\r\n[ \t]+/g, " ");
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(unfolded)?.[1];
  expect(field("List-Unsubscribe")).toBe(`<${ORIGIN}/u/${token}>`);
  expect(field("List-Unsubscribe-Post")).toBe("List-Unsubscribe=One-Click");
  expect(field("List-Id")).toBe("gradus daily <daily.papers.example.org>");
  expect(field("Auto-Submitted")).toBe("auto-generated");
  expect(field("Precedence")).toBe("bulk");
  expect(field("Message-ID")).toBe("<2025-12-25.0b5d@papers.example.org>");
  for (const name of ["List-Archive", "List-Help"])
    expect(field(name)).toMatch(/^<https:\/\/papers\.example\.org\//);
  const parsed = await simpleParser(source);
  expect(parsed.text).toContain("The error is 2.1e-3.");
  expect(parsed.html).toContain("An abstract with &lt;tags&gt; &amp; α.");
  expect(source.indexOf("text/plain")).toBeLessThan(source.indexOf("text/html"));
});

test("where the site reads mail, unsubscribing by mail is offered beside the link, which comes first", async () => {
  const unsubscribeAddress = "bounce+u0b5d.0f3a@papers.example.org";
  await openMail(environment(server.url)).send(digestMessage({ ...digest("Descent"), unsubscribeAddress }));
  const [{ source }] = server.taken;
  expect((await verify(source))[0].result).toBe("pass");
  const unfolded = source.replace(/\r\n[ \t]+/g, " ");
  expect(unfolded).toContain(`List-Unsubscribe: <${ORIGIN}/u/${token}>, <mailto:${unsubscribeAddress}>\r\n`);
});

test("a title with line breaks, emoji and 300 characters gives one subject", async () => {
  const title = `Descent\r\nBcc: eve@example.org\r\n\r\n🙂 ${"ü".repeat(300)}`;
  await openMail(environment(server.url)).send(digestMessage(digest(title)));
  const [{ source, to }] = server.taken;
  expect(to).toEqual(["ada@example.org"]);
  for (const line of source.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
  const parsed = await simpleParser(source);
  expect(parsed.bcc).toBeUndefined();
  expect(parsed.headerLines.filter(({ key }) => key === "subject")).toHaveLength(1);
  expect(parsed.subject).toMatch(/^Descent Bcc: eve@example\.org 🙂 ü{60,}… and 2 more$/);
  expect((await verify(source))[0].result).toBe("pass");
});

test.each([
  [{ GRADUS_DKIM_KEY: "no key" }, "GRADUS_DKIM_KEY must be a private key"],
  [{ GRADUS_DKIM_SELECTOR: "a b" }, "GRADUS_DKIM_SELECTOR must be a name"],
])("%j is refused", (more, words) => {
  expect(() => openMail(environment("smtp://127.0.0.1:1", more))).toThrow(words);
});

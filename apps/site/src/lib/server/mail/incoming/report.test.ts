import fc from "fast-check";
import { expect, test } from "vitest";
import { readMessage } from "./message.ts";
import { reportId, senderAddresses, verdictOf } from "./report.ts";
import { complaint, message, multipartReport, statusNotification } from "./testing.ts";

const TO = "bounce+x@papers.example.org";
const verdict = async (raw: Uint8Array) => verdictOf(await readMessage(raw));
const failed = (status: string, diagnostic?: string) => ({
  ...{ Action: "failed", Status: status },
  ...(diagnostic ? { "Diagnostic-Code": diagnostic } : {}),
});

test.each([
  ["no mailbox", [failed("5.1.1", "smtp; 550 5.1.1 <a@b.example>: no such user")], "permanent", "5.1.1"],
  [
    "a vague status with a code in the reply",
    [failed("5.0.0", "smtp; 550 5.1.10 unknown")],
    "permanent",
    "5.1.10",
  ],
  ["a vague status with a plain reply", [failed("5.0.0", "smtp;554 rejected")], "permanent", "554"],
  ["nothing but vague", [failed("5.0.0", "X-Unix; 69")], "permanent", "5.0.0"],
  [
    "a folded reply",
    [failed("5.0.0", "smtp; a long\n line, then 550\n 5.2.1 disabled")],
    "permanent",
    "5.2.1",
  ],
  ["a comment after the status", [failed("4.4.7 (expired)")], "transient", "4.4.7"],
  ["an alias whose members all fail, one for now", [failed("5.1.1"), failed("4.2.2")], "transient", "4.2.2"],
  ["a status without an action", [{ Status: "5.2.2" }], "permanent", "5.2.2"],
] as const)("a notification of failure (RFC 3464): %s", async (_, recipients, kind, status) =>
  expect(await verdict(statusNotification(TO, recipients))).toEqual({ kind, status }),
);

test.each([
  ["delayed", [{ Action: "delayed", Status: "4.4.1", "Will-Retry-Until": "tomorrow" }]],
  ["delivered", [{ Action: "delivered (to mailbox)", Status: "2.1.5" }]],
  ["relayed", [{ Action: "relayed", Status: "2.1.9" }]],
  ["an alias of which one member got it", [failed("5.1.1"), { Action: "delivered", Status: "2.0.0" }]],
  ["a success without an action", [{ Status: "2.0.0" }]],
] as const)("a notification that is no failure: %s", async (_, recipients) =>
  expect(await verdict(statusNotification(TO, recipients))).toEqual({ kind: "none" }),
);

const daemon = { From: "MAILER-DAEMON@mx.example.net", To: TO };
test.each([
  [
    "qmail",
    message(
      { ...daemon, Subject: "failure notice" },
      "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<a@b.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n\n--- Below this line is a copy of the message.\n\nSubject: 421 4.0.1",
    ),
    { kind: "permanent", status: "5.1.1" },
  ],
  [
    "Exim",
    message(
      {
        ...daemon,
        Subject: "Mail delivery failed: returning message to sender",
        "X-Failed-Recipients": "a@b.example",
      },
      "This message was created automatically by mail delivery software.\n\n  a@b.example\n    SMTP error from remote mail server after RCPT TO:<a@b.example>:\n    552 mailbox full\n\n------ This is a copy of the message, including all the headers. ------\n\nReturn-Path: <x@y>\n",
    ),
    { kind: "permanent", status: "552" },
  ],
  [
    "an old sendmail",
    message(
      { ...daemon, Subject: "Returned mail: User unknown" },
      "   ----- The following addresses had permanent fatal errors -----\n<a@b.example>\n\n   ----- Transcript of session follows -----\n>>> RCPT To:<a@b.example>\n<<< 450 4.7.1 try later\n",
    ),
    { kind: "transient", status: "4.7.1" },
  ],
  [
    "one in HTML alone",
    message(
      { ...daemon, "Content-Type": "text/html", Subject: "Undeliverable: Papers" },
      "<html><body><p>Your message couldn't be delivered.</p><b>550</b> 5.4.1 no</body></html>",
    ),
    { kind: "permanent", status: "5.4.1" },
  ],
  [
    "one that has given up without a code",
    message(
      { ...daemon, "Return-Path": "<>", From: "x@y", Subject: "failure notice" },
      "It has been in the queue too long.",
    ),
    { kind: "transient", status: undefined },
  ],
  [
    "a warning",
    message(
      { ...daemon, Subject: "Warning: message delayed 24 hours" },
      "Your message was not delivered. No action is required on your part. 451 4.7.1",
    ),
    { kind: "none" },
  ],
] as const)("what servers write without a report: %s", async (_, raw, wanted) =>
  expect(await verdict(raw)).toEqual(wanted),
);

test.each([
  [
    "an answer of a person",
    message({ From: "ada@example.org", To: TO, Subject: "Re: Papers" }, "Thank you, 550 5.1.1!"),
  ],
  [
    "a person who quotes a bounce",
    message({ From: "ada@example.org", To: TO, Subject: "failure notice" }, "550 5.1.1"),
  ],
  [
    "an absence note",
    message(
      {
        From: "ada@example.org",
        "Return-Path": "<>",
        To: TO,
        Subject: "Out of office",
        "Auto-Submitted": "auto-replied",
      },
      "Back on Monday, 5.1.2026.",
    ),
  ],
  [
    "a report of another kind",
    multipartReport({ To: TO, Subject: "Read: Papers" }, [
      ["text/plain", "Read."],
      ["message/disposition-notification", "Disposition: manual-action; displayed"],
    ]),
  ],
  [
    "a report without recipients",
    multipartReport({ To: TO, Subject: "?" }, [
      ["text/plain", "?"],
      ["message/delivery-status", "Reporting-MTA: dns; x"],
    ]),
  ],
])("no bounce: %s", async (_, raw) => expect(await verdict(raw)).toBeUndefined());

test("complaints (RFC 5965) are told from reports of good mail", async () => {
  for (const [type, kind] of [
    ["abuse", "complaint"],
    ["Fraud", "complaint"],
    ["other", "complaint"],
    ["not-spam", "none"],
    ["auth-failure", "none"],
  ])
    expect(await verdict(complaint("fbl@papers.example.org", { type }))).toEqual({ kind });
});

test("the sender's address is where the message went, or what a report notes of it, and no other", async () => {
  const addresses = async (raw: Uint8Array) => senderAddresses(await readMessage(raw));
  const notification = statusNotification(`Bounces <${TO}>`, [failed("5.1.1")], { "X-Original-To": "a@x" });
  expect(await addresses(notification)).toEqual(["a@x", TO]);
  expect(await addresses(complaint("f@x", { mailFrom: "m@x", returnPath: "r@x" }))).toEqual([
    "f@x",
    "m@x",
    "r@x",
  ]);
  // What is said of recipients, and in a text, is not among them.
  const talk = message(
    { ...daemon, Subject: `failure of ${TO}`, Cc: TO, "Reply-To": TO, To: "b@x" },
    `Return-Path: ${TO}`,
  );
  expect(await addresses(talk)).toEqual(["b@x"]);
});

test("a line of a mailbox before the message is no part of it; other beginnings are no message", async () => {
  const raw = statusNotification(TO, [failed("5.1.1")]);
  const delivered = Buffer.concat([Buffer.from("From MAILER-DAEMON Thu Dec 25 12:00:00 2025\n"), raw]);
  expect(await verdict(delivered)).toEqual({ kind: "permanent", status: "5.1.1" });
  for (const text of ["", "\r\n", "hello", "\0\x01: x", "GET / HTTP/1.1\r\nHost: x"])
    await expect(readMessage(Buffer.from(text)), text).rejects.toMatchObject({ code: "malformed" });
  await expect(readMessage(Buffer.alloc(400 * 1024 + 1, "a"))).rejects.toMatchObject({ code: "too_large" });
});

test("the same report has the same identifier, and another address another", async () => {
  const read = await readMessage(statusNotification(TO, [failed("5.1.1")]));
  expect(reportId(read, TO)).toBe(reportId(read, TO.toUpperCase()));
  expect(reportId(read, TO)).not.toBe(reportId(read, `x${TO}`));
});

test("whatever comes is read or refused, and gives no other code than that of a failure", async () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const near = fc.tuple(fc.nat(), bytes).map(([at, noise]) => {
    const raw = statusNotification(TO, [failed("5.1.1", "smtp; 550 5.1.1 no")]);
    for (const [i, byte] of noise.entries()) raw.writeUInt8(byte, (at + i * 7) % raw.length);
    return new Uint8Array(raw);
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, near), async (raw) => {
      const outcome = await verdict(raw).catch((error: { code?: unknown }) => String(error.code));
      if (typeof outcome === "string") expect(outcome).toBe("malformed");
      else if (outcome && "status" in outcome && outcome.status)
        expect(outcome.status).toMatch(outcome.kind === "permanent" ? /^5/ : /^4/);
    }),
    { numRuns: 200, seed: 21 },
  );
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  bounceSecret,
  incomingAddress,
  mailSender,
  mailServer,
  mailSigning,
  secretSetting,
} from "./mail-settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a secret comes from a setting or from a file, without its line end", () => {
  const file = join(folder, "url");
  writeFileSync(file, "postgres://u:p@h/d\n");
  expect(secretSetting({ X: "value" }, "X")).toBe("value");
  expect(secretSetting({ X_FILE: file }, "X")).toBe("postgres://u:p@h/d");
  expect(secretSetting({ X: "", X_FILE: "" }, "X")).toBeUndefined();
});

test("two sources, a missing and an empty file are refused, and no message shows the secret", () => {
  const file = join(folder, "empty");
  writeFileSync(file, "\n");
  expect(() => secretSetting({ X: "hush", X_FILE: file }, "X")).toThrow("X and X_FILE are both set");
  expect(() => secretSetting({ X: "hush", X_FILE: file }, "X")).not.toThrow("hush");
  expect(() => secretSetting({ X_FILE: join(folder, "none") }, "X")).toThrow("cannot be read");
  expect(() => secretSetting({ X_FILE: file }, "X")).toThrow("empty");
});

test("a server's port and encryption follow from its URL, and a password wants encryption", () => {
  const server = (url: string) => mailServer({ GRADUS_SMTP_URL: url });
  const credentials = { user: "a@b", pass: "p:w" };
  expect(server("smtp://a%40b:p%3Aw@mx.example.org")).toEqual({
    ...{ host: "mx.example.org", port: 587, secure: false, requireTLS: true, credentials },
  });
  expect(server("smtps://a%40b:p%3Aw@mx.example.org")).toMatchObject({
    ...{ port: 465, secure: true, requireTLS: false, credentials },
  });
  expect(server("smtp://[::1]:2525")).toEqual({
    ...{ host: "::1", port: 2525, secure: false, requireTLS: false, credentials: undefined },
    tls: { rejectUnauthorized: false },
  });
  expect(mailServer({})).toBeUndefined();
  for (const url of ["mx.example.org", "http://mx.example.org", "smtp:///x"])
    expect(() => server(url), url).toThrow("GRADUS_SMTP_URL must be a URL such as");
});

test("a server's parameters are refused by name, and no part of a password is shown", () => {
  const server = (rest: string) => () => mailServer({ GRADUS_SMTP_URL: `smtp://${rest}` });
  expect(server("a:b@mx.example.org/?tls=false&pool=1")).toThrow(
    'GRADUS_SMTP_URL must have no parameters and no fragment, got the parameter "tls"',
  );
  expect(server("a:b@mx.example.org?pool")).toThrow('got the parameter "pool"');
  expect(server("mx.example.org#tls")).toThrow('got the fragment "#tls"');
  // A port of digits, then what looks like a parameter.
  for (const mark of ["?", "#"]) {
    expect(server(`a:12${mark}hush=1@mx.example.org`)).toThrow('"?" in the password is written %3F');
    expect(server(`a:12${mark}hush=1@mx.example.org`)).not.toThrow("hush");
  }
  expect(server("a:b%3F%23@mx.example.org/?")()?.credentials?.pass).toBe("b?#");
});

test("the certificate of a server on the same machine alone may be its own", () => {
  const tls = (host: string) => mailServer({ GRADUS_SMTP_URL: `smtp://${host}:25` })?.tls;
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
    expect(tls(host), host).toEqual({ rejectUnauthorized: false });
  for (const host of ["localhost.example.org", "mx.example.org", "127.0.0.1.example.org", "10.0.0.1"])
    expect(tls(host), host).toBeUndefined();
});

test("the sender is the setting, or a name at the site's host", () => {
  const from = "Papers <daily@papers.example.org>";
  expect(mailSender({ GRADUS_MAIL_FROM: from })).toEqual({
    ...{ from, address: "daily@papers.example.org", domain: "papers.example.org" },
  });
  expect(mailSender({ GRADUS_MAIL_FROM: "daily@a.example" }).domain).toBe("a.example");
  expect(mailSender({ ORIGIN: "https://b.example:8443" }).address).toBe("gradus@b.example");
  expect(mailSender({}).domain).toBe("localhost");
});

test.each(["gradus", "gradus <gradus>", "@a.example", "g@", "a@b@a.example", "g@a.example, h@a.example"])(
  "a sender without a single address is refused: %s",
  (from) =>
    expect(() => mailSender({ GRADUS_MAIL_FROM: from })).toThrow(
      `GRADUS_MAIL_FROM must be an address such as gradus <gradus@papers.example.org>, got "${from}"`,
    ),
);

test.each([
  '"gradus <g@a.example>"',
  "Papers: daily <g@a.example>",
  "g@a.example gradus",
  "g@-a",
  "g@a..b",
  "g\n@a",
])("a sender that mail would not show as it is written is refused: %j", (from) =>
  expect(() => mailSender({ GRADUS_MAIL_FROM: from })).toThrow("GRADUS_MAIL_FROM must be an address"),
);

test.each([
  "g@localhost",
  "<g@a.example>",
  '"Papers: daily" <g@a.example>',
  "Example, Ada (papers) <g@a.example>",
])("a sender is taken as it is written: %s", (from) =>
  expect(mailSender({ GRADUS_MAIL_FROM: ` ${from}\n` }).from).toBe(from),
);

test("what is no key, no selector and no secret is refused, and not shown", () => {
  expect(mailSigning({}, "a.example")).toBeUndefined();
  expect(() => mailSigning({ GRADUS_DKIM_KEY: "hush" }, "a.example")).toThrow("must be a private key in PEM");
  expect(() => mailSigning({ GRADUS_DKIM_KEY: "hush", GRADUS_DKIM_SELECTOR: "a b" }, "a")).toThrow(
    'GRADUS_DKIM_SELECTOR must be a name such as gradus, got "a b"',
  );
  expect(bounceSecret({})).toBeUndefined();
  expect(() => bounceSecret({ GRADUS_BOUNCE_SECRET: "hush" })).toThrow("must have at least 24 characters");
  expect(() => bounceSecret({ GRADUS_BOUNCE_SECRET: "hush" })).not.toThrow("hush");
  expect(bounceSecret({ GRADUS_BOUNCE_SECRET: "s".repeat(24) })).toBe("s".repeat(24));
});

test.each(["no address", "a+b@example.org", `${"x".repeat(14)}@example.org`, "@example.org", "a@", "a@b c"])(
  "%s is no address for incoming mail",
  (given) =>
    expect(() => incomingAddress({ GRADUS_MAIL_INCOMING: given })).toThrow(
      "GRADUS_MAIL_INCOMING must be an address",
    ),
);

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertSecret } from "./secrets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("production refuses a secret that is missing, the sample, no base64, short or a pattern", () => {
  const objection = (secret: string | undefined) => {
    try {
      assertSecret({ NODE_ENV: "production", GRADUS_SECRET: secret });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : undefined;
    }
  };
  const example = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8");
  const sample = /^GRADUS_SECRET=(\S+)$/m.exec(example)?.[1];
  expect(sample).toBeDefined();
  const refused = [
    [undefined, "are not set"],
    ["", "are not set"],
    [sample, "is the public sample"],
    ["correct horse battery staple, and more of it", "is not base64"],
    [randomBytes(31).toString("base64"), "too short (44 characters, which hold 31 bytes)"],
    ["vm", "too short (2 characters, which hold 1 byte)"],
    ["0123456789abcdef".repeat(4), "guessable pattern"],
    ["A".repeat(44), "guessable pattern"],
  ] as const;
  for (const [secret, words] of refused) {
    expect(objection(secret)).toContain(words);
    expect(objection(secret)).toContain("openssl rand -base64 32");
    if (secret) expect(objection(secret)).not.toContain(secret);
  }
  for (const encoding of ["base64", "base64url", "hex"] as const)
    expect(objection(randomBytes(32).toString(encoding))).toBeUndefined();
});

test("a secret may come from a file, and only production needs one", () => {
  const file = join(folder, "secret");
  writeFileSync(file, `${randomBytes(32).toString("base64")}\n`);
  assertSecret({ NODE_ENV: "production", GRADUS_SECRET_FILE: file });
  assertSecret({ NODE_ENV: "development" });
  writeFileSync(file, "vm\n");
  expect(() => assertSecret({ NODE_ENV: "production", GRADUS_SECRET_FILE: file })).toThrow(
    "the file named by GRADUS_SECRET_FILE is too short (2 characters",
  );
  expect(() => assertSecret({ NODE_ENV: "production", GRADUS_SECRET_FILE: join(folder, "none") })).toThrow(
    "cannot be read",
  );
});

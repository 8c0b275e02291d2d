import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { incomingMail, readIncomingMail } from "@gradus/database/incoming-mail";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-mail-"));
});
afterEach(() => rm(folder, { recursive: true }));

const message = Buffer.from("To: bounce+x@papers.example.org\r\nSubject: \xff\r\n\r\n550\r\n", "latin1");

test("leaves the message for the site to read, byte for byte", async () => {
  expect(await runCommand(`mail bounce --folder ${folder}`, { home: folder, piped: message })).toEqual({
    ...{ status: 0, out: "", err: "" },
  });
  expect(incomingMail(folder).map((name) => readIncomingMail(folder, name))).toEqual([message]);
});

test.each([
  ["", undefined, 2, "mail bounce reads a message from standard input"],
  ["", Buffer.alloc(0), 3, "standard input is not a mail message"],
  ["", Buffer.from("hello\n"), 3, "standard input is not a mail message"],
  ["", Buffer.alloc(400 * 1024 + 1, "a: "), 3, "it must have at most 400 KiB"],
  [" --folder ./none", message, 75, "there is no folder"],
] as const)(
  "mail bounce%s ends with a reason and leaves nothing (%#)",
  async (more, piped, wanted, words) => {
    const line = `mail bounce${more.replace("./", `${folder}/`)}`;
    const { status, out, err } = await runCommand(line, { home: folder, piped });
    expect([status, out]).toEqual([wanted, ""]);
    expect(err).toContain(words);
    expect(incomingMail(folder)).toEqual([]);
  },
);

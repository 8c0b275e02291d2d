import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  incomingMail,
  leaveIncomingMail,
  readIncomingMail,
  removeIncomingMail,
  watchIncomingMail,
} from "./incoming-mail.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-incoming-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("messages wait in the order in which they came, byte for byte, until they are taken away", () => {
  expect(incomingMail(folder)).toEqual([]);
  const messages = [Buffer.from([0, 255, 13, 10]), Buffer.from("To: x\r\n\r\n")];
  for (const [i, message] of messages.entries()) leaveIncomingMail(folder, message, new Date(1e12 + i));
  for (const name of ["notes.txt", "../mail", `${"0".repeat(15)}-x.eml`])
    writeFileSync(join(folder, "incoming", name), "");
  const names = incomingMail(folder);
  expect(names.map((name) => readIncomingMail(folder, name))).toEqual(messages);
  expect(statSync(join(folder, "incoming", names[0])).mode & 0o777).toBe(0o600);
  removeIncomingMail(folder, names[0]);
  removeIncomingMail(folder, names[0]);
  expect(incomingMail(folder)).toEqual([names[1]]);
});

test("a site that watches is told of a message", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watchIncomingMail(folder, resolve);
  leaveIncomingMail(folder, Buffer.from("To: x\r\n\r\n"), new Date());
  await promise;
  watcher.close();
});

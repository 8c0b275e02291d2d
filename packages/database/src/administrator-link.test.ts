import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ADMINISTRATOR_LINK_HOURS,
  administratorLink,
  isAdministratorKey,
  makeAdministratorLink,
  useAdministratorKey,
} from "./administrator-link.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-link-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = new Date("2025-12-25T12:00:00Z");
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const keyOf = ({ path }: { readonly path: string }) =>
  new URLSearchParams(path.split("?")[1]).get("key") ?? "";

test("a link is in a file that its owner alone reads, and works once", () => {
  const link = makeAdministratorLink(join(folder, "data"), now);
  expect(readFileSync(link.file, "utf8")).toContain(link.path);
  expect(statSync(link.file).mode & 0o777).toBe(0o600);
  expect(administratorLink(join(folder, "data"), now)).toMatchObject(link);
  const key = keyOf(link);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(isAdministratorKey(join(folder, "data"), key, now)).toBe(true);
  expect(useAdministratorKey(join(folder, "data"), key, now)).toBe(true);
  expect(useAdministratorKey(join(folder, "data"), key, now)).toBe(false);
  expect(administratorLink(join(folder, "data"), now)).toBeUndefined();
});

test("it expires, and a new one ends it", () => {
  const first = makeAdministratorLink(folder, now);
  const end = later(ADMINISTRATOR_LINK_HOURS);
  expect(useAdministratorKey(folder, keyOf(first), end)).toBe(false);
  expect(administratorLink(folder, end)).toBeUndefined();
  const second = makeAdministratorLink(folder, now);
  expect(keyOf(second)).not.toBe(keyOf(first));
  expect(useAdministratorKey(folder, keyOf(first), now)).toBe(false);
  expect(useAdministratorKey(folder, keyOf(second), later(23))).toBe(true);
});

test.each(["", "short", "A".repeat(43), "é".repeat(43)])("the key %j opens nothing", (key) => {
  expect(useAdministratorKey(folder, key, now)).toBe(false);
  makeAdministratorLink(folder, now);
  expect(useAdministratorKey(folder, key, now)).toBe(false);
  expect(administratorLink(folder, now)).toBeDefined();
});

test("a damaged file is no link", () => {
  const { file } = makeAdministratorLink(folder, now);
  for (const text of ["", "/administrator?key=\n", `/administrator?key=${"A".repeat(43)}\nexpires never\n`]) {
    writeFileSync(file, text);
    expect(administratorLink(folder, now)).toBeUndefined();
    expect(useAdministratorKey(folder, "A".repeat(43), now)).toBe(false);
  }
});

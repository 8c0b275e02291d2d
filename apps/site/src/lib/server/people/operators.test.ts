import { expect, test } from "vitest";
import { mayOperate, operatorOf } from "./operators.ts";
import type { Person } from "./sessions.ts";

const as = (role: Person["role"]): Person => ({ id: "1", email: "ada@example.org", name: null, role });

test.each([
  ["administrator", "/operator", true],
  ["administrator", "/operator/jobs", true],
  ["moderator", "/operator", true],
  ["moderator", "/operator/moderation", true],
  ["moderator", "/operator/jobs", false],
  ["moderator", "/operator/jobs/mail", false],
  ["reader", "/operator", false],
  ["reader", "/operator/moderation", false],
] as const)("%s at %s: %s", (role, path, expected) => expect(mayOperate(as(role), path)).toBe(expected));

test("to everybody else the page does not exist", () => {
  const url = new URL("https://papers.example/operator");
  for (const person of [undefined, as("reader")])
    expect(() => operatorOf({ locals: { person }, url })).toThrow(expect.objectContaining({ status: 404 }));
  expect(operatorOf({ locals: { person: as("moderator") }, url }).role).toBe("moderator");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Field, fieldText } from "./fields.ts";
import { readSharedForm, sharedFormNotice, sharedFormQuery } from "./share.ts";

const fields: Field[] = [
  { name: "steps", label: "steps", kind: "integer", values: { quick: 100, full: 1000 } },
  {
    name: "set.size",
    label: "a name that looks like a prefix",
    kind: "number",
    values: { quick: 0.5, full: 2 },
  },
  { name: "rates", label: "rates", kind: "numbers", values: { quick: [0.1, 1], full: [0.1] } },
  { name: "also", label: "also", kind: "switch", values: { quick: false, full: true } },
];
const view = { id: "walk", fields, seedless: false };
const other = { id: "talk", fields: [], seedless: true };

const formOf = (profile: "quick" | "full") =>
  Object.fromEntries(fields.map(({ name, values }) => [name, fieldText(values[profile])]));

test("whatever a form holds, its address gives it back", () => {
  const form = fc.record({
    profile: fc.constantFrom("quick" as const, "full" as const),
    seed: fc.string({ unit: "grapheme" }).map((text) => text.trim()),
    texts: fc.record({
      steps: fc.string({ unit: "grapheme" }),
      "set.size": fc.string(),
      rates: fc.string(),
      also: fc.constantFrom("true", "false"),
    }),
  });
  fc.assert(
    fc.property(form, (held) => {
      const query = new URL(`https://gradus.example/papers/1?${sharedFormQuery(view, held)}`).searchParams;
      expect(readSharedForm(query, [other, view])).toEqual({ experiment: "walk", ...held });
    }),
  );
});

test("the paper's own values are not in the address", () => {
  expect(sharedFormQuery(view, { profile: "full", seed: "1", texts: formOf("full") })).toBe(
    "experiment=walk&profile=full&seed=1",
  );
  expect(
    sharedFormQuery(view, { profile: "quick", seed: "7", texts: { ...formOf("quick"), steps: "5" } }),
  ).toBe("experiment=walk&profile=quick&seed=7&set.steps=5");
  // Where nothing is random there is no seed to tell of.
  expect(
    sharedFormQuery({ ...view, seedless: true }, { profile: "quick", seed: "1", texts: formOf("quick") }),
  ).toBe("experiment=walk&profile=quick");
});

test("what an address does not tell is the paper's; unknown parameters are passed over", () => {
  const read = (query: string) => readSharedForm(new URLSearchParams(query), [other, view]);
  expect(read("experiment=walk")).toEqual({
    experiment: "walk",
    profile: "quick",
    seed: "1",
    texts: formOf("quick"),
  });
  expect(read("experiment=walk&profile=full&set.nothing=1&set.steps=3")?.texts).toEqual({
    ...formOf("full"),
    steps: "3",
  });
  expect(read("experiment=walk&seed=none")?.seed).toBe("none");
  // It has no field in which such a seed could be mended.
  expect(read("experiment=talk&seed=none")?.seed).toBe("1");
  expect(read("experiment=nothing")).toBeUndefined();
  expect(read("")).toBeUndefined();
});

test("who opens a link is told what can be run of it, and what is left out", () => {
  const file: Field = {
    name: "images",
    label: "images",
    kind: "switch",
    values: { quick: false, full: true },
    dataDirectory: true,
  };
  const told = (query: string, profile: "quick" | "full" = "quick", problems = {}) =>
    sharedFormNotice(new URLSearchParams(query), { fields: [...fields, file] }, { profile, problems });
  expect(told("set.steps=5&seed=2")).toBe("The form was filled from the link. Press Run to measure.");
  expect(told("seed=2", "full")).toContain("The full profile runs in Node");
  expect(told("set.steps=0", "full", { steps: "0 is less than 1", seed: undefined })).toContain(
    "some values are invalid",
  );
  expect(told("set.size=1&set.set.size=1&set.images=true")).toContain(
    "The link also sets “size”, “images”, which are ignored.",
  );
  const long = told(`set.${"a".repeat(99)}=1&set.b=1&set.b=2&set.c=1&set.d=1`);
  expect(long).toContain(`sets “${"a".repeat(30)}…”, “b”, “c” and 1 more, which are ignored.`);
});

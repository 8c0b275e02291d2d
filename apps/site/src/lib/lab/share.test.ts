import fc from "fast-check";
import { expect, test } from "vitest";
import { type Field, fieldText } from "./fields.ts";
import { readShare, shareQuery } from "./share.ts";

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
const view = { id: "walk", fields };
const other = { id: "talk", fields: [] };

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
      const query = new URL(`https://gradus.example/papers/1?${shareQuery(view, held)}`).searchParams;
      expect(readShare(query, [other, view])).toEqual({ experiment: "walk", ...held });
    }),
  );
});

test("the paper's own values are not in the address", () => {
  expect(shareQuery(view, { profile: "full", seed: "1", texts: formOf("full") })).toBe(
    "experiment=walk&profile=full&seed=1",
  );
  expect(shareQuery(view, { profile: "quick", seed: "7", texts: { ...formOf("quick"), steps: "5" } })).toBe(
    "experiment=walk&profile=quick&seed=7&set.steps=5",
  );
});

test("what an address does not tell is the paper's; unknown parameters are passed over", () => {
  const read = (query: string) => readShare(new URLSearchParams(query), [other, view]);
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
  expect(read("experiment=nothing")).toBeUndefined();
  expect(read("")).toBeUndefined();
});

import { expect, test } from "vitest";
import { foundField, logsQueries, takeSearch } from "./logged-search.ts";

const url = new URL("http://localhost/papers?q=%20newton%20%20me%40example.org%20%F0%9D%94%BD%20");
const response = () => new Response("", { headers: { ...foundField(7), "content-type": "text/html" } });

test("a search is logged by its length in characters and what it found, and the field is not sent", () => {
  const own = response();
  expect(takeSearch(own, url, { words: false })).toEqual({ query_length: 23, results: 7 });
  expect([...own.headers.keys()]).toEqual(["content-type"]);
  expect(takeSearch(own, url, { words: false })).toBeUndefined();
});

test("its words are logged where an operator wants them, without addresses and tokens", () => {
  expect(takeSearch(response(), url, { words: true })).toEqual({
    ...{ query_length: 23, results: 7, query: "newton (address) 𝔽" },
  });
  const token = new URL(`http://localhost/papers?q=${"a1".repeat(16)}`);
  expect(takeSearch(response(), token, { words: true })?.query).toBe("(token)");
});

test.each([
  [{ GRADUS_LOG_QUERIES: "1" }, true],
  [{ GRADUS_LOG_QUERIES: "0" }, false],
  [{}, false],
])("%j wants words in the log: %s", (environment, wanted) => expect(logsQueries(environment)).toBe(wanted));

test("a value that says neither is refused by name", () =>
  expect(() => logsQueries({ GRADUS_LOG_QUERIES: "true" })).toThrow(
    'GRADUS_LOG_QUERIES must be 1 (on) or 0 (off), got "true"',
  ));

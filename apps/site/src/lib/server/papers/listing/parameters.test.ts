import { describe, expect, test } from "vitest";
import { readListParameters } from "./parameters.ts";

const known = ["convex", "generative"];
const read = (query: string) => readListParameters(new URLSearchParams(query), { sort: "top", known });

test("without parameters: the list's own order, everything, the first page", () => {
  expect(read("")).toEqual({
    parameters: { sort: "top", topics: [], runnable: false, minVotes: 0, page: 0 },
    problems: [],
  });
});

test("every parameter is read; topics add up; unknown parameters are ignored", () => {
  expect(
    read("sort=new&topic=convex&topic=generative&topic=convex&runnable=1&min_votes=5&p=2&x=1&topic[]=y"),
  ).toEqual({
    parameters: { sort: "new", topics: ["convex", "generative"], runnable: true, minVotes: 5, page: 2 },
    problems: [],
  });
});

describe("a bad value is named, and the default stands", () => {
  test.each([
    ["sort=best", "sort"],
    ["runnable=yes", "runnable"],
    ["min_votes=-1", "min_votes"],
    ["min_votes=1e3", "min_votes"],
    ["min_votes=５", "min_votes"],
    ["p=-1", "p"],
    ["p=1.5", "p"],
    ["p=99999999999", "p"],
    ["topic=nothing", "topic"],
  ])("%s", (query, field) => {
    const { parameters, problems } = read(query);
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    expect(parameters).toEqual(read("").parameters);
  });
});

test("empty values are none; the first of several counts", () => {
  expect(read("sort=&p=&runnable=&topic=").problems).toEqual([]);
  expect(read("sort=new&sort=worst").parameters.sort).toBe("new");
});

import { expect, test } from "vitest";
import { isLocal, metrics } from "./metrics.ts";

test("counts requests by route and status, and their durations cumulatively", () => {
  const requests = metrics();
  requests.observe({ route: "/papers", status: 200, seconds: 0.004 });
  requests.observe({ route: "/papers", status: 200, seconds: 0.3 });
  requests.observe({ route: "/papers", status: 404, seconds: 7 });
  const text = requests.text([{ name: "up", help: "Up.", kind: "gauge", value: 1 }]);
  const lines = text.trimEnd().split("\n");
  expect(lines).toContain('gradus_requests_total{route="/papers",status="200"} 2');
  expect(lines).toContain('gradus_request_seconds_bucket{route="/papers",le="0.005"} 1');
  expect(lines).toContain('gradus_request_seconds_bucket{route="/papers",le="0.5"} 2');
  expect(lines).toContain('gradus_request_seconds_bucket{route="/papers",le="+Inf"} 3');
  expect(lines).toContain('gradus_request_seconds_count{route="/papers"} 3');
  expect(lines.at(-1)).toBe("up 1");
  for (const line of lines)
    expect(line).toMatch(
      /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? (?:NaN|-?[\d.e+-]+))$/,
    );
});

test.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])("%s is this machine", (address) => {
  expect(isLocal(address, new Headers())).toBe(true);
  expect(isLocal(address, new Headers({ "x-forwarded-for": "198.51.100.7" }))).toBe(false);
});
test.each(["10.0.0.1", "128.0.0.1", "::2", "1127.0.0.1", undefined])("%s is not", (address) =>
  expect(isLocal(address, new Headers())).toBe(false),
);

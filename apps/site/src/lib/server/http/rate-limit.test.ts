import { describe, expect, test } from "vitest";
import { addressKey, rateLimiter, rateLimitHeaders } from "./rate-limit.ts";

const at = (seconds: number) => new Date(Date.UTC(2025, 11, 25) + seconds * 1000);

describe("addresses", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.33", "64:ff9b:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s counts as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

test("a window begins with the first request, ends after a minute, and refuses what is over the limit", () => {
  const allow = rateLimiter(3);
  expect(allow("192.0.2.1", at(0))).toEqual({ limit: 3, remaining: 2, seconds: 60, allowed: true });
  expect(allow("192.0.2.1", at(20))).toEqual({ limit: 3, remaining: 1, seconds: 40, allowed: true });
  expect(allow("192.0.2.1", at(20.5)).remaining).toBe(0);
  const refused = allow("192.0.2.1", at(59.5));
  expect(refused).toEqual({ limit: 3, remaining: 0, seconds: 1, allowed: false });
  expect(allow("192.0.2.1", at(60))).toMatchObject({ remaining: 2, allowed: true });
});

test("addresses are counted apart, those of one IPv6 network together", () => {
  const allow = rateLimiter(2);
  allow("2001:db8::1", at(0));
  allow("2001:db8::2", at(1));
  expect(allow("2001:db8::3", at(2)).allowed).toBe(false);
  expect(allow("2001:db8:0:1::1", at(2)).allowed).toBe(true);
  expect(allow("192.0.2.1", at(2)).allowed).toBe(true);
});

test("a day later the counts are forgotten with the key of the hashes", () => {
  const allow = rateLimiter(1);
  allow("192.0.2.1", at(0));
  expect(allow("192.0.2.1", at(1)).allowed).toBe(false);
  expect(allow("192.0.2.1", at(86_400)).allowed).toBe(true);
});

test("a clock that is set back prolongs no window and ends none", () => {
  const allow = rateLimiter(1);
  allow("192.0.2.1", at(3600));
  expect(allow("192.0.2.1", at(3620))).toMatchObject({ seconds: 40, allowed: false });
  expect(allow("192.0.2.1", at(20))).toMatchObject({ seconds: 40, allowed: false });
  expect(allow("192.0.2.2", at(21)).allowed).toBe(true);
  expect(allow("192.0.2.1", at(60)).allowed).toBe(true);
});

test("the fields tell limit, window, what is left and when to come back", () => {
  expect(rateLimitHeaders({ limit: 120, remaining: 0, seconds: 17, allowed: false })).toEqual({
    "RateLimit-Limit": "120",
    "RateLimit-Policy": "120;w=60",
    "RateLimit-Remaining": "0",
    "RateLimit-Reset": "17",
    "Retry-After": "17",
  });
  expect(rateLimitHeaders({ limit: 120, remaining: 5, seconds: 17, allowed: true })).not.toHaveProperty(
    "Retry-After",
  );
});

test.each([0, -1, 1.5, Number.NaN])("a limit of %s is refused", (limit) => {
  expect(() => rateLimiter(limit)).toThrow(RangeError);
});

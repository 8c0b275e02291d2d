import { expect, test } from "vitest";
import { browserEnvironment } from "./environment.ts";

test.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Chromium 140",
    "Linux",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Firefox 143",
    "Windows",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Safari 26",
    "macOS",
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0",
    "Chromium 140",
    "Android",
  ],
  ["curl/8", "a browser", "unknown"],
])("%s", (userAgent, runtime, platform) => {
  expect(browserEnvironment({ userAgent, hardwareConcurrency: 2 })).toEqual({ runtime, platform, cores: 2 });
});

test("what the browser says of itself goes before what its name suggests", () => {
  const environment = browserEnvironment({
    userAgent: "Mozilla/5.0",
    hardwareConcurrency: 8,
    userAgentData: {
      brands: [
        { brand: "Not=A?Brand", version: "24" },
        { brand: "Chromium", version: "141" },
      ],
      platform: "Chrome OS",
    },
  });
  expect(environment).toEqual({ runtime: "Chromium 141", platform: "Chrome OS", cores: 8 });
});

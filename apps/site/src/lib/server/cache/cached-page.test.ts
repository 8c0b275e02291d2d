import { expect, test } from "vitest";
import { cachePage } from "./cached-page.ts";

/** A page with a nonce twice, with or without styles between them. */
function rendered(styles: string) {
  const html = `<!doctype html><script nonce="bm9uY2U=">1</script><style nonce="bm9uY2U=">${styles}</style><p>text</p>`;
  const headers = {
    "content-type": "text/html",
    "content-security-policy": "script-src 'nonce-bm9uY2U='; style-src 'nonce-bm9uY2U='",
  };
  return { response: new Response("", { headers }), html };
}

test.each(["", "p{color:red}", "p{color:blue}".repeat(2000)])(
  "a page that is kept takes no more memory than it counts (styles %#)",
  (styles) => {
    const page = cachePage(rendered(styles));
    const buffers = new Set(page?.pieces.map(({ packed }) => packed.buffer));
    expect([...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(page?.bytes);
    expect(buffers.size).toBe(3);
  },
);

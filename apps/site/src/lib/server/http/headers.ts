import type { Config } from "@sveltejs/kit/vite";

/** Sent with every response, pages, files and errors alike. Pages add their own Content-Security-Policy. */
export const securityHeaders: Readonly<Record<string, string>> = {
  // Threads of the WebAssembly engine need shared memory, which needs these two.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Permissions-Policy":
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), " +
    "geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
    "picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=()",
  "Strict-Transport-Security": "max-age=31536000",
};

/** The policy of pages; SvelteKit adds the nonce. */
export const pageDirectives: NonNullable<NonNullable<Config["csp"]>["directives"]> = {
  "default-src": ["none"],
  "script-src": ["self", "wasm-unsafe-eval"],
  "style-src": ["self"],
  // SvelteKit's route announcer and the plots carry style attributes; stored HTML may not.
  "style-src-attr": ["unsafe-inline"],
  "img-src": ["self", "data:"],
  "connect-src": ["self"],
  "worker-src": ["self", "blob:"],
  "manifest-src": ["self"],
  "form-action": ["self"],
  "base-uri": ["none"],
  "frame-ancestors": ["none"],
};

/**
 * The policy of everything that is not a page; it is the one that rules in workers, and for the error that is sent when
 * no page can be made, which has a style sheet and the icon.
 */
export const filePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "worker-src 'self' blob:; frame-ancestors 'none'";

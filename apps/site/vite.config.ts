import { documentation } from "@gradus/docs/vite";
import node from "@sveltejs/adapter-node";
import type { Adapter } from "@sveltejs/kit";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig, type Plugin } from "vite";
import { precompress } from "./server/precompress.ts";
import { refused } from "./server/requests.ts";
import { pageDirectives, securityHeaders } from "./src/lib/server/http/headers.ts";

/** The Node adapter, with our own compression: its way takes half a minute for the graph engine's WebAssembly. */
function adapter(): Adapter {
  const { GRADUS_BUILD_FOLDER: out } = process.env;
  const inner = node({ out });
  return {
    ...inner,
    adapt(builder) {
      // A server may be running from the folder that it would write to by itself.
      if (!out) throw new Error('run "npm run build": it builds beside what running servers use');
      return inner.adapt({ ...builder, compress: precompress });
    },
  };
}

/** Refuses in development what the server refuses in production: SvelteKit's development server fails on such paths. */
function refusals(): Plugin {
  return {
    name: "gradus:refusals",
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        if (!refused(request, response)) next();
      });
    },
  };
}

export default defineConfig({
  plugins: [
    refusals(),
    documentation(),
    sveltekit({
      adapter: adapter(),
      // Mail providers and programs send no Origin: the hooks check it where there are cookies.
      csrf: { trustedOrigins: ["*"] },
      csp: { mode: "nonce", directives: pageDirectives },
      // Styles come within the page, 6 kB of it: as files they would wait for another round trip, and on six
      // connections behind the scripts, before anything is painted.
      inlineStyleThreshold: 16_384,
      // The default is six letters longer, a thousand times in a page of 50 papers.
      compilerOptions: { cssHash: ({ hash, filename }) => `s${hash(filename)}` },
      // A page that is kept for those without network is shown under any address.
      paths: { relative: false },
      // The default, the time of the build, would give every build other files.
      version: { name: process.env.GRADUS_SOURCE_HASH ?? "development" },
    }),
  ],
  // The workspace's packages are sources; the server carries them in its bundle. Native code and WebAssembly stay outside.
  // Packages of a hundred small files come along: Node reads a package's package.json again for each of its files, and
  // that of drizzle-orm has 180 kB, which took a quarter of a start.
  ssr: {
    noExternal: [/^@gradus\//, "gradus", "drizzle-orm", "hono", /^@hono\//, "zod"],
    external: ["onnxruntime-node", "onnxruntime-web"],
  },
  worker: { format: "es" },
  // The first browsers with light-dark(): its replacement for older ones cannot follow a reader's own choice.
  build: { cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"] },
  server: { headers: securityHeaders, fs: { allow: ["../../packages"] } },
});

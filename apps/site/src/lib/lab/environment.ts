import type { Environment } from "@gradus/papers";

/** The parts of `navigator` that say where a run was made. */
export interface NavigatorLike {
  readonly userAgent: string;
  readonly hardwareConcurrency: number;
  readonly userAgentData?: {
    readonly brands: readonly { readonly brand: string; readonly version: string }[];
    readonly platform: string;
  };
}

const ENGINES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Firefox", /Firefox\/(\d+)/],
  ["Edge", /Edg\/(\d+)/],
  ["Chromium", /Chrom(?:e|ium)\/(\d+)/],
  ["Safari", /Version\/(\d+).*Safari/],
];

const PLATFORMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["Windows", /Windows/],
  ["macOS", /Macintosh/],
  ["Linux", /Linux|X11/],
];

/** The browser, its platform and cores: coarse on purpose, it is written into reports that people pass on. */
export function browserEnvironment(navigator: NavigatorLike): Environment {
  const { userAgent, userAgentData, hardwareConcurrency: cores } = navigator;
  const brand = userAgentData?.brands.find(({ brand }) => brand === "Chromium");
  const engine = ENGINES.find(([, pattern]) => pattern.test(userAgent));
  const version = engine?.[1].exec(userAgent)?.[1];
  return {
    runtime: brand ? `Chromium ${brand.version}` : engine ? `${engine[0]} ${version}` : "a browser",
    platform: userAgentData?.platform || (PLATFORMS.find(([, p]) => p.test(userAgent))?.[0] ?? "unknown"),
    cores,
  };
}

/** The colors of a figure by the names of their CSS variables. */
export interface Theme {
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  /** Okabe and Ito's palette, which is safe for color-blind readers; the paper's method comes first. */
  readonly "series-1": string;
  readonly "series-2": string;
  readonly "series-3": string;
  readonly "series-4": string;
  readonly "series-5": string;
}

export const light: Theme = {
  surface: "#ffffff",
  ink: "#1c1b18",
  muted: "#625e55",
  rule: "#e3dfd4",
  "series-1": "#0072b2",
  "series-2": "#d55e00",
  "series-3": "#009e73",
  "series-4": "#aa4499",
  "series-5": "#7a7a7a",
};

export const dark: Theme = {
  surface: "#1a1c21",
  ink: "#eceae4",
  muted: "#a3a097",
  rule: "#2b2e36",
  "series-1": "#56b4e9",
  "series-2": "#e69f00",
  "series-3": "#2ec9a0",
  "series-4": "#cc79a7",
  "series-5": "#b0b0b0",
};

const VARIABLE = /^var\(--([\w-]+)\)$/;
const MIX = /^color-mix\(in srgb, (.+) (\d+)%, (.+)\)$/;

function isName(name: string): name is keyof Theme {
  return Object.hasOwn(light, name);
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/**
 * A color of a figure as `#rrggbb` for SVG viewers without CSS variables: resolves `var(--name)` and a `color-mix` of
 * two; any other color is returned unchanged.
 */
export function resolveColor(color: string, theme: Theme): string {
  const name = VARIABLE.exec(color)?.[1];
  if (name !== undefined && isName(name)) return theme[name];
  const mix = MIX.exec(color);
  if (!mix) return color;
  const [first, second] = [mix[1], mix[3]].map((part) => channels(resolveColor(part, theme)));
  const share = Number(mix[2]) / 100;
  const mixed = first.map((value, i) => Math.round(value * share + second[i] * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";

/**
 * A Fourier transform  h^(w) = int h(t) e^(-i w t) dt  away from 0: density(|w|) for an even function,
 * -i sign(w) density(|w|) for an odd one.
 */
export interface RidgeSpectrum {
  readonly parity: "even" | "odd";
  /** Order of its zero at 0; negative for a pole. */
  readonly zeros: number;
  /** At w > 0. */
  readonly density: (w: number) => number;
  /** Where the transform is two points of mass `density(atom)` at -atom and atom. */
  readonly atom?: number;
}

/** An activation, with what bounds and transforms of it need. */
export interface RidgeActivation {
  readonly name: string;
  readonly value: (t: number) => number;
  /** max |sigma'| over the real line. */
  readonly lipschitz: number;
  /** max |sigma(t)| over |Im t| <= height, infinite beyond the strip in which sigma is analytic. */
  readonly stripBound: (height: number) => number;
  readonly spectrum: RidgeSpectrum;
}

const ROOT = Math.sqrt(2 * Math.PI);
const gauss = (t: number) => Math.exp((-t * t) / 2);

function sigmoidBound(height: number): number {
  if (height >= Math.PI) return Number.POSITIVE_INFINITY;
  return height <= Math.PI / 2 ? 1 : 1 / Math.sin(height);
}

const records = {
  sigmoid: {
    // exp overflows to infinity, whose reciprocal is the limit 0
    value: (t) => 1 / (1 + Math.exp(-t)),
    lipschitz: 0.25,
    stripBound: sigmoidBound,
    spectrum: { parity: "odd", zeros: -1, density: (w) => Math.PI / Math.sinh(Math.PI * w) },
  },
  tanh: {
    value: Math.tanh,
    lipschitz: 1,
    stripBound: (height) =>
      height >= Math.PI / 2 ? Number.POSITIVE_INFINITY : Math.max(1, Math.tan(height)),
    spectrum: { parity: "odd", zeros: -1, density: (w) => Math.PI / Math.sinh((Math.PI * w) / 2) },
  },
  relu: {
    value: (t) => Math.max(t, 0),
    lipschitz: 1,
    stripBound: () => Number.POSITIVE_INFINITY,
    spectrum: { parity: "even", zeros: -2, density: (w) => -1 / (w * w) },
  },
  gaussian: {
    value: gauss,
    lipschitz: Math.exp(-0.5),
    stripBound: (height) => Math.exp(height ** 2 / 2),
    spectrum: { parity: "even", zeros: 0, density: (w) => ROOT * gauss(w) },
  },
  gaussianDerivative: {
    value: (t) => t * gauss(t),
    lipschitz: 1,
    stripBound: (height) => Math.exp(height ** 2 / 2) * (height + Math.exp(-0.5)),
    spectrum: { parity: "odd", zeros: 1, density: (w) => ROOT * w * gauss(w) },
  },
  sine: {
    value: Math.sin,
    lipschitz: 1,
    stripBound: Math.cosh,
    spectrum: { parity: "odd", zeros: 0, density: () => Math.PI, atom: 1 },
  },
  cosine: {
    value: Math.cos,
    lipschitz: 1,
    stripBound: Math.cosh,
    spectrum: { parity: "even", zeros: 0, density: () => Math.PI, atom: 1 },
  },
} satisfies Record<string, Omit<RidgeActivation, "name">>;

/** The name of an activation of hidden units; `gaussian` is exp(-t^2/2), `gaussianDerivative` t exp(-t^2/2). */
export type RidgeActivationName = keyof typeof records;

/**
 * The activation with that name.
 *
 * @throws ArgumentError for an unknown name
 */
export function ridgeActivation(name: RidgeActivationName): RidgeActivation {
  if (!Object.hasOwn(records, name))
    throw new ArgumentError(
      `activation must be one of ${Object.keys(records).join(", ")}, got ${shown(name)}`,
    );
  return { name, ...records[name] };
}

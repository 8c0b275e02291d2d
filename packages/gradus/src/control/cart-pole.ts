import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import type { Environment } from "./environment.ts";

export interface CartPoleOptions {
  /** Kilograms. */
  readonly cartMass?: number;
  readonly poleMass?: number;
  /** Half the pole, in meters. */
  readonly halfLength?: number;
  /** Meters per second squared. */
  readonly gravity?: number;
  /** Seconds. */
  readonly timeStep?: number;
  /** Newtons: the force is clipped to [-largestForce, largestForce]. */
  readonly largestForce?: number;
}

/** A cart-pole and its linearization about the upright equilibrium. */
export interface CartPole extends Environment {
  /** s' = A s + B u near 0: A is 4 x 4, B 4 x 1. */
  readonly A: DenseMatrix;
  readonly B: DenseMatrix;
}

/** Initial states are uniform within plus or minus these: position, velocity, angle, angular velocity. */
const SPREAD = [0.5, 0.5, 0.3, 0.5] as const;
const LARGEST_ANGLE = 1.2;
const LARGEST_POSITION = 4;

/**
 * A pole on a cart driven by a continuous force u. The state is position x, velocity v, angle th from upright and
 * angular velocity w, in meters, radians and seconds; with M the total mass, l half the pole's length and
 * phi = (u + m_p l w^2 sin th) / M,
 *
 *     w' = (g sin th - phi cos th) / (l (4/3 - m_p cos^2 th / M)),    v' = phi - m_p l w' cos th / M.
 *
 * A step updates the velocities first, then the positions with the new velocities. An episode fails beyond 1.2 rad or
 * 4 m.
 * Source: Barto, Sutton & Anderson 1983, "Neuronlike adaptive elements that can solve difficult learning control
 * problems".
 *
 * @throws ArgumentError naming the constant that is not finite and > 0
 */
export function cartPole(options: CartPoleOptions = {}): CartPole {
  checkOptions("cartPole", options, [
    "cartMass",
    "poleMass",
    "halfLength",
    "gravity",
    "timeStep",
    "largestForce",
  ]);
  const {
    cartMass = 1,
    poleMass = 0.1,
    halfLength = 0.5,
    gravity = 9.8,
    timeStep = 0.02,
    largestForce = 10,
  } = options;
  checkPositive({ cartMass, poleMass, halfLength, gravity, timeStep, largestForce });
  const mass = cartMass + poleMass;

  function step(state: Float64Array, action: Float64Array): Float64Array<ArrayBuffer> {
    const [x, v, angle, w] = state;
    const force = Math.max(-largestForce, Math.min(largestForce, action[0]));
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const phi = (force + poleMass * halfLength * w * w * sine) / mass;
    const turning =
      (gravity * sine - cosine * phi) / (halfLength * (4 / 3 - (poleMass * cosine * cosine) / mass));
    const moving = phi - (poleMass * halfLength * turning * cosine) / mass;
    const nextVelocity = v + timeStep * moving;
    const nextTurn = w + timeStep * turning;
    return Float64Array.of(x + timeStep * nextVelocity, nextVelocity, angle + timeStep * nextTurn, nextTurn);
  }

  // derivatives of the angular acceleration and the acceleration in the angle and the force, at 0
  const inertia = halfLength * (4 / 3 - poleMass / mass);
  const turning = { angle: gravity / inertia, force: -1 / (mass * inertia) };
  const lever = (poleMass * halfLength) / mass;
  const moving = { angle: -lever * turning.angle, force: 1 / mass - lever * turning.force };
  const [h, hh] = [timeStep, timeStep * timeStep];
  return {
    stateSize: 4,
    actionSize: 1,
    A: denseMatrix(
      [
        ...[1, h, hh * moving.angle, 0],
        ...[0, 1, h * moving.angle, 0],
        ...[0, 0, 1 + hh * turning.angle, h],
        ...[0, 0, h * turning.angle, 1],
      ],
      4,
      4,
    ),
    B: denseMatrix([hh * moving.force, h * moving.force, hh * turning.force, h * turning.force], 4, 1),
    initial: (stream) => Float64Array.from(SPREAD, (size) => stream.uniform(-size, size)),
    step,
    failed: ([x, , angle]) => Math.abs(angle) > LARGEST_ANGLE || Math.abs(x) > LARGEST_POSITION,
  };
}

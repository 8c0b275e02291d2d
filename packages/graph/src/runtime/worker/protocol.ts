import type { DataArray } from "../../dtype.ts";
import {
  DisposedError,
  GraphError,
  IndexError,
  InputError,
  ShapeError,
  TypeMismatchError,
  UnsupportedError,
  WorkerError,
} from "../../errors.ts";
import type { ArrayValue, LoadOptions } from "../runtime.ts";

export type Values = readonly ArrayValue[];

/** What a client asks its worker for. */
export type Request =
  | { readonly kind: "load"; readonly model: Uint8Array<ArrayBuffer>; readonly options: LoadOptions }
  | { readonly kind: "run"; readonly session: number; readonly inputs: Values }
  | { readonly kind: "release"; readonly session: number }
  /** Lets what is under way end and frees all sessions. */
  | { readonly kind: "close" };

export type Question = { readonly id: number; readonly request: Request };

export type Outcome =
  | { readonly kind: "loaded"; readonly session: number }
  | { readonly kind: "results"; readonly results: Values }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: PortableError };

export type Answer = { readonly id: number; readonly outcome: Outcome };

/** An error as plain data: an error's class does not survive the way between threads. */
export interface PortableError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

const classes: Readonly<Record<string, typeof GraphError>> = {
  GraphError,
  ShapeError,
  TypeMismatchError,
  IndexError,
  InputError,
  DisposedError,
  UnsupportedError,
  WorkerError,
};

export function toPortable(error: unknown): PortableError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return { name, message, stack };
}

/** The error of the class that it had; what is not of this package's classes becomes a GraphError. */
export function fromPortable({ name, message, stack }: PortableError): GraphError {
  const known = classes[name];
  return known
    ? new known(message, { cause: stack })
    : new GraphError(`${name}: ${message}`, { cause: stack });
}

function copy(data: DataArray): DataArray {
  return data.slice();
}

/** Values whose data are their own, and the buffers to hand over: the caller's arrays stay as they are. */
export function copied(values: Values): { readonly values: Values; readonly transfer: ArrayBuffer[] } {
  return owned(values, copy);
}

/** Values that nobody else uses, and the buffers to hand over: only views of a larger or shared buffer are copied. */
export function handedOver(values: Values): { readonly values: Values; readonly transfer: ArrayBuffer[] } {
  return owned(values, (data) =>
    data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? data : copy(data),
  );
}

function owned(values: Values, own: (data: DataArray) => DataArray) {
  const buffers = new Set<ArrayBuffer>();
  const result = values.map(({ dtype, shape, data }): ArrayValue => {
    const mine = own(data);
    if (mine.buffer instanceof ArrayBuffer) buffers.add(mine.buffer);
    return { dtype, shape, data: mine };
  });
  return { values: result, transfer: [...buffers] };
}

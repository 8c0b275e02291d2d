import { BlasArgumentError, OutOfMemoryError } from "./errors.ts";

/** Blocks begin at a cache line. */
const ALIGNMENT = 64;
const PAGE = 65_536;

/** Bytes of a block. */
const roundUp = (bytes: number): number => Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;

/** Addresses before this are not the heap's: 0 stands for "nothing there", and kernels keep constants behind it. */
const RESERVED = 256;
/** WebAssembly addresses are 32 bits: loops run to the end of a block, which would be address 0 after the last page. */
const LIMIT = 2 ** 32 - PAGE;

/** A `WebAssembly.Memory`, spelled out: its own type is in TypeScript's library of the DOM, which programs of Node lack. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Addresses `start` up to, but not including, `end`. */
interface Range {
  start: number;
  end: number;
}

/**
 * An allocator of one WebAssembly memory, which grows on demand: first fit in a list of free ranges, neighbors merged.
 * An address is good until it is freed; a view is good until the next allocation, which may grow the memory.
 */
export class Heap {
  readonly memory: GrowingMemory;
  /** Bytes of the blocks in use, by address. */
  readonly sizes = new Map<number, number>();
  readonly #free: Range[];
  #numbers: Float64Array;
  #integers: Int32Array;

  constructor(memory: GrowingMemory) {
    this.memory = memory;
    this.#numbers = new Float64Array(memory.buffer);
    this.#integers = new Int32Array(memory.buffer);
    this.#free = [{ start: RESERVED, end: memory.buffer.byteLength }];
  }

  /** The whole memory as float64 numbers; to be asked for again after each allocation. */
  get numbers(): Float64Array {
    if (this.#numbers.length === 0) this.#numbers = new Float64Array(this.memory.buffer);
    return this.#numbers;
  }

  /** The whole memory as integers of 32 bits; to be asked for again after each allocation. */
  get integers(): Int32Array {
    if (this.#integers.length === 0) this.#integers = new Int32Array(this.memory.buffer);
    return this.#integers;
  }

  /**
   * @param purpose what the memory is for, as the error names it
   * @returns the address, a multiple of 64
   * @throws OutOfMemoryError when the memory cannot grow; BlasArgumentError for what is no size, which would spoil the free
   *   ranges
   */
  allocate(bytes: number, purpose: string): number {
    if (!(bytes >= 0)) throw new BlasArgumentError(`${bytes} bytes for ${purpose}`);
    const size = roundUp(bytes);
    const free = this.#free;
    let i = free.findIndex(({ start, end }) => end - start >= size);
    if (i < 0) i = this.#grow(size, bytes, purpose);
    const { start: address, end } = free[i];
    free[i].start += size;
    if (free[i].start === end) free.splice(i, 1);
    this.sizes.set(address, size);
    return address;
  }

  /** Gives back what `allocate` returned. */
  free(address: number): void {
    const size = this.sizes.get(address);
    if (!size) return;
    this.sizes.delete(address);
    const free = this.#free;
    let end = address + size;
    let next = 0;
    while (next < free.length && free[next].start < end) next += 1;
    const before = free[next - 1];
    const after = free[next];
    if (after?.start === end) {
      end = after.end;
      free.splice(next, 1);
    }
    if (before?.end === address) before.end = end;
    else free.splice(next, 0, { start: address, end });
  }

  #tryGrow(bytes: number): boolean {
    try {
      this.memory.grow(Math.ceil(bytes / PAGE));
      return true;
    } catch {
      return false;
    }
  }

  /** Makes the last free range so large; its index. */
  #grow(size: number, bytes: number, purpose: string): number {
    const length = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const missing = size - (last?.end === length ? length - last.start : 0);
    // a quarter more at least: growing takes long, and what is not written costs nothing
    const generous = Math.min(Math.max(missing, length / 4), LIMIT - length);
    if (length + missing > LIMIT || !(this.#tryGrow(generous) || this.#tryGrow(missing)))
      throw new OutOfMemoryError(bytes, purpose);
    // what is new is freed like a block, which joins it to a free range before it
    this.sizes.set(length, this.memory.buffer.byteLength - length);
    this.free(length);
    return this.#free.length - 1;
  }
}

let shared: Heap | undefined;

/** Bytes of the stack: operands, results and workspace of a product of order 32 and less fit. */
const STACK = 65_536;
/** The free addresses of the stack, in which calls have their small blocks: they cost an addition. */
let stackStart = 0;
let stackEnd = 0;
/** The call that is running: none outside of it may put a block on the stack, where it would be lost when this one ends. */
let innermost: Frame | undefined;

/** The heap that all modules of the package have in common, made on first use. */
export function sharedHeap(): Heap {
  if (shared) return shared;
  shared = new Heap(new WebAssembly.Memory({ initial: 16 }));
  stackStart = shared.allocate(STACK, "");
  stackEnd = stackStart + STACK;
  return shared;
}

/** Memory of one owner: everything that it allocates is given back at once. */
export class Frame {
  readonly heap: Heap;
  readonly #addresses: number[] = [];
  readonly #purpose: string;

  constructor(purpose: string, heap: Heap = sharedHeap()) {
    this.heap = heap;
    this.#purpose = purpose;
  }

  /** The address of `count` bytes, uninitialized. */
  bytes(count: number): number {
    let address = stackStart;
    if (innermost === this && count >= 0 && address + count <= stackEnd) stackStart += roundUp(count);
    else {
      address = this.heap.allocate(count, this.#purpose);
      this.#addresses.push(address);
    }
    return address;
  }

  /** The address of `count` float64 numbers, uninitialized. */
  numbers(count: number): number {
    return this.bytes(8 * count);
  }

  /** The address of a copy. */
  copy(values: Float64Array): number {
    const address = this.numbers(values.length);
    this.heap.numbers.set(values, address / 8);
    return address;
  }

  /** Gives everything back. */
  release(): void {
    // the last first: what a call allocated lies in a row, and each block then joins the range after it
    for (const address of this.#addresses.reverse()) this.heap.free(address);
    this.#addresses.length = 0;
  }
}

/** Runs a call with memory of its own, which is given back when it returns or throws. */
export function withFrame<T>(purpose: string, run: (frame: Frame) => T): T {
  const frame = new Frame(purpose);
  const start = stackStart;
  const outer = innermost;
  innermost = frame;
  try {
    return run(frame);
  } finally {
    innermost = outer;
    stackStart = start;
    frame.release();
  }
}

import { Frame, type Heap, sharedHeap } from "./memory.ts";

/** Bytes of copies that are kept at once, unless the two used last are larger. */
export const COPIES_LIMIT = 2 ** 28;

/** A copy's memory, without what it is a copy of: nothing here keeps an owner alive. */
interface Slot {
  readonly frame: Frame;
  readonly bytes: number;
  address: number | undefined;
}

/** The slots in memory, the least recently used first. */
const kept = new Set<Slot>();
let keptBytes = 0;
let newest: Slot | undefined;

function release(slot: Slot): void {
  if (slot.address === undefined) return;
  slot.frame.release();
  slot.address = undefined;
  kept.delete(slot);
  if (newest === slot) newest = undefined;
  keptBytes -= slot.bytes;
}

/** Frees the memory of copies whose owners have become unreachable. */
const forgotten = new FinalizationRegistry<Slot>(release);

/**
 * A copy in WebAssembly memory of data that stay outside, made when it is first used. When copies take too much memory,
 * those least recently used are dropped, and made again when they are used again: an owner that is never disposed of
 * costs memory for a while, not for good.
 */
export class ResidentCopy {
  readonly #slot: Slot;
  readonly #write: (heap: Heap, address: number) => void;

  /** @param write copies the data to an address */
  constructor(bytes: number, purpose: string, write: (heap: Heap, address: number) => void) {
    this.#slot = { frame: new Frame(purpose), bytes, address: undefined };
    this.#write = write;
    forgotten.register(this, this.#slot, this);
  }

  /**
   * Where the copy is, until the second next one is asked for.
   *
   * @throws OutOfMemoryError
   */
  get address(): number {
    return this.load();
  }

  /** `address`, for its sake or for the check that writing makes. */
  load(): number {
    const slot = this.#slot;
    if (slot.address !== undefined) {
      if (slot === newest) return slot.address;
      kept.delete(slot);
      kept.add(slot);
      newest = slot;
      return slot.address;
    }
    for (const other of kept) {
      if (keptBytes + slot.bytes <= COPIES_LIMIT) break;
      if (other !== newest) release(other);
    }
    slot.address = slot.frame.bytes(slot.bytes);
    kept.add(slot);
    newest = slot;
    keptBytes += slot.bytes;
    try {
      this.#write(sharedHeap(), slot.address);
    } catch (error) {
      release(slot);
      throw error;
    }
    return slot.address;
  }

  /** Where the copy is if there is one. */
  get loaded(): number | undefined {
    return this.#slot.address;
  }

  /** Gives the memory back; the copy is made again when it is used again. */
  release(): void {
    release(this.#slot);
  }
}

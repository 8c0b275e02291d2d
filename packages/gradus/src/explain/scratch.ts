/** Returns memory for a number of values, which the next call overwrites. */
export type Scratch = (length: number) => Float64Array;

/** Memory that is used again from call to call: fresh pages for each block cost more than the numbers in them. */
export function scratch(): Scratch {
  let memory = new Float64Array(0);
  return (length) => {
    if (memory.length < length) memory = new Float64Array(length);
    return memory.length === length ? memory : memory.subarray(0, length);
  };
}

/** The most numbers of memory that is kept for good: 8 MB. */
const MOST_KEPT = 2 ** 20;

/** `scratch` for a module, whose functions must be done with the memory before they await; large blocks are not kept. */
export function keptScratch(): Scratch {
  const kept = scratch();
  return (length) => (length <= MOST_KEPT ? kept(length) : new Float64Array(length));
}

/** Memory that is one's own until it is disposed of. */
export interface LentMemory extends Disposable {
  readonly values: Float64Array;
}

/** Memory for a module whose functions need it across awaits: what one gives back, the next one gets. */
export function lendingScratch(): (length: number) => LentMemory {
  let free: Float64Array | undefined;
  return (length) => {
    const memory = free && free.length >= length ? free : new Float64Array(length);
    if (memory === free) free = undefined;
    const giveBack = () => {
      if (memory.length <= MOST_KEPT && memory.length >= (free?.length ?? 0)) free = memory;
    };
    return { values: memory.subarray(0, length), [Symbol.dispose]: giveBack };
  };
}

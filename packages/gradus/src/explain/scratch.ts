/** Gives memory for so many numbers; what the call before gave is overwritten. */
export type Scratch = (length: number) => Float64Array;

/** Memory that is used again from call to call: fresh pages for each block cost more than the numbers in them. */
export function scratch(): Scratch {
  let memory = new Float64Array(0);
  return (length) => {
    if (memory.length < length) memory = new Float64Array(length);
    return memory.length === length ? memory : memory.subarray(0, length);
  };
}

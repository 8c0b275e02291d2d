const memories: WebAssembly.Memory[] = [];

/** Counts the WebAssembly memories that this thread makes from now on: browsers do not tell how large shared ones are. */
export function countWasmMemories(): void {
  const Original = WebAssembly.Memory;
  WebAssembly.Memory = class extends Original {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
}

/** Bytes of the memories that were counted, as they are now. */
export function wasmBytes(): number {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

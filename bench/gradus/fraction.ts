/** ((7919 i + 104729 k i + 15485863 k) mod 1000003)/1000003: numbers that any language makes alike. */
export const fraction = (i: number, k: number) =>
  ((7919 * i + 104_729 * k * i + 15_485_863 * k) % 1_000_003) / 1_000_003;

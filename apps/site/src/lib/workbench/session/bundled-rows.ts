/** The data sets that come with the library and have as many features as a model takes, with words for a choice. */
export const bundledRows = [
  { name: "digits", features: 64, label: "digits, 1,797 images" },
  { name: "iris", features: 4, label: "iris, 150 rows" },
  { name: "wine", features: 13, label: "wine, 178 rows" },
  { name: "breast-cancer", features: 30, label: "breast cancer, 569 rows" },
  { name: "ionosphere", features: 34, label: "ionosphere, 351 rows" },
  { name: "diabetes", features: 10, label: "diabetes, 442 rows" },
] as const;

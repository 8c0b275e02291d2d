/** Cases of ONNX's test data that are not imported, by the reason. */
export type Exceptions = Readonly<
  Record<string, { readonly reason: string; readonly cases: readonly string[] }>
>;

/** How many of the cases that ONNX Runtime passes are imported, kept for their values only, and not imported. */
export const counts = { passed: 1159, forward: 23, failed: 0 };

/** Cases that pass with the option `keepForward`: the node stays as it is, without derivative. */
export const keptForward: Exceptions = {
  trees: {
    reason: "Trees are piecewise constant and have no operations here.",
    cases: [
      "node/test_ai_onnx_ml_tree_ensemble_set_membership",
      "node/test_ai_onnx_ml_tree_ensemble_single_tree",
    ],
  },
  suppression: {
    reason: "The number of boxes kept depends on the data.",
    cases: [
      "node/test_nonmaxsuppression_center_point_box_format",
      "node/test_nonmaxsuppression_flipped_coordinates",
      "node/test_nonmaxsuppression_identical_boxes",
      "node/test_nonmaxsuppression_limit_output_size",
      "node/test_nonmaxsuppression_single_box",
      "node/test_nonmaxsuppression_suppress_by_IOU",
      "node/test_nonmaxsuppression_suppress_by_IOU_and_scores",
      "node/test_nonmaxsuppression_two_batches",
      "node/test_nonmaxsuppression_two_classes",
    ],
  },
  texts: {
    reason: "Frequencies of sequences of words are counts of integers, without derivative.",
    cases: [
      "node/test_tfidfvectorizer_tf_batch_onlybigrams_skip0",
      "node/test_tfidfvectorizer_tf_batch_onlybigrams_skip5",
      "node/test_tfidfvectorizer_tf_batch_uniandbigrams_skip5",
      "node/test_tfidfvectorizer_tf_only_bigrams_skip0",
      "node/test_tfidfvectorizer_tf_onlybigrams_levelempty",
      "node/test_tfidfvectorizer_tf_onlybigrams_skip5",
      "node/test_tfidfvectorizer_tf_uniandbigrams_skip5",
    ],
  },
  unique: {
    reason: "The number of unique entries depends on the data.",
    cases: [
      "node/test_unique_not_sorted_without_axis",
      "node/test_unique_sorted_with_axis",
      "node/test_unique_sorted_with_axis_3d",
      "node/test_unique_sorted_with_negative_axis",
      "node/test_unique_sorted_without_axis",
    ],
  },
};

/** Cases that ONNX Runtime passes and import does not. */
export const notImported: Exceptions = {};

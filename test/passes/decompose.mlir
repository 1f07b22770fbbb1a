// RUN: mithril-opt %s -decompose | FileCheck %s

// CHECK-LABEL: mithril.entry @core_ops_stay
// CHECK-NEXT:    mithril.matmul
// CHECK-NEXT:    mithril.sum
// CHECK-NEXT:    mithril.return
mithril.entry @core_ops_stay(%x: tensor<8x4xf32> {mithril.port = "x"}, %w: tensor<4x2xf32> {mithril.port = "w"})
    -> (tensor<2xf32> {mithril.port = "y"}) {
  %0 = mithril.matmul %x, %w : (tensor<8x4xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
  %1 = mithril.sum %0 {axis = array<i64: 0>} : (tensor<8x2xf32>) -> tensor<2xf32>
  mithril.return %1 : tensor<2xf32>
}

// CHECK-LABEL: mithril.entry @a_fold_of_single_elements_is_a_reshape
// CHECK-NEXT:    %[[Y:.*]] = mithril.reshape %{{.*}} {shape = [4]}
// CHECK-NEXT:    mithril.return %[[Y]]
mithril.entry @a_fold_of_single_elements_is_a_reshape(%x: tensor<4x1xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.sum %x {axis = array<i64: 1>} : (tensor<4x1xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @a_fold_of_other_axes_too_is_none
// CHECK-NEXT:    mithril.reduce_max
mithril.entry @a_fold_of_other_axes_too_is_none(%x: tensor<4x1xf32> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.reduce_max %x {axis = array<i64: 0, 1>} : (tensor<4x1xf32>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}

// CHECK-LABEL: mithril.entry @softmax_is_shifted_by_its_maximum
// CHECK:         %[[M:.*]] = mithril.reduce_max
// CHECK:         %[[Z:.*]] = mithril.subtract %{{.*}}, %[[M]]
// CHECK:         %[[E:.*]] = mithril.exp %[[Z]]
// CHECK:         %[[S:.*]] = mithril.sum %[[E]]
// CHECK:         mithril.divide %[[E]], %[[S]]
mithril.entry @softmax_is_shifted_by_its_maximum(%x: tensor<8x4xf32> {mithril.port = "x"}) -> (tensor<8x4xf32> {mithril.port = "y"}) {
  %0 = mithril.softmax %x {axis = -1 : i64} : (tensor<8x4xf32>) -> tensor<8x4xf32>
  mithril.return %0 : tensor<8x4xf32>
}

// CHECK-LABEL: mithril.entry @the_mean_of_a_symbolic_count_reads_the_dim
// CHECK:         mithril.iota {{.*}} -> tensor<?xf32, ["T + 1"]>
// CHECK:         mithril.slice {{.*}}start = ["T"]
// CHECK:         mithril.divide
mithril.entry @the_mean_of_a_symbolic_count_reads_the_dim(%x: tensor<4x?xf32, ["T"]> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.mean %x {axis = array<i64: 1>} : (tensor<4x?xf32, ["T"]>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @a_long_sum_becomes_chunks_and_a_rest
// CHECK:         mithril.slice {{.*}} -> tensor<98304xf32>
// CHECK:         mithril.reshape {{.*}} -> tensor<24x4096xf32>
// CHECK:         mithril.sum {{.*}} -> tensor<24xf32>
// CHECK:         mithril.sum {{.*}} -> tensor<f32>
// CHECK:         mithril.slice {{.*}} -> tensor<1696xf32>
// CHECK:         mithril.sum
// CHECK:         mithril.add
mithril.entry @a_long_sum_becomes_chunks_and_a_rest(%x: tensor<100000xf32> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.sum %x : (tensor<100000xf32>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}

// CHECK-LABEL: mithril.entry @a_short_sum_stays
// CHECK-NEXT:    mithril.sum
// CHECK-NEXT:    mithril.return
mithril.entry @a_short_sum_stays(%x: tensor<4096xf32> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.sum %x : (tensor<4096xf32>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}

// CHECK-LABEL: mithril.entry @a_sum_of_a_symbolic_count_to_one_number_becomes_chunks
// CHECK:         mithril.reshape {{.*}} -> tensor<?x4096xf32, ["N floordiv 4096"]>
// CHECK:         mithril.slice {{.*}} -> tensor<?xf32, ["N mod 4096"]>
// CHECK-NOT:     ["(N floordiv 4096)
mithril.entry @a_sum_of_a_symbolic_count_to_one_number_becomes_chunks(%x: tensor<?xf32, ["N"]> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.sum %x : (tensor<?xf32, ["N"]>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}

// Whatever form their counts have: "(N + 4094) floordiv 4096 - 1" chunks are no quotient.
// CHECK-LABEL: mithril.entry @what_a_split_leaves_is_not_split_again
// CHECK:         %[[P:.*]] = mithril.sum {{.*}} -> tensor<?xf32,
// CHECK-NEXT:    mithril.sum %[[P]] {{.*}} -> tensor<f32>
// CHECK:         %[[REST:.*]] = mithril.slice
// CHECK-NEXT:    mithril.sum %[[REST]]
// CHECK-NOT:     mithril.sum
// CHECK:         mithril.return
mithril.entry @what_a_split_leaves_is_not_split_again(%x: tensor<?xf32, ["N"]> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.slice %x {start = [1], size = ["N - 2"]} : (tensor<?xf32, ["N"]>) -> tensor<?xf32, ["N - 2"]>
  %1 = mithril.sum %0 : (tensor<?xf32, ["N - 2"]>) -> tensor<f32>
  mithril.return %1 : tensor<f32>
}

// One contraction over all windows; nothing else is computed.
// CHECK-LABEL: mithril.entry @a_convolution_is_a_product_with_its_windows
// CHECK-COUNT-2: mithril.windows
// CHECK:         mithril.reshape {{.*}} -> tensor<?x1x12x42xf32, ["B"]>
// CHECK:         mithril.matmul {{.*}} -> tensor<?x1x8x42xf32, ["B"]>
// CHECK-NEXT:    mithril.reshape {{.*}} -> tensor<?x8x7x6xf32, ["B"]>
// CHECK-NEXT:    mithril.return
mithril.entry @a_convolution_is_a_product_with_its_windows(%x: tensor<?x3x8x7xf32, ["B"]> {mithril.port = "x"},
    %w: tensor<8x3x2x2xf32> {mithril.port = "w"}) -> (tensor<?x8x7x6xf32, ["B"]> {mithril.port = "y"}) {
  %0 = mithril.convolution %x, %w : (tensor<?x3x8x7xf32, ["B"]>, tensor<8x3x2x2xf32>) -> tensor<?x8x7x6xf32, ["B"]>
  mithril.return %0 : tensor<?x8x7x6xf32, ["B"]>
}

// CHECK-LABEL: mithril.entry @shapes_turn_views_into_simpler_ones
// CHECK-NEXT:    mithril.reshape {{.*}} -> tensor<?x12xf32, ["B"]>
// CHECK-NEXT:    mithril.slice {{.*}}size = ["B", 2], start = [0, 10]
// CHECK-NEXT:    mithril.transpose {{.*}}axes = array<i64: 1, 0>
// CHECK-NEXT:    mithril.return
mithril.entry @shapes_turn_views_into_simpler_ones(%x: tensor<?x1x3x4xf32, ["B"]> {mithril.port = "x"}) -> (tensor<2x?xf32, ["B"]> {mithril.port = "y"}) {
  %0 = mithril.flatten_axes %x : (tensor<?x1x3x4xf32, ["B"]>) -> tensor<?x12xf32, ["B"]>
  %1 = mithril.buffer %0 : (tensor<?x12xf32, ["B"]>) -> tensor<?x12xf32, ["B"]>
  %2 = mithril.split_part %1 {split_size = 5 : i64, axis = 1 : i64, index = 2 : i64} : (tensor<?x12xf32, ["B"]>) -> tensor<?x2xf32, ["B"]>
  %3 = mithril.swap_axes %2 {axis1 = 0 : i64, axis2 = 1 : i64} : (tensor<?x2xf32, ["B"]>) -> tensor<2x?xf32, ["B"]>
  mithril.return %3 : tensor<2x?xf32, ["B"]>
}

// CHECK-LABEL: mithril.entry @a_count_of_elements_reads_no_element
// CHECK-NEXT:    %[[N:.*]] = mithril.constant dense<1.200000e+01>
// CHECK-NEXT:    mithril.return %[[N]]
mithril.entry @a_count_of_elements_reads_no_element(%x: tensor<4x3xf32> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.element_count %x : (tensor<4x3xf32>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}

// CHECK-LABEL: mithril.entry @a_robust_logarithm_is_a_line_near_zero
// CHECK:         %[[SIZE:.*]] = mithril.abs
// CHECK:         %[[LINE:.*]] = mithril.divide %[[SIZE]]
// CHECK:         mithril.log %{{[^ ]*}} :
// CHECK:         mithril.where
// CHECK-NEXT:    mithril.log %{{[^ ]*}} :
// CHECK-NEXT:    mithril.return
mithril.entry @a_robust_logarithm_is_a_line_near_zero(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.log %x {robust = true} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.log %0 : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %1 : tensor<4xf32>
}

// Comparing with the extremum finds it; a NaN is found by not being itself.
// CHECK-LABEL: mithril.entry @the_index_of_an_extremum_is_the_least_one
// CHECK:         mithril.reduce_max
// CHECK-NEXT:    mithril.equal
// CHECK-NEXT:    mithril.not_equal
// CHECK:         mithril.reduce_min
mithril.entry @the_index_of_an_extremum_is_the_least_one(%x: tensor<4x3xf32> {mithril.port = "x"}) -> (tensor<4xi64> {mithril.port = "y"}) {
  %0 = mithril.arg_max %x {axis = 1 : i64} : (tensor<4x3xf32>) -> tensor<4xi64>
  mithril.return %0 : tensor<4xi64>
}

// A dim is the last of 0, 1, ... as many; one that may be negative is a difference of two.
// CHECK-LABEL: mithril.entry @dims_are_read_off_iotas
// CHECK:         mithril.iota {{.*}} -> tensor<?xi64, ["T + 1"]>
// CHECK:         mithril.slice {{.*}}start = ["T"]
// CHECK:         mithril.constant dense<7> : tensor<i64>
// CHECK:         mithril.iota {{.*}} -> tensor<?xi64, ["max(T - 5, 0) + 1"]>
// CHECK:         mithril.iota {{.*}} -> tensor<?xi64, ["max(-T + 5, 0) + 1"]>
// CHECK:         mithril.subtract
// CHECK:         mithril.concat
// CHECK:         mithril.reshape {{.*}} -> tensor<3x1xi64>
mithril.entry @dims_are_read_off_iotas(%x: tensor<?xf32, ["T"]> {mithril.port = "x"}) -> (tensor<3x1xi64> {mithril.port = "y"}) {
  %0 = mithril.dim_values {dims = ["T", 7, "T - 5"], shape = [3, 1], dtype = i64} : () -> tensor<3x1xi64>
  mithril.return %0 : tensor<3x1xi64>
}

// CHECK-LABEL: mithril.entry @no_dims_are_an_empty_tensor
// CHECK-NOT:     mithril.iota
// CHECK:         mithril.broadcast_to {{.*}} -> tensor<0xi64>
mithril.entry @no_dims_are_an_empty_tensor() -> (tensor<0xi64> {mithril.port = "y"}) {
  %0 = mithril.dim_values {dims = [], shape = [0], dtype = i64} : () -> tensor<0xi64>
  mithril.return %0 : tensor<0xi64>
}

// CHECK-LABEL: mithril.entry @a_concat_without_an_axis_joins_rows
// CHECK-NEXT:    mithril.reshape {{.*}} -> tensor<6xf32>
// CHECK-NEXT:    mithril.reshape {{.*}} -> tensor<4xf32>
// CHECK-NEXT:    mithril.concat {{.*}}axis = 0 : i64
// CHECK-NEXT:    mithril.return
mithril.entry @a_concat_without_an_axis_joins_rows(%x: tensor<2x3xf32> {mithril.port = "x"}, %y: tensor<4x1xf32> {mithril.port = "y"}) -> (tensor<10xf32> {mithril.port = "z"}) {
  %0 = mithril.concat %x, %y : (tensor<2x3xf32>, tensor<4x1xf32>) -> tensor<10xf32>
  mithril.return %0 : tensor<10xf32>
}

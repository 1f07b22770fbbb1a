// RUN: mithril-opt %s --form-kernels --split-input-file | FileCheck %s

// CHECK-LABEL: mithril.kernel @reduce_max_subtract_exp_divide_0
// CHECK:         mithril.reduce_max
// CHECK:         mithril.sum
// CHECK:         mithril.divide
// CHECK-LABEL: mithril.entry @softmax_is_one_kernel
// CHECK-COUNT-1: mithril.launch @reduce_max_subtract_exp_divide_0
// CHECK-NEXT:    mithril.return
mithril.entry @softmax_is_one_kernel(%x: tensor<8x128xf32> {mithril.port = "x"})
    -> (tensor<8x128xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %x {axis = array<i64: 1>, keepdim = true} : (tensor<8x128xf32>) -> tensor<8x1xf32>
  %d = mithril.subtract %x, %m : (tensor<8x128xf32>, tensor<8x1xf32>) -> tensor<8x128xf32>
  %e = mithril.exp %d : (tensor<8x128xf32>) -> tensor<8x128xf32>
  %s = mithril.sum %e {axis = array<i64: 1>, keepdim = true} : (tensor<8x128xf32>) -> tensor<8x1xf32>
  %y = mithril.divide %e, %s : (tensor<8x128xf32>, tensor<8x1xf32>) -> tensor<8x128xf32>
  mithril.return %y : tensor<8x128xf32>
}

// -----
// CHECK-LABEL: mithril.entry @a_contraction_takes_its_epilogue
// CHECK-COUNT-1: mithril.launch @matmul_packed_add_relu_0
// CHECK-NEXT:    mithril.return
mithril.entry @a_contraction_takes_its_epilogue(%a: tensor<?x8x14xf32, ["(T + 13) floordiv 14"]> {mithril.port = "a"},
    %b: tensor<1x8x32xf32> {mithril.port = "b"}, %c: tensor<20xf32> {mithril.port = "c"}, %t: tensor<?xf32, ["T"]> {mithril.port = "t"})
    -> (tensor<?x20xf32, ["T"]> {mithril.port = "y"}) {
  %0 = mithril.matmul_packed %a, %b {shape = ["T", 20]} : (tensor<?x8x14xf32, ["(T + 13) floordiv 14"]>, tensor<1x8x32xf32>) -> tensor<?x20xf32, ["T"]>
  %1 = mithril.add %0, %c : (tensor<?x20xf32, ["T"]>, tensor<20xf32>) -> tensor<?x20xf32, ["T"]>
  %2 = mithril.relu %1 : (tensor<?x20xf32, ["T"]>) -> tensor<?x20xf32, ["T"]>
  mithril.return %2 : tensor<?x20xf32, ["T"]>
}

// -----
// Names of symbols and of values do not matter, nor which entry it is.
// CHECK:         mithril.kernel @multiply_exp_0
// CHECK-SAME:      tensor<?x4xf32, ["d0"]>
// CHECK-SAME:      symbols = ["d0"]
// CHECK-NOT:     mithril.kernel
// CHECK-LABEL: mithril.entry @equal_kernels_are_one
// CHECK:         mithril.launch @multiply_exp_0({{.*}}) dims ["T"]
// CHECK-LABEL: mithril.entry @in_other_entries_too
// CHECK:         mithril.launch @multiply_exp_0({{.*}}) dims ["S"]
mithril.entry @equal_kernels_are_one(%x: tensor<?x4xf32, ["T"]> {mithril.port = "x"})
    -> (tensor<?x4xf32, ["T"]> {mithril.port = "y"}) {
  %0 = mithril.multiply %x, %x : (tensor<?x4xf32, ["T"]>, tensor<?x4xf32, ["T"]>) -> tensor<?x4xf32, ["T"]>
  %1 = mithril.exp %0 : (tensor<?x4xf32, ["T"]>) -> tensor<?x4xf32, ["T"]>
  mithril.return %1 : tensor<?x4xf32, ["T"]>
}
mithril.entry @in_other_entries_too(%x: tensor<?x4xf32, ["S"]> {mithril.port = "x"})
    -> (tensor<?x4xf32, ["S"]> {mithril.port = "y"}) {
  %p = mithril.multiply %x, %x : (tensor<?x4xf32, ["S"]>, tensor<?x4xf32, ["S"]>) -> tensor<?x4xf32, ["S"]>
  %q = mithril.exp %p : (tensor<?x4xf32, ["S"]>) -> tensor<?x4xf32, ["S"]>
  mithril.return %q : tensor<?x4xf32, ["S"]>
}

// -----
// CHECK-LABEL: mithril.entry @a_reshape_of_a_tensor_is_an_alias
// CHECK:         %[[E:.*]] = mithril.launch @exp_0
// CHECK:         %[[R:.*]] = mithril.reshape %[[E]]
// CHECK:         mithril.launch @add_1(%[[R]]
mithril.entry @a_reshape_of_a_tensor_is_an_alias(%x: tensor<4x6xf32> {mithril.port = "x"}, %z: tensor<8x3xf32> {mithril.port = "z"})
    -> (tensor<8x3xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %1 = mithril.reshape %0 {shape = [8, 3]} : (tensor<4x6xf32>) -> tensor<8x3xf32>
  %2 = mithril.add %1, %z : (tensor<8x3xf32>, tensor<8x3xf32>) -> tensor<8x3xf32>
  mithril.return %2 : tensor<8x3xf32>
}

// -----
// The rows of a scatter are in front: a transpose of it moves them.
// CHECK-LABEL: mithril.entry @a_scatter_is_not_written_transposed
// CHECK:         %[[S:.+]] = mithril.launch @scatter_add
// CHECK-SAME:      -> tensor<3x5xf32>
// CHECK:         mithril.launch @{{.+}}(%[[S]])
// CHECK-SAME:      -> tensor<5x3xf32>
mithril.entry @a_scatter_is_not_written_transposed(%i: tensor<2xi64> {mithril.port = "i"},
    %u: tensor<2x5xf32> {mithril.port = "u"}) -> (tensor<5x3xf32> {mithril.port = "y"}) {
  %0 = mithril.scatter_add %i, %u {size = [3]} : (tensor<2xi64>, tensor<2x5xf32>) -> tensor<3x5xf32>
  %1 = mithril.transpose %0 : (tensor<3x5xf32>) -> tensor<5x3xf32>
  mithril.return %1 : tensor<5x3xf32>
}

// -----
// A transpose that is returned is how the kernel writes; one that is read is how the next one reads.
// CHECK:         mithril.kernel @exp_0(%{{.*}}: tensor<4x6xf32>) -> tensor<6x4xf32>
// CHECK-LABEL: mithril.entry @transposes_move_nothing
// CHECK-COUNT-2: mithril.launch
// CHECK-NOT:     mithril.launch
mithril.entry @transposes_move_nothing(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<6x4xf32> {mithril.port = "y"}, tensor<6x4xf32> {mithril.port = "z"}) {
  %0 = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %1 = mithril.transpose %0 : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %2 = mithril.transpose %x : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %3 = mithril.negate %2 : (tensor<6x4xf32>) -> tensor<6x4xf32>
  mithril.return %1, %3 : tensor<6x4xf32>, tensor<6x4xf32>
}

// -----
// The fold of leading axes does not share the rows' grid; the product in it is computed there.
// CHECK:         mithril.kernel @multiply_sum_
// CHECK-LABEL: mithril.entry @a_fold_of_columns_is_alone
// CHECK-COUNT-2: mithril.launch
// CHECK-NEXT:    mithril.return
mithril.entry @a_fold_of_columns_is_alone(%x: tensor<64x32xf32> {mithril.port = "x"}, %y: tensor<64x32xf32> {mithril.port = "y"})
    -> (tensor<32xf32> {mithril.port = "s"}) {
  %0 = mithril.multiply %x, %y : (tensor<64x32xf32>, tensor<64x32xf32>) -> tensor<64x32xf32>
  %1 = mithril.sum %0 {axis = array<i64: 0>} : (tensor<64x32xf32>) -> tensor<32xf32>
  %2 = mithril.exp %1 : (tensor<32xf32>) -> tensor<32xf32>
  mithril.return %2 : tensor<32xf32>
}

// -----
// The middle op reads the first group at every point, the last one reads both: no group may wait
// for itself.
// CHECK-LABEL: mithril.entry @groups_stay_acyclic
// CHECK:         %[[E:.*]] = mithril.launch @exp_0
// CHECK:         %[[S:.*]] = mithril.launch @sum_1(%[[E]])
// CHECK:         mithril.launch @add_2(%[[E]], %[[S]])
mithril.entry @groups_stay_acyclic(%x: tensor<8x8xf32> {mithril.port = "x"})
    -> (tensor<8x8xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = mithril.sum %0 {axis = array<i64: 0>} : (tensor<8x8xf32>) -> tensor<8xf32>
  %2 = mithril.add %0, %1 : (tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  mithril.return %2 : tensor<8x8xf32>
}

// -----
// Small constants move into kernels, others are operands.
// CHECK:         mithril.kernel @add_multiply_0(%{{.*}}: tensor<2xf32>, %{{.*}}: tensor<2xf32>)
// CHECK:           mithril.constant dense<2.000000e+00> : tensor<f32>
// CHECK-LABEL: mithril.entry @constants
// CHECK:         mithril.constant dense<[1.000000e+00, 3.000000e+00]>
mithril.entry @constants(%x: tensor<2xf32> {mithril.port = "x"}) -> (tensor<2xf32> {mithril.port = "y"}) {
  %c = mithril.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %s = mithril.constant dense<2.0> : tensor<f32>
  %0 = mithril.add %x, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = mithril.multiply %0, %s : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  mithril.return %1 : tensor<2xf32>
}

// -----
// An alias of a slice would need the slice copied: the heads are read where they lie.
// CHECK-LABEL: mithril.entry @heads_of_a_slice_are_not_copied
// CHECK-COUNT-1: mithril.launch @exp_
// CHECK-NEXT:    mithril.return
mithril.entry @heads_of_a_slice_are_not_copied(%x: tensor<4x96xf32> {mithril.port = "x"})
    -> (tensor<8x4x4xf32> {mithril.port = "y"}) {
  %0 = mithril.slice %x {start = [0, 32], size = [4, 32]} : (tensor<4x96xf32>) -> tensor<4x32xf32>
  %1 = mithril.reshape %0 {shape = [4, 8, 4]} : (tensor<4x32xf32>) -> tensor<4x8x4xf32>
  %2 = mithril.transpose %1 {axes = array<i64: 1, 0, 2>} : (tensor<4x8x4xf32>) -> tensor<8x4x4xf32>
  %3 = mithril.exp %2 : (tensor<8x4x4xf32>) -> tensor<8x4x4xf32>
  mithril.return %3 : tensor<8x4x4xf32>
}

// -----
// A fold along one of the loops that a split axis lies on would not know how long it is.
// CHECK-LABEL: mithril.entry @a_fold_needs_whole_axes
// CHECK:         %[[C:.*]] = mithril.launch @copy_0
// CHECK:         %[[R:.*]] = mithril.reshape %[[C]]
// CHECK:         mithril.launch @sum_1(%[[R]])
mithril.entry @a_fold_needs_whole_axes(%x: tensor<96xf32> {mithril.port = "x"})
    -> (tensor<8xf32> {mithril.port = "y"}) {
  %0 = mithril.slice %x {start = [32], size = [64]} : (tensor<96xf32>) -> tensor<64xf32>
  %1 = mithril.reshape %0 {shape = [8, 8]} : (tensor<64xf32>) -> tensor<8x8xf32>
  %2 = mithril.sum %1 {axis = array<i64: 1>} : (tensor<8x8xf32>) -> tensor<8xf32>
  mithril.return %2 : tensor<8xf32>
}

// -----
// Neither would one along an axis that what it reads does not have.
// CHECK-LABEL: mithril.entry @a_fold_needs_the_axis_it_folds
// CHECK:         %[[C:.*]] = mithril.launch @copy_0(%{{.*}}) {{.*}} -> tensor<7x4xf32>
// CHECK:         mithril.launch @sum_1(%[[C]])
mithril.entry @a_fold_needs_the_axis_it_folds(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.broadcast_to %x {shape = [7, 4]} : (tensor<4xf32>) -> tensor<7x4xf32>
  %1 = mithril.sum %0 {axis = array<i64: 0>} : (tensor<7x4xf32>) -> tensor<4xf32>
  mithril.return %1 : tensor<4xf32>
}
// A map has it: it is computed first, in the kernel of the fold.
// CHECK-LABEL: mithril.entry @a_map_holds_the_axis
// CHECK-NEXT:    mithril.launch @exp_sum_2
// CHECK-NEXT:    mithril.return
mithril.entry @a_map_holds_the_axis(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.broadcast_to %x {shape = [7, 4]} : (tensor<4xf32>) -> tensor<7x4xf32>
  %1 = mithril.exp %0 : (tensor<7x4xf32>) -> tensor<7x4xf32>
  %2 = mithril.sum %1 {axis = array<i64: 0>} : (tensor<7x4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}
// One that was computed without the axis is no better than an argument.
// CHECK-LABEL: mithril.entry @a_map_before_the_axis
// CHECK-NEXT:    %[[E:.*]] = mithril.launch @exp_3
// CHECK-NEXT:    %[[C:.*]] = mithril.launch @copy_0(%[[E]]) {{.*}} -> tensor<7x4xf32>
// CHECK-NEXT:    mithril.launch @sum_1(%[[C]])
mithril.entry @a_map_before_the_axis(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.broadcast_to %0 {shape = [7, 4]} : (tensor<4xf32>) -> tensor<7x4xf32>
  %2 = mithril.sum %1 {axis = array<i64: 0>} : (tensor<7x4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}

// -----
// @m joins the contraction that needs @y, so what reads @m needs @y too and is not computed with it.
// CHECK-LABEL: mithril.entry @a_reader_of_what_was_merged_comes_later
// CHECK:         %[[Y:.*]] = mithril.launch @exp_0
// CHECK:         mithril.launch @matmul_packed_tanh_add
// CHECK:         %[[S:.*]] = mithril.launch @sum
// CHECK:         mithril.launch @multiply_{{.*}}(%[[Y]], %[[S]])
mithril.entry @a_reader_of_what_was_merged_comes_later(%p: tensor<8x8xf32> {mithril.port = "p"},
    %w: tensor<8x8xf32> {mithril.port = "w"}, %r: tensor<8x8xf32> {mithril.port = "r"})
    -> (tensor<8x8xf32> {mithril.port = "n"}, tensor<8x8xf32> {mithril.port = "z"}) {
  %y = mithril.exp %p : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %a = mithril.pack %y {axes = array<i64: 0, 1>, tile = 14 : i64} : (tensor<8x8xf32>) -> tensor<1x8x14xf32>
  %b = mithril.pack %w {axes = array<i64: 1, 0>, tile = 32 : i64} : (tensor<8x8xf32>) -> tensor<1x8x32xf32>
  %c = mithril.matmul_packed %a, %b {shape = [8, 8]} : (tensor<1x8x14xf32>, tensor<1x8x32xf32>) -> tensor<8x8xf32>
  %m = mithril.tanh %r : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %s = mithril.sum %m {axis = array<i64: 0>, keepdim = true} : (tensor<8x8xf32>) -> tensor<1x8xf32>
  %n = mithril.add %c, %m : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %z = mithril.multiply %y, %s : (tensor<8x8xf32>, tensor<1x8xf32>) -> tensor<8x8xf32>
  mithril.return %n, %z : tensor<8x8xf32>, tensor<8x8xf32>
}

// -----
// What one op sees through a view and another reads at its data's indices is an argument for those.
// CHECK-LABEL: mithril.kernel @add_gather_multiply_0
// CHECK-SAME:    (%[[Y:.*]]: tensor<3xf32>, %[[X:.*]]: tensor<f32>, %[[T:.*]]: tensor<1xf32>, %[[I:.*]]: tensor<3xi64>)
// CHECK:         mithril.gather %[[T]], %[[I]]
mithril.entry @a_view_that_is_read_both_ways(%x: tensor<f32> {mithril.port = "x"}, %y: tensor<3xf32> {mithril.port = "y"},
    %i: tensor<3xi64> {mithril.port = "i"}) -> (tensor<3xf32> {mithril.port = "z"}) {
  %t = mithril.reshape %x {shape = [1]} : (tensor<f32>) -> tensor<1xf32>
  %a = mithril.add %y, %t : (tensor<3xf32>, tensor<1xf32>) -> tensor<3xf32>
  %g = mithril.gather %t, %i : (tensor<1xf32>, tensor<3xi64>) -> tensor<3xf32>
  %z = mithril.multiply %a, %g : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  mithril.return %z : tensor<3xf32>
}

// -----
// Two quotients of other shapes are one group, as dear as both: they are not made in the product's
// loops, which would keep them, in a grid of their own.
// CHECK-LABEL: mithril.entry @what_is_dear_through_another_stays_apart
// CHECK:         mithril.launch @divide
// CHECK:         mithril.launch @matmul_packed_add
mithril.entry @what_is_dear_through_another_stays_apart(%s: tensor<f32> {mithril.port = "s"}, %t: tensor<1xf32> {mithril.port = "t"},
    %a: tensor<1x8x14xf32> {mithril.port = "a"}, %b: tensor<1x8x32xf32> {mithril.port = "b"}) -> (tensor<8x8xf32> {mithril.port = "y"}) {
  %q = mithril.divide %s, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %n = mithril.divide %q, %t : (tensor<f32>, tensor<1xf32>) -> tensor<1xf32>
  %c = mithril.matmul_packed %a, %b {shape = [8, 8]} : (tensor<1x8x14xf32>, tensor<1x8x32xf32>) -> tensor<8x8xf32>
  %y = mithril.add %c, %n : (tensor<8x8xf32>, tensor<1xf32>) -> tensor<8x8xf32>
  mithril.return %y : tensor<8x8xf32>
}

// -----
// What one op of a group reads of another group at its data's indices keeps the two apart, though a
// later op reads both at its own grid point: a grid point would read what others make.
// CHECK-LABEL: mithril.entry @a_group_with_a_reader_at_indices_stays_apart
// CHECK:         %[[T:.*]]:2 = mithril.launch @exp_tanh_{{[0-9]+}}(%{{.*}})
// CHECK:         mithril.launch @gather_add_{{[0-9]+}}(%[[T]]#{{[01]}}, %{{.*}}, %[[T]]#{{[01]}})
mithril.entry @a_group_with_a_reader_at_indices_stays_apart(%x: tensor<18xf32> {mithril.port = "x"},
    %i: tensor<18xi64> {mithril.port = "i"}) -> (tensor<18xf32> {mithril.port = "z"}) {
  %t = mithril.exp %x : (tensor<18xf32>) -> tensor<18xf32>
  %u = mithril.tanh %t : (tensor<18xf32>) -> tensor<18xf32>
  %g = mithril.gather %t, %i : (tensor<18xf32>, tensor<18xi64>) -> tensor<18xf32>
  %z = mithril.add %g, %u : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
  mithril.return %z : tensor<18xf32>
}

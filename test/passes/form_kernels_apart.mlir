// RUN: mithril-opt %s --form-kernels --split-input-file | FileCheck %s

// What may not be one kernel, and what may not be computed twice.

// The second fold runs over an axis that is the grid of the first.
// CHECK-LABEL: mithril.entry @a_fold_of_more_axes_than_a_grid_has_left
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @sum_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_fold_of_more_axes_than_a_grid_has_left(%x: tensor<4x6x8xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %x {axis = array<i64: 2>, keepdim = true} : (tensor<4x6x8xf32>) -> tensor<4x6x1xf32>
  %d = mithril.subtract %x, %m : (tensor<4x6x8xf32>, tensor<4x6x1xf32>) -> tensor<4x6x8xf32>
  %s = mithril.sum %d {axis = array<i64: 1, 2>} : (tensor<4x6x8xf32>) -> tensor<4xf32>
  mithril.return %s : tensor<4xf32>
}

// -----
// Half of the rows are another grid.
// CHECK-LABEL: mithril.entry @a_part_of_a_tensor_has_a_grid_of_its_own
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @negate_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_part_of_a_tensor_has_a_grid_of_its_own(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<4x6xf32> {mithril.port = "t"}, tensor<2x6xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %h = mithril.slice %t {start = [0, 0], size = [2, 6]} : (tensor<4x6xf32>) -> tensor<2x6xf32>
  %y = mithril.negate %h : (tensor<2x6xf32>) -> tensor<2x6xf32>
  mithril.return %t, %y : tensor<4x6xf32>, tensor<2x6xf32>
}

// -----
// Any row may be read at any point: all of it must be there.
// CHECK-LABEL: mithril.entry @rows_are_picked_from_a_tensor
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @gather_1
// CHECK-NEXT:    mithril.return
mithril.entry @rows_are_picked_from_a_tensor(%x: tensor<10x4xf32> {mithril.port = "x"}, %i: tensor<10xi64> {mithril.port = "i"})
    -> (tensor<10x4xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<10x4xf32>) -> tensor<10x4xf32>
  %y = mithril.gather %t, %i : (tensor<10x4xf32>, tensor<10xi64>) -> tensor<10x4xf32>
  mithril.return %y : tensor<10x4xf32>
}

// -----
// What is reshaped was written by another kernel.
// CHECK-LABEL: mithril.entry @an_alias_is_between_kernels
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_0
// CHECK-NEXT:    %{{.*}} = mithril.reshape
// CHECK-NEXT:    %{{.*}} = mithril.launch @negate_1
// CHECK-NEXT:    mithril.return
mithril.entry @an_alias_is_between_kernels(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<4x3x2xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %x {axis = array<i64: 1>, keepdim = true} : (tensor<4x6xf32>) -> tensor<4x1xf32>
  %d = mithril.subtract %x, %m : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  %r = mithril.reshape %d {shape = [4, 3, 2]} : (tensor<4x6xf32>) -> tensor<4x3x2xf32>
  %y = mithril.negate %r : (tensor<4x3x2xf32>) -> tensor<4x3x2xf32>
  mithril.return %y : tensor<4x3x2xf32>
}

// -----
// Point (i, j) reads what point (j, i) made.
// CHECK-LABEL: mithril.entry @a_turned_read_is_of_another_point
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @negate_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_turned_read_is_of_another_point(%x: tensor<4x4xf32> {mithril.port = "x"})
    -> (tensor<4x4xf32> {mithril.port = "t"}, tensor<4x4xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %h = mithril.transpose %t : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = mithril.negate %h : (tensor<4x4xf32>) -> tensor<4x4xf32>
  mithril.return %t, %y : tensor<4x4xf32>, tensor<4x4xf32>
}

// -----
// A grid of three loops is none of two, even if one loop has one step.
// CHECK-LABEL: mithril.entry @ranks_are_grids
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @add_1
// CHECK-NEXT:    mithril.return
mithril.entry @ranks_are_grids(%x: tensor<4x6xf32> {mithril.port = "x"}, %z: tensor<4x6x1xf32> {mithril.port = "z"})
    -> (tensor<4x6x1xf32> {mithril.port = "y"}, tensor<4x6xf32> {mithril.port = "t"}) {
  %t = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %r = mithril.reshape %t {shape = [4, 6, 1]} : (tensor<4x6xf32>) -> tensor<4x6x1xf32>
  %y = mithril.add %r, %z : (tensor<4x6x1xf32>, tensor<4x6x1xf32>) -> tensor<4x6x1xf32>
  mithril.return %y, %t : tensor<4x6x1xf32>, tensor<4x6xf32>
}

// -----
// The fold of everything runs on one thread.
// CHECK-LABEL: mithril.entry @many_elements_do_not_join_one
// CHECK-NEXT:    %{{.*}} = mithril.launch @sum_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @divide_1
// CHECK-NEXT:    mithril.return
mithril.entry @many_elements_do_not_join_one(%x: tensor<64xf32> {mithril.port = "x"})
    -> (tensor<64xf32> {mithril.port = "y"}) {
  %s = mithril.sum %x {keepdim = true} : (tensor<64xf32>) -> tensor<1xf32>
  %y = mithril.divide %x, %s : (tensor<64xf32>, tensor<1xf32>) -> tensor<64xf32>
  mithril.return %y : tensor<64xf32>
}

// -----
// The contraction's tiles hold no whole rows.
// CHECK-LABEL: mithril.entry @rows_do_not_join_a_contraction
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @matmul_packed_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @rows_do_not_join_a_contraction(%a: tensor<1x8x14xf32> {mithril.port = "a"}, %b: tensor<1x8x32xf32> {mithril.port = "b"}, %c: tensor<14x32xf32> {mithril.port = "c"})
    -> (tensor<14x32xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %c {axis = array<i64: 1>, keepdim = true} : (tensor<14x32xf32>) -> tensor<14x1xf32>
  %d = mithril.subtract %c, %m : (tensor<14x32xf32>, tensor<14x1xf32>) -> tensor<14x32xf32>
  %0 = mithril.matmul_packed %a, %b {shape = [14, 32]} : (tensor<1x8x14xf32>, tensor<1x8x32xf32>) -> tensor<14x32xf32>
  %1 = mithril.add %0, %d : (tensor<14x32xf32>, tensor<14x32xf32>) -> tensor<14x32xf32>
  mithril.return %1 : tensor<14x32xf32>
}

// -----
// One register tile at a time.
// CHECK-LABEL: mithril.entry @contractions_are_apart
// CHECK-NEXT:    %{{.*}} = mithril.launch @matmul_packed_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @matmul_packed_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @contractions_are_apart(%a: tensor<1x8x14xf32> {mithril.port = "a"}, %b: tensor<1x8x32xf32> {mithril.port = "b"})
    -> (tensor<14x32xf32> {mithril.port = "y"}) {
  %0 = mithril.matmul_packed %a, %b {shape = [14, 32]} : (tensor<1x8x14xf32>, tensor<1x8x32xf32>) -> tensor<14x32xf32>
  %2 = mithril.matmul_packed %b, %b {shape = [14, 32]} : (tensor<1x8x32xf32>, tensor<1x8x32xf32>) -> tensor<14x32xf32>
  %1 = mithril.add %0, %2 : (tensor<14x32xf32>, tensor<14x32xf32>) -> tensor<14x32xf32>
  mithril.return %1 : tensor<14x32xf32>
}

// -----
// Rows of 8 and rows of 48.
// CHECK-LABEL: mithril.entry @rows_of_another_grid
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @rows_of_another_grid(%x: tensor<4x6x8xf32> {mithril.port = "x"}, %z: tensor<4x6x8xf32> {mithril.port = "z"})
    -> (tensor<4x6x8xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %x {axis = array<i64: 2>, keepdim = true} : (tensor<4x6x8xf32>) -> tensor<4x6x1xf32>
  %d = mithril.subtract %x, %m : (tensor<4x6x8xf32>, tensor<4x6x1xf32>) -> tensor<4x6x8xf32>
  %n = mithril.reduce_max %z {axis = array<i64: 1, 2>, keepdim = true} : (tensor<4x6x8xf32>) -> tensor<4x1x1xf32>
  %e = mithril.subtract %z, %n : (tensor<4x6x8xf32>, tensor<4x1x1xf32>) -> tensor<4x6x8xf32>
  %y = mithril.add %d, %e : (tensor<4x6x8xf32>, tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  mithril.return %y : tensor<4x6x8xf32>
}

// -----
// A row that all rows read.
// CHECK-LABEL: mithril.entry @maps_of_another_rank
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @maps_of_another_rank(%x: tensor<4x6xf32> {mithril.port = "x"}, %z: tensor<6xf32> {mithril.port = "z"})
    -> (tensor<4x6xf32> {mithril.port = "y"}, tensor<6xf32> {mithril.port = "t"}) {
  %t = mithril.exp %z : (tensor<6xf32>) -> tensor<6xf32>
  %u = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %y = mithril.add %u, %t : (tensor<4x6xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  mithril.return %y, %t : tensor<4x6xf32>, tensor<6xf32>
}

// -----
// Eight rows and four.
// CHECK-LABEL: mithril.entry @merged_maps_share_the_grid
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @merged_maps_share_the_grid(%x: tensor<4x6xf32> {mithril.port = "x"}, %z: tensor<8x6xf32> {mithril.port = "z"})
    -> (tensor<4x6xf32> {mithril.port = "y"}, tensor<8x6xf32> {mithril.port = "t"}) {
  %t = mithril.exp %z : (tensor<8x6xf32>) -> tensor<8x6xf32>
  %h = mithril.slice %t {start = [0, 0], size = [4, 6]} : (tensor<8x6xf32>) -> tensor<4x6xf32>
  %u = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %y = mithril.add %u, %h : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  mithril.return %y, %t : tensor<4x6xf32>, tensor<8x6xf32>
}

// -----
// The product is wanted, so it is not computed again where it is read.
// CHECK-LABEL: mithril.entry @what_is_returned_is_made_once
// CHECK-NEXT:    %{{.*}} = mithril.launch @multiply_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @sum_1
// CHECK-NEXT:    mithril.return
mithril.entry @what_is_returned_is_made_once(%x: tensor<64x32xf32> {mithril.port = "x"})
    -> (tensor<32xf32> {mithril.port = "s"}, tensor<64x32xf32> {mithril.port = "t"}) {
  %0 = mithril.multiply %x, %x : (tensor<64x32xf32>, tensor<64x32xf32>) -> tensor<64x32xf32>
  %1 = mithril.sum %0 {axis = array<i64: 0>} : (tensor<64x32xf32>) -> tensor<32xf32>
  mithril.return %1, %0 : tensor<32xf32>, tensor<64x32xf32>
}

// -----
// Each row would compute the exponentials again.
// CHECK-LABEL: mithril.entry @what_is_dear_is_not_repeated
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @add_1
// CHECK-NEXT:    mithril.return
mithril.entry @what_is_dear_is_not_repeated(%x: tensor<6xf32> {mithril.port = "x"}, %z: tensor<4x6xf32> {mithril.port = "z"})
    -> (tensor<4x6xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<6xf32>) -> tensor<6xf32>
  %y = mithril.add %z, %t : (tensor<4x6xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  mithril.return %y : tensor<4x6xf32>
}

// -----
// The tensor is wanted as it is, too: a copy turns it.
// CHECK-LABEL: mithril.entry @a_returned_base_is_not_turned
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_returned_base_is_not_turned(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<6x4xf32> {mithril.port = "y"}, tensor<4x6xf32> {mithril.port = "t"}) {
  %t = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %y = mithril.transpose %t : (tensor<4x6xf32>) -> tensor<6x4xf32>
  mithril.return %y, %t : tensor<6x4xf32>, tensor<4x6xf32>
}

// -----
// So it is if another kernel reads it.
// CHECK-LABEL: mithril.entry @a_base_that_another_reads_is_not_turned
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_1
// CHECK-NEXT:    %{{.*}} = mithril.launch @sum_2
// CHECK-NEXT:    mithril.return
mithril.entry @a_base_that_another_reads_is_not_turned(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<6x4xf32> {mithril.port = "y"}, tensor<6xf32> {mithril.port = "t"}) {
  %t = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %y = mithril.transpose %t : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %s = mithril.sum %t {axis = array<i64: 0>} : (tensor<4x6xf32>) -> tensor<6xf32>
  mithril.return %y, %s : tensor<6x4xf32>, tensor<6xf32>
}

// -----
// The kernel would write outside of it.
// CHECK-LABEL: mithril.entry @a_part_is_copied
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_part_is_copied(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<2x6xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %y = mithril.slice %t {start = [2, 0], size = [2, 6]} : (tensor<4x6xf32>) -> tensor<2x6xf32>
  mithril.return %y : tensor<2x6xf32>
}

// -----
// One element lies in several places. A head has the axes in their order, but the kernel would write
// beyond its end.
// CHECK-LABEL: mithril.entry @what_repeats_is_copied
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_1
// CHECK-NEXT:    %{{.*}} = mithril.launch @negate_2
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_3
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_4
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_5
// CHECK-NEXT:    mithril.return
mithril.entry @what_repeats_is_copied(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4x4xf32> {mithril.port = "y"}, tensor<3xf32> {mithril.port = "z"}, tensor<2x4xf32> {mithril.port = "w"}) {
  %t = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %y = mithril.broadcast_to %t {shape = [4, 4]} : (tensor<4xf32>) -> tensor<4x4xf32>
  %a = mithril.negate %x : (tensor<4xf32>) -> tensor<4xf32>
  %z = mithril.slice %a {start = [0], size = [3]} : (tensor<4xf32>) -> tensor<3xf32>
  %b = mithril.reshape %x {shape = [1, 4]} : (tensor<4xf32>) -> tensor<1x4xf32>
  %c = mithril.exp %b : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %w = mithril.broadcast_to %c {shape = [2, 4]} : (tensor<1x4xf32>) -> tensor<2x4xf32>
  mithril.return %y, %z, %w : tensor<4x4xf32>, tensor<3xf32>, tensor<2x4xf32>
}

// -----
// Nor do whole rows take tiles.
// CHECK-LABEL: mithril.entry @a_contraction_does_not_join_rows
// CHECK-NEXT:    %{{.*}} = mithril.launch @matmul_packed_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_contraction_does_not_join_rows(%a: tensor<1x8x14xf32> {mithril.port = "a"}, %b: tensor<1x8x32xf32> {mithril.port = "b"}, %c: tensor<14x32xf32> {mithril.port = "c"})
    -> (tensor<14x32xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %c {axis = array<i64: 1>, keepdim = true} : (tensor<14x32xf32>) -> tensor<14x1xf32>
  %d = mithril.subtract %c, %m : (tensor<14x32xf32>, tensor<14x1xf32>) -> tensor<14x32xf32>
  %0 = mithril.matmul_packed %a, %b {shape = [14, 32]} : (tensor<1x8x14xf32>, tensor<1x8x32xf32>) -> tensor<14x32xf32>
  %1 = mithril.add %d, %0 : (tensor<14x32xf32>, tensor<14x32xf32>) -> tensor<14x32xf32>
  mithril.return %1 : tensor<14x32xf32>
}

// -----
// Whichever comes first.
// CHECK-LABEL: mithril.entry @rows_of_a_finer_grid
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @reduce_max_subtract_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @rows_of_a_finer_grid(%x: tensor<4x6x8xf32> {mithril.port = "x"}, %z: tensor<4x6x8xf32> {mithril.port = "z"})
    -> (tensor<4x6x8xf32> {mithril.port = "y"}) {
  %m = mithril.reduce_max %x {axis = array<i64: 2>, keepdim = true} : (tensor<4x6x8xf32>) -> tensor<4x6x1xf32>
  %d = mithril.subtract %x, %m : (tensor<4x6x8xf32>, tensor<4x6x1xf32>) -> tensor<4x6x8xf32>
  %n = mithril.reduce_max %z {axis = array<i64: 1, 2>, keepdim = true} : (tensor<4x6x8xf32>) -> tensor<4x1x1xf32>
  %e = mithril.subtract %z, %n : (tensor<4x6x8xf32>, tensor<4x1x1xf32>) -> tensor<4x6x8xf32>
  %y = mithril.add %e, %d : (tensor<4x6x8xf32>, tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  mithril.return %y : tensor<4x6x8xf32>
}

// -----
// Nor is one of two loops one of one.
// CHECK-LABEL: mithril.entry @maps_of_a_rank_less
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @negate_1
// CHECK-NEXT:    mithril.return
mithril.entry @maps_of_a_rank_less(%x: tensor<4x1xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}, tensor<4x1xf32> {mithril.port = "t"}) {
  %t = mithril.exp %x : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %r = mithril.reshape %t {shape = [4]} : (tensor<4x1xf32>) -> tensor<4xf32>
  %y = mithril.negate %r : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %y, %t : tensor<4xf32>, tensor<4x1xf32>
}

// -----
// Without a grid nothing says that both are one point.
// CHECK-LABEL: mithril.entry @single_elements_are_apart
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @sum_add_1
// CHECK-NEXT:    mithril.return
mithril.entry @single_elements_are_apart(%x: tensor<64xf32> {mithril.port = "x"}, %z: tensor<f32> {mithril.port = "z"})
    -> (tensor<f32> {mithril.port = "y"}, tensor<f32> {mithril.port = "t"}) {
  %s = mithril.sum %x : (tensor<64xf32>) -> tensor<f32>
  %t = mithril.exp %z : (tensor<f32>) -> tensor<f32>
  %y = mithril.add %s, %t : (tensor<f32>, tensor<f32>) -> tensor<f32>
  mithril.return %y, %t : tensor<f32>, tensor<f32>
}

// -----
// The kernel would write outside of it.
// CHECK-LABEL: mithril.entry @a_part_that_begins_anywhere_is_copied
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_part_that_begins_anywhere_is_copied(%x: tensor<?x6xf32, ["T"]> {mithril.port = "x"})
    -> (tensor<2x6xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<?x6xf32, ["T"]>) -> tensor<?x6xf32, ["T"]>
  %y = mithril.slice %t {start = ["T - 2", 0], size = [2, 6]} : (tensor<?x6xf32, ["T"]>) -> tensor<2x6xf32>
  mithril.return %y : tensor<2x6xf32>
}

// -----
// The kernel would write between its elements.
// CHECK-LABEL: mithril.entry @a_part_of_steps_is_copied
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    %{{.*}} = mithril.launch @copy_1
// CHECK-NEXT:    mithril.return
mithril.entry @a_part_of_steps_is_copied(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<2xf32> {mithril.port = "y"}) {
  %t = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %y = mithril.slice %t {start = [0], size = [2], step = array<i64: 2>} : (tensor<4xf32>) -> tensor<2xf32>
  mithril.return %y : tensor<2xf32>
}

// -----
// One reader, whoever else returns it.
// CHECK-LABEL: mithril.entry @a_result_returned_twice_is_made_once
// CHECK-NEXT:    %{{.*}} = mithril.launch @exp_0
// CHECK-NEXT:    mithril.return
mithril.entry @a_result_returned_twice_is_made_once(%x: tensor<4x6xf32> {mithril.port = "x"})
    -> (tensor<6x4xf32> {mithril.port = "y"}, tensor<6x4xf32> {mithril.port = "z"}) {
  %t = mithril.exp %x : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %y = mithril.transpose %t : (tensor<4x6xf32>) -> tensor<6x4xf32>
  mithril.return %y, %y : tensor<6x4xf32>, tensor<6x4xf32>
}

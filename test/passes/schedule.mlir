// RUN: mithril-opt %s --split-input-file --verify-diagnostics --schedule | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#one = affine_map<(i) -> (i)>

// 8 bytes a point: 8192 points make 64 KB. The contiguous loop becomes vectors.
// CHECK-LABEL: func.func private @a_map_is_cut_into_64_kilobytes
//  CHECK-SAME:   mithril.block = array<i64: 16, 512>, mithril.grid = ["d0", 512]
//  CHECK-SAME:   mithril.work = "1024*d0"
//       CHECK:   mithril.lanes = 16 : i64, mithril.vector_loop = 1 : i64
func.func private @a_map_is_cut_into_64_kilobytes(%x: tensor<?x512xf32> {mithril.dims = ["d0"]}, %d0: index)
    -> (tensor<?x512xf32> {mithril.dims = ["d0"]}) attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty(%d0) : tensor<?x512xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x512xf32>) outs(%e : tensor<?x512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x512xf32>
  func.return %y : tensor<?x512xf32>
}

// A vector along an extent of 1 would hold one element; before it, neighbours lie side by side.
// CHECK-LABEL: func.func private @a_map_is_vectorised_before_an_extent_of_one
//       CHECK:   mithril.lanes = 16 : i64, mithril.vector_loop = 0 : i64
func.func private @a_map_is_vectorised_before_an_extent_of_one(%x: tensor<1024x1xf32>) -> tensor<1024x1xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<1024x1xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<1024x1xf32>) outs(%e : tensor<1024x1xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<1024x1xf32>
  func.return %y : tensor<1024x1xf32>
}

// An extent that may be 1 says nothing.
// CHECK-LABEL: func.func private @an_extent_that_is_not_known_may_be_long
//       CHECK:   mithril.lanes = 16 : i64, mithril.vector_loop = 1 : i64
func.func private @an_extent_that_is_not_known_may_be_long(%x: tensor<1024x?xf32> {mithril.dims = ["d0"]}, %d0: index)
    -> (tensor<1024x?xf32> {mithril.dims = ["d0"]}) attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty(%d0) : tensor<1024x?xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<1024x?xf32>) outs(%e : tensor<1024x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<1024x?xf32>
  func.return %y : tensor<1024x?xf32>
}

// -----

#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j, i)>

// The operand is contiguous along the rows that are summed: partials. One start, moved ahead.
// CHECK-LABEL: func.func private @a_row_sum_is_vectorised_along_the_row
//       CHECK:   linalg.generic {{.*}}iterator_types = ["parallel"]
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 8 : i64, mithril.vector_loop = 1
func.func private @a_row_sum_is_vectorised_along_the_row(%x: tensor<64x100xf64>) -> tensor<64xf64>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %zero = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<64xf64>
  %s0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<64xf64>) {
  ^bb0(%o: f64):
    linalg.yield %zero : f64
  } -> tensor<64xf64>
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<64x100xf64>) outs(%s0 : tensor<64xf64>) {
  ^bb0(%a: f64, %o: f64):
    %b = arith.addf %a, %o : f64
    linalg.yield %b : f64
  } -> tensor<64xf64>
  func.return %s : tensor<64xf64>
}

// The results are contiguous along j, which has one point: vectors are along the rows all the same.
#point = affine_map<(i, j, k) -> (i, j)>
#whole = affine_map<(i, j, k) -> (i, 0, k)>
#pair = affine_map<(i, j) -> (i, j)>
// CHECK-LABEL: func.func private @a_kept_extent_of_one_is_no_vector
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 16 : i64, mithril.vector_loop = 2
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 16 : i64, mithril.vector_loop = 2
func.func private @a_kept_extent_of_one_is_no_vector(%x: tensor<64x1x100xf32>) -> tensor<64x1xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x1xf32>
  %s0 = linalg.generic {indexing_maps = [#pair], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<64x1xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<64x1xf32>
  %s = linalg.generic {indexing_maps = [#whole, #point], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<64x1x100xf32>) outs(%s0 : tensor<64x1xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<64x1xf32>
  %t = linalg.generic {indexing_maps = [#whole, #point, #point], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %s : tensor<64x1x100xf32>, tensor<64x1xf32>) outs(%s0 : tensor<64x1xf32>) {
  ^bb0(%a: f32, %m: f32, %o: f32):
    %d = arith.subf %a, %m : f32
    %b = arith.addf %d, %o : f32
    linalg.yield %b : f32
  } -> tensor<64x1xf32>
  func.return %t : tensor<64x1xf32>
}

// Along the columns the lanes are columns, four vectors side by side.
// CHECK-LABEL: func.func private @a_column_sum_is_vectorised_across_columns
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 64 : i64, mithril.vector_loop = 0
func.func private @a_column_sum_is_vectorised_across_columns(%x: tensor<100x640xf32>) -> tensor<640xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<640xf32>
  %s0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<640xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<640xf32>
  %s = linalg.generic {indexing_maps = [#column, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<100x640xf32>) outs(%s0 : tensor<640xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<640xf32>
  func.return %s : tensor<640xf32>
}

// Only index order defines this fold, so it has no partials.
// CHECK-LABEL: func.func private @a_fold_that_is_not_associative_stays_scalar
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 1 : i64, mithril.vector_loop = -1
func.func private @a_fold_that_is_not_associative_stays_scalar(%x: tensor<64x100xf32>) -> tensor<64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %s0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<64xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<64xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<64x100xf32>) outs(%s0 : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.subf %o, %a : f32
    linalg.yield %b : f32
  } -> tensor<64xf32>
  func.return %s : tensor<64xf32>
}

// -----

// expected-error @+1 {{a grid of rank 5; at most 4 are possible}}
func.func private @refuses_a_grid_of_five(%x: tensor<2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 5 : i64} {
  func.return %x : tensor<2xf32>
}

// -----

func.func private @refuses_a_reduction_in_the_grid(%x: tensor<2xf32>, %y: tensor<f32>) -> tensor<f32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  // expected-error @+1 {{grid loop 0 is a reduction}}
  %s = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<2xf32>) outs(%y : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<f32>
  func.return %s : tensor<f32>
}

// -----

func.func private @refuses_a_dim_that_nobody_knows(%x: tensor<?xf32>) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
// expected-error @-8 {{a kernel's operand does not say what its `?` are}}

// -----

func.func private @refuses_dims_that_are_no_list(%x: tensor<?xf32> {mithril.dims = "d0"}) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
// expected-error @-8 {{a kernel's operand does not say what its `?` are}}

// -----

func.func private @refuses_a_dim_too_few(%x: tensor<?xf32> {mithril.dims = []}) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
// expected-error @-8 {{a kernel's operand does not say what its `?` are}}

// -----

func.func private @refuses_a_dim_that_is_no_expression(%x: tensor<?xf32> {mithril.dims = [unit]}) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
// expected-error @-8 {{wants an integer or the text of a dim}}

// -----

func.func private @refuses_a_dim_that_does_not_parse(%x: tensor<?xf32> {mithril.dims = ["2 +"]}) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
// expected-error @-8 {{dim expression "2 +", column 4: wanted a number, a symbol or '(', found the end}}

// -----

func.func private @refuses_a_size_that_is_no_expression(%d0: index) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %n = arith.xori %d0, %d0 : index
  // expected-error @+1 {{nothing says what dim 0 of this value is}}
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}

// -----

// expected-error @+1 {{a kernel of no generics}}
func.func private @refuses_a_kernel_without_a_generic(%x: tensor<2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  func.return %x : tensor<2xf32>
}

// -----

func.func private @refuses_fewer_loops_than_the_grid_has(%x: tensor<2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  // expected-error @+1 {{1 loops, fewer than the grid's 2}}
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : tensor<2xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

#all = affine_map<(i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15, i16) -> (i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15, i16)>
!t = tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
func.func private @refuses_17_loops(%x: !t) -> !t attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  // expected-error @+1 {{17 loops; at most 16 are possible}}
  %y = linalg.generic {indexing_maps = [#all],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]} outs(%x : !t) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> !t
  func.return %y : !t
}

// -----

// expected-error @+1 {{a tensor of rank 17; at most 16 is possible}}
func.func private @refuses_17_dims_under_one_loop(%x: tensor<2x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) -> tensor<2xf32> attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<2x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

// Read along i, written along j, and nothing but loops tells where.
// CHECK-LABEL: func.func private @a_read_is_turned
//  CHECK-SAME:   mithril.turned_loop = 0
func.func private @a_read_is_turned(%x: tensor<64x256xf32>, %n: tensor<index>) -> tensor<64x64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<64x64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<64x64xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %r = tensor.extract %x[%j, %i] : tensor<64x256xf32>
    linalg.yield %r : f32
  } -> tensor<64x64xf32>
  func.return %y : tensor<64x64xf32>
}

// -----

// A stored number would be read before it is known.
// CHECK-LABEL: func.func private @a_read_at_a_stored_index_is_not_turned
//   CHECK-NOT:   mithril.turned_loop
//       CHECK:   linalg.generic
func.func private @a_read_at_a_stored_index_is_not_turned(%x: tensor<64x256xf32>, %n: tensor<index>) -> tensor<64x64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<64x64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<64x64xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %s = tensor.extract %n[] : tensor<index>
    %k = arith.addi %i, %s : index
    %r = tensor.extract %x[%j, %k] : tensor<64x256xf32>
    linalg.yield %r : f32
  } -> tensor<64x64xf32>
  func.return %y : tensor<64x64xf32>
}

// -----

// So would an operand.
// CHECK-LABEL: func.func private @a_read_at_a_given_index_is_not_turned
//   CHECK-NOT:   mithril.turned_loop
//       CHECK:   linalg.generic
func.func private @a_read_at_a_given_index_is_not_turned(%x: tensor<64x256xf32>, %n: tensor<index>) -> tensor<64x64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<64x64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> ()>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%n : tensor<index>) outs(%e : tensor<64x64xf32>) {
  ^bb0(%s: index, %o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.addi %i, %s : index
    %r = tensor.extract %x[%j, %k] : tensor<64x256xf32>
    linalg.yield %r : f32
  } -> tensor<64x64xf32>
  func.return %y : tensor<64x64xf32>
}

// -----

// Rows of a scatter come in index order, so its loops have no lanes.
// CHECK-LABEL: func.func private @a_scatter_has_no_lanes
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 1 : i64{{.*}}mithril.vector_loop = -1
func.func private @a_scatter_has_no_lanes(%i: tensor<96xi64>, %u: tensor<8x96xf32>, %y: tensor<8x10xf32>) -> tensor<8x10xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>],
      iterator_types = ["parallel", "reduction"]} ins(%i, %u : tensor<96xi64>, tensor<8x96xf32>) outs(%y : tensor<8x10xf32>)
      attrs = {mithril.scatter} {
  ^bb0(%n: i64, %a: f32, %o: f32):
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  } -> tensor<8x10xf32>
  func.return %r : tensor<8x10xf32>
}

// -----

// o + o * a is no sum of terms that know nothing of each other.
// CHECK-LABEL: func.func private @an_accumulator_read_twice_has_no_partials
//       CHECK:   linalg.generic {{.*}}"reduction"]{{.*}}mithril.lanes = 1 : i64, mithril.vector_loop = -1
func.func private @an_accumulator_read_twice_has_no_partials(%x: tensor<64x100xf32>, %s0: tensor<64xf32>) -> tensor<64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<64x100xf32>) outs(%s0 : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %p = arith.mulf %o, %a : f32
    %b = arith.addf %o, %p : f32
    linalg.yield %b : f32
  } -> tensor<64xf32>
  func.return %s : tensor<64xf32>
}

// -----

func.func private @refuses_a_size_of_one_operand(%n: tensor<i64>) -> tensor<?xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %four = arith.constant 4 : i64
  %n4 = arith.index_cast %four : i64 to index
  // expected-error @+1 {{nothing says what dim 0 of this value is}}
  %e = tensor.empty(%n4) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %o : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}

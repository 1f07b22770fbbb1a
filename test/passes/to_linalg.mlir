// RUN: mithril-opt %s --to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// The exponential is read by the sum and by the division: it is kept. The difference is not.
// CHECK-LABEL: func.func private @dear_values_are_kept
// CHECK-SAME:    mithril.grid_rank = 1
// CHECK:         %[[M:.*]] = linalg.generic {{.*}}["parallel", "reduction"]
// CHECK:           arith.maximumf
// CHECK:         %[[E:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[M]] :
// CHECK:           arith.subf
// CHECK:           math.exp
// CHECK:         %[[S:.*]] = linalg.generic {{.*}} ins(%[[E]] :
// CHECK:           arith.addf
// CHECK:         linalg.generic {{.*}} ins(%[[E]], %[[S]] :
// CHECK-NOT:       math.exp
// CHECK:         return
mithril.kernel @dear_values_are_kept(%x: tensor<8x128xf32>) -> tensor<8x128xf32> {
  %m = mithril.reduce_max %x {axis = array<i64: 1>, keepdim = true} : (tensor<8x128xf32>) -> tensor<8x1xf32>
  %d = mithril.subtract %x, %m : (tensor<8x128xf32>, tensor<8x1xf32>) -> tensor<8x128xf32>
  %e = mithril.exp %d : (tensor<8x128xf32>) -> tensor<8x128xf32>
  %s = mithril.sum %e {axis = array<i64: 1>, keepdim = true} : (tensor<8x128xf32>) -> tensor<8x1xf32>
  %y = mithril.divide %e, %s : (tensor<8x128xf32>, tensor<8x1xf32>) -> tensor<8x128xf32>
  mithril.return %y : tensor<8x128xf32>
}

// -----
// CHECK-DAG:   #[[A:.*]] = affine_map<(d0, d1, d2) -> (d0 floordiv 14, d2, d0 mod 14)>
// CHECK-DAG:   #[[B:.*]] = affine_map<(d0, d1, d2) -> (d1 floordiv 32, d2, d1 mod 32)>
// CHECK-LABEL: func.func private @a_contraction_is_tagged
// CHECK-SAME:    %{{.*}}: tensor<?x8x14xf32> {mithril.dims = ["(d0 + 13) floordiv 14"]}
// CHECK-SAME:    %[[D:[a-z0-9]*]]: index) -> (tensor<?x20xf32> {mithril.dims = ["d0"]})
// CHECK-SAME:    mithril.grid_rank = 2
// CHECK:         %[[START:.*]] = tensor.empty(%[[D]])
// CHECK:         %[[ZERO:.*]] = linalg.generic {{.*}} outs(%[[START]]
// CHECK:         linalg.generic {indexing_maps = [#[[A]], #[[B]], {{.*}}["parallel", "parallel", "reduction"]
// CHECK-SAME:      outs(%[[ZERO]] {{.*}}mithril.contract = array<i64: 14, 32>
// CHECK:           math.fma
// CHECK:         linalg.generic
// CHECK:           arith.addf
// CHECK-NEXT:      arith.constant
// CHECK-NEXT:      arith.maximumf
mithril.kernel @a_contraction_is_tagged(%a: tensor<?x8x14xf32, ["(d0 + 13) floordiv 14"]>,
    %b: tensor<1x8x32xf32>, %c: tensor<20xf32>) -> tensor<?x20xf32, ["d0"]> attributes {symbols = ["d0"]} {
  %0 = mithril.matmul_packed %a, %b {shape = ["d0", 20]} : (tensor<?x8x14xf32, ["(d0 + 13) floordiv 14"]>, tensor<1x8x32xf32>) -> tensor<?x20xf32, ["d0"]>
  %1 = mithril.add %0, %c : (tensor<?x20xf32, ["d0"]>, tensor<20xf32>) -> tensor<?x20xf32, ["d0"]>
  %2 = mithril.relu %1 : (tensor<?x20xf32, ["d0"]>) -> tensor<?x20xf32, ["d0"]>
  mithril.return %2 : tensor<?x20xf32, ["d0"]>
}

// -----
// CHECK-LABEL: func.func private @whole_tiles_need_no_mask
// CHECK-NOT:     tensor.extract
// CHECK:         linalg.yield
mithril.kernel @whole_tiles_need_no_mask(%x: tensor<8x64xf32>) -> tensor<2x8x32xf32> {
  %0 = mithril.pack %x {axes = array<i64: 1, 0>, tile = 32 : i64} : (tensor<8x64xf32>) -> tensor<2x8x32xf32>
  mithril.return %0 : tensor<2x8x32xf32>
}

// -----
// CHECK-LABEL: func.func private @the_last_tile_is_filled_with_zeros
// CHECK:         %[[IN:.*]] = arith.cmpi slt
// CHECK:         arith.minsi
// CHECK:         %[[X:.*]] = tensor.extract
// CHECK:         %[[Z:.*]] = arith.constant 0.0
// CHECK:         arith.select %{{.*}}, %[[X]], %[[Z]]
mithril.kernel @the_last_tile_is_filled_with_zeros(%x: tensor<8x60xf32>) -> tensor<2x8x32xf32> {
  %0 = mithril.pack %x {axes = array<i64: 1, 0>, tile = 32 : i64} : (tensor<8x60xf32>) -> tensor<2x8x32xf32>
  mithril.return %0 : tensor<2x8x32xf32>
}

// -----
// CHECK-LABEL: func.func private @a_window_reads_zeros_outside
// CHECK:         arith.cmpi sge
// CHECK:         arith.cmpi slt
// CHECK:         %[[X:.*]] = tensor.extract
// CHECK:         %[[Z:.*]] = arith.constant 0.0
// CHECK:         arith.select %{{.*}}, %[[X]], %[[Z]]
mithril.kernel @a_window_reads_zeros_outside(%x: tensor<8xf32>) -> tensor<3x8xf32> {
  %0 = mithril.windows %x {axis = 0 : i64, kernel = [3], count = [8], start = [-1]} : (tensor<8xf32>) -> tensor<3x8xf32>
  mithril.return %0 : tensor<3x8xf32>
}

// -----
// Two results of one shape are one generic; what is returned and read again is made once.
// CHECK-LABEL: func.func private @maps_of_one_shape_are_one_generic
// CHECK-SAME:    mithril.grid_rank = 2
// CHECK:         linalg.generic
// CHECK-COUNT-1:   math.exp
// CHECK:           linalg.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NOT:     linalg.generic
// CHECK:         return
mithril.kernel @maps_of_one_shape_are_one_generic(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = mithril.exp %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = mithril.multiply %0, %0 : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  mithril.return %0, %1 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----
// CHECK-DAG:   #[[T:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: func.func private @a_returned_transpose_is_written
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[T]]]
// CHECK-NOT:     linalg.generic
// CHECK:         return
mithril.kernel @a_returned_transpose_is_written(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  %0 = mithril.exp %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = mithril.transpose %0 : (tensor<4x8xf32>) -> tensor<8x4xf32>
  mithril.return %1 : tensor<8x4xf32>
}

// -----
// So is that of a reduction: filled and folded in the order of the result.
// CHECK-DAG:   #[[T:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG:   #[[FOLD:.*]] = affine_map<(d0, d1, d2) -> (d1, d0)>
// CHECK-LABEL: func.func private @a_returned_transpose_of_a_sum_is_written
// CHECK-SAME:    -> tensor<4x2xf32>
// CHECK:         tensor.empty() : tensor<4x2xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[T]]]
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[FOLD]]]
// CHECK-NOT:     linalg.generic
// CHECK:         return
mithril.kernel @a_returned_transpose_of_a_sum_is_written(%x: tensor<3x2x4xf32>) -> tensor<4x2xf32> {
  %0 = mithril.sum %x {axis = array<i64: 0>} : (tensor<3x2x4xf32>) -> tensor<2x4xf32>
  %1 = mithril.transpose %0 : (tensor<2x4xf32>) -> tensor<4x2xf32>
  mithril.return %1 : tensor<4x2xf32>
}

// -----
// The head of what is computed is copied: its axes have their order, but not all of their extents.
// CHECK-LABEL: func.func private @a_returned_slice_from_zero_is_copied
// CHECK-SAME:    -> tensor<2xf32>
// CHECK:         linalg.generic
// CHECK:         return %{{.*}} : tensor<2xf32>
mithril.kernel @a_returned_slice_from_zero_is_copied(%x: tensor<3xf32>) -> tensor<2xf32> {
  %0 = mithril.exp %x : (tensor<3xf32>) -> tensor<3xf32>
  %1 = mithril.slice %0 {start = [0], size = [2]} : (tensor<3xf32>) -> tensor<2xf32>
  mithril.return %1 : tensor<2xf32>
}

// -----
// CHECK-LABEL: func.func private @slices_are_read_in_place
// CHECK:         tensor.extract_slice %{{.*}}[2, 0] [3, 4] [2, 1] : tensor<8x4xf32> to tensor<3x4xf32>
// CHECK-NOT:     tensor.extract %
mithril.kernel @slices_are_read_in_place(%x: tensor<8x4xf32>) -> tensor<3x4xf32> {
  %0 = mithril.slice %x {start = [2, 0], size = [3, 4], step = array<i64: 2, 1>} : (tensor<8x4xf32>) -> tensor<3x4xf32>
  %1 = mithril.negate %0 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  mithril.return %1 : tensor<3x4xf32>
}

// -----
// CHECK-LABEL: func.func private @bools_are_bytes
// CHECK-SAME:    tensor<4xi8>) -> tensor<4xi8>
// CHECK:         arith.cmpi ne
// CHECK:         arith.extui {{.*}} : i1 to i8
mithril.kernel @bools_are_bytes(%x: tensor<4xi1>) -> tensor<4xi1> {
  %0 = mithril.logical_not %x : (tensor<4xi1>) -> tensor<4xi1>
  mithril.return %0 : tensor<4xi1>
}

// -----
// A row outside is clamped, a negative one counts from the end.
// CHECK-LABEL: func.func private @gather
// CHECK:         arith.select
// CHECK:         arith.minsi
// CHECK:         arith.maxsi
// CHECK:         tensor.extract
mithril.kernel @gather(%x: tensor<10x4xf32>, %i: tensor<3xi64>) -> tensor<3x4xf32> {
  %0 = mithril.gather %x, %i : (tensor<10x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  mithril.return %0 : tensor<3x4xf32>
}

// -----
// CHECK-DAG:   #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG:   #[[OUT:.*]] = affine_map<(d0, d1) -> (0, d0)>
// CHECK-LABEL: func.func private @scatter_owns_columns
// CHECK-SAME:    mithril.grid_rank = 1
// CHECK:         linalg.generic {indexing_maps = [#[[ROW]], #{{.*}}, #[[OUT]]], iterator_types = ["parallel", "reduction"]
// CHECK-SAME:      mithril.scatter
mithril.kernel @scatter_owns_columns(%i: tensor<3xi64>, %u: tensor<3x4xf32>) -> tensor<10x4xf32> {
  %0 = mithril.scatter_add %i, %u {size = [10]} : (tensor<3xi64>, tensor<3x4xf32>) -> tensor<10x4xf32>
  mithril.return %0 : tensor<10x4xf32>
}

// -----
// CHECK-LABEL: func.func private @half_precision_folds_in_single
// CHECK:         tensor.empty() : tensor<4xf32>
// CHECK:         arith.extf
// CHECK:         arith.addf {{.*}} : f32
// CHECK:         arith.truncf {{.*}} : f32 to f16
mithril.kernel @half_precision_folds_in_single(%x: tensor<4x8xf16>) -> tensor<4xf16> {
  %0 = mithril.sum %x {axis = array<i64: 1>} : (tensor<4x8xf16>) -> tensor<4xf16>
  mithril.return %0 : tensor<4xf16>
}

// -----
// No tensor tells how long the folded loop is, so the numbers are kept as one that does.
// CHECK-LABEL: func.func private @folded_loops_have_an_extent
// CHECK:         %[[I:.*]] = linalg.generic
// CHECK:           linalg.index
// CHECK:         linalg.generic {{.*}} ins(%[[I]] :
mithril.kernel @folded_loops_have_an_extent() -> tensor<f32> {
  %0 = mithril.iota {axis = 0 : i64, dtype = f32, shape = [8]} : () -> tensor<8xf32>
  %1 = mithril.sum %0 : (tensor<8xf32>) -> tensor<f32>
  mithril.return %1 : tensor<f32>
}

// -----
// The sum is made along the loop of axis 1 and copied along that of axis 0: no grid has both.
// CHECK-LABEL: func.func private @axes_of_one_step_are_not_mistaken
// CHECK-SAME:    mithril.grid_rank = 0
mithril.kernel @axes_of_one_step_are_not_mistaken(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %0 = mithril.sum %x {axis = array<i64: 0>, keepdim = true} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  mithril.return %0 : tensor<1x1xf32>
}

// -----
mithril.kernel @contractions_come_packed(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error@+1 {{a contraction reaches to-linalg unpacked}}
  %0 = mithril.matmul %x, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  mithril.return %0 : tensor<4x4xf32>
}

// RUN: mithril-opt %s --split-input-file --verify-diagnostics --schedule --bufferize --vectorize | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#one = affine_map<(i) -> (i)>

// Two maps are one loop: the value between them never reaches memory.
// CHECK-LABEL: func.func private @maps_share_a_loop
//  CHECK-SAME:   %[[X:[^:]+]]: memref<?xf32>, %[[Y:[^:]+]]: memref<?xf32>
//       CHECK:   scf.for
//       CHECK:     scf.for
//       CHECK:       %[[A:.+]] = vector.load %[[X]]
//       CHECK:       %[[B:.+]] = arith.mulf %[[A]], %[[A]] : vector<16xf32>
//  CHECK-NEXT:       %[[C:.+]] = arith.addf %[[B]], %[[B]] : vector<16xf32>
//       CHECK:       vector.store %[[C]], %[[Y]]
//   CHECK-NOT:     scf.for
//       CHECK:     scf.if
//       CHECK:       %[[D:.+]] = vector.maskedload %[[X]]
//  CHECK-NEXT:       %[[E:.+]] = arith.mulf %[[D]], %[[D]]
//  CHECK-NEXT:       %[[F:.+]] = arith.addf %[[E]], %[[E]]
//       CHECK:       vector.maskedstore %[[Y]]{{.*}} %[[F]]
//   CHECK-NOT:   linalg
func.func private @maps_share_a_loop(%x: tensor<?x?xf32> {mithril.dims = ["d0", "d1"]}, %d0: index, %d1: index)
    -> (tensor<?x?xf32> {mithril.dims = ["d0", "d1"]}) attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty(%d0, %d1) : tensor<?x?xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x?xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x?xf32>
  func.return %y : tensor<?x?xf32>
}

// One tile covers 48 columns, and they leave no rest: no masked step, and no code for one.
// CHECK-LABEL: func.func private @known_extents_leave_no_rest
//       CHECK:   vector.load
//   CHECK-NOT:   masked
//       CHECK:   return
func.func private @known_extents_leave_no_rest(%x: tensor<9x48xf32>) -> tensor<9x48xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<9x48xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<9x48xf32>) outs(%e : tensor<9x48xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<9x48xf32>
  func.return %y : tensor<9x48xf32>
}

// A row of one element: the sum is read at index 0 where it was made at row i. Both are the one
// element there is, so it comes from the register; scratch has no byte for it.
// CHECK-LABEL: func.func private @a_unit_dim_has_one_index
//  CHECK-SAME:   %{{[^:]+}}: memref<?xf32>, %[[Y:[^:]+]]: memref<?xf32>
//       CHECK:   %[[TREE:.+]] = arith.addf %{{.+}}, %{{.+}} : f32
//       CHECK:   %[[SUM:.+]] = arith.addf %{{.+}}, %[[TREE]] : f32
//   CHECK-NOT:   memref.load
//       CHECK:   memref.store %[[SUM]], %[[Y]]
#unit = affine_map<(i, j) -> (0)>
func.func private @a_unit_dim_has_one_index(%x: tensor<1x5xf32>) -> tensor<1x1xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1xf32>
  %f = linalg.generic {indexing_maps = [#one], iterator_types = ["parallel"]} outs(%e : tensor<1xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<1xf32>
  %s = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<1x5xf32>) outs(%f : tensor<1xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  } -> tensor<1xf32>
  %r = tensor.empty() : tensor<1x1xf32>
  %y = linalg.generic {indexing_maps = [#unit, #all], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<1xf32>) outs(%r : tensor<1x1xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// Read along i, written along j: a square of 16 vectors, four rounds of 16 shuffles, 16 stores.
// CHECK-LABEL: func.func private @a_transpose_is_turned_in_registers
//  CHECK-SAME:   mithril.turned_loop = 0
// CHECK-COUNT-16: vector.load
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-16: vector.store
//   CHECK-NOT:   vector.gather
//       CHECK:   return
func.func private @a_transpose_is_turned_in_registers(%x: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<64x64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<64x64xf32>
  func.return %y : tensor<64x64xf32>
}

#turn = affine_map<(i, j) -> (j, i)>
// Registers hold four squares of vectors; a fifth leaves all to gathers.
// CHECK-LABEL: func.func private @five_transposes_are_gathered
//   CHECK-NOT:   vector.shuffle
//       CHECK:   vector.gather
//   CHECK-NOT:   vector.shuffle
//       CHECK:   return
func.func private @five_transposes_are_gathered(%x0: tensor<64x64xf32>, %x1: tensor<64x64xf32>, %x2: tensor<64x64xf32>, %x3: tensor<64x64xf32>, %x4: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<64x64xf32>
  %y = linalg.generic {indexing_maps = [#turn, #turn, #turn, #turn, #turn, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x0, %x1, %x2, %x3, %x4 : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%e : tensor<64x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %f: f32, %o: f32):
    %p = arith.addf %a, %b : f32
    %q = arith.addf %c, %d : f32
    %s = arith.addf %p, %q : f32
    %r = arith.addf %s, %f : f32
    linalg.yield %r : f32
  } -> tensor<64x64xf32>
  func.return %y : tensor<64x64xf32>
}

// So does a fifth that is a read.
// CHECK-LABEL: func.func private @a_fifth_read_is_gathered_too
//   CHECK-NOT:   vector.shuffle
//       CHECK:   vector.gather
//   CHECK-NOT:   vector.shuffle
//       CHECK:   return
func.func private @a_fifth_read_is_gathered_too(%x0: tensor<64x64xf32>, %x1: tensor<64x64xf32>, %x2: tensor<64x64xf32>, %x3: tensor<64x64xf32>, %x4: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<64x64xf32>
  %y = linalg.generic {indexing_maps = [#turn, #turn, #turn, #turn, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x0, %x1, %x2, %x3 : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%e : tensor<64x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %f = tensor.extract %x4[%j, %i] : tensor<64x64xf32>
    %p = arith.addf %a, %b : f32
    %q = arith.addf %c, %d : f32
    %s = arith.addf %p, %q : f32
    %r = arith.addf %s, %f : f32
    linalg.yield %r : f32
  } -> tensor<64x64xf32>
  func.return %y : tensor<64x64xf32>
}

// 16 partials, then halves on halves; 48 elements leave no rest, so there is no masked step.
// CHECK-LABEL: func.func private @a_sum_has_16_partials_and_a_tree
//       CHECK:   %[[P:.+]] = scf.for {{.*}} iter_args(%{{.+}} = %{{.+}}) -> (vector<16xf32>)
//   CHECK-NOT:   vector.maskedload
//       CHECK:   vector.shuffle %[[P]], %[[P]] [0, 1, 2, 3, 4, 5, 6, 7]
//       CHECK:   vector.shuffle %[[P]], %[[P]] [8, 9, 10, 11, 12, 13, 14, 15]
//       CHECK:   arith.addf {{.*}} vector<8xf32>
//       CHECK:   arith.addf {{.*}} vector<4xf32>
//       CHECK:   arith.addf {{.*}} vector<2xf32>
//       CHECK:   arith.addf {{.*}} f32
//       CHECK:   memref.store
func.func private @a_sum_has_16_partials_and_a_tree(%x: tensor<64x48xf32>) -> tensor<64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = ["parallel"]} outs(%e : tensor<64xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<64xf32>
  %s = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<64x48xf32>) outs(%s0 : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<64xf32>
  func.return %s : tensor<64xf32>
}

// exp and its sum are one loop, its quotient another.
// CHECK-LABEL: func.func private @neighbours_along_one_row_share_a_loop
//       CHECK:   scf.for {{.*}} iter_args
//       CHECK:     math.exp
//       CHECK:     arith.addf {{.*}} vector<16xf32>
//       CHECK:   scf.for
//       CHECK:     arith.divf
//   CHECK-NOT:   scf.for
//       CHECK:   return
func.func private @neighbours_along_one_row_share_a_loop(%x: tensor<64x96xf32>) -> tensor<64x96xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %f = tensor.empty() : tensor<64x96xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x96xf32>) outs(%f : tensor<64x96xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x96xf32>
  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = ["parallel"]} outs(%e : tensor<64xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<64xf32>
  %s = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%t : tensor<64x96xf32>) outs(%s0 : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<64xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t, %s : tensor<64x96xf32>, tensor<64xf32>) outs(%f : tensor<64x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %c = arith.divf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<64x96xf32>
  func.return %y : tensor<64x96xf32>
}

// Rows of a part of the grid, as the arguments say; all columns, as their number says.
// CHECK-LABEL: func.func private @a_tile_is_a_part_of_the_grid
//  CHECK-SAME:   memref<?xf32>, %{{[^:]+}}: memref<?xf32>, %[[BEGIN:[^:]+]]: index, %[[END:[^:]+]]: index
//       CHECK:   scf.for %{{.+}} = %[[BEGIN]] to %[[END]]
//       CHECK:     scf.for %{{.+}} = %{{c0.*}} to %{{c512.*}} step
//       CHECK:   return
func.func private @a_tile_is_a_part_of_the_grid(%x: tensor<4096x512xf32>) -> tensor<4096x512xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<4096x512xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4096x512xf32>) outs(%e : tensor<4096x512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<4096x512xf32>
  func.return %y : tensor<4096x512xf32>
}

// What is read elsewhere in the row must have been written: two loops.
// CHECK-LABEL: func.func private @a_row_read_elsewhere_is_written_first
//       CHECK:   scf.for
//       CHECK:     scf.for
//       CHECK:       math.exp
//       CHECK:     scf.for
//   CHECK-NOT:       math.exp
//       CHECK:   return
func.func private @a_row_read_elsewhere_is_written_first(%x: tensor<64x96xf32>, %w: tensor<64x96xf32>) -> tensor<64x96xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %e = tensor.empty() : tensor<64x96xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x96xf32>) outs(%e : tensor<64x96xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x96xf32>
  %f = tensor.empty() : tensor<64x96xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 95)>, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t, %w : tensor<64x96xf32>, tensor<64x96xf32>) outs(%f : tensor<64x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<64x96xf32>
  func.return %y : tensor<64x96xf32>
}

// So must what is read at a computed index.
// CHECK-LABEL: func.func private @a_row_read_at_a_computed_index_is_written_first
//       CHECK:   scf.for
//       CHECK:     scf.for
//       CHECK:       math.exp
//       CHECK:     scf.for
//   CHECK-NOT:       math.exp
//       CHECK:   return
func.func private @a_row_read_at_a_computed_index_is_written_first(%x: tensor<64x96xf32>, %w: tensor<64x96xf32>) -> tensor<64x96xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %c = arith.constant 95 : index
  %e = tensor.empty() : tensor<64x96xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x96xf32>) outs(%e : tensor<64x96xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x96xf32>
  %f = tensor.empty() : tensor<64x96xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<64x96xf32>) outs(%f : tensor<64x96xf32>) {
  ^bb0(%b: f32, %o: f32):
    %i = linalg.index 0 : index
    %a = tensor.extract %t[%i, %c] : tensor<64x96xf32>
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<64x96xf32>
  func.return %y : tensor<64x96xf32>
}

// A maximum takes four vectors at once, exp one.
// CHECK-LABEL: func.func private @other_lanes_are_another_loop
//       CHECK:   scf.for
//       CHECK:     scf.for
//       CHECK:       math.exp
//       CHECK:     scf.for
//   CHECK-NOT:       math.exp
//       CHECK:   return
func.func private @other_lanes_are_another_loop(%x: tensor<64x640xf32>, %w: tensor<64xf32>) -> tensor<64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %e = tensor.empty() : tensor<64x640xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x640xf32>) outs(%e : tensor<64x640xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x640xf32>
  %y = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%t : tensor<64x640xf32>) outs(%w : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.maximumf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  func.return %y : tensor<64xf32>
}

#all3 = affine_map<(i, j, k) -> (i, j)>
#turned3 = affine_map<(i, j, k) -> (i, k, j)>
// The second loop has one more inside, which the first has not.
// CHECK-LABEL: func.func private @more_loops_are_another_nest
//       CHECK:   scf.for
//       CHECK:     scf.for
//       CHECK:       math.exp
//       CHECK:     scf.for
//   CHECK-NOT:       math.exp
//       CHECK:   return
func.func private @more_loops_are_another_nest(%x: tensor<64x96xf32>, %w: tensor<64x5x96xf32>) -> tensor<64x5x96xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %e = tensor.empty() : tensor<64x96xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x96xf32>) outs(%e : tensor<64x96xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x96xf32>
  %f = tensor.empty() : tensor<64x5x96xf32>
  %y = linalg.generic {indexing_maps = [#all3, #turned3, #turned3], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%t, %w : tensor<64x96xf32>, tensor<64x5x96xf32>) outs(%f : tensor<64x5x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<64x5x96xf32>
  func.return %y : tensor<64x5x96xf32>
}

// The exponentials go into the sum and nowhere else.
// CHECK-LABEL: func.func private @what_nobody_reads_later_is_not_stored
//       CHECK:   math.exp
//   CHECK-NOT:   vector.store
//       CHECK:   return
func.func private @what_nobody_reads_later_is_not_stored(%x: tensor<64x96xf32>, %w: tensor<64xf32>) -> tensor<64xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %e = tensor.empty() : tensor<64x96xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x96xf32>) outs(%e : tensor<64x96xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x96xf32>
  %y = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%t : tensor<64x96xf32>) outs(%w : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  func.return %y : tensor<64xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m floordiv 14, k, m mod 14)>
#b = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#c = affine_map<(m, n, k) -> (m, n)>
#all = affine_map<(m, n) -> (m, n)>

// Two products of one type share the function of their register tile.
// CHECK-LABEL: func.func private @mithril_product_f32_f32_14x32
// CHECK-COUNT-28: vector.fma
//   CHECK-NOT:   vector.fma
//       CHECK:   return
// CHECK-LABEL: func.func private @a_product_calls_its_register_tile
//       CHECK:   scf.for
//       CHECK:     scf.for
//       CHECK:       call @mithril_product_f32_f32_14x32
//       CHECK:       scf.for
//       CHECK:         vector.store
//   CHECK-NOT: func.func private @mithril_product
// CHECK-LABEL: func.func private @another_product
//       CHECK:   call @mithril_product_f32_f32_14x32
func.func private @a_product_calls_its_register_tile(%x: tensor<2x70x14xf32>, %w: tensor<3x70x32xf32>) -> tensor<20x90xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x90xf32>
  %s0 = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<20x90xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<20x90xf32>
  %s = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<2x70x14xf32>, tensor<3x70x32xf32>) outs(%s0 : tensor<20x90xf32>)
      attrs = {mithril.contract = array<i64: 14, 32>} {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %a = arith.mulf %p, %q : f32
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  } -> tensor<20x90xf32>
  func.return %s : tensor<20x90xf32>
}

func.func private @another_product(%x: tensor<1x8x14xf32>, %w: tensor<1x8x32xf32>) -> tensor<5x9xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %e = tensor.empty() : tensor<5x9xf32>
  %s = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x8x14xf32>, tensor<1x8x32xf32>) outs(%e : tensor<5x9xf32>)
      attrs = {mithril.contract = array<i64: 14, 32>} {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %a = arith.mulf %p, %q : f32
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  } -> tensor<5x9xf32>
  func.return %s : tensor<5x9xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m floordiv 14, k, m mod 14)>
#b = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#c = affine_map<(m, n, k) -> (m, n)>

func.func private @refuses_a_product_that_starts_from_one(%x: tensor<1x8x14xf32>, %w: tensor<1x8x32xf32>) -> tensor<5x9xf32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<5x9xf32>
  // expected-error @+1 {{a product starts from something else than zero}}
  %s0 = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<5x9xf32>) {
  ^bb0(%o: f32):
    linalg.yield %one : f32
  } -> tensor<5x9xf32>
  %s = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x8x14xf32>, tensor<1x8x32xf32>) outs(%s0 : tensor<5x9xf32>)
      attrs = {mithril.contract = array<i64: 14, 32>} {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %a = arith.mulf %p, %q : f32
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  } -> tensor<5x9xf32>
  func.return %s : tensor<5x9xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m floordiv 14, k, m mod 14)>
#b = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#c = affine_map<(m, n, k) -> (m, n)>

func.func private @refuses_a_product_that_of_integers_that_starts_from_one(%x: tensor<1x8x14xi32>, %w: tensor<1x8x32xi32>) -> tensor<5x9xi32>
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %one = arith.constant 1 : i32
  %e = tensor.empty() : tensor<5x9xi32>
  // expected-error @+1 {{a product starts from something else than zero}}
  %s0 = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<5x9xi32>) {
  ^bb0(%o: i32):
    linalg.yield %one : i32
  } -> tensor<5x9xi32>
  %s = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x8x14xi32>, tensor<1x8x32xi32>) outs(%s0 : tensor<5x9xi32>)
      attrs = {mithril.contract = array<i64: 14, 32>} {
  ^bb0(%p: i32, %q: i32, %o: i32):
    %a = arith.muli %p, %q : i32
    %b = arith.addi %o, %a : i32
    linalg.yield %b : i32
  } -> tensor<5x9xi32>
  func.return %s : tensor<5x9xi32>
}

// -----

#none = affine_map<() -> ()>
#i = affine_map<(d0) -> (d0)>

// What a body loads by itself was stored: no register reaches it.
// CHECK-LABEL: func.func private @a_number_read_at_an_index_is_stored
//       CHECK:   %[[M:.+]] = memref.view {{.*}} to memref<1xf32>
//       CHECK:   memref.store %{{.+}}, %[[M]]
//       CHECK:   memref.load %[[M]]
func.func private @a_number_read_at_an_index_is_stored(%x: tensor<f32>) -> tensor<3xf32>
    attributes {mithril.kernel, mithril.grid_rank = 0 : i64} {
  %e = tensor.empty() : tensor<f32>
  %m = linalg.generic {indexing_maps = [#none, #none], iterator_types = []} ins(%x : tensor<f32>) outs(%e : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<f32>
  %f = tensor.empty() : tensor<3xf32>
  %y = linalg.generic {indexing_maps = [#i], iterator_types = ["parallel"]} outs(%f : tensor<3xf32>) {
  ^bb0(%o: f32):
    %v = tensor.extract %m[] : tensor<f32>
    linalg.yield %v : f32
  } -> tensor<3xf32>
  func.return %y : tensor<3xf32>
}

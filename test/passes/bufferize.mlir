// RUN: mithril-opt %s --split-input-file --verify-diagnostics --bufferize | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#one = affine_map<(i) -> (i)>

// The value on the way is an element of a register: a view of no bytes that repeats everywhere.
// CHECK-LABEL: func.func private @a_map_writes_its_result
//  CHECK-SAME:   %[[X:[^:]+]]: memref<?x512xf32> {mithril.dims = ["d0"]}, %[[Y:[^:]+]]: memref<?x512xf32> {mithril.dims = ["d0"]}, %[[D:[^:]+]]: index,
//  CHECK-SAME:   index, %{{[^:]+}}: index, %{{[^:]+}}: index, %{{[^:]+}}: index, %[[S:[^:]+]]: memref<?xi8>)
//  CHECK-SAME:   mithril.scratch = 0 : i64
//       CHECK:   %[[V:.+]] = memref.view %[[S]]{{.*}} memref<0xf32>
//       CHECK:   %[[T:.+]] = memref.reinterpret_cast %[[V]] to offset: [0], sizes: [%[[D]], 512], strides: [0, 0]
//       CHECK:   linalg.generic {{.*}} ins(%[[X]] {{.*}} outs(%[[T]]
//       CHECK:   linalg.generic {{.*}} ins(%[[T]] {{.*}} outs(%[[Y]]
//   CHECK-NOT:   tensor
//       CHECK:   return
func.func private @a_map_writes_its_result(%x: tensor<?x512xf32> {mithril.dims = ["d0"]}, %d0: index)
    -> (tensor<?x512xf32> {mithril.dims = ["d0"]})
    attributes {mithril.kernel, mithril.grid_rank = 2 : i64, mithril.grid = ["d0", 512 : i64], mithril.block = array<i64: 16, 512>} {
  %e = tensor.empty(%d0) : tensor<?x512xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x512xf32>) outs(%e : tensor<?x512xf32>) attrs = {mithril.vector_loop = 1 : i64, mithril.lanes = 16 : i64} {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x512xf32>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t : tensor<?x512xf32>) outs(%e : tensor<?x512xf32>) attrs = {mithril.vector_loop = 1 : i64, mithril.lanes = 16 : i64} {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x512xf32>
  func.return %y : tensor<?x512xf32>
}

// What a sum starts from is made where the sum is wanted; a row kept for later lies in scratch once.
// CHECK-LABEL: func.func private @a_row_lies_in_scratch_once
//  CHECK-SAME:   %[[X:[^:]+]]: memref<64x100xf32>, %[[S:[^:]+]]: memref<64xf32>, %[[Y:[^:]+]]: memref<64x100xf32>
//  CHECK-SAME:   mithril.scratch = 448 : i64
//       CHECK:   %[[T:.+]] = memref.reinterpret_cast {{.*}} sizes: [64, 100], strides: [0, 1]
//       CHECK:   linalg.generic {{.*}} outs(%[[S]] : memref<64xf32>)
//       CHECK:   linalg.generic {{.*}} outs(%[[T]]
//       CHECK:   linalg.generic {{.*}} ins(%[[T]] {{.*}} outs(%[[S]]
//       CHECK:   linalg.generic {{.*}} ins(%[[T]], %[[S]] {{.*}} outs(%[[Y]]
func.func private @a_row_lies_in_scratch_once(%x: tensor<64x100xf32>) -> (tensor<64xf32>, tensor<64x100xf32>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %f = tensor.empty() : tensor<64x100xf32>
  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = ["parallel"]} outs(%e : tensor<64xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<64xf32>
  %t = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x100xf32>) outs(%f : tensor<64x100xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  } -> tensor<64x100xf32>
  %s = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%t : tensor<64x100xf32>) outs(%s0 : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<64xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t, %s : tensor<64x100xf32>, tensor<64xf32>) outs(%f : tensor<64x100xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %c = arith.divf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<64x100xf32>
  func.return %s, %y : tensor<64xf32>, tensor<64x100xf32>
}

// -----

// What a caller passes in and gets back would be a copy that nobody asked for.
func.func private @refuses_a_hidden_copy(%x: tensor<2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [2 : i64], mithril.block = array<i64: 64>} {
  // expected-error @+1 {{result 0 is not a value of its own, made by a generic}}
  func.return %x : tensor<2xf32>
}

// -----

// A function that is no kernel is left alone.
// CHECK-LABEL: func.func private @not_a_kernel
//  CHECK-SAME:   tensor<2xf32>
func.func private @not_a_kernel(%x: tensor<2xf32>) -> tensor<2xf32> {
  func.return %x : tensor<2xf32>
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_one_value_as_two_results(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [2 : i64], mithril.block = array<i64: 64>} {
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2xf32>
  // expected-error @+1 {{result 1 is not a value of its own, made by a generic}}
  func.return %y, %y : tensor<2xf32>, tensor<2xf32>
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_an_operand_that_nobody_made(%x: tensor<2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [2 : i64], mithril.block = array<i64: 64>} {
  %e = tensor.empty() : tensor<2xf32>
  // expected-error @+1 {{operand 0 is neither an argument nor made by a generic}}
  %y = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%e : tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_a_slice_of_what_nobody_made(%x: tensor<2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [2 : i64], mithril.block = array<i64: 64>} {
  %e = tensor.empty() : tensor<2xf32>
  %f = tensor.empty() : tensor<4xf32>
  // expected-error @+1 {{a slice of what is not in memory, or of another rank}}
  %s = tensor.extract_slice %f[1] [2] [1] : tensor<4xf32> to tensor<2xf32>
  %y = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%s : tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_a_slice_of_another_rank(%x: tensor<4x2xf32>) -> tensor<2xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [2 : i64], mithril.block = array<i64: 64>} {
  %e = tensor.empty() : tensor<2xf32>
  // expected-error @+1 {{a slice of what is not in memory, or of another rank}}
  %s = tensor.extract_slice %x[1, 0] [1, 2] [1, 1] : tensor<4x2xf32> to tensor<2xf32>
  %y = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%s : tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

#all = affine_map<(i, j) -> (i, j)>
#skew = affine_map<(i, j) -> (i + j)>
func.func private @refuses_a_value_on_the_way_at_computed_indices(%x: tensor<2x3xf32>) -> tensor<2x3xf32>
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [2 : i64], mithril.block = array<i64: 64>} {
  %e = tensor.empty() : tensor<4xf32>
  %f = tensor.empty() : tensor<2x3xf32>
  // expected-error @+1 {{a value kept inside a kernel is written at computed indices}}
  %t = linalg.generic {indexing_maps = [#all, #skew], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x3xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#skew, #all], iterator_types = ["parallel", "parallel"]}
      ins(%t : tensor<4xf32>) outs(%f : tensor<2x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}

// -----

#none = affine_map<() -> ()>
#i = affine_map<(d0) -> (d0)>

// One number that a body reads by itself has a place in scratch; one that only maps read has none.
// CHECK-LABEL: func.func private @a_number_read_at_an_index_has_memory
//  CHECK-SAME:   mithril.scratch = 64 : i64
//       CHECK:   %[[V:.+]] = memref.view {{.*}} to memref<1xf32>
//       CHECK:   %[[M:.+]] = memref.reinterpret_cast %[[V]]
//       CHECK:   memref.view {{.*}} to memref<0xf32>
//       CHECK:   memref.load %[[M]][]
func.func private @a_number_read_at_an_index_has_memory(%x: tensor<f32>) -> tensor<3xf32>
    attributes {mithril.kernel, mithril.grid_rank = 0 : i64, mithril.grid = [1 : i64], mithril.block = array<i64: 1>} {
  %e = tensor.empty() : tensor<f32>
  %n = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%x : tensor<f32>) outs(%e : tensor<f32>) attrs = {mithril.lanes = 1 : i64, mithril.vector_loop = -1 : i64} {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<f32>
  %m = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%n : tensor<f32>) outs(%e : tensor<f32>) attrs = {mithril.lanes = 1 : i64, mithril.vector_loop = -1 : i64} {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<f32>
  %f = tensor.empty() : tensor<3xf32>
  %y = linalg.generic {indexing_maps = [#i], iterator_types = ["parallel"]} outs(%f : tensor<3xf32>) attrs = {mithril.lanes = 8 : i64, mithril.vector_loop = 0 : i64} {
  ^bb0(%o: f32):
    %v = tensor.extract %m[] : tensor<f32>
    linalg.yield %v : f32
  } -> tensor<3xf32>
  func.return %y : tensor<3xf32>
}

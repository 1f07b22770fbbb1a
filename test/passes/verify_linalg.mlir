// RUN: mithril-opt %s --verify-linalg --split-input-file --verify-diagnostics

#map = affine_map<(d0) -> (d0)>
func.func private @maps_pass(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %2 = arith.negf %in : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----
// expected-error@+1 {{a kernel is still unlowered}}
mithril.kernel @nothing_is_left(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----
// expected-error@+1 {{a kernel wants mithril.grid_rank, an integer}}
func.func private @a_grid_is_known(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel} {
  return %x : tensor<4xf32>
}

// -----
// expected-error@+1 {{a grid has at most 4 loops, found 5}}
func.func private @a_grid_is_small(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 5 : i64} {
  return %x : tensor<4xf32>
}

// -----
func.func private @nothing_is_allocated(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 0 : i64} {
  // expected-error@+1 {{a kernel is generics on tensors and index arithmetic, found memref.alloc}}
  %0 = memref.alloc() : memref<4xf32>
  return %x : tensor<4xf32>
}

// -----
#in = affine_map<(d0) -> (d0)>
#out = affine_map<(d0) -> ()>
func.func private @the_grid_is_parallel(%x: tensor<4xf32>) -> tensor<f32> attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %0 = tensor.empty() : tensor<f32>
  // expected-error@+1 {{loop 0 is of the grid, so it must be parallel}}
  %1 = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<f32>) {
  ^bb0(%in: f32, %out: f32):
    %2 = arith.addf %out, %in : f32
    linalg.yield %2 : f32
  } -> tensor<f32>
  return %1 : tensor<f32>
}

// -----
#map = affine_map<(d0) -> (d0)>
func.func private @all_share_the_grid(%x: tensor<4xf32>, %y: tensor<5xf32>) -> (tensor<4xf32>, tensor<5xf32>) attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  %2 = tensor.empty() : tensor<5xf32>
  // expected-error@+1 {{loop 0 of the grid has 5 steps here, 4 before}}
  %3 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%y : tensor<5xf32>) outs(%2 : tensor<5xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<5xf32>
  return %1, %3 : tensor<4xf32>, tensor<5xf32>
}

// -----
// expected-error@+1 {{a kernel wants mithril.grid_rank, an integer}}
func.func private @a_grid_rank_is_a_number(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = "1"} {
  return %x : tensor<4xf32>
}

// -----
// expected-error@+1 {{a grid has at most 4 loops, found -1}}
func.func private @a_grid_has_no_less_than_no_loop(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = -1 : i64} {
  return %x : tensor<4xf32>
}

// -----
#map = affine_map<(d0) -> (d0)>
func.func private @the_grid_is_loops_of_all(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {
  %0 = tensor.empty() : tensor<4xf32>
  // expected-error@+1 {{the grid has 2 loops, this has 1}}
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----
#map = affine_map<(d0) -> (d0)>
func.func private @a_tile_is_of_i64(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %0 = tensor.empty() : tensor<4xf32>
  // expected-error@+1 {{mithril.contract wants array<i64: rows, columns>}}
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>)
      attrs = {mithril.contract = array<i32: 14, 32>} {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----
#map = affine_map<(d0) -> (d0)>
func.func private @a_tile_has_two_sides(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %0 = tensor.empty() : tensor<4xf32>
  // expected-error@+1 {{mithril.contract wants array<i64: rows, columns>}}
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>)
      attrs = {mithril.contract = array<i64: 14>} {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----
#map = affine_map<(d0) -> (d0)>
func.func private @index_arithmetic_passes(%x: tensor<?xf32>, %d0: index) -> tensor<?xf32> attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %one = arith.constant 1 : index
  %n = arith.subi %d0, %one : index
  %0 = tensor.empty(%n) : tensor<?xf32>
  %1 = tensor.extract_slice %x[1] [%n] [1] : tensor<?xf32> to tensor<?xf32>
  %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%1 : tensor<?xf32>) outs(%0 : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<?xf32>
  return %2 : tensor<?xf32>
}

// -----
func.func private @other_arithmetic_belongs_into_generics(%x: tensor<4xf32>) -> tensor<4xf32> attributes {mithril.kernel, mithril.grid_rank = 0 : i64} {
  // expected-error@+1 {{a kernel is generics on tensors and index arithmetic, found arith.constant}}
  %0 = arith.constant 1.0 : f32
  return %x : tensor<4xf32>
}

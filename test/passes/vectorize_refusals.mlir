// RUN: mithril-opt %s --split-input-file --verify-diagnostics --vectorize

// Kernels that no schedule and no bufferize would make.

#one = affine_map<(i) -> (i)>
func.func private @refuses_an_operand_from_elsewhere(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  %elsewhere = memref.alloc() : memref<64xf32>
  // expected-error @+1 {{operand 0 is no buffer of the kernel}}
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%elsewhere : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  func.return
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_a_result_elsewhere(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  %elsewhere = memref.alloc() : memref<64xf32>
  // expected-error @+1 {{result 0 is no buffer of the kernel}}
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : memref<64xf32>) outs(%elsewhere : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  func.return
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_a_read_of_what_was_not_given(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  %elsewhere = memref.alloc() : memref<64xf32>
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %i = linalg.index 0 : index
    // expected-error @+1 {{a read of memory that the kernel was not given}}
    %r = memref.load %elsewhere[%i] : memref<64xf32>
    linalg.yield %r : f32
  }
  func.return
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_an_op_with_a_region(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %c = arith.constant true
    // expected-error @+1 {{an op in a kernel's element that has no vector form}}
    %r = scf.if %c -> f32 {
      scf.yield %a : f32
    } else {
      scf.yield %a : f32
    }
    linalg.yield %r : f32
  }
  func.return
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_an_op_with_two_results(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %i = arith.bitcast %a : f32 to i32
    // expected-error @+1 {{an op in a kernel's element that has no vector form}}
    %s, %h = arith.mului_extended %i, %i : i32
    %r = arith.bitcast %h : i32 to f32
    linalg.yield %r : f32
  }
  func.return
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @refuses_an_op_with_nine_attributes(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    // expected-error @+1 {{an op in a kernel's element that has no vector form}}
    %r = arith.negf %a {a0, a1, a2, a3, a4, a5, a6, a7} : f32
    linalg.yield %r : f32
  }
  func.return
}

// -----

#one = affine_map<(i) -> (i)>
func.func private @f(f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32) -> f32
func.func private @refuses_an_op_with_17_operands(%x: memref<64xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    // expected-error @+1 {{an op in a kernel's element that has no vector form}}
    %r = func.call @f(%a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a)
        : (f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32) -> f32
    linalg.yield %r : f32
  }
  func.return
}

// -----

func.func private @refuses_lanes_for_a_fold_in_index_order(%x: memref<64x96xf32>, %y: memref<64xf32>, %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  // expected-error @+1 {{a reduction that only index order defines has a vector loop}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : memref<64x96xf32>) outs(%y : memref<64xf32>)
      attrs = {mithril.vector_loop = 1 : i64, mithril.lanes = 16 : i64} {
  ^bb0(%a: f32, %o: f32):
    %b = arith.subf %o, %a : f32
    linalg.yield %b : f32
  }
  func.return
}

// -----

func.func private @refuses_a_scatter_elsewhere(%i: memref<96xi64>, %u: memref<96x64xf32>, %y: memref<10x64xf32>,
    %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  %elsewhere = memref.alloc() : memref<10x64xf32>
  // expected-error @+1 {{a scatter is vectorised along its rows, or into no buffer of the kernel}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (0, i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%i, %u : memref<96xi64>, memref<96x64xf32>) outs(%elsewhere : memref<10x64xf32>)
      attrs = {mithril.scatter, mithril.lanes = 1 : i64} {
  ^bb0(%n: i64, %a: f32, %o: f32):
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  }
  func.return
}

// -----

func.func private @refuses_a_scatter_of_lanes_of_rows(%i: memref<96xi64>, %u: memref<96x64xf32>, %y: memref<10x64xf32>,
    %b0: index, %e0: index, %scratch: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64,
    mithril.grid = [64 : i64], mithril.block = array<i64: 64>} {
  %elsewhere = memref.alloc() : memref<10x64xf32>
  // expected-error @+1 {{a scatter is vectorised along its rows, or into no buffer of the kernel}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (0, i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%i, %u : memref<96xi64>, memref<96x64xf32>) outs(%y : memref<10x64xf32>)
      attrs = {mithril.scatter, mithril.vector_loop = 1 : i64, mithril.lanes = 16 : i64} {
  ^bb0(%n: i64, %a: f32, %o: f32):
    %b = arith.addf %o, %a : f32
    linalg.yield %b : f32
  }
  func.return
}

// -----

// expected-error @+1 {{a kernel has too many loops or parts}}
func.func private @refuses_a_grid_of_five(%x: memref<64xf32>, %y: memref<64xf32>,
    %b0: index, %e0: index, %b1: index, %e1: index, %b2: index, %e2: index, %b3: index, %e3: index,
    %b4: index, %e4: index, %scratch: memref<?xi8>) attributes {mithril.kernel, mithril.grid_rank = 5 : i64,
    mithril.grid = [1, 1, 1, 1, 1], mithril.block = array<i64: 1, 1, 1, 1, 1>} {
  func.return
}

// -----

#a = affine_map<(m, n, k) -> (m floordiv 14, k, m mod 14)>
#b = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func private @refuses_a_product_of_what_was_not_given(%x: memref<1x8x14xf32>, %w: memref<1x8x32xf32>,
    %y: memref<5x9xf32>, %b0: index, %e0: index, %b1: index, %e1: index, %scratch: memref<?xi8>) attributes {mithril.kernel, mithril.grid_rank = 2 : i64,
    mithril.grid = [5 : i64, 9 : i64], mithril.block = array<i64: 14, 32>} {
  %elsewhere = memref.alloc() : memref<1x8x14xf32>
  // expected-error @+1 {{an operand of a product is no buffer of the kernel}}
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%elsewhere, %w : memref<1x8x14xf32>, memref<1x8x32xf32>) outs(%y : memref<5x9xf32>)
      attrs = {mithril.contract = array<i64: 14, 32>} {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    %r = arith.addf %o, %s : f32
    linalg.yield %r : f32
  }
  func.return
}

// -----

#a = affine_map<(m, n, k) -> (m floordiv 14, k, m mod 14)>
#b = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func private @refuses_a_register_tile_that_no_registers_hold(%x: memref<1x8x14xf32>, %w: memref<1x8x32xf32>,
    %y: memref<5x9xf32>, %b0: index, %e0: index, %b1: index, %e1: index, %scratch: memref<?xi8>) attributes {mithril.kernel, mithril.grid_rank = 2 : i64,
    mithril.grid = [5 : i64, 9 : i64], mithril.block = array<i64: 14, 32>} {
  // expected-error @+1 {{no register tile of 40 x 32 for these elements}}
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<1x8x14xf32>, memref<1x8x32xf32>) outs(%y : memref<5x9xf32>)
      attrs = {mithril.contract = array<i64: 40, 32>} {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    %r = arith.addf %o, %s : f32
    linalg.yield %r : f32
  }
  func.return
}

// -----

#a = affine_map<(m, n, k) -> (m floordiv 14, k, m mod 14)>
#b = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#c = affine_map<(m, n, k) -> (m, n)>
#all = affine_map<(m, n) -> (m, n)>
func.func private @refuses_a_product_that_starts_from_a_buffer(%x: memref<1x8x14xf32>, %w: memref<1x8x32xf32>,
    %y: memref<5x9xf32>, %b0: index, %e0: index, %b1: index, %e1: index, %scratch: memref<?xi8>) attributes {mithril.kernel, mithril.grid_rank = 2 : i64,
    mithril.grid = [5 : i64, 9 : i64], mithril.block = array<i64: 14, 32>} {
  %zero = arith.constant 0.0 : f32
  // expected-error @+1 {{a product starts from something else than zero}}
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<5x9xf32>) outs(%y : memref<5x9xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<1x8x14xf32>, memref<1x8x32xf32>) outs(%y : memref<5x9xf32>)
      attrs = {mithril.contract = array<i64: 14, 32>} {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    %r = arith.addf %o, %s : f32
    linalg.yield %r : f32
  }
  func.return
}

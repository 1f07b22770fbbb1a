// RUN: mithril-opt %s --split-input-file --verify-diagnostics --verify-loops

func.func private @accepts_loops_over_vectors(%x: memref<?xf32>, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %step = arith.constant 16 : index
  scf.for %i = %begin to %end step %step {
    %v = vector.load %x[%i] : memref<?xf32>, vector<16xf32>
    %r = math.sqrt %v : vector<16xf32>
    vector.store %r, %x[%i] : memref<?xf32>, vector<16xf32>
  }
  func.return
}

// -----

func.func private @refuses_an_allocation(%x: memref<?xf32>, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  // expected-error @+1 {{a kernel is loops over vectors, found memref.alloc}}
  %m = memref.alloc(%end) : memref<?xf32>
  func.return
}

// -----

func.func private @refuses_a_function_that_should_be_expanded(%x: memref<?xf32>, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  %v = memref.load %x[%begin] : memref<?xf32>
  // expected-error @+1 {{a kernel is loops over vectors, found math.exp}}
  %e = math.exp %v : f32
  memref.store %e, %x[%begin] : memref<?xf32>
  func.return
}

// -----

// expected-error @+1 {{argument 0 is neither elements in a row nor an index}}
func.func private @refuses_a_shaped_argument(%x: memref<4x4xf32>, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  func.return
}

// -----

// What is no kernel may be anything.
func.func private @not_a_kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{argument 0 is neither elements in a row nor an index}}
func.func private @refuses_elements_of_a_known_number(%x: memref<16xf32>, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  func.return
}

// -----

// expected-error @+1 {{argument 0 is neither elements in a row nor an index}}
func.func private @refuses_rows_of_elements(%x: memref<?x?xf32>, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  func.return
}

// -----

// expected-error @+1 {{argument 0 is neither elements in a row nor an index}}
func.func private @refuses_a_number(%x: i64, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {
  func.return
}

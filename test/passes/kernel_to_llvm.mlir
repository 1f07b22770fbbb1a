// RUN: mithril-opt %s --kernel-to-llvm | FileCheck %s

// Pointers to operands and results, the symbols, the tile, scratch: in this order.
// CHECK-LABEL: llvm.func internal @takes_four_pointers
//  CHECK-SAME:   (%[[BUFFERS:.+]]: !llvm.ptr, %[[DIMS:.+]]: !llvm.ptr, %[[TILE:.+]]: !llvm.ptr, %[[SCRATCH:.+]]: !llvm.ptr)
//  CHECK-SAME:   mithril.grid = ["d0"]
//       CHECK:   llvm.getelementptr %[[BUFFERS]][0]
//       CHECK:   llvm.getelementptr %[[BUFFERS]][1]
//       CHECK:   llvm.getelementptr %[[DIMS]][0]
//       CHECK:   llvm.getelementptr %[[TILE]][0]
//       CHECK:   llvm.getelementptr %[[TILE]][1]
//   CHECK-NOT:   unrealized_conversion_cast
//       CHECK:   llvm.load {{.*}} vector<16xf32>
//       CHECK:   llvm.store {{.*}} vector<16xf32>
//       CHECK:   llvm.return
func.func private @takes_four_pointers(%x: memref<?xf32>, %y: memref<?xf32>, %d0: index, %begin: index, %end: index, %s: memref<?xi8>)
    attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = ["d0"]} {
  %step = arith.constant 16 : index
  scf.for %i = %begin to %end step %step {
    %v = vector.load %x[%i] : memref<?xf32>, vector<16xf32>
    vector.store %v, %y[%i] : memref<?xf32>, vector<16xf32>
  }
  func.return
}

// A kernel that is a C function of the user's stays a declaration.
// CHECK: llvm.func @a_c_kernel()
// CHECK-SAME: mithril.c_kernel = "symbol"
func.func private @a_c_kernel() attributes {mithril.c_kernel = "symbol", mithril.kernel}

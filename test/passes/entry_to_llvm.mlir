// RUN: mithril-opt %s --entry-to-llvm --split-input-file --verify-diagnostics | FileCheck %s

module @p {
llvm.func internal @k0(%b: !llvm.ptr, %d: !llvm.ptr, %t: !llvm.ptr, %s: !llvm.ptr) attributes {
    mithril.grid = ["d0", 8 : i64], mithril.block = array<i64: 16, 8>, mithril.work = "d0*8",
    mithril.scratch = "d0*4"} {
  llvm.return
}

// CHECK-LABEL: llvm.func internal @run_launch
// CHECK:         llvm.icmp "eq"
// A launch goes to the kernel on the caller, or to the host.
// CHECK:         llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : !llvm.ptr, (!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
// CHECK:         llvm.call %{{.*}} : !llvm.ptr, (!llvm.ptr, !llvm.ptr) -> i32

// CHECK-LABEL: llvm.func @p_evaluate(
// CHECK-SAME:    %[[HOST:.*]]: !llvm.ptr, %[[PORTS:.*]]: !llvm.ptr, %[[SYMBOLS:.*]]: !llvm.ptr, %[[WORKSPACE:.*]]: !llvm.ptr) -> i32
// CHECK:         %[[LAUNCH:.*]] = llvm.alloca %{{.*}} x !llvm.array<80 x i8>
// CHECK:         llvm.mlir.addressof @constant.0
// CHECK:         llvm.mlir.addressof @evaluate.launch.0
// CHECK:         %[[STATUS:.*]] = llvm.call @run_launch(%[[HOST]], %[[LAUNCH]])
// CHECK:         llvm.cond_br %{{.*}}, ^[[FAILED:bb.*]](%[[STATUS]] : i32), ^[[NEXT:bb.*]]
// CHECK:       ^[[NEXT]]:
// The second result is the input: an explicit copy.
// CHECK:         "llvm.intr.memcpy"
// CHECK:         llvm.return
// CHECK:       ^[[FAILED]](%[[CODE:.*]]: i32):
// CHECK:         llvm.return %[[CODE]]

// CHECK:       llvm.mlir.global internal constant @k0.name("k0\00")
// CHECK:       llvm.mlir.global internal constant @evaluate.launch.0() {{.*}}!llvm.struct<(i32, i32, ptr, ptr, array<4 x i64>)>
// CHECK:         llvm.mlir.addressof @k0 :
// Bools are bytes.
// CHECK:       llvm.mlir.global internal constant @constant.0(dense<[1, 0, 1]> : tensor<3xi8>) {{.*}}alignment = 64

// Sizes are checked for overflow and sign.
// CHECK-LABEL: llvm.func @p_evaluate_sizes(
// CHECK:         llvm.intr.smul.with.overflow
// CHECK:         llvm.select %{{.*}} : i1, i32
mithril.entry @evaluate(%x: tensor<?x8xf32, ["T"]> {mithril.port = "x"})
    -> (tensor<?x8xf32, ["T"]> {mithril.port = "y"}, tensor<?x8xf32, ["T"]> {mithril.port = "z"})
    attributes {mithril.workspace = "64*T"} {
  %c = mithril.constant dense<[true, false, true]> : tensor<3xi1>
  %0 = mithril.launch @k0(%x, %c) dims ["T"] {mithril.places = [{port = "y"}]}
      : (tensor<?x8xf32, ["T"]>, tensor<3xi1>) -> tensor<?x8xf32, ["T"]>
  mithril.return %0, %x : tensor<?x8xf32, ["T"]>, tensor<?x8xf32, ["T"]>
}
// CHECK-NOT: mithril.entry
}

// -----

// A C kernel is called by its own name.
module @p {
llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {mithril.c_kernel = "users_own",
    mithril.grid = [1 : i64], mithril.block = array<i64: 1>, mithril.work = 1 : i64}
// CHECK:       llvm.func @users_own(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr)
// CHECK:       @evaluate.launch.0
// CHECK:         llvm.mlir.addressof @users_own
mithril.entry @evaluate(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @k0(%x) dims [8, 8] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}
}

// -----

func.func private @k0(%x: tensor<8xf32>) -> tensor<8xf32>
mithril.entry @evaluate(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{kernel 'k0' is not in the LLVM dialect}}
  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {
    mithril.grid = ["d1"], mithril.block = array<i64: 1>, mithril.work = 1 : i64}
mithril.entry @evaluate(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{no input of the entry tells the value of 'd1'}}
  %0 = mithril.launch @k0(%x) dims [8] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

// expected-error @+1 {{a kernel wants mithril.grid and mithril.block of 1 to 4 numbers}}
llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {mithril.work = 1 : i64,
    mithril.grid = [], mithril.block = array<i64>}
mithril.entry @a_grid_of_none(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

// expected-error @+1 {{a kernel wants mithril.grid and mithril.block of 1 to 4 numbers}}
llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {mithril.work = 1 : i64,
    mithril.grid = [1, 1, 1, 1, 1], mithril.block = array<i64: 1, 1, 1, 1, 1>}
mithril.entry @a_grid_of_five(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

// expected-error @+1 {{a kernel wants mithril.grid and mithril.block of 1 to 4 numbers}}
llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {mithril.work = 1 : i64,
    mithril.grid = [1]}
mithril.entry @no_block(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

// expected-error @+1 {{a kernel wants mithril.grid and mithril.block of 1 to 4 numbers}}
llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {mithril.work = 1 : i64,
    mithril.grid = [1], mithril.block = array<i32: 1>}
mithril.entry @a_block_of_i32(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

// expected-error @+1 {{a kernel wants mithril.grid and mithril.block of 1 to 4 numbers}}
llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {mithril.work = 1 : i64,
    mithril.grid = [1], mithril.block = array<i64: 1, 1>}
mithril.entry @a_block_of_another_rank(%x: tensor<8xf32> {mithril.port = "x"}) -> (tensor<8xf32> {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = "y"}]} : (tensor<8xf32>) -> tensor<8xf32>
  mithril.return %0 : tensor<8xf32>
}

// -----

mithril.entry @a_constant_that_no_object_holds(%x: tensor<8xf32> {mithril.port = "x"})
    -> (tensor<1073741824xf32> {mithril.port = "y"}) attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{a constant of 4294967296 bytes, at most 1073741824 fit in an object}}
  %0 = mithril.constant dense<1.0> : tensor<1073741824xf32>
  mithril.return %0 : tensor<1073741824xf32>
}

// RUN: mithril-opt %s --split-input-file --verify-diagnostics --verify-llvm

llvm.func internal @tile(%x: !llvm.ptr) {
  llvm.return
}
llvm.func internal @accepts_a_kernel(%buffers: !llvm.ptr, %dims: !llvm.ptr, %tile: !llvm.ptr, %scratch: !llvm.ptr)
    attributes {mithril.kernel} {
  llvm.call @tile(%buffers) : (!llvm.ptr) -> ()
  llvm.return
}
llvm.func @accepts_a_c_kernel() attributes {mithril.kernel, mithril.c_kernel = "symbol"}

// -----

// expected-error @+1 {{a kernel is not a function of the LLVM dialect}}
func.func private @refuses_what_was_left() attributes {mithril.kernel} {
  func.return
}

// -----

// expected-error @+1 {{a kernel takes 4 pointers: buffers, dims, tile, scratch}}
llvm.func internal @refuses_another_signature(%buffers: !llvm.ptr, %dims: i64, %tile: !llvm.ptr, %scratch: !llvm.ptr)
    attributes {mithril.kernel} {
  llvm.return
}

// -----

llvm.func @expf(f32) -> f32
llvm.func internal @refuses_a_call_out_of_the_object(%buffers: !llvm.ptr, %dims: !llvm.ptr, %tile: !llvm.ptr, %scratch: !llvm.ptr)
    attributes {mithril.kernel} {
  %x = llvm.load %scratch : !llvm.ptr -> f32
  // expected-error @+1 {{a kernel calls 'expf', which the module does not hold}}
  %y = llvm.call @expf(%x) : (f32) -> f32
  llvm.return
}

// -----

llvm.func internal @refuses_an_op_of_another_dialect(%buffers: !llvm.ptr, %dims: !llvm.ptr, %tile: !llvm.ptr, %scratch: !llvm.ptr)
    attributes {mithril.kernel} {
  // expected-error @+1 {{a kernel is of the LLVM dialect, found arith.constant}}
  %x = arith.constant 1 : i64
  llvm.return
}

// -----

// expected-error @+1 {{a kernel takes 4 pointers: buffers, dims, tile, scratch}}
llvm.func internal @refuses_a_pointer_too_few(%buffers: !llvm.ptr, %dims: !llvm.ptr, %tile: !llvm.ptr)
    attributes {mithril.kernel} {
  llvm.return
}

// -----

llvm.func internal @accepts_a_call_through_a_pointer(%buffers: !llvm.ptr, %dims: !llvm.ptr, %tile: !llvm.ptr, %scratch: !llvm.ptr)
    attributes {mithril.kernel} {
  llvm.call %tile(%buffers) : !llvm.ptr, (!llvm.ptr) -> ()
  llvm.return
}

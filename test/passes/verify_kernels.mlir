// RUN: mithril-opt %s --verify-kernels --split-input-file --verify-diagnostics

mithril.kernel @exp(%x: tensor<?xf32, ["d0"]>) -> tensor<?xf32, ["d0"]> attributes {symbols = ["d0"]} {
  %0 = mithril.exp %x : (tensor<?xf32, ["d0"]>) -> tensor<?xf32, ["d0"]>
  mithril.return %0 : tensor<?xf32, ["d0"]>
}
mithril.entry @launches_and_aliases_pass(%x: tensor<?xf32, ["T"]> {mithril.port = "x"})
    -> (tensor<1x?xf32, ["T"]> {mithril.port = "y"}) {
  %0 = mithril.launch @exp(%x) dims ["T"] : (tensor<?xf32, ["T"]>) -> tensor<?xf32, ["T"]>
  %1 = mithril.reshape %0 {shape = [1, "T"]} : (tensor<?xf32, ["T"]>) -> tensor<1x?xf32, ["T"]>
  mithril.return %1 : tensor<1x?xf32, ["T"]>
}

// -----
mithril.entry @nothing_is_computed_in_an_entry(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{an entry holds launches, constants and reshapes, found mithril.exp}}
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----
mithril.entry @a_transpose_would_be_a_hidden_copy(%x: tensor<4x2xf32> {mithril.port = "x"})
    -> (tensor<2x4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{an entry holds launches, constants and reshapes, found mithril.transpose}}
  %0 = mithril.transpose %x : (tensor<4x2xf32>) -> tensor<2x4xf32>
  mithril.return %0 : tensor<2x4xf32>
}

// -----
mithril.kernel @kernels_are_core(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error@+1 {{a kernel holds core ops and splat constants, found mithril.softmax}}
  %0 = mithril.softmax %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  mithril.return %0 : tensor<4x4xf32>
}

// -----
mithril.kernel @contractions_are_packed(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error@+1 {{a kernel holds core ops and splat constants, found mithril.matmul}}
  %0 = mithril.matmul %x, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  mithril.return %0 : tensor<4x4xf32>
}

// -----
mithril.kernel @large_constants_are_operands() -> tensor<2xf32> {
  // expected-error@+1 {{a kernel holds core ops and splat constants, found mithril.constant}}
  %0 = mithril.constant dense<[1.0, 2.0]> : tensor<2xf32>
  mithril.return %0 : tensor<2xf32>
}

// -----
mithril.entry @kernels_exist(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{there is no kernel 'exp'}}
  %0 = mithril.launch @exp(%x) dims [] : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----
mithril.kernel @exp(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
mithril.entry @signatures_fit(%x: tensor<4xf64> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{the launch does not fit the signature of 'exp'}}
  %0 = mithril.launch @exp(%x) dims [] : (tensor<4xf64>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----
mithril.kernel @exp(%x: tensor<?xf32, ["d0"]>) -> tensor<?xf32, ["d0"]> attributes {symbols = ["d0"]} {
  %0 = mithril.exp %x : (tensor<?xf32, ["d0"]>) -> tensor<?xf32, ["d0"]>
  mithril.return %0 : tensor<?xf32, ["d0"]>
}
mithril.entry @symbols_are_given(%x: tensor<?xf32, ["T"]> {mithril.port = "x"}) -> (tensor<?xf32, ["T"]> {mithril.port = "y"}) {
  // expected-error@+1 {{kernel 'exp' has 1 symbols, the launch gives 0}}
  %0 = mithril.launch @exp(%x) dims [] : (tensor<?xf32, ["T"]>) -> tensor<?xf32, ["T"]>
  mithril.return %0 : tensor<?xf32, ["T"]>
}

// -----
mithril.entry @what_no_kernel_computes_is_not_in_an_entry(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{an entry holds launches, constants and reshapes, found mithril.softmax}}
  %0 = mithril.softmax %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

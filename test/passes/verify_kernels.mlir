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
mithril.kernel @data_of_a_gather_is_an_argument(%x: tensor<4xf32>, %i: tensor<4xi64>) -> tensor<4xf32> {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{operand 0 wants an argument of the kernel, found mithril.exp}}
  %1 = mithril.gather %0, %i : (tensor<4xf32>, tensor<4xi64>) -> tensor<4xf32>
  mithril.return %1 : tensor<4xf32>
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

// -----
// Splat constants are part of a kernel, all others of an entry.
mithril.kernel @constants_pass(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = mithril.constant dense<2.0> : tensor<f32>
  %0 = mithril.multiply %x, %c : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  mithril.return %0 : tensor<2xf32>
}
mithril.entry @constants_pass_in_an_entry() -> (tensor<2xf32> {mithril.port = "y"}) {
  %c = mithril.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = mithril.launch @constants_pass(%c) dims [] : (tensor<2xf32>) -> tensor<2xf32>
  mithril.return %0 : tensor<2xf32>
}

// -----
mithril.kernel @k(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
mithril.entry @an_operand_too_many(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{the launch does not fit the signature of 'k'}}
  %0 = mithril.launch @k(%x, %x) dims [] : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----
mithril.kernel @k(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
mithril.entry @a_result_too_many(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{the launch does not fit the signature of 'k'}}
  %0:2 = mithril.launch @k(%x) dims [] : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#0 : tensor<4xf32>
}

// -----
mithril.kernel @k(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = mithril.exp %x : (tensor<2x2xf32>) -> tensor<2x2xf32>
  mithril.return %0 : tensor<2x2xf32>
}
mithril.entry @an_operand_of_another_rank(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{the launch does not fit the signature of 'k'}}
  %0 = mithril.launch @k(%x) dims [] : (tensor<4xf32>) -> tensor<2x2xf32>
  mithril.return %x : tensor<4xf32>
}

// -----
mithril.kernel @k(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
mithril.entry @a_result_of_another_type(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error@+1 {{the launch does not fit the signature of 'k'}}
  %0 = mithril.launch @k(%x) dims [] : (tensor<4xf32>) -> tensor<4xf64>
  mithril.return %x : tensor<4xf32>
}

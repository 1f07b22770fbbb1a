// RUN: mithril-opt %s -split-input-file -verify-diagnostics

// What is not inferred yet agrees with everything.
mithril.entry @less_inferred_results_agree(%x: tensor<?x4xf32, ["B"]> {mithril.port = "x"})
    -> (tensor<?x?xf32> {mithril.port = "y"}) {
  %0 = mithril.relu %x : (tensor<?x4xf32, ["B"]>) -> tensor<*xf32>
  %1 = mithril.relu %0 : (tensor<*xf32>) -> tensor<?x7xf32>
  mithril.return %1 : tensor<?x7xf32>
}

// -----

mithril.entry @wrong_result(%x: tensor<?x4xf32, ["B"]> {mithril.port = "x"}) -> (tensor<5x4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{'relu' gives Bx4xf32, declared is 5x4xf32}}
  %0 = mithril.relu %x : (tensor<?x4xf32, ["B"]>) -> tensor<5x4xf32>
  mithril.return %0 : tensor<5x4xf32>
}

// -----

mithril.entry @wrong_kind(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{argument 'shape' wants an array of integers and expression texts}}
  %0 = mithril.reshape %x {shape = [4.0]} : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.entry @expression_that_does_not_parse(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error-re @+1 {{{{.*}}}}
  %0 = mithril.reshape %x {shape = ["2 +"]} : (tensor<4xf32>) -> tensor<?xf32>
  mithril.return %0 : tensor<?xf32>
}

// -----

// expected-error @+1 {{argument 0 wants the attribute mithril.port}}
mithril.entry @port_without_a_name(%x: tensor<4xf32>) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{two ports are called 'x'}}
mithril.entry @one_name_for_two_ports(%x: tensor<4xf32> {mithril.port = "x"}, %z: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}

// -----

mithril.entry @a_state_is_an_argument_and_a_result(%x: tensor<4xf32> {mithril.port = "x", mithril.role = "state"})
    -> (tensor<4xf32> {mithril.port = "x"}) {
  %0 = mithril.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

// expected-error @+1 {{port 'x' is an argument and a result, so its role must be 'state'}}
mithril.entry @state_without_its_role(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "x"}) {
  mithril.return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{two ports are called 'w'}}
mithril.entry @one_state_for_two_results(%w: tensor<4xf32> {mithril.port = "w", mithril.role = "state"})
    -> (tensor<4xf32> {mithril.port = "w"}, tensor<4xf32> {mithril.port = "w"}) {
  mithril.return %w, %w : tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-error @+1 {{port 'x': only an entry has roles, and only 'state'}}
mithril.entry @unknown_role(%x: tensor<4xf32> {mithril.port = "x", mithril.role = "weight"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}

// -----

mithril.entry @returns_too_little(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{returns 0 values, the signature says 1}}
  mithril.return
}

// -----

mithril.entry @returns_another_type(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<5xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{returned value 0 is 4xf32, the signature says 5xf32}}
  mithril.return %x : tensor<4xf32>
}

// -----

mithril.entry @unknown_custom_op(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{there is no op 'nowhere'}}
  %0 = mithril.custom "nowhere" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @one_cotangent_for_each_result(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{wants one cotangent for each of its 2 results, found 1}}
  %0:2 = mithril.gradient @m (%x) of [0, 0] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @wrt_an_argument_that_is_not(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{'wrt' lists argument 1 of 1}}
  %0:2 = mithril.gradient @m (%x) of [0] cotangents (%x) wrt [1]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.entry @sparse_constant(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{a constant wants dense elements}}
  %0 = mithril.constant sparse<[[1]], [1.0]> : tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.entry @constant_of_a_resource(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{a constant wants dense elements}}
  %0 = mithril.constant dense_resource<blob> : tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

// 2^62 * 4 elements are 0 to MLIR.
mithril.entry @constant_too_large_to_count(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{the bytes of a tensor do not fit in 63 bits}}
  %0 = mithril.constant dense<1.0> : tensor<4611686018427387904x4xf32>
  mithril.return %x : tensor<4xf32>
}

// -----

mithril.entry @large_dims_beside_0(%x: tensor<4611686018427387904x0x4xf32> {mithril.port = "x"})
    -> (tensor<*xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{the bytes of a tensor do not fit in 63 bits}}
  %0 = mithril.exp %x : (tensor<4611686018427387904x0x4xf32>) -> tensor<*xf32>
  mithril.return %0 : tensor<*xf32>
}

// -----

mithril.entry @large_and_countable(%x: tensor<144115188075855872x2xf32> {mithril.port = "x"})
    -> (tensor<*xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<144115188075855872x2xf32>) -> tensor<*xf32>
  mithril.return %0 : tensor<*xf32>
}

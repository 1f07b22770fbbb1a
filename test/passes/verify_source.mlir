// RUN: mithril-opt %s -split-input-file -verify-diagnostics -verify-source

mithril.model @models_and_entries_pass(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
mithril.entry @evaluate(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.instance @models_and_entries_pass "m" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.constant dense<1.0> : tensor<4xf32>
  %2 = mithril.add %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}

// -----

mithril.entry @op_of_another_dialect(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{a model or an entry holds ops of the registry, instances and gradients, found 'arith.addf'}}
  %0 = arith.addf %x, %x : tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

// expected-error @+1 {{a program holds models and entries, found 'func.func'}}
func.func @function_of_another_dialect() {
  return
}

// -----

// Form 4 is the compiler's own.
// expected-error @+1 {{a program holds models and entries, found 'mithril.kernel'}}
mithril.kernel @kernel(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = mithril.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

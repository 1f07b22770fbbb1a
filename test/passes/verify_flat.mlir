// RUN: mithril-opt %s -split-input-file -verify-diagnostics -verify-flat

mithril.entry @flat_and_typed_passes(%x: tensor<?x4xf32, ["B"]> {mithril.port = "x"})
    -> (tensor<?x4xf32, ["B"]> {mithril.port = "y"}) {
  %0 = mithril.relu %x : (tensor<?x4xf32, ["B"]>) -> tensor<?x4xf32, ["B"]>
  mithril.return %0 : tensor<?x4xf32, ["B"]>
}

// -----

// expected-error @+1 {{a tensor is not inferred: ?x4xf32}}
mithril.entry @dim_without_expression(%x: tensor<?x4xf32> {mithril.port = "x"})
    -> (tensor<?x4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<?x4xf32>
}

// -----

mithril.entry @rank(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<*xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{a tensor is not inferred: *xf32}}
  %0 = mithril.relu %x : (tensor<4xf32>) -> tensor<*xf32>
  mithril.return %0 : tensor<*xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @instance(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{an instance is left}}
  %0 = mithril.instance @m "m" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

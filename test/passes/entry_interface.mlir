// RUN: mithril-opt %s --plan-memory --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: mithril.entry @a_state_may_be_read_only
mithril.entry @a_state_may_be_read_only(%w: tensor<4xf32> {mithril.port = "w", mithril.role = "state", mithril.init = "normal",
    mithril.init_b = 0.5 : f64}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %w : tensor<4xf32>
}

// -----

// expected-error @+1 {{state port 'w' goes in as 4xf32 and comes out as 2x2xf32}}
mithril.entry @state_of_two_types(%w: tensor<4xf32> {mithril.port = "w", mithril.role = "state"}) -> (tensor<2x2xf32> {mithril.port = "w"}) {
  %0 = mithril.reshape %w {shape = [2, 2]} : (tensor<4xf32>) -> tensor<2x2xf32>
  mithril.return %0 : tensor<2x2xf32>
}

// -----

// expected-error @+1 {{port 'x' has a dim that is not known: ?xf32}}
mithril.entry @not_inferred(%x: tensor<?xf32> {mithril.port = "x"}) -> (tensor<?xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<?xf32>
}

// -----

// expected-error @+1 {{no input has 'T' alone as a dim, so its value cannot be read}}
mithril.entry @hidden_symbol(%x: tensor<?xf32, ["2*T"]> {mithril.port = "x"}) -> (tensor<?xf32, ["2*T"]> {mithril.port = "y"}) {
  mithril.return %x : tensor<?xf32, ["2*T"]>
}

// -----

// expected-error @+1 {{port 'w': mithril.init is "constant", "uniform" or "normal"}}
mithril.entry @wrong_initialiser(%w: tensor<4xf32> {mithril.port = "w", mithril.init = "gauss"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %w : tensor<4xf32>
}

// -----

// expected-error @+1 {{port 'w': an initialiser's numbers are f64}}
mithril.entry @wrong_number(%w: tensor<4xf32> {mithril.port = "w", mithril.init = "normal", mithril.init_a = 1 : i64})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %w : tensor<4xf32>
}
